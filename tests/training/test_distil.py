from pathlib import Path

import pytest

from core.config import DistilConfig
from core.errors import ConfigError
from core.models.checkpoint import load
from tests.training.conftest import make_world
from training.distil import DistilRecipe, distil, weights_of

RECIPE = DistilRecipe(epochs=8, learning_rate=3e-3)


def test_the_face_teaches_the_eeg_of_a_real_person_without_labels(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 240, simulated=False)]
    out = tmp_path / "taught.safetensors"
    header = distil([windows], (), Path(base), out, RECIPE)
    figures = header.metrics["distil"]
    assert figures["after"]["agreement"] > figures["before"]["agreement"] + 0.2
    assert figures["after"]["divergence"] < figures["after"]["divergence_of_constant"]
    assert figures["earned"] is True
    assert header.taught_on.covers("P007", simulated=False)
    assert not header.taught_on.covers("P008", simulated=False)
    assert not header.taught_on.covers("P007", simulated=True)
    assert load(out).header == header


def test_a_student_that_learnt_nothing_gets_no_say(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 240, simulated=False)]
    header = distil([windows], (), Path(base), tmp_path / "out", DistilRecipe(epochs=0))
    assert header.metrics["distil"]["earned"] is False
    assert not header.taught_on.covers("P007", simulated=False)


def test_the_losses_weigh_as_configured():
    weights = weights_of(DistilConfig(similarity=0.0, imitation=2.0, temperature=0.3))
    assert (weights.similarity, weights.imitation, weights.temperature) == (0.0, 2.0, 0.3)
    for wrong in (DistilConfig(task=-1.0), DistilConfig(temperature=0.0)):
        with pytest.raises(ConfigError, match="at least 0 and a temperature above 0"):
            weights_of(wrong)


def test_too_little_time_is_refused_and_says_how_much_is_needed(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 30)]
    with pytest.raises(ConfigError, match=r"at least 120 s.*have 31 s"):
        distil([windows], (), Path(base), tmp_path / "out", RECIPE)
    with pytest.raises(ConfigError, match="have 0 s"):
        distil([], (), Path(base), tmp_path / "out", RECIPE)
