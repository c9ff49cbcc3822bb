"""The same fold function in this process, in two others, and as jobs of a cluster."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ConfigError
from training.folds import _at_home, done_folds, fold_folder, run_folds, submit_folds
from training.loop import Report
from training.run import Run

NAMES = ["S 1", "S 2", "S 3"]


@dataclass(frozen=True)
class Toy:
    scale: float = 2.0
    log: str = ""


def fold(config: Toy, name: str, run: Run, report: Report) -> dict[str, Any]:
    """A figure that hangs on nothing but configuration and name; tells who ran it."""
    report("half of it")
    report("nearly all of it")
    with (Path(config.log) if config.log else run.folder / "log").open("a") as file:
        file.write(f"{name} {os.getpid()}\n")
    rng = np.random.default_rng([int(name[-1])])
    return {"accuracy": config.scale * float(rng.random())}


def test_folds_here_and_in_other_processes_give_the_same(tmp_path: Path):
    said: list[str] = []
    here = run_folds(fold, Toy(), NAMES, tmp_path / "here", report=said.append)
    there = run_folds(fold, Toy(), NAMES, tmp_path / "there", workers=2)
    assert here == there
    assert list(here) == NAMES
    assert said[0] == "S 1: half of it"
    assert said[1].startswith("S 1 is done, 1 of 3: "), "what follows at once is not told"
    pids = {(fold_folder(tmp_path / "there", name) / "log").read_text().split()[-1] for name in NAMES}
    assert str(os.getpid()) not in pids


def test_what_is_done_is_not_run_again(tmp_path: Path):
    toy = Toy(log=str(tmp_path / "log"))
    run_folds(fold, toy, NAMES[:1], tmp_path / "folds")
    figures = run_folds(fold, toy, NAMES, tmp_path / "folds")
    assert [line.rsplit(maxsplit=1)[0] for line in Path(toy.log).read_text().splitlines()] == NAMES
    assert done_folds(toy, NAMES, tmp_path / "folds") == figures


def test_figures_of_other_settings_are_not_taken_for_these(tmp_path: Path):
    run_folds(fold, Toy(2.0), NAMES, tmp_path)
    with pytest.raises(ConfigError, match="other settings"):
        run_folds(fold, Toy(3.0), NAMES, tmp_path)


def test_no_fold_is_begun_when_the_time_is_over(tmp_path: Path):
    assert run_folds(fold, Toy(), NAMES, tmp_path, minutes=0.0) == {}


def test_names_that_would_share_a_folder_are_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="'S 1' and 'S-1'"):
        run_folds(fold, Toy(), ["S 1", "S-1"], tmp_path)


@pytest.mark.parametrize("name", [".", "..", ".hidden", "all", "a/b"])
def test_a_fold_lies_in_the_folder_of_the_folds_whatever_its_name(name: str, tmp_path: Path):
    assert fold_folder(tmp_path, name).resolve().parent == tmp_path.resolve()
    assert not fold_folder(tmp_path, name).name.startswith(".")


def test_the_same_function_as_jobs_of_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("submitit", reason="clusters need the extra insula[train]")
    # The jobs are processes of their own and look for this module from elsewhere, as a cluster's machines would.
    monkeypatch.chdir(tmp_path)
    jobs = submit_folds(fold, Toy(), NAMES[:2], tmp_path / "cluster", cluster="local")
    figures = [job.result() for job in jobs]
    assert figures == list(run_folds(fold, Toy(), NAMES[:2], tmp_path / "here").values())
    assert figures == list(done_folds(Toy(), NAMES[:2], tmp_path / "cluster").values())
    pids = {(fold_folder(tmp_path / "cluster", name) / "log").read_text().split()[-1] for name in NAMES[:2]}
    assert len(pids) == 2
    assert submit_folds(fold, Toy(), NAMES[:2], tmp_path / "cluster", cluster="local") == []


@pytest.mark.parametrize("before", [None, "/elsewhere"])
def test_jobs_find_these_packages_and_nothing_else_is_changed_for_long(
    before: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if before is not None:
        monkeypatch.setenv("PYTHONPATH", before)
    with _at_home():
        first, *rest = os.environ["PYTHONPATH"].split(os.pathsep)
        assert (Path(first) / "training" / "folds.py").exists()
        assert rest == [one for one in [before] if one]
    assert os.environ.get("PYTHONPATH") == before
