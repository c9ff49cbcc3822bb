import numpy as np
import pytest

from core.calibration import (
    OWN_ANSWERS,
    WITHOUT_NEUTRAL,
    AdaptiveSets,
    condition_of,
    fit_temperature,
    lac_scores,
    probabilities,
)

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


@pytest.mark.parametrize(("sharpness", "least", "most"), [(0.3, 0.85, 4.2), (5.0, 0.85, 3.0)])
def test_after_eight_answers_the_sets_are_nearly_the_persons(sharpness, least, most):
    covered, sizes, unadapted = [], [], calibrated(0.9)
    for seed in range(40):
        said, truth = stream(40, sharpness, seed=100 + seed)
        sets = calibrated(0.9)
        for p, t in zip(said[:8], truth[:8], strict=True):
            sets.update(p, int(t))
        chosen = [sets.sets(p) for p in said[8:]]
        covered.append(np.mean([t in one for t, one in zip(truth[8:], chosen, strict=True)]))
        sizes.append(np.mean([len(one) for one in chosen]))
    before = np.mean([len(unadapted.sets(p)) for p in stream(400, sharpness, seed=1)[0]])
    assert np.mean(covered) > least
    assert np.mean(sizes) < most
    assert (np.mean(sizes) > before) == (sharpness < 1)  # wider for whom the model is too sure, narrower for the other


def test_the_threshold_without_own_answers_is_that_of_split_conformal():
    for n in (9, 19, 100, 250):
        scores = np.random.default_rng(n).random(n)
        sets = AdaptiveSets(0.9, scores.tolist())
        rank = int(np.ceil((n + 1) * 0.9))
        assert sets._stream("both").threshold() == np.sort(scores)[rank - 1]
    assert AdaptiveSets(0.9, [0.1] * 8)._stream("both").threshold() == np.inf


def test_own_answers_alone_are_split_conformal_too():
    sets = AdaptiveSets(0.9)
    for k in range(19):
        sets.update([1 - k / 20, k / 20], 0)
    assert sets._stream("both").threshold() == pytest.approx(17 / 20)


def test_a_class_that_no_score_stands_for_is_left_out_only_where_it_is_improbable():
    sets = AdaptiveSets(0.9, {"face": [0.05] * 200}, {"face": {2: 0.07, 3: 0.0}})
    assert sets.sets([0.9, 0.05, 0.04, 0.01], "face") == (0, 3)
    assert sets.sets([0.86, 0.05, 0.08, 0.01], "face") == (0, 2, 3)
    for _ in range(OWN_ANSWERS):
        sets.update([0.97, 0.01, 0.01, 0.01], 0, "face")
    assert sets.sets([0.96, 0.01, 0.08, 0.0], "face") == (0,)


def test_without_an_own_neutral_face_other_scores_hold_and_old_models_know_the_face_alone():
    probability = [0.7, 0.2, 0.1]
    scores = {"face": [0.1] * 100, WITHOUT_NEUTRAL: [0.85] * 100}
    assert AdaptiveSets(0.9, scores).sets(probability, WITHOUT_NEUTRAL) == (0, 1)
    assert AdaptiveSets(0.9, {"face": [0.1] * 100}).sets(probability, WITHOUT_NEUTRAL) == (0,)


def test_sets_are_no_larger_than_they_must_be():
    sets = calibrated(0.9)
    said, _ = stream(500, 1.0, seed=4)
    assert 1.0 <= np.mean([len(sets.sets(p)) for p in said]) < 3.5


def test_without_scores_nothing_is_left_out():
    assert AdaptiveSets(0.9).sets([0.7, 0.1, 0.2]) == (0, 2, 1)


def test_a_set_is_never_empty_and_the_most_probable_comes_first():
    assert AdaptiveSets(0.5, [0.01] * 100).sets([0.3, 0.5, 0.2]) == (1,)
    assert AdaptiveSets(0.9, [0.9] * 100).sets([0.3, 0.5, 0.2]) == (1, 0, 2)


def test_the_newest_answers_push_out_the_oldest():
    sets = AdaptiveSets(0.9, [0.5] * 100, memory=50)
    for _ in range(50):
        sets.update([0.1, 0.9], 0)
    assert sets._stream("both").threshold() == pytest.approx(0.9)
    for _ in range(50):
        sets.update([0.6, 0.4], 0)
    assert sets._stream("both").n_own == 50
    assert sets._stream("both").threshold() <= 0.5


def test_each_condition_keeps_its_own_promise():
    said, truth = stream(3000, 1.0, seed=5)
    vague, vague_truth = stream(3000, 0.2, seed=6)
    scores = {"face": lac_scores(said[:1000], truth[:1000]), "eeg": lac_scores(vague[:1000], vague_truth[:1000])}
    sets = AdaptiveSets(0.9, {name: values.tolist() for name, values in scores.items()})
    for condition, p, t in (("face", said, truth), ("eeg", vague, vague_truth)):
        covered = [t_ in sets.sets(p_, condition) for p_, t_ in zip(p[1000:], t[1000:], strict=True)]
        assert np.mean(covered) == pytest.approx(0.9, abs=0.03)
    sets.update(said[0], int(said[0].argmin()), "face")
    assert (sets._stream("face").n_own, sets._stream("eeg").n_own) == (1, 0)
    assert len(sets.sets(said[0], "both")) == N_CLASSES


def test_the_condition_is_told_by_the_weights():
    assert [condition_of(w) for w in ((1.0, 0.0), (0.0, 1.0), (0.4, 0.6))] == ["eeg", "face", "both"]
    neutrals = ("", "own", "running", "unknown")
    assert [condition_of((0.0, 1.0), one) for one in neutrals] == ["face", "face", WITHOUT_NEUTRAL, WITHOUT_NEUTRAL]
    assert [condition_of((0.4, 0.6), one) for one in neutrals] == ["both"] * 4


def test_a_soft_answer_is_one_observation_whose_score_is_spread_by_its_shares():
    hard, soft = AdaptiveSets(0.5), AdaptiveSets(0.5)
    for k in range(20):
        hard.update([0.7, 0.2, 0.1], int(k % 4 == 0))  # a quarter of the answers is 1
        soft.update([0.7, 0.2, 0.1], {0: 0.75, 1: 0.25})
    for sets in (hard, soft):
        assert sets._stream("both").n_own == 20
        assert sets._stream("both").threshold() == pytest.approx(0.3)
    for sets in (hard, soft):
        sets.coverage = sets._stream("both")._coverage = 0.8
        assert sets._stream("both").threshold() == pytest.approx(0.8)
    assert AdaptiveSets(0.9).update([0.6, 0.4], {0: 0.6, 1: 0.4})


def test_a_soft_answer_that_is_of_one_class_is_as_a_hard_one_to_the_bit():
    one, other = calibrated(0.9), calibrated(0.9)
    said, truth = stream(30, 0.5, seed=8)
    for p, t in zip(said, truth, strict=True):
        one.update(p, int(t))
        other.update(p, {int(t): 1.0})
        assert one._stream("both").threshold() == other._stream("both").threshold()


def test_where_a_class_that_no_score_stands_for_comes_first_the_set_is_open_until_there_are_own_answers():
    untested = {"face": {2: 0.1}}
    sets = AdaptiveSets(0.9, {"face": [0.1] * 100}, untested, open_untested=True)
    assert sets.sets([0.05, 0.05, 0.9], "face") == (2, 0, 1)
    assert sets.sets([0.9, 0.05, 0.05], "face") == (0,)
    assert sets.sets([0.05, 0.05, 0.9], "both") == (2, 0, 1)  # no scores at all
    assert AdaptiveSets(0.9, {"face": [0.1] * 100}, untested).sets([0.05, 0.05, 0.9], "face") == (2,)
    for _ in range(8):
        sets.update([0.05, 0.05, 0.9], 2, "face")
    assert sets.sets([0.05, 0.05, 0.9], "face") == (2,)
