"""What ``insula doctor`` says of LSL and the network, in the order in which a missing stream is looked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from acquisition.lsl_config import Reach, reach
from acquisition.lsl_search import crowded, look_at_streams
from acquisition.network import PORTS, Card, cards, firewall, hears_multicast
from app import texts
from core.config import LslConfig
from core.data import StreamInfo

_LOOK_S = 1.5

Finding = tuple[str, bool, str]
"""Name of the check, whether all is well, and what was found."""


def network_checks(config: LslConfig) -> Iterator[Finding]:
    """Give the checks one by one; none is of something that Insula cannot do without."""
    known = reach()
    yield "LSL file", True, _file(known)
    yield "LSL looks", not known.rules, _looks(known)
    yield "LSL sends", not config.publish, texts.sends(config.publish)
    there = cards()
    yield "network", bool(there) and not any(card.is_lost for card in there), _cards(there)
    if not known.is_this_machine and there:
        deaf = [card for card in there if not hears_multicast(card)]
        yield "multicast", not deaf, _multicast(there, deaf)
    name, command = firewall()
    yield "firewall", not name, _firewall(name, command)
    yield _streams(look_at_streams(_LOOK_S))


def _file(known: Reach) -> str:
    if known.file is None:
        return "none; liblsl's own defaults hold"
    made = f", made from {known.own}" if known.own not in (None, known.file) else ""
    session = "" if known.session_id == "default" else (
        f"; SessionID = {known.session_id}: only programs with the same one are seen"
    )  # fmt: skip
    return f"{_short(known.file)}{made}{session}"


def _short(path: Path) -> str:
    home = str(Path.home())
    return f"~{str(path)[len(home) :]}" if str(path).startswith(home) else str(path)


def _looks(known: Reach) -> str:
    rules = f"; but your file says {', '.join(known.rules)}" if known.rules else ""
    peers = known.known_peers.strip("{} ")
    asked = f"; {peers} is asked as well (KnownPeers)" if peers and not known.is_this_machine else ""
    return f"{texts.looks(known.scope)}{rules}{asked}"


def _cards(there: Sequence[Card]) -> str:
    if not there:
        return "no network card is up: only streams of this machine are found"
    named = ", ".join(f"{card.name} {card.address}" for card in there)
    lost = [card.name for card in there if card.is_lost]
    if lost:
        return f"{named}; nobody gave {', '.join(lost)} an address: check the cable or router, or set one by hand"
    if len(there) > 1:
        return (
            f"{named}; LSL uses all of them, and the other machine must be on the network of one. If streams come "
            "twice or not at all, unplug the others or name one in lsl_api.cfg: [multicast] Interfaces = {ADDRESS}"
        )
    return named


def _multicast(there: Sequence[Card], deaf: Sequence[Card]) -> str:
    if not deaf:
        return f"this machine hears itself on {', '.join(card.name for card in there)}. " + (
            "If another machine's streams are not found, its network may not carry multicast (guest networks do not): "
            "put its address into lsl_api.cfg: [lab] KnownPeers = {ADDRESS}"
        )
    names = ", ".join(card.name for card in deaf)
    return f"this machine does not hear itself on {names}: a firewall here keeps it from finding streams. Allow {PORTS}"


def _firewall(name: str, command: str) -> str:
    if not name:
        return f"none found on this machine. Where there is one, here or on the other machine, allow {PORTS}"
    return f"{name} is on. If streams are not found, or found and send nothing: {command}. The other machine likewise"


def _streams(seen: Sequence[tuple[StreamInfo, str]]) -> Finding:
    if not seen:
        return "streams", True, "none now. `insula streams` lists them once the amplifier's program runs"
    hosts = Counter(info.hostname or "an unknown machine" for info, _ in seen)
    found = ", ".join(f"{n} on {host}" for host, n in sorted(hosts.items()))
    wrong = [f"{info.name} on {info.hostname}: {trouble}" for info, trouble in seen if trouble]
    more = [*wrong, *([note] if (note := crowded([info for info, _ in seen])) else [])]
    return "streams", not more, "; ".join([f"found {found}", *more])
