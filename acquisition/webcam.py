"""The camera, or a video file in its place, as a Source: every frame stamped on the LSL clock."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event as Waiter
from typing import Any, Protocol, Self

import cv2
import numpy as np
import pylsl

from core.config import FaceConfig
from core.data import Array, Chunk, Notice, StreamInfo, frozen
from core.errors import CameraError, EndOfStream, FileFormatError
from core.recording.video import VideoCoder, VideoReader

_FAILURES = 5
"""Reads that must fail in a row before the camera counts as lost: a single one is a hiccup of the driver."""
_RETRY = 1.0

Clock = Callable[[], float]


class Camera(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: D102, N802
    def set(self, prop: int, value: float) -> bool: ...  # noqa: D102
    def get(self, prop: int) -> float: ...  # noqa: D102
    def grab(self) -> bool: ...  # noqa: D102
    def retrieve(self) -> tuple[bool, Any]: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class WebcamSource:
    """One camera. Unplugged, it says so, tries again every second, and says that it is back.

    Parameters
    ----------
    config : FaceConfig
        ``camera`` is a number, or the path of a video file, which is then shown at its own pace.
    participant : str
    crf : int
        Quality of the recording, which is also what the models see.
    clock : callable
        The LSL clock.
    wait : callable
        Waits for so many seconds.
    open_camera : callable
        From the camera's number to the camera.
    """

    def __init__(
        self,
        config: FaceConfig,
        participant: str,
        crf: int = 23,
        clock: Clock = pylsl.local_clock,
        wait: Callable[[float], object] | None = None,
        open_camera: Callable[[int], Camera] = cv2.VideoCapture,
    ) -> None:
        self._config = config
        self._participant = participant
        self._crf = crf
        self._clock = clock
        self._wait = wait or Waiter().wait
        self._open_camera = open_camera
        self._is_file = not config.camera.isdigit()

    def __enter__(self) -> Self:
        self._camera = self._file() if self._is_file else self._opened()
        if self._camera is None:
            raise CameraError(
                f"Camera {self._config.camera} cannot be opened. Found: {list_cameras() or 'none'}. Plug it in, close "
                "other programs that use it, or set face.camera to another number, a video file, or none."
            )
        picture = self._first_picture()
        height, width = (size // 2 * 2 for size in picture.shape[:2])
        self._size = (width, height)
        self._coder = VideoCoder(width, height, self._config.fps, self._crf)
        self._index = 0
        self._last = float("nan")
        self._failures = 0
        self._lost_at: float | None = None
        name = Path(self._config.camera).name if self._is_file else f"camera {self._config.camera}"
        host = socket.gethostname()
        self.infos = (
            StreamInfo(
                key=f"{host}/{name}", kind="video", participant=self._participant, name=name, type="videostream",
                sfreq=self._config.fps, dtype="int8", hostname=host, source_id=name, width_px=width, height_px=height,
            ),
        )  # fmt: skip
        return self

    def __exit__(self, *exc: object) -> None:
        if self._camera is not None:
            self._camera.release()

    def read(self, timeout: float) -> Chunk | Notice | None:
        """Return the next frame; `Notice` when the camera is lost or back."""
        if self._lost_at is not None:
            return self._find_again(timeout)
        if not self._grab():
            return self._failed(timeout)
        time = self._clock()
        ok, picture = self._camera.retrieve() if self._camera is not None else (False, None)
        if not ok or picture is None:
            return self._failed(timeout)
        self._failures = 0
        self._count(time)
        packet, decoded = self._coder.code(self._to_rgb(picture), time)
        return Chunk(
            self.infos[0].key,
            frozen(np.array([time])),
            frozen(decoded[None]),
            packets=(packet,),
            frame_index=self._index,
        )

    def skip(self, timeout: float) -> int:
        """Take the next frame and forget it before it is coded; return how many were forgotten."""
        if self._lost_at is not None or self._camera is None or not self._grab():
            self._wait(min(timeout, 0.01))
            return 0
        self._count(self._clock())
        return 1

    def _grab(self) -> bool:
        return self._camera is not None and self._camera.grab()

    def _count(self, time: float) -> None:
        """Give the frame its number; frames that the driver lost are counted by the time that has passed."""
        if not np.isnan(self._last):
            self._index += max(1, round((time - self._last) * self._config.fps)) if self._config.fps else 1
        self._last = time

    def _failed(self, timeout: float) -> Notice | None:
        if isinstance(self._camera, _FileCamera):
            raise EndOfStream
        self._failures += 1
        if self._failures < _FAILURES:
            self._wait(min(timeout, 0.02))
            return None
        self._lost_at = self._clock()
        self._tried_at = self._lost_at
        if self._camera is not None:
            self._camera.release()
        text = f"The camera {self._config.camera} gives no pictures. Plug it in again; it is looked for."
        return Notice(self.infos[0].key, self._lost_at, "lost", text)

    def _find_again(self, timeout: float) -> Notice | None:
        assert self._lost_at is not None
        if self._clock() - self._tried_at < _RETRY:
            self._wait(min(timeout, _RETRY))
            return None
        self._tried_at = self._clock()
        self._camera = self._opened()
        if self._camera is None or not self._camera.grab():
            return None
        away = self._clock() - self._lost_at
        self._lost_at, self._failures = None, 0
        return Notice(self.infos[0].key, self._clock(), "back", f"The camera is back after {away:.0f} s.")

    def _opened(self) -> Camera | None:
        camera = self._open_camera(int(self._config.camera))
        if not camera.isOpened():
            camera.release()
            return None
        for prop, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, self._config.width_px),
            (cv2.CAP_PROP_FRAME_HEIGHT, self._config.height_px),
            (cv2.CAP_PROP_FPS, self._config.fps),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            camera.set(prop, value)
        return camera

    def _file(self) -> Camera:
        try:
            return _FileCamera(Path(self._config.camera), self._clock, self._wait)
        except FileFormatError as error:
            raise CameraError(f"face.camera: {error}") from error

    def _first_picture(self) -> Array:
        assert self._camera is not None
        if isinstance(self._camera, _FileCamera):
            return self._camera.peek()
        for _ in range(20):
            if self._camera.grab() and (found := self._camera.retrieve())[0]:
                picture: Array = found[1]
                return picture
        raise CameraError(f"Camera {self._config.camera} opens but gives no picture. Unplug it and plug it in again.")

    def _to_rgb(self, picture: Array) -> Array:
        width, height = self._size
        if picture.shape[0] < height or picture.shape[1] < width:  # it came back with other settings
            picture = cv2.resize(picture, self._size)
        picture = picture[:height, :width]
        return picture if self._is_file else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


class _FileCamera:
    """A video file with the ways of a camera: each frame comes when its time has come."""

    def __init__(self, path: Path, clock: Clock, wait: Callable[[float], object]) -> None:
        self._reader = VideoReader(path).__enter__()
        self._clock = clock
        self._wait = wait
        self._next = self._reader.read()
        if self._next is None:
            raise FileFormatError(f"{path} has no pictures.")
        self._began: float | None = None
        self._picture: Array | None = None

    def peek(self) -> Array:
        """Return the first picture without taking it."""
        assert self._next is not None
        return self._next[1]

    def isOpened(self) -> bool:  # noqa: N802
        """Return True: it would not be there otherwise."""
        return True

    def set(self, prop: int, value: float) -> bool:
        """Return False: a file is as it is."""
        return False

    def get(self, prop: int) -> float:
        """Return 0: nothing is known."""
        return 0.0

    def grab(self) -> bool:
        """Wait for the next picture's time; False at the end of the file."""
        if self._next is None:
            return False
        time, self._picture = self._next
        self._began = self._clock() - time if self._began is None else self._began
        if (missing := self._began + time - self._clock()) > 0:
            self._wait(missing)
        self._next = self._reader.read()
        return True

    def retrieve(self) -> tuple[bool, Any]:
        """Return the picture that was grabbed, RGB."""
        return self._picture is not None, self._picture

    def release(self) -> None:
        """Close the file."""
        self._reader.close()


def list_cameras() -> list[str]:
    """Return the cameras that there are, ``number: name``."""
    if sys.platform.startswith("linux"):
        found = sorted(Path("/sys/class/video4linux").glob("video*"), key=lambda path: int(path.name[5:]))
        return [f"{path.name[5:]}: {(path / 'name').read_text(encoding='utf-8').strip()}" for path in found]
    numbers = []
    for number in range(4):
        camera = cv2.VideoCapture(number)
        if camera.isOpened():
            numbers.append(str(number))
        camera.release()
    return numbers
