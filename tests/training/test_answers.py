import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from training.answers import FIGURES, Answer, Answers, across_subjects, compare, confusion, estimates

CLASSES = ("calm", "load", "other")


def make(n: int = 120, skill: float = 2.0, subjects: int = 6, seed: int = 0, rated: bool = True) -> Answers:
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        truth = int(rng.integers(3))
        p = rng.dirichlet(np.ones(3) + skill * np.eye(3)[truth])
        valence = float(rng.uniform(-1, 1))
        value = (valence, 0.2 + valence / 2)
        rows.append(
            Answer(
                f"S{k % subjects}",
                truth,
                tuple(p),
                float(1 - p.max()),
                tuple(np.flatnonzero(p > 0.1).tolist()),
                affect=value,
                rated=value if rated else (float("nan"), float("nan")),
            )
        )
    return Answers(rows, CLASSES)


def test_every_figure_has_an_interval_that_holds_it():
    found = estimates(make(), n_draws=200)
    assert set(found) == set(FIGURES)
    for name, one in found.items():
        assert one.low <= one.value <= one.high or name in ("ECE, equal width", "ECE, equal mass"), name
    assert found["CCC, valence"].value == pytest.approx(1.0)
    assert found["accuracy"].low > found["majority baseline"].value


def test_figures_that_do_not_exist_are_left_out():
    found = estimates(make(rated=False), n_draws=20)
    assert "CCC, valence" not in found
    assert "accuracy" in found


def test_across_subjects():
    good, none = across_subjects(make(600, subjects=10)), across_subjects(make(600, skill=0.0, subjects=10))
    assert good.p < 0.01
    assert none.mean < good.mean
    assert list(good.accuracy) == sorted(good.accuracy)
    assert good.mean == pytest.approx(np.mean(list(good.accuracy.values())))


def test_confusion_is_that_of_scikit_learn():
    answers = make()
    assert np.array_equal(confusion(answers), confusion_matrix(answers.truth, answers.guess))


def test_no_answers_give_no_figures():
    nothing = Answers([], CLASSES)
    assert estimates(nothing) == {}
    assert confusion(nothing).sum() == 0


def test_two_runs_are_compared_on_the_people_that_both_have():
    good, bad = make(900, subjects=9, seed=1), make(700, skill=0.0, subjects=7, seed=2)
    found = compare(good, bad, n_draws=100)["accuracy"]
    mine = np.isin(good.subject, bad.subjects)
    assert found.first == pytest.approx(np.mean(good.right[mine]))
    assert found.difference.value == pytest.approx(found.first - found.second)
    assert 0 < found.difference.low < found.difference.value < found.difference.high
    assert found.p == pytest.approx(2 / 2**7), "all seven differ in the same direction"
    same = compare(bad, bad, n_draws=20)["NLL"]
    assert (same.difference, same.p) == ((0.0, 0.0, 0.0), 1.0)


def test_runs_without_a_common_person_are_not_compared():
    assert compare(make(subjects=1), Answers([], CLASSES)) == {}
