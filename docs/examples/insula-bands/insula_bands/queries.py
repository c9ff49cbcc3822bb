"""Queries: how much a label of a window would help."""

from __future__ import annotations

from insula import Prediction


def margin(prediction: Prediction) -> float:
    """Return 1 where the two likeliest classes are equally likely, 0 where there is only one."""
    if not prediction.label:
        return 0.0
    second, first = sorted(prediction.probabilities)[-2:]
    return 1.0 - (first - second)


margin.reason = lambda prediction: f"{prediction.label} by a small margin"  # type: ignore[attr-defined]
