"""The benchmarks of fusion still run; their figures are in docs/results.md, and of no use from two epochs."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import (
    dual,
    fusion,
    fusion_cost,
    fusion_tables,
    noise,
    noise_digits,
    noise_faces,
    noise_fused,
    noise_harm,
)
from benchmarks.eegmat import LoadWindows
from benchmarks.fusion_tables import NOISE
from core.models.eeg import sphere_points
from core.models.fusion import known_fusions
from training.corruption import NAMES
from training.folds import done_folds
from training.people import PeopleRecipe


def rows(text: str) -> list[list[str]]:
    """Return the cells of all rows of tables that were printed."""
    table = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_fusion_goes_on_where_it_stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path, shared_data: Path):
    names = ["alone: spoken", "static concatenation", "UDML"]
    argv = ["digits", "--work", str(tmp_path), "--seeds", "1", "--workers", "1", "--epochs", "2", "--only", *names]
    fusion.main([*argv, "--minutes", "0"])
    assert "3 cells are missing" in capsys.readouterr().out
    fusion.main(argv)
    wanted = [fusion.fold_name("digits", name, 0) for name in names]
    cells = done_folds(fusion.Plan(2), wanted, tmp_path / "fusion")
    assert len(cells) == 3
    udml = cells[wanted[2]]
    assert udml["weight: spoken"] + udml["weight: written"] == pytest.approx(1.0, abs=1e-3)
    assert {f"{kind} {eps}: written" for kind, eps in NOISE} < set(udml)
    assert "static concatenation" in capsys.readouterr().out


def run(clean: float, noisy: float) -> fusion_tables.Cell:
    """Return the columns of a method that is as good under every noise."""
    cell = {f"{name}: {where}": noisy for name in fusion_tables.NOISY for where in ("spoken", "written")}
    return fusion_tables.columns({"clean": clean, "macro-F1": clean, **cell})


def test_fusions_are_compared_split_by_split():
    runs = {
        "alone: spoken": [run(0.5, 0.2), run(0.8, 0.2)],
        "alone: written": [run(0.7, 0.2), run(0.6, 0.2)],
        "static concatenation": [run(0.6, 0.4), run(0.9, 0.4)],
        "UDML": [run(0.8, 0.6), run(0.7, 0.3)],
    }
    (row,) = rows("\n".join(fusion_tables.pairs(runs)))[1:]
    assert row[0] == "UDML − static concatenation"
    assert row[2].startswith("+5.0 ±")
    assert row[-1] == "1 of 2"
    lowest = {
        row[0]: row[2:] for row in rows("\n".join(fusion_tables.floor(runs, ["alone: spoken", "alone: written"])))
    }
    assert lowest["UDML"] == ["+10.0, -10.0", "-10.0"]
    assert lowest["static concatenation"] == ["-10.0, +10.0", "-10.0"]
    assert len(fusion_tables.floor(runs, [])) == 2, "without single modalities there is nothing to be above"


def test_splits_that_are_tested_on_the_same_speaker_are_averaged():
    cell = {f"{name}: spoken": 0.5 for name in fusion_tables.NOISY}
    cells = {f"m {seed}": {"clean": clean, "macro-F1": 0.5, **cell} for seed, clean in enumerate((0.2, 0.6, 0.4, 0.8))}
    (runs,) = fusion_tables.gather(cells, {"m": [*cells]}, [0, 1, 0, 1]).values()
    assert [one["clean"] for one in runs] == pytest.approx([0.3, 0.7])


def test_noise_of_digits_goes_on_where_it_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_data: Path
):
    monkeypatch.setattr(noise_digits, "N_TAUGHT", 60)
    monkeypatch.setattr(noise_digits, "KINDS", ("grain", "fade"))
    argv = ["digits", "--seeds", "1", "--epochs", "2", "--work", str(tmp_path)]
    noise.main([*argv, "--minutes", "0"])
    assert "2 cells are missing" in capsys.readouterr().out
    noise.main(argv)
    text = capsys.readouterr().out
    assert len(rows(text)) == 2 * (1 + 4)
    assert "missing" not in text


def test_weights_from_a_reader_are_held_against_the_network_s_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_data: Path
):
    monkeypatch.setattr(noise_digits, "N_TAUGHT", 60)
    monkeypatch.setattr(noise_fused, "KINDS", ("grain", "fade"))
    monkeypatch.setattr(noise_fused, "OTHERS", ("fade",))
    noise.main(["fused", "--seeds", "1", "--epochs", "2", "--work", str(tmp_path)])
    head, *cells = rows(capsys.readouterr().out)
    assert head == ["levels from", *noise_fused.COLUMNS]
    own = next(row for row in cells if row[0] == noise_fused.OWN)
    assert all("(+0.0 ±" in cell for cell in own[1:])
    assert len(cells) == 7


def test_noise_of_faces(shared_data: Path, tmp_path: Path):
    for kind in ("neutral", "smiling"):
        (tmp_path / kind).mkdir()
        for path in sorted((shared_data / "london-faces" / kind).glob("*.jpg"))[:2]:
            (tmp_path / kind / path.name).symlink_to(path)
    seen = noise_faces.look(tmp_path, "grain")
    assert len(seen["level"]) == 2 * 2 * 6
    assert seen["used"][seen["level"] == 0].all()
    of_one = noise_faces.by_model({"grain": seen}, fold=0)["face|model that ships|grain"]
    assert np.isfinite(of_one).all()


def test_dual_goes_on_where_it_stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path, shared_data: Path):
    argv = ["--seeds", "1", "--epochs", "2", "--work", str(tmp_path), "--tasks", "spoken", "written"]
    dual.main([*argv, "--minutes", "0"])
    assert len(rows(capsys.readouterr().out)) == 1
    dual.main(argv)
    head, *cells = rows(capsys.readouterr().out)
    assert len(cells) == 8
    assert head[-1] == "test, beside plain"
    lowest = {row[head.index("method")]: row[head.index("lowest (epoch)")] for row in cells}
    assert lowest.pop("plain") == ""
    assert all(one.endswith((" (1)", " (2)")) for one in lowest.values())


def test_dual_reads_pictures_by_convolutions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_data: Path
):
    monkeypatch.setattr(dual, "SWEEP", {name: dual.SWEEP[name] for name in ("plain", "DUAL-S, lambda 0.01")})
    dual.main(["--seeds", "1", "--epochs", "3", "--work", str(tmp_path), "--tasks", "pictures"])
    head, plain, both = rows(capsys.readouterr().out)
    assert both[head.index("method")] == "DUAL-S, lambda 0.01"
    assert float(plain[head.index("test")].split()[0]) > 60, "a line over pixels needs more epochs for that"


def test_fusion_cost(capsys: pytest.CaptureFixture[str]):
    fusion_cost.main(["--repeats", "1"])
    head, *cells = rows(capsys.readouterr().out)
    assert {row[0] for row in cells} > set(known_fusions())
    assert all(float(row[head.index("forward of a window, ms")]) > 0 for row in cells)


def test_what_noise_costs_the_answer(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(0)
    n_people, n = 6, 30
    state = np.tile(np.repeat([0, 1], n // 2), n_people)
    wave = np.sin(2 * np.pi * 10 * np.arange(256) / 128)
    eeg = rng.standard_normal((len(state), 8, 256)) + 3.0 * state[:, None, None] * wave
    one = np.ones(len(state), np.float32)
    person, start = np.repeat(np.arange(n_people), n), np.tile(np.arange(float(n)), n_people)
    mask, places = np.ones((len(state), 8), bool), sphere_points(8).numpy()
    windows = LoadWindows(eeg.astype(np.float32), one, mask, places, person, start, state)
    monkeypatch.setattr(noise_harm, "PeopleRecipe", partial(PeopleRecipe, per_epoch=256))
    cell = noise_harm.harm(lambda: windows, seed=0, fold=0)
    assert set(cell["person"]) == {0, 5}, "every fifth person is asked about"
    for k, who in enumerate(noise_harm.ASKED):
        assert np.mean(cell["clean"][k] == cell["truth"]) > 0.8
        changed = {kind: np.mean(cell[f"{kind} 5"][k] != cell["clean"][k]) for kind in ("line", "white")}
        assert changed["line"] < 0.1, f"the {who} does not listen where mains hum is"
        assert (changed["white"] < 0.1) == (who == "student"), "who has learnt with noise is hardly moved by it"
    head, clean, *cells = rows(noise_harm.results([cell]))
    assert [row[0] for row in cells] == [f"{kind}, level {level}" for kind in NAMES for level in (1, 3, 5)]
    assert float(clean[head.index("line over its inputs")]) == pytest.approx(
        100 * np.mean(cell["clean"][2] == cell["truth"]), abs=0.05
    )
