"""EEG files with a table of trials as something to test a model on, also in the opposite order."""

import dataclasses
from pathlib import Path

import pytest

from app.cli import main
from app.study.evaluation.material import ask_table, held_out, judge
from core.config import Config
from core.data import Label
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, HeldOut, TaughtOn
from core.predictor import Predictor
from tests.app.study.test_labelled_data import write

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = ["participant\tfile\tstart\tstop\tlabel\tstimulus"]
    for k, person in enumerate(("P1", "P2")):
        for name, label in (("first", "happy"), ("second", "sad")):
            file = f"{person}_{name}_raw.fif"
            write(folder / file, 24.0, seed=2 * k + (name == "second"))
            rows += [f"{person}\t{file}\t{start}\t{start + 8}\t{label}\t{label} {start}" for start in (4, 14)]
    (folder / "trials.tsv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shipped = load(SHIPPED)
    taught = TaughtOn(population=True, n_people=24, weight=0.5)
    path = tmp_path_factory.mktemp("model") / "ours.safetensors"
    save(path, shipped.network, dataclasses.replace(shipped.header, taught_on=taught))
    return path


@pytest.mark.parametrize("swap", [False, True])
def test_a_model_is_tested_on_files_with_a_table_and_warns_of_their_order(
    folder: Path, model: Path, tmp_path: Path, capsys: Out, swap: bool
):
    out = tmp_path / "page.html"
    words = ["evaluate", str(model), "--data", str(folder), "--out", str(out)]
    assert main([*words, "--swap-order"] if swap else words) == 0
    said = capsys.readouterr().out
    assert "P1" in said
    assert "With 2 of 2 people each class stands in one stretch of time" in said
    assert "tells the class in 100%" in said
    assert "in another order for every second person" in said
    assert ("opposite order: what came first came last" in said) == swap
    rows = out.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split("\t")[:2] for row in rows[:4]] == [["P1", name] for name in ("happy", "happy", "sad", "sad")]


def test_what_was_shown_is_known_of_each_answer(folder: Path, model: Path):
    config = Config()
    predictor = Predictor(model, config)
    judged = judge(ask_table(folder / "trials.tsv", config, predictor, lambda _: None), predictor.classes)
    assert judged.trials.stimulus.tolist() == [0, 1, 2, 3, 0, 1, 2, 3], "two people saw the same four clips"


def test_sessions_have_no_files_to_swap(model: Path, tmp_path: Path, capsys: Out):
    assert main(["evaluate", str(model), "--data", str(tmp_path), "--swap-order"]) == 2
    assert "takes a trials.tsv" in capsys.readouterr().err


def test_of_what_a_model_has_learnt_from_only_what_is_held_out_is_a_test():
    header = dataclasses.replace(load(SHIPPED).header, held_out=(HeldOut("a", "P1", 100.0, 160.0),))
    labels = [Label(f"L{k}", "", "P1", 20.0 * k, 20.0 * k + 5.0, 0.0, label="happy") for k in range(9)]
    assert [one.uid for one in held_out(labels, "a", header)] == ["L5", "L6", "L7"]
    assert held_out(labels, "b", header) == labels
