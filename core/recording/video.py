"""The camera's picture on disk: H.264 in Matroska, where what the model saw is bit for bit what the file holds.

A frame is coded and at once decoded again, in the camera's thread; the packet goes into the file and the decoded frame
to the models. So a replay, which decodes the same packet, sees the same pixels.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np

from core.data import Array, frozen
from core.errors import ConfigError, FileFormatError, RecordingError
from core.files import no_pipe
from core.recording.disk_file import DiskFile

_MS = Fraction(1, 1000)
_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "bf": "0", "sc_threshold": "0"}
_CONTAINER = {"cluster_time_limit": "1", "flush_packets": "1"}
"""A Matroska cluster for each frame, put out with the next: what a killed process leaves lacks one frame."""
_LARGEST_BACKLOG = 64 * 2**20
_MOST_PIXELS = 40_000_000
"""Of one picture: more than 8K has; a damaged size would ask for gigabytes."""
NO_PICTURE = frozen(np.empty((0, 0, 3), np.uint8))
"""Stands for one that is decoded and not turned into RGB."""
DAMAGED = (av.FFmpegError, OSError, ValueError, OverflowError, ArithmeticError)
"""What comes of a video whose bytes are not what they should be."""


class VideoCoder:
    """Codes frames and gives back what a decoder will make of them.

    Parameters
    ----------
    width_px, height_px : int
        Even, as the colour format wants it.
    fps : float
        Nominal; each frame has its own time.
    crf : int
        x264 quality, lower is better.
    """

    def __init__(self, width_px: int, height_px: int, fps: float = 30.0, crf: int = 23) -> None:
        if width_px % 2 or height_px % 2:
            raise ConfigError(
                f"A video of {width_px} x {height_px} cannot be coded. Set even face.width_px and height_px."
            )
        self._encoder: Any = av.CodecContext.create("libx264", "w")
        self._encoder.width, self._encoder.height, self._encoder.pix_fmt = width_px, height_px, "yuv420p"
        self._encoder.time_base, self._encoder.framerate = _MS, Fraction(fps).limit_denominator(1000)
        gop = str(max(1, round(fps)))
        self._encoder.options = {**_OPTIONS, "crf": str(crf), "g": gop, "keyint_min": gop, "threads": "1"}
        self._decoder: Any = av.CodecContext.create("h264", "r")
        self._decoder.thread_count, self._decoder.thread_type = 1, "SLICE"
        self._first: float | None = None
        self._last_ms = -1

    def code(self, rgb: Array, time: float) -> tuple[bytes, Array]:
        """Return the packet of a frame, and the frame as it will be decoded.

        Parameters
        ----------
        rgb : array of shape (height, width, 3), uint8
        time : float
            When it was taken, s.
        """
        self._first = time if self._first is None else self._first
        # The encoder wants time to grow; the true times are kept elsewhere.
        self._last_ms = max(self._last_ms + 1, round(1000 * (time - self._first)))
        yuv: Any = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
        # Without a copy where PyAV can: it takes the height for a multiple of four.
        make = av.VideoFrame.from_ndarray if rgb.shape[0] % 4 else av.VideoFrame.from_numpy_buffer
        frame: Any = make(yuv, format="yuv420p")
        frame.pts, frame.time_base = self._last_ms, _MS
        (packet,) = self._encoder.encode(frame)
        data = bytes(packet)
        (decoded,) = self._decoder.decode(av.Packet(data))
        return data, to_rgb(decoded)


class VideoWriter:
    """Puts coded packets into a Matroska file with the times at which their frames were taken.

    Packets wait in memory until `flush`. If the disk takes no more, what is on it stays whole; when 64 MB wait, packets
    are refused. After one that is missing those that build on it are refused too, up to the next that stands alone.

    Parameters
    ----------
    path : Path
        Must not exist.
    width_px, height_px : int
    fps : float
        Nominal.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, fps: float = 30.0) -> None:
        self._file = DiskFile(path)
        self._container: Any = av.open(self._file, "w", format="matroska", options=_CONTAINER)
        rate = Fraction(fps or 30.0).limit_denominator(1000)
        self._stream = self._container.add_stream("libx264", rate=rate)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width_px, height_px, "yuv420p"
        self._stream.time_base = _MS
        self._stream.codec_context.options = dict(_OPTIONS)
        self._first: float | None = None
        self._last_ms = -1
        self._is_broken = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def n_bytes(self) -> int:
        """Bytes that are on disk."""
        return self._file.n_bytes

    def write(self, data: bytes, time: float) -> bool:
        """Take the packet of the frame that was taken at `time`, s; return False if it had to be refused."""
        if self._file.n_waiting > _LARGEST_BACKLOG or (self._is_broken and not _is_key(data)):
            self.skip()
            return False
        self._is_broken = False
        self._first = time if self._first is None else self._first
        self._last_ms = max(self._last_ms + 1, round(1000 * (time - self._first)))
        packet: Any = av.Packet(data)
        packet.stream, packet.time_base = self._stream, _MS
        packet.pts = packet.dts = self._last_ms
        packet.is_keyframe = _is_key(data)
        try:
            self._container.mux(packet)
        except av.FFmpegError as error:
            self.skip()
            raise RecordingError(
                f"{self._file.name} takes no more pictures: {error}. Start a new recording."
            ) from error
        return True

    def skip(self) -> None:
        """Know that a packet is missing here."""
        self._is_broken = True

    def flush(self) -> None:
        """Put what waits on disk.

        Raises
        ------
        RecordingError
            The disk takes no more. What waits is kept.
        """
        self._file.flush()

    def sync(self) -> None:
        """Return when what was flushed is on the device; see `DiskFile.sync`."""
        self._file.sync()

    def close(self) -> None:
        """Write the end of the file."""
        self._container.close()
        self._file.close()


class VideoFile:
    """A video file, open from entering to leaving.

    Parameters
    ----------
    path : Path

    Raises
    ------
    FileFormatError
        On entering: it is no video, or is coded in a way that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fps = 0.0
        """Nominal rate; 0 where the file tells none."""
        self._container: Any = None
        """None of a file that is empty, cut before its first frame."""
        self._stream: Any = None

    def __enter__(self) -> Self:
        try:
            # A tag that is no text costs the tag.
            container: Any = av.open(str(no_pipe(self.path)), metadata_errors="replace")
        except DAMAGED as error:
            if isinstance(error, EOFError) or _is_empty(self.path):
                return self
            raise FileFormatError(f"{self.path} cannot be read as a video: {error}.") from error
        stream: Any = container.streams.video[0] if container.streams.video else None
        if stream is None or stream.codec_context is None:
            container.close()
            if stream is None:
                raise FileFormatError(f"{self.path} has no video stream. Give the file that holds the pictures.")
            raise FileFormatError(f"{self.path} is coded in a way that cannot be read. Convert it to H.264.")
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": str(_MOST_PIXELS)}
        with contextlib.suppress(ArithmeticError):
            self.fps = float(stream.average_rate or 0.0)
        self._container, self._stream = container, stream
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()

    def _without_times(self) -> FileFormatError:
        return FileFormatError(f"{self.path} does not tell when its pictures were taken. Put it into Matroska or MP4.")


class VideoReader(VideoFile):
    """The frames of a recorded video, in order; a file that was cut short ends where it was cut."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._frames: Iterator[Any] = iter(()) if self._container is None else self._container.decode(self._stream)
        return self

    def seek(self, time: float, exactly: bool = True) -> None:
        """Go on with the frame that was taken at `time`, s from the first frame, or the one after it.

        Not `exactly`, it goes on with the last frame before it that stands alone: a second's worth of frames need not
        be decoded on the way at once.
        """
        if self._container is None:
            return
        at = round(1000 * time)
        try:
            self._container.seek(round(time / self._stream.time_base), stream=self._stream)
            frames: Iterator[Any] = self._container.decode(self._stream)
            if not exactly:
                self._frames = frames
                return
            wanted = next(f for f in frames if f.pts is None or round(1000 * float(f.pts * f.time_base)) >= at)
            self._frames = itertools.chain([wanted], frames)
        except (StopIteration, *DAMAGED):
            self._frames = iter(())

    def read(self, pixels: bool = True) -> tuple[float, Array] | None:
        """Return the next frame: its time in the file, s, and its RGB, (height, width, 3); None at the end.

        Without `pixels` it is decoded, since the next ones build on it, but not turned into RGB: (0, 0, 3).
        """
        try:
            frame: Any = next(self._frames)
            told = frame.pts is not None
            found = (float(frame.pts * frame.time_base), to_rgb(frame) if pixels else NO_PICTURE) if told else None
        except (StopIteration, *DAMAGED):
            return None
        if found is None:
            raise self._without_times()
        return found


def to_rgb(frame: Any) -> Array:
    """Return the RGB of a decoded frame, shape (height, width, 3)."""
    if frame.format.name != "yuv420p" or frame.width % 2 or frame.height % 2:  # no video of ours
        foreign: Array = frame.to_ndarray(format="rgb24")
        return foreign
    rgb: Array = cv2.cvtColor(frame.to_ndarray(format="yuv420p"), cv2.COLOR_YUV2RGB_I420)
    return rgb


def _is_empty(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == 0


def _is_key(data: bytes) -> bool:
    """Return whether a packet holds a picture that stands alone: it begins with a parameter set or an IDR slice."""
    at = data.find(b"\x00\x00\x01")
    return at >= 0 and data[at + 3] & 0x1F in (5, 7)
