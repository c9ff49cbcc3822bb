from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.study.verdict_words import personalised_in_words
from core.data import Label
from core.models.checkpoint import load
from tests.training.conftest import AFFECT, CLASSES, make_world
from training.own_recordings import Recording
from training.personalise import personalise

Rate = Callable[[int], tuple[float, float]]
N_LABELS = 58


def rated(rate: Rate) -> Recording:
    """Return 480 s of a person who is labelled as they are, and rates every mood by its number and class."""
    windows = tuple(window for window, _ in make_world("P007", 480, simulated=False))
    labels = []
    for k in range(N_LABELS):
        valence, arousal = rate(k)
        label = Label(f"L{k}", "", "P007", 8.0 * k, 8.0 * k + 7.0, time=k, label=CLASSES[k % 3])
        labels.append(replace(label, valence=valence, arousal=arousal))
    return Recording("a", windows, tuple(labels))


def test_a_scale_that_is_used_in_ones_own_way_is_learnt(reading_base: Path, tmp_path: Path):
    out = tmp_path / "own.safetensors"
    header = personalise([rated(lambda k: (0.4 + 0.5 * AFFECT[k % 3][0], AFFECT[k % 3][1]))], reading_base, out)
    figures = header.metrics["personalise"]
    valence, arousal = figures["ratings"]["valence"], figures["ratings"]["arousal"]
    assert "valence" in figures["learnt"]
    assert valence["error_after"] < 0.6 * valence["error_before"]
    assert valence["shift"] > 0.2
    assert valence["held_out"] == 18
    line, before = load(out).network.affect.mean, load(reading_base).network.affect.mean
    np.testing.assert_allclose(line.weight[0].detach(), valence["stretch"] * before.weight[0].detach(), rtol=1e-3)
    np.testing.assert_allclose(
        line.bias[0].detach(), valence["stretch"] * before.bias[0].detach() + valence["shift"], atol=1e-3
    )
    if not arousal["better"]:
        np.testing.assert_array_equal(line.weight[1].detach(), before.weight[1].detach())
    assert "Valence: error on 18 held-out ratings" in personalised_in_words(figures)


@pytest.mark.parametrize("seed", range(3))
def test_ratings_by_chance_change_nothing(reading_base: Path, tmp_path: Path, seed: int):
    rng = np.random.default_rng(seed)
    own = {k: tuple(rng.uniform(-1, 1, 2)) for k in range(N_LABELS)}
    figures = personalise([rated(lambda k: own[k])], reading_base, tmp_path / "o.safetensors").metrics["personalise"]
    for one in figures["ratings"].values():
        assert one["stretch"] < 1.0, "what tells nothing is told less"
        assert not one["better"]
    assert not {"valence", "arousal"} & set(figures["learnt"])


def test_without_ratings_nothing_is_said_of_them(reading_base: Path, tmp_path: Path):
    nan = float("nan")
    header = personalise([rated(lambda k: (nan, nan))], reading_base, tmp_path / "own.safetensors")
    figures = header.metrics["personalise"]
    assert not {"valence", "arousal"} & set(figures["learnt"])
    assert [one["held_out"] for one in figures["ratings"].values()] == [0, 0]
    assert "Valence" not in personalised_in_words(figures)
