from collections.abc import Iterator

import numpy as np
import pytest
import torch

from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, LAST_LAYER, N_EMBEDDING, make_world
from training.baselines import fit_population
from training.examples import Examples, TrainingBatch
from training.loop import fit
from training.losses import Weights
from training.objective import Objective


def test_the_best_epoch_is_kept_and_the_run_ends_when_nothing_gets_better():
    network = torch.nn.Linear(1, 1)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    given = iter([1.0, 3.0, 2.0, 2.0, 2.0, 9.0])
    kept, said = [], []

    def losses(epoch: int):
        assert network.training
        yield (network(torch.ones(1, 1)) - 5.0).square().sum()

    def score() -> float:
        assert not network.training
        kept.append(network.weight.clone())
        return next(given)

    outcome = fit(network, optimiser, 6, losses, score, patience=3, report=said.append, name="toy")
    assert outcome.best_epoch == 1
    assert outcome.scores == (1.0, 3.0, 2.0, 2.0, 2.0)
    assert torch.equal(network.weight, kept[1])
    assert said[0].startswith("toy 1/6: loss ")
    assert "s left at most" in said[0]


def test_without_a_score_all_epochs_are_run_and_the_last_is_kept():
    network = torch.nn.Linear(1, 1)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    said = []
    outcome = fit(
        network, optimiser, 12, lambda epoch: [network(torch.ones(1, 1)).square().sum()], patience=1, report=said.append
    )
    assert outcome.best_epoch == 11
    assert len(outcome.losses) == 12
    assert "validation" not in said[0]


def one_step(precision: torch.dtype | None) -> tuple[Network, float, set[torch.dtype]]:
    """Return the live network after one step on a batch, the loss, and in which precisions matrices were multiplied."""
    torch.manual_seed(0)
    network = Network(ARCHITECTURE)
    network.face.load_classifier(*(torch.from_numpy(part) for part in LAST_LAYER))
    index = np.arange(48)
    examples = Examples(make_world(seconds=48), N_EMBEDDING, 256)
    fit_population(network, examples, index)
    objective, batch, seen = Objective(network, Weights()), examples.batch(index, np.random.default_rng(0)), set()
    network.eeg_head.mean.register_forward_hook(lambda module, given, made: seen.add(made.dtype))
    optimiser = torch.optim.AdamW([*network.parameters(), *objective.parameters()], lr=1e-3)
    losses = fit(network, optimiser, 1, lambda _: lazily(network, objective, batch), precision=precision).losses
    return network, losses[0], seen


def lazily(network: Network, objective: Objective, batch: TrainingBatch) -> Iterator[torch.Tensor]:
    yield objective(network, batch, noisy=True)


def test_half_precision_costs_next_to_nothing_on_one_step_of_the_live_network():
    whole, loss, in_whole = one_step(None)
    half, rough, in_half = one_step(torch.bfloat16)
    assert (in_whole, in_half) == ({torch.float32}, {torch.bfloat16})
    assert rough == pytest.approx(loss, rel=0.02)
    assert rough != loss
    for a, b in zip(whole.parameters(), half.parameters(), strict=True):
        assert b.dtype is torch.float32, "weights stay whole"
        assert b.isfinite().all()
        torch.testing.assert_close(a, b, rtol=0.0, atol=2.1e-3)  # AdamW's first step is 1e-3 either way


def test_network_and_batch_go_to_another_device_whole():
    elsewhere = torch.device("meta")  # shapes alone: what is left behind on the CPU does not fit them
    network = Network(ARCHITECTURE)
    examples = Examples(make_world(seconds=24), N_EMBEDDING, 256)
    fit_population(network, examples, np.arange(24))
    batch = examples.batch(np.arange(24), np.random.default_rng(0)).to(elsewhere)
    said = network.to(elsewhere)(batch.inputs)
    assert {part.device for part in (*batch[1:], said.similarity, said.affect, said.fused.feature)} == {elsewhere}
