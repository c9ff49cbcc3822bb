"""The reading against a neutral face: what moves it, which way, and that a face at rest stays neutral."""

import numpy as np
import pytest
import torch

from core.blendshapes import BLENDSHAPES
from core.models.face_reading import ACTIONS, FaceReading
from core.models.face_sequence import Compared, FaceSequence
from core.models.model_file import CLASSES, Architecture
from core.models.network import Network
from core.models.reading_file import fitted
from training.face_fit import decide


def index(*names):
    return [BLENDSHAPES.index(name) for name in names]


SMILE = index("mouthSmileLeft", "mouthSmileRight")


@pytest.fixture(scope="module")
def reading():
    return FaceReading()


def rest():
    return torch.tensor([*fitted()["blendshapes"], *fitted()["log_odds"]])


def read(reading, blendshapes, odds, neutral=None, weight=1.0, meshed=True):
    told = reading(
        torch.as_tensor(blendshapes, dtype=torch.float32).view(1, 1, -1),
        torch.tensor([[meshed]]),
        torch.as_tensor(odds, dtype=torch.float32).view(1, 1, -1),
        (rest() if neutral is None else neutral).view(1, -1),
        torch.tensor([weight]),
    )
    return told[0, 0].numpy()


def test_every_action_is_a_blendshape_and_counts_as_much_as_every_other(reading):
    np.testing.assert_allclose(reading.actions.sum(dim=1).numpy(), [0, 1, 1, 1, 1, 1, 1], atol=1e-6)
    for name, parts in ACTIONS.items():
        there = [any(shape in (part, f"{part}Left", f"{part}Right") for shape in BLENDSHAPES) for part in parts]
        assert all(there), name


def test_a_face_at_rest_is_neutral_whosever_it_is(reading):
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        own = torch.cat([torch.rand(52, generator=generator) * 0.5, torch.randn(7, generator=generator) * 6])
        own[52] = 0.0
        told = read(reading, own[:52], own[52:], own)
        assert told.argmax() == 0
        assert told[0] > 0.8


def test_the_same_smile_is_read_from_different_faces(reading):
    for at_rest in (0.02, 0.2, 0.4):
        own = rest().clone()
        own[SMILE] = at_rest
        smiling = own.clone()
        smiling[SMILE] = 1 - (1 - at_rest) / 8
        told = read(reading, smiling[:52], own[52:] + torch.tensor([0, 6.0, 0, 0, 0, 0, 0]), own)
        assert CLASSES[told.argmax()] == "happy"


@pytest.mark.parametrize("name", list(ACTIONS))
def test_each_classs_actions_make_it_more_probable(reading, name):
    moved = rest()[:52].clone()
    for part in ACTIONS[name]:
        moved[[k for k, shape in enumerate(BLENDSHAPES) if shape.startswith(part)]] += 0.3
    k = CLASSES.index(name)
    assert read(reading, moved.clamp(max=1), rest()[52:])[k] > read(reading, rest()[:52], rest()[52:])[k]


def test_the_less_is_known_of_the_person_the_less_sure(reading):
    smiling = rest().clone()
    smiling[SMILE] = 0.8
    odds = rest()[52:] + torch.tensor([0, 15.0, 0, 0, 0, 0, 0])
    told = [read(reading, smiling[:52], odds, weight=weight) for weight in (0.0, 0.3, 1.0)]
    assert told[0][1] < told[1][1] < told[2][1]
    assert decide(told[0][None], fitted()["width_without"]).max() < 0.85, "never sure where nothing is known of them"


def test_without_a_mesh_the_expression_network_alone_is_read(reading):
    odds = rest()[52:] + torch.tensor([0, 20.0, 0, 0, 0, 0, 0])
    told = read(reading, np.zeros(52), odds, meshed=False)
    assert told.argmax() == 1
    np.testing.assert_allclose(told, read(reading, rest()[:52], odds), atol=1e-5)


def test_a_network_from_before_reads_the_expression_network_as_it_is():
    old, new = FaceSequence(8, 7), FaceSequence(8, 7, compares=True)
    assert old.reading is None
    assert "reading.scales" in new.state_dict()
    embeddings, quality, mask = torch.randn(2, 4, 8), torch.ones(2, 4), torch.ones(2, 4, dtype=torch.bool)
    given = Compared(torch.rand(2, 4, 52), mask, torch.zeros(2, 59), torch.ones(2))
    assert torch.equal(old(embeddings, quality, mask), old(embeddings, quality, mask, given))
    assert not torch.equal(new(embeddings, quality, mask), new(embeddings, quality, mask, given))
    assert not any("reading" in name for name in Network(Architecture(n_blendshapes=0)).state_dict())
