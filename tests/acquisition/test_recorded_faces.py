"""What was read of a face live is given again in its place, unless it would be read otherwise today."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acquisition.replay import Paced, open_recording
from acquisition.source import items
from acquisition.xdf_neutral import RunningBefore
from app.session.recording_files import RecordingFiles
from core.config import Config, FaceConfig, RecordConfig
from core.data import Channel, Chunk, FaceObservation, Item, NeutralFace, Notice, Pace, RunningNeutral, StreamInfo
from core.face_grid import FaceGrid
from core.face_neutral import RunningEstimate
from core.face_reading import reading_of
from core.recording.face_stream import FACE, FaceRows, face_info
from core.recording.outputs import EVENTS_NAME, running_from_text
from core.recording.session import Session
from core.recording.stream_header import from_xml
from core.recording.video import VideoCoder
from core.recording.xdf_reader import Header, Samples, read_xdf
from tests.core.recording.test_face_stream import bits, face
from tests.core.recording.test_video import SIZE, picture

CONFIG = Config()
EEG = StreamInfo("amp", "eeg", "P001", "amp", sfreq=100.0, channels=(Channel("Fp1", "Fp1"),))
CAMERA = StreamInfo(
    "cam", "video", "P001", "cam", "videostream", 10.0, width_px=SIZE[0], height_px=SIZE[1],
    face_reading=reading_of(CONFIG.face),
)  # fmt: skip
N = 30


def given() -> list[Item]:
    """Three seconds, the faces some items behind their frames, as from a thread of their own."""
    coder = VideoCoder(*SIZE)
    out: list[Item] = []
    for k in range(N):
        packet, decoded = coder.code(picture(k), 0.1 * k)
        out.append(Chunk("cam", np.array([0.1 * k]), decoded[None], packets=(packet,), frame_index=k))
        out.append(Chunk("amp", 0.1 * k + np.arange(10) / 100, np.full((10, 1), k, np.float32)))
        if k % 2:
            out.append(replace(face(k), time=0.1 * (k - 1)))
        if k == 20:
            out += [Pace(2.0, 1), Notice("amp", 2.0, "lost", "gone")]
    return out


def record(
    tmp_path: Path, given: Sequence[Item], camera: StreamInfo = CAMERA, video: bool = True, flush_every: int = 1000
) -> Session:
    session = Session.create(RecordConfig(study=str(tmp_path)))
    files = RecordingFiles(session, [EEG, camera], ["P001"], ("a", "b"), "2026-11-29T10:00:00+00:00", video)
    for number, item in enumerate(given, start=1):
        files.write(item, False)
        if number % flush_every == 0:
            files.flush()
    files.close()
    session.describe({})
    return session


def read(session: Session, config: Config = CONFIG, pictures: bool = True) -> tuple[tuple[StreamInfo, ...], list[Item]]:
    with open_recording(session.xdf, config, pictures=pictures) as source:
        return source.infos, list(items(source))


def key(item: Item) -> object:
    if isinstance(item, Chunk):
        return item.stream, item.times.tolist(), item.data.tobytes(), item.data.shape, item.frame_index
    return tuple(bits(item).items()) if isinstance(item, FaceObservation) else item


def bare(items: Sequence[Item]) -> list[object]:
    return [key(item.bare() if isinstance(item, Chunk) and item.stream == "cam" else item) for item in items]


def faces(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if isinstance(item, FaceObservation)]


def told(items: Sequence[Item]) -> str:
    return " ".join(item.text for item in items if isinstance(item, Notice) and np.isnan(item.time))


def test_faces_come_again_in_their_place_among_all_items(tmp_path: Path):
    infos, again = read(record(tmp_path, given()))
    assert [key(item) for item in again] == [key(item) for item in given()]
    assert {info.key: info.face_reading for info in infos} == {"amp": "", "cam": CAMERA.face_reading}


def test_pictures_that_nobody_needs_are_not_read(tmp_path: Path):
    _, again = read(record(tmp_path, given()), pictures=False)
    assert [key(item) for item in again] == bare(given())


@pytest.mark.parametrize("kept", [False, True])
def test_without_a_video_the_face_is_as_it_was_read(tmp_path: Path, kept: bool):
    session = record(tmp_path, given(), video=kept)
    if kept:
        session.video.unlink()
    _, again = read(session)
    assert ("is not there" in told(again)) == kept  # that no picture was to be kept is no news
    assert bare(again)[kept:] == bare(given())


def test_where_the_video_ends_early_the_face_goes_on(tmp_path: Path):
    session = record(tmp_path, given())
    session.video.write_bytes(session.video.read_bytes()[: session.video.stat().st_size * 6 // 10])
    _, again = read(session)
    (end,) = (item for item in again if isinstance(item, Notice) and "video ends" in item.text)
    rest = [item for item in again if item is not end]
    assert bare(rest) == bare(given())
    pixels = [item.data.size > 0 for item in rest if isinstance(item, Chunk) and item.stream == "cam"]
    assert pixels == sorted(pixels, reverse=True)
    assert 0 < sum(pixels) < N


def test_what_other_models_or_settings_read_is_left_and_the_pictures_are_given(tmp_path: Path):
    other = replace(CONFIG, face=FaceConfig(min_size_px=61))
    for config, camera in ((other, CAMERA), (CONFIG, replace(CAMERA, face_reading="of long ago"))):
        infos, again = read(record(tmp_path, given(), camera), config, pictures=False)
        assert not faces(again)
        assert [info.face_reading for info in infos] == ["", ""]
        assert "Other models or settings" in told(again)
        frames = [item for item in again if isinstance(item, Chunk) and item.stream == "cam"]
        assert len(frames) == N
        grid, shape = FaceGrid(config.face.rate), (1, SIZE[1], SIZE[0], 3)
        looked_at = [grid.takes(float(frame.times[0])) for frame in frames]
        assert [frame.data.shape == shape for frame in frames] == looked_at
        assert [frame.is_bare for frame in frames] == [not one for one in looked_at]
        assert 0 < sum(looked_at) < N
        _, whole = read(record(tmp_path / "whole", given(), camera), config)
        pictures = [item.data for item in whole if isinstance(item, Chunk) and item.stream == "cam"]
        for frame, shown, one in zip(frames, pictures, looked_at, strict=True):
            assert shown.shape == shape
            assert not one or np.array_equal(frame.data, shown)


def test_what_others_read_and_no_picture_was_kept_of_is_lost_and_that_is_told(tmp_path: Path):
    session = record(tmp_path, given(), replace(CAMERA, face_reading="of long ago"), video=False)
    infos, again = read(session)
    assert [info.key for info in infos] == ["amp"]
    assert not faces(again)
    assert "replaying without the face" in told(again)


def test_after_a_seek_come_the_faces_of_the_frames_that_come(tmp_path: Path):
    session = record(tmp_path, given())
    with open_recording(session.xdf, CONFIG) as source:
        source.seek(1.0, 1.6)
        again = list(items(source))
    assert [face.time for face in faces(again)] == [f.time for f in faces(given()) if f.time >= 1.6]  # type: ignore[union-attr]


def test_after_a_seek_no_frame_is_awaited_of_which_nothing_was_read(tmp_path: Path):
    """The first frame that comes is the first of its cell, as it was when faces were looked for."""
    out: list[Item] = []
    grid = FaceGrid(CONFIG.face.rate)
    for k in range(300):
        out.append(Chunk("cam", np.array([k / 30]), np.empty((1, 0, 0, 3), np.uint8), frame_index=k))
        out.append(Chunk("amp", (k + np.arange(3) / 3) / 30, np.full((3, 1), k, np.float32)))
        if grid.takes(k / 30):
            out.append(replace(face(k), time=k / 30))
    session = record(tmp_path, out, video=False)
    for place in np.arange(5.0, 9.0, 0.07):
        with Paced(open_recording(session.xdf, CONFIG), 1.0) as paced:
            paced.seek(float(place))
            found: list[Item] = []
            while len(found) < 200 and (item := paced.read(0.0)) is not None:
                found.append(item)
        first = next(item for item in found if isinstance(item, Chunk) and item.stream == "cam")
        start = np.ceil(place / 0.25) * 0.25 - 2.0
        assert start - 1e-9 <= first.times[0] == faces(found)[0].time <= start + 1 / 30  # type: ignore[union-attr]


def test_on_the_way_to_a_moment_no_picture_is_read_of_a_face_that_is_known(tmp_path: Path):
    session = record(tmp_path, given())
    with open_recording(session.xdf, CONFIG) as source:
        source.seek(0.0, 0.4, 2.0)
        again = list(items(source))
    wanted = [item for item in given() if isinstance(item, Chunk) and item.stream == "cam" and item.times[0] > 0.39]
    shown = [key(item if item.times[0] >= 1.49 else item.bare()) for item in wanted]
    assert [key(item) for item in again if isinstance(item, Chunk) and item.stream == "cam"] == shown


def neutral(start: float, stop: float, value: float = 0.0, kept_from: str = "") -> NeutralFace:
    n_frames = 20 if value else 0
    return NeutralFace(
        "P001", start, stop, (value,) * 52 * bool(value), (value,) * 7 * bool(value), n_frames, kept_from
    )


def with_neutral(tmp_path: Path, camera: StreamInfo = CAMERA) -> Session:
    """Record one that was kept, one that was asked for from 0.4 to 1.2 s, and another from 1.9 to 2.5 s."""
    session = Session.create(RecordConfig(study=str(tmp_path)))
    files = RecordingFiles(session, [EEG, camera], ["P001"], ("a", "b"), "2026-11-29T10:00:00+00:00", True)
    files.write(neutral(0.0, 0.0, 0.1, "2026-11-28"), False)
    for item in given():
        files.write(item, False)
        files.flush()
        for start, stop, value in ((0.4, 1.2, 0.2), (1.9, 2.5, 0.3)):
            if isinstance(item, Chunk) and item.stream == "amp" and abs(item.times[0] - stop) < 0.01:
                files.write(neutral(start, stop), False)
                files.write(neutral(start, stop, value), True)
    files.close()
    session.describe({})
    return session


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (-60.0, [(0.0, 0.1), (0.4,), (1.9,)]),  # from the beginning on it is as it came
        (1.8, [(0.0, 0.1), (0.4, 0.2), (1.9,)]),  # the word that it was asked for comes again: the pictures do not
        (1.85, [(0.4, 0.2), (1.9,)]),
        (2.2, [(0.4, 0.2), (1.9, 0.3)]),  # of one whose pictures were gone past, what was read of them
        (60.0, [(1.9, 0.3)]),
    ],
)
def test_after_a_seek_comes_the_neutral_face_that_was_known_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: float, expected: list[tuple[float, ...]]
):
    monkeypatch.setattr("core.recording.xdf_reader._NEAR", 64)  # places are found as they are in a long recording
    assert neutrals(with_neutral(tmp_path), place) == expected


def test_after_a_seek_what_others_read_of_the_neutral_face_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.recording.xdf_reader._NEAR", 64)
    session = with_neutral(tmp_path, replace(CAMERA, face_reading="of long ago"))
    assert neutrals(session, 1.85) == [(0.0, 0.1), (1.9,)]


def anew(session: Session, place: float, config: Config = CONFIG) -> list[Item]:
    """Return what is told of the running estimate after going to a place, and where it stands."""
    with open_recording(session.xdf, config) as source:
        source.seek(place, place)
        return [
            item
            for item in items(source)
            if isinstance(item, RunningNeutral) or (isinstance(item, Notice) and "begins anew" in item.text)
        ]


@pytest.mark.parametrize("told_every", [0.3, 0.8, np.inf])
def test_after_a_seek_the_running_estimate_is_that_of_the_faces_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told_every: float
):
    monkeypatch.setattr("core.recording.xdf_reader._NEAR", 64)
    monkeypatch.setattr("app.session.recording_files._RUNNING_EVERY_S", told_every)
    monkeypatch.setattr("acquisition.xdf_neutral._KEPT_EVERY_S", 0.3)
    session = record(tmp_path, given(), flush_every=4)
    with open_recording(session.xdf, CONFIG) as source:  # where it stood at an earlier place is gone on from
        for place in (1.4, 1.8):
            source.seek(place, place)
            (found,) = (item for item in items(source) if isinstance(item, RunningNeutral))
    expected = RunningEstimate()
    for item in given():
        if isinstance(item, FaceObservation) and item.time < 1.8:
            expected.follow(item)
    assert isinstance(found, RunningNeutral)
    state = expected.state("P001")
    assert (found.seconds, found.time, len(found.lately)) == (state.seconds, state.time, len(state.lately))
    assert np.array_equal(found.values, state.values)
    assert [face.time for face in found.lately] == [face.time for face in state.lately]
    assert not any(isinstance(item, RunningNeutral) for item in anew(with_neutral(tmp_path / "own"), 1.85))


def test_each_minute_of_faces_tells_where_the_estimate_stands(tmp_path: Path):
    seen = [replace(face(k), time=100.0 + 0.5 * k) for k in range(300)]
    session = record(tmp_path, seen)
    texts = [str(row[0]) for part in read_xdf(session.xdf) if isinstance(part, Samples) for row in part.data
             if part.data.dtype == object]  # fmt: skip
    told = [one for text in texts if (one := running_from_text(text)) is not None]
    assert [one.stamp for one in told] == [160.0, 220.0]
    expected = RunningEstimate()
    for observation in seen[:121]:
        expected.follow(observation)
    state = expected.state("P001")
    assert state.values is not None
    assert (told[0].values, told[0].seconds) == (tuple(state.values.tolist()), state.seconds)


def test_a_told_estimate_is_gone_on_from_without_the_faces_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.recording.xdf_reader._NEAR", 64)
    monkeypatch.setattr("app.session.recording_files._RUNNING_EVERY_S", 0.5)
    session, followed = record(tmp_path, given(), flush_every=4), []
    plain = RunningEstimate.follow

    def follow(self: RunningEstimate, face: FaceObservation) -> None:
        followed.append(face.time)
        plain(self, face)

    monkeypatch.setattr(RunningEstimate, "follow", follow)
    (there,) = (item for item in anew(session, 1.8) if isinstance(item, RunningNeutral))
    assert 0 < len(followed) < 5
    assert min(followed) > 1.2
    # Of another estimate than today's, or of somebody else, nothing is gone on from.
    followed.clear()
    monkeypatch.setattr("acquisition.xdf_neutral.RUNNING_CODE", 2)
    (other,) = (item for item in anew(session, 1.8) if isinstance(item, RunningNeutral))
    assert min(followed) == min(item.time for item in given() if isinstance(item, FaceObservation))
    assert np.array_equal(there.values, other.values)
    assert there.seconds == other.seconds


def test_where_the_estimate_stood_later_is_not_gone_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also where that stands before the faces that it is asked of, as where stamps went back."""
    monkeypatch.setattr("app.session.recording_files._RUNNING_EVERY_S", 10.0)
    seen = [replace(face(k), time=100.0 + 0.5 * k) for k in range(100)]
    session = record(tmp_path, seen, flush_every=4)
    headers = {part.number: part for part in read_xdf(session.xdf) if isinstance(part, Header)}
    known = {number: from_xml(header.xml, header.n_chans) for number, header in headers.items()}
    (number,) = (number for number, info in known.items() if info is not None and info.type == FACE)
    (events,) = (number for number, info in known.items() if info is not None and info.name == EVENTS_NAME)
    before = RunningBefore(session.xdf, headers, number, events, FaceRows(face_info(CAMERA)))
    for time in (104.2, 117.0, 149.0):
        expected = RunningEstimate()
        for one in seen:
            if one.time < time:
                expected.follow(one)
        found, state = before.at(time, session.xdf.stat().st_size), expected.state("P001")
        assert found.seconds == state.seconds > 0.0
        assert found.values is not None
        assert np.array_equal(found.values, state.values)


def test_where_faces_are_read_anew_it_is_told_that_the_estimate_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.recording.xdf_reader._NEAR", 64)
    session = record(tmp_path, given(), replace(CAMERA, face_reading="of long ago"))
    (told,) = anew(session, 1.8)
    assert isinstance(told, Notice)
    assert (told.stream, told.kind) == ("cam", "info")
    assert "P001" in told.text
    assert anew(session, -60.0) == []  # at the beginning there was nothing to know


def neutrals(session: Session, place: float) -> list[tuple[float, ...]]:
    """Return start, and the value if there is one, of each neutral face that comes after going to a place."""
    with open_recording(session.xdf, CONFIG) as source:
        source.seek(place - 0.5, place)
        again = [item for item in items(source) if isinstance(item, NeutralFace)]
    return [(face.start, *face.blendshapes[:1]) for face in again]
