"""The noise level of faces, learnt once all else has been: UDML's L_est never moves what classes are told from.

In the few steps in which the live network learns from people the estimate hardly leaves the mean of all levels. What it
reads is fixed by then, so that corrupted faces are read once, and many steps on them cost next to nothing.
"""

from __future__ import annotations

import numpy as np
import torch

from core.models.fusion import UdmlFusion
from core.models.heads import GaussianHead
from core.models.network import Network
from training.corruption import N_LEVELS
from training.examples import Examples, Ints
from training.face_noise import UsualFace

MOST_WINDOWS = 2048
STEPS, BATCH, RATE = 500, 128, 3e-3


def teach_face_noise(network: Network, examples: Examples, train: Ints, usual: UsualFace, seed: int) -> None:
    """Teach the face's variance head and its noise estimator the level of corrupted faces; nothing else moves.

    Fusions that estimate no noise are left as they are.
    """
    head, fusion = network.face_head, network.fusion
    seen = train[examples.has_face[train] & (examples.face_level[train] == 0)]
    if not isinstance(fusion, UdmlFusion) or not isinstance(head, GaussianHead) or not len(seen):
        return
    rng = np.random.default_rng([seed, 14])
    some = rng.choice(seen, min(len(seen), MOST_WINDOWS), replace=False)
    features, levels = [], []
    for level in range(N_LEVELS):
        clean = examples.corrupted(some, np.zeros(len(some), np.int64), None)
        batch = examples.with_noisy_faces(clean, np.full(len(some), level, np.int64), usual, rng)
        with torch.no_grad():
            feature = network.read_face(batch.inputs)
        assert feature is not None
        features.append(feature)
        levels.append(batch.level[:, 1])
    feature_at, level_at = torch.stack(features), torch.stack(levels)
    estimator = fusion.estimators[1]
    parameters = [*head.log_variance.parameters(), *estimator.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE)
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = RATE * (1.0 - 0.95 * step / STEPS)
        # Half of the windows are clean, as in the batches of all else.
        drawn = np.where(rng.random(BATCH) < 0.5, rng.integers(1, N_LEVELS, BATCH), 0)
        row = rng.integers(0, len(some), BATCH)
        told, truth = feature_at[drawn, row], level_at[drawn, row]
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward((estimator(head(told).log_variance) - truth).square().mean())
        optimiser.step()
    network.zero_grad(set_to_none=True)
