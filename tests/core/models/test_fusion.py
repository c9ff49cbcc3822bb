import pytest
import torch

from core.errors import ConfigError
from core.models.fusion import Fusion, UdmlFusion, build_fusion, known_fusions, register
from core.models.fusion.interface import participation
from core.models.heads import Gaussian

WEIGHTINGS = known_fusions()


def gaussians(n_modalities: int = 2, batch: int = 3) -> list[Gaussian]:
    torch.manual_seed(0)
    return [
        Gaussian(torch.nn.functional.normalize(torch.randn(batch, 8), dim=-1), torch.randn(batch, 8))
        for _ in range(n_modalities)
    ]


class Level(torch.nn.Module):
    """Stands for a trained estimator: gives the level it is told."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level

    def forward(self, log_variance: torch.Tensor) -> torch.Tensor:
        return torch.full((len(log_variance),), self.level)


def udml(*levels: float) -> UdmlFusion:
    fusion = build_fusion("udml", len(levels), 8)
    assert isinstance(fusion, UdmlFusion)
    fusion.estimators = torch.nn.ModuleList(Level(level) for level in levels)
    return fusion


@pytest.mark.parametrize("name", WEIGHTINGS)
@pytest.mark.parametrize("n_modalities", [2, 3, 6])
def test_weights_sum_to_one_for_any_number_of_modalities(name: str, n_modalities: int):
    mask, logits = torch.ones(3, n_modalities, dtype=torch.bool), torch.randn(3, n_modalities, 4)
    fused = build_fusion(name, n_modalities, 8)(gaussians(n_modalities), mask, logits=logits)
    torch.testing.assert_close(fused.weights.sum(-1), torch.ones(3))
    assert fused.feature.shape == (3, 8)


@pytest.mark.parametrize("name", ["static", "udml"])
def test_a_missing_modality_has_no_weight_and_the_other_has_it_all(name: str):
    places = gaussians()
    mask = torch.tensor([[True, True], [False, True], [False, False]])
    fused = build_fusion(name, 2, 8)(places, mask)
    assert fused.weights[1].tolist() == [0.0, 1.0]
    torch.testing.assert_close(fused.feature[1], places[1].mean[1])
    assert fused.weights[2].tolist() == [0.0, 0.0]
    assert fused.feature[2].abs().sum() == 0


def test_weights_are_inverse_squared_noise_and_dependency():
    fusion = udml(1.0, 2.0)
    fusion.kappa.copy_(torch.tensor([1.2, 0.8]))
    weights = fusion(gaussians(), torch.ones(3, 2, dtype=torch.bool)).weights[0]
    raw = torch.tensor([1 / 1.2, 1 / (4 * 0.8)])
    torch.testing.assert_close(weights, raw / raw.sum())


def test_dependency_is_bounded():
    fusion = udml(1.0, 1.0)
    fusion.kappa.copy_(torch.tensor([1.99, 0.01]))
    weights = fusion(gaussians(), torch.ones(3, 2, dtype=torch.bool)).weights[0]
    torch.testing.assert_close(weights[1] / weights[0], torch.tensor(1.25 / 0.8))


def test_a_noisier_modality_weighs_less_at_every_step():
    shares = [float(udml(level, 1.0)(gaussians(), torch.ones(3, 2, dtype=torch.bool)).weights[0, 0])
              for level in (1.0, 2.0, 3.0, 6.0)]  # fmt: skip
    assert shares[0] == pytest.approx(0.5)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < 0.05


def test_task_gradient_does_not_reach_the_estimators():
    fusion = build_fusion("udml", 2, 8)
    places = [Gaussian(one.mean.requires_grad_(), one.log_variance) for one in gaussians()]
    fusion(places, torch.ones(3, 2, dtype=torch.bool)).feature.sum().backward()
    assert all(parameter.grad is None for parameter in fusion.parameters())


def test_dependency_follows_slowly_and_stays_in_the_checkpoint():
    fusion = build_fusion("udml", 2, 8)
    assert isinstance(fusion, UdmlFusion)
    for _ in range(400):
        fusion.follow_dependency(torch.tensor([3.0, 1.0]))
    torch.testing.assert_close(fusion.kappa, torch.tensor([1.5, 0.5]), atol=1e-3, rtol=0)
    assert "kappa" in fusion.state_dict()


def test_contradicting_modalities_make_a_short_feature():
    one = torch.eye(8)[:1]
    agree = build_fusion("static", 2, 8)([Gaussian(one, one)] * 2, torch.ones(1, 2, dtype=torch.bool))
    clash = build_fusion("static", 2, 8)([Gaussian(one, one), Gaussian(-one, one)], torch.ones(1, 2, dtype=torch.bool))
    assert agree.feature.norm() == pytest.approx(1.0)
    assert clash.feature.norm() == pytest.approx(0.0)


def test_an_unknown_name_tells_the_known_ones():
    with pytest.raises(ConfigError, match=r"'attention'.*static.*udml"):
        build_fusion("attention", 2, 8)


def test_one_modality_is_no_fusion():
    with pytest.raises(ConfigError, match="at least 2"):
        build_fusion("static", 1, 8)


def test_a_new_fusion_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.models.fusion.interface._REGISTRY", {})
    register("mine")(Fusion)
    assert isinstance(build_fusion("mine", 2, 8), Fusion)


def test_participation_is_how_many_modalities_speak():
    weights = torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.9, 0.1]])
    assert participation(weights).squeeze(-1).tolist() == pytest.approx([2.0, 1.0, 1 / 0.82])


def test_the_most_trusted_modality_counts_once():
    weights = torch.tensor([[0.5, 0.5], [1.0, 0.0], [0.8, 0.2]])
    counted = build_fusion("udml-noise", 2, 8).strength(weights) * weights
    torch.testing.assert_close(counted, torch.tensor([[1.0, 1.0], [1.0, 0.0], [1.0, 0.25]]))
