"""The page on a session: its figures are those of the files, and it is written whole."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acquisition.health import StreamMeter
from app.cli import main
from app.session.recording_files import RecordingFiles
from app.study.session_about import SessionAbout
from app.study.session_report import Recorded, lost_in_words, read_recorded, report
from core.config import Config, RecordConfig
from core.data import Channel, Chunk, Label, Marker, Notice, Prediction, StreamInfo
from core.errors import FileFormatError
from core.recording.session import Session
from tests.core.active.test_query import SURE

T0 = 1000.0


def said(k: int, **changes: object) -> Prediction:
    made = replace(SURE, start=T0 + k - 2.0, stop=T0 + k, weights=(0.25, 0.75))
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    """Four minutes of which the last quarter abstained, with a loss of 12 s, one marker and two answers."""
    lost = [said(k, status="no usable signal: EEG gap", weights=(0.0, 0.0)) for k in range(180, 240)]
    answer = Label("u1", "s1", "P001", T0 + 20, T0 + 24, T0 + 25, label="a", annotator="anna")
    return Recorded(
        session=Session.create(RecordConfig(study=str(tmp_path))),
        about=SessionAbout(start="2026-11-21T10:00:00+00:00", consent={"keep_video": False, "share": None}),
        span=(T0, T0 + 240.0),
        streams=(("host/LiveAmp/EEG/1", "LiveAmp", "eeg", "P001"),),
        simulated=False,
        predictions=(*(said(k) for k in range(2, 180)), *lost),
        notices=(
            Notice("host/LiveAmp/EEG/1", T0 + 180.0, "lost", "gone"),
            Notice("host/LiveAmp/EEG/1", T0 + 192.0, "back", "there"),
        ),
        markers=(Marker(T0 + 60.0, "film begins", "Keys"),),
        answers=(answer, replace(answer, uid="u2", segment="s2", start=T0 + 40, stop=T0 + 44, annotator="<b>ben")),
    )


def test_its_figures_are_those_of_the_session(recorded: Recorded):
    page = report(recorded)
    assert "<b>4:00</b>" in page
    assert "<b>75 %</b>" in page  # 178 of 238 windows were predicted, from EEG and face
    assert "<b>12.0 s</b>" in page
    assert "no usable signal: EEG gap" in page
    assert "25.2 %" in page
    assert "The recording broke off" in page
    assert "keep video</th><td>not agreed" in page
    assert "share</th><td>not asked" in page


def test_a_name_is_text_and_never_markup(recorded: Recorded):
    page = report(recorded)
    assert "&lt;b&gt;ben" in page
    assert "<b>ben" not in page


def test_a_session_that_ended_well_has_no_warning_and_one_without_predictions_says_so(recorded: Recorded):
    page = report(replace(recorded, about=SessionAbout(stop="2026-11-21T10:04:00+00:00"), predictions=()))
    assert "The recording broke off" not in page
    assert "Nothing was predicted" in page


def test_a_stream_that_is_not_back_is_lost_until_the_end(recorded: Recorded):
    gone = replace(recorded, notices=recorded.notices[:1])
    assert gone.gaps == [(T0 + 180.0, T0 + 240.0, "host/LiveAmp/EEG/1")]


def test_gaps_of_each_stream_are_those_that_were_counted_live(tmp_path: Path):
    made = Session.create(RecordConfig(study=str(tmp_path)))
    made.describe({"participants": ["P001"]})
    camera = StreamInfo("host/camera 0", "video", "P001", "camera 0", "videostream", 30.0, dtype="int8")
    eeg = StreamInfo("amp", "eeg", "P001", "Amp", sfreq=100.0, channels=(Channel("Cz", "Cz", unit="uV"),))
    ppg = StreamInfo("ppg", "other", "P001", "Muse", "PPG", 64.0, (Channel("IR", "IR", "misc"),))
    files = RecordingFiles(made, [eeg, camera, ppg], ["P001"], SURE.classes, "", False)
    meters = {info.key: StreamMeter(info) for info in (eeg, camera, ppg)}
    frames = T0 + np.concatenate([np.arange(30), np.arange(36, 60), np.arange(90, 120)]) / 30.0
    for info, stamps in ((eeg, T0 + np.r_[0:100, 130:400] / 100), (ppg, T0 + np.r_[0:64, 80:256] / 64)):
        chunk = Chunk(info.key, stamps - 5.0, np.ones((len(stamps), 1), np.float32), 5.0)
        files.write(chunk, False)
        meters[info.key].take(chunk, T0)
    for k, time in enumerate(frames):
        chunk = Chunk(camera.key, np.array([time]), np.zeros((1, 0, 0, 3), np.uint8), frame_index=k)
        files.write(chunk, False)
        meters[camera.key].take(chunk, T0)
    files.write(Notice("amp", T0 + 1.3, "gap", "Amp: no samples for 0.31 s."), True)
    files.close()
    gaps = read_recorded(made, Config()).gaps
    for key, meter in meters.items():
        own = [(start, stop) for start, stop, stream in gaps if stream == key]
        np.testing.assert_allclose(own, meter.gaps)
        assert len(own) == meter.health(T0).n_gaps == (2 if key == camera.key else 1)


def test_gaps_stand_with_their_stream_be_it_a_camera_or_one_of_two_of_a_name(recorded: Recorded):
    streams = (
        ("host/camera 0", "camera 0", "video", "P001"),
        ("one/Muse/EEG/1", "Muse", "eeg", "P001"),
        ("other/Muse/EEG/1", "Muse", "eeg", "P002"),
    )
    missing = ((T0, T0 + 0.5, "host/camera 0"), (T0 + 1.0, T0 + 3.0, "other/Muse/EEG/1"))
    page = report(replace(recorded, streams=streams, missing=missing, notices=()))
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", row) for row in rows]
    assert [row for row in cells if row[1:2] in (["video"], ["eeg"])] == [
        ["camera 0", "video", "P001", "1", "0.5"],
        ["Muse", "eeg", "P001", "0", "0.0"],
        ["Muse", "eeg", "P002", "1", "2.0"],
    ]
    assert [row[1:] for row in cells if row[1:2] in (["0.5"], ["2.0"])] == [["0.5", "camera 0"], ["2.0", "Muse"]]


def test_of_many_gaps_the_longest_are_listed_in_order_of_time(recorded: Recorded):
    missing = tuple((T0 + k, T0 + k + 0.01 * (k + 1), "host/Cam") for k in range(40))
    page = report(replace(recorded, missing=missing, notices=()))
    listed = re.findall(r"<tr><td>[\d:.]+</td><td>([\d.]+)</td>", page)
    assert [float(one) for one in listed] == [pytest.approx(0.01 * (k + 1), abs=0.051) for k in range(10, 40)]
    assert "10 gaps more, 0.10 s at most." in page
    assert "more," not in report(replace(recorded, missing=missing[:30], notices=()))


def test_what_is_missing_while_a_stream_was_lost_is_one_gap(recorded: Recorded):
    lacking = replace(recorded, missing=((T0 + 178.5, T0 + 193.0, "host/LiveAmp/EEG/1"),))
    assert lacking.gaps == [(T0 + 178.5, T0 + 193.0, "host/LiveAmp/EEG/1")]
    other = replace(recorded, missing=((T0 + 178.5, T0 + 193.0, "host/Cam"),))
    assert len(other.gaps) == 2


def test_what_is_no_recording_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(tmp_path)]) == FileFormatError.exit_code
    assert "must hold one recorded run" in capsys.readouterr().err


def test_what_was_lost_is_said_in_a_few_words(recorded: Recorded):
    assert lost_in_words(recorded) == "LiveAmp 12.0 s in 1 gap"
    whole = replace(recorded, notices=(), about=replace(recorded.about, lost=3))
    assert lost_in_words(whole) == "nothing of the streams; 3 things could not be written"


def test_what_several_streams_lost_at_the_same_time_is_told_of_each(recorded: Recorded):
    """A sum would be more than the session is long."""
    streams = (("one/Muse/EEG/1", "Muse", "eeg", "P001"), ("host/camera 0", "camera 0", "video", "P001"))
    missing = tuple((T0, T0 + seconds, key) for (key, *_), seconds in zip(streams, (20.0, 21.0), strict=True))
    both = replace(recorded, streams=streams, missing=(*missing, (T0 + 30, T0 + 31.5, "host/camera 0")), notices=())
    assert lost_in_words(both) == "camera 0 22.5 s in 2 gaps, Muse 20.0 s in 1 gap"
    assert "<b>22.5 s</b><span>of camera 0, in 2 gaps, the most of 2 streams</span>" in report(both)
    none = replace(both, missing=())
    assert "<b>0.0 s</b><span>of any stream</span>" in report(none)
