"""Knowing a lost stream again when it comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pylsl

from acquisition.devices import Device, read_device
from acquisition.lsl_found import Identity
from acquisition.lsl_inlet import Inlet
from acquisition.lsl_watch import StreamWatch
from core.errors import SourceError, StreamChangedError, StreamNotFoundError

__all__ = ["KnownStream"]

_CONNECT_S = 0.3
_LOOK_S = 0.02


class KnownStream:
    """What a stream was when it was opened: its identity, layout and labels, and who else has the same identity.

    Parameters
    ----------
    found : pylsl.StreamInfo
        As a resolver gave it.
    device : Device
        Its full description.
    watch : StreamWatch
        Looks for it.
    by_name : bool
        Host and name tell that it is the same: pylsl makes up another source_id each time a program is started that
        gives none, as most programs do that send markers.
    """

    def __init__(self, found: pylsl.StreamInfo, device: Device, watch: StreamWatch, by_name: bool = False) -> None:
        self._identity = Identity.of(found)
        self._by_name = by_name
        self.uid = found.uid()
        """Of the outlet that it came from last."""
        self._layout = _layout(found)
        self._device = device
        self._watch = watch
        self._strangers: frozenset[str] = frozenset()
        self._repeats = False
        self._pause = threading.Event()
        self._since = pylsl.local_clock()
        watch.infos()  # it looks while others wait for data

    @property
    def key(self) -> str:
        """The stream's key, with its uid only where the rest repeats."""
        return self._identity.key(self.uid if self._repeats else "")

    def settle(self) -> None:
        """Note the streams of the same identity that are there by now: someone else's, now and after a loss.

        Raises
        ------
        SourceError
            LSL cannot be asked for them.
        """
        while (there := self._watch.infos_since(self._since)) is None:
            self._pause.wait(_LOOK_S)
        others = {uid: found for uid, found in there.items() if self._is_mine(found) and uid != self.uid}
        self._strangers = frozenset(others)
        self._repeats = any(Identity.of(found) == self._identity for found in others.values())

    def has_successor(self, found: Iterable[pylsl.StreamInfo]) -> bool:
        """Return whether the stream is among those that were found, from another outlet than before."""
        return any(self._is_mine(each) and each.uid() != self.uid for each in found)

    def lose(self) -> None:
        """Know that it is gone: what answered until now may have been the one that went."""
        self._since = pylsl.local_clock()

    def reopen(self) -> Inlet | None:
        """Return a new connection to the stream, None if it has not come back yet.

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
        others = [found for found in there.values() if self._is_mine(found)]
        mine = [found for found in others if found.uid() == self.uid] or others
        mine = [found for found in mine if Identity.of(found) == self._identity] or mine
        mine = [found for found in mine if _layout(found) == self._layout] or mine
        if not mine:
            return None
        if len(mine) > 1:
            name = self._identity.name
            raise StreamNotFoundError(f"{len(mine)} streams look like {name}. Close those that are not meant.")
        self._same(self._layout, _layout(mine[0]))
        try:
            inlet = Inlet(mine[0], _CONNECT_S)
        except SourceError:
            return None  # gone again, or not ready yet
        try:
            device = read_device(inlet.info.as_xml())
            self._same((self._device.labels, self._device.units), (device.labels, device.units))
        except StreamChangedError:
            inlet.close()
            raise
        self.uid = mine[0].uid()
        return inlet

    def _is_mine(self, found: pylsl.StreamInfo) -> bool:
        identity, mine = Identity.of(found), self._identity
        same = (identity.hostname, identity.name) == (mine.hostname, mine.name) if self._by_name else identity == mine
        return same and found.uid() not in self._strangers

    def _same(self, before: object, after: object) -> None:
        if before != after:
            raise StreamChangedError(
                f"{self._identity.name} came back with {after} instead of {before}. "
                "Set it as it was; a changed stream needs a new session."
            )


def _layout(found: pylsl.StreamInfo) -> str:
    kind = "text" if found.channel_format() == pylsl.cf_string else f"format {found.channel_format()}"
    return f"{found.channel_count()} channels at {found.nominal_srate():g} Hz ({kind})"
