"""Answers that tell nothing are not called above chance, and those that do are."""

import numpy as np
import pytest

from training.answers import Answer, Answers
from training.chance import _to_stimuli, against_chance, ratings_against_chance


def answers(truth: np.ndarray, guess: np.ndarray, subject: np.ndarray, rated: np.ndarray | None = None) -> Answers:
    rated = np.full((len(truth), 2), np.nan) if rated is None else rated
    rows = [
        Answer(str(s), int(t), (0.6, 0.4) if g == 0 else (0.4, 0.6), 0.5, affect=(float(g), 0.0), rated=tuple(r))
        for t, g, s, r in zip(truth, guess, subject, rated, strict=True)
    ]
    return Answers(rows, ("low", "high"))


def shuffled(rng: np.random.Generator, people: int = 12, trials: int = 12) -> Answers:
    """Return answers that know nothing: each person says, and is, a class with a bias of their own."""
    subject = np.repeat(np.arange(people), trials)
    bias = rng.beta(2, 2, people)[subject]
    return answers(
        (rng.random(len(subject)) < bias).astype(int), (rng.random(len(subject)) < bias).astype(int), subject
    )


def test_of_shuffled_labels_few_are_called_above_chance():
    rng = np.random.default_rng(0)
    called = [against_chance(shuffled(rng), n_deals=200, seed=k).is_above for k in range(200)]
    assert np.mean(called) <= 0.05, (
        "2.5 % are expected; that people differ in how often they say a class is no knowledge"
    )


def test_what_tells_something_is_called_above_chance():
    rng = np.random.default_rng(1)
    subject = np.repeat(np.arange(10), 12)
    truth = rng.integers(0, 2, 120)
    guess = np.where(rng.random(120) < 0.7, truth, 1 - truth)
    found = against_chance(answers(truth, guess, subject))
    assert found.is_above
    assert found.by_chance == pytest.approx(0.5, abs=0.03)
    right = [np.mean(guess[truth == k] == k) for k in (0, 1)]
    assert found.value == pytest.approx(np.mean(right))


def of_clips(rng: np.random.Generator, n_clips: int, told: float) -> Answers:
    """Return what 15 people are said to feel of clips that move all alike: half the time by the clip, else by lot.

    Of a share `told` of the clips the class is said, of the others one that the clip has nothing to do with.
    """
    truth = np.tile(np.arange(n_clips) % 2, 15)
    says = np.where(rng.random(n_clips) < told, np.arange(n_clips) % 2, rng.integers(0, 2, n_clips))
    guess = np.where(rng.random(len(truth)) < 0.5, np.tile(says, 15), rng.integers(0, 2, len(truth)))
    found = answers(truth, guess, np.repeat(np.arange(15), n_clips))
    found.stimulus[:] = np.tile(np.arange(n_clips), 15)
    return found


def test_what_is_said_of_a_clip_whoever_sees_it_is_one_hit_and_not_one_for_each_person():
    rng = np.random.default_rng(0)
    found = [against_chance(of_clips(rng, 14, 0.0), n_deals=200, seed=k) for k in range(200)]
    assert {one.unit for one in found} == {"stimuli"}
    assert np.mean([one.is_above for one in found]) <= 0.05
    knows = against_chance(of_clips(rng, 14, 1.0))
    assert knows.is_above
    assert knows.by_chance == pytest.approx(0.5, abs=0.02)


def test_few_clips_are_not_dealt_as_wholes():
    """Of 6 clips, 3 of each class, there are 20 ways: none could be told from chance."""
    rng = np.random.default_rng(0)
    assert against_chance(of_clips(rng, 6, 1.0), n_deals=50).unit == "trials"
    assert against_chance(of_clips(rng, 10, 1.0), n_deals=50).unit == "stimuli", "252 ways"
    unshared = of_clips(rng, 14, 1.0)
    unshared.stimulus = np.arange(len(unshared))
    assert against_chance(unshared, n_deals=50).unit == "trials", "no two people saw the same"


def felt(rng: np.random.Generator, told: float, n_clips: int = 12) -> Answers:
    """Return what 12 people feel of clips, half of it by the clip; of each clip a number is said, the same of everyone.

    The number is by lot, but for `told` of what was felt of the clip on average.
    """
    means = rng.standard_normal(n_clips)
    rated = means + rng.standard_normal((12, n_clips))
    said = np.tile(told * means + rng.standard_normal(n_clips), 12)
    subject = np.repeat(np.arange(12), n_clips)
    found = answers((rated.ravel() > 0).astype(int), (said > 0).astype(int), subject, np.stack([rated.ravel()] * 2, 1))
    found.affect[:, 0] = said
    found.stimulus[:] = np.tile(np.arange(n_clips), 12)
    return found


def test_a_number_for_each_clip_is_one_hit_where_people_feel_alike_of_it():
    """Dealt to trials a quarter of these were called above chance."""
    rng = np.random.default_rng(0)
    nothing = [felt(rng, 0.0) for _ in range(100)]
    ratings = [ratings_against_chance(one, n_deals=80, seed=k)["valence"] for k, one in enumerate(nothing)]
    classes = [against_chance(one, n_deals=80, seed=k) for k, one in enumerate(nothing)]
    for found in (ratings, classes):
        assert {one.unit for one in found} == {"stimuli"}
        assert np.mean([one.is_above for one in found]) <= 0.05
    knows = ratings_against_chance(felt(rng, 3.0))["valence"]
    assert knows.is_above
    assert knows.by_chance == pytest.approx(0.0, abs=0.02)


def test_whole_stimuli_are_dealt_each_person_keeping_what_is_theirs():
    """P0 and P1 saw clips 0 to 4, P2 all but 3; P1 saw clip 2 twice. A truth tells whose and of which clip it is."""
    who = np.array([0] * 5 + [1] * 6 + [2] * 4)
    shown = np.array([0, 1, 2, 3, 4, 0, 1, 2, 2, 3, 4, 4, 2, 1, 0])
    truth = 10.0 * who + shown
    truth[8] = 12.5
    dealer = _to_stimuli(truth, who, shown)
    assert dealer is not None
    for seed in range(20):
        new = np.random.default_rng(seed).permutation(5)
        dealt = dealer[1](np.random.default_rng(seed))
        np.testing.assert_array_equal(dealt[:5], new)
        twice = [12.0, 12.5] if new[2] == 2 else [10.0 + new[2]] * 2
        np.testing.assert_array_equal(dealt[5:11], [*(10 + new[:2]), *twice, *(10 + new[3:])])
        seen = [20 + (new[3] if new[clip] == 3 else new[clip]) for clip in (4, 2, 1, 0)]
        np.testing.assert_array_equal(dealt[11:], seen)


def test_people_who_are_of_one_class_each_are_dealt_whole():
    subject = np.repeat(np.arange(8), 5)
    truth = subject % 2
    assert against_chance(answers(truth, truth, subject)).unit == "people"
    few = subject < 2
    assert not against_chance(answers(truth[few], truth[few], subject[few])).is_above, "two people are too few"


def test_ratings_are_asked_about_by_their_concordance():
    rng = np.random.default_rng(2)
    subject = np.repeat(np.arange(10), 12)
    guess = rng.integers(0, 2, 120)
    rated = np.stack([guess + 0.5 * rng.standard_normal(120), np.full(120, np.nan)], axis=1)
    found = ratings_against_chance(answers(guess, guess, subject, rated))
    assert list(found) == ["valence"]
    assert found["valence"].is_above
    rated[:, 0] = rng.permutation(rated[:, 0])
    assert not ratings_against_chance(answers(guess, guess, subject, rated))["valence"].is_above
