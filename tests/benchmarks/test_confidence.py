import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy as scipy_entropy

from benchmarks import confidence

RNG = np.random.default_rng(0)
LOGITS = RNG.standard_normal((4000, 4))
TRUTH = np.array([RNG.choice(4, p=p) for p in softmax(LOGITS, axis=1)])
"""Drawn from the very probabilities of the logits: these need no scaling."""


@pytest.mark.parametrize("factor", [0.25, 1.0, 6.0])
def test_temperature_undoes_what_made_the_logits_too_sure(factor: float):
    assert confidence.temperature(factor * LOGITS, TRUTH) == pytest.approx(factor, rel=0.1)


def test_temperature_without_truth_changes_nothing():
    assert confidence.temperature(np.zeros((0, 4)), np.zeros(0, int)) == 1.0
    assert np.allclose(confidence.scaled(LOGITS, 1.0), softmax(LOGITS, axis=1))


def test_entropy_and_doubt():
    p = np.array([[0.5, 0.5], [1.0, 0.0]])
    assert confidence.entropy(p) == pytest.approx([np.log(2), 0.0])
    assert confidence.entropy(softmax(LOGITS, axis=1)) == pytest.approx(scipy_entropy(softmax(LOGITS, axis=1), axis=1))
    assert confidence.doubt(p) == pytest.approx([0.5, 0.0])


def test_an_ensemble_disagrees_only_where_its_members_do():
    one, other = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]])
    mean, disagreement = confidence.ensemble([one, other])
    assert mean == pytest.approx(np.full((2, 2), 0.5))
    assert disagreement == pytest.approx([np.log(2), 0.0])
