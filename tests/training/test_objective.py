from typing import Any

import numpy as np
import pytest
import torch

from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, LAST_LAYER, N_EMBEDDING, World
from training.baselines import fit_population
from training.examples import Examples, TrainingBatch
from training.losses import Weights
from training.objective import Objective

LOSSES = "task unimodal affect similarity uncertainty distillation imitation noise prior".split()
NOTHING: dict[str, Any] = dict.fromkeys(LOSSES, 0.0)


@pytest.fixture
def network() -> Network:
    torch.manual_seed(0)
    made = Network(ARCHITECTURE)
    made.face.load_classifier(*(torch.from_numpy(part) for part in LAST_LAYER))
    return made


@pytest.fixture
def batch(network: Network, world: World) -> TrainingBatch:
    examples = Examples(world(seconds=48), N_EMBEDDING, 256)
    fit_population(network, examples, np.arange(48))
    return examples.batch(np.arange(48))


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_distillation_reaches_the_eeg_through_the_faces_head_and_leaves_that_head_alone(
    network: Network, batch: TrainingBatch, layer: int
):
    objective = Objective(network, Weights(**{**NOTHING, "distillation": 1.0}, injection=layer))
    objective(network, batch, noisy=False).backward()
    assert network.eeg.reader.line.weight.grad is not None
    assert network.eeg.reader.line.weight.grad.abs().sum() > 0
    assert network.face_head.mean.weight.grad is None or network.face_head.mean.weight.grad.abs().sum() == 0
    assert network.prototypes.directions.grad is None or network.prototypes.directions.grad.abs().sum() == 0


@pytest.mark.parametrize("name", ["similarity", "uncertainty", "distillation", "imitation"])
def test_without_faces_none_of_the_faces_losses_counts(network: Network, batch: TrainingBatch, name: str):
    use = batch.inputs.use.clone()
    use[:, 1] = False
    alone = batch._replace(inputs=batch.inputs._replace(use=use))
    objective = Objective(network, Weights(**{**NOTHING, name: 1.0}))
    assert objective(network, alone, noisy=False) == 0.0
    assert objective(network, batch, noisy=False) != 0.0
