"""What can be seen of the network from this machine; nothing leaves it."""

import sys
from types import SimpleNamespace

import psutil
import pytest

from acquisition import network
from acquisition.lsl_search import crowded
from acquisition.network import Card, cards, firewall, hears_multicast
from core.data import StreamInfo


def test_cards_that_are_up_and_have_an_address(monkeypatch):
    def net(name, *addresses):
        return {name: [SimpleNamespace(family=family, address=address) for family, address in addresses]}

    v4, v6 = 2, 10
    known = (
        net("wlan0", (v4, "10.0.0.5"), (v6, "fe80::1"))
        | net("eth0", (v4, "169.254.7.7"))
        | net("lo", (v4, "127.0.0.1"))
    )
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: known | net("off", (v4, "10.9.9.9")))
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=True) for name in known})
    assert cards() == [Card("eth0", "169.254.7.7"), Card("wlan0", "10.0.0.5")]
    assert [card.is_lost for card in cards()] == [True, False]


def test_a_machine_hears_itself_by_its_own_cards_only():
    assert hears_multicast(Card("lo", "127.0.0.1"))
    assert not hears_multicast(Card("gone", "192.0.2.254"))


@pytest.mark.parametrize(
    ("system", "said", "name"),
    [
        ("win32", "Domain Profile Settings:\n---\nState                 ON\nOk.", "the Windows firewall"),
        ("win32", "Public Profile Settings:\n---\nState                 OFF\nOk.", ""),
        ("darwin", "Firewall is enabled. (State = 1)\n", "the macOS firewall"),
        ("darwin", "Firewall is disabled. (State = 0)\n", ""),
        ("linux", "active\n", "firewalld"),
        ("linux", "inactive\n", ""),
    ],
)
def test_firewalls_by_what_the_system_says(monkeypatch, system, said, name):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(network, "_said", lambda *_: said)
    monkeypatch.setattr(network, "_ufw_is_on", lambda: False)
    found, command = firewall()
    assert found == name
    assert bool(command) == bool(name)


def test_ufw(tmp_path):
    settings = tmp_path / "ufw.conf"
    assert not network._ufw_is_on(settings)
    settings.write_text("# comment\nENABLED=no\n")
    assert not network._ufw_is_on(settings)
    settings.write_text("# comment\nENABLED=yes\nLOGLEVEL=low\n")
    assert network._ufw_is_on(settings)


def test_programs_that_are_not_there_say_nothing():
    assert network._said("no-such-program-here") == ""


def test_as_many_streams_as_are_found_of_one_machine_are_told():
    def streams(n, host):
        return [StreamInfo(f"{host} {k}", "eeg", "", "name", hostname=host) for k in range(n)]

    assert crowded([*streams(15, "a"), *streams(15, "b")]) == ""
    said = crowded([*streams(16, "a"), *streams(3, "b")])
    assert said.startswith("16 streams of a were found")
    assert "IPv6 = disable" in said
    assert "PortRange = 128" in said
