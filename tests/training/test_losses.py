import pytest
import torch

from core.models.heads import Gaussian
from training.losses import (
    Injection,
    affect_loss,
    concordance,
    cross_entropy,
    distillation,
    info_nce,
    noise_loss,
    prior_loss,
    prototype_loss,
    reliability,
    softened_divergence,
    sureness_weights,
    uncertainty_loss,
)

unit = torch.nn.functional.normalize


def test_cross_entropy_counts_known_labels_alone():
    p = torch.tensor([[0.5, 0.5], [0.1, 0.9]])
    assert cross_entropy(p, torch.tensor([0, -1])) == pytest.approx(float(-torch.log(torch.tensor(0.5))))
    assert cross_entropy(p, torch.tensor([-1, -1])) == 0.0


def test_info_nce_is_low_for_matched_pairs_and_high_for_shuffled_ones():
    torch.manual_seed(0)
    z, group = unit(torch.randn(16, 8), dim=-1), torch.arange(16)
    assert info_nce(z, z, group, 0.1) < 0.1 < 2.0 < info_nce(z, z.roll(1, 0), group, 0.1)


def test_windows_of_the_same_trial_are_no_negatives():
    z = unit(torch.ones(4, 8), dim=-1)
    assert info_nce(z, z, torch.zeros(4, dtype=torch.long), 0.1) == pytest.approx(0.0, abs=1e-4)
    assert info_nce(z, z, torch.arange(4), 0.1) == pytest.approx(float(torch.tensor(4.0).log()), abs=1e-4)


def test_prototype_loss_draws_to_the_own_prototype():
    prototypes = torch.eye(3)
    near, far = prototype_loss([prototypes], prototypes, torch.arange(3), 0.1), prototype_loss(
        [prototypes], prototypes, torch.tensor([1, 2, 0]), 0.1
    )  # fmt: skip
    assert near < 0.01 < far


def test_margin_finds_the_pair_that_does_not_match_and_literal_does_not():
    torch.manual_seed(0)
    teacher = unit(torch.randn(64, 32), dim=-1)
    student = teacher.clone()
    student[:8] = unit(torch.randn(8, 32), dim=-1)
    sure = torch.full((64,), 0.5)
    margin = reliability(student, teacher, sure, "margin")
    assert margin[:8].max() < margin[8:].min()
    assert ((margin >= 0) & (margin <= 1)).all()
    similarity = student @ teacher.T
    others = (similarity.sum(1) - similarity.diagonal()) / 63
    torch.testing.assert_close(reliability(student, teacher, sure, "literal"), others * 0.5 / others.mean())


def test_uncertainty_loss_moves_vacuity_towards_its_target():
    vacuity = torch.tensor([0.9, 0.1], requires_grad=True)
    uncertainty_loss(vacuity, torch.tensor([0.9, 0.9])).backward()
    assert vacuity.grad is not None
    assert vacuity.grad[0] > 0
    assert vacuity.grad[1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("layer", [0, 1])
def test_injection_takes_on_the_teachers_statistics_and_leaves_its_weights_alone(layer: int):
    torch.manual_seed(0)
    head = [torch.nn.Linear(6, 5).requires_grad_(False), torch.nn.Linear(5, 3).requires_grad_(False)]
    injection = Injection(4, (6, 5)[layer], layer)
    student = torch.randn(32, 4, requires_grad=True)
    teacher = 3.0 + 2.0 * torch.randn(32, (6, 5)[layer])
    out = injection(student, teacher, head)
    expected_mean = torch.nn.Sequential(*head[layer:])(teacher).mean(0)
    torch.testing.assert_close(out.mean(0), expected_mean, atol=1e-4, rtol=1e-4)
    out.square().sum().backward()
    assert student.grad is not None
    assert student.grad.abs().sum() > 0
    assert injection.adapt.weight.grad is not None


def test_distillation_is_zero_for_equal_distributions_and_weighs_windows():
    p, q = torch.tensor([[0.7, 0.3], [0.5, 0.5]]), torch.tensor([[0.5, 0.5], [0.5, 0.5]])
    assert distillation(p, p) == pytest.approx(0.0, abs=1e-6)
    assert distillation(q, p) > 0
    assert distillation(q, p, torch.tensor([0.0, 1.0])) == pytest.approx(0.0, abs=1e-6)


def test_sureness_weights_are_bounded_and_detached():
    weights = sureness_weights(torch.tensor([0.0, 0.5, 1.0], requires_grad=True))
    assert not weights.requires_grad
    assert weights.tolist() == pytest.approx([2.0, 1.0, 0.2])


def test_affect_loss_prefers_the_truth_and_ignores_the_unknown():
    truth = torch.tensor([[0.5, 0.1], [-0.5, 0.3], [0.0, -0.4], [float("nan")] * 2])
    good, bad = truth.nan_to_num(9.0), -truth.nan_to_num(9.0)
    spread = torch.full((4, 2), -2.0)
    assert affect_loss(good, spread, truth) < affect_loss(bad, spread, truth)
    assert affect_loss(good, spread, torch.full((4, 2), float("nan"))) == 0.0


def test_a_scale_that_was_rated_alone_is_learnt_alone():
    nan = float("nan")
    said, spread = torch.tensor([[0.5, 0.1], [-0.4, 0.3], [0.0, -0.4], [0.2, 0.6]]), torch.full((4, 2), -1.0)
    truth = torch.tensor([[0.4, nan], [-0.5, nan], [0.1, nan], [nan, nan]])
    alone = affect_loss(said[:3, :1], spread[:3, :1], truth[:3, :1])
    assert affect_loss(said, spread, truth) == alone != 0.0
    mixed = torch.tensor([[0.4, nan], [-0.5, 0.2], [0.1, -0.5], [nan, 0.5]])
    first, second = (
        affect_loss(said[:3, :1], spread[:3, :1], mixed[:3, :1]),
        affect_loss(said[1:, 1:], spread[1:, 1:], mixed[1:, 1:]),
    )
    assert affect_loss(said, spread, mixed) == pytest.approx(float(first + second) / 2)


def test_noise_loss_counts_what_is_there():
    noise, level = torch.tensor([[1.0, 5.0]]), torch.tensor([[2.0, 1.0]])
    assert noise_loss(noise, level, torch.tensor([[True, False]])) == 1.0


def test_prior_is_wider_for_noisier_windows():
    level = torch.tensor([1.0, 5.0])
    log_variance = torch.log(level / 4).unsqueeze(1).expand(2, 4)
    there = torch.ones(2, dtype=torch.bool)
    right = prior_loss(Gaussian(torch.zeros(2, 4), log_variance), level, there)
    wrong = prior_loss(Gaussian(torch.zeros(2, 4), log_variance.flip(0)), level, there)
    assert right == pytest.approx(0.0, abs=1e-6)
    assert wrong > 1.0


def test_concordance_is_lins():
    said, truth = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.0], [2.0], [4.0]])
    # covariance 4/3, variances 2/3 and 8/3, means 1 and 2
    assert concordance(said, truth) == pytest.approx(2 * (4 / 3) / (2 / 3 + 8 / 3 + 1), abs=1e-5)
    twice = concordance(said, truth, torch.tensor([1.0, 1.0, 2.0]))
    longer = concordance(torch.cat([said, said[2:]]), torch.cat([truth, truth[2:]]))
    torch.testing.assert_close(twice, longer)


def test_softened_divergence_is_hintons():
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    p, q = (teacher / 2).softmax(-1), (student / 2).softmax(-1)
    expected = 4 * (p * (p / q).log()).sum()
    torch.testing.assert_close(softened_divergence(student, teacher, 2.0, torch.ones(1)), expected)
