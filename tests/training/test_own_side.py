"""No sample is in the inputs of two sides: proved by changing what is held out, and looking at what learns."""

from typing import Any

import numpy as np
import pytest
import torch

from core.blendshapes import BLENDSHAPES
from core.config import Config
from core.data import Channel, Chunk, FaceObservation, StreamInfo, Window
from core.models.network import Network
from core.running_scale import RunningScale
from core.windowing import Windower
from tests.training.conftest import ARCHITECTURE
from training.baselines import fit_population, follow_baselines, hold_front_end
from training.examples import Examples, Truth
from training.own_side import take_sides
from training.splits import apart

NAMES = ("Fp1", "Fp2", "C3", "C4", "P3", "P4", "O1", "O2")
SECONDS, SFREQ = 240, 128
HELD = (100, 140)
STREAMS = [
    StreamInfo(
        key="eeg", kind="eeg", participant="P", name="e", sfreq=float(SFREQ),
        channels=tuple(Channel(name, name) for name in NAMES), dtype="float32",
    ),
    StreamInfo(key="video", kind="video", participant="P", name="v", face_reading="live"),
]  # fmt: skip


def recorded(changed: bool) -> Examples:
    """Return the windows of four minutes; `changed`, the held-out part is louder, and another face."""
    rng = np.random.default_rng(0)
    eeg = 10.0 * rng.standard_normal((SECONDS * SFREQ, len(NAMES)))
    times = np.arange(len(eeg)) / SFREQ
    inside = (times >= HELD[0]) & (times < HELD[1])
    if changed:
        eeg[inside] = 4.0 * eeg[inside] + 30.0 * np.sin(2 * np.pi * 7.0 * times[inside])[:, None]
    windower = Windower("P", STREAMS, Config())
    out: list[Any] = []
    for k in range(SECONDS * 4):
        rows = slice(k * 32, (k + 1) * 32)
        faces = []
        for at in (k / 4, k / 4 + 0.125):
            shapes = rng.uniform(0.0, 0.1, len(BLENDSHAPES)).astype(np.float32)
            if changed and HELD[0] <= at < HELD[1]:
                shapes = 1.0 - shapes
            faces.append(
                FaceObservation(
                    "P", at, embedding=np.ones(8, np.float32), expression=np.full(7, 1 / 7, np.float32),
                    blendshapes=shapes, quality=0.9,
                )
            )  # fmt: skip
        stamps = np.array([k / 4, k / 4 + 0.125])
        frames = Chunk("video", stamps, np.zeros((2, 0, 0, 3), np.uint8))
        out += windower.push(frames, faces)
        out += windower.push(Chunk("eeg", times[rows], eeg[rows].astype(np.float32)))
    windows = [one for one in out if isinstance(one, Window) and round(one.stop * 4) % 4 == 0]
    truths = [Truth(int(one.start // 20 % 2), trial=int(one.start // 20)) for one in windows]
    return Examples(zip(windows, truths, strict=True), 8, 256)


@pytest.fixture(scope="module")
def both() -> tuple[Examples, Examples]:
    return recorded(False), recorded(True)


def inputs(examples: Examples, parted: bool, held_still: bool) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return what the network reads of the windows that are learnt from, and the population by which it reads them."""
    middle = examples.start + 1.0
    held = np.flatnonzero((middle >= HELD[0]) & (middle < HELD[1]))
    sides = apart(examples, np.setdiff1d(np.arange(len(examples)), held), held)
    torch.manual_seed(0)
    network = Network(ARCHITECTURE)
    take_sides(network, examples, None)
    if held_still:
        hold_front_end(network, examples)
    take_sides(network, examples, sides.side if parted else None)
    fit_population(network, examples, sides.train)
    batch = examples.batch(sides.train).inputs
    read = {name: part.numpy() for name, part in batch._asdict().items() if part is not None}
    examples.power = None
    return read, network.eeg.population.numpy()


@pytest.mark.parametrize("held_still", [False, True])
def test_samples_that_are_held_out_change_no_bit_of_what_is_learnt_from(
    both: tuple[Examples, Examples], held_still: bool
):
    (before, population), (after, other) = (inputs(one, True, held_still) for one in both)
    assert len(before["baseline"]) > 100
    assert before["use"].all(axis=1).sum() > 100
    assert set(before) == set(after) >= {"baseline", "embeddings", "blendshapes", "neutral", "known"}
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], err_msg=name)
    np.testing.assert_array_equal(population, other)


def test_as_it_was_live_they_do(both: tuple[Examples, Examples]):
    (before, _), (after, _) = (inputs(one, False, False) for one in both)
    for name in ("baseline", "eeg", "neutral"):
        assert (before[name] != after[name]).any(), name


def test_held_out_inputs_follow_from_the_held_out_side_alone(both: tuple[Examples, Examples]):
    examples = both[0]
    middle = examples.start + 1.0
    held = np.flatnonzero((middle >= HELD[0]) & (middle < HELD[1]))
    sides = apart(examples, np.setdiff1d(np.arange(len(examples)), held), held)
    network = Network(ARCHITECTURE)
    take_sides(network, examples, sides.side)
    follow_baselines(network, examples)
    first = held[0]
    np.testing.assert_array_equal(examples.baseline[first], np.tile(network.eeg.population.numpy(), (2, 1)))
    scale = RunningScale(1.0, 128.0)
    kept = examples.eeg[first]
    assert kept is not None
    assert examples.scale[first] == pytest.approx(scale.follow(kept.data.astype(float), kept.mask))
    take_sides(network, examples, None)
    np.testing.assert_array_equal(examples.scale, examples.live_scale)
    assert examples.scale[first] != pytest.approx(scale.value, rel=1e-6)


def test_a_neutral_face_that_was_shown_for_it_stays(both: tuple[Examples, Examples]):
    examples = both[0]
    take_sides(Network(ARCHITECTURE), examples, None)
    live = examples.live_known
    examples.live_known = np.ones_like(live)
    side = np.where(examples.start < 100, 0, 1)
    take_sides(Network(ARCHITECTURE), examples, side)
    assert (examples.known == 1.0).all()
    np.testing.assert_array_equal(examples.neutral, examples.live_neutral)
    examples.live_known = live
    take_sides(Network(ARCHITECTURE), examples, None)
