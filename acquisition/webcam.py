"""The camera, or a video file in its place, as a Source: every frame stamped on the LSL clock."""

from __future__ import annotations

import contextlib
import math
import socket
import sys
from collections import deque
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from threading import Event as Waiter
from typing import Any, Protocol, Self

import cv2
import numpy as np

from acquisition.clock import local_clock
from acquisition.file_camera import FileCamera
from core.config import FaceConfig
from core.data import Array, Chunk, Notice, StreamInfo, frozen
from core.errors import CameraError, FileFormatError
from core.plain_text import plain
from core.recording.video import VideoCoder

_FAILURES = 5
"""Reads that must fail in a row before the camera counts as lost: a single one is a hiccup of the driver."""
_RETRY = 1.0
_N_STEPS = 31
"""Frames whose median distance is the camera's true interval: in dim light it gives half of what it was asked for."""
_MAX_FPS = 240.0

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
    ready : callable
        Returns when there is time for the camera, which is opened then: LSL keeps what comes while this program is
        busy, a camera keeps nothing.
    """

    def __init__(
        self,
        config: FaceConfig,
        participant: str,
        crf: int = 23,
        clock: Clock = local_clock,
        wait: Callable[[float], object] | None = None,
        open_camera: Callable[[int], Camera] | None = None,
        ready: Callable[[], object] = lambda: None,
    ) -> None:
        self._config = config
        self._participant = participant
        self._crf = crf
        self._clock = clock
        self._wait = wait or Waiter().wait
        self._open_camera = open_camera or _open_quietly
        self._ready = ready
        self._is_file = not config.camera.isdigit()

    def __enter__(self) -> Self:
        self._ready()
        self._camera: Camera | FileCamera | None = self._file() if self._is_file else self._opened()
        if self._camera is None:
            raise CameraError(
                f"Camera {self._config.camera} cannot be opened. Found: {list_cameras() or 'none'}. Plug it in, close "
                "other programs that use it, or set face.camera to another number, a video file, or none."
            )
        try:
            height, width = (size // 2 * 2 for size in self._first_picture(self._camera).shape[:2])
            fps = self._true_fps(self._camera)
            self._coder = VideoCoder(width, height, fps, self._crf)
        except BaseException:
            self._camera.release()
            raise
        self._size = (width, height)
        self._index = 0
        self._last = math.nan
        self._steps = deque([1 / fps] * _N_STEPS, _N_STEPS)
        self._failures = 0
        self._lost_at: float | None = None
        name = Path(self._config.camera).name if self._is_file else f"camera {self._config.camera}"
        host = socket.gethostname()
        self.infos = (
            StreamInfo(
                key=f"{host}/{name}", kind="video", participant=self._participant, name=name, type="videostream",
                sfreq=fps, dtype="int8", hostname=host, source_id=name, width_px=width, height_px=height,
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
        time = self._grab(timeout)
        picture = None if time is None else self._retrieve()
        if time is None or picture is None:
            return None if self._is_file else self._failed(timeout)
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
        time = self._grab(timeout) if self._lost_at is None else None
        if time is None:
            self._wait(min(timeout, 0.01))
            return 0
        self._count(time)
        return 1

    def _grab(self, timeout: float) -> float | None:
        """Take the next picture; return its time, None if there is none."""
        if isinstance(self._camera, FileCamera):
            return self._camera.grab(timeout)
        return self._clock() if self._camera is not None and self._camera.grab() else None

    def _retrieve(self) -> Array | None:
        assert self._camera is not None
        ok, picture = self._camera.retrieve()
        return picture if ok else None

    def _count(self, time: float) -> None:
        """Give the frame its number; frames that the driver lost are counted by the time that has passed.

        A video file loses none, however its rate varies.
        """
        if not math.isnan(self._last):
            step = time - self._last
            self._steps.append(step)
            lost = round(step / max(float(np.median(self._steps)), 1 / _MAX_FPS)) - 1
            self._index += 1 + (0 if self._is_file else max(0, lost))
        self._last = time

    def _failed(self, timeout: float) -> Notice | None:
        self._failures += 1
        if self._failures < _FAILURES:
            self._wait(min(timeout, 0.02))
            return None
        assert self._camera is not None
        self._camera.release()
        self._camera = None
        self._lost_at = self._tried_at = self._clock()
        text = f"The camera {self._config.camera} gives no pictures. Plug it in again; it is looked for."
        return Notice(self.infos[0].key, self._lost_at, "lost", text)

    def _find_again(self, timeout: float) -> Notice | None:
        assert self._lost_at is not None
        if self._clock() - self._tried_at < _RETRY:
            self._wait(min(timeout, _RETRY))
            return None
        self._tried_at = self._clock()
        camera = self._opened()
        if camera is None:
            return None
        if not camera.grab():
            camera.release()  # one that is kept open is busy for the next try
            return None
        self._camera = camera
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

    def _file(self) -> FileCamera:
        try:
            return FileCamera(Path(self._config.camera), self._clock, self._wait)
        except FileFormatError as error:
            raise CameraError(f"face.camera: {error}") from error

    def _first_picture(self, camera: Camera | FileCamera) -> Array:
        if isinstance(camera, FileCamera):
            return camera.peek()
        for _ in range(20):
            if camera.grab() and (found := camera.retrieve())[0]:
                picture: Array = found[1]
                return picture
        raise CameraError(f"Camera {self._config.camera} opens but gives no picture. Unplug it and plug it in again.")

    def _true_fps(self, camera: Camera | FileCamera) -> float:
        """Return the rate that the camera says it gives, which need not be the one it was asked for."""
        told = camera.fps if isinstance(camera, FileCamera) else camera.get(cv2.CAP_PROP_FPS)
        return next(fps for fps in (told, self._config.fps, 30.0) if 1.0 <= fps <= _MAX_FPS)

    def _to_rgb(self, picture: Array) -> Array:
        width, height = self._size
        tall, wide = picture.shape[:2]
        if (wide // 2 * 2, tall // 2 * 2) != self._size:  # it came back with other settings
            scale = max(width / wide, height / tall)
            picture = cv2.resize(picture, (max(width, round(wide * scale)), max(height, round(tall * scale))))
        picture = picture[:height, :width]
        return picture if self._is_file else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def list_cameras() -> list[str]:
    """Return the cameras that there are, ``number: name``; their numbers alone where names can only be guessed."""
    if sys.platform.startswith("linux"):
        return _video_devices(Path("/sys/class/video4linux"))
    if cameras_are_listed_at_no_cost():
        return _enumerated()
    numbers = []
    for number in range(4):
        camera = _open_quietly(number)
        if camera.isOpened():
            numbers.append(str(number))
        camera.release()
    return numbers


def cameras_are_listed_at_no_cost() -> bool:
    """Return whether `list_cameras` opens none of them."""
    return sys.platform.startswith("linux") or find_spec("cv2_enumerate_cameras") is not None


def _enumerated() -> list[str]:
    """Return the cameras as Windows and macOS name them, by numbers that tell OpenCV how each is to be opened.

    Opening one number after the other takes seconds there, and lights the cameras' lamps.
    """
    from cv2_enumerate_cameras import enumerate_cameras, supported_backends

    return [f"{each.backend + each.index}: {plain(each.name)}" for each in enumerate_cameras(supported_backends[0])]


def _open_quietly(number: int) -> Camera:
    """Return the camera without OpenCV's warnings: that it is not there is told by Insula, and once."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        camera: Camera = cv2.VideoCapture(number)
        return camera
    finally:
        cv2.utils.logging.setLogLevel(level)


def _video_devices(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("video[0-9]*"), key=lambda path: int(path.name[5:])):
        # A webcam's second device gives metadata, not pictures; one that is being unplugged has no files any more.
        with contextlib.suppress(OSError):
            if (path / "index").read_text(encoding="utf-8").strip() == "0":
                found.append(f"{path.name[5:]}: {(path / 'name').read_text(encoding='utf-8').strip()}")
    return found
