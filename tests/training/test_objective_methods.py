"""What QMF, TMC, EAU and DUAL add to the live network's loss, against values computed by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.models.fusion import DfumHead, UdmlFusion
from core.models.heads import MAX_EXPONENT
from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, LAST_LAYER, N_EMBEDDING, make_world
from training.baselines import fit_population
from training.examples import UNKNOWN, Examples, TrainingBatch
from training.fusion_losses import LossHistory, contrastive_loss, evidential_loss, gaussian_prior
from training.losses import Weights
from training.modulation import Dam
from training.objective import Objective, _features

LOSSES = "task unimodal affect similarity uncertainty distillation imitation noise prior".split()
N_WINDOWS = 24


def weights(**given: Any) -> Weights:
    return Weights(**{**dict.fromkeys(LOSSES, 0.0), **given})


def network_of(**changed: Any) -> Network:
    torch.manual_seed(0)
    made = Network(replace(ARCHITECTURE, **changed))
    made.face.load_classifier(*(torch.from_numpy(part) for part in LAST_LAYER))
    return made


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(make_world(seconds=N_WINDOWS), N_EMBEDDING, 256)


def batch_for(network: Network, examples: Examples) -> TrainingBatch:
    index = np.arange(N_WINDOWS)
    fit_population(network, examples, index)
    return examples.batch(index)


def said(network: Network, batch: TrainingBatch) -> list[torch.Tensor]:
    """Return each modality's similarities over beta, of the draws that the objective makes after the same seed."""
    torch.manual_seed(1)
    return [network.prototypes(one) / network.prototypes.beta() for one in _features(network, batch.inputs).samples]


@pytest.mark.parametrize(("form", "of_logits"), [("udml-paper", True), ("udml-dependency", False)])
def test_the_dependency_is_the_change_of_logits_where_the_paper_has_it_so(
    examples: Examples, form: str, of_logits: bool
):
    network = network_of(fusion=form).eval()
    batch = batch_for(network, examples)
    assert isinstance(network.fusion, UdmlFusion)
    before = network.fusion.kappa.clone()
    Objective(network, weights(task=1.0), N_WINDOWS)(network, batch, noisy=False)
    eeg, face = (one.mean for one in _features(network, batch.inputs).gaussians)
    says = [network.prototypes(place) / network.prototypes.beta() for place in (eeg + face, face, eeg)]
    if not of_logits:
        alpha = [1.0 + one.clamp(max=MAX_EXPONENT).exp() for one in says]
        says = [one / one.sum(dim=-1, keepdim=True) for one in alpha]
    change = torch.stack([(says[0] - one).abs().sum(dim=-1).mean() for one in says[1:]])
    wanted = 0.98 * before + 0.02 * 2.0 * change / change.sum()
    torch.testing.assert_close(network.fusion.kappa, wanted.detach())


def test_history_is_the_mean_loss_of_each_sample_over_all_its_draws():
    history = LossHistory(5, 2)
    history.follow(torch.tensor([0, 1, 1]), 0, torch.tensor([1.0, 2.0, 4.0]))
    found = history.follow(torch.tensor([0, 1, 4]), 0, torch.tensor([3.0, 0.0, 7.0]))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.0, 1.0]))  # of means 2, 2 and 7
    torch.testing.assert_close(history.total[:, 0], torch.tensor([4.0, 6.0, 0.0, 0.0, 7.0]))
    assert history.total[:, 1].sum() == 0.0


def test_qmf_ranks_energies_by_what_was_told_so_far_and_remembers_it_over_a_break(examples: Examples):
    network = network_of(fusion="qmf").eval()
    batch = batch_for(network, examples)
    objective = Objective(network, weights(rank=1.0), N_WINDOWS)
    logits = said(network, batch)
    torch.manual_seed(1)
    loss = objective(network, batch, noisy=False)
    expected = torch.zeros(())
    for one in logits:
        alpha = 1.0 + one.exp()
        each = -(alpha / alpha.sum(1, keepdim=True)).gather(1, batch.label[:, None]).squeeze(1).log()
        history = (each - each.min()) / (each.max() - each.min())
        energy, after = one.logsumexp(1), history.roll(-1)
        sign = torch.sign(after - history)
        expected = expected + torch.relu((history - after).abs() - sign * (energy - energy.roll(-1))).mean()
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-5)
    again = Objective(network, weights(rank=1.0), N_WINDOWS)
    again.load_state_dict(objective.state_dict())
    assert again.history.times.sum() == 2 * N_WINDOWS


def test_tmc_teaches_what_all_and_what_each_says_as_evidence(examples: Examples):
    network = network_of(fusion="tmc").eval()
    batch = batch_for(network, examples)
    hidden = batch._replace(label=torch.where(torch.arange(N_WINDOWS) < 20, batch.label, UNKNOWN))
    logits = said(network, hidden)
    objective = Objective(network, weights(task=1.0, unimodal=1.0, evidential=True))
    torch.manual_seed(1)
    loss = objective(network, hidden, False, done=0.25)
    known = slice(0, 20)
    alone = [evidential_loss(one.exp()[known], batch.label[known], 0.25) for one in logits]
    # Dempster's rule for two opinions: b = (b1 b2 + b1 u2 + b2 u1) / (1 - conflict), u = u1 u2 / (1 - conflict).
    k = logits[0].shape[1]
    u = [k / (k + one.exp().sum(1, keepdim=True)) for one in logits]
    b = [one.exp() / k * doubt for one, doubt in zip(logits, u, strict=True)]
    rest = 1.0 - (b[0].sum(1, keepdim=True) * b[1].sum(1, keepdim=True) - (b[0] * b[1]).sum(1, keepdim=True))
    belief, doubt = (b[0] * b[1] + b[0] * u[1] + b[1] * u[0]) / rest, u[0] * u[1] / rest
    together = evidential_loss((belief * k / doubt)[known], batch.label[known], 0.25)
    torch.testing.assert_close(loss, together + alone[0] + alone[1], rtol=1e-3, atol=1e-3)
    nothing = batch._replace(label=torch.full_like(batch.label, UNKNOWN))
    assert Objective(network, weights(task=1.0, unimodal=1.0, evidential=True))(network, nothing, False) == 0.0


def test_eau_contrasts_draws_of_both_sensors_and_moves_both(examples: Examples):
    network = network_of(fusion="eau+concat")
    batch = batch_for(network, examples)
    torch.manual_seed(1)
    expected = contrastive_loss(list(_features(network, batch.inputs).samples))
    objective = Objective(network, weights(contrastive=0.5))
    torch.manual_seed(1)
    loss = objective(network, batch, noisy=False)
    torch.testing.assert_close(loss, 0.5 * expected)
    loss.backward()
    for head in (network.eeg_head, network.face_head):
        assert head.mean.weight.grad is not None
        assert head.mean.weight.grad.abs().sum() > 0
    use = batch.inputs.use.clone()
    use[:, 1] = False
    alone = batch._replace(inputs=batch.inputs._replace(use=use))
    assert Objective(network, weights(contrastive=0.5))(network, alone, noisy=False) == 0.0


def test_dfum_puts_the_complete_feature_at_unit_length_and_its_variance_with_it():
    torch.manual_seed(0)
    head = DfumHead(6, 8)
    feature = torch.randn(5, 6)
    place, uncertain = head.parts(feature)
    observed = functional.layer_norm(head.mean(feature), (8,))
    torch.testing.assert_close(place.mean, functional.normalize(observed, dim=-1), rtol=1e-4, atol=1e-5)
    assert uncertain.mean.abs().max() == 0.0  # it begins by adding nothing
    torch.testing.assert_close(uncertain.log_variance, torch.full((5, 8), -3.0))
    length = observed.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(place.log_variance, -3.0 - 2.0 * length.log().expand(5, 8), rtol=1e-4, atol=1e-4)
    assert torch.equal(head(feature).mean, place.mean)


def test_dfum_follows_the_training_and_ties_its_uncertain_part_to_unit_variance(examples: Examples):
    network = network_of(dfum=True, fusion="static+concat")
    batch = batch_for(network, examples)
    features = _features(network, batch.inputs)
    expected = sum(
        (
            gaussian_prior(head.parts(one)[1], torch.ones(N_WINDOWS))
            for head, one in ((network.eeg_head, features.features[0]), (network.face_head, features.features[1]))
            if isinstance(head, DfumHead)
        ),
        torch.zeros(()),
    )
    loss = Objective(network, weights(prior=0.1))(network, batch, noisy=False, done=0.0)
    torch.testing.assert_close(loss, 0.1 * expected, rtol=0.02, atol=1e-3)
    assert isinstance(network.eeg_head, DfumHead)
    assert network.eeg_head.state.now[0] == 0.0
    Objective(network, weights(task=1.0))(network, batch, noisy=False, done=0.75).backward()
    assert network.eeg_head.state.now[0] == 0.75
    assert {"eeg_head.state.now", "face_head.state.now"} <= network.state_dict().keys()


def test_dam_modulates_the_task_window_by_window_and_goes_on_after_a_break(examples: Examples):
    network = network_of(fusion="static").eval()
    batch = batch_for(network, examples)
    objective = Objective(network, weights(task=1.0, dam=True, align=0.0))
    torch.manual_seed(1)
    features = _features(network, batch.inputs)
    fused = network.fuse(features.gaussians, batch.inputs.use, features.samples)
    alpha = 1.0 + (network.decide(fused) / network.prototypes.beta()).exp()
    each = -(alpha / alpha.sum(1, keepdim=True)).gather(1, batch.label[:, None]).squeeze(1).log()
    unsure = torch.stack([one.log_variance.exp().mean(1) for one in features.gaussians]).mean(0)
    torch.manual_seed(1)
    loss = objective(network, batch, noisy=False, done=0.5)
    torch.testing.assert_close(loss, Dam().modulate(each, unsure, 0.5).mean(), rtol=1e-4, atol=1e-5)
    again = Objective(network, weights(task=1.0, dam=True, align=0.0))
    again.load_state_dict(objective.state_dict())
    assert (again.dam.steps, again.dam.mean, again.dam.spread) == (1, objective.dam.mean, objective.dam.spread)
    torch.testing.assert_close(again.dam.align(torch.ones(4, 64)), objective.dam.align(torch.ones(4, 64)))


def test_labels_of_the_eeg_alone_are_weighed_by_its_own_evidence(examples: Examples):
    network = network_of(fusion="static").eval()
    batch = batch_for(network, examples)
    torch.nn.init.normal_(network.eeg.reader.line.weight, std=0.3)
    logits = said(network, batch)
    objective = Objective(network, weights(unimodal=1.0, reweigh_task=True))
    torch.manual_seed(1)
    loss = objective(network, batch, noisy=False)
    expected = torch.zeros(())
    for k, one in enumerate(logits):
        alpha = 1.0 + one.exp()
        each = -(alpha / alpha.sum(1, keepdim=True)).gather(1, batch.label[:, None]).squeeze(1).log()
        sure = 1.0 - alpha.shape[1] / alpha.sum(1)
        expected = expected + ((sure / sure.mean()).clamp(0.2, 5.0) * each if k == 0 else each).mean()
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-4)
