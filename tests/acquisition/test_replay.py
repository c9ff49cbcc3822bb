"""Going about in a recording: the same items from any place on, at any pace, without reading it through."""

import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest
import pyxdf

from acquisition import xdf_file
from acquisition.footage import Footage
from acquisition.replay import Paced, open_recording, recorded_events, recorded_predictions
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import items
from app.session.recording_files import RecordingFiles
from core.config import Config, FaceConfig, RecordConfig
from core.data import Chunk, Item, Label, Marker, Notice, Prediction, StreamInfo
from core.errors import EndOfStream
from core.face_grid import FaceGrid
from core.markers import markers_in
from core.recording import xdf_reader
from core.recording.session import Session
from core.recording.video import VideoCoder
from core.recording.xdf_reader import Header, read_xdf
from core.recording.xdf_writer import SAMPLES, XdfWriter
from tests.acquisition.edf_files import eeg, write_edf
from tests.core.active.test_query import SURE

T0, SECONDS, FPS = 1000.0, 30.0, 10.0
SMALL = FaceConfig(width_px=64, height_px=48, fps=FPS)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Half a minute of EEG and face, flushed every second as a live one is; a label in the middle."""
    record = RecordConfig(study=str(tmp_path_factory.mktemp("study")), task="film")
    coder = VideoCoder(SMALL.width_px, SMALL.height_px, FPS)
    sources: list[SimulatedEeg | SimulatedFace] = [
        SimulatedEeg("P001", 7, T0, ("Fp1", "O1"), 100.0, duration=SECONDS, clock=None),
        SimulatedFace("P001", 7, T0, SMALL, coder=coder, duration=SECONDS, clock=None),
    ]
    made = Session.create(record)
    infos = [info for source in sources for info in source.infos[:1]]
    files = RecordingFiles(made, infos, ["P001"], ("happy", "sad"), "2026-11-21T10:00:00+00:00", True)
    chunks = sorted((chunk for source in sources for chunk in _all(source)), key=lambda c: float(c.times[-1]))
    flushed = T0
    for chunk in chunks:
        files.write(chunk, False)
        if chunk.times[-1] > flushed + 1.0:
            flushed = float(chunk.times[-1])
            files.flush()
        if chunk.frame_index == 200:
            files.write(Notice(infos[0].key, T0 + 20.0, "gap", "no samples"), True)
        if chunk.frame_index == 150:
            files.write(Label("l", "s", "P001", T0 + 14.0, T0 + 15.0, T0 + 15.5, label="sad"), False)
    files.close()
    made.describe({"participants": ["P001"]})
    return made


@pytest.fixture(autouse=True)
def _search_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of half a minute is small: search in it as in one of hours."""
    monkeypatch.setattr(xdf_reader, "_NEAR", 256)


def _all(source: object) -> Iterator[Chunk]:
    with source:  # type: ignore[attr-defined]
        while True:
            try:
                item = source.read(0.0)  # type: ignore[attr-defined]
            except EndOfStream:
                return
            if item is not None:
                yield item


def _keys(source: object) -> list[tuple[str, float, int, bytes]]:
    return [
        (item.stream, float(item.timestamps[0]), item.frame_index, item.data.tobytes())
        for item in _all(source)
        if isinstance(item, Chunk)
    ]


class Clock:
    """A clock that only waiting moves on."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("time", [T0 - 100, T0 + 1.0, T0 + 7.3, T0 + 22.05, T0 + 29.95])
def test_from_any_place_on_come_the_same_items_frames_included(session: Session, time: float):
    whole = _keys(open_recording(session.xdf, Config()))
    source = open_recording(session.xdf, Config())
    with source:
        source.seek(time)
        rest = [item for item in _read(source) if isinstance(item, Chunk)]
    keys = [(c.stream, float(c.timestamps[0]), c.frame_index, c.data.tobytes()) for c in rest]
    assert keys == whole[-len(keys) :]
    for stream in {key[0] for key in whole}:
        wanted = [key for key in whole if key[0] == stream and key[1] >= time]
        assert [key for key in keys if key[0] == stream][-len(wanted) or len(keys) :] == wanted
    # What comes before that moment is a second or two, not the whole recording.
    assert rest[0].times[0] > min(time, T0 + SECONDS) - 3.0 or time < T0


def test_a_session_may_be_named_by_its_description_as_the_studys_screen_does(session: Session):
    assert _keys(open_recording(session.json, Config())) == _keys(open_recording(session.xdf, Config()))
    assert list(recorded_events(session.json)) == list(recorded_events(session.xdf))


def test_frames_may_begin_later_than_the_signal(session: Session):
    whole = _keys(open_recording(session.xdf, Config()))
    source = open_recording(session.xdf, Config())
    with source:
        source.seek(T0 + 12.0, T0 + 15.55)
        rest = [item for item in _read(source) if isinstance(item, Chunk)]
    frames = [(c.stream, float(c.timestamps[0]), c.frame_index, c.data.tobytes()) for c in rest if c.data.ndim == 4]
    assert frames == [key for key in whole if key[0] == frames[0][0] and key[1] >= T0 + 15.55]
    assert rest[0].times[0] <= T0 + 12.0


def test_the_pictures_of_a_moment_are_those_that_a_replay_gives(session: Session):
    frames = [key for key in _keys(open_recording(session.xdf, Config())) if "face" in key[0]]
    with Footage(session.xdf, Config()) as footage:
        for start in (T0 + 22.05, T0 + 3.0, T0 + 29.0):
            given = list(footage.frames("P001", start, start + 1.5))
            found = [frame for frame in given if frame is not None]
            wanted = [key for key in frames if start <= key[1] < start + 1.5]
            assert [frame[1].tobytes() for frame in found] == [key[3] for key in wanted]
            np.testing.assert_allclose([frame[0] for frame in found], [key[1] for key in wanted], rtol=0, atol=1e-3)
            assert len(given) - len(found) <= FPS  # from the key frame on, not from the beginning
        assert list(footage.frames("P002", T0, T0 + 1.0)) == []


def test_the_eeg_of_a_moment_is_that_which_a_replay_gives(session: Session):
    eeg = [key for key in _keys(open_recording(session.xdf, Config())) if "face" not in key[0]]
    with Footage(session.xdf, Config()) as footage:
        for start in (T0 + 22.05, T0 + 3.0, T0 + 29.0):
            found = footage.eeg("P001", start, start + 1.5)
            assert found is not None
            info, chunks = found
            assert info.key == eeg[0][0]
            assert chunks[0].times[0] <= start + 1 / info.sfreq
            assert chunks[-1].times[-1] >= min(start + 1.5, T0 + SECONDS) - 2 / info.sfreq
            assert next(key for key in eeg if key[1] == float(chunks[0].timestamps[0]))[3] == chunks[0].data.tobytes()
            times = np.concatenate([chunk.times for chunk in chunks])
            np.testing.assert_allclose(np.diff(times), 1 / info.sfreq, rtol=0, atol=1e-3)
        assert footage.eeg("P002", T0, T0 + 1.0) is None


def _read(source: object) -> Iterator[object]:
    while True:
        try:
            yield source.read(0.0)  # type: ignore[attr-defined]
        except EndOfStream:
            return


def test_a_video_without_a_single_frame_is_no_video(tmp_path: Path):
    face = StreamInfo("cam", "video", "P001", "Webcam", "Video", sfreq=FPS, dtype="uint8", width_px=64, height_px=48)
    made = Session.create(RecordConfig(study=str(tmp_path), task="film"))
    with SimulatedEeg("P001", 7, T0, ("Fp1", "O1"), 100.0, duration=2.0, clock=None) as eeg:
        files = RecordingFiles(made, [*eeg.infos, face], ["P001"], ("a",), "2026-11-21T10:00:00+00:00", True)
        for chunk in _read(eeg):
            files.write(chunk, False)  # type: ignore[arg-type]
    files.close()
    with Footage(made.xdf, Config()) as footage:
        assert [info.kind for info in footage.infos] == ["eeg", "video"]
        assert list(footage.frames("P001", T0, T0 + 2.0)) == []


def test_going_back_and_forth_within_one_opening(session: Session):
    whole = _keys(open_recording(session.xdf, Config()))
    source = open_recording(session.xdf, Config())
    with source:
        for time in (T0 + 20.0, T0 + 3.0, T0 + 25.0):
            source.seek(time)
            first = source.read(0.0)
            assert isinstance(first, Chunk)
            key = (first.stream, float(first.timestamps[0]), first.frame_index, first.data.tobytes())
            assert key in whole
            assert time - 3.0 < first.times[0] <= time


def test_the_span_is_read_from_the_ends(session: Session, monkeypatch: pytest.MonkeyPatch):
    with open_recording(session.xdf, Config()) as source:
        read = []
        before = xdf_reader._Reader._samples
        monkeypatch.setattr(xdf_reader._Reader, "_samples", lambda self, *c: read.append(0) or before(self, *c))
        start, stop = source.span
    assert (start, stop) == (pytest.approx(T0), pytest.approx(T0 + SECONDS, abs=0.011))
    assert len(read) < 300


def test_what_was_said_is_found_without_the_samples(session: Session, monkeypatch: pytest.MonkeyPatch):
    read = []
    before = xdf_reader._Reader._samples
    monkeypatch.setattr(xdf_reader._Reader, "_samples", lambda self, *c: read.append(0) or before(self, *c))
    label, gap = recorded_events(session.xdf)
    assert isinstance(label, Label)
    assert label.label == "sad"
    assert isinstance(gap, Notice)
    assert (gap.kind, gap.time) == ("gap", T0 + 20.0)
    assert len(read) == 2


def test_a_gap_that_the_pipeline_noticed_is_not_given_to_it_again(session: Session):
    with open_recording(session.xdf, Config()) as source:
        assert "gap" not in {item.kind for item in _read(source) if isinstance(item, Notice)}


def test_markers_of_other_programs_are_told_on_the_clock_of_all(tmp_path: Path):
    path = tmp_path / "other.xdf"
    head = "<info><name>{}</name><type>Markers</type><channel_format>string</channel_format><channel_count>1"
    head += "</channel_count><nominal_srate>0</nominal_srate></info>"
    with XdfWriter(path, "2026-11-21T10:00:00+00:00") as file:
        file.add_stream(1, head.format("Film"), "string", 1)
        file.add_stream(2, head.format("Insula P001 Events"), "string", 1)
        file.write_offset(1, 5.0, 100.0)
        file.write(1, np.array([5.0, 6.0]), np.array([["begins"], [" "]]))
        file.write(2, np.array([7.0]), np.array([["{}"]]))
    assert list(recorded_events(path)) == [Marker(105.0, "begins", "Film")]


@pytest.fixture
def predicted(tmp_path: Path) -> Path:
    """Forty predictions, each of which says in its words which one it is; on disk four at a time."""
    made = Session.create(RecordConfig(study=str(tmp_path), task="film"))
    files = RecordingFiles(made, [], ["P001"], SURE.classes, "2026-11-21T10:00:00+00:00", False)
    for k in range(40):
        files.write(replace(SURE, start=T0 + k, stop=T0 + k + 2.0, model=f"{k:064d}"), True)
        if k % 4 == 3:
            files.write(Label(f"l{k}", "s", "P001", T0 + k, T0 + k + 1.0, T0 + k + 1.5, label="a"), False)
            files.flush()
    files.close()
    return made.xdf


def _damaged_chunk(path: Path, whole: bytes, name: str) -> bytes:
    """Return the file with the head of the fifth chunk of samples of a stream overwritten."""
    number = next(part.number for part in read_xdf(path) if isinstance(part, Header) and name in part.name)
    sign, at = struct.pack("<HI", SAMPLES, number), 0
    for _ in range(5):
        at = whole.index(sign, at + 1)
    return whole[:at] + bytes(len(sign)) + whole[at + len(sign) :]


@pytest.mark.parametrize(
    ("damage", "n_left"),
    [
        ("a byte of the words", 39),
        ("a name within the words", 39),
        ("a byte of a label", 40),
        ("a name within a label", 40),
        ("words", 36),
        ("predictions", 36),
    ],
)
def test_damaged_predictions_are_left_out_and_the_others_keep_their_own_words(
    predicted: Path, damage: str, n_left: int
):
    whole, before = predicted.read_bytes(), recorded_predictions(predicted)
    assert len(before) == 40
    made = {
        "a byte of the words": lambda: whole.replace(b'"%064d"' % 20, b'"%064d\0' % 20),
        "a name within the words": lambda: whole.replace(b'"model": "%064d"' % 20, b'"mpdel": "%064d"' % 20),
        "a byte of a label": lambda: whole.replace(b'"uid": "l19"', b'"uid": "l19\0'),
        "a name within a label": lambda: whole.replace(b'"uid": "l19"', b'"uip": "l19"'),
    }.get(damage, lambda: _damaged_chunk(predicted, whole, damage))()
    assert made != whole
    predicted.write_bytes(made)
    after = list(recorded_events(predicted))
    left = [event for event in after if isinstance(event, Prediction)]
    assert len(left) == n_left
    assert all(p in before for p in left)
    assert sum(isinstance(event, Label) for event in after) == (10 if n_left == 39 else 9)


def test_gone_back_the_clock_offset_is_that_of_then(tmp_path: Path):
    made = Session.create(RecordConfig(study=str(tmp_path), task="film"))
    with SimulatedEeg("P001", 7, T0, ("Fp1", "O1"), 100.0, duration=40.0, clock=None) as eeg:
        files = RecordingFiles(made, eeg.infos, ["P001"], ("happy", "sad"), "2026-11-21T10:00:00+00:00", True)
        for k, chunk in enumerate(item for item in _read(eeg) if isinstance(item, Chunk)):
            drift = math.floor(float(chunk.timestamps[0]) - T0) / 100
            files.write(replace(chunk, clock_offset=drift), False)
            if k % 10 == 0:
                files.flush()
    files.close()
    made.describe({"participants": ["P001"]})
    with open_recording(made.xdf, Config()) as source:
        whole = {float(c.timestamps[0]): c.clock_offset for c in _read(source) if isinstance(c, Chunk)}
        source.seek(T0 + 12.0)
        first = source.read(0.0)
    assert isinstance(first, Chunk)
    assert len(set(whole.values())) > 5
    assert first.clock_offset == whole[float(first.timestamps[0])]


class Ramp:
    """A sample every tenth of a second, for as long as it is read."""

    infos: tuple[StreamInfo, ...] = (StreamInfo("eeg", "eeg", "P001", "Ramp", sfreq=10.0),)
    span = (0.0, 100.0)

    def __init__(self) -> None:
        self.k = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def seek(self, time: float, frames_from: float = 0.0, shown_from: float = 0.0) -> None:
        self.k = max(0, round(10 * time))

    def read(self, timeout: float) -> Chunk | StreamInfo:
        if self.k > 1000:
            raise EndOfStream
        self.k += 1
        return Chunk("eeg", np.array([(self.k - 1) / 10]), np.zeros((1, 1), np.float32))


def _play(paced: Paced, clock: Clock, seconds: float) -> list[Item]:
    until = clock.now + seconds
    items: list[Item] = []
    while clock.now < until:
        if (item := paced.read(0.05)) is not None:
            items.append(item)
    return items


def test_pace_pause_and_another_speed():
    clock = Clock()
    with Paced(Ramp(), 1.0, clock, clock.wait) as paced:
        assert abs(len(_play(paced, clock, 5.0)) - 51) <= 1
        paced.set_speed(0.0)
        assert len(_play(paced, clock, 5.0)) <= 1
        paced.set_speed(4.0)
        assert abs(len(_play(paced, clock, 5.0)) - 200) <= 2


class Marked(Ramp):
    """A marker for some other moment after each sample."""

    infos = (*Ramp.infos, StreamInfo("psychopy", "markers", "", "PsychoPyMarkers", sfreq=0.0))
    meant_for = 30.0
    marked = True

    def read(self, timeout: float) -> Chunk | StreamInfo:
        self.marked = not self.marked
        if not self.marked:
            return super().read(timeout)
        return Chunk("psychopy", np.array([self.k / 10 + self.meant_for]), np.array([["film"]], dtype=object))


class MarkedLate(Marked):
    """The same, of a program that was started after the recording."""

    infos = Ramp.infos
    told = False

    def read(self, timeout: float) -> Chunk | StreamInfo:
        if not self.told:
            self.told = True
            return Marked.infos[-1]
        return super().read(timeout)


@pytest.mark.parametrize("kind", [Marked, MarkedLate])
@pytest.mark.parametrize("meant_for", [30.0, -30.0, 3600.0])
def test_a_marker_stands_where_it_came_whatever_moment_it_is_meant_for(meant_for: float, kind: type[Marked]):
    clock, source = Clock(), kind()
    source.meant_for = meant_for
    with Paced(source, 1.0, clock, clock.wait) as paced:
        items = _play(paced, clock, 5.0)
    streams = [item.stream for item in items if isinstance(item, Chunk)]
    assert abs(streams.count("eeg") - 51) <= 1
    assert abs(streams.count("psychopy") - 51) <= 1


def test_seeking_tells_so_reads_up_at_once_and_keeps_its_pace():
    clock = Clock()
    with Paced(Ramp(), 1.0, clock, clock.wait, lead=3.0) as paced:
        _play(paced, clock, 2.0)
        for target in (30.0, 70.0):  # the last one counts
            paced.seek(target)
        before = clock.now
        notice = paced.read(0.05)
        assert isinstance(notice, Notice)
        assert (notice.kind, notice.time) == ("seek", 70.0)
        # Before there are frames the signal is given in one piece.
        lead = [paced.read(0.05) for _ in range(23)]
        assert clock.now == before
        stamps = [c.times for c in lead if isinstance(c, Chunk)]
        assert [len(times) for times in stamps] == [10, *[1] * 22]
        # As far as the window reaches that ends there, and a little: its last faces came a moment later.
        assert np.concatenate(stamps) == pytest.approx(np.arange(670, 702) / 10)
        assert abs(len(_play(paced, clock, 2.0)) - 20) <= 1


@pytest.mark.parametrize(("speed", "until"), [(1.0, 70.7), (0.0, 70.3)])
def test_while_it_plays_the_first_window_behind_a_moment_is_not_waited_for(speed: float, until: float):
    clock = Clock()
    with Paced(Ramp(), speed, clock, clock.wait, lead=3.0) as paced:
        paced.seek(70.3)
        assert isinstance(paced.read(0.05), Notice)
        assert paced.position == 70.3
        before, newest = clock.now, 0.0
        while isinstance(item := paced.read(0.05), Chunk) and clock.now == before:
            newest = float(item.times[-1])
    assert newest == pytest.approx(until)  # its first window ends at 70.5; the pace begins with 70.7


class Sought(Ramp):
    """Remembers where it was told to go."""

    def seek(self, time: float, frames_from: float = 0.0, shown_from: float = 0.0) -> None:
        self.asked = (time, frames_from, shown_from)


@pytest.mark.parametrize(("rate", "frames_from"), [(8.0, 68.5), (3.0, 68.0 + 1 / 3)])
def test_frames_come_from_the_beginning_of_the_first_window_on_by_whole_cells(rate: float, frames_from: float):
    clock, source = Clock(), Sought()
    with Paced(source, 1.0, clock, clock.wait, config=Config(face=FaceConfig(rate=rate))) as paced:
        paced.seek(70.3)
        paced.read(0.05)
    assert source.asked == pytest.approx((62.3, frames_from, 70.3))


def test_pictures_that_nobody_sees_on_the_way_to_a_moment_are_not_made(session: Session):
    whole = {key[1]: key for key in _keys(open_recording(session.xdf, Config())) if "face" in key[0]}
    with open_recording(session.xdf, Config()) as source:
        source.seek(T0 + 12.0, T0 + 15.55, T0 + 17.5)
        frames = [item for item in _read(source) if isinstance(item, Chunk) and item.data.ndim == 4]
    grid = FaceGrid(Config().face.rate)
    for frame in frames:
        time = float(frame.timestamps[0])
        # No recording tells what was read of these pictures, so those on the grid are looked at.
        wanted = grid.takes(time) or time >= T0 + 17.0
        assert frame.data.tobytes() == (whole[time][3] if wanted else b"")
    assert 0 < sum(frame.is_bare for frame in frames) < 14
    assert frames[0].times[0] < T0 + 15.7


def test_standing_still_a_moment_gone_to_is_still_shown():
    clock = Clock()
    with Paced(Ramp(), 0.0, clock, clock.wait, lead=1.0) as paced:
        assert _play(paced, clock, 1.0) == []
        paced.seek(50.0)
        times = [c.times[0] for c in _play(paced, clock, 5.0) if isinstance(c, Chunk)]
        assert times == pytest.approx(np.arange(490, 501) / 10)


def test_at_the_end_it_waits_for_someone_to_go_back_or_ends():
    clock = Clock()
    with Paced(Ramp(), math.inf, clock, clock.wait, stays=True) as paced:
        assert len(_play(paced, clock, 1.0)) == 1001
        paced.seek(99.0)
        assert isinstance(paced.read(0.05), Notice)
        assert isinstance(paced.read(0.05), Chunk)
    with Paced(Ramp(), math.inf, clock, clock.wait) as paced, pytest.raises(EndOfStream):
        _play(paced, clock, 1.0)


@pytest.fixture
def with_late_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Half a minute of EEG; a stream of markers begins after 12 s and says something every second."""
    monkeypatch.setattr(xdf_file, "_LOOK_PARTS", 8)
    eeg = SimulatedEeg("P001", 7, T0, ("Fp1", "O1"), 100.0, duration=SECONDS, clock=None)
    awaited = StreamInfo("markers/Film", "markers", "", "Film", "Markers", dtype="string", awaited=True)
    made = Session.create(RecordConfig(study=str(tmp_path), task="film"))
    files = RecordingFiles(made, [eeg.infos[0], awaited], ["P001"], ("happy",), "2026-11-21T10:00:00+00:00", False)
    flushed = T0
    for chunk in _all(eeg):
        files.write(chunk, False)
        if chunk.times[-1] > flushed + 1.0:
            flushed = float(chunk.times[-1])
            if flushed > T0 + 12.0:
                files.write(replace(awaited, awaited=False, source_id="film"), False)
                files.write(Chunk(awaited.key, np.array([flushed]), np.array([[f"at {flushed:.2f}"]], object)), False)
            files.flush()
    n_samples = files.n_samples(awaited.key)
    files.close()
    assert n_samples == 18
    return made.xdf


@pytest.mark.parametrize("moment", [T0, T0 + 8.0, T0 + 14.0, T0 + 25.0])
def test_a_stream_that_came_late_is_told_of_before_its_samples(with_late_markers: Path, moment: float):
    source = open_recording(with_late_markers, Config())
    with source:
        assert [info.kind for info in source.infos] == ["eeg"]
        for again in (False, True):
            source.seek(moment)
            rest = list(_read(source))
            begun = [item for item in rest if isinstance(item, StreamInfo)]
            assert [(info.name, info.source_id, info.awaited) for info in begun] == [("Film", "film", False)][again:]
            said = [item for item in rest if isinstance(item, Chunk) and item.stream == "markers/Film"]
            assert len(said) >= min(18, int(T0 + SECONDS - moment) - 1)
            if begun:
                assert rest.index(begun[0]) < next(k for k, item in enumerate(rest) if item is said[0])
            assert not [item for item in rest if isinstance(item, Notice)]
            n_eeg = sum(len(c.times) for c in rest if isinstance(c, Chunk) and c.stream != "markers/Film")
            assert n_eeg >= 100 * int(T0 + SECONDS - moment) - 1


def test_pyxdf_reads_a_stream_that_came_late(with_late_markers: Path):
    streams, _ = pyxdf.load_xdf(with_late_markers)
    (film,) = (each for each in streams if each["info"]["name"][0] == "Film")
    assert [row[0] for row in film["time_series"]] == [f"at {time:.2f}" for time in film["time_stamps"]]


@pytest.mark.parametrize(
    ("name", "given", "who"),
    [
        ("S001R03.edf", "", "S001R03"),
        ("sub-P002_ses-01_task-film_eeg.edf", "", "P002"),
        ("a.edf", "P009", "P009"),
        ("sub-P002_eeg.edf", "P009", "P009"),
    ],
)
def test_an_eeg_file_is_of_whom_its_name_says_and_never_of_the_first_participant(
    tmp_path: Path, name: str, given: str, who: str
):
    path = write_edf(tmp_path / name, eeg(3.0), notes=[(1.0, 0.0, "film")])
    with open_recording(path, Config(), given) as source:
        signal, notes = source.infos
        told = [item for item in items(source) if isinstance(item, Chunk) and item.stream == notes.key]
    assert (signal.participant, signal.kind, notes.kind) == (who, "eeg", "markers")
    assert [marker for chunk in told for marker in markers_in(notes.name, chunk.times, chunk.data)] == [
        Marker(1.0, "film", notes.name)
    ]
