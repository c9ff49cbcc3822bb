"""The bare loop learns the very same as the product's, or it would be no floor to measure it by."""

from pathlib import Path

import pytest
import torch

from benchmarks import training
from benchmarks.training import RECIPES, Size, bare_loop, drawn, kept_windows, prepare, taught
from training.cross_validation import windows_of
from training.people import Setting
from training.run import Run

SMALL = Size(people=2, trials=4, trial_s=10, recording_s=12.0, turns=1)


@pytest.mark.parametrize("name", RECIPES)
def test_the_bare_loop_ends_at_the_same_weights(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training, "SETTING", Setting(2))
    recipe = RECIPES[name]
    examples = windows_of(kept_windows(tmp_path / "windows", SMALL), recipe.sensors, recipe.architecture)
    batches = drawn(examples, recipe)
    assert len(batches) == 2 * 16
    ours = taught(examples, recipe, Run(tmp_path / "run", {})).state_dict()
    (run,) = bare_loop(examples, recipe, batches)
    bare = run().state_dict()
    assert ours.keys() == bare.keys()
    assert all(torch.equal(ours[key], bare[key]) for key in ours)


def test_preparing_tells_of_a_first_and_a_second_run(tmp_path: Path):
    rows = [line for line in prepare(tmp_path / "prepare", SMALL).splitlines() if line.startswith("| a ")]
    assert len(rows) == 2
    for row in rows:
        first, second = (float(cell) for cell in row.split("|")[2:4])
        assert first > second
