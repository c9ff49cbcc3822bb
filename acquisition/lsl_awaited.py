"""A stream of markers that is wanted whether or not it is there yet: experiments are started after the recording."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import pylsl

from acquisition.lsl import LslSource
from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch, markers_meant
from core.config import EegConfig, StreamConfig
from core.data import Item, Notice, StreamInfo
from core.errors import SourceError

__all__ = ["AwaitedMarkers"]

_LOOK_S = 0.1


class AwaitedMarkers:
    """One stream of markers of another program: taken from the moment on at which it is there.

    Until then it is a stream that is ``awaited``. When it comes, its `StreamInfo` is the first item, before its samples
    and under the same key; from then on it is an `LslSource`.

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

    def __init__(
        self, wanted: StreamConfig, watch: StreamWatch, others: Sequence[StreamConfig] = (), wait: float = 1.5
    ) -> None:
        self._wanted = wanted
        self._watch = watch
        self._others = tuple(others)
        self._wait = wait
        self._source: LslSource | None = None
        self._pause = threading.Event()
        self._reported = self._problem = ""
        self._there: Notice | None = None
        self._name = wanted.name or wanted.source_id or wanted.hostname
        parts = ("markers", wanted.hostname, wanted.name, wanted.source_id)
        self._key = "/".join(part for part in parts if part)

    def __enter__(self) -> Self:
        until = pylsl.local_clock() + self._wait
        while not self._take_up("") and pylsl.local_clock() < until:
            self._pause.wait(_LOOK_S)
        if self._source is None:
            self._info = StreamInfo(self._key, "markers", "", self._name, "Markers", dtype="string", awaited=True)
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

    def _take_up(self, key: str) -> bool:
        """Connect to the stream if it is there; return whether it is."""
        there = self._watch.infos()
        fits = markers_meant(self._wanted, [FoundStream.of(each) for each in there.values()], self._others)
        self._n_fits = len(fits)
        if len(fits) != 1:
            self._problem = ""
            return False
        found = there[fits[0].uid]
        source = LslSource(EegConfig(), "", "markers", found=found, key=key, watch=self._watch)
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
        if self._n_fits > 1:
            return f"{self._n_fits} streams of markers may be {self._name}. Close those that are not meant."
        return f"{self._name} is not there yet. It is recorded from when the program is started that sends it."
