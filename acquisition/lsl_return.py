"""Knowing a lost stream again when it comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import pylsl

from acquisition.devices import Device, read_device
from acquisition.lsl_found import FoundStream, Identity
from acquisition.lsl_inlet import Inlet
from acquisition.lsl_watch import StreamWatch
from core.errors import SourceError, StreamChangedError, StreamNotFoundError

__all__ = ["KnownStream"]

_CONNECT_S = 0.3
_LOOK_S = 0.02


class KnownStream:
    """What a stream was when it was opened, who else has the same identity, and which outlet may be it after a loss.

    Only one that can be no other is taken again by itself: it has the same identity, nobody else with that identity
    has gone, and none was there that would be new. Every other one is a candidate that a person may take.

    Parameters
    ----------
    found : pylsl.StreamInfo
        As a resolver gave it.
    device : Device
        Its full description.
    watch : StreamWatch
        Looks for it.
    by_name : bool
        Host, name and type tell that it is the same: pylsl makes up another source_id each time a program is started
        that gives none, as most programs do that send markers.
    """

    def __init__(self, found: pylsl.StreamInfo, device: Device, watch: StreamWatch, by_name: bool = False) -> None:
        self.identity = Identity.of(found)
        """As it was announced last."""
        self._by_name = by_name
        self.uid = found.uid()
        """Of the outlet that it came from last."""
        self._layout = _layout(found)
        self._device = device
        self._watch = watch
        self._twins: frozenset[str] = frozenset()
        """Other outlets of the same identity that were there at the same time: never this stream."""
        self._twin_identities: frozenset[Identity] = frozenset()
        self._first_looks: dict[str, Mapping[str, pylsl.StreamInfo]] = {}
        """The first look after a loss that found an outlet, by its uid."""
        self._repeats = False
        self.candidates: tuple[FoundStream, ...] = ()
        """What may be the stream, while it is lost and cannot be told for certain."""
        self._pause = threading.Event()
        self._since = pylsl.local_clock()
        watch.claim(self.uid, self)
        watch.infos()  # it looks while others wait for data

    @property
    def key(self) -> str:
        """The stream's key, with its uid only where the rest repeats."""
        return self.identity.key(self.uid if self._repeats else "")

    def settle(self) -> None:
        """Note the streams of the same identity that are there by now: someone else's, now and after a loss.

        Raises
        ------
        SourceError
            LSL cannot be asked for them.
        """
        while (there := self._watch.infos_since(self._since)) is None:
            self._pause.wait(_LOOK_S)
        self._note(there)
        self._repeats = any(Identity.of(found) == self.identity for uid, found in there.items() if uid in self._twins)

    def look_round(self) -> None:
        """Note who has come meanwhile; to be called while the stream is there.

        Raises
        ------
        SourceError
            LSL cannot be asked for it.
        """
        there = self._watch.last_seen()
        if self.uid in there:
            self._note(there)

    def has_successor(self, found: Iterable[pylsl.StreamInfo]) -> bool:
        """Return whether the stream is among those that were found, from another outlet than before."""
        return any(self._is_mine(each) and each.uid() not in {self.uid, *self._twins} for each in found)

    def lose(self) -> None:
        """Know that it is gone: what answered until now may have been the one that went."""
        self._since = pylsl.local_clock()
        self._first_looks.clear()

    def reopen(self, chosen: str = "") -> Inlet | None:
        """Return a new connection to the stream, None if it has not come back yet.

        Parameters
        ----------
        chosen : str
            Uid of the candidate that a person has taken; ``""``: none.

        Raises
        ------
        StreamChangedError
            It came back as something else.
        StreamNotFoundError
            It cannot be told from others that look the same.
        SourceError
            LSL cannot be asked for it.
        """
        there = self._watch.infos_since(self._since) or {}
        free = {uid: found for uid, found in there.items() if self._watch.is_free(uid, self)}
        if self.uid in free and self._is_mine(free[self.uid]):
            return self._take(free[self.uid])
        if chosen in free:
            return self._take(free[chosen])
        mine = [found for uid, found in free.items() if self._is_mine(found) and uid not in self._twins]
        mine = [found for found in mine if Identity.of(found) == self.identity] or mine
        mine = [found for found in mine if _layout(found) == self._layout] or mine
        # Known by its name alone, and come back with its whole identity, which no other of that name has had.
        is_certain = self.identity not in self._twin_identities and any(Identity.of(f) == self.identity for f in mine)
        is_certain = self._by_name and is_certain and len(mine) == 1
        if is_certain:
            return self._take(mine[0])
        if self._twins and len(mine) == 1 and self._first_looks.setdefault(mine[0].uid(), there) is there:
            return None  # the others answered in this look too, but perhaps before they went and this one came
        twins_gone = bool(self._twins - there.keys())
        if len(mine) == 1 and not twins_gone:
            return self._take(mine[0])
        alike = [FoundStream.of(each) for each in free.values() if self._looks_alike(each)]
        self.candidates = tuple(sorted(alike))
        if alike:
            raise StreamNotFoundError(self._doubt(len(mine), twins_gone))
        return None

    def _note(self, there: Mapping[str, pylsl.StreamInfo]) -> None:
        twins = {uid: found for uid, found in there.items() if self._is_mine(found) and uid != self.uid}
        self._twins |= twins.keys()
        self._twin_identities |= {Identity.of(found) for found in twins.values()}

    def _take(self, found: pylsl.StreamInfo) -> Inlet | None:
        """Return a connection to an outlet, None where there is none; it is this stream's from then on."""
        self._same(self._layout, _layout(found))
        if not self._watch.claim(found.uid(), self):
            return None  # somebody else's, this very moment
        try:
            inlet = Inlet(found, _CONNECT_S)
        except SourceError:
            return None  # gone again, or not ready yet
        try:
            device = read_device(inlet.info.as_xml())
            self._same((self._device.labels, self._device.units), (device.labels, device.units))
        except SourceError:
            inlet.close()
            raise
        self.uid, self.identity, self.candidates = found.uid(), Identity.of(found), ()
        self._twins -= {self.uid}
        return inlet

    def _doubt(self, n_mine: int, twins_gone: bool) -> str:
        name = self.identity.name
        if not n_mine and self.candidates[0].source_id == self.identity.source_id:
            why = "but was there beside it, so it is another one"
        elif not n_mine:
            why = f"but with another source_id than {self.identity.source_id!r}"
        elif twins_gone:
            why = "but may be the other one: two were here that only their outlets told apart"
        else:
            why = "and nothing tells which of them it is"
        told = ", ".join(f"{c.name!r} (source_id {c.source_id!r}, on {c.hostname})" for c in self.candidates)
        return f"{name} is not taken again by itself. There is {told}, {why}. Take the right one by hand, or close it."

    def _is_mine(self, found: pylsl.StreamInfo) -> bool:
        identity, mine = Identity.of(found), self.identity
        if not self._by_name:
            return identity == mine
        return (identity.hostname, identity.name, identity.type) == (mine.hostname, mine.name, mine.type)

    def _looks_alike(self, found: pylsl.StreamInfo) -> bool:
        """Return whether a person may take it for this stream: the same name, host, type and layout."""
        identity, mine = Identity.of(found), self.identity
        same = (identity.hostname, identity.name, identity.type) == (mine.hostname, mine.name, mine.type)
        return same and _layout(found) == self._layout

    def _same(self, before: object, after: object) -> None:
        if before != after:
            raise StreamChangedError(
                f"{self.identity.name} came back with {after} instead of {before}. "
                "Set it as it was; a changed stream needs a new session."
            )


def _layout(found: pylsl.StreamInfo) -> str:
    kind = "text" if found.channel_format() == pylsl.cf_string else f"format {found.channel_format()}"
    return f"{found.channel_count()} channels at {found.nominal_srate():g} Hz ({kind})"
