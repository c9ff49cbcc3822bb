"""A stretch of data time, such as the one that stays hidden while it is labelled."""

from __future__ import annotations

from core.data import Prediction

Span = tuple[float, float]


def overlaps(prediction: Prediction, span: Span | None) -> bool:
    """Return whether a prediction speaks of the stretch that must stay hidden while it is labelled."""
    return span is not None and prediction.start < span[1] and prediction.stop > span[0]
