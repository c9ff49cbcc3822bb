"""Folds: each a pure function of a configuration and a name, whose figures lie in a folder of its own.

The same function runs here on several cores (`run_folds`, joblib) or on a cluster (`submit_folds`, submitit). A fold
that is done is never run again, so whatever was broken off goes on with what is missing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import torch

from core.errors import ConfigError
from training.loop import Report, silent
from training.run import Run, plain_config

Config = TypeVar("Config")
Figures = dict[str, Any]
FoldFunction = Callable[[Config, str, Run, Report], Figures]
"""Gives the figures of the fold of this name, fit for JSON, and reports how it goes; weights and states go into the
run's folder."""
REPORT_S = 5.0
"""Between two lines from inside a fold."""


def run_fold(
    function: FoldFunction[Config], config: Config, name: str, folder: Path, report: Report = silent
) -> Figures:
    """Return the figures of one fold: those in its folder if it is done, else those of running it now.

    One thread of torch, so that figures do not hang on how many folds run beside it. `report` gets a line from inside
    the fold every few seconds.
    """
    run = Run(fold_folder(folder, name), {"fold": name, "config": plain_config(config)})
    if not run.done:
        torch.set_num_threads(1)
        run.finish(function(config, name, run, _seldom(name, report)))
    return run.metrics


def run_folds(
    function: FoldFunction[Config],
    config: Config,
    names: Sequence[str],
    folder: Path,
    workers: int = 1,
    report: Report = silent,
    minutes: float = float("inf"),
) -> dict[str, Figures]:
    """Run the folds that are missing, several at a time, and return the figures of all that are done.

    Parameters
    ----------
    function : callable
        A function of a module, so that other processes find it.
    config : dataclass or mapping
    names : sequence of str
        Of the folds.
    folder : Path
        Gets a folder for each fold.
    workers : int
        Processes; with 1 the folds run in this one.
    report : callable
        Gets a line for each fold that ends, and every few seconds one from inside each that runs; of a module, if
        other processes are to use it.
    minutes : float
        No fold is begun after so many.
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    todo = _missing(names, folder)
    started = time.monotonic()

    def in_time() -> Iterator[str]:
        for name in todo:
            if time.monotonic() - started > 60 * minutes:
                return
            yield name

    pool = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch=workers, batch_size=1)
    ended = pool(delayed(_named)(function, config, name, folder, report) for name in in_time())
    for count, name in enumerate(ended, start=1):
        left = (time.monotonic() - started) / count * (len(todo) - count)
        report(f"{name} is done, {count} of {len(todo)}: {left:.0f} s left")
    if workers > 1:
        # joblib keeps its processes, and the threads that watch them, for a next call that does not come.
        get_reusable_executor().shutdown(wait=True)
    return done_folds(config, names, folder)


def submit_folds(
    function: FoldFunction[Config],
    config: Config,
    names: Sequence[str],
    folder: Path,
    cluster: str | None = None,
    report: Report = silent,
    **parameters: Any,
) -> list[Any]:
    """Hand the folds that are missing to a cluster and return their submitit jobs; `done_folds` reads the figures.

    Parameters
    ----------
    function, config, names, folder
        As for `run_folds`; the folder must be one that the cluster's machines see. ``jobs`` beside it gets what the
        jobs print.
    cluster : str, optional
        ``slurm``, ``local`` (processes of this machine), or None for Slurm where there is one and else this machine.
    report : callable
        Of a module; gets lines from inside a fold, where the job runs.
    **parameters
        For ``submitit.AutoExecutor.update_parameters``, such as ``timeout_min=120`` or ``slurm_partition="gpu"``.

    Raises
    ------
    ConfigError
        submitit is not installed.
    """
    try:
        import submitit
    except ImportError as error:
        raise ConfigError('Clusters need submitit: pip install "insula[train]".') from error
    todo = _missing(names, folder)
    if not todo:
        return []
    executor = submitit.AutoExecutor(folder.parent / "jobs", cluster=cluster)
    executor.update_parameters(**{"name": "insula", "timeout_min": 240, "cpus_per_task": 1, **parameters})
    with _at_home(), executor.batch():
        return [executor.submit(run_fold, function, config, name, folder, report) for name in todo]


@contextmanager
def _at_home() -> Iterator[None]:
    """Let jobs find these packages, which an installed Insula keeps where only its own command looks."""
    before = os.environ.get("PYTHONPATH")
    home = str(Path(__file__).parents[1])
    os.environ["PYTHONPATH"] = home if before is None else os.pathsep.join([home, before])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def done_folds(config: Any, names: Sequence[str], folder: Path) -> dict[str, Figures]:
    """Return the figures of the folds that are done, by name."""
    found = {}
    for name in names:
        if (fold_folder(folder, name) / "DONE").exists():
            found[name] = Run(fold_folder(folder, name), {"fold": name, "config": plain_config(config)}).metrics
    return found


def fold_folder(folder: Path, name: str) -> Path:
    """Return where a fold lies."""
    return folder / re.sub(r"[^\w.,=-]+|^[.]+", "-", name)


def _missing(names: Sequence[str], folder: Path) -> list[str]:
    """Return the folds that are not done.

    Raises
    ------
    ConfigError
        Two names would lie in the same folder.
    """
    places: dict[Path, str] = {}
    for name in names:
        other = places.setdefault(fold_folder(folder, name), name)
        if other != name:
            raise ConfigError(f"{other!r} and {name!r} cannot be told apart as names of folders. Rename one.")
    return [name for place, name in places.items() if not (place / "DONE").exists()]


def _named(function: FoldFunction[Config], config: Config, name: str, folder: Path, report: Report) -> str:
    run_fold(function, config, name, folder, report)
    return name


def _seldom(name: str, report: Report) -> Report:
    """Return a report from inside a fold, without what follows too soon on the line before."""
    reported = -float("inf")

    def now_and_then(text: str) -> None:
        nonlocal reported
        if time.monotonic() - reported >= REPORT_S:
            reported = time.monotonic()
            report(f"{name}: {text}")

    return now_and_then
