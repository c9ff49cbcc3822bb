"""Knowing a lost stream again when it comes back."""

from __future__ import annotations

import threading

import pylsl

from acquisition.devices import Device, read_device
from acquisition.lsl_inlet import Inlet
from acquisition.lsl_search import Identity
from core.errors import SourceError, StreamChangedError, StreamNotFoundError

__all__ = ["KnownStream"]

_CONNECT_S = 0.3
_FORGET_S = 2.0
_SETTLE_S = 0.8
"""Seconds until all streams of this machine have answered (see `acquisition.lsl_search`)."""


class KnownStream:
    """What a stream was when it was opened: its identity, layout and labels, and who else has the same identity.

    Parameters
    ----------
    found : pylsl.StreamInfo
        As a resolver gave it.
    device : Device
        Its full description.
    """

    def __init__(self, found: pylsl.StreamInfo, device: Device) -> None:
        self._identity = Identity.of(found)
        self._uid = found.uid()
        self._layout = _layout(found)
        self._device = device
        self._strangers: frozenset[str] = frozenset()
        self._pause = threading.Event()
        self._look()

    @property
    def key(self) -> str:
        """The stream's key, with its uid only where the rest repeats."""
        return self._identity.key(self._uid if self._strangers else "")

    def settle(self) -> None:
        """Note the streams of the same identity that are there by now: someone else's, now and after a loss."""
        self._pause.wait(max(0.0, self._since + _SETTLE_S - pylsl.local_clock()))
        self._strangers = frozenset(found.uid() for found in self._resolver.results()) - {self._uid}
        del self._resolver

    def lose(self) -> None:
        """Begin to look for the stream, in the background."""
        self._look()

    def reopen(self) -> Inlet | None:
        """Return a new connection to the stream, None if it has not come back yet.

        Raises
        ------
        StreamChangedError
            It came back as something else.
        StreamNotFoundError
            It cannot be told from others that look the same.
        """
        others = [found for found in self._resolver.results() if found.uid() not in self._strangers]
        mine = [found for found in others if found.uid() == self._uid] or others
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
            # Gone again, or not ready yet: the resolver tells of a stream for some seconds after its end.
            return None
        try:
            device = read_device(inlet.info.as_xml())
            self._same((self._device.labels, self._device.units), (device.labels, device.units))
        except StreamChangedError:
            inlet.close()
            raise
        del self._resolver
        return inlet

    def _look(self) -> None:
        self._since = pylsl.local_clock()
        self._resolver = pylsl.ContinuousResolver(pred=self._identity.predicate, forget_after=_FORGET_S)

    def _same(self, before: object, after: object) -> None:
        if before != after:
            raise StreamChangedError(
                f"{self._identity.name} came back with {after} instead of {before}. "
                "Set it as it was; a changed stream needs a new session."
            )


def _layout(found: pylsl.StreamInfo) -> str:
    kind = "text" if found.channel_format() == pylsl.cf_string else f"format {found.channel_format()}"
    return f"{found.channel_count()} channels at {found.nominal_srate():g} Hz ({kind})"
