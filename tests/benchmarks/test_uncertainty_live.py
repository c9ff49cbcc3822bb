"""The live model in the benchmark of uncertainty: asked through the predictor, judged on what it answers."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import uncertainty_live
from benchmarks.cells import run_cells
from benchmarks.uncertainty import CLEAN, NOISY, Plans
from benchmarks.uncertainty_live import (
    Heard,
    by_person,
    failure_figures,
    heard_live,
    heard_networks,
    keep,
    listen,
    report,
)
from benchmarks.uncertainty_tasks import Bench, Condition
from core.data import Window
from core.models.eeg import sphere_points
from training.examples import Truth
from training.views import Part, Task

N = 12


def windows() -> Iterator[tuple[Window, Truth]]:
    """EEG of one simulated person, without a face."""
    rng = np.random.default_rng(0)
    for k in range(N):
        eeg = 10.0 * rng.standard_normal((8, 256)).astype(np.float32)
        there: dict[str, Any] = {"eeg_mask": np.ones(8, bool), "positions": sphere_points(8).numpy(), "eeg_scale": 10.0}
        yield Window("S", 2.0 * k, 2.0 * k + 2.0, eeg=eeg, simulated=True, **there), Truth(k % 7)


@pytest.fixture
def _people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncertainty_live, "pairs", lambda *_: windows())


@pytest.mark.usefixtures("_people")
def test_the_live_model_answers_where_there_is_a_signal_and_only_what_is_hit_changes(tmp_path: Path):
    clean, hit, none = (listen(Plans(), tmp_path, name) for name in ("clean", "artefacts", "face alone"))
    np.testing.assert_allclose(clean["probability"].sum(axis=1), 1.0, rtol=1e-6)
    assert clean["set"].any(axis=1).all()
    assert 0 < hit["hit"].sum() < N
    first = int(np.flatnonzero(hit["hit"])[0])
    np.testing.assert_array_equal(clean["probability"][:first], hit["probability"][:first])
    assert (clean["probability"][first] != hit["probability"][first]).any()
    assert np.isnan(none["probability"]).all(), "without any sensor it abstains"


def test_figures_are_of_what_was_answered_and_abstaining_is_told():
    p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [np.nan, np.nan]])
    sets = np.array([[True, False], [True, True], [False, True], [True, True]])
    heard = Heard(
        p,
        {"way": np.array([0.1, 0.9, 0.2, np.nan])},
        sets,
        np.array([0, 1, 1, 0]),
        np.array([False, True, False, True]),
    )
    figures = keep({"clean": heard}) | failure_figures({"artefacts, eeg": heard}, "way")
    assert figures["accuracy, clean"] == pytest.approx(2 / 3)
    assert figures["coverage, clean"] == 1.0
    assert figures["size, clean"] == pytest.approx(4 / 3 / 100)
    assert figures["abstains, clean"] == 0.25
    assert figures["finds wrong, artefacts"] == 1.0
    assert figures["finds artefacts"] == 1.0


def test_sets_are_judged_person_by_person():
    said = {"probability": np.full((4, 2), 0.5), "set": np.array([[1, 0], [1, 0], [1, 1], [0, 1]], bool)}
    passes = dict.fromkeys(("clean", "face alone", "eeg alone"), said)
    text = by_person(passes, np.array(["A", "A", "B", "B"]), np.array([0, 1, 1, 1]))
    assert "| clean | 75.0 [50.0, 100.0] | 50 | 100 | 1.2 |" in " ".join(text.split())


@pytest.mark.usefixtures("_people")
def test_networks_and_the_live_model_stand_in_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(1)
    label = np.arange(N) % 7
    part = Part((np.zeros((N, 2), np.float32),), label)
    names = ("clean", "gaussian 5, eeg", "artefacts, eeg", "corrupted picture, face")
    conditions = [
        Condition(name, True, part, rng.random(N) < 0.5, None if name.startswith("gaussian") else np.arange(N))
        for name in names
    ]
    bench = Bench(Task("simulated", ("eeg", "face"), 7, part, part, part), conditions)
    said = {f"{where}/logits": 2 * np.eye(7)[label] + rng.random((N, 7)) for where in ("validation", *names)}
    kept = {CLEAN: [said] * 2, NOISY: [said] * 2}
    for name in uncertainty_live.PASSES:
        run_cells(tmp_path / "uncertainty-live", {name: partial(listen, Plans(), tmp_path, name)}, 1.0)
    monkeypatch.setattr(uncertainty_live, "answers", lambda *_: kept)
    monkeypatch.setattr(Plans, "bench", lambda *_: bench)
    text = "\n".join(report(Plans(), tmp_path, 2))
    assert "live model, 2 splits" in text
    for row in (f"{NOISY}: 2 networks: entropy", "live model: epistemic", "live model, EEG alone"):
        assert row in text
    assert "gaussian" not in text
    assert "live model, 1 people" in text
    assert keep(heard_networks(kept, bench)[f"{CLEAN}: temperature"])["coverage, clean"] >= 0.9
    passes = {name: listen(Plans(), tmp_path, name) for name in uncertainty_live.PASSES}
    assert set(heard_live(passes, bench)) == {"live model", "live model, face alone", "live model, EEG alone"}
