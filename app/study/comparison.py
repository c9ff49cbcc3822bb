"""Several methods on the same folds as one table: how well classes are told, and how well ratings are followed.

The tables of the works on EEG and faces: discrete emotion classification (DEC) over trials, continuous emotion
recognition (CER) over windows, one behind the other. Each method stands beside the first, on the same people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.study.evaluation.material import Judged
from training.answers import FIGURES, Answers, Difference, compare
from training.intervals import N_DRAWS, holm

SEED = 0
CLASSES = ("balanced accuracy", "accuracy", "macro-F1")
"""The first is what methods are compared by."""


def comparison(runs: Mapping[str, Judged], by_ccc: bool) -> str:
    """Return the tables as text; `by_ccc` where ratings alone were to be learnt, so that there are no classes."""
    first = next(iter(runs.values()))
    parts = []
    if not by_ccc:
        words = f"Classes (DEC), over {len(first.trials)} trials of {len(first.trials.subjects)} people"
        parts.append(_table(words, {name: one.trials for name, one in runs.items()}, CLASSES))
    for scale, usual in zip(first.windows.scales, ("valence", "arousal"), strict=False):
        figures = tuple(f"{figure}, {usual}" for figure in ("CCC", "PCC", "RMSE"))
        answers = {name: one.windows for name, one in runs.items()}
        if np.isfinite(_value(first.windows, figures[0])):
            rated = f"{scale.capitalize()} (CER), over {len(first.windows)} windows one behind the other"
            parts.append(_table(rated, answers, figures))
    return "\n".join(parts)


def _table(words: str, answers: Mapping[str, Answers], figures: Sequence[str]) -> str:
    name_of_first, *others = answers
    found = [compare(answers[one], answers[name_of_first], N_DRAWS, SEED, figures[:1])[figures[0]] for one in others]
    p = holm([one.p for one in found])
    beside = [""] + [_difference(replace(one, p=value)) for one, value in zip(found, p, strict=True)]
    width = max(10, *(len(name) for name in answers)) + 2
    heads = "".join(f"{figure.partition(',')[0]:>19}" for figure in figures)
    corrected = f", p after Holm for {len(others)}" if len(others) > 1 else ""
    lines = [f"{words}; difference of {figures[0]} with 95 % over people{corrected}", ""]
    lines.append(f"{'method':<{width}}{heads}   beside {name_of_first}")
    for (name, said), against in zip(answers.items(), beside, strict=True):
        values = "".join(f"{_value(said, figure):>19.3f}" for figure in figures)
        lines.append(f"{name:<{width}}{values}   {against}".rstrip())
    return "\n".join([*lines, ""])


def _value(answers: Answers, figure: str) -> float:
    return FIGURES[figure](answers, np.arange(len(answers)))


def _difference(found: Difference) -> str:
    gap = found.difference
    return f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] p = {found.p:.2g}"
