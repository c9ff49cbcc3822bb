"""From EEG files to the page, as a person would type it."""

import json
import os
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from app.study import train_people
from app.study.evaluation.cross_validation import judge_run
from core.config import Config
from core.errors import FileFormatError
from core.models.checkpoint import load
from core.models.model_file import SHIPPED, Architecture, Header, TaughtOn
from core.predictor import Predictor
from tests.app.study.test_labelled_data import HEAD, table, write
from training.answers import FIGURES, compare
from training.methods import GROUPS, METHODS, methods_of
from training.people import PeopleRecipe, Setting
from training.run import read_config

PEOPLE = ("P1", "P2", "P3", "P4")
Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for k, person in enumerate(PEOPLE):
        write(folder / f"{person}_raw.fif", 24.0, seed=k)
    rows = [
        f"{p}\t{p}_raw.fif\t{s}\t{s + 6}\t{'calm' if s % 12 else 'load'}\t\n" for p in PEOPLE for s in (0, 6, 12, 18)
    ]
    table(folder, "".join(rows), HEAD)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings in which the guard round some trials leaves others."""
    folder = tmp_path_factory.mktemp("long")
    for k, person in enumerate(PEOPLE[:2]):
        write(folder / f"{person}_raw.fif", 480.0, seed=k)
    return folder


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = partial(PeopleRecipe, settings=(Setting(1),), n_inner=2, per_epoch=64, batch=32)
    monkeypatch.setattr(train_people, "PeopleRecipe", quick)
    monkeypatch.setattr("app.study.evaluation.page.N_DRAWS", 50)


def test_each_person_is_left_out_and_the_page_and_the_table_are_made(data: Path, tmp_path: Path, capsys: Out):
    words = ["train", "people", "--data", str(data), "--leave-out", "subject", "--sensors", "eeg"]
    for run in ("one", "two"):
        assert main([*words, "--run", str(tmp_path / run), "--seed", str(len(run) + (run == "two"))]) == 0
    told = capsys.readouterr()
    assert "P4 is done, 4 of 4" in told.err
    assert "left out" in told.out
    assert json.loads((tmp_path / "one" / "metrics.json").read_text())["folds"] == 4
    out = tmp_path / "page.html"
    run, other = str(tmp_path / "one"), str(tmp_path / "two")
    assert main(["evaluate", run, "--beside", other, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    for figure in ("balanced accuracy", "ECE, equal width", "NLL", "Brier", "failure AUROC", "AURC", "set coverage"):
        assert figure in said
    assert "beside two, 4 people" in said
    page = out.read_text(encoding="utf-8")
    assert "tested by a network that has learnt from the others alone" in page
    assert "Wilcoxon" in page
    rows = out.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 4 * 4


def test_trials_of_one_person_are_left_out_whatever_the_name_and_the_page_says_of_whom_it_is(
    long: Path, tmp_path: Path, capsys: Out
):
    rows = [f"all\tP1_raw.fif\t{s}\t{s + 20}\t{'calm' if s % 40 else 'load'}\t\n" for s in range(0, 480, 20)]
    own = tmp_path / "own"
    own.mkdir()
    table(own, "".join(row.replace("P1_raw.fif", str(long / "P1_raw.fif")) for row in rows), HEAD)
    run, out = tmp_path / "run", tmp_path / "m.safetensors"
    words = ["train", "people", "--data", str(own), "--run", str(run), "--leave-out", "trials", "--sensors", "eeg"]
    assert main([*words, "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert "part 1 of 5: setting 1 of 1, group 1 1/1: loss" in told.err
    assert "part 5 of 5 is done, 5 of 5" in told.err
    assert "log loss on what was held out meanwhile" in told.out
    assert "The EEG of all keeps weight zero" in told.out
    assert load(out).header.taught_on.participants == ()
    assert main(["evaluate", str(run), "--out", str(tmp_path / "page.html")]) == 0
    assert "Trials were left out, not people" in capsys.readouterr().out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "intervals are over trials" in page
    assert "whole trials held out" in page
    assert "stands in one stretch of time" not in page
    assert len((tmp_path / "page.tsv").read_text(encoding="utf-8").splitlines()) == 1 + 24


def test_a_run_of_before_trials_could_be_left_out_is_told_to_be_one(tmp_path: Path, capsys: Out):
    (tmp_path / "data.json").write_text("{}", encoding="utf-8")
    (tmp_path / "config.json").write_text('{"config": {}}', encoding="utf-8")
    assert main(["evaluate", str(tmp_path), "--out", str(tmp_path / "page.html")]) == FileFormatError.exit_code
    assert "does not say what was left out" in capsys.readouterr().err


def test_classes_recorded_one_after_the_other_are_told(long: Path, tmp_path: Path, capsys: Out):
    rows = [
        f"{p}\t{long / p}_raw.fif\t{s}\t{s + 20}\t{'calm' if s < 240 else 'load'}\t\n"
        for p in PEOPLE[:2]
        for s in range(0, 480, 20)
    ]
    table(tmp_path, "".join(rows), HEAD)
    words = ["train", "people", "--data", str(tmp_path), "--run", str(tmp_path / "run"), "--leave-out", "trials"]
    assert main([*words, "--sensors", "eeg"]) == 0
    assert main(["evaluate", str(tmp_path / "run"), "--out", str(tmp_path / "page.html")]) == 0
    assert "With 2 of 2 people each class stands in one stretch of time" in capsys.readouterr().out


def test_a_run_that_is_not_over_is_evaluated_as_far_as_it_is_and_says_so(data: Path, tmp_path: Path, capsys: Out):
    made = train_people.prepare(tmp_path, data, Config(), train_people.Wish("eeg"), print)
    two = replace(made, data=replace(made.data, folds=made.data.folds[:2]))
    train_people.leave_each_out(two, 1, None, print)
    assert main(["evaluate", str(tmp_path), "--out", str(tmp_path / "page.html")]) == 0
    assert "Still to be left out: 2 people" in capsys.readouterr().out


def test_a_model_that_learnt_from_everyone_runs_live(data: Path, tmp_path: Path, capsys: Out):
    out = tmp_path / "m.safetensors"
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path / "run"), "--sensors", "eeg"]
    assert main([*words, "--out", str(out)]) == 0
    assert "not held to be fit for anyone else" in capsys.readouterr().out
    assert not load(out).header.taught_on.population, "four people are too few to claim anything of a fifth"
    assert Predictor(out, Config()).classes == ("calm", "load")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["train", "people", "--data", "DATA"], 2, "--leave-out subject (or trials) or --out MODEL"),
        (["train", "simulated", "--leave-out", "subject", "--out", "m"], 2, "leaves nobody out"),
        (
            ["train", "people", "--data", "DATA", "--run", "EMPTY", "--leave-out", "stimulus", "--sensors", "eeg"],
            2,
            "does not say of all trials what was shown",
        ),
        (["evaluate", str(SHIPPED)], 2, "--data DIR"),
        (["evaluate", "EMPTY"], 3, "holds no run"),
        (["evaluate", "EMPTY", "--beside", "EMPTY"], 3, "holds no run"),
    ],
)
def test_what_is_missing_is_said(words: list[str], code: int, said: str, data: Path, tmp_path: Path, capsys: Out):
    where = {"DATA": str(data), "EMPTY": str(tmp_path)}
    assert main([where.get(word, word) for word in words]) == code
    assert said in capsys.readouterr().err


def test_other_settings_in_the_same_folder_are_refused(data: Path, tmp_path: Path, capsys: Out):
    train_people.prepare(tmp_path, data, Config(), train_people.Wish("eeg"), print)
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path), "--leave-out", "subject"]
    assert main(words) == 2
    assert "other settings: sensors" in capsys.readouterr().err


def test_a_run_does_not_go_on_with_windows_of_what_has_changed(data: Path, tmp_path: Path, capsys: Out):
    own = tmp_path / "own"
    shutil.copytree(data, own)
    words = ["train", "people", "--data", str(own), "--run", str(tmp_path / "run"), "--sensors", "eeg"]
    assert main([*words, "--leave-out", "subject"]) == 0
    assert main([*words, "--leave-out", "subject"]) == 0, "nothing changed"
    for path in own.iterdir():
        os.utime(path, (5.0, 5.0))
    assert main([*words, "--leave-out", "subject"]) == 0, "touched, and still the same"
    shutil.rmtree(own / "derivatives")
    assert main([*words, "--leave-out", "subject"]) == 0, "and where nothing is kept"
    rows = (own / "trials.tsv").read_text(encoding="utf-8")
    capsys.readouterr()
    (own / "trials.tsv").write_text(rows.replace("calm", "rest"), encoding="utf-8")
    assert main([*words, "--leave-out", "subject"]) == 2
    assert "trials.tsv: no longer of the size or content" in capsys.readouterr().err
    (own / "trials.tsv").write_text(rows, encoding="utf-8")
    (own / "P1_raw.fif").unlink()
    write(own / "P1_raw.fif", 24.0, seed=9)
    assert main([*words, "--leave-out", "subject"]) == 2
    assert "P1_raw.fif: no longer" in capsys.readouterr().err, "and nothing else"


def test_too_few_people_are_refused(tmp_path: Path, capsys: Out):
    write(tmp_path / "a_raw.fif", 12.0)
    table(tmp_path, "P1\ta_raw.fif\t0\t6\tcalm\t\nP1\ta_raw.fif\t6\t12\tload\t\n")
    words = ["train", "people", "--data", str(tmp_path), "--run", str(tmp_path / "r"), "--leave-out", "subject"]
    assert main(words) == 2
    assert "of 1 people" in capsys.readouterr().err
    assert main([*words, "--run", str(tmp_path / "s"), "--leave-out", "trials"]) == 2
    assert "too few usable trials of calm (1), load (1)" in capsys.readouterr().err


def test_a_method_is_named_by_run_and_model_and_an_unfinished_run_keeps_it(data: Path, tmp_path: Path, capsys: Out):
    out, run = tmp_path / "m.safetensors", tmp_path / "run"
    (tmp_path / "late.toml").write_text('[method]\nname = "late"\n', encoding="utf-8")
    words = ["train", "people", "--data", str(data), "--run", str(run), "--sensors", "eeg", "--out", str(out)]
    assert main([*words, "--config", str(tmp_path / "late.toml")]) == 0
    header = load(out).header
    assert (header.config["method"], header.architecture.fusion) == ("late", "static")
    assert read_config(run)["config"]["method"] == "late"
    assert Predictor(out, Config()).classes == ("calm", "load")
    for other in ([], ["--method", "static", "--config", str(tmp_path / "late.toml")]):
        assert main([*words, *other]) == 2
        assert "other settings: method" in capsys.readouterr().err
    assert main([*words, "--method", "magic"]) == 2
    assert "No method is called 'magic'. There are:\nUDML:\n  udml: " in capsys.readouterr().err


def test_a_switched_method_is_called_so_by_run_model_and_page_and_is_what_was_learnt(
    data: Path, tmp_path: Path, capsys: Out
):
    out, run, toml = tmp_path / "m.safetensors", tmp_path / "run", tmp_path / "lab.toml"
    toml.write_text('[method]\nname = "thesis"\nlayer = 2\ntemperature = 3\n', encoding="utf-8")
    words = ["train", "people", "--data", str(data), "--run", str(run), "--config", str(toml)]
    assert main([*words, "--out", str(out), "--leave-out", "subject"]) == 0
    assert "No window has both EEG and face" in capsys.readouterr().err
    header = load(out).header
    called = "thesis with layer 2, temperature 3"
    assert header.method == called
    assert (header.config["weights"]["injection"], header.config["weights"]["softening"]) == (2, 3.0)
    assert main(["evaluate", str(run), "--out", str(tmp_path / "page.html")]) == 0
    assert f'<td class="text">{called}</td>' in (tmp_path / "page.html").read_text(encoding="utf-8")
    toml.write_text('[method]\nname = "thesis"\nlayer = 1\ntemperature = 3\n', encoding="utf-8")
    assert main([*words, "--leave-out", "subject"]) == 2
    assert "other settings: method" in capsys.readouterr().err
    assert main([*words, "--leave-out", "subject", "--method", "late"]) == 2
    assert "method.layer belongs to methods of the thesis, not to late" in capsys.readouterr().err
    fresh = ["train", "people", "--data", str(data), "--run", str(tmp_path / "new"), "--leave-out", "subject"]
    assert main([*fresh, "--config", str(toml), "--compare", "late", "udml"]) == 2
    assert "nor a table [method]" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--modality-dropout", "0.3"], ["--noise", "both"]])
def test_what_takes_two_sensors_is_refused_with_one(words: list[str], data: Path, tmp_path: Path, capsys: Out):
    fixed = ["train", "people", "--data", str(data), "--run", str(tmp_path / "r"), "--leave-out", "subject"]
    assert main([*fixed, "--sensors", "eeg", *words]) == 2
    said = capsys.readouterr().err
    assert words[0] in said
    assert "it takes --sensors both" in said


def test_what_nobody_was_recorded_with_is_not_tested_by(data: Path, tmp_path: Path, capsys: Out):
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path / "run"), "--leave-out", "subject"]
    assert main([*words, "--test-sensors", "face"]) == 2
    assert "no labelled window has what --test-sensors face reads" in capsys.readouterr().err
    assert main([*words, "--test-sensors", "eeg"]) == 0, "the folder is free for the right words"


def test_the_simulated_recipe_refuses_what_is_of_people_alone(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
):
    made = Header(Architecture(), TaughtOn(simulated=True), "nobody", metrics={"accuracy": 0.5})
    monkeypatch.setattr("app.commands.train.train", lambda *_, **__: made)
    words = ["train", "simulated", "--out", str(tmp_path / "m")]
    assert main([*words, "--method", "late", "--test-sensors", "eeg", "--config", "x.toml"]) == 2
    said = capsys.readouterr().err
    assert "takes --out, --seed and --run; --test-sensors, --method, --config: for `people` alone" in said
    assert main([*words, "--seed", "2"]) == 0


def test_methods_are_compared_on_the_same_windows_and_folds_and_go_on_where_they_stood(
    data: Path, tmp_path: Path, capsys: Out
):
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path), "--leave-out", "subject"]
    words += ["--sensors", "eeg", "--compare", "late", "udml"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert "udml: P4 is done, 4 of 4" in told.err
    runs = [tmp_path / name for name in ("late", "udml")]
    assert [read_config(run / "folds" / "P1")["config"]["config"]["method"] for run in runs] == ["late", "udml"]
    assert len({(run / "windows.npz").read_bytes() for run in runs}) == 1
    assert len({(run / "data.json").read_text() for run in runs}) == 1
    for run in runs:
        accuracy = json.loads((run / "metrics.json").read_text())["accuracy"]
        assert f"{run.name:<24}{4:>7}{accuracy:>10.3f}" in told.out
    assert main(words) == 0
    assert capsys.readouterr().out == told.out
    both = [str(run) for run in runs]
    assert main(["evaluate", both[1], "--beside", *both, "--out", str(tmp_path / "page.html")]) == 0
    said = capsys.readouterr().out
    assert all(f"beside {run.name}, 4 people, p corrected for 2 runs (Holm)" in said for run in runs)
    assert '<td class="text">udml</td>' in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--compare", "late"], "two methods or more"), (["--compare", "late", "late"], "each once"),
     (["--compare", "late", "magic"], "No method is called 'magic'"),
     (["--compare", "late", "udml", "--method", "udml"], "neither --method nor --out")],
)  # fmt: skip
def test_a_comparison_that_is_none_is_refused(more: list[str], said: str, data: Path, tmp_path: Path, capsys: Out):
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path), "--leave-out", "subject", *more]
    assert main(words) == 2
    assert said in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_a_comparison_ends_with_the_tables_of_classes_and_ratings_beside_the_first(
    data: Path, tmp_path: Path, capsys: Out
):
    rows = "".join(
        f"{p}\t{data / p}_raw.fif\t{s}\t{s + 6}\t{'calm' if s % 12 else 'load'}\t{0.5 if s % 12 else -0.5 + 0.02 * k}\n"
        for k, p in enumerate(PEOPLE)
        for s in (0, 6, 12, 18)
    )
    table(tmp_path, rows, HEAD)
    words = ["train", "people", "--data", str(tmp_path), "--run", str(tmp_path / "run"), "--leave-out", "subject"]
    assert main([*words, "--sensors", "eeg", "--compare", "no-thesis", "thesis", "dual"]) == 0
    said = capsys.readouterr().out
    assert "Classes (DEC), over 16 trials of 4 people; difference of balanced accuracy" in said
    assert "Valence (CER), over" in said
    assert "Arousal (CER)" not in said, "nobody rated it"
    lines = [line for line in said.splitlines() if line.startswith("thesis") and "p = " in line]
    assert len(lines) == 2
    runs = {name: judge_run(tmp_path / "run" / name)[0] for name in ("no-thesis", "thesis", "dual")}
    figure = FIGURES["CCC, valence"]
    gap = compare(runs["thesis"].windows, runs["no-thesis"].windows, figures=("CCC, valence",))["CCC, valence"]
    assert f"{figure(runs['thesis'].windows, np.arange(len(runs['thesis'].windows))):.3f}" in lines[1]
    assert f"{gap.difference.value:+.3f} [{gap.difference.low:+.3f}, {gap.difference.high:+.3f}]" in lines[1]


def test_a_name_may_stand_for_several_methods():
    assert methods_of(["late", "dual-parts"])[:3] == ["late", "static", "dual-dfum"]
    assert methods_of(["thesis-losses"])[0] == "no-thesis"
    assert all(name in METHODS for names in GROUPS.values() for name in names)


def test_a_group_that_joins_all_stimuli_is_told(data: Path, tmp_path: Path, capsys: Out):
    rows = "".join(
        f"{p}\t{data / p}_raw.fif\t{s}\t{s + 6}\t{'calm' if s % 12 else 'load'}\tclip {s}\t{group}\n"
        for p, group in zip(PEOPLE, ("a", "a", "b", "b"), strict=True)
        for s in (0, 6, 12, 18)
    )
    table(tmp_path, rows, "participant\tfile\tstart\tstop\tlabel\tstimulus\tgroup\n")
    words = ["train", "people", "--data", str(tmp_path), "--run", str(tmp_path / "r"), "--leave-out", "stimulus"]
    assert main([*words, "--sensors", "eeg"]) == 2
    assert "has 1 stimuli that may be parted: those of which trials share a `group` count as one" in (
        capsys.readouterr().err
    )


def test_a_threshold_that_leaves_one_class_is_told_with_where_it_lies(data: Path, tmp_path: Path, capsys: Out):
    rows = "".join(
        f"{p}\t{data / p}_raw.fif\t{s}\t{s + 6}\t\t{0.5 if s % 12 else -0.5}\n" for p in PEOPLE for s in (0, 6, 12, 18)
    )
    table(tmp_path, rows, HEAD)
    words = ["train", "people", "--data", str(tmp_path), "--run", str(tmp_path / "r"), "--leave-out", "subject"]
    assert main([*words, "--sensors", "eeg", "--target", "valence>0.75"]) == 2
    assert "lies on one side of the threshold (valence at 0.75" in capsys.readouterr().err
