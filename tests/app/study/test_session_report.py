"""The page on a session: its figures are those of the files, and it is written whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.study.session_about import SessionAbout
from app.study.session_report import Recorded, lost_in_words, report
from core.config import RecordConfig
from core.data import Label, Marker, Notice, Prediction
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
        streams=(("LiveAmp", "eeg", "P001"),),
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
    assert "did not end by itself" in page
    assert "keep video</th><td>not agreed" in page
    assert "share</th><td>not asked" in page


def test_a_name_is_text_and_never_markup(recorded: Recorded):
    page = report(recorded)
    assert "&lt;b&gt;ben" in page
    assert "<b>ben" not in page


def test_a_session_that_ended_well_has_no_warning_and_one_without_predictions_says_so(recorded: Recorded):
    page = report(replace(recorded, about=SessionAbout(stop="2026-11-21T10:04:00+00:00"), predictions=()))
    assert "did not end by itself" not in page
    assert "Nothing was predicted" in page


def test_a_stream_that_is_not_back_is_lost_until_the_end(recorded: Recorded):
    gone = replace(recorded, notices=recorded.notices[:1])
    assert gone.gaps == [(T0 + 180.0, T0 + 240.0, "host/LiveAmp/EEG/1")]


def test_what_is_no_recording_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(tmp_path)]) == FileFormatError.exit_code
    assert "must hold one recorded run" in capsys.readouterr().err


def test_what_was_lost_is_said_in_a_few_words(recorded: Recorded):
    assert lost_in_words(recorded) == "12.0 s in 1 gap"
    whole = replace(recorded, notices=(), about=replace(recorded.about, lost=3))
    assert lost_in_words(whole) == "nothing of the streams; 3 things could not be written"
