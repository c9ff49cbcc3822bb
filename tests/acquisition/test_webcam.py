from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acquisition.webcam import WebcamSource, list_cameras
from core.config import FaceConfig
from core.data import Chunk, Notice
from core.errors import CameraError, EndOfStream
from tests.core.recording.test_video import SIZE, picture, record

CONFIG = FaceConfig(camera="0", width_px=SIZE[0], height_px=SIZE[1], fps=30.0)


class Clock:
    """Time that goes on only when somebody waits, or a frame is taken."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += max(seconds, 1e-3)


class Camera:
    """A camera that gives pictures while it is plugged in."""

    def __init__(self, clock: Clock, plug: dict[str, Any]) -> None:
        self._clock = clock
        self._plug = plug

    def isOpened(self) -> bool:  # noqa: N802
        return bool(self._plug["in"])

    def set(self, prop: int, value: float) -> bool:
        return True

    def get(self, prop: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self._clock.now += self._plug.get("interval", 1 / 30)
        return bool(self._plug["in"])

    def retrieve(self) -> tuple[bool, Any]:
        return True, picture(0)[:, :, ::-1].copy()  # BGR, as OpenCV gives it

    def release(self) -> None:
        pass


def source(plug: dict[str, Any], clock: Clock) -> WebcamSource:
    return WebcamSource(CONFIG, "P001", 23, clock, clock.wait, lambda number: Camera(clock, plug))


def test_each_frame_has_its_time_its_packet_and_what_the_packet_holds():
    clock = Clock()
    with source({"in": True}, clock) as camera:
        (info,) = camera.infos
        assert (info.kind, info.type, info.width_px, info.height_px) == ("video", "videostream", *SIZE)
        first, second = camera.read(0.1), camera.read(0.1)
    assert isinstance(first, Chunk)
    assert isinstance(second, Chunk)
    assert second.timestamps[0] == clock.now
    assert second.frame_index == first.frame_index + 1
    assert len(first.packets) == 1
    assert first.data.shape == (1, SIZE[1], SIZE[0], 3)
    assert np.abs(first.data[0].astype(int) - picture(0)).mean() < 12  # RGB, not BGR


def test_frames_that_the_driver_lost_are_counted():
    clock, plug = Clock(), {"in": True}
    with source(plug, clock) as camera:
        first = camera.read(0.1)
        plug["interval"] = 5 / 30
        late = camera.read(0.1)
    assert isinstance(first, Chunk)
    assert isinstance(late, Chunk)
    assert late.frame_index == first.frame_index + 5


def test_frames_are_forgotten_before_they_are_coded():
    clock = Clock()
    with source({"in": True}, clock) as camera:
        first = camera.read(0.1)
        assert camera.skip(0.1) == 1
        last = camera.read(0.1)
    assert isinstance(first, Chunk)
    assert isinstance(last, Chunk)
    assert last.frame_index == first.frame_index + 2


def test_unplugged_and_plugged_in_again():
    clock, plug = Clock(), {"in": True}
    with source(plug, clock) as camera:
        camera.read(0.1)
        plug["in"] = False
        lost = [item for _ in range(10) if (item := camera.read(0.1)) is not None]
        assert camera.skip(0.1) == 0
        plug["in"] = True
        back: list[Any] = []
        while not back or not isinstance(back[-1], Chunk):
            if (item := camera.read(0.1)) is not None:
                back.append(item)
    assert [item.kind for item in lost if isinstance(item, Notice)] == ["lost"]
    assert "Plug it in" in lost[0].text  # type: ignore[union-attr]
    assert isinstance(back[0], Notice)
    assert back[0].kind == "back"


def test_a_camera_that_is_not_there_is_told_with_what_to_do():
    with pytest.raises(CameraError, match=r"face\.camera"), source({"in": False}, Clock()):
        pass


def test_a_video_file_stands_in_for_a_camera_at_its_own_pace(tmp_path: Path):
    times, seen = record(tmp_path / "v.mkv", n=20)
    clock = Clock()
    config = FaceConfig(camera=str(tmp_path / "v.mkv"))
    with WebcamSource(config, "P001", 23, clock, clock.wait) as camera:
        began = clock.now
        chunks = [camera.read(0.1) for _ in seen]
        with pytest.raises(EndOfStream):
            camera.read(0.1)
    assert len(chunks) == len(seen)
    stamps = [chunk.timestamps[0] - began for chunk in chunks if isinstance(chunk, Chunk)]
    np.testing.assert_allclose(stamps, np.array(times) - times[0], atol=5e-3)


def test_a_file_that_is_no_video_is_told(tmp_path: Path):
    (tmp_path / "v.mkv").write_text("no video")
    with (
        pytest.raises(CameraError, match=r"face\.camera"),
        WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P"),
    ):
        pass


def test_cameras_are_listed_without_opening_them():
    assert isinstance(list_cameras(), list)
