"""A stream that is wanted whether or not it is there yet: experiments, and sensors, are started after the recording."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import pylsl

from acquisition.lsl import LslSource
from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch, markers_meant, streams_meant
from core.config import AnyStreamConfig, EegConfig, StreamConfig
from core.data import Item, Kind, Notice, StreamInfo
from core.errors import SourceError
from core.plain_text import plain

__all__ = ["AwaitedMarkers", "AwaitedStream"]

_LOOK_S = 0.1


class _Awaited:
    """One stream that is taken from the moment on at which it is there.

    Until then it is a stream that is ``awaited``. When it comes, its `StreamInfo` is the first item, before its samples
    and under the same key; from then on it is an `LslSource`.
    """

    _what = "streams"

    def __init__(self, wanted: StreamConfig, watch: StreamWatch, wait: float, name: str, info: StreamInfo) -> None:
        self._wanted = wanted
        self._watch = watch
        self._wait = wait
        self._source: LslSource | None = None
        self._pause = threading.Event()
        self._reported = self._problem = ""
        self._there: Notice | None = None
        self._name = name
        self._key = info.key
        self._info = info
        self._fits: list[FoundStream] = []

    def __enter__(self) -> Self:
        until = pylsl.local_clock() + self._wait
        while not self._take_up("") and pylsl.local_clock() < until:
            self._pause.wait(_LOOK_S)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._source is not None:
            self._source.__exit__(*exc)

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The one stream."""
        return (self._info,)

    @property
    def candidates(self) -> tuple[FoundStream, ...]:
        """What may be the stream while it is lost; see `LslSource.candidates`."""
        return self._source.candidates if self._source is not None else ()

    def take_back(self, candidate: FoundStream) -> None:
        """Go on with one of the candidates."""
        if self._source is not None:
            self._source.take_back(candidate)

    def read(self, timeout: float) -> Item | None:
        """Return the next item, None if none came within about `timeout` seconds."""
        if self._there is not None:
            there, self._there = self._there, None
            return there
        if self._source is not None:
            return self._source.read(timeout)
        if self._take_up(self._key):
            text = f"{self._info.name} is there. It is recorded from here on."
            self._there = Notice(self._key, pylsl.local_clock(), "opened", text)
            return self._info
        if (trouble := self._trouble()) != self._reported:
            self._reported = trouble
            return Notice(self._key, pylsl.local_clock(), "info", trouble)
        self._pause.wait(min(timeout, _LOOK_S))
        return None

    def _meant(self, found: Sequence[FoundStream]) -> list[FoundStream]:
        raise NotImplementedError

    def _kind(self, found: FoundStream) -> tuple[Kind, str]:
        """Return as what a stream is taken, and whose."""
        raise NotImplementedError

    def _take_up(self, key: str) -> bool:
        """Connect to the stream if it is there; return whether it is."""
        there = self._watch.infos()
        self._fits = self._meant([FoundStream.of(each) for each in there.values()])
        if len(self._fits) != 1:
            self._problem = ""
            return False
        kind, participant = self._kind(self._fits[0])
        found = there[self._fits[0].uid]
        source = LslSource(EegConfig(), participant, kind, found=found, key=key, watch=self._watch)
        try:
            source.__enter__()
        except SourceError as error:
            self._problem = str(error)
            return False
        self._source = source
        self._info = replace(source.infos[0], awaited=False)
        return True

    def _trouble(self) -> str:
        if self._problem:
            return self._problem
        if len(self._fits) > 1:
            return f"{len(self._fits)} {self._what} may be {self._name}. {self._remedy()}"
        return f"{self._name} is not there yet. It is recorded from when the program is started that sends it."

    def _remedy(self) -> str:
        return "Close those that are not meant."


class AwaitedMarkers(_Awaited):
    """One stream of markers of another program.

    Parameters
    ----------
    wanted : StreamConfig
    watch : StreamWatch
        Tells what there is; one is enough for all.
    others : sequence of StreamConfig
        What else is wanted, which is not taken for it.
    wait : float
        Seconds for which it may be there a moment later without being told to be missing.
    """

    _what = "streams of markers"

    def __init__(
        self, wanted: StreamConfig, watch: StreamWatch, others: Sequence[StreamConfig] = (), wait: float = 1.5
    ) -> None:
        self._others = tuple(others)
        name = wanted.name or wanted.source_id or wanted.hostname
        key = "/".join(part for part in ("markers", wanted.hostname, wanted.name, wanted.source_id) if part)
        info = StreamInfo(key, "markers", "", name, "Markers", dtype="string", awaited=True)
        super().__init__(wanted, watch, wait, name, info)

    def _meant(self, found: Sequence[FoundStream]) -> list[FoundStream]:
        return markers_meant(self._wanted, found, self._others)

    def _kind(self, found: FoundStream) -> tuple[Kind, str]:
        return "markers", ""


class AwaitedStream(_Awaited):
    """One stream of whatever type, rate and format, recorded beside EEG and face.

    Texts, and what is called markers, are kept as markers; all else is of kind ``other``, a second EEG too.

    Parameters
    ----------
    wanted : AnyStreamConfig
    watch : StreamWatch
    others : sequence of StreamConfig
        What else is wanted, which is not taken for it.
    wait : float
        Seconds for which it may be there a moment later without being told to be missing.
    eeg_is_open : callable
        Whether the session's own EEG has been taken: no EEG is taken before, since it may be that one.
    """

    def __init__(
        self,
        wanted: AnyStreamConfig,
        watch: StreamWatch,
        others: Sequence[StreamConfig] = (),
        wait: float = 1.5,
        eeg_is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        self._others = tuple(others)
        self._eeg_is_open = eeg_is_open
        self._whose = wanted.participant
        parts = ("stream", wanted.hostname, wanted.name, wanted.type, wanted.source_id)
        key = "/".join(part for part in parts if part)
        info = StreamInfo(key, "other", wanted.participant, wanted.words, wanted.type, awaited=True)
        super().__init__(wanted, watch, wait, plain(wanted.words), info)

    def _meant(self, found: Sequence[FoundStream]) -> list[FoundStream]:
        fits = [each for each in streams_meant(self._wanted, found, self._others) if self._is_free(each)]
        # Two of one name are told apart by what else is wanted: its own type, or one that names it more closely.
        closer = [other for other in self._others if other != self._wanted and _is_closer(other, self._wanted)]
        return [each for each in fits if not any(each.is_meant_by(other) for other in closer)]

    def _is_free(self, found: FoundStream) -> bool:
        if found.kind == "eeg" and not self._eeg_is_open():
            return False
        return self._watch.is_free(found.uid, None)

    def _kind(self, found: FoundStream) -> tuple[Kind, str]:
        return ("markers", "") if found.kind == "markers" else ("other", self._whose)

    def _remedy(self) -> str:
        types = sorted({each.type for each in self._fits})
        if len(types) > 1:
            return f"Name one by its type as well: {', '.join(f'{self._name}/{each}' for each in types)}."
        return super()._remedy()


def _is_closer(other: StreamConfig, wanted: StreamConfig) -> bool:
    """Return whether another stream that is wanted has the same name and more said of it."""
    names = ("name", "source_id", "hostname", "type")
    pairs = [(getattr(wanted, name, ""), getattr(other, name, "")) for name in names]
    return all(mine in ("", its) for mine, its in pairs)
