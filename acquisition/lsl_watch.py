"""Which LSL streams there are at any moment, and which of them is the one that is meant."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import pylsl

from acquisition import lsl_search
from acquisition.lsl_found import FoundStream, is_own
from core.config import StreamConfig
from core.errors import SourceError

__all__ = ["StreamWatch", "markers_meant", "streams_meant"]


class StreamWatch:
    """Looks for all streams as often as someone asks, as long as it is entered; it may be asked from any thread.

    liblsl could look all the time by itself. But its continuous search holds ten of the 32 ports by which the streams
    of one machine are found, and a program that is started meanwhile gets a port at which nobody asks. A look takes
    four of them for less than a second.

    Parameters
    ----------
    pause : float
        Seconds for which a look is new enough, unless someone waits for a stream.
    forget : float
        Seconds without an answer after which a stream is taken to be gone.
    """

    def __init__(self, pause: float = 3.0, forget: float = 8.0) -> None:
        self._pause = pause
        self._forget = forget
        self._asked = threading.Event()
        self._leaving = False
        self._last = _Look(-math.inf, {}, {})
        self._failed: Exception | None = None
        self._claimed: dict[str, object] = {}
        """Whose each outlet is, by its uid, which no other outlet ever has."""
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)  # noqa: TID251

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving = True
        self._asked.set()
        self._thread.join()

    def infos(self) -> dict[str, pylsl.StreamInfo]:
        """Return the streams that answered at the last look, by their uids, and have it look again at once.

        Raises
        ------
        SourceError
            It cannot look any more.
        """
        self._request_look(soon=True)
        return self._last.there

    def infos_since(self, when: float) -> dict[str, pylsl.StreamInfo] | None:
        """Return the streams that answered at the last look, None if it was over before `when`.

        Raises
        ------
        SourceError
            It cannot look any more.
        """
        self._request_look(soon=True)
        last = self._last
        return last.there if last.ended > when else None

    def last_seen(self) -> dict[str, pylsl.StreamInfo]:
        """Return what `infos` does, but look again only if the last look is old.

        Raises
        ------
        SourceError
            It cannot look any more.
        """
        self._request_look(soon=False)
        return self._last.there

    def claim(self, uid: str, owner: object) -> bool:
        """Take an outlet for one stream alone; return False if it is another one's."""
        return self._claimed.setdefault(uid, owner) is owner

    def is_free(self, uid: str, owner: object) -> bool:
        """Return whether an outlet is no other stream's than `owner`."""
        return self._claimed.get(uid, owner) is owner

    def heard(self) -> dict[str, FoundStream]:
        """Return the streams that have answered of late, by their uids: one answer may get lost.

        Raises
        ------
        SourceError
            It cannot look any more.
        """
        self._request_look(soon=False)
        return {uid: stream for uid, (_, stream) in self._last.heard.items()}

    def streams(self) -> list[FoundStream]:
        """Return the streams that have answered of late, EEG first, without those that this Insula publishes itself.

        Raises
        ------
        SourceError
            It cannot look any more.
        """
        found = (stream for stream in self.heard().values() if not is_own(stream.source_id))
        return sorted(found, key=lambda stream: (stream.kind != "eeg", stream))

    def _request_look(self, soon: bool) -> None:
        if self._failed is not None:
            raise SourceError(f"LSL cannot be asked for streams any more: {self._failed}.") from self._failed
        if self._leaving:
            raise SourceError("LSL is not asked for streams any more.")
        if soon or pylsl.local_clock() - self._last.ended > self._pause:
            self._asked.set()

    def _work(self) -> None:
        try:
            while not self._leaving:
                self._asked.wait()
                if not self._leaving:
                    self._look()
                # After the look: who asked for any meanwhile has its answer. Who waits for another one asks again.
                self._asked.clear()
        except Exception as error:
            self._failed = error  # who asks next is told

    def _look(self) -> None:
        there = {found.uid(): found for found in lsl_search.resolve(lsl_search.SETTLE_S)}
        now = pylsl.local_clock()
        # One answer may get lost, and the look before may be long ago.
        since = min(now - self._forget, self._last.ended)
        late = {uid: some for uid, some in self._last.heard.items() if some[0] >= since}
        self._last = _Look(now, there, late | {uid: (now, FoundStream.of(info)) for uid, info in there.items()})


@dataclass(frozen=True, slots=True)
class _Look:
    ended: float
    there: dict[str, pylsl.StreamInfo]
    """The streams that answered, by their uids."""
    heard: dict[str, tuple[float, FoundStream]]
    """Those that have answered of late, and when, s, LSL clock."""


def markers_meant(
    wanted: StreamConfig, found: Sequence[FoundStream], others: Sequence[StreamConfig] = ()
) -> list[FoundStream]:
    """Return the streams of markers that may be the one that is wanted: one, if all is well.

    Parameters
    ----------
    wanted : StreamConfig
    found : sequence of FoundStream
        What there is.
    others : sequence of StreamConfig
        What else is wanted.
    """
    fits = streams_meant(wanted, found, others)
    if not (wanted.name or wanted.source_id):
        return [each for each in fits if each.kind == "markers" and not is_own(each.source_id)]
    # A program may call its markers what it likes; Neurosity gives its markers the id of its EEG.
    return [each for each in fits if each.kind == "markers"] or [each for each in fits if not each.sfreq]


def streams_meant(
    wanted: StreamConfig, found: Sequence[FoundStream], others: Sequence[StreamConfig] = ()
) -> list[FoundStream]:
    """Return the streams that may be the one that is wanted, of whatever kind: one, if all is well.

    pylsl makes up a source_id for a program that gives none, another one each time it is started. So where the id is
    not there, the name will do, unless another stream that is wanted has that id.
    """
    fits = [each for each in found if each.is_meant_by(wanted)]
    if not fits and wanted.name:
        loose = replace(wanted, source_id="")
        taken = [other for other in others if other.source_id and other != wanted]
        free = [each for each in found if not any(each.is_meant_by(other) for other in taken)]
        fits = [each for each in free if each.is_meant_by(loose)]
    return fits
