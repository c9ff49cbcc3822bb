"""The neutral face on made-up observations: what enters it, when it holds, and that it follows the past alone."""

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation, NeutralFace
from core.face_neutral import MIN_FRAMES, NeutralTracker, log_odds, read_neutral, usable

SMILE = [BLENDSHAPES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]
JAW = BLENDSHAPES.index("jawOpen")


def face(time, smile=0.1, jaw=0.0, happy=0.1, **changes):
    blendshapes = np.full(52, 0.02, np.float32)
    blendshapes[SMILE], blendshapes[JAW] = smile, jaw
    expression = np.full(7, (1 - happy) / 6, np.float32)
    expression[1] = happy
    given = {"blendshapes": blendshapes, "expression": expression, "quality": 0.9, **changes}
    return FaceObservation("P", time, **given)


def faces(start, stop, **changes):
    return [face(t, **changes) for t in np.arange(start, stop, 1 / 8)]


def test_log_odds_are_against_neutral_and_finite():
    odds = log_odds(np.array([0.5, 0.25, 0.25, 0.0], np.float32))
    np.testing.assert_allclose(odds[:3], [0, np.log(0.5), np.log(0.5)], atol=1e-6)
    assert np.isfinite(odds).all()


def test_it_is_the_median_of_the_period_and_of_nothing_else():
    seen = [*faces(0, 5, smile=0.9), *faces(5, 15, smile=0.2, happy=0.05), *faces(15, 20, smile=0.9)]
    found = read_neutral("P", 5.0, 15.0, seen)
    assert np.array(found.blendshapes)[SMILE] == pytest.approx([0.2, 0.2])
    assert found.log_odds[1] == pytest.approx(np.log(0.05 / (0.95 / 6)), abs=1e-5)
    assert found.n_frames == 80


def test_a_smile_within_it_changes_little():
    seen = [*faces(0, 7, smile=0.1), *faces(7, 10, smile=0.9)]
    assert np.array(read_neutral("P", 0.0, 10.0, seen).blendshapes)[SMILE] == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    "corrupted",
    [
        {"problem": "too dark", "blendshapes": None},
        {"quality": 0.1},
        {"yaw_deg": -30.0},
        {"blendshapes": None},
        {"blendshapes": np.full(52, 0.8, np.float32)},  # eyes shut
    ],
)
def test_what_is_not_well_seen_does_not_enter(corrupted):
    assert usable(face(0.0), [])
    assert not usable(face(0.0, **corrupted), [])


def test_a_speaking_mouth_does_not_enter():
    speech = [face(k / 8, jaw=0.3 * (k % 2)) for k in range(80)]
    assert read_neutral("P", 0.0, 10.0, speech).blendshapes == ()
    still = faces(10, 20)
    assert read_neutral("P", 0.0, 20.0, [*speech, *still]).n_frames >= 70


def test_too_few_pictures_are_no_neutral_face_and_say_how_many():
    found = read_neutral("P", 0.0, 10.0, faces(0, MIN_FRAMES / 8 - 0.2))
    assert (found.blendshapes, found.n_frames) == ((), MIN_FRAMES - 1)


def test_a_period_is_read_once_it_is_over():
    tracker = NeutralTracker("P")
    assert tracker.take(NeutralFace("P", 0.0, 10.0)) is None
    assert tracker.see(faces(0, 9)) is None
    assert tracker.current() is None
    found = tracker.see(faces(9, 10.2))
    assert found is not None
    assert found.n_frames == 80
    assert tracker.current().weight == 1.0
    assert tracker.see(faces(10.2, 11)) is None


def test_a_period_that_is_over_is_read_at_once_and_a_new_one_takes_its_place():
    tracker = NeutralTracker("P")
    tracker.see(faces(0, 11, smile=0.3))
    assert tracker.take(NeutralFace("P", 0.0, 10.0)).n_frames == 80
    tracker.see(faces(11, 30, smile=0.1))
    tracker.take(NeutralFace("P", 15.0, 25.0))
    assert tracker.current().blendshapes[SMILE] == pytest.approx([0.1, 0.1])


def test_a_period_in_which_nobody_was_there_leaves_what_was():
    tracker = NeutralTracker("P")
    tracker.take(NeutralFace("P", 0, 0, (0.5,) * 52, (0.0,) * 7))
    tracker.see([face(t, problem="no face", blendshapes=None) for t in np.arange(0, 11, 1 / 8)])
    assert tracker.take(NeutralFace("P", 0.0, 10.0)).blendshapes == ()
    assert tracker.current().blendshapes[0] == pytest.approx(0.5)


def test_the_running_estimate_is_robust_and_weighs_less():
    tracker = NeutralTracker("P")
    for one in [*faces(0, 40, smile=0.1), *faces(40, 50, smile=0.95)]:
        tracker.follow(one)
    found = tracker.current()
    assert found.blendshapes[SMILE] == pytest.approx([0.12, 0.12], abs=0.02)
    assert 0.2 < found.weight < 0.6


def test_own_face_stays_where_the_running_estimate_begins_anew():
    tracker = NeutralTracker("P")
    for one in faces(0, 10):
        tracker.follow(one)
    tracker.forget()
    assert tracker.current() is None
    tracker.take(NeutralFace("P", 0, 0, (0.5,) * 52, (0.0,) * 7))
    tracker.forget()
    assert tracker.current().weight == 1.0


def test_the_same_observations_in_other_pieces_give_the_same_bits():
    seen = [face(t, smile=0.1 + 0.05 * np.sin(t)) for t in np.arange(0, 12, 1 / 8)]
    values = []
    for size in (1, 7, 96):
        tracker = NeutralTracker("P")
        tracker.take(NeutralFace("P", 1.0, 11.0))
        read = [tracker.see(seen[k : k + size]) for k in range(0, len(seen), size)]
        values.append(next(one for one in read if one is not None).blendshapes)
    assert values[0] == values[1] == values[2]


@pytest.mark.parametrize(("n", "value"), [(51, 0.1), (52, float("nan")), (52, float("inf"))])
def test_one_that_is_damaged_is_not_taken(n, value):
    tracker = NeutralTracker("P")
    assert tracker.take(NeutralFace("P", 0, 0, (value,) * n, (0.0,) * 7)) is None
    assert tracker.current() is None
