"""The fit on made-up people whose truth is known, and that what it calls a probability is what a model says."""

import numpy as np
import pytest
import torch

from core.blendshapes import BLENDSHAPES
from core.data import Neutral, Window
from core.models.batch import collate
from core.models.heads import concentration
from core.models.model_file import Architecture
from core.models.network import Network
from core.models.reading_file import fitted
from tests.core.test_face_neutral import face
from training.face_fit import UNTESTED, Pictures, answer, fit_face, fit_scales, read, reader_of, rest_of

SMILE = [BLENDSHAPES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]


def people(n=40, seed=0, slope=1.0):
    """Return pictures whose chance of being smiles follows from the two differences by a known logistic."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        rest = np.concatenate([rng.uniform(0.02, 0.3, 52), [0.0], rng.normal(-14, 3, 6)])
        for _ in range(12):
            moved = rng.uniform(0, 4)
            blendshapes = rest[:52].copy()
            odds = np.log((rest[SMILE] + 0.01) / (1.01 - rest[SMILE])) + moved
            blendshapes[SMILE] = (1.01 * np.exp(odds) - 0.01) / (1 + np.exp(odds))
            logits = rest[52:] + rng.normal(0, 1, 7) * [0, 1, 1, 1, 1, 1, 1]
            smiling = rng.random() < 1 / (1 + np.exp(-slope * (2.0 * moved - 4.0)))
            rows.append((f"p{k}", int(smiling), blendshapes, logits, rest))
    return Pictures(*(np.array(column) for column in zip(*rows, strict=True)))


def test_the_slope_and_the_threshold_of_made_up_people_are_found():
    pictures = people()
    a, b, c, d = fit_scales(pictures, rest_of(pictures), own=True)
    assert b == pytest.approx(2.0, rel=0.25)
    assert c == pytest.approx(4.0, rel=0.25)
    assert a < 0.2  # the network's log odds are noise here
    assert d >= 0


def test_no_more_than_a_hundredth_is_read_as_what_nobody_showed():
    pictures = people(slope=5.0)
    rest = rest_of(pictures)
    scales = fit_scales(pictures, rest, own=True)
    told = read(reader_of(rest, np.stack([scales, scales])), pictures, known=1.0).numpy()
    assert np.mean(told.argmax(axis=1) > 1) <= 0.011


def test_without_an_own_neutral_face_it_is_as_sure_as_it_may_be_on_average():
    pictures = people(slope=5.0)
    found = fit_face(pictures)
    assert answer(found, pictures, known=0.0).max(axis=1).mean() == pytest.approx(UNTESTED, abs=0.005)
    assert answer(found, pictures, known=1.0).max(axis=1).mean() > UNTESTED
    assert answer(found, pictures, known=0.0).max() < 0.95, "it is never sure"
    assert found["shown"] == ["neutral", "happy"]


def test_what_the_fit_calls_a_probability_is_what_a_network_says():
    network = Network(Architecture()).eval()
    rng = np.random.default_rng(0)
    torch.nn.init.normal_(network.face.classifier.weight, std=0.3)
    embedding = rng.standard_normal(256).astype(np.float32)
    seen = face(10.0, smile=0.7, embedding=embedding)
    rest = np.concatenate([np.full(52, 0.05), [0.0], rng.normal(-3, 1, 6)]).astype(np.float32)
    neutral = Neutral(rest[:52], rest[52:], 1.0)
    window = Window("P", 9.0, 11.0, faces=(seen,), neutral=neutral)
    use, past = np.array([[False, True]]), np.zeros((1, 2, len(network.eeg.population)), np.float32)
    with torch.no_grad():
        output = network(collate([window], network.architecture, use, past, torch.device("cpu")))
        logits = network.face.classifier(torch.from_numpy(embedding)).numpy()
    alpha = concentration(output.similarity, fitted()["width"])
    said = (alpha / alpha.sum(dim=-1))[0].numpy()
    row = Pictures(*(np.array([one]) for one in ("P", 1, seen.blendshapes, logits, rest)))
    np.testing.assert_allclose(answer(fitted(), row, known=1.0)[0], said, atol=1e-5)
