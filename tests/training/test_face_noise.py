"""Noise in faces: known levels of it, and a model of people whose trust in a face falls as they rise."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, CLASSES, N_EMBEDDING, make_world
from training.corruption import N_LEVELS
from training.examples import Examples
from training.face_noise import UsualFace, corrupt_faces
from training.people import Noise, PeopleRecipe, Setting, fit_network
from training.splits import Sides

SECONDS = 48


@pytest.fixture(scope="module")
def examples() -> Examples:
    pairs = [pair for k, name in enumerate(("P001", "P002", "P003")) for pair in make_world(name, SECONDS, seed=k)]
    return Examples(pairs, N_EMBEDDING, 256)


def test_a_higher_level_moves_embeddings_further_and_a_clean_face_stays():
    rng = np.random.default_rng(0)
    embeddings, faces = rng.standard_normal((16, 8)).astype(np.float32), np.arange(16) > 3
    usual = UsualFace.of(rng.standard_normal((50, 16, 8)), np.ones((50, 16), bool))
    moved = []
    for level in range(N_LEVELS):
        found = [corrupt_faces(embeddings, faces, level, usual, rng) for _ in range(200)]
        assert not any(there[:4].any() for _, there in found)
        assert all(there.any() for _, there in found)
        moved.append(np.mean([np.abs(made - embeddings)[there].mean() for made, there in found]))
    assert moved[0] == 0.0
    assert moved == sorted(moved)
    nobody = np.zeros(16, bool)
    assert corrupt_faces(embeddings, nobody, 5, usual, rng)[0] is embeddings


def test_batches_have_the_faces_levels_beside_the_eegs_and_without_them_are_what_they_were(examples: Examples):
    index, usual = np.arange(len(examples)), UsualFace.of(examples.embeddings, examples.faces)
    plain, again = (examples.batch(index, np.random.default_rng(3)) for _ in range(2))
    noisy = examples.batch(index, np.random.default_rng(3), 0.5, usual)
    assert torch.equal(plain.inputs.embeddings, again.inputs.embeddings)
    assert torch.equal(plain.level[:, 0], noisy.level[:, 0])
    assert (plain.level[:, 1] == 1.0).all()
    touched = noisy.level[:, 1] > 1.0
    assert 0.3 < float(touched.float().mean()) < 0.7
    changed = (noisy.inputs.embeddings != plain.inputs.embeddings).flatten(1).any(1)
    assert torch.equal(changed, touched)
    assert examples.embeddings.dtype == np.float16


def face_by_level(examples: Examples, noise: Noise) -> tuple[list[float], list[float]]:
    """Return the mean weight and noise of the face of a person never seen, by level, of a network taught on two."""
    train, test = (np.flatnonzero((examples.participants == "P003") == held) for held in (False, True))
    architecture = replace(ARCHITECTURE, classes=CLASSES, face_signal=noise == "both")
    recipe = PeopleRecipe(architecture, noise=noise, batch=32, per_epoch=128)
    network = fit_network(examples, Sides(train, None), recipe, Setting(4), "all")
    usual = UsualFace.of(examples.embeddings[train], examples.faces[train])
    weight, level = [], []
    for k in range(N_LEVELS):
        clean = examples.corrupted(test, np.zeros(len(test), np.int64), None)
        batch = examples.with_noisy_faces(clean, np.full(len(test), k), usual, np.random.default_rng(k))
        with torch.inference_mode():
            fused = network(batch.inputs).fused
        weight.append(float(fused.weights[:, 1].mean()))
        level.append(float(fused.noise[:, 1].mean()))
    return weight, level


def test_the_weight_of_a_face_falls_with_the_level_of_its_noise_if_that_was_learnt(examples: Examples):
    weight, level = face_by_level(examples, "both")
    assert weight[5] < weight[3] < weight[0]
    assert weight[0] - weight[5] > 0.15
    assert level[5] - level[0] > 2.0
    unknowing, _ = face_by_level(examples, "eeg")
    assert abs(unknowing[0] - unknowing[5]) < 0.05


def test_only_the_variance_head_reads_the_signal_and_without_it_the_network_is_what_it_was():
    torch.manual_seed(0)
    plain = Network(ARCHITECTURE)
    torch.manual_seed(0)
    signal = Network(replace(ARCHITECTURE, face_signal=True))
    assert signal.face_head.mean.in_features == plain.face.n_features
    assert signal.face.n_features == plain.face.n_features + signal.face.signal.n_numbers
    added = signal.state_dict().keys() - plain.state_dict().keys()
    assert all(name.startswith("face.signal.") for name in added)
    torch.testing.assert_close(signal.face_head.mean.weight, plain.face_head.mean.weight)


@pytest.mark.parametrize(
    ("sensors", "noise", "corrupted"),
    [
        ("both", "none", []),
        ("both", "eeg", [0]),
        ("both", "both", [0, 1]),
        ("eeg", "none", []),
        ("eeg", "eeg", [0]),
        ("eeg", "both", [0]),
        ("face", "eeg", []),
    ],
)
def test_what_is_told_is_corrupted_in_the_second_half_alone(
    monkeypatch: pytest.MonkeyPatch, sensors: str, noise: Noise, corrupted: list[int]
):
    pairs = list(make_world("P001", SECONDS, seed=0))
    if sensors == "eeg":
        pairs = [(replace(window, faces=(), face_problem="missing"), truth) for window, truth in pairs]
    if sensors == "face":
        pairs = [(replace(window, eeg=None, eeg_mask=None, eeg_problem="missing"), truth) for window, truth in pairs]
    examples = Examples(pairs, N_EMBEDDING, 256)
    seen, batch, drawn = [], Examples.batch, []

    def watched(self: Examples, index: Any, rng: Any, *given: Any):
        made = batch(self, index, rng, *given)
        seen.append((made.level > 1.0).any(dim=0).tolist())
        drawn.append(rng is not None)
        return made

    monkeypatch.setattr(Examples, "batch", watched)
    recipe = PeopleRecipe(replace(ARCHITECTURE, classes=CLASSES), noise=noise, batch=16, per_epoch=32)
    network = fit_network(examples, Sides(np.arange(len(examples)), None), recipe, Setting(2), "all")
    first, second = np.array(seen[:2]), np.array(seen[2:4])
    assert not first.any()
    assert np.flatnonzero(second.any(axis=0)).tolist() == corrupted
    if not corrupted and sensors != "both":
        assert not any(drawn), "a sensor by itself stays in the quick first stage"
    assert all(torch.isfinite(one).all() for one in network.parameters())
