"""Each weighting and mixing against its equation."""

import math

import pytest
import torch

from core.errors import ConfigError
from core.models.fusion import PAPER, REPO, Dfum, UdmlForm, UdmlFusion, build_fusion, known_fusions
from core.models.fusion.dual import N_STATE, LearningState, Ucrl
from core.models.fusion.evidence import combine, vacuity
from core.models.fusion.mixing import MIXINGS
from core.models.fusion.udml import dependency
from core.models.heads import Gaussian

BOTH = torch.ones(1, 2, dtype=torch.bool)


class Level(torch.nn.Module):
    """Stands for a trained estimator: gives the level it is told, whatever it reads."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = torch.nn.Parameter(torch.tensor(level))

    def forward(self, log_variance: torch.Tensor) -> torch.Tensor:
        return self.level.expand(len(log_variance))


def places(n_modalities: int = 2, batch: int = 1, log_variance: tuple[float, ...] | None = None) -> list[Gaussian]:
    torch.manual_seed(0)
    spread = log_variance or (0.0,) * n_modalities
    return [Gaussian(torch.randn(batch, 8), torch.full((batch, 8), spread[m])) for m in range(n_modalities)]


def udml(form: UdmlForm, levels: tuple[float, ...], kappa: tuple[float, ...]) -> UdmlFusion:
    fusion = UdmlFusion(len(levels), 8, form=form)
    fusion.estimators = torch.nn.ModuleList(Level(level) for level in levels)
    fusion.kappa.copy_(torch.tensor(kappa))
    return fusion


@pytest.mark.parametrize(
    ("level", "audio", "visual"),
    [(1.0, 0.40, 1.60), (2.0, 0.67, 1.33), (4.0, 1.0, 1.0), (8.0, 1.33, 0.67), (11.0, 1.47, 0.53)],
)
def test_the_paper_s_weights_at_its_own_dependency(level: float, audio: float, visual: float):
    fusion = udml(PAPER, (1.0, level), (1.6, 0.4))
    gain = fusion.gain(fusion(places(), BOTH).weights, BOTH)[0]
    assert gain.tolist() == pytest.approx([audio, visual], abs=0.005)


@pytest.mark.parametrize(("level", "audio", "visual"), [(1.0, 1.4, 2.6), (4.0, 2.6, 1.4), (11.0, 2.94, 1.06)])
def test_the_code_s_weights_never_take_a_modality_away(level: float, audio: float, visual: float):
    fusion = udml(REPO, (1.0, level), (1.6, 0.4))
    gain = fusion.gain(fusion(places(), BOTH).weights, BOTH)[0]
    assert gain.tolist() == pytest.approx([audio, visual], abs=0.005)


def test_each_part_of_udml_can_be_left_out():
    levels, kappa = (1.0, 2.0), (1.25, 0.8)
    alone = udml(UdmlForm(dependency=False), levels, kappa)(places(), BOTH).weights[0]
    assert alone.tolist() == pytest.approx([0.8, 0.2])
    leaning = udml(UdmlForm(estimator=False), levels, kappa)(places(), BOTH).weights[0]
    assert leaning.tolist() == pytest.approx([0.8 / 2.05, 1.25 / 2.05])


@pytest.mark.parametrize(("form", "taught"), [(UdmlForm(), False), (REPO, True)])
def test_the_task_teaches_the_estimators_only_in_the_code_s_form(form: UdmlForm, taught: bool):
    fusion = udml(form, (1.5, 2.0), (1.0, 1.0))
    (fusion(places(), BOTH).feature ** 2).sum().backward() if taught else None
    if taught:
        assert all(one.grad is not None for one in fusion.estimators.parameters())
    else:
        assert not fusion(places(), BOTH).feature.requires_grad


def test_competence_is_learnt_with_the_task_while_noise_is_held():
    fusion = udml(UdmlForm(dependency=False, competence=True), (1.5, 2.0), (1.0, 1.0))
    (fusion(places(), BOTH).feature ** 2).sum().backward()
    assert fusion.log_competence.grad is not None
    assert all(one.grad is None for one in fusion.estimators.parameters())


def test_dependency_is_the_mean_change_of_the_output():
    everything = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    without = [torch.tensor([[0.0, 1.0], [0.5, 0.5]]), everything]
    assert dependency(everything, without).tolist() == [1.0, 0.0]


def test_probabilistic_embeddings_weigh_by_the_inverse_variance():
    weights = build_fusion("pe", 2, 8)(places(log_variance=(0.0, math.log(3.0))), BOTH).weights[0]
    assert weights.tolist() == pytest.approx([0.75, 0.25])


def test_eau_gives_each_of_two_the_share_of_the_other():
    one, other = 0.5, 2.0
    weights = build_fusion("eau", 2, 8)(places(log_variance=(math.log(one), math.log(other))), BOTH).weights[0]
    swapped = torch.tensor([one, other]).softmax(0).flip(0)
    torch.testing.assert_close(weights, swapped)
    # Of unit length, in 8 dimensions: half and twice the features' mean square.
    gaussians = places(log_variance=(math.log(one / 8), math.log(other / 8)))
    torch.testing.assert_close(build_fusion("eau-unit", 2, 8)(gaussians, BOTH).weights[0], swapped)


def test_qmf_weighs_by_energy():
    logits = torch.tensor([[[3.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])
    weights = build_fusion("qmf", 2, 8)(places(), BOTH, logits=logits).weights[0]
    energy = torch.tensor([math.log(math.e**3 + 2.0), 1.0 + math.log(3.0)])
    torch.testing.assert_close(weights, energy / energy.sum())


def test_dempster_s_rule_by_hand():
    # Two classes; beliefs (.5, .25) and (.2, .6), vacuities .25 and .2: conflict .5 * .6 + .25 * .2 = .35.
    evidence = torch.tensor([[[4.0, 2.0], [2.0, 6.0]]])
    assert vacuity(evidence)[0].tolist() == pytest.approx([0.25, 0.2])
    belief = torch.tensor([0.5 * 0.2 + 0.5 * 0.2 + 0.2 * 0.25, 0.25 * 0.6 + 0.25 * 0.2 + 0.6 * 0.25]) / 0.65
    doubt = 0.25 * 0.2 / 0.65
    torch.testing.assert_close(combine(evidence)[0], belief * 2 / doubt)


def test_no_evidence_changes_nothing():
    evidence = torch.tensor([[[4.0, 2.0], [0.0, 0.0], [0.0, 0.0]]])
    torch.testing.assert_close(combine(evidence)[0], evidence[0, 0])


def test_tmc_says_what_it_misses():
    with pytest.raises(ConfigError, match="tmc"):
        build_fusion("tmc", 2, 8)(places(), BOTH)


@pytest.mark.parametrize("mixing", sorted(MIXINGS))
@pytest.mark.parametrize("weighting", known_fusions())
def test_what_is_missing_changes_nothing_in_any_family(weighting: str, mixing: str):
    torch.manual_seed(1)
    fusion = build_fusion(f"{weighting}+{mixing}", 3, 8).eval()
    mask = torch.tensor([[True, False, True], [False, True, False], [False, False, False]])
    logits, here = torch.randn(3, 3, 4), places(3, 3)
    moved = [Gaussian(one.mean.where(mask[:, m : m + 1], torch.tensor(9.0)), one.log_variance)
             for m, one in enumerate(here)]  # fmt: skip
    fused, again = fusion(here, mask, logits=logits), fusion(moved, mask, logits=logits)
    assert fused.feature.isfinite().all()
    torch.testing.assert_close(fused.feature, again.feature)


@pytest.mark.parametrize("mixing", sorted(set(MIXINGS) - {"mean"}))
def test_a_mixing_learns_from_every_modality(mixing: str):
    fusion = build_fusion(f"static+{mixing}", 3, 8)
    here = [Gaussian(one.mean.requires_grad_(), one.log_variance) for one in places(3, 2)]
    fusion(here, torch.ones(2, 3, dtype=torch.bool)).feature.square().sum().backward()
    assert all(one.mean.grad is not None and one.mean.grad.abs().sum() > 0 for one in here)
    assert all(parameter.grad is not None for parameter in fusion.parameters())


def test_an_unknown_mixing_tells_the_known_ones():
    with pytest.raises(ConfigError, match=r"'soup'.*attention.*gating"):
        build_fusion("static+soup", 2, 8)


def test_weights_do_not_act_in_the_first_stage():
    fusion = udml(UdmlForm(), (1.0, 5.0), (1.0, 1.0))
    here = places()
    torch.testing.assert_close(fusion.equal(here, BOTH).feature, (here[0].mean + here[1].mean) / 2)


@pytest.mark.parametrize("name", ["tmc", "ucrl"])
def test_what_decides_by_itself_has_no_first_stage(name: str):
    torch.manual_seed(0)
    fusion, here, logits = build_fusion(name, 2, 8).eval(), places(), torch.randn(1, 2, 4)
    fused, first = fusion(here, BOTH, logits=logits), fusion.equal(here, BOTH, logits=logits)
    assert torch.equal(first.feature, fused.feature)
    assert torch.equal(first.weights, fused.weights)


def test_dfum_adds_an_uncertain_part_that_follows_the_learning_state():
    torch.manual_seed(0)
    dfum, state = Dfum(8), LearningState()
    for parameter in dfum.layers.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    feature = torch.randn(4, 8)
    early, uncertain = dfum(feature, state())
    torch.testing.assert_close(early.mean, torch.nn.functional.layer_norm(feature, (8,)) + uncertain)
    for _ in range(50):
        state.follow(0.9, 0.1, 0.95)
    assert state.now[0] == pytest.approx(0.9)
    assert state().shape == (N_STATE,)
    assert not torch.allclose(dfum(feature, state())[0].mean, early.mean)
    assert "now" in state.state_dict()


def test_ucrl_weighs_pairs_by_the_inverse_of_their_variance():
    fusion = Ucrl(2, 8).eval()
    torch.nn.init.zeros_(fusion.log_variance.weight)
    with torch.no_grad():
        spread = torch.tensor([1.0, 2.0, 4.0, 4.0]).log()
        fusion.log_variance.bias.copy_(spread.repeat_interleave(8))
    weights = fusion(places(), BOTH).weights[0]
    # Pairs (1,1) (1,2) (2,1) (2,2) have shares 4, 2, 1, 1 of 8; the first takes part in 4 + (2 + 1) / 2 of them.
    assert weights.tolist() == pytest.approx([5.5 / 8, 2.5 / 8])
