"""The table of trust in noisy faces is of people left out, and its fall is of each person before it is of all."""

import numpy as np

from benchmarks.noise_people import report


def test_the_fall_is_from_clean_to_the_highest_levels_person_by_person():
    level = np.tile([0, 1, 2, 3, 4, 5], 2)
    weight = np.array([0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5])
    arrays = {"weight": weight, "noise": level + 1.0, "level": level, "person": np.repeat([0, 1], 6)}
    told = report({"both-0-0": arrays})
    assert "0.70 0.65 0.55 0.50 0.45 0.35" in told
    assert "+0.300 [" in told  # mean of 0.8 - 0.3 and 0.6 - 0.5
    assert "| 1.00" in told
    assert "default" not in told
