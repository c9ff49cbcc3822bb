import numpy as np
import pytest

from core.data import FaceObservation, Window
from core.status import (
    NOT_TAUGHT,
    Abstention,
    abstention,
    eeg_problem,
    evidence_status,
    face_problem,
    read_window,
    signal_status,
)

SEEN = FaceObservation("P001", 0.5, embedding=np.zeros(4, np.float32))
EEG = {
    "eeg": np.zeros((2, 4), np.float32),
    "eeg_mask": np.array([True, False]),
    "positions": np.zeros((2, 3), np.float32),
}


def window(**parts: object) -> Window:
    return Window("P001", 0.0, 2.0, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("eeg", "face", "taught", "status"),
    [
        ("", "", True, "ok"),
        ("", "", False, "ok"),
        ("gap", "", False, "ok"),
        ("", "no face", True, "ok"),
        ("", "no face", False, f"{NOT_TAUGHT}, no face"),
        ("", "missing", False, f"{NOT_TAUGHT}, face missing"),
        ("gap", "no face", True, "no usable signal: EEG gap, no face"),
        ("flat", "turned away", False, "no usable signal: EEG flat, face turned away"),
    ],
)
def test_status_of_every_case(eeg: str, face: str, taught: bool, status: str):
    assert signal_status(eeg, face, taught) == status


def test_too_little_evidence_abstains():
    assert evidence_status(0.1, 0.3) == "ok"
    assert evidence_status(0.31, 0.3) == "unlike anything learnt"


def test_why_eeg_cannot_be_read():
    assert eeg_problem(window(**EEG)) == ""
    assert eeg_problem(window(**EEG, eeg_problem="settling")) == "settling"
    assert eeg_problem(window()) == "missing"
    assert eeg_problem(window(**{**EEG, "eeg_mask": np.zeros(2, bool)})) == "no good channels"
    nowhere = np.array([[np.nan] * 3, [0.0] * 3], np.float32)
    assert eeg_problem(window(**{**EEG, "positions": nowhere})) == "no good channels"


def test_why_a_face_cannot_be_read():
    dark = FaceObservation("P001", 0.6, problem="too dark")
    assert face_problem(window(faces=(SEEN, dark))) == ""
    assert face_problem(window(faces=(dark,))) == "too dark"
    assert face_problem(window(faces=(SEEN,), face_problem="turned away")) == "turned away"
    assert face_problem(window()) == "missing"


def test_an_untaught_student_is_there_but_not_used():
    reading = read_window(window(**EEG, faces=(SEEN,)), taught=False)
    assert (reading.status, reading.there, reading.use) == ("ok", (True, True), (False, True))
    assert reading.notes == (NOT_TAUGHT,)


def test_a_taught_student_needs_no_note():
    reading = read_window(window(**EEG), taught=True)
    assert (reading.status, reading.there, reading.use, reading.notes) == ("ok", (True, False), (True, False), ())


@pytest.mark.parametrize(
    ("eeg", "face", "taught", "reason", "sensors"),
    [
        ("gap", "no face", True, Abstention.NO_SIGNAL, "EEG gap, no face"),
        ("", "turned away", False, Abstention.NOT_TAUGHT, "face turned away"),
        ("", "", True, None, ""),
    ],
)
def test_a_status_is_read_as_it_was_written(eeg: str, face: str, taught: bool, reason: Abstention | None, sensors: str):
    expected = None if reason is None else (reason, sensors)
    assert abstention(signal_status(eeg, face, taught)) == expected


def test_what_is_unlike_all_examples_abstains_for_that():
    assert abstention(evidence_status(0.9, 0.1)) == (Abstention.UNLIKE, "")
    assert abstention("words of another version") is None
