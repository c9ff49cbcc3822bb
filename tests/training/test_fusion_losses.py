import math

import pytest
import torch

from core.models.heads import Gaussian
from training.fusion_losses import contrastive_loss, evidential_loss, gaussian_prior, rank_loss
from training.modulation import Dam, mmd


def test_prior_is_the_divergence_of_two_gaussians():
    mean, variance, prior = 0.7, 0.5, 2.0
    gaussian = Gaussian(torch.full((1, 3), mean), torch.full((1, 3), math.log(variance)))
    first, second = (torch.distributions.Normal(m, math.sqrt(v)) for m, v in ((mean, variance), (0.0, prior)))
    expected = 3 * float(torch.distributions.kl_divergence(first, second))
    assert float(gaussian_prior(gaussian, torch.tensor([prior]))) == pytest.approx(expected, rel=1e-5)


def test_rank_loss_asks_the_better_known_of_two_to_be_the_surer():
    history = torch.tensor([0.0, 1.0])
    assert float(rank_loss(torch.tensor([2.0, 1.0]), history)) == 0.0
    assert float(rank_loss(torch.tensor([1.0, 2.0]), history)) == pytest.approx(2.0)


def test_evidential_loss_is_the_expected_cross_entropy_and_shuns_wrong_evidence():
    torch.manual_seed(0)
    alpha = torch.tensor([[5.0, 2.0, 1.0]])
    drawn = torch.distributions.Dirichlet(alpha[0]).sample((200_000,))
    expected = float(-drawn[:, 0].log().mean())
    assert float(evidential_loss(alpha - 1.0, torch.tensor([0]), 0.0)) == pytest.approx(expected, abs=0.01)
    wrong = torch.distributions.Dirichlet(torch.tensor([1.0, 2.0, 1.0]))
    flat = torch.distributions.Dirichlet(torch.ones(3))
    more = float(evidential_loss(alpha - 1.0, torch.tensor([0]), 1.0)) - expected
    assert more == pytest.approx(float(torch.distributions.kl_divergence(wrong, flat)), abs=0.01)


def test_contrast_is_least_where_pairs_match():
    places = torch.eye(6)
    assert contrastive_loss([places, places]) < contrastive_loss([places, places.roll(1, 0)])


def test_mmd_is_zero_for_one_sample_and_grows_with_the_shift():
    torch.manual_seed(0)
    sample = torch.randn(60, 4)
    assert float(mmd(sample, sample)) == pytest.approx(0.0, abs=1e-5)
    assert float(mmd(sample, sample + 0.5)) < float(mmd(sample, sample + 2.0))


def test_modulation_clips_at_every_tenth_step_without_losing_the_gradient():
    dam = Dam()
    usual = torch.linspace(0.5, 1.5, 50)
    for _ in range(9):
        dam.modulate(usual, torch.ones(50), 0.0)
    loss = torch.cat([usual[:-1], torch.tensor([30.0])]).requires_grad_()
    clipped = dam.modulate(loss, torch.ones(50), 0.0)
    threshold = dam.mean + 3.0 * dam.spread
    assert clipped[-1].item() == pytest.approx(threshold, rel=1e-4)
    torch.testing.assert_close(clipped[:-1].detach(), usual[:-1])
    clipped.sum().backward()
    assert loss.grad is not None
    assert 0.0 < float(loss.grad[-1]) < 1.0


def test_modulation_damps_large_losses_and_uncertain_samples_and_drops_none():
    loss, sure = torch.tensor([0.1, 0.1, 8.0, 8.0]), torch.tensor([1.0, 3.0, 1.0, 3.0])
    first, unsure, large, both = Dam().modulate(loss, sure, 1.0).tolist()
    assert first == pytest.approx(math.log1p(0.1) / 1.25)
    assert unsure == pytest.approx(math.log1p(0.1) / 1.75)
    assert large / 8.0 < first / 0.1
    assert both > 0


def test_alignment_looks_back_on_the_latest_features():
    dam = Dam(kept=64)
    torch.manual_seed(0)
    assert float(dam.align(torch.randn(32, 4))) == 0.0
    near = float(dam.align(torch.randn(32, 4)))
    far = float(dam.align(torch.randn(32, 4) + 3.0))
    assert far > near
    assert sum(map(len, dam._earlier)) <= 96
