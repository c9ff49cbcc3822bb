import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training import selective

RNG = np.random.default_rng(3)
RIGHT = RNG.random(500) < 0.7
UNCERTAINTY = np.round(RNG.random(500) + 0.3 * ~RIGHT, 1)
"""With many ties."""


def test_failure_auroc_is_that_of_scikit_learn():
    assert selective.failure_auroc(UNCERTAINTY, RIGHT) == pytest.approx(roc_auc_score(~RIGHT, UNCERTAINTY))
    assert np.isnan(selective.failure_auroc(UNCERTAINTY, np.ones(500, bool)))


def test_area_under_the_risk_coverage_curve_by_hand():
    right = np.array([True, False, True])
    assert selective.aurc(np.array([0.1, 0.2, 0.3]), right) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert selective.aurc(np.array([0.1, 0.3, 0.2]), right) == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert selective.aurc(np.zeros(3), right) == pytest.approx(1 / 3), "no order at all: risk is the same everywhere"


def test_generalised_area_by_hand_and_by_its_closed_form():
    right = np.array([True, False])
    assert selective.augrc(np.array([0.1, 0.2]), right) == pytest.approx((0 + 0.25) / 2)
    accuracy, auroc = RIGHT.mean(), roc_auc_score(~RIGHT, UNCERTAINTY)
    expected = (1 - auroc) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
    assert selective.augrc(UNCERTAINTY, RIGHT) == pytest.approx(expected), "Traub et al. 2024, eq. 7"


def test_risk_at_a_coverage():
    right = np.array([True, True, True, True, False])
    assert selective.risk_at(np.arange(5.0), right, 0.8) == 0.0
    assert selective.risk_at(np.arange(5.0), right, 1.0) == pytest.approx(0.2)
    assert selective.risk_at(-np.arange(5.0), right, 0.8) == pytest.approx(0.25)


def test_without_answers_there_is_no_figure():
    none = np.zeros(0)
    for figure in (selective.auroc, selective.aurc, selective.augrc, selective.risk_at):
        assert np.isnan(figure(none, none.astype(bool)))
