"""An evaluation as one HTML page that needs nothing else: no network, no script, plots inside it."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from app.study.evaluation import plots
from app.study.evaluation.material import Judged
from app.study.evaluation.origin import SENSORS, Origin
from app.study.page import render
from training import metrics, selective
from training.answers import (
    FIGURES,
    AcrossSubjects,
    Answers,
    Difference,
    across_subjects,
    compare,
    estimates,
    figure_name,
)
from training.chance import AgainstChance, Unit, against_chance, ratings_against_chance
from training.intervals import N_DRAWS, Estimate, cluster_bootstrap, holm
from training.run import versions

SEED = 0
_SMALLER = ("ECE", "NLL", "Brier", "AURC", "AUGRC", "risk", "set size", "RMSE")
_FEW = 5
_DEALT: dict[Unit, str] = {
    "trials": "each person's trials dealt anew", "people": "people dealt anew", "stimuli": "the stimuli dealt anew",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """Another run on the same people."""

    name: str
    windows: dict[str, Difference]
    trials: dict[str, Difference]
    n_subjects: int


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What gave answers, what it said, and the figures of it."""

    origin: Origin
    judged: Judged
    windows: dict[str, Estimate]
    trials: dict[str, Estimate]
    across: AcrossSubjects
    chance: tuple[AgainstChance, ...]
    """Of the classes, and of each scale that was rated; what settings were chosen by comes first."""
    beside: tuple[Beside, ...] = ()


def evaluate(origin: Origin, judged: Judged, others: Sequence[tuple[str, Judged]] = ()) -> Evaluated:
    """Return the figures of what was said, and by how much they differ from other runs'.

    The p of each figure are corrected for how many runs it is compared with.
    """
    windows, trials = (estimates(one, N_DRAWS, SEED) for one in (judged.windows, judged.trials))
    by_windows = _corrected([compare(judged.windows, theirs.windows, N_DRAWS, SEED) for _, theirs in others])
    by_trials = _corrected([compare(judged.trials, theirs.trials, N_DRAWS, SEED) for _, theirs in others])
    beside = tuple(
        Beside(name, windows_of, trials_of, len({*judged.trials.subjects} & {*theirs.trials.subjects}))
        for (name, theirs), windows_of, trials_of in zip(others, by_windows, by_trials, strict=True)
    )
    return Evaluated(origin, judged, windows, trials, across_subjects(judged.trials), _chance(origin, judged), beside)


def _corrected(found: list[dict[str, Difference]]) -> list[dict[str, Difference]]:
    names = {name for one in found for name in one}
    p = {name: iter(holm([one[name].p for one in found if name in one])) for name in names}
    return [{name: replace(one, p=next(p[name])) for name, one in each.items()} for each in found]


def _chance(origin: Origin, judged: Judged) -> tuple[AgainstChance, ...]:
    classes = against_chance(judged.trials, seed=SEED)
    ratings = tuple(ratings_against_chance(judged.trials, seed=SEED).values())
    return (*ratings, classes) if origin.by_ccc else (classes, *ratings)


def verdict(e: Evaluated) -> str:
    """Return in a line whether what was said tells anything: what must be read before any figure."""
    said = []
    for one in e.chance:
        text = f"{one.figure} over trials {_number(one.value)}; {_number(one.by_chance)} with the truths of "
        text += _DEALT[one.unit]
        said.append(("Above chance: " if one.is_above else "Not above chance: ") + f"{text} (p = {one.p:.2g}).")
    majority = _majority_gain(e)
    if e.chance[0].is_above and not e.origin.by_ccc and not majority.low > 0.0:
        interval = f" ({_interval(majority.low, majority.high)})" if np.isfinite(majority.low) else ""
        said[0] += (
            f" But not better than naming each person's most frequent class: {_number(majority.value)}{interval} more "
            "right, mean over people."
        )
    if e.chance[0].is_above and _in_blocks(e):
        said[0] += " Classes stand in one stretch of time each, so that this may be drift."
    return " ".join(said)


def _in_blocks(e: Evaluated) -> bool:
    order = e.judged.order
    return order is not None and 2 * len(order.in_blocks) > order.n_people


def _majority_gain(e: Evaluated) -> Estimate:
    """Return by how much accuracy lies above each person's most frequent class, mean over people with its interval."""
    names = list(e.across.accuracy)
    gain = np.array([e.across.accuracy[name] - e.across.majority[name] for name in names])
    return cluster_bootstrap(lambda rows: float(gain[rows].mean()), names, N_DRAWS, SEED)


def notes(e: Evaluated) -> list[str]:
    """Return what a reader must know before the figures."""
    found = []
    subjects = e.judged.trials.subjects
    taught = [name for name in subjects if name in e.origin.taught]
    if e.origin.missing:
        found.append(f"Still to be left out: {e.origin.missing}. These figures are not yet of everything.")
    if e.origin.split_by == "trials":
        found.append(
            "Trials were left out, not people: these figures are of people whom the networks have learnt from, in the "
            "same sessions, and do not tell how well anyone else would be read."
        )
    if e.origin.split_by == "stimulus":
        found.append(
            "Stimuli were left out, not people: these figures are of people whom the networks have learnt from, and do "
            "not tell how well anyone else would be read."
        )
    found += order_notes(e)
    if taught:
        found.append(
            f"The model has learnt from {', '.join(taught)}. What it says of them is no test on unseen people."
        )
    if e.judged.simulated:
        found.append("The EEG of some or all of these recordings is simulated: the figures say nothing of real people.")
    if len(subjects) == 1:
        found.append("There is 1 person, so intervals are over trials and tell of this person in these sessions alone.")
    elif len(subjects) < _FEW:
        found.append(f"With {len(subjects)} people an interval over people says little.")
    if e.judged.abstained:
        total = len(e.judged.windows) + sum(e.judged.abstained.values())
        reasons = ", ".join(f"{status} ({count})" for status, count in e.judged.abstained.most_common())
        found.append(
            f"It abstained on {sum(e.judged.abstained.values())} of {total} windows: {reasons}. "
            f"Of {len(e.judged.trials) + e.judged.silent_trials} trials {e.judged.silent_trials} have no answer. "
            "The figures are of the windows and trials that it answered."
        )
    return found


def order_notes(e: Evaluated) -> list[str]:
    """Return what must be known of the order of the classes, and what to do about it."""
    found = []
    if e.origin.swapped:
        found.append(
            "Each person's files were read in the opposite order: what came first came last. Where these figures are "
            "far below those without --swap-order, what was read is the order."
        )
    order = e.judged.order
    if order is None or not _in_blocks(e):
        return found
    control = ""
    if math.isfinite(order.by_time):
        control = (
            f" Time control: the time that has passed tells the class in {order.by_time:.0%}, classes weighed alike, "
            f"where chance is {order.chance:.0%}."
        )
    found.append(
        f"With {len(order.in_blocks)} of {order.n_people} people each class stands in one stretch of time. Whatever "
        f"drifts or follows the person's past may then be read in place of the class, and these figures may be too "
        f"high.{control} Record the classes in several short blocks, and in another order for every second person; "
        "files with a table of trials can be read in the opposite order with --swap-order."
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
    j = e.judged
    return render(
        Path(__file__).parent / "page.html",
        model={"name": e.origin.name},
        data={
            "title": e.origin.data, "n_subjects": len(j.trials.subjects), "n_trials": len(j.trials),
            "n_windows": len(j.windows),
            "n_classes": len(np.unique([j.trials.truth, j.trials.guess])), "coverage": f"{e.origin.coverage:.0%}",
        },
        verdict=verdict(e),
        is_above=e.chance[0].is_above,
        notes=notes(e),
        keys=_keys(e),
        figures=figure_rows(e),
        statistics={"n_draws": N_DRAWS, "seed": SEED, "drawn": _drawn(e)},
        across=summary(e),
        people=[_person(e, name) for name in j.trials.subjects],
        measures=_measures(j),
        conditions=[_condition(j.windows, name) for name in np.unique(j.windows.condition)],
        besides=[{"name": one.name, "n": one.n_subjects, "rows": beside_rows(one)} for one in e.beside],
        about=_about(e),
        methods=methods(e),
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
            better = f"near {e.origin.coverage:.0%}" if name == "set coverage" else better
            cells = {key: _cell(found.get(name)) for key, found in (("windows", e.windows), ("trials", e.trials))}
            rows.append({"name": figure_name(name, e.judged.trials), "better": better, **cells})
    return rows


def beside_rows(beside: Beside) -> list[dict[str, Any]]:
    """Return the rows of the table of differences, as texts."""
    rows = []
    for name in beside.trials:
        cells = {}
        for key, found in (("windows", beside.windows), ("trials", beside.trials)):
            one = found[name]
            cells[key] = {
                "first": _number(one.first), "second": _number(one.second), **_cell(one.difference),
                "p": f"{one.p:.3g}" if np.isfinite(one.p) else "–",
            }  # fmt: skip
        rows.append({"name": name, **cells})
    return rows


def _cell(one: Estimate | None) -> dict[str, str]:
    if one is None:
        return {"value": "", "interval": ""}
    return {"value": _number(one.value), "interval": _interval(one.low, one.high)}


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if np.isfinite(value) else "–"


def _interval(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}" if np.isfinite(low) else ""


def _drawn(e: Evaluated) -> str:
    return "people" if len(e.judged.trials.subjects) > 1 else "trials"


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
        key("Truth in the set, trials", "set coverage", f"aimed at: {e.origin.coverage:.0%}"),
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
            values, right, cluster = values[known], j.windows.right[known], j.windows.cluster[known]
            one = cluster_bootstrap(
                lambda k, values=values, right=right: selective.failure_auroc(values[k], right[k]),  # type: ignore[misc]
                cluster, seed=SEED,
            )  # fmt: skip
            label = {"uncertainty": "total (entropy)"}.get(name, name)
            rows.append({"name": label, **_cell(one)})
    return rows


def _condition(windows: Answers, name: str) -> dict[str, Any]:
    rows = np.flatnonzero(windows.condition == name)
    return {
        "name": SENSORS[str(name)],
        "windows": len(rows),
        "accuracy": _number(metrics.accuracy(windows.truth[rows], windows.guess[rows])),
        "ece": _number(FIGURES["ECE, equal width"](windows, rows)),
        "held": _number(FIGURES["set coverage"](windows, rows)),
        "size": _number(FIGURES["set size"](windows, rows)),
    }


def _about(e: Evaluated) -> list[tuple[str, str, bool]]:
    """Return the rows on data, split, model and machine: name, text, and whether it is set as code."""
    j = e.judged
    counts = np.bincount(j.trials.truth, minlength=len(j.trials.classes))
    classes = ", ".join(f"{name} {n}" for name, n in zip(j.trials.classes, counts, strict=True) if n)
    labelled = f"{j.n_recordings}, with {j.minutes:.1f} labelled minutes; annotators: {', '.join(j.annotators)}"
    return [
        ("recordings", labelled, False),
        ("trials by class", classes, False),
        *e.origin.about,
        ("bootstrap", f"{N_DRAWS} draws of {_drawn(e)}, seed {SEED}", False),
        ("machine", f"{_processor()}, {os.cpu_count()} cores", False),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions().items()), False),
    ]


def methods(e: Evaluated) -> str:
    """Return how the figures came about, as a paragraph for a paper."""
    j, of = e.judged, versions()
    people = f"{len(j.trials.subjects)} {'person' if len(j.trials.subjects) == 1 else 'people'}"
    split = next((text for name, text, _ in e.origin.about if name == "split"), "").rstrip(".")
    made = f"Insula {of['insula']} (PyTorch {of['torch']}, NumPy {of['numpy']}, Python {of['python']})"
    what = f"{len(j.trials)} trials of {people} ({j.n_recordings} recordings, {len(j.windows)} windows, "
    what += f"{sum(j.abstained.values())} windows without an answer)"
    return (
        f"{what} were predicted by {e.origin.name} with {made}{f'. Split: {split}' if split else ''}. "
        "A trial's probabilities are the mean over its windows. "
        f"Intervals are 95 % bootstrap intervals over whole {_drawn(e)} ({N_DRAWS} draws, seed {SEED}), percentiles "
        "expanded as Student's t (Hesterberg 2015). "
        "Chance was assessed by dealing the true classes anew, and people were compared by Wilcoxon's signed-rank "
        f"test, two-sided. Prediction sets aim at {e.origin.coverage:.0%}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
