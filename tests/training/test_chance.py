"""Answers that tell nothing are not called above chance, and those that do are."""

import numpy as np
import pytest

from training.answers import Answer, Answers
from training.chance import against_chance, ratings_against_chance


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
