import numpy as np
import pytest

from core.uncertainty import concentration, disagreement, divergence, entropy, take_apart


def test_parts_agree_with_sampling_the_dirichlet():
    alpha = np.array([1.2, 4.0, 2.5])
    draws = np.random.default_rng(0).dirichlet(alpha, 200_000)
    parts = take_apart(alpha)
    assert parts.aleatoric == pytest.approx(float(-(draws * np.log(draws)).sum(1).mean()), abs=3e-3)
    assert parts.total == pytest.approx(parts.aleatoric + parts.epistemic)
    assert parts.vacuity == pytest.approx(3 / 7.7)


def test_evidence_lowers_the_epistemic_part_and_leaves_the_aleatoric_one():
    little, much = take_apart(np.full(7, 1.0)), take_apart(np.full(7, 1000.0))
    assert little.epistemic > 0.3 > 1e-2 > much.epistemic
    assert much.aleatoric == pytest.approx(np.log(7), abs=1e-2)


def test_concentration_follows_equation_five_and_does_not_run_away():
    np.testing.assert_allclose(concentration(np.array([0.0, 0.2]), 0.2), [2.0, 1 + np.e])
    assert np.isfinite(concentration(np.array([1.0]), 1e-4)).all()


ONE, OTHER, FLAT, LEANS = (np.array(p) for p in ([1.0, 0, 0], [0, 1.0, 0], [1 / 3] * 3, [0.2, 0.5, 0.3]))


def test_entropy_and_divergence_go_from_zero_to_one():
    assert entropy(np.stack([ONE, FLAT])) == pytest.approx([0.0, 1.0], abs=1e-9)
    assert divergence(np.stack([ONE, ONE]), np.stack([ONE, OTHER])) == pytest.approx([0.0, 1.0], abs=1e-9)
    assert 0.1 < divergence(ONE, FLAT) == divergence(FLAT, ONE) < 0.9


def test_two_sure_and_opposite_modalities_contradict_each_other_and_a_vacuous_one_nothing():
    assert disagreement(ONE, OTHER) == pytest.approx(1.0, abs=1e-9)
    assert disagreement(ONE, ONE) == pytest.approx(0.0, abs=1e-9)
    assert disagreement(ONE, FLAT) == disagreement(FLAT, ONE) == pytest.approx(0.0, abs=1e-6)
    assert 0.0 < disagreement(ONE, LEANS) == disagreement(LEANS, ONE) < 0.5 * divergence(ONE, LEANS)


def test_a_near_uniform_modality_contradicts_no_more_where_the_other_is_sure():
    near = np.array([0.36, 0.32, 0.32])
    unsure = np.array([0.2, 0.6, 0.2])
    assert divergence(near, OTHER) > 4 * divergence(near, unsure)
    assert disagreement(near, OTHER) < 0.05


def test_unfamiliar_evidence_counts_for_nothing():
    similarity = np.array([0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    known, strange = (take_apart(concentration(similarity, 0.2, familiarity)) for familiarity in (1.0, 1e-4))
    assert known.epistemic < 0.1
    assert strange.epistemic > 0.3
