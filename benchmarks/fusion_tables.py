"""The tables of `benchmarks.fusion`: each method alone, what separates two of them, and the best single modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import t as student_t

from benchmarks.fusion_methods import ABLATION, FAMILIES, OTHERS, PAPER_ABLATION

NOISE = [(kind, eps) for kind in ("gaussian", "salt") for eps in (5, 10)]
NOISY = [f"{kind} {eps}" for kind, eps in NOISE]
EVERY = "every modality, "
HEAD = ["clean", "macro-F1", *NOISY, "worst", "all at once"]
REFERENCE = "static concatenation"
LIVE = "UDML, as it is live"
PAIRS = [
    *((LIVE, other) for other in (REFERENCE, "late fusion", "probabilistic embeddings", "QMF", "TMC", "EAU-like")),
    *((LIVE, f"UDML{form}") for form in ("", ", paper's form", ", code's form")),
    *(("UDML", without) for without in ABLATION),
    *((without.rpartition(" - ")[0], without) for without in OTHERS),
    *(("UDML by the letter", without) for without in PAPER_ABLATION if without != "UDML by the letter"),
    *((one, REFERENCE) for one in ("UDML", "UDML by the letter", "UDML, as it is live, concatenated", "late fusion")),
    (LIVE, "UDML, as it is live, concatenated"),
    ("DUAL: UCRL", REFERENCE),
    ("DUAL: UCRL, prior on Sigma", "DUAL: UCRL"),
    *((f"UDML: {family}", f"static: {family}") for family in FAMILIES[1:]),
]
"""Which two are compared: the first less the second."""
FLOOR = (REFERENCE, "late fusion", "UDML", LIVE, *(f"UDML: {family}" for family in FAMILIES[1:]))
"""What is held against the best single modality."""
Cell = dict[str, float]
Runs = dict[str, list[Cell]]
"""The columns of each method, split by split."""


def columns(cell: Cell) -> Cell:
    """Return the columns of the table: noise is the mean over the modality that is corrupted, and `worst` the worst.

    `all at once` is the mean over kinds of noise, each modality corrupted in half of the samples, which half drawn
    apart.
    """
    noisy = {name: [value for key, value in cell.items() if key.startswith(f"{name}: ")] for name in NOISY}
    means = {name: float(np.mean(values)) for name, values in noisy.items()}
    worst = min(value for values in noisy.values() for value in values)
    every = float(np.mean([cell.get(f"{EVERY}{name}", np.nan) for name in NOISY]))
    return {"clean": cell["clean"], "macro-F1": cell["macro-F1"], **means, "worst": worst, "all at once": every}


def gather(cells: Mapping[str, Cell], folds: Mapping[str, Sequence[str]], source: Sequence[int]) -> Runs:
    """Return the columns of those methods of which every split is there; `folds` names the cells of each.

    Splits of the same `source`, (n_splits,), are averaged: they are tested on the same speaker, say, and tell no more
    of others than one of them does.
    """
    runs = {}
    for method, names in folds.items():
        if all(name in cells for name in names):
            each = [columns(cells[name]) for name in names]
            of = [[one for one, s in zip(each, source, strict=True) if s == unit] for unit in dict.fromkeys(source)]
            runs[method] = [{key: float(np.mean([one[key] for one in some])) for key in some[0]} for some in of]
    return runs


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and half the width of its 95 % interval (Student's t)."""
    n = len(values)
    half = float(student_t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return float(np.mean(values)), half


def percent(values: Sequence[float], sign: str = "") -> str:
    """Return the mean and half the width of its 95 % interval over splits, percent."""
    mean, half = interval(values)
    return f"{100 * mean:{sign}.1f} ± {100 * half:.1f}"


def table(title: str, runs: Runs, rows: Sequence[str]) -> list[str]:
    """Return a Markdown table, percent; the last columns are differences from static concatenation, pair by pair."""
    lines = _head([title, *HEAD, "clean, beside static", "noise, beside static"])
    for name in (name for name in rows if name in runs):
        cells = [percent([run[column] for run in runs[name]]) for column in HEAD]
        beside = [apart(runs, name, REFERENCE, chosen) if REFERENCE in runs else [] for chosen in (["clean"], NOISY)]
        cells += [percent(values, "+") if values else "" for values in beside]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def pairs(runs: Runs) -> list[str]:
    """Return a Markdown table of what separates two methods on the same split, points."""
    lines = _head(["the first less the second", "clean", "noise", "worst", "all at once", "noise is better on"])
    for first, second in PAIRS:
        if first in runs and second in runs:
            how = (["clean"], NOISY, ["worst"], ["all at once"])
            cells = [percent(apart(runs, first, second, chosen), "+") for chosen in how]
            better = sum(value > 0 for value in apart(runs, first, second, NOISY))
            lines.append(f"| {first} − {second} | " + " | ".join(cells) + f" | {better} of {len(runs[first])} |")
    return lines


def floor(runs: Runs, alone: Sequence[str]) -> list[str]:
    """Return a Markdown table: points above the modality that is best alone, looked for anew on each split."""
    lines = _head(["clean, less the best modality alone", "mean", "by split", "lowest"])
    if not alone or not all(name in runs for name in alone):
        return lines
    best = [max(run["clean"] for run in several) for several in zip(*(runs[name] for name in alone), strict=True)]
    for name in (name for name in FLOOR if name in runs):
        above = [run["clean"] - most for run, most in zip(runs[name], best, strict=True)]
        by_split = ", ".join(f"{100 * value:+.1f}" for value in above)
        lines.append(f"| {name} | {percent(above, '+')} | {by_split} | {100 * min(above):+.1f} |")
    return lines


def apart(runs: Runs, first: str, second: str, chosen: Sequence[str]) -> list[float]:
    """Return, split by split, the mean over some columns of one method less that of another."""
    both = zip(runs[first], runs[second], strict=True)
    return [float(np.mean([one[column] - other[column] for column in chosen])) for one, other in both]


def _head(names: Sequence[str]) -> list[str]:
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
