from pathlib import Path

import numpy as np
import pytest

from app.study.train_simulated import MONTAGES, STRETCH, Plan, simulate_participant, train
from core.models.checkpoint import load
from core.models.model_file import SHIPPED
from core.montage import position
from training.simulated import SimulatedRecipe

PLAN = Plan(participants=4, seconds=24.0, face_every=2, workers=1)


def test_every_montage_is_of_known_electrodes_and_none_twice():
    for _, montage in MONTAGES:
        names = montage.split()
        assert len(set(names)) == len(names)
        assert all(position(name) is not None for name in names)
    assert sorted(len(montage.split()) for _, montage in MONTAGES) == [4, 8, 14, 19, 32, 64]


def test_one_participant_comes_through_the_real_chain_with_its_truth():
    pairs = simulate_participant(0, PLAN)
    assert len(pairs) > 6
    for window, truth in pairs:
        assert window.simulated
        assert window.start // STRETCH == (window.stop - 1e-6) // STRETCH == truth.trial
        assert -1 <= truth.valence <= 1
    assert any(not window.eeg_problem and not window.face_problem for window, _ in pairs)
    seen = [face for window, _ in pairs for face in window.faces if not face.problem]
    assert all(face.embedding is not None and face.embedding.shape == (256,) for face in seen)
    again = simulate_participant(0, PLAN)
    assert repr(again[4]) == repr(pairs[4])
    np.testing.assert_array_equal(again[4][0].eeg, pairs[4][0].eeg)


def test_the_whole_way_to_a_checkpoint(tmp_path: Path):
    said: list[str] = []
    recipe = SimulatedRecipe(clean_epochs=1, mixed_epochs=1, shares=(1, 1, 1, 1))
    header = train(tmp_path / "m.safetensors", PLAN, recipe, said.append)
    assert load(tmp_path / "m.safetensors").header == header
    assert "4 simulated participants of 24 s" in header.training_data
    assert any(line.startswith("simulating 4/4: ") for line in said)


def test_the_shipped_model_says_what_it_is():
    header = load(SHIPPED).header
    assert header.taught_on.simulated
    assert not header.taught_on.population
    assert header.taught_on.participants == ()
    assert header.metrics["data"] == "simulated"
    assert SHIPPED.stat().st_size < 5_000_000


def test_the_shipped_model_does_what_its_header_claims_at_least():
    figures = load(SHIPPED).header.metrics
    assert figures["face"]["accuracy"] > 0.6
    assert figures["both"]["ece"] < 0.1
    assert figures["eeg_noise_spearman"] > 0.5
    assert figures["both"]["set_coverage"] == pytest.approx(0.9, abs=0.08)
