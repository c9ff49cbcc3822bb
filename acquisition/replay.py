"""Recordings as Sources: Insula's own sessions, plain LabRecorder files, and what MNE reads."""

from __future__ import annotations

import contextlib
import math
import queue
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Waiter
from typing import Protocol, Self, TypeGuard

import numpy as np
import pylsl

from acquisition.eeg_file import EegFile
from acquisition.health import StreamMeter
from acquisition.mne_signals import FORMATS
from acquisition.source import Source
from acquisition.xdf_file import XdfFile, others_markers
from acquisition.xdf_overview import look_over, own_info
from core.config import Config
from core.data import (
    Array,
    Chunk,
    Item,
    Label,
    Marker,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    StreamInfo,
    frozen,
)
from core.errors import EndOfStream, FileFormatError
from core.face_reading import reading_of
from core.markers import markers_in
from core.plugins import installed
from core.recording.outputs import EVENTS, EVENTS_NAME, NUMBERS, WORDS, event_from_text, prediction_from_row
from core.recording.session import Session
from core.recording.stream_header import video_rate
from core.recording.xdf_reader import Damage, Header, Offset, Samples, read_xdf
from core.stamps import LATEST_S
from core.whose import participant_of_file

__all__ = [
    "Paced",
    "Seekable",
    "open_recording",
    "readable",
    "recorded_events",
    "recorded_gaps",
    "recorded_predictions",
]

_OTHERS = "markers of other programs"
_BEHIND_S = 0.1
"""Seconds behind a window by which all that it needs has come: what the resampler looks ahead, what a face shows."""


class Seekable(Source, Protocol):
    """A recording that can be gone about in."""

    @property
    def span(self) -> tuple[float, float]:
        """When it begins and ends, s, LSL clock."""
        ...

    def seek(self, time: float, frames_from: float = -math.inf, shown_from: float = -math.inf) -> None:
        """Go on with the last items before `time`, with frames only from `frames_from` on.

        Those long before `shown_from` are not seen by anyone, and have no pixels unless a face is read of them.
        """
        ...


def open_recording(
    path: Path,
    config: Config,
    participant: str = "",
    pictures: bool = True,
    any_stream: bool = False,
    together: bool = False,
) -> Seekable:
    """Return the recording at `path` as one Source that gives all its streams in the order of their arrival.

    Parameters
    ----------
    path : Path
        A session's folder, ``.xdf`` or ``_session.json``, a LabRecorder ``.xdf``, or
        ``.edf .bdf .fif .vhdr .gdf .set .cnt``.
    config : Config
    participant : str
        Whose it is, where the file does not say. Left out, it is whom the file's name names
        (`core.whose`), and else whom `config` records.
    pictures : bool
        False gives frames without their pixels that need not be looked at: all of them where the face would be read
        today as it was read live, else those beside the grid on which faces are read.
    any_stream : bool
        True takes an XDF that has neither EEG nor video, too.
    together : bool
        True gives chunks of EEG that follow each other as one, for who reads as fast as it goes.

    Raises
    ------
    FileFormatError
        It is nothing that can be replayed.
    """
    path = samples_of(path)
    name = participant or participant_of_file(path.name)
    if path.suffix.lower() == ".xdf":
        whose = name or config.record.participant
        reading = reading_of(config.face)
        return XdfFile(path, config.eeg, whose, reading, pictures, any_stream, config.face.rate, together)
    if path.suffix.lower() in readable():
        return EegFile(path, name, config.eeg)
    raise FileFormatError(f"{path} cannot be replayed. Insula reads {', '.join(readable())} and session folders.")


def readable() -> tuple[str, ...]:
    """Return how the names of files end that can be replayed, those that other packages read among them."""
    return (".xdf", *FORMATS, *(name for name in installed("insula.sources") if name.startswith(".")))


def samples_of(path: Path) -> Path:
    """Return the file with the samples of what is a session's folder or ``_session.json``, or the recording itself."""
    return Session.open(path).xdf if path.is_dir() or path.name.endswith("_session.json") else path


def recorded_predictions(path: Path) -> list[Prediction]:
    """Return the predictions that were made live and recorded with a session, in the order in which they were made."""
    return [event for event in recorded_events(path) if isinstance(event, Prediction)]


def recorded_events(
    path: Path, tell: Callable[[str], object] = lambda _: None
) -> Iterator[Prediction | Label | Notice | Marker | ModelChange]:
    """Give what was said when a session was recorded: predictions, labels, notices, markers of other programs.

    What the pipeline noticed then, such as gaps, is among it, and from when on another model read. Samples and video
    are not read. What was damaged is left out: a prediction whose numbers or words are lost, or whose words cannot be
    read. `tell` hears of damaged places.
    """
    path = samples_of(path)
    seen = look_over(path, _has_kind, own_parts=0)
    types: dict[int, str] = {}
    names: dict[int, str] = {}
    numbers: dict[tuple[int, float], Array] = {}
    offsets = {number: seen.first_offset(number) for number in seen.offsets} if seen.is_whole else {}
    waiting: dict[int, list[Samples]] = {}
    for part in read_xdf(path, _has_kind):
        if isinstance(part, Header):
            types[part.number], names[part.number] = _kind_of(part), part.name
            if problem := own_info(part)[1]:
                tell(f"{part.name}: {problem}")
        elif isinstance(part, Damage):
            tell(part.text)
        elif isinstance(part, Offset) and part not in seen.garbage:
            offsets[part.number] = part.value
            for early in waiting.pop(part.number, []):
                yield from markers_in(names[part.number], early.stamps + part.value, early.data)
        elif not isinstance(part, Samples):
            continue
        elif types[part.number] == NUMBERS:
            numbers |= {(part.number, stamp): row for stamp, row in zip(part.stamps, part.data, strict=True)}
        elif types[part.number] == WORDS:
            for stamp, words in zip(part.stamps, part.data[:, 1], strict=True):
                row = numbers.pop((part.number - 1, stamp), None)  # a stream of words follows that of its numbers
                if row is not None and (prediction := prediction_from_row(row, words)) is not None:
                    yield prediction
        elif types[part.number] == EVENTS:
            events = (event_from_text(str(text), derived=True) for text in part.data[:, 0])
            yield from (event for event in events if event is not None and not isinstance(event, Pace | NeutralFace))
        elif part.number in offsets or seen.is_whole:  # in a whole file without any, none was ever measured
            counted = seen.counted(part)
            times = part.stamps[counted] + offsets.get(part.number, 0.0)
            yield from markers_in(names[part.number], times, part.data[counted])
        else:  # of a stream that came late
            waiting.setdefault(part.number, []).append(part)
    for number, late in waiting.items():
        for part in late:
            yield from markers_in(names[number], part.stamps, part.data)


def recorded_gaps(path: Path) -> list[tuple[float, float, str]]:
    """Return where streams of a session lack samples or frames, as (before, behind, stream), s, LSL clock.

    They are counted as they were while it was recorded (`acquisition.health`); pictures are not looked at. None of a
    recording that Insula did not make.
    """
    meters: dict[int, StreamMeter] = {}
    offsets: dict[int, float] = {}
    for part in read_xdf(samples_of(path), _is_own_stream):
        if isinstance(part, Header) and (info := own_info(part)[0]) is not None:
            is_video = info.kind == "video"
            meters[part.number] = StreamMeter(replace(info, sfreq=video_rate(info)) if is_video else info)
        elif isinstance(part, Offset):
            offsets[part.number] = part.value
        elif isinstance(part, Samples) and part.number in meters:
            meter = meters[part.number]
            meter.take(Chunk(meter.info.key, part.stamps, part.data, offsets.get(part.number, 0.0)), math.nan)
    return sorted((*gap, meter.info.key) for meter in meters.values() for gap in meter.gaps)


def _is_own_stream(header: Header) -> bool:
    info, _ = own_info(header)
    return info is not None and (info.sfreq > 0.0 or info.kind == "video") and not info.key.startswith("insula/")


def _has_kind(header: Header) -> bool:
    return bool(_kind_of(header))


def _kind_of(header: Header) -> str:
    """Return which of the streams that say something it is, ``""`` if none: signals, frames, what Insula publishes."""
    own, _ = own_info(header)
    is_text = header.dtype == "string"
    if header.name == EVENTS_NAME and header.type == EVENTS:
        return EVENTS if is_text and header.n_chans else ""
    if header.type in (NUMBERS, WORDS) and (own is None or own.key.startswith("insula/")):
        fits = header.n_chans > 1 and is_text == (header.type == WORDS)
        return header.type if fits else ""
    if own is not None:
        return _OTHERS if own.kind == "markers" else ""
    return _OTHERS if others_markers(header) and header.n_chans else ""


class Paced:
    """A recording at the pace of its own stamps times a speed; infinite: as fast as it is read, 0: not at all.

    Only when an item is given depends on the pace, never which, or in which order. `seek` and `set_speed` may be called
    from any thread: what they ask for is done by the next `read`.

    After `seek` comes a `Notice` of kind ``seek``, then at once what filters and windows need to be ready, and from the
    moment that was asked for on at its pace again; while it plays, from when the first window that ends there is whole,
    so that nobody waits for its prediction.

    Parameters
    ----------
    source : Seekable
    speed : float
    clock : callable
        Any clock in seconds.
    wait : callable
        Waits for so many seconds.
    lead : float
        Seconds of signal that are given before a moment that is gone to.
    config : Config
        When windows end, how long they are, and on which grid faces are read: frames are given from the beginning of
        the first window on that ends at the moment that is gone to or behind it. A frame takes a hundred times as long
        as the signal beside it.
    stays : bool
        True waits at the end for someone to go back, instead of raising `EndOfStream`.
    """

    def __init__(
        self,
        source: Seekable,
        speed: float,
        clock: Callable[[], float] = pylsl.local_clock,
        wait: Callable[[float], object] | None = None,
        lead: float = 8.0,
        config: Config | None = None,
        stays: bool = False,
    ) -> None:
        self._source = source
        self._speed = speed
        self._clock = clock
        self._wait = wait or Waiter().wait
        self._lead = lead
        self._config = config or Config()
        self._stays = stays
        self._held: Item | None = None
        self._zero = math.nan
        self._newest = -math.inf
        self._target = self._at_once = self._frames_from = -math.inf
        self._asked: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()
        self.breaks = 0
        """How often it has gone elsewhere, or on at another pace."""

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The streams of the recording."""
        return self._source.infos

    @property
    def span(self) -> tuple[float, float]:
        """When the recording begins and ends, s, LSL clock; once it is open."""
        return self._span

    @property
    def position(self) -> float:
        """How far it has come, s, LSL clock."""
        if math.isfinite(self._newest):
            return self._newest
        return self._target if math.isfinite(self._target) else self._span[0]

    def __enter__(self) -> Self:
        self._source.__enter__()
        self._span = self._source.span
        # Time goes by these; the others stand where they came, whatever time they are stamped for.
        signals = {info.key for info in self._source.infos if info.kind in ("eeg", "video", "truth")}
        self._signals = signals or {info.key for info in self._source.infos if info.is_due}
        return self

    def __exit__(self, *exc: object) -> None:
        self._source.__exit__(*exc)

    def seek(self, time: float) -> None:
        """Go to `time`, s, LSL clock."""
        self._asked.put(("seek", time))

    def set_speed(self, speed: float) -> None:
        """Go on at another speed; 0 stands still."""
        self._asked.put(("speed", speed))

    def read(self, timeout: float) -> Item | None:
        """Return the next item once its time has come, None if that is not within `timeout` seconds."""
        if (notice := self._obey()) is not None:
            return notice
        try:
            if self._held is None:
                self._held = self._source.read(timeout)
        except EndOfStream:
            if not self._stays:
                raise
            self._wait(timeout)
        if self._held is None or not self._is_due(self._held, timeout):
            return None
        item, self._held = self._held, None
        return self._joined(item) if self._is_far_ahead(item) else item

    def _is_far_ahead(self, item: Item | None) -> TypeGuard[Chunk]:
        """Return whether an item is signal so long before a moment that is gone to that no frames come between."""
        if not isinstance(item, Chunk) or item.data.ndim != 2 or item.stream not in self._signals:
            return False
        return len(item.timestamps) > 0 and bool(item.times[-1] < min(self._at_once, self._frames_from))

    def _joined(self, first: Chunk) -> Chunk:
        """Return a chunk with those of its stream that follow it: chunk size means nothing, and each takes its time."""
        chunks = [first]
        with contextlib.suppress(EndOfStream):
            while self._is_far_ahead(item := self._source.read(0.0)):
                if (item.stream, item.clock_offset) != (first.stream, first.clock_offset):
                    break
                chunks.append(item)
            self._held = item
        stamps = np.concatenate([chunk.timestamps for chunk in chunks])
        return replace(first, timestamps=frozen(stamps), data=frozen(np.concatenate([chunk.data for chunk in chunks])))

    def _obey(self) -> Notice | None:
        """Do what was asked for since; of several moments the last."""
        target = math.nan
        while not self._asked.empty():
            what, value = self._asked.get()
            self.breaks += 1
            if what == "seek":
                target = min(max(value, self._span[0]), self._span[1])
            else:
                self._speed = value
                self._zero = self._clock() - self._newest / value if value else math.nan
        if math.isnan(target):
            return None
        step, rate = self._config.window.step, self._config.face.rate
        stop = math.ceil(target / step) * step
        # With the first frame of a cell of the face's grid: what another one shows is not known, and would be awaited.
        self._frames_from = math.floor((stop - self._config.window.length) * rate) / rate
        self._source.seek(target - self._lead, self._frames_from, target)
        self._at_once = stop + _BEHIND_S if self._speed else target
        self._held, self._newest, self._target, self._zero = None, -math.inf, target, math.nan
        return Notice("", target, "seek", "")

    def _is_due(self, item: Item, timeout: float) -> bool:
        if not isinstance(item, Chunk) or not len(item.timestamps) or item.stream not in self._signals:
            return True  # a marker stands where it came, whatever time it is meant for
        time = float(item.times[-1])
        if not abs(time) < LATEST_S:
            return True
        if time <= self._at_once or math.isinf(self._speed):
            self._newest = time
            return True
        self._at_once = -math.inf
        if not self._speed:
            self._wait(timeout)
            return False
        # The first item, and one after hours in which nothing was recorded, is due at once.
        if not -60.0 < time - self._newest < 60.0 or math.isnan(self._zero):
            self._zero = self._clock() - time / self._speed
            if abs(time - self._newest) < math.inf:
                self._newest, self.breaks = time, self.breaks + 1
        missing = self._zero + time / self._speed - self._clock()
        if missing > 0:
            self._wait(min(missing, timeout))
        if missing > timeout:
            return False
        self._newest = max(time, self._newest) if time > self._newest - 60.0 else time
        return True
