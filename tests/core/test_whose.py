"""Whose a recording is by its name."""

import pytest

from core.whose import is_named_in, named_in, participant_of_file, participant_of_recording


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("sub-P002_ses-01_task-film_run-001_eeg.xdf", "P002"), ("take_sub-P002.xdf", "P002"), ("sub-P002.edf", "P002"),
        ("sub-P002-b.edf", "P002"), ("P007.edf", "P007"), ("Subject00_1.edf", "Subject00_1"), ("take.xdf", ""),
        ("TAKE.XDF", ""), ("xsub-P002.edf", "xsub-P002"), ("sub-P001_ses-01_task-film_run-001_P002_raw.fif", "P002"),
        ("sub-P001_ses-01_task-film_run-001_raw-1.fif", "P001"),
        ("sub-P001_ses-01_task-film_run-001_eeg_P002_raw.fif", "P002"), ("sub-01_rest_raw.fif", "01"),
        ("sub-P001_ses-01_task-film_run-001_eeg_raw.fif", "P001"), ("sub-02_ses-01_meg_raw.fif", "02"),
    ],
)  # fmt: skip
def test_a_files_name_says_whose_it_is(name: str, whose: str):
    assert participant_of_file(name) == whose


def test_of_a_path_the_last_part_counts_and_all_parts_bear_names():
    path = "study/sub-P001/ses-01/sub-P002_eeg.xdf"
    assert named_in(path) == "P002"
    assert is_named_in("P001", path)
    assert is_named_in("P002", path)
    assert not is_named_in("P00", path)
    assert not is_named_in("P001", "sub-P001_ses-01_task-a_run-001_P002_raw.fif")
    assert is_named_in("01", "sub-01_rest_raw.fif")
    assert not is_named_in("rest", "sub-01_rest_raw.fif")
    assert is_named_in("S 3", "derivatives/sub-S 3_windows.npz")
    assert not is_named_in("S 3", "derivatives/sub-S 3-a_windows.npz")
    assert is_named_in("S 3/a", "derivatives/sub-S 3-a_windows.npz")


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("sub-P001_ses-01_task-live_run-001, 2026-11-29T10:00", "P001"), ("P007.edf, 5120 bytes", "P007"),
        ("a film.xdf, 12 bytes", ""), ("S.01, a.edf, b.edf", "S.01"), ("sub-P003_eeg.xdf, 9 bytes", "P003"),
    ],
)  # fmt: skip
def test_what_a_header_calls_a_recording_says_whose_it_is(name: str, whose: str):
    assert participant_of_recording(name) == whose
