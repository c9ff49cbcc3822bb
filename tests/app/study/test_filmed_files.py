"""A video beside the EEG: what its face shows lies at the EEG's second, is looked at once, and reaches the windows."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import mne
import numpy as np
import pytest

from app.session.face_threads import FaceThreads
from app.study import kept_faces, labelled_data
from app.study.filmed_files import FilmedFile, cut_files
from app.study.kept_faces import Film, Looker
from app.study.kept_windows import keep_windows, kept_windows
from app.study.labelled_data import read_labelled
from core.assets import asset_path
from core.config import Config
from core.data import Chunk, StreamInfo, Window
from core.errors import TableError
from core.faces import FaceStage
from core.models.face import FaceReader
from core.recording import film as film_module
from core.recording.film import FilmReader
from tests.app.study.test_labelled_data import write

HEAD = "participant\tfile\tstart\tstop\tlabel\tvideo\tvideo_offset\tvideo_fps\n"


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    photo = cv2.imread(str(asset_path("simulated/astronaut.png")))
    return cv2.cvtColor(cv2.resize(photo, (256, 256)), cv2.COLOR_BGR2RGB)


def film(path: Path, show: Callable[[float], np.ndarray], seconds: float, fps: int = 8, first: int = 0) -> Path:
    """Write a video whose frame at each time shows what `show` gives; its first one is number `first` of the file."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.width = stream.height = 256
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, fps)
        for k in range(round(seconds * fps)):
            frame: Any = av.VideoFrame.from_ndarray(show(k / fps), format="rgb24")
            frame.pts = first + k
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, picture: np.ndarray) -> Path:
    """EEG of 14 s, and a film in which a face comes at second 5 and goes at second 9."""
    folder = tmp_path_factory.mktemp("filmed")
    write(folder / "a_raw.fif", 14.0)
    write(folder / "b_raw.fif", 10.0, seed=1)
    film(folder / "f.mp4", lambda time: picture if 5 <= time < 9 else np.zeros_like(picture), 12.0)
    return folder


def seen(folder: Path, offset: float, fps: float = 0.0) -> list[float]:
    faces = Looker(Config().face).faces("P", [Film(folder / "f.mp4", offset, fps)], 14.0, lambda _: None)
    return [face.time for face in faces if not face.problem]


def test_a_face_that_comes_at_a_known_second_lies_at_the_second_of_the_eeg(folder: Path):
    times = seen(folder, offset=2.0)
    assert times[0] == pytest.approx(3.0)
    assert times[-1] == pytest.approx(6.875)
    np.testing.assert_allclose(np.diff(times), 0.125)
    later = seen(folder, offset=-1.5)
    assert (later[0], later[-1]) == pytest.approx((6.5, 10.375)), "the video begins after the EEG"


def test_a_rate_that_is_told_goes_before_the_times_of_the_file(folder: Path):
    times = seen(folder, offset=0.0, fps=16.0)
    assert times[0] == pytest.approx(2.5), "frame 40 of 16 a second"
    assert times[-1] < 4.5


def test_only_pictures_on_the_grid_are_made_and_all_give_what_a_stage_sees_of_them_one_by_one(
    tmp_path: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    path = film(tmp_path / "f.mp4", lambda time: picture if time > 0.5 else np.zeros_like(picture), 3.0, fps=30)
    config, info = Config().face, StreamInfo(key="video", kind="video", participant="P", name="f")
    stage, expected = FaceStage(info, config, FaceReader()), []
    with FilmReader(path) as video:
        while (frame := video.read()) is not None:
            if 0.0 <= (time := frame[0] - 0.3) < 2.5:
                expected += stage.push(Chunk("video", np.array([time]), frame[1][None]))
    made: list[object] = []
    upright = film_module._upright
    monkeypatch.setattr(film_module, "_upright", lambda frame: made.append(frame) or upright(frame))
    faces = list(Looker(config).faces("P", [Film(path, 0.3)], 2.5, lambda _: None))
    assert len(made) == len(faces) == 20
    assert [repr(face) for face in faces] == [repr(face) for face in expected]
    assert sum(face.embedding is not None for face in faces) == 18


def test_of_a_film_of_hours_only_some_pictures_wait_to_be_read(
    tmp_path: Path, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
):
    waiting: list[int] = [0]

    class Counted(FaceThreads):
        def submit(self, network: Any, do: Callable[[], Any]) -> Callable[[], Any]:
            result = super().submit(network, do)
            waiting.append(waiting[-1] + 1)
            return lambda: (waiting.append(waiting[-1] - 1), result())[1]

    monkeypatch.setattr(kept_faces, "FaceThreads", Counted)
    path = film(tmp_path / "f.mp4", lambda _: picture, 4.0)
    faces = list(Looker(Config().face).faces("P", [Film(path)], 4.0, lambda _: None))
    assert sum(face.embedding is not None for face in faces) == 32
    assert max(waiting) == 2 * (kept_faces._AHEAD + 1)
    assert waiting[-1] == 0


@pytest.mark.parametrize(("name", "first"), [("f.avi", 0), ("late.mp4", 8), ("late.ts", 8)])
def test_a_film_begins_with_its_first_picture_and_shows_them_in_order_whatever_numbers_stand_in_the_file(
    folder: Path, picture: np.ndarray, name: str, first: int
):
    """An AVI knows no times, and pictures that are coded in another order are numbered by that."""
    path = film(folder / name, lambda time: picture if 5 <= time < 9 else np.zeros_like(picture), 12.0, first=first)
    faces = list(Looker(Config().face).faces("P", [Film(path, 2.0)], 14.0, lambda _: None))
    assert [face.time for face in faces] == pytest.approx(np.arange(0.0, 10.0, 0.125))
    times = [face.time for face in faces if not face.problem]
    assert (times[0], times[-1]) == pytest.approx((3.0, 6.875))


def test_pictures_that_cannot_be_decoded_and_a_film_that_ends_too_soon_are_told(tmp_path: Path, picture: np.ndarray):
    path = film(tmp_path / "f.avi", lambda time: np.roll(picture, round(80 * time), axis=1), 12.0)
    with av.open(str(path)) as whole, av.open(str(tmp_path / "cut.avi"), "w") as container:
        stream = container.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(whole.streams.video[0]):
            if packet.size and packet.dts:
                packet.pts = packet.dts = packet.dts - 1
                packet.stream = stream
                container.mux(packet)
    told: list[str] = []
    faces = list(Looker(Config().face).faces("P", [Film(tmp_path / "cut.avi")], 14.0, told.append))
    assert not faces, "all pictures build on the first, which is gone"
    assert "no picture that can be decoded" in told[-1]

    told.clear()
    content = path.read_bytes()
    (tmp_path / "short.avi").write_bytes(content[: len(content) * 3 // 4])
    faces = list(Looker(Config().face).faces("P", [Film(tmp_path / "short.avi")], 14.0, told.append))
    assert 2.0 < faces[-1].time < 11.0
    assert f"ends after {faces[-1].time:.1f} s and should have 12.0" in told[-1]


def test_two_videos_of_one_file_follow_each_other(folder: Path):
    films = [Film(folder / "f.mp4", -6.0), Film(folder / "f.mp4", 4.0)]
    faces = [face for face in Looker(Config().face).faces("P", films, 14.0, lambda _: None) if not face.problem]
    times = [face.time for face in faces]
    assert times == sorted(times)
    assert times[0] == pytest.approx(1.0)
    assert any(11.0 <= time < 14.0 for time in times)


def test_faces_reach_the_windows_of_their_seconds_also_in_a_second_file(folder: Path):
    files = [FilmedFile(folder / "a_raw.fif", (Film(folder / "f.mp4", 2.0),)), FilmedFile(folder / "b_raw.fif")]
    placed = list(cut_files("P", files, Config(), looker=Looker(Config().face)))
    by_file = {k: [(began, window) for number, began, window in placed if number == k] for k in (0, 1)}
    assert {began for began, _ in by_file[0]} == {0.0}
    assert {began for began, _ in by_file[1]} == {19.0}, "14 s, five seconds, and the next whole second"
    with_face = [window for _, window in by_file[0] if not window.face_problem]
    assert min(window.stop for window in with_face) >= 4.0
    assert max(window.start for window in with_face) <= 6.0
    inside = [window for _, window in by_file[0] if window.start == 4.0]
    assert len(inside[0].faces) == 16
    assert inside[0].eeg is not None
    assert {window.face_problem for _, window in by_file[1]} == {"missing"}
    assert max(window.stop for _, window in by_file[0]) == pytest.approx(14.0), "the end waits for no picture"


def test_windows_are_kept_whole(folder: Path, tmp_path: Path):
    files = [FilmedFile(folder / "a_raw.fif", (Film(folder / "f.mp4", 2.0),))]
    placed = list(cut_files("P", files, Config(), looker=Looker(Config().face)))
    keep_windows(tmp_path / "w.npz", placed)
    kept = kept_windows(tmp_path / "w.npz")
    assert kept is not None
    again = kept.placed
    assert kept.n_windows == len(placed)
    assert len(again) == len(placed) > 20
    for (number, began, one), (other_number, other_began, other) in zip(placed, again, strict=True):
        assert (number, began) == (other_number, other_began)
        same(one, other)
    (tmp_path / "w.npz").write_bytes(b"PK")
    assert kept_windows(tmp_path / "w.npz") is None


def same(one: Window, other: Window) -> None:
    plain = ("participant", "start", "stop", "ch_names", "eeg_problem", "face_problem", "bad_channels", "simulated")
    assert [getattr(one, name) for name in plain] == [getattr(other, name) for name in plain]
    np.testing.assert_array_equal(one.eeg, other.eeg)
    np.testing.assert_array_equal(one.eeg_mask, other.eeg_mask)
    if one.eeg is not None:
        np.testing.assert_array_equal(one.positions, other.positions)
    assert one.eeg_scale == other.eeg_scale
    assert [face.time for face in one.faces] == [face.time for face in other.faces]
    for mine, theirs in zip(one.faces, other.faces, strict=True):
        assert mine.problem == theirs.problem
        np.testing.assert_array_equal(mine.embedding, theirs.embedding)
        np.testing.assert_array_equal(mine.blendshapes, theirs.blendshapes)
    assert (one.neutral is None) == (other.neutral is None)
    if one.neutral is not None and other.neutral is not None:
        np.testing.assert_array_equal(one.neutral.blendshapes, other.neutral.blendshapes)
        assert one.neutral.weight == other.neutral.weight


def table(folder: Path, *rows: str) -> Path:
    (folder / "trials.tsv").write_text(HEAD + "\n".join(rows), encoding="utf-8")
    return folder


ROWS = ("P\ta_raw.fif\t3\t7\tface\tf.mp4\t2\t", "P\ta_raw.fif\t8\t13\tnone\tf.mp4\t2\t")


def test_a_table_with_a_video_teaches_by_the_face_and_looks_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    first = read_labelled(table(folder, *ROWS), Config(), said.append).examples
    assert "P: looking at f.mp4, 50%" in [line[:26] for line in said]
    middle = first.start + 1.0
    assert first.has_face[(middle >= 4) & (middle <= 6)].all()
    assert not first.has_face[middle >= 8].any()
    assert first.has_eeg[(middle >= 4) & (middle <= 13)].all()
    monkeypatch.setattr(kept_faces, "FaceReader", None)
    again = read_labelled(folder, Config(), said.append).examples
    np.testing.assert_array_equal(first.embeddings, again.embeddings)
    np.testing.assert_array_equal(first.scale, again.scale)
    for path in (folder / "derivatives" / "insula").glob("*_windows-*"):
        assert path.name.startswith("sub-P_")
        path.unlink()
    from_faces = read_labelled(folder, Config(), said.append).examples
    np.testing.assert_array_equal(first.embeddings, from_faces.embeddings)
    assert labelled_data.TABLE == "trials.tsv"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("P\ta_raw.fif\t8\t13\tnone\tno.mp4\t2\t", "line 3: there is no video"),
        ("P\ta_raw.fif\t8\t13\tnone\tf.mp4\t2\t30", "line 3: f.mp4 has a video_fps of 30"),
        ("P\ta_raw.fif\t8\t13\tnone\tf.mp4\tsoon\t", "line 3: video_offset is 'soon'"),
        ("P\ta_raw.fif\t8\t13\tnone\tf.mp4\t2\t-1", "line 3: video_fps is -1"),
    ],
)
def test_what_is_wrong_with_a_video_is_told_with_its_line(folder: Path, row: str, words: str):
    with pytest.raises(TableError, match=words):
        read_labelled(table(folder, ROWS[0], row), Config(), print)


def test_windows_over_what_is_annotated_as_bad_are_left_out_and_told(tmp_path: Path):
    write(tmp_path / "plain_raw.fif", 20.0)
    raw = mne.io.read_raw_fif(tmp_path / "plain_raw.fif", preload=True, verbose="error")
    texts = ["bad muscle", "BAD boundary", "BAD_one", "good"]
    channels = [(), (), (raw.ch_names[0],), ()]
    raw.set_annotations(mne.Annotations([8.0, 14.0, 3.0, 5.0], [2.0, 0.0, 2.0, 1.0], texts, ch_names=channels))
    raw.save(tmp_path / "bad_raw.fif", verbose="error")
    told: list[str] = []

    def starts(second: str) -> set[float]:
        cut = cut_files("P", [tmp_path / "plain_raw.fif", tmp_path / second], Config(), hear=told.append)
        return {round(window.start - began, 6) for number, began, window in cut if number == 1}

    every = starts("plain_raw.fif")
    over = {start for start in every if start < 10.0 and start + Config().window.length > 8.0}
    assert over
    assert starts("bad_raw.fif") == every - over
    assert told == ["bad_raw.fif: windows over 2.0 s that are annotated as BAD are left out."]


def test_the_same_channels_in_another_order_are_the_same_windows(tmp_path: Path):
    write(tmp_path / "a_raw.fif", 10.0)
    raw = mne.io.read_raw_fif(tmp_path / "a_raw.fif", preload=True, verbose="error")
    raw.reorder_channels(raw.ch_names[::-1]).save(tmp_path / "b_raw.fif", verbose="error")

    def second(name: str) -> list[Window]:
        cut = cut_files("P", [tmp_path / "a_raw.fif", tmp_path / name], Config())
        return [window for number, _, window in cut if number == 1]

    for one, other in zip(second("a_raw.fif"), second("b_raw.fif"), strict=True):
        assert one.ch_names == other.ch_names
        np.testing.assert_array_equal(one.eeg, other.eeg)
