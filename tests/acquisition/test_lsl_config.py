"""How far liblsl can see, in a process of its own: liblsl reads its configuration once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acquisition.lsl_config import Reach, configure_lsl, keep_to_this_machine, reach
from core.config import LslConfig
from core.errors import ConfigError


@pytest.fixture(autouse=True)
def _elsewhere(settings, monkeypatch):
    monkeypatch.chdir(settings)
    monkeypatch.setenv("HOME", str(settings))
    monkeypatch.setattr("pylsl.set_config_filename", lambda path: None)


def _configured(monkeypatch, scope="machine"):
    monkeypatch.delenv("LSLAPICFG")
    configure_lsl(LslConfig(scope=scope))
    return Path(os.environ["LSLAPICFG"]).read_text()


@pytest.mark.parametrize("scope", ["machine", "link"])
def test_what_a_person_has_set_rules(scope):
    before = os.environ["LSLAPICFG"]
    configure_lsl(LslConfig(scope=scope))
    keep_to_this_machine()
    assert os.environ["LSLAPICFG"] == before
    assert reach().is_this_machine


@pytest.mark.parametrize(
    "odd",
    [
        "[multicast]\nResolveScope = global\n", "[lab]\nSessionID = lab\n", "",
        "[multicast]\nResolveScope = machine\nAddressesOverride = {255.255.255.255}\nTTLOverride = 9\n",
        "[multicast]\nResolveScope = machine\n[lab]\nKnownPeers = {127.0.0.1, 10.0.0.7}\n",
    ],
)  # fmt: skip
def test_this_machine_only_beats_what_a_person_has_set(monkeypatch, settings, odd):
    (settings / "mine.cfg").write_text(odd)
    monkeypatch.setenv("LSLAPICFG", str(settings / "mine.cfg"))
    assert not reach().is_this_machine
    configure_lsl(LslConfig(scope="link"))
    assert os.environ["LSLAPICFG"] == str(settings / "mine.cfg")
    configure_lsl(LslConfig(scope="machine"))
    assert os.environ["LSLAPICFG"] == str(settings / "lsl_api-machine.cfg")
    now = reach()
    assert (now.is_this_machine, now.ipv6, now.session_id) == (True, False, "lab" if "lab]\nS" in odd else "default")


def test_what_is_in_force_is_told(monkeypatch, settings):
    monkeypatch.delenv("LSLAPICFG")
    assert reach() == Reach("site", None, None, "default", "{}", 32, True, ())
    own = settings / "lsl_api" / "lsl_api.cfg"
    own.parent.mkdir()
    own.write_text("[ports]\nPortRange = 128\n[multicast]\nTTLOverride = 4\n[lab]\nKnownPeers = {10.0.0.7}\n")
    configure_lsl(LslConfig(scope="link"))
    known = Reach("link", settings / "lsl_api-link.cfg", own, "default", "{10.0.0.7}", 128, True, ("TTLOverride = 4",))
    assert reach() == known
    configure_lsl(LslConfig(scope="link"))
    assert reach() == known


def test_scope_and_silence(monkeypatch, settings):
    text = _configured(monkeypatch)
    assert "ResolveScope = machine" in text
    assert "level = -3" in text
    assert os.environ["LSLAPICFG"] == str(settings / "lsl_api-machine.cfg")


def test_own_configuration_is_kept(monkeypatch, settings):
    (settings / "lsl_api.cfg").write_text("[lab]\nKnownPeers = {10.0.0.7}\n[multicast]\nResolveScope = global\n")
    text = _configured(monkeypatch, "link")
    assert "KnownPeers = {10.0.0.7}" in text
    assert "ResolveScope = link" in text


def test_own_configuration_that_cannot_be_read(monkeypatch, settings):
    (settings / "lsl_api.cfg").write_text("no section\n")
    with pytest.raises(ConfigError, match="lsl_api"):
        _configured(monkeypatch)


def test_settings_that_cannot_be_written(monkeypatch, settings):
    (settings / "file").write_text("")
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(settings / "file"))
    assert "ResolveScope" in _configured(monkeypatch)


def test_unknown_scope():
    with pytest.raises(ConfigError, match=r"lsl\.scope is 'moon'"):
        configure_lsl(LslConfig(scope="moon"))


def test_liblsl_takes_it(settings):
    """The session id of a new outlet shows which file liblsl has read."""
    (settings / "lsl_api.cfg").write_text("[lab]\nSessionID = from-own-file\n")
    script = (
        "import pylsl\n"
        "from acquisition.lsl import configure_lsl\n"
        "from core.config import LslConfig\n"
        "configure_lsl(LslConfig(scope='machine'))\n"
        "outlet = pylsl.StreamOutlet(pylsl.StreamInfo('x', 'EEG', 1, 0, 'float32', 'x'))\n"
        "print(outlet.get_info().session_id())\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    environment = {key: value for key, value in os.environ.items() if key != "LSLAPICFG"} | {"PYTHONPATH": root}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "from-own-file", done.stderr
