import torch

from core.models.heads import (
    CIRCUMPLEX,
    AffectHead,
    NoiseEstimator,
    Prototypes,
    concentration,
    expected_probabilities,
)


def test_evidence_follows_equation_five():
    alpha = concentration(torch.tensor([0.0, 0.2]), 0.2)
    torch.testing.assert_close(alpha, torch.tensor([2.0, 1.0 + torch.e]))
    torch.testing.assert_close(expected_probabilities(torch.tensor([1.0, 3.0])), torch.tensor([0.25, 0.75]))


def test_evidence_does_not_run_away():
    assert concentration(torch.tensor([1.0]), 1e-3).isfinite().all()


def test_zero_similarity_is_half_vacuous_whatever_the_classes():
    for n_classes in (2, 7):
        assert n_classes / concentration(torch.zeros(n_classes), 0.2).sum() == 0.5


def test_prototypes_start_orthonormal():
    unit = Prototypes(7, 64).unit()
    torch.testing.assert_close(unit @ unit.T, torch.eye(7), atol=1e-5, rtol=0)


def test_noise_level_is_positive():
    assert (NoiseEstimator(64)(torch.randn(4, 64)) > 0).all()


def test_affect_starts_on_the_circumplex():
    prototypes = Prototypes(7, 64).unit().detach()
    anchors = torch.tensor(list(CIRCUMPLEX.values()))
    mean, log_variance = AffectHead(prototypes, anchors)(prototypes)
    torch.testing.assert_close(mean, anchors, atol=1e-5, rtol=0)
    assert log_variance.shape == (7, 2)
