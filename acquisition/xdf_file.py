"""XDF recordings as Sources: Insula's own, and plain LabRecorder files."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np

from acquisition.devices import plain_channels, read_device
from acquisition.eeg_description import describe_eeg
from acquisition.lsl_found import are_markers
from acquisition.xdf_choice import Recorded, choose_eeg, what_is_there
from acquisition.xdf_neutral import RunningBefore, known_face, neutral_before
from acquisition.xdf_overview import look_over, own_info
from acquisition.xdf_time import StreamTime
from core.config import EegConfig
from core.data import Array, Channel, Chunk, Item, Kind, NeutralFace, Notice, RunningNeutral, StreamInfo, frozen
from core.errors import EndOfStream, FileFormatError
from core.face_grid import FaceGrid
from core.recording.face_stream import FACE, FaceRows
from core.recording.outputs import EVENTS, EVENTS_NAME, FRAMES, NUMBERS, WORDS, event_from_text
from core.recording.stream_header import video_file
from core.recording.video import VideoReader
from core.recording.xdf_reader import Damage, Header, Offset, Part, Samples, byte_at, read_xdf
from core.stamps import LATEST_S, are_times

_LOOK_PARTS = 512
"""Chunks of an own file within which every stream has begun and its clock offset is told."""
_OFFSETS_S = 6.0
"""Seconds within which every stream's clock offset is told again: Insula and LabRecorder do so every five."""
_SIGNALS = ("eeg", "video")
_MOST_FRAMES = 2**40
_SHOWN_S = 0.5
"""Seconds before a moment that is gone to from which on pictures are shown."""
_MOST_TOLD = 3
"""Damaged places that are named where nothing else is left to tell."""
_LOOK_S = 10.0
"""Seconds of a foreign stream by which its unit is judged."""
_BEGINS_ANEW = (
    "What was read of {}'s face is not kept, or not as it would be read today: from here on the running estimate of "
    "the neutral face begins anew, so the face is read otherwise than had it been played up to here."
)
_NO_PIXELS = frozen(np.empty((1, 0, 0, 3), np.uint8))


class XdfFile:
    """All streams of one XDF file, chunk by chunk in the order of the file, which is that of their arrival.

    Insula's own files give again exactly what came in: samples, stamps, clock offsets, notices and labels, streams that
    came later than the others, each video frame at its place, and what was read of the face, where it would be read in
    the same way today. From a LabRecorder file the EEG stream with the most
    samples is read, and all others are given as they are; units that are missing or cannot be are guarded as in a live
    session.

    Parameters
    ----------
    path : Path
    eeg : EegConfig
    participant : str
        Whose it is, where the file does not say.
    reading : str
        Hash of what would read the face today (`core.face_reading`); empty: pictures are looked at again in any case.
    pictures : bool
        False gives no pixels of frames that need not be looked at: of none where the face is as it was read live, else
        of those beside the grid on which faces are read.
    any_stream : bool
        True takes a file that has neither EEG nor video, too.
    face_rate : float
        Of that grid, Hz.
    together : bool
        True gives chunks of EEG that follow each other as one, for who reads as fast as it goes.
    """

    def __init__(
        self,
        path: Path,
        eeg: EegConfig,
        participant: str,
        reading: str = "",
        pictures: bool = True,
        any_stream: bool = False,
        face_rate: float = 8.0,
        together: bool = False,
    ) -> None:
        self._path = path
        self._config = eeg
        self._participant = participant
        self._reading = reading
        self._pictures = pictures
        self._any_stream = any_stream
        self._face_rate = face_rate
        self._together = together

    def __enter__(self) -> Self:
        self._notices: list[Notice] = []
        self._streams: dict[int, StreamInfo] = {}
        self._times: dict[int, StreamTime] = {}
        """Of the streams whose stamps are not in seconds."""
        self._videos: dict[int, VideoReader] = {}
        self._faces: dict[int, FaceRows] = {}
        self._running: list[RunningBefore] = []
        self._grids: dict[int, FaceGrid] = {}
        self._ended: set[int] = set()
        self._events: int | None = None
        self._first_frames: dict[int, float] = {}
        self._look()
        is_enough = any(info.kind in ("eeg", "video") for info in self._streams.values())
        if not is_enough and not (self._any_stream and self._streams):
            told = " ".join((*(notice.text for notice in self._notices), *self._overview.damaged[:_MOST_TOLD]))
            raise FileFormatError(
                f"{self._path} has no EEG with samples and no video: there is nothing to replay. "
                f"{what_is_there(self._recorded())} {told}".rstrip()
            )
        self.infos = tuple({info.key: info for info in self._streams.values()}.values())
        self._items = self._walk()
        self._lost_place: set[int] = set()
        self._frames_from = self._counted_from = self._shown_from = -math.inf
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
        """When the replayed streams begin and end, s, LSL clock; read from both ends of the file, not through it.

        It begins with the signal that is sampled most often, which is also where exports count from, and ends with the
        last signal: a camera goes on where the headset's battery was empty.
        """
        parts = self._leading()
        first = parts[0]
        time = self._times.get(first)
        if time is not None and time.is_counted:
            begin, _ = time.span(0)
        else:
            begin = next(self._moments(first, self._samples_of(first, 4)), math.nan)
        end, last = self._end(parts[-1]), self._last_byte(parts[-1])
        for number in self._other_signals(parts):
            # A stream that was lost earlier is not looked for through the rest of the file.
            if self._last_byte(number) >= last and not self._begin(number) > end:
                end = max(end, self._end(number))
        return begin + self._offsets.get(first, 0.0), end

    def seek(self, time: float, frames_from: float = -math.inf, shown_from: float = -math.inf) -> None:
        """Go on with the last items that came before `time`, s, LSL clock; with frames only from `frames_from` on.

        First comes what was known there of faces at rest. Frames more than half a second before `shown_from` have no
        pixels unless a face has to be read of them: it takes long to make these, and nobody sees them.
        """
        parts = self._leading()
        begun = [n for n in parts[1:] if self._begin(n) <= time]
        number = begun[-1] if begun else parts[0]
        start = 4
        if any(each.is_counted for each in self._times.values()):
            self._counted_from = time
        else:
            start = self._byte_at(number, time)
            if start == self._last_byte(number) and (ended := self._end(number)) < time:
                ends = {each: end for each in self._other_signals(parts) if (end := self._end(each)) > ended}
                until = min(time, max(ends.values(), default=ended))
                places = [(self._byte_at(each, until), each) for each, end in ends.items() if end >= until]
                start, number = min(places, default=(start, number))
            before = self._byte_at(number, time, _OFFSETS_S)
            # The offsets that hold there, not those of where one comes from: clocks drift apart over hours.
            for part in read_xdf(self._path, lambda _: False, self._headers, before, start):
                self._hold(part)
        self._items = itertools.chain(self._neutral_before(start, frames_from), self._walk(start))
        self._lost_place, self._frames_from, self._shown_from = set(self._videos), frames_from, shown_from
        self._ended.clear()
        self._grids.clear()

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

        def rank(number: int) -> tuple[bool, bool, float, int]:
            kind = streams[number].kind
            return kind in _SIGNALS, kind != "markers", streams[number].sfreq, -number

        best = max(streams, key=rank)
        parts = [number for number in streams if streams[number].key == streams[best].key]
        return parts if len(parts) > 1 else [best]

    def _other_signals(self, parts: Sequence[int]) -> list[int]:
        return [number for number, info in self._streams.items() if info.kind in _SIGNALS and number not in parts]

    def _byte_at(self, number: int, time: float, before: float = 0.0) -> int:
        """Return from where on all samples of a stream from `before` s before `time` on, LSL clock, are to come."""
        stamp = time - self._offsets.get(number, 0.0)
        if number in self._times:
            stamp = self._times[number].stamp(stamp)
        return byte_at(self._path, self._headers, number, stamp - before)

    def _last_byte(self, number: int) -> int:
        return byte_at(self._path, self._headers, number, math.inf)

    def _begin(self, number: int) -> float:
        """Return when the first sample of a stream was taken, s, LSL clock; NaN of one that came late."""
        first, time = self._overview.first.get(number, math.nan), self._times.get(number)
        if time is not None:
            first = time.span(0)[0] if time.is_counted else first * time.unit
        return first + self._offsets.get(number, 0.0)

    def _end(self, number: int) -> float:
        """Return when the last sample of a stream was taken, s, LSL clock; NaN of one without samples."""
        time = self._times.get(number)
        if time is not None and time.is_counted:
            _, end = time.span(sum(len(part.stamps) for part in self._samples_of(number, 4)))
        else:
            *_, end = math.nan, *self._moments(number, self._samples_of(number, self._last_byte(number)))
        return end + self._last_offsets.get(number, self._offsets.get(number, 0.0))

    def _samples_of(self, number: int, start: int) -> Iterator[Samples]:
        for part in read_xdf(self._path, headers=self._headers, start=start):
            if isinstance(part, Samples) and part.number == number and len(part.stamps):
                yield part

    def _moments(self, number: int, parts: Iterable[Samples]) -> Iterator[float]:
        """Give the times at which a stream's samples were taken, those that are times."""
        for part in parts:
            stamps = part.stamps[np.isfinite(part.stamps)]
            seconds = self._times[number].seconds(stamps) if number in self._times else stamps
            yield from seconds[are_times(seconds)].tolist()

    def _look(self) -> None:
        """Go through the headers, in files of others through the counts as well, and choose the streams."""
        seen = self._overview = look_over(self._path, own_parts=_LOOK_PARTS)
        self._headers = seen.headers
        self._offsets = {number: seen.first_offset(number) for number in seen.offsets}
        self._last_offsets = {number: seen.last_offset(number) for number in seen.offsets} if seen.is_whole else {}
        """Of files that are read through when they are opened, those that hold at their ends."""
        described = {number: own_info(header) for number, header in seen.headers.items()}
        own = {number: info for number, (info, _) in described.items() if info is not None}
        for number, info in own.items():
            if info.type == FACE and info.dtype != "string" and info.face_reading == self._reading != "":
                self._faces[number] = FaceRows(info)
        for number, info in own.items():
            self._add_own(number, info)
        self._running = [
            RunningBefore(self._path, self._headers, number, self._events, rows) for number, rows in self._faces.items()
        ]
        damaged = [seen.headers[number] for number, (_, problem) in described.items() if problem]
        for header in damaged:
            problem = described[header.number][1]
            self._tell(header.name, f"{header.name}: {problem} It is read by what else its header says.")
        people = {info.participant for info in own.values()} - {""}
        if len(people) == 1:
            (self._participant,) = people
        for header in damaged:
            self._add_damaged(header)
        if not self._streams:
            self._add_foreign(self._recorded())

    def _tell(self, stream: str, text: str) -> None:
        self._notices.append(Notice(stream, math.nan, "info", text))

    def _add_own(self, number: int, info: StreamInfo) -> None:
        if info.type == EVENTS and info.name == EVENTS_NAME:
            self._events = number
        elif info.kind == "video":
            self._add_video(number, info)
        elif info.kind in ("eeg", "truth") or not info.key.startswith("insula/"):
            self._streams[number] = info

    def _add_damaged(self, header: Header) -> None:
        """Take an own stream whose own description is lost, by what every recorder writes."""
        stream = Recorded(header, read_device(header.xml, header.n_chans))
        if header.type == EVENTS and header.name == EVENTS_NAME:
            self._events = header.number if header.dtype == "string" and header.n_chans else None
        elif header.type == FRAMES:
            self._add_video(header.number, replace(_described(stream, "video", ()), participant=self._participant))
        elif header.type.lower() == "eeg" and header.dtype != "string":
            self._add_eeg([stream])
        elif header.type not in (NUMBERS, WORDS) and others_markers(header):
            self._streams[header.number] = _described(stream, "markers", plain_channels(stream.device))

    def _add_video(self, number: int, info: StreamInfo) -> None:
        """Take the pictures of a stream of frames, and what was read of them live.

        An older Insula did not write the name of the file of a camera like `A & B`.
        """
        if self._headers[number].n_chans < 2:
            self._tell(info.key, f"{info.name} does not say when its pictures were taken: replaying without the face.")
            return
        usual = self._path.name.removesuffix("_eeg.xdf") + "_recording-face_video.mkv"
        name = video_file(info) or ("" if "<file>" in info.desc else usual)
        path = self._path.parent.parent / "beh" / Path(name).name
        is_there = bool(name) and path.is_file()
        is_read = bool(info.face_reading) and info.participant in {rows.participant for rows in self._faces.values()}
        if is_there:
            try:
                self._videos[number] = VideoReader(path).__enter__()
            except FileFormatError as error:
                self._tell(info.key, str(error))
                is_there = False
        if text := _about_face(info, path if name else None, is_there, is_read, bool(self._reading)):
            self._tell(info.key, text)
        if is_there or is_read:
            self._streams[number] = replace(info, desc="", face_reading=info.face_reading if is_read else "")

    def _recorded(self) -> list[Recorded]:
        seen = self._overview
        return [
            Recorded(header, read_device(header.xml, header.n_chans), seen.counts[n], seen.first[n], seen.last[n])
            if seen.counts.get(n)
            else Recorded(header, read_device(header.xml, header.n_chans))
            for n, header in self._headers.items()
        ]

    def _add_foreign(self, recorded: list[Recorded]) -> None:
        parts, notices = choose_eeg(self._config, recorded)
        for text in notices:
            self._tell("", text)
        if parts:
            self._add_eeg(parts)
        for each in recorded:
            kind = _kind_beside(each.header)
            if not each.n_samples or not each.header.n_chans or not kind or each.header.number in self._streams:
                continue
            info, number = _described(each, kind, plain_channels(each.device)), each.header.number
            repeats = info.key in {known.key for known in self._streams.values()}
            self._streams[number] = replace(info, key=f"{info.key}/{number}") if repeats else info
            if kind == "other" and each.header.sfreq:
                self._place(each)

    def _add_eeg(self, parts: list[Recorded]) -> bool:
        """Take the streams of one headset, described by the first of them; return whether they can be placed in time.

        Where they are placed by something else than their stamps, that is told.
        """
        header = parts[0].header
        stamps, data = self._first_samples(header.number, header.sfreq)
        times = {part.header.number: self._time_of(part, stamps if part is parts[0] else None) for part in parts}
        first = times[header.number]
        if not data.size or not all(time.can_be_told for time in times.values()):
            lacks = "has no samples or no channels" if not data.size else "has stamps that tell no time, and no rate"
            self._tell(header.name, f"{header.name} {lacks}: it cannot be replayed.")
            return False
        told = describe_eeg(parts[0].device, self._config, header.sfreq, first.seconds(stamps), data)
        info = replace(
            _described(parts[0], "eeg", told.channels),
            participant=self._participant, sfreq=told.sfreq, unit_confirmed=told.unit_confirmed,
        )  # fmt: skip
        self._notices += [Notice(info.key, math.nan, kind, text) for kind, text in told.notices]
        self._streams |= {part.header.number: info for part in parts}
        self._times |= {number: time for number, time in times.items() if time.unit != 1.0}
        if text := first.notice(header.name):
            self._notices.append(Notice(info.key, math.nan, "clock", text))
        return True

    def _place(self, stream: Recorded) -> None:
        """Find out in which unit a regular stream is stamped that is not read."""
        time = self._time_of(stream, None)
        if time.unit != 1.0:
            self._times[stream.header.number] = time
            self._notices.append(Notice("", math.nan, "clock", time.notice(stream.header.name)))

    def _time_of(self, part: Recorded, stamps: Array | None) -> StreamTime:
        if stamps is None:
            stamps, _ = self._first_samples(part.header.number, part.header.sfreq)
        return StreamTime(stamps, part.header.sfreq)

    def _first_samples(self, number: int, sfreq: float) -> tuple[Array, Array]:
        """Return stamps and samples of a stream's first seconds, arrays of shape (n_times,) and (n_times, n_chans)."""
        wanted = max(2, round(_LOOK_S * (sfreq or 250.0)))
        found: list[Samples] = []
        for part in self._samples_of(number, 4):
            found.append(part)
            if sum(len(each.stamps) for each in found) >= wanted:
                break
        if not found:
            return np.empty(0), np.empty((0, 0))
        stamps, data = (np.concatenate([getattr(each, what) for each in found]) for what in ("stamps", "data"))
        return stamps[:wanted], data[:wanted]

    def _walk(self, start: int = 4) -> Iterator[Item]:
        for time in self._times.values():
            time.begin()
        if start == 4:
            yield from self._notices
        odd = self._times.keys() | self._overview.uncounted.keys()
        plain = [n for n, info in self._streams.items() if info.kind == "eeg" and n not in odd]
        together = plain if self._together else ()
        for part in read_xdf(self._path, self._is_given, self._headers, start, together=together):
            yield from self._items_of(part)

    def _is_given(self, header: Header) -> bool:
        """Return whether something of a stream is given; of one that comes later that is known when it has come."""
        number = header.number
        given = number in self._streams or number in self._faces or number == self._events
        return given or number not in self._headers

    def _items_of(self, part: Part) -> Iterable[Item]:
        if isinstance(part, Samples):
            return self._items_in(part)
        if isinstance(part, Damage):
            return [Notice("", math.nan, "info", f"{self._path.name}: {part.text}")]
        if isinstance(part, Header):
            return self._late(part)
        self._hold(part)
        return ()

    def _items_in(self, part: Samples) -> Iterator[Item]:
        number, info = part.number, self._streams.get(part.number)
        if number == self._events:
            for text in part.data[:, 0]:
                if (event := self._event(str(text))) is not None:
                    yield event
        elif number in self._faces:
            for face in self._faces[number].faces(part.stamps, part.data):
                if face.time >= self._frames_from:
                    yield face
        elif info is not None and len(part.stamps):
            if info.kind == "video":
                yield from self._frames(part)
            else:
                yield from self._chunk(part)

    def _neutral_before(self, start: int, frames_from: float) -> Iterator[NeutralFace | RunningNeutral | Notice]:
        cameras = {info.participant: info.key for info in self._streams.values() if info.kind == "video"}
        if not cameras or frames_from == math.inf:
            return
        own: list[NeutralFace] = []
        alike = self._read_alike()
        if self._events is not None:
            own = neutral_before(self._path, self._headers, self._events, cameras, alike, start)
            yield from own
        asked = cameras.keys() - {face.participant for face in own}
        if frames_from == -math.inf:
            return
        yield from (one.at(frames_from, start) for one in self._running if one.participant in asked)
        for name in sorted(asked - alike if start > 4 else ()):
            yield Notice(cameras[name], frames_from, "info", _BEGINS_ANEW.format(name))

    def _read_alike(self) -> set[str]:
        """Return whose pictures would be read today as they were then."""
        return {rows.participant for rows in self._faces.values()}

    def _event(self, text: str) -> Item | None:
        """Return an event that is an item; of a neutral face whose pictures were gone past, what was read of them."""
        event = event_from_text(text)
        alike = self._read_alike() if self._frames_from > -math.inf else set()
        if not alike:
            return event
        if isinstance(event, NeutralFace):
            passed = event.start < self._frames_from and event.participant in alike and not event.blendshapes
            return None if passed else event
        read = known_face(text, alike) if event is None else None
        return read if read is not None and not read.kept_from and read.start < self._frames_from else event

    def _hold(self, part: Part) -> None:
        """Take a clock offset for what follows; nothing else."""
        if isinstance(part, Offset) and part not in self._overview.garbage:
            self._offsets[part.number] = part.value

    def _chunk(self, part: Samples) -> Iterator[Chunk]:
        key, offset = self._streams[part.number].key, self._offsets.get(part.number, 0.0)
        stamps, data = part.stamps, part.data
        if part.number in self._times:
            stamps = self._times[part.number].seconds(stamps)
            if self._times[part.number].is_counted and stamps[-1] + offset < self._counted_from:
                return
        if part.number in self._overview.uncounted:
            counted = self._overview.counted(part)
            stamps, data = stamps[counted], data[counted]
        yield Chunk(key, frozen(stamps), frozen(data), offset)

    def _late(self, header: Header) -> Iterator[Item]:
        """Give a stream that was not there when the recording began."""
        if header.number in self._headers:
            return
        self._headers[header.number] = header
        info, problem = own_info(header)
        if info is not None:
            self._streams[header.number] = info
            yield info
        elif problem:
            yield Notice(header.name, math.nan, "info", f"{header.name}: {problem} It is passed over.")

    def _frames(self, part: Samples) -> Iterator[Item]:
        """Give the frames of these index samples; the video may end before them if the session was killed."""
        key, offset = self._streams[part.number].key, self._offsets.get(part.number, 0.0)
        is_read = bool(self._streams[part.number].face_reading)
        has_video = part.number in self._videos
        for stamp, row in zip(part.stamps, part.data, strict=True):
            if float(row[1]) < self._frames_from:
                continue
            shown = has_video and self._pictures and self._is_shown(part.number, float(row[1]))
            looks = has_video and (shown or not is_read)
            there = looks and part.number not in self._ended
            seen = there and (shown or self._is_looked_at(part.number, float(stamp) + offset))
            picture = self._picture(part.number, float(row[1]), seen) if there else None
            if looks and picture is None and part.number not in self._ended:
                self._ended.add(part.number)
                yield Notice(key, float(stamp) + offset, "lost", "The video ends here, before its recording does.")
            if picture is None and not is_read:
                return
            pixels = _NO_PIXELS if picture is None else picture[None]
            index = int(row[0]) if abs(row[0]) < _MOST_FRAMES else 0
            yield Chunk(key, np.array([stamp]), frozen(pixels), offset, frame_index=index)

    def _is_shown(self, number: int, time: float) -> bool:
        """Return whether somebody may see a frame: of a slow camera, the last one before a moment that is gone to."""
        return time >= self._shown_from - max(_SHOWN_S, 2.0 / (self._videos[number].fps or 1.0))

    def _is_looked_at(self, number: int, time: float) -> bool:
        """Return whether a frame is one of those by which a face is read; frames are asked about in their order."""
        return abs(time) < LATEST_S and self._grids.setdefault(number, FaceGrid(self._face_rate)).takes(time)

    def _picture(self, number: int, time: float, pixels: bool) -> Array | None:
        """Return the next picture of a video, the one at `time` after a jump; None at its end."""
        if number in self._lost_place:
            self._lost_place.remove(number)
            self._videos[number].seek(time - self._first_frame(number))
        frame = self._videos[number].read(pixels)
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


def _kind_beside(header: Header) -> Kind | None:
    """Return as what a stream of another recorder is given beside the EEG, None of texts that Insula published."""
    if others_markers(header):
        return "markers"
    return None if header.dtype == "string" else "other"


def _described(stream: Recorded, kind: Kind, channels: tuple[Channel, ...]) -> StreamInfo:
    """Return a stream that another tool recorded."""
    header, device = stream.header, stream.device
    parts = (device.hostname, device.name, device.type, device.source_id)
    return StreamInfo(
        key="/".join(part for part in parts if part), kind=kind, participant="", name=device.name, type=device.type,
        sfreq=header.sfreq, channels=channels, dtype=header.dtype, hostname=device.hostname,
        source_id=device.source_id, desc=device.desc, simulated=device.is_simulated,
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
