"""What of the network LSL needs can be seen from this machine: its cards, multicast, and which firewall is on."""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["PORTS", "Card", "cards", "firewall", "hears_multicast"]

PORTS = "UDP port 16571, and TCP and UDP ports 16572 to 16604"
_GROUP, _PORT = "224.0.0.183", 16571
"""Where LSL asks the local network for streams."""
_WORD = b"insula doctor\r\n"
"""Outlets hear it as well, and pass over what is no question of LSL's."""
_HEAR_S = 0.5
_ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class Card:
    """One network card that is up."""

    name: str
    address: str
    """IPv4."""

    @property
    def is_lost(self) -> bool:
        """Whether it gave itself an address, since no router or server gave it one."""
        return self.address.startswith("169.254.")


def cards() -> list[Card]:
    """Return the network cards that are up and have an IPv4 address, without the loopback."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        Card(name, each.address)
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family == socket.AF_INET and not each.address.startswith("127.")
    ]
    return sorted(found, key=lambda card: card.name)


def hears_multicast(card: Card) -> bool:
    """Return whether what is sent to LSL's group by this card comes back to this machine, past its own firewall.

    It stays on this machine: whether switches and access points carry it on, only a second machine can tell.
    """
    with contextlib.ExitStack() as stack:
        try:
            ear = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind(("", _PORT))
            here = socket.inet_aton(card.address)
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(_GROUP) + here)
            ear.settimeout(_HEAR_S)
            mouth = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 0))
            mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            mouth.sendto(_WORD, (_GROUP, _PORT))
            while True:
                said, (host, _) = ear.recvfrom(65536)
                if said == _WORD and host == card.address:
                    return True
        except OSError:  # a timeout is one as well
            return False


def firewall() -> tuple[str, str]:
    """Return which firewall is on and the command that lets LSL through; both ``""`` where none was found.

    Its rules can only be read by an administrator, so whether LSL is let through stays open.
    """
    if sys.platform == "win32":
        is_on = "ON" in _said("netsh", "advfirewall", "show", "currentprofile", "state").upper().split()
        return ("the Windows firewall", "allow Python for private networks when Windows asks") if is_on else ("", "")
    if sys.platform == "darwin":
        said = _said("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate")
        return ("the macOS firewall", "allow incoming connections to Python") if "enabled" in said.lower() else ("", "")
    if _ufw_is_on():
        return "ufw", "sudo ufw allow 16571:16604/udp; sudo ufw allow 16572:16604/tcp"
    if _said("systemctl", "is-active", "firewalld").strip() == "active":
        ports = "--add-port=16571-16604/udp --add-port=16572-16604/tcp"
        return "firewalld", f"sudo firewall-cmd --permanent {ports}; sudo firewall-cmd --reload"
    return "", ""


def _ufw_is_on(settings: Path = Path("/etc/ufw/ufw.conf")) -> bool:
    try:
        return "ENABLED=yes" in settings.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return False


def _said(*command: str) -> str:
    """Return what a program of the system says, nothing where there is no such program."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
