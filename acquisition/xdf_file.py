"""XDF recordings as Sources: Insula's own, and plain LabRecorder files."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from acquisition.devices import plain_channels, read_device
from acquisition.eeg_description import describe_eeg
from acquisition.lsl_found import are_markers
from acquisition.xdf_choice import Recorded, choose_eeg, what_is_there
from core.config import EegConfig
from core.data import Array, Channel, Chunk, Item, Kind, Notice, StreamInfo, frozen
from core.errors import EndOfStream, FileFormatError
from core.recording.face_stream import FACE, FaceRows
from core.recording.outputs import EVENTS, EVENTS_NAME, event_from_text
from core.recording.stream_header import from_xml
from core.recording.video import VideoReader
from core.recording.xdf_reader import Damage, Header, Offset, Part, Samples, byte_at, read_xdf

_LOOK_PARTS = 512
"""Chunks of an own file within which every stream has begun and its clock offset is told."""
_OFFSETS_S = 6.0
"""Seconds within which every stream's clock offset is told again: Insula and LabRecorder do so every five."""
_LOOK_S = 10.0
"""Seconds of a foreign stream by which its unit is judged."""
_NO_PIXELS = frozen(np.empty((1, 0, 0, 3), np.uint8))


class XdfFile:
    """All streams of one XDF file, chunk by chunk in the order of the file, which is that of their arrival.

    Insula's own files give again exactly what came in: samples, stamps, clock offsets, notices and labels, streams that
    came later than the others, each video frame at its place, and what was read of the face, where it would be read in
    the same way today. From a LabRecorder file the EEG stream with the most
    samples is taken, and all markers; units that are missing or cannot be are guarded as in a live session.

    Parameters
    ----------
    path : Path
    eeg : EegConfig
    participant : str
        Whose it is, where the file does not say.
    reading : str
        Hash of what would read the face today (`core.face_reading`); empty: pictures are looked at again in any case.
    pictures : bool
        False gives no pixels of frames that need not be looked at.
    """

    def __init__(self, path: Path, eeg: EegConfig, participant: str, reading: str = "", pictures: bool = True) -> None:
        self._path = path
        self._config = eeg
        self._participant = participant
        self._reading = reading
        self._pictures = pictures

    def __enter__(self) -> Self:
        self._notices: list[Item] = []
        self._streams: dict[int, StreamInfo] = {}
        self._offsets: dict[int, float] = {}
        self._last_offsets: dict[int, float] = {}
        """Of files that are read through when they are opened, those that hold at their ends."""
        self._videos: dict[int, VideoReader] = {}
        self._faces: dict[int, FaceRows] = {}
        self._ended: set[int] = set()
        self._events: int | None = None
        self._headers: dict[int, Header] = {}
        self._there: dict[int, tuple[int, float, float]] = {}
        """Of each stream that has any: how many samples were seen on opening, the first and the last stamp."""
        self._first_frames: dict[int, float] = {}
        self._look()
        if not any(info.kind in ("eeg", "video") for info in self._streams.values()):
            raise FileFormatError(
                f"{self._path} has no EEG with samples and no video: there is nothing to replay. "
                f"{what_is_there(self._recorded())}"
            )
        self.infos = tuple({info.key: info for info in self._streams.values()}.values())
        self._items = self._walk()
        self._lost_place: set[int] = set()
        self._frames_from = -math.inf
        return self

    def __exit__(self, *exc: object) -> None:
        for video in self._videos.values():
            video.close()

    def read(self, timeout: float) -> Item | None:
        """Return the next item of the file."""
        item = next(self._items, None)
        if item is None:
            raise EndOfStream
        return item

    @property
    def span(self) -> tuple[float, float]:
        """When the replayed streams begin and end, s, LSL clock; read from both ends of the file, not through it."""
        parts = self._leading()
        first, number = parts[0], parts[-1]
        stamps = [float(p.stamps[0]) for p in itertools.islice(self._samples_of(first, 4), 1)]
        last = byte_at(self._path, self._headers, number, math.inf)
        stamps += [float(part.stamps[-1]) for part in self._samples_of(number, last)]
        offset = self._offsets.get(number, 0.0)
        last_offset = self._last_offsets.get(number, offset)
        return (stamps[0] + self._offsets.get(first, 0.0), stamps[-1] + last_offset) if stamps else (math.nan, math.nan)

    def seek(self, time: float, frames_from: float = -math.inf) -> None:
        """Go on with the last items that came before `time`, s, LSL clock; with frames only from `frames_from` on."""
        parts = self._leading()
        begun = [n for n in parts[1:] if self._there[n][1] + self._offsets.get(n, 0.0) <= time]
        number = begun[-1] if begun else parts[0]
        stamp = time - self._offsets.get(number, 0.0)
        start = byte_at(self._path, self._headers, number, stamp)
        before = byte_at(self._path, self._headers, number, stamp - _OFFSETS_S)
        # The offsets that hold there, not those of where one comes from: clocks drift apart over hours.
        for part in read_xdf(self._path, lambda _: False, self._headers, before, start):
            if isinstance(part, Offset):
                self._offsets[part.number] = part.value
        self._items = self._walk(start)
        self._lost_place, self._frames_from = set(self._videos), frames_from
        self._ended.clear()

    def video_of(self, participant: str) -> tuple[Path, float] | None:
        """Return a participant's video and when its first frame was taken, s, LSL clock; None without frames."""
        for number, video in self._videos.items():
            if self._streams[number].participant == participant:
                first = self._first_frame(number)
                return None if math.isnan(first) else (video.path, first)
        return None

    def _leading(self) -> list[int]:
        """Return the stream by which a moment is found: the one that is sampled most often. Markers are not sampled."""
        streams = self._streams
        best = max(streams, key=lambda number: (streams[number].kind != "markers", streams[number].sfreq, -number))
        parts = [number for number in streams if streams[number].key == streams[best].key]
        return parts if len(parts) > 1 else [best]

    def _samples_of(self, number: int, start: int) -> Iterator[Samples]:
        for part in read_xdf(self._path, headers=self._headers, start=start):
            if isinstance(part, Samples) and part.number == number and len(part.stamps):
                yield part

    def _look(self) -> None:
        """Go through the headers, in files of others through the counts as well, and choose the streams."""
        is_own = False
        for n_parts, part in enumerate(read_xdf(self._path)):
            if isinstance(part, Header):
                self._headers[part.number] = part
                is_own = is_own or from_xml(part.xml) is not None
            elif isinstance(part, Offset):
                self._offsets.setdefault(part.number, part.value)
                self._last_offsets[part.number] = part.value
            elif isinstance(part, Samples) and len(part.stamps):
                count, first, _ = self._there.get(part.number, (0, float(part.stamps[0]), 0.0))
                self._there[part.number] = count + len(part.stamps), first, float(part.stamps[-1])
            # All but the headers of what came late stand before the first sample: two hours need not be read for them.
            if is_own and self._there and n_parts > _LOOK_PARTS:
                self._last_offsets.clear()
                break
        own = {number: info for number, header in self._headers.items() if (info := from_xml(header.xml)) is not None}
        for number, info in own.items():
            if info.type == FACE and info.face_reading and info.face_reading == self._reading:
                self._faces[number] = FaceRows(info)
        for number, info in own.items():
            self._add_own(number, info)
        if not self._streams:
            self._add_foreign(self._recorded())

    def _add_own(self, number: int, info: StreamInfo) -> None:
        if info.type == EVENTS and info.name == EVENTS_NAME:
            self._events = number
        elif info.kind == "video":
            self._add_video(number, info)
        elif info.kind in ("eeg", "truth") or not info.key.startswith("insula/"):
            self._streams[number] = info

    def _add_video(self, number: int, info: StreamInfo) -> None:
        name = info.desc.partition("<file>")[2].partition("</file>")[0]
        path = self._path.parent.parent / "beh" / name
        is_there = bool(name) and path.exists()
        is_read = bool(info.face_reading) and info.participant in {rows.participant for rows in self._faces.values()}
        if text := _about_face(info, path if name else None, is_there, is_read, bool(self._reading)):
            self._notices.append(Notice(info.key, math.nan, "info", text))
        if is_there:
            self._videos[number] = VideoReader(path).__enter__()
        if is_there or is_read:
            self._streams[number] = replace(info, desc="", face_reading=info.face_reading if is_read else "")

    def _recorded(self) -> list[Recorded]:
        return [
            Recorded(header, read_device(header.xml), *self._there.get(number, ()))
            for number, header in self._headers.items()
        ]

    def _add_foreign(self, recorded: list[Recorded]) -> None:
        parts, notices = choose_eeg(self._config, recorded)
        self._notices += [Notice("", math.nan, "info", text) for text in notices]
        if not parts:
            return
        header = parts[0].header
        first = self._first_samples(header.number, header.sfreq)
        told = describe_eeg(parts[0].device, self._config, header.sfreq, *first)
        info = replace(
            _described(parts[0], "eeg", told.channels),
            participant=self._participant, sfreq=told.sfreq, unit_confirmed=told.unit_confirmed,
        )  # fmt: skip
        self._notices += [Notice(info.key, math.nan, kind, text) for kind, text in told.notices]
        self._streams |= {part.header.number: info for part in parts}
        for each in recorded:
            if each.n_samples and others_markers(each.header):
                info, number = _described(each, "markers", plain_channels(each.device)), each.header.number
                repeats = info.key in {known.key for known in self._streams.values()}
                self._streams[number] = replace(info, key=f"{info.key}/{number}") if repeats else info

    def _first_samples(self, number: int, sfreq: float) -> tuple[Array, Array]:
        """Return stamps and samples of a stream's first seconds."""
        wanted = round(_LOOK_S * (sfreq or 250.0))
        found: list[Samples] = []
        for part in self._samples_of(number, 4):
            found.append(part)
            if sum(len(each.stamps) for each in found) >= wanted:
                break
        stamps, data = (np.concatenate([getattr(each, what) for each in found]) for what in ("stamps", "data"))
        return stamps[:wanted], data[:wanted]

    def _walk(self, start: int = 4) -> Iterator[Item]:
        if start == 4:
            yield from self._notices
        for part in read_xdf(self._path, headers=self._headers, start=start):
            yield from self._items_of(part)

    def _items_of(self, part: Part) -> Iterator[Item]:
        if isinstance(part, Damage):
            yield Notice("", math.nan, "info", f"{self._path.name}: {part.text}")
        elif isinstance(part, Offset):
            self._offsets[part.number] = part.value
        elif isinstance(part, Header):
            yield from self._late(part)
        elif isinstance(part, Samples) and part.number == self._events:
            for text in part.data[:, 0]:
                if (event := event_from_text(str(text))) is not None:
                    yield event
        elif isinstance(part, Samples) and part.number in self._faces:
            for stamp, row in zip(part.stamps, part.data, strict=True):
                face = self._faces[part.number].face(float(stamp), row)
                if face is not None and face.time >= self._frames_from:
                    yield face
        elif isinstance(part, Samples) and part.number in self._streams and len(part.stamps):
            if self._streams[part.number].kind == "video":
                yield from self._frames(part)
            else:
                key, offset = self._streams[part.number].key, self._offsets.get(part.number, 0.0)
                yield Chunk(key, frozen(part.stamps), frozen(part.data), offset)

    def _late(self, header: Header) -> Iterator[Item]:
        """Give a stream that was not there when the recording began."""
        info = from_xml(header.xml)
        if header.number not in self._headers and info is not None:
            self._headers[header.number] = header
            self._streams[header.number] = info
            yield info

    def _frames(self, part: Samples) -> Iterator[Item]:
        """Give the frames of these index samples; the video may end before them if the session was killed."""
        key, offset = self._streams[part.number].key, self._offsets.get(part.number, 0.0)
        is_read = bool(self._streams[part.number].face_reading)
        looks = part.number in self._videos and (self._pictures or not is_read)
        for stamp, row in zip(part.stamps, part.data, strict=True):
            if float(row[1]) < self._frames_from:
                continue
            picture = self._picture(part.number, float(row[1])) if looks and part.number not in self._ended else None
            if looks and picture is None and part.number not in self._ended:
                self._ended.add(part.number)
                yield Notice(key, float(stamp) + offset, "lost", "The video ends here, before its recording does.")
            if picture is None and not is_read:
                return
            pixels = _NO_PIXELS if picture is None else picture[None]
            yield Chunk(key, np.array([stamp]), frozen(pixels), offset, frame_index=int(row[0]))

    def _picture(self, number: int, time: float) -> Array | None:
        """Return the next picture of a video, the one at `time` after a jump; None at its end."""
        if number in self._lost_place:
            self._lost_place.remove(number)
            self._videos[number].seek(time - self._first_frame(number))
        frame = self._videos[number].read()
        return None if frame is None else frame[1]

    def _first_frame(self, number: int) -> float:
        """Return when the first frame was taken: the video file counts from there. NaN if there is none."""
        if number not in self._first_frames:
            first = next(self._samples_of(number, 4), None)
            self._first_frames[number] = math.nan if first is None else float(first.data[0, 1])
        return self._first_frames[number]


def others_markers(header: Header) -> bool:
    """Return whether a stream that another tool recorded is of markers; what Insula publishes is not."""
    return are_markers(header.type, header.dtype == "string") and not header.name.startswith("Insula ")


def _described(stream: Recorded, kind: Kind, channels: tuple[Channel, ...]) -> StreamInfo:
    """Return a stream that another tool recorded."""
    header, device = stream.header, stream.device
    parts = (device.hostname, device.name, device.type, device.source_id)
    return StreamInfo(
        key="/".join(part for part in parts if part), kind=kind, participant="", name=device.name, type=device.type,
        sfreq=header.sfreq, channels=channels, dtype=header.dtype, hostname=device.hostname,
        source_id=device.source_id, desc=device.desc,
    )  # fmt: skip


def _about_face(info: StreamInfo, path: Path | None, is_there: bool, is_read: bool, wanted: bool) -> str:
    """Return what is to be told of where a recorded face comes from, ``""`` if nothing.

    Parameters
    ----------
    info : StreamInfo
        Its camera, as recorded.
    path : Path or None
        Its video; None if none was kept.
    is_there : bool
        Whether the video is there.
    is_read : bool
        Whether the recording holds what would be read of the face today.
    wanted : bool
        Whether anyone asks for it.
    """
    missing = "No video was kept" if path is None else f"The recording's video {path} is not there"
    if is_read:
        return "" if is_there or path is None else f"{missing}: the face is as it was read live, without pictures."
    if not is_there and info.face_reading and wanted:
        return f"{missing}, and other models or settings read the face live: replaying without the face."
    if not is_there:
        return f"{missing}: replaying without the face."
    if not wanted:
        return ""
    why = "Other models or settings read the face live" if info.face_reading else "The recording keeps only pictures"
    return f"{why}: the face is read from the pictures again, which takes longer."
