"""The live network trains with any fusion of the registry."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models.fusion import known_fusions
from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, LAST_LAYER, N_EMBEDDING, make_world
from training.baselines import fit_population
from training.examples import Examples
from training.losses import Weights
from training.objective import Objective


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(make_world(seconds=24), N_EMBEDDING, 256)


@pytest.mark.parametrize("name", [*known_fusions(), "udml-noise+gating", "static+transformer"])
def test_a_batch_teaches_the_student_whatever_the_fusion(name: str, examples: Examples):
    torch.manual_seed(0)
    network = Network(replace(ARCHITECTURE, fusion=name))
    network.face.load_classifier(*(torch.from_numpy(part) for part in LAST_LAYER))
    index = np.arange(len(examples))
    fit_population(network, examples, index)
    for noisy in (False, True):
        batch = examples.batch(index, np.random.default_rng(0))
        loss = Objective(network, Weights())(network, batch, noisy)
        loss.backward()
        assert loss.isfinite()
    grads = [p.grad for p in network.eeg_head.parameters() if p.grad is not None]
    assert grads
    assert all(grad.isfinite().all() for grad in grads)
    with torch.inference_mode():
        output = network.eval()(batch.inputs)
    assert output.similarity.isfinite().all()
    assert (output.fused.feature.norm(dim=-1) < 1.001 + (name == "udml-repo")).all()
