import numpy as np
import pytest

from core.calibration import AdaptiveSets, condition_of, fit_temperature, lac_scores, probabilities

N_CLASSES = 5


def stream(n: int, sharpness: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a model says, probabilities (n, N_CLASSES), and truths drawn from a flatter or equal distribution."""
    rng = np.random.default_rng(seed)
    said = rng.dirichlet(np.full(N_CLASSES, 0.6), n)
    true = said**sharpness
    true /= true.sum(1, keepdims=True)
    return said, np.array([rng.choice(N_CLASSES, p=p) for p in true])


def test_temperature_undoes_overconfidence():
    rng = np.random.default_rng(0)
    similarity = rng.uniform(-0.5, 1.0, (4000, N_CLASSES))
    true = probabilities(similarity, 0.2, 2.0)
    truth = np.array([rng.choice(N_CLASSES, p=p) for p in true])
    assert fit_temperature(similarity, truth, 0.2) == pytest.approx(2.0, rel=0.1)


def test_temperature_never_changes_the_best_class():
    similarity = np.random.default_rng(0).uniform(-0.5, 1.0, (100, N_CLASSES))
    assert (probabilities(similarity, 0.2, 3.0).argmax(1) == similarity.argmax(1)).all()


def test_no_data_leave_the_temperature_alone():
    assert fit_temperature(np.zeros((0, N_CLASSES)), np.zeros(0, dtype=np.int64), 0.2) == 1.0


def calibrated(coverage: float) -> AdaptiveSets:
    said, truth = stream(1000, 1.0, seed=1)
    return AdaptiveSets(coverage, sorted(lac_scores(said, truth).tolist()))


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_cover_what_they_promise_on_a_stream_like_the_calibration(coverage: float):
    sets = calibrated(coverage)
    said, truth = stream(3000, 1.0, seed=2)
    covered = [t in sets.sets(p) for p, t in zip(said, truth, strict=True)]
    assert np.mean(covered) == pytest.approx(coverage, abs=0.03)


def test_sets_keep_their_promise_when_the_stream_shifts():
    said, truth = stream(3000, 0.3, seed=3)
    still = calibrated(0.9)
    assert np.mean([t in still.sets(p) for p, t in zip(said, truth, strict=True)]) < 0.8
    follows = calibrated(0.9)
    covered = [follows.update(p, int(t)) for p, t in zip(said, truth, strict=True)]
    assert np.mean(covered[-2000:]) == pytest.approx(0.9, abs=0.02)


def test_sets_are_no_larger_than_they_must_be():
    sets = calibrated(0.9)
    said, _ = stream(500, 1.0, seed=4)
    assert 1.0 <= np.mean([len(sets.sets(p)) for p in said]) < 3.5


def test_without_scores_nothing_is_left_out():
    assert AdaptiveSets(0.9).sets([0.7, 0.1, 0.2]) == (0, 2, 1)


def test_a_set_is_never_empty_and_the_most_probable_comes_first():
    assert AdaptiveSets(0.5, [0.01] * 100).sets([0.3, 0.5, 0.2]) == (1,)
    assert AdaptiveSets(0.9, [0.9] * 100).sets([0.3, 0.5, 0.2]) == (1, 0, 2)


def test_one_answer_moves_the_level_the_right_way():
    sets = AdaptiveSets(0.9, [0.1] * 100)
    before = sets.level()
    assert not sets.update([0.9, 0.1], 1)
    assert sets.level() < before
    middle = sets.level()
    assert sets.update([0.95, 0.05], 0)
    assert sets.level() > middle
    assert sets.coverage == 0.9


def test_memory_is_bounded_and_thinning_keeps_the_quantile():
    scores = np.linspace(0, 1, 5001).tolist()
    sets = AdaptiveSets(0.9, scores, memory=200)
    assert sets._stream("both").threshold() == pytest.approx(0.9, abs=0.01)
    for _ in range(1000):
        sets.update([0.6, 0.4], 0)
    assert sets.level() == 1.0
    assert len(sets._stream("both")._scores) == 200
    assert max(sets._stream("both")._scores) == pytest.approx(0.4)


def test_each_condition_keeps_its_own_promise():
    said, truth = stream(3000, 1.0, seed=5)
    vague, vague_truth = stream(3000, 0.2, seed=6)
    scores = {"face": lac_scores(said[:1000], truth[:1000]), "eeg": lac_scores(vague[:1000], vague_truth[:1000])}
    sets = AdaptiveSets(0.9, {name: values.tolist() for name, values in scores.items()})
    for condition, p, t in (("face", said, truth), ("eeg", vague, vague_truth)):
        covered = [t_ in sets.sets(p_, condition) for p_, t_ in zip(p[1000:], t[1000:], strict=True)]
        assert np.mean(covered) == pytest.approx(0.9, abs=0.03)
    sets.update(said[0], int(said[0].argmin()), "face")
    assert sets.level("face") < sets.level("eeg")
    assert len(sets.sets(said[0], "both")) == N_CLASSES


def test_the_condition_is_told_by_the_weights():
    assert [condition_of(w) for w in ((1.0, 0.0), (0.0, 1.0), (0.4, 0.6))] == ["eeg", "face", "both"]
