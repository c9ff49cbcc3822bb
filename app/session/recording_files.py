"""The open files of a running recording: which thing goes into which."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.data import (
    MODALITIES,
    Array,
    Chunk,
    FaceObservation,
    Item,
    Label,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Rating,
    Segment,
    StreamInfo,
)
from core.face_neutral import RUNNING_CODE, RunningEstimate
from core.recording import outputs
from core.recording.face_stream import face_info, face_to_row
from core.recording.session import Session
from core.recording.stream_header import to_xml
from core.recording.video import VideoWriter
from core.recording.xdf_writer import XdfWriter

_RUNNING_EVERY_S = 60.0
"""Seconds of faces after which it is told where their running estimate stands: a seek goes on from there."""


class RecordingFiles:
    """The XDF and the videos of one run. Used by one thread after it was made.

    Parameters
    ----------
    session : Session
    infos : sequence of StreamInfo
        The streams from outside.
    people, classes : sequence of str
        Whose predictions there will be, and of what.
    start : str
        When it began, ISO 8601.
    video : bool
        False keeps no picture.
    modalities : sequence of str
        What the predictions rest on.
    """

    def __init__(
        self,
        session: Session,
        infos: Sequence[StreamInfo],
        people: Sequence[str],
        classes: Sequence[str],
        start: str,
        video: bool,
        modalities: Sequence[str] = MODALITIES,
    ) -> None:
        self._session = session
        self._xdf = XdfWriter(session.xdf, start)
        self._numbers: dict[str, int] = {}
        self._videos: dict[str, VideoWriter] = {}
        self._next_frame: dict[str, int] = {}
        self._signals = {info.key for info in infos if info.kind in ("eeg", "video")}
        self._newest = -math.inf
        self._running: dict[str, _Running] = {}
        # EEGLAB reads the first stream of type EEG: the EEG that is read live, not one that is recorded beside it.
        for info in sorted(infos, key=lambda info: info.kind == "other"):
            if info.kind == "video":
                self._add_video(info, video)
            elif not info.awaited:
                self._add(info.key, info)
        for info in infos:
            if info.face_reading:
                self._add(f"face {info.participant}", face_info(info))
        for person in people:
            self._add(f"numbers {person}", outputs.numbers_info(person, classes, modalities))
            self._add(f"words {person}", outputs.words_info(person))
        self._add("events", outputs.events_info())
        self._xdf.flush()
        self._n_frames_lost = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of streams and videos that are on disk."""
        return self._xdf.n_bytes + sum(video.n_bytes for video in self._videos.values())

    @property
    def n_lost(self) -> int:
        """Samples and frames that had to be given up because the disk took no more for too long."""
        return self._xdf.n_refused + self._n_frames_lost

    def n_samples(self, key: str) -> int:
        """Return how many samples or frames of a stream are on disk."""
        return self._xdf.n_samples(self._numbers[key]) if key in self._numbers else 0

    def write(self, thing: Item | Prediction | Segment, derived: bool) -> None:
        """Take one thing; `derived` tells what the pipeline said from what came from outside."""
        if isinstance(thing, Chunk):
            self._write_chunk(thing)
        elif isinstance(thing, FaceObservation):
            self._write_face(thing)
        elif isinstance(thing, StreamInfo):
            self._begin(thing)
        elif isinstance(thing, Prediction):
            numbers, words = outputs.prediction_to_row(thing)
            self._write_own(f"numbers {thing.participant}", thing.stop, numbers)
            self._write_own(f"words {thing.participant}", thing.stop, words)
        elif isinstance(thing, Segment):
            self._write_event(thing.stop, outputs.event_to_text(thing, "segment"))
        elif isinstance(thing, Notice):
            self._write_event(thing.time, outputs.event_to_text(thing, "derived" if derived else "notice"))
        elif isinstance(thing, Label):
            self._write_event(thing.time, outputs.event_to_text(thing, "label"))
        elif isinstance(thing, NeutralFace):
            kind: Literal["neutral", "neutral read"] = "neutral read" if derived else "neutral"
            self._write_event(thing.stop, outputs.event_to_text(thing, kind))
        elif isinstance(thing, Rating):
            self._write_event(thing.time, outputs.event_to_text(thing, "rating"))
        elif isinstance(thing, ModelChange):
            self._write_event(thing.time, outputs.event_to_text(thing, "model"))
        elif isinstance(thing, Pace):
            self._write_event(thing.time, outputs.event_to_text(thing, "pace"))

    def flush(self) -> None:
        """Put all that was taken into its files, where the program's end cannot take it; see `sync`.

        A file that fails keeps no other from it.
        """
        # The video goes first: a picture without its row is never read, a row without its picture would be missed.
        with contextlib.ExitStack() as each:
            each.callback(self._xdf.flush)
            for video in self._videos.values():
                each.callback(video.flush)

    def sync(self) -> None:
        """Return when what was flushed is on the device; a thread of its own may, since it can take seconds."""
        for video in self._videos.values():
            video.sync()
        self._xdf.sync()

    def close(self) -> None:
        """Write the ends of the files."""
        with contextlib.ExitStack() as each:
            each.callback(self._xdf.close)
            for video in self._videos.values():
                each.callback(video.close)

    def _begin(self, info: StreamInfo) -> None:
        """Take a stream that has come: XDF has its header anywhere before its samples, but not before it is known."""
        if not info.awaited and info.key not in self._numbers:
            self._add(info.key, info)

    def _add(self, name: str, info: StreamInfo) -> None:
        number = len(self._numbers) + 1
        self._numbers[name] = number
        self._xdf.add_stream(number, to_xml(info), info.dtype, max(len(info.channels), 1))

    def _add_video(self, info: StreamInfo, keep: bool) -> None:
        path = self._session.video_of(sum(name in self._next_frame for name in self._numbers))
        self._add(info.key, outputs.frames_info(info, path.name if keep else ""))
        self._next_frame[info.key] = 0
        if keep:
            self._videos[info.key] = VideoWriter(path, info.width_px, info.height_px, info.sfreq)

    def _write_chunk(self, chunk: Chunk) -> None:
        if chunk.stream not in self._numbers:
            return
        number = self._numbers[chunk.stream]
        if len(chunk.timestamps):
            self._xdf.write_offset(number, self._moment(chunk), chunk.clock_offset)
        if chunk.stream not in self._next_frame:
            self._xdf.write(number, chunk.timestamps, chunk.data)
            return
        for k, (stamp, time) in enumerate(zip(chunk.timestamps, chunk.times, strict=True)):
            packet = chunk.packets[k] if k < len(chunk.packets) else b""
            self._write_frame(chunk.stream, chunk.frame_index + k, float(stamp), float(time), packet)

    def _moment(self, chunk: Chunk) -> float:
        """Return the time of a chunk's clock offset, on the clock of its stream.

        A marker may be meant for any time, and other streams may be stamped as they like. Two offsets at moments that
        are no moments apart would have a reader draw a line through them that leads anywhere, so theirs are those of
        the signals beside them.
        """
        if chunk.stream in self._signals:
            self._newest = max(self._newest, float(chunk.times[-1]))
        elif math.isfinite(self._newest):
            return self._newest - chunk.clock_offset
        return float(chunk.timestamps[0])

    def _write_frame(self, key: str, index: int, stamp: float, time: float, packet: bytes) -> None:
        """Take one frame: its picture and its row, or neither."""
        if key in self._videos and not self._take_picture(self._videos[key], packet, time):
            self._n_frames_lost += 1
            return
        dropped = max(0, index - self._next_frame[key])
        self._next_frame[key] = index + 1
        self._xdf.write(self._numbers[key], np.array([stamp]), np.array([[index, time, dropped]], float))

    def _take_picture(self, video: VideoWriter, packet: bytes, time: float) -> bool:
        if self._xdf.is_full or not packet:
            video.skip()
            return False
        return video.write(packet, time)

    def _write_face(self, face: FaceObservation) -> None:
        self._write_own(f"face {face.participant}", face.time, face_to_row(face))
        running = self._running.setdefault(face.participant, _Running(RunningEstimate(), face.time))
        running.estimate.follow(face)
        if not running.told <= face.time < running.told + _RUNNING_EVERY_S:
            running.told = face.time
            state = running.estimate.state(face.participant)
            self._write_event(face.time, outputs.running_to_text(state, face.time, RUNNING_CODE))

    def _write_event(self, time: float, text: str) -> None:
        self._write_own("events", time, np.array([[text]]))

    def _write_own(self, name: str, time: float, row: Array) -> None:
        # Insula's own stamps are on the clock of this machine; readers want to be told so.
        self._xdf.write_offset(self._numbers[name], time, 0.0)
        self._xdf.write(self._numbers[name], np.array([time]), row)


@dataclass(slots=True)
class _Running:
    """The running estimate of a neutral face, of all that was written of it."""

    estimate: RunningEstimate
    told: float
    """Stamp of the face with which it was told last; first that of the first face."""
