"""How a whole session went: what was predicted, asked, answered and missing, and where the next of each is."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from core.data import Array, Label, Notice, Prediction

COLUMNS = ("stop", "valence", "arousal", "uncertainty")
_UNSURE = 0.9
"""The tenth of the session that is least sure counts as unsure."""
_APART = 2.0
"""Seconds by which two places are apart if both are worth going to."""


class Course:
    """Collects what is told of a session, in any order, and gives it as arrays sorted by time."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._sorted: Array | None = None
        self._gaps: list[tuple[float, float]] = []
        self._lost: dict[str, float] = {}
        self._labels: dict[str, Label] = {}

    @property
    def predictions(self) -> Array:
        """Array of shape (n, 4): stop, valence, arousal, uncertainty; NaN where nothing was said."""
        if self._sorted is None:
            rows = np.array(self._rows, float).reshape(-1, len(COLUMNS))
            self._sorted = rows[np.argsort(rows[:, 0], kind="stable")]
        return self._sorted

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Where a stream was lost or jumped: start and stop."""
        return self._gaps

    @property
    def labels(self) -> list[Label]:
        """The answers that stand."""
        return list(self._labels.values())

    def add(self, event: Prediction | Label | Notice) -> None:
        """Take what is told."""
        if isinstance(event, Prediction):
            said = event.status == "ok"
            self._rows.append(
                (event.stop, *((event.valence, event.arousal, event.uncertainty) if said else (math.nan,) * 3))
            )
            self._sorted = None
        elif isinstance(event, Label):
            self._labels.pop(event.supersedes, None)
            if event.answer not in ("undo", "skip"):
                self._labels[event.uid] = event
        elif not math.isnan(event.time):
            self._add_notice(event)

    def next_unsure(self, time: float, back: bool = False) -> float | None:
        """Return the next moment at which the model was among the least sure of the session, or said nothing."""
        rows = self.predictions
        if not len(rows):
            return None
        known = rows[:, 3][~np.isnan(rows[:, 3])]
        limit = np.quantile(known, _UNSURE) if len(known) else math.inf
        unsure = np.isnan(rows[:, 3]) | (rows[:, 3] > limit)
        first = unsure & ~np.concatenate([[False], unsure[:-1]])
        return _next(rows[first, 0], time, back)

    def next_gap(self, time: float, back: bool = False) -> float | None:
        """Return where the next gap begins."""
        return _next([start for start, _ in self._gaps], time, back)

    def next_label(self, time: float, back: bool = False) -> float | None:
        """Return where the next labelled segment begins."""
        return _next([label.start for label in self._labels.values()], time, back)

    def _add_notice(self, notice: Notice) -> None:
        if notice.kind == "lost":
            self._lost.setdefault(notice.stream, notice.time)
        elif notice.kind == "back":
            self._gaps.append((self._lost.pop(notice.stream, notice.time), notice.time))
        elif notice.kind in ("gap", "jump"):
            self._gaps.append((notice.time, notice.time))


def _next(times: Iterable[float] | Array, time: float, back: bool) -> float | None:
    """Return the nearest of `times` behind `time`, or before it, that is not where one already is."""
    if back:
        return max((float(t) for t in times if t < time - _APART), default=None)
    return min((float(t) for t in times if t > time + _APART / 4), default=None)
