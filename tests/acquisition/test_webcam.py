import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import pytest

from acquisition import webcam
from acquisition.webcam import WebcamSource, list_cameras
from core.config import FaceConfig
from core.data import Chunk, Notice
from core.errors import CameraError, EndOfStream
from core.recording.film import FilmReader
from core.recording.video import VideoCoder, VideoWriter
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
    """A camera that gives pictures while it is plugged in, and counts how many of it are held open."""

    def __init__(self, clock: Clock, plug: dict[str, Any]) -> None:
        self._clock = clock
        self._plug = plug
        self._held = bool(plug["in"])
        plug["held"] = plug.get("held", 0) + self._held
        plug["most"] = max(plug.get("most", 0), plug["held"])

    def isOpened(self) -> bool:  # noqa: N802
        return bool(self._plug["in"])

    def set(self, prop: int, value: float) -> bool:
        return True

    def get(self, prop: int) -> float:
        return float(self._plug.get("fps", 0.0)) if prop == cv2.CAP_PROP_FPS else 0.0

    def grab(self) -> bool:
        self._clock.now += self._plug.get("interval", 1 / 30)
        return bool(self._plug["in"]) and bool(self._plug.get("gives", True))

    def retrieve(self) -> tuple[bool, Any]:
        bgr = picture(0)[:, :, ::-1].copy()  # as OpenCV gives it
        return True, cv2.resize(bgr, self._plug["size"]) if "size" in self._plug else bgr

    def release(self) -> None:
        self._plug["held"] -= self._held
        self._held = False


def source(plug: dict[str, Any], clock: Clock) -> WebcamSource:
    return WebcamSource(CONFIG, "P001", 23, clock, clock.wait, lambda number: Camera(clock, plug))


def test_it_is_opened_when_there_is_time_for_it():
    clock, done = Clock(), []

    def open_camera(number: int) -> Camera:
        done.append("opened")
        return Camera(clock, {"in": True})

    ready = lambda: done.append("ready")  # noqa: E731
    with WebcamSource(CONFIG, "P001", 23, clock, clock.wait, open_camera, ready):
        assert done == ["ready", "opened"]


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
    assert (plug["held"], plug["most"]) == (0, 1)


def test_a_camera_that_is_there_but_gives_nothing_is_never_held_twice():
    clock, plug = Clock(), {"in": True}
    with source(plug, clock) as camera:
        camera.read(0.1)
        plug["gives"] = False
        kinds = [item.kind for _ in range(100) if isinstance(item := camera.read(0.1), Notice)]
    assert kinds == ["lost"]
    assert (plug["held"], plug["most"]) == (0, 1)


def test_looking_for_a_lost_camera_holds_up_nobody():
    clock, plug = Clock(), {"in": True}
    with source(plug, clock) as camera:
        plug["in"] = False
        while not isinstance(camera.read(0.1), Notice):
            pass
        for _ in range(50):
            before = clock.now
            camera.read(0.1)
            assert clock.now - before < 0.11


def test_a_camera_that_gives_no_picture_is_told_and_let_go():
    plug = {"in": True, "gives": False}
    with pytest.raises(CameraError, match="gives no picture"), source(plug, Clock()):
        pass
    assert plug["held"] == 0


def test_a_camera_that_comes_back_larger_shows_the_same_scene():
    clock, plug = Clock(), {"in": True}
    with source(plug, clock) as camera:
        before = camera.read(0.1)
        plug["size"] = (2 * SIZE[0], 2 * SIZE[1])
        after = camera.read(0.1)
    assert isinstance(before, Chunk)
    assert isinstance(after, Chunk)
    assert after.data.shape == before.data.shape
    assert np.abs(after.data.astype(int) - before.data).mean() < 5


def test_a_camera_that_is_slower_than_it_says_loses_no_frames():
    clock, plug = Clock(), {"in": True, "interval": 1 / 15}
    with source(plug, clock) as camera:
        assert camera.infos[0].sfreq == 30.0
        indices = [item.frame_index for _ in range(60) if isinstance(item := camera.read(0.1), Chunk)]
    assert set(np.diff(indices)[20:]) == {1}


def test_the_rate_is_what_the_camera_says():
    with source({"in": True, "fps": 25.0}, Clock()) as camera:
        assert camera.infos[0].sfreq == 25.0
    with source({"in": True, "fps": -1.0}, Clock()) as camera:
        assert camera.infos[0].sfreq == CONFIG.fps


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
    np.testing.assert_allclose(stamps, np.array(times) - times[0], rtol=0, atol=0.51e-3)
    assert clock.now == pytest.approx(began + stamps[-1])


def test_a_picture_of_a_film_is_handed_on_before_the_next_one_is_decoded(tmp_path: Path, monkeypatch: Any):
    record(tmp_path / "v.mkv", n=3)
    clock, decoded, decode = Clock(), [], FilmReader.read
    monkeypatch.setattr(FilmReader, "read", lambda self: decoded.append(clock.now) or decode(self))
    with WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P001", 23, clock, clock.wait) as camera:
        assert [len(decoded) for _ in range(3) if camera.read(0.1) is not None] == [1, 2, 3]


def test_a_video_file_whose_rate_varies_loses_no_frames(tmp_path: Path):
    times = np.concatenate([second + np.arange(n) / n for second, n in enumerate((30, 12) * 4)])
    coder = VideoCoder(*SIZE, fps=30)
    with VideoWriter(tmp_path / "v.mkv", *SIZE, fps=30) as writer:
        for time in times:
            writer.write(coder.code(picture(0), float(time))[0], float(time))
    clock = Clock()
    with WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P001", 23, clock, clock.wait) as camera:
        chunks = [chunk for _ in range(10_000) if isinstance(chunk := _next(camera), Chunk)][: len(times)]
    assert [chunk.frame_index for chunk in chunks] == list(range(len(times)))
    stamps = np.array([chunk.timestamps[0] for chunk in chunks])
    np.testing.assert_allclose(stamps - stamps[0], times, atol=0.51e-3)


def _next(camera: WebcamSource) -> Chunk | Notice | None:
    try:
        return camera.read(0.1)
    except EndOfStream:
        return None


def test_a_hole_in_a_video_file_holds_up_nobody(tmp_path: Path):
    coder = VideoCoder(*SIZE, fps=15)
    with VideoWriter(tmp_path / "v.mkv", *SIZE, fps=15) as writer:
        for time in (0.0, 0.066, 8.0):
            writer.write(coder.code(picture(0), time)[0], time)
    clock = Clock()
    with WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P001", 23, clock, clock.wait) as camera:
        assert camera.infos[0].sfreq == 15.0
        first, second = camera.read(0.1), camera.read(0.1)
        began = clock.now
        assert camera.read(0.1) is None
        assert camera.skip(0.1) == 0
        assert clock.now - began < 0.25
        while (last := camera.read(0.1)) is None:
            pass
    assert isinstance(first, Chunk)
    assert isinstance(second, Chunk)
    assert isinstance(last, Chunk)
    assert second.frame_index == first.frame_index + 1
    assert last.timestamps[0] - first.timestamps[0] == pytest.approx(8.0)


@pytest.mark.parametrize(("codec", "pix_fmt"), [("mpeg4", "yuv420p"), ("mjpeg", "yuvj422p"), ("libx264", "yuv444p")])
def test_a_video_file_from_elsewhere_may_have_any_size_and_colours(tmp_path: Path, codec: str, pix_fmt: str):
    scene: Any = cv2.resize(picture(0), (97, 65))
    with av.open(str(tmp_path / "v.mkv"), "w") as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 97, 65, pix_fmt
        container.mux([*stream.encode(av.VideoFrame.from_ndarray(scene, format="rgb24")), *stream.encode()])
    clock = Clock()
    with WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P001", 23, clock, clock.wait) as camera:
        chunk = camera.read(0.1)
    assert isinstance(chunk, Chunk)
    assert chunk.data.shape == (1, 64, 96, 3)
    assert np.abs(chunk.data[0].astype(int) - scene[:64, :96]).mean() < 12


def test_a_file_that_is_no_video_is_told(tmp_path: Path):
    (tmp_path / "v.mkv").write_text("no video")
    with (
        pytest.raises(CameraError, match=r"face\.camera"),
        WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P"),
    ):
        pass


def test_a_video_file_without_pictures_is_told(tmp_path: Path):
    (tmp_path / "v.mkv").touch()
    with pytest.raises(CameraError, match="no pictures"), WebcamSource(FaceConfig(camera=str(tmp_path / "v.mkv")), "P"):
        pass


def test_cameras_are_listed_without_opening_them():
    assert isinstance(list_cameras(), list)


def test_a_camera_is_listed_by_the_device_that_gives_pictures(tmp_path: Path):
    for number, index, name in ((10, 0, "Logi C920"), (2, 0, "Integrated"), (3, 1, "Integrated")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "index").write_text(f"{index}\n")
        (tmp_path / f"video{number}" / "name").write_text(f"{name}\n")
    (tmp_path / "video4").mkdir()  # just being unplugged
    assert webcam._video_devices(tmp_path) == ["2: Integrated", "10: Logi C920"]


def test_a_camera_that_is_not_there_is_looked_for_without_noise(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(CameraError), WebcamSource(FaceConfig(camera="63"), "P001"):
        pass
    assert capfd.readouterr() == ("", "")


def test_where_cameras_are_named_by_the_system_none_is_opened(monkeypatch: pytest.MonkeyPatch):
    """The library itself is for Windows and macOS: here stands what it gives there."""
    library = ModuleType("cv2_enumerate_cameras")
    library.supported_backends = (cv2.CAP_MSMF, cv2.CAP_DSHOW)  # type: ignore[attr-defined]
    found = [SimpleNamespace(index=k, backend=cv2.CAP_MSMF, name=name) for k, name in enumerate(("HD cam", "OBS\n"))]
    library.enumerate_cameras = lambda backend: [each for each in found if each.backend == backend]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", library)
    monkeypatch.setattr(webcam, "find_spec", lambda _: object())
    monkeypatch.setattr(webcam, "_open_quietly", lambda _: pytest.fail("it was opened"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert list_cameras() == ["1400: HD cam", "1401: OBS\ufffd"]
