"""An evaluation as one HTML page that needs nothing else: no network, no script, plots inside it."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from scipy.stats import binomtest

from app.evaluation import plots
from app.evaluation.material import Judged
from core.models.checkpoint import Header
from training import metrics, selective
from training.answers import FIGURES, AcrossSubjects, Answers, across_subjects, estimates
from training.intervals import N_DRAWS, Estimate, cluster_bootstrap
from training.run import versions

SEED = 0
_SMALLER = ("ECE", "NLL", "Brier", "AURC", "AUGRC", "risk", "set size", "RMSE")
_FEW = 5
_SENSORS = {"both": "EEG and face", "eeg": "EEG alone", "face": "face alone"}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A model, what it said, and the figures of it."""

    name: str
    sha256: str
    header: Header
    folder: str
    coverage: float
    judged: Judged
    windows: dict[str, Estimate]
    trials: dict[str, Estimate]
    across: AcrossSubjects


def evaluate(name: str, sha256: str, header: Header, folder: str, coverage: float, judged: Judged) -> Evaluated:
    """Return the figures of what a model said."""
    windows, trials = (estimates(one, N_DRAWS, SEED) for one in (judged.windows, judged.trials))
    return Evaluated(name, sha256, header, folder, coverage, judged, windows, trials, across_subjects(judged.trials))


def notes(e: Evaluated) -> list[str]:
    """Return what a reader must know before the figures."""
    found = []
    subjects = e.judged.trials.subjects
    taught = [name for name in subjects if name in e.header.taught_on.participants]
    if taught:
        found.append(
            f"The model has learnt from {', '.join(taught)}. What it says of them is no test on unseen people."
        )
    if e.judged.simulated:
        found.append("The EEG of some or all of these recordings is simulated: the figures say nothing of real people.")
    if len(subjects) < _FEW:
        found.append(
            f"With {len(subjects)} {'person' if len(subjects) == 1 else 'people'} an interval over people says little"
            f"{'' if len(subjects) > 1 else ', so none is given'}."
        )
    if e.judged.abstained:
        total = len(e.judged.windows) + sum(e.judged.abstained.values())
        reasons = ", ".join(f"{status} ({count})" for status, count in e.judged.abstained.most_common())
        found.append(
            f"It abstained on {sum(e.judged.abstained.values())} of {total} windows: {reasons}. "
            f"Of {len(e.judged.trials) + e.judged.silent_trials} trials {e.judged.silent_trials} have no answer. "
            "The figures are of the windows and trials that it answered."
        )
    return found


def summary(e: Evaluated) -> str:
    """Return in a sentence how accuracy varies over people, and whether it beats the majority class."""
    a = e.across
    if len(a.accuracy) < 2:
        return (
            f"Accuracy over trials is {_number(a.mean)}; naming the most frequent class alone would be {_majority(a)}."
        )
    return (
        f"Mean accuracy over trials {_number(a.mean)}, standard deviation over people {_number(a.sd)}; naming each "
        f"person's most frequent class alone would be {_majority(a)} (Wilcoxon's signed-rank test over "
        f"{len(a.accuracy)} people, two-sided p = {a.p:.3g})."
    )


def page(e: Evaluated) -> str:
    """Return the page."""
    text = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
    j = e.judged
    return template.render(
        model={"name": e.name},
        data={
            "title": e.folder, "n_subjects": len(j.trials.subjects), "n_trials": len(j.trials),
            "n_windows": len(j.windows), "coverage": f"{e.coverage:.0%}",
        },
        notes=notes(e),
        keys=_keys(e),
        figures=figure_rows(e),
        statistics={"n_draws": N_DRAWS, "seed": SEED},
        across=summary(e),
        people=[_person(e, name) for name in j.trials.subjects],
        measures=_measures(j),
        conditions=[_condition(j.windows, name) for name in np.unique(j.windows.condition)],
        about=_about(e),
        plots={
            "subjects": plots.subjects(j.trials, e.across), "reliability": plots.reliability(j.windows),
            "risk": plots.risk_coverage(j.windows, j.trials), "confusion": plots.confusions(j.trials),
        },
    )  # fmt: skip


def figure_rows(e: Evaluated) -> list[dict[str, Any]]:
    """Return the rows of the table of figures, as texts."""
    rows = []
    for name in FIGURES:
        if name in e.windows or name in e.trials:
            better = "" if name == "majority baseline" else "smaller" if name.startswith(_SMALLER) else "larger"
            better = f"near {e.coverage:.0%}" if name == "set coverage" else better
            cells = {key: _cell(found.get(name)) for key, found in (("windows", e.windows), ("trials", e.trials))}
            rows.append({"name": name, "better": better, **cells})
    return rows


def _cell(one: Estimate | None) -> dict[str, str]:
    if one is None:
        return {"value": "", "interval": ""}
    return {"value": _number(one.value), "interval": _interval(one.low, one.high)}


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "–"


def _interval(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}" if np.isfinite(low) else ""


def _majority(a: AcrossSubjects) -> str:
    return _number(float(np.mean(list(a.majority.values()))))


def _keys(e: Evaluated) -> list[dict[str, str]]:
    def key(name: str, figure: str, about: str) -> dict[str, str]:
        one = e.trials.get(figure) or e.windows.get(figure)
        cell = _cell(one)
        return {"name": name, "value": cell["value"] or "–", "about": cell["interval"] or about}

    return [
        key("Accuracy, trials", "accuracy", "no interval"),
        key("Macro-F1, trials", "macro-F1", "no interval"),
        key("Majority class, trials", "majority baseline", "no interval"),
        key("ECE, trials", "ECE, equal width", "no interval"),
        key("Truth in the set, trials", "set coverage", f"promised {e.coverage:.0%}"),
    ]


def _person(e: Evaluated, name: str) -> dict[str, Any]:
    trials, windows = e.judged.trials, e.judged.windows
    mine, rows = trials.of(name), windows.of(name)
    ci = binomtest(int(trials.right[mine].sum()), len(mine)).proportion_ci(0.95, "wilson")
    return {
        "name": name,
        "trials": len(mine),
        "windows": len(rows),
        "accuracy": _number(e.across.accuracy[name]),
        "interval": _interval(float(ci.low), float(ci.high)),
        "majority": _number(e.across.majority[name]),
        "windows_accuracy": _number(FIGURES["accuracy"](windows, rows)),
        "ece": _number(FIGURES["ECE, equal width"](windows, rows)),
        "held": _number(FIGURES["set coverage"](windows, rows)),
    }


def _measures(j: Judged) -> list[dict[str, str]]:
    rows = []
    for name, values in j.parts.items():
        known = np.flatnonzero(np.isfinite(values))
        if len(known):
            values, right, subject = values[known], j.windows.right[known], j.windows.subject[known]
            one = cluster_bootstrap(
                lambda k, values=values, right=right: selective.failure_auroc(values[k], right[k]),  # type: ignore[misc]
                subject, seed=SEED,
            )  # fmt: skip
            label = {"uncertainty": "total (entropy)"}.get(name, name)
            rows.append({"name": label, **_cell(one)})
    return rows


def _condition(windows: Answers, name: str) -> dict[str, Any]:
    rows = np.flatnonzero(windows.condition == name)
    return {
        "name": _SENSORS[str(name)],
        "windows": len(rows),
        "accuracy": _number(metrics.accuracy(windows.truth[rows], windows.guess[rows])),
        "ece": _number(FIGURES["ECE, equal width"](windows, rows)),
        "held": _number(FIGURES["set coverage"](windows, rows)),
        "size": _number(FIGURES["set size"](windows, rows)),
    }


def _about(e: Evaluated) -> list[tuple[str, str, bool]]:
    """Return the rows on data, split, model and machine: name, text, and whether it is set as code."""
    j, header = e.judged, e.header
    counts = np.bincount(j.trials.truth, minlength=len(j.trials.classes))
    classes = ", ".join(f"{name} {n}" for name, n in zip(j.trials.classes, counts, strict=True) if n)
    taught = header.taught_on
    who = [*(["simulated participants"] if taught.simulated else []), *taught.participants]
    labelled = f"{j.n_recordings}, with {j.minutes:.1f} labelled minutes; annotators: {', '.join(j.annotators)}"
    split = (
        "None: a finished model is tested on all of the data. By its header its EEG student has learnt from "
        f"{', '.join(who) or 'nobody'}{', and is held to be fit for anyone' if taught.population else ''}."
    )
    return [
        ("recordings", labelled, False),
        ("trials by class", classes, False),
        ("split", split, False),
        ("model", e.sha256, True),
        ("taught on", header.training_data, False),
        ("training seed", str(header.config.get("seed", "not told")), False),
        ("bootstrap", f"{N_DRAWS} draws of people, seed {SEED}", False),
        ("machine", f"{_processor()}, {os.cpu_count()} cores", False),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions().items()), False),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
