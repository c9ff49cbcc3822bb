"""The tables of noisy faces are of people left out: fall of the weight and answers are each person's before all's."""

import numpy as np

from benchmarks.noise_people import report, report_of_answers


def test_the_fall_is_from_clean_to_the_highest_levels_person_by_person():
    level = np.tile([0, 1, 2, 3, 4, 5], 2)
    weight = np.array([0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5])
    answers = {"guess": level, "truth": level}
    arrays = {"weight": weight, "noise": level + 1.0, "level": level, "person": np.repeat([0, 1], 6)} | answers
    told = report({"both-0-0": arrays})
    assert "0.70 0.65 0.55 0.50 0.45 0.35" in told
    assert "+0.300 [" in told  # mean of 0.8 - 0.3 and 0.6 - 0.5
    assert "| 1.00" in told
    assert "default" not in told


def test_answers_are_compared_person_by_person_and_level_by_level():
    level, person = np.tile([0, 0, 5, 5], 2), np.repeat([0, 1], 4)
    truth = np.tile([0, 1], 4)
    right, wrong_when_noisy = truth, np.where(level == 0, truth, 1 - truth)
    shared = {"truth": truth, "level": level, "person": person}
    told = report_of_answers({"eeg-0-0": shared | {"guess": wrong_when_noisy}, "both-0-0": shared | {"guess": right}})
    eeg, both = told.splitlines()[2:]
    assert [cell.strip() for cell in eeg.split("|")[2:5]] == ["1.000", "0.000", "0.500"]
    assert "(+0.000 [" in both.split("|")[2]
    assert "1.000 (+1.000 [" in both.split("|")[3]
    assert "1.000 (+0.500 [" in both.split("|")[4]
