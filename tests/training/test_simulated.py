import dataclasses
from pathlib import Path

import numpy as np
import pytest

from core.models.checkpoint import load
from core.models.model_file import Architecture, Calibration, TaughtOn
from core.models.network import Network
from core.models.reading_file import fitted
from tests.core.models.test_checkpoint import same_weights
from tests.training.conftest import ARCHITECTURE, LAST_LAYER, N_EMBEDDING, make_world
from training import loop
from training.examples import Examples
from training.run import Run
from training.simulated import SimulatedRecipe, train_simulated, with_real_faces

# How well the noise is told hangs on the seed: Spearman is .14 to .74 over 22 of them, .55 in the middle.
RECIPE = SimulatedRecipe(ARCHITECTURE, clean_epochs=4, mixed_epochs=4, learning_rate=3e-3, shares=(5, 1, 1, 1), seed=5)


def examples() -> Examples:
    pairs = [pair for k in range(8) for pair in make_world(f"S{k}", 72, seed=k)]
    return Examples(pairs, N_EMBEDDING, 256)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("simulated") / "out.safetensors"
    train_simulated(examples(), LAST_LAYER, path, RECIPE)
    return path


def test_a_student_learns_what_the_eeg_tells_of_people_it_never_saw(path: Path):
    figures = load(path).header.metrics
    assert figures["eeg"]["accuracy"] > 0.6
    assert figures["face"]["accuracy"] > 0.9
    assert figures["both"]["accuracy"] > 0.9
    assert figures["participants"] == {"train": 5, "validation": 1, "calibration": 1, "test": 1}
    assert figures["data"] == "simulated"


def test_the_noise_estimate_follows_the_level_and_the_weight_falls(path: Path):
    figures = load(path).header.metrics
    assert figures["eeg_noise_spearman"] > 0.4
    assert figures["eeg_weight_by_level"][5] < figures["eeg_weight_by_level"][0]


def test_it_says_that_it_knows_simulated_people_alone(path: Path):
    header = load(path).header
    assert header.taught_on == TaughtOn(simulated=True)
    assert set(header.calibration.temperature) == {"eeg", "face", "both"}
    assert [len(scores) for scores in header.calibration.scores.values()] == [300, 300, 300]
    assert header.config["seed"] == RECIPE.seed


def test_how_a_face_is_read_is_left_as_it_was(path: Path):
    face = load(path).network.face
    np.testing.assert_array_equal(face.classifier.weight.detach().numpy(), LAST_LAYER[0])


def test_the_same_seed_makes_the_same_model(tmp_path: Path):
    recipe = SimulatedRecipe(ARCHITECTURE, clean_epochs=1, mixed_epochs=1, shares=(5, 1, 1, 1))
    said: list[str] = []
    for name in ("a", "b"):
        train_simulated(examples(), LAST_LAYER, tmp_path / name, recipe, report=said.append)
    assert same_weights(load(tmp_path / "a").network, load(tmp_path / "b").network)
    assert len(said) == 4


def test_a_training_that_was_broken_off_gives_the_same_model(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(loop, "SAVE_S", 0.0)

    class BrokenOffError(Exception):
        pass

    def stop(line: str) -> None:
        if line.startswith("mixed windows 2/"):
            raise BrokenOffError

    config = dataclasses.asdict(RECIPE)
    with pytest.raises(BrokenOffError):
        train_simulated(
            examples(), LAST_LAYER, tmp_path / "out", RECIPE, report=stop, run=Run(tmp_path / "run", config)
        )
    assert not (tmp_path / "out").exists()
    said: list[str] = []
    run = Run(tmp_path / "run", config)
    train_simulated(examples(), LAST_LAYER, tmp_path / "out", RECIPE, report=said.append, run=run)
    assert said[0].startswith("mixed windows 2/"), "what was done is not done again"
    assert same_weights(load(tmp_path / "out").network, load(path).network)
    assert run.done
    assert run.metrics == load(path).header.metrics


def test_the_face_alone_is_calibrated_on_real_faces_and_never_on_a_simulated_one():
    network = Network(Architecture())
    beta = float(network.prototypes.beta().detach())
    before = Calibration(scores={"eeg": (0.5,), "face": (0.1,), "both": (0.2,)})
    after = with_real_faces(network, before)
    assert after.temperature["face"] * beta == pytest.approx(fitted()["width"], abs=1e-4)
    assert after.temperature["face"] * after.doubt(0.0) * beta == pytest.approx(fitted()["width_without"], abs=1e-4)
    assert after.temperature["eeg"] == 1.0
    assert after.scores["face"] == tuple(fitted()["scores"]["own"])
    assert after.scores["both"] == (0.2,)
    assert "happy" not in after.untested["face"]
    assert set(after.untested["face"]) == {"sad", "surprise", "fear", "disgust", "anger"}
    assert set(after.untested["face without neutral"].values()) == {0.0}
