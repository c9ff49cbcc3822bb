"""How a whole session went: what was predicted, asked, answered and missing, and where the next of each is."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from core.data import Array, Label, Marker, Notice, Prediction
from core.label_rules import standing

COLUMNS = ("stop", "valence", "arousal", "uncertainty")
_UNSURE = 0.9
"""The tenth of the session that is least sure counts as unsure."""
_APART = 2.0
"""Seconds by which two places are apart if both are worth going to."""

OverviewEvent = Prediction | Label | Notice | Marker
"""What can be told of a session."""


class SessionOverview:
    """Collects what is told of a session, in any order and also twice, and gives it as arrays sorted by time."""

    def __init__(self) -> None:
        self.participant = ""
        """Of whom predictions and labels are given; ``""`` for whoever came first, and all labels."""
        self._rows: dict[str, dict[float, tuple[float, ...]]] = {}
        self._sorted: dict[str, Array] = {}
        self._gaps: dict[tuple[str, float], tuple[float, float]] = {}
        self._lost: dict[str, float] = {}
        self._labels: dict[str, Label] = {}
        self._markers: dict[Marker, None] = {}

    @property
    def predictions(self) -> Array:
        """Array of shape (n, 4): stop, valence, arousal, uncertainty; NaN where nothing was said."""
        name = self.participant or next(iter(self._rows), "")
        if name not in self._sorted:
            rows = np.array(list(self._rows.get(name, {}).values()), float).reshape(-1, len(COLUMNS))
            self._sorted[name] = rows[np.argsort(rows[:, 0], kind="stable")]
        return self._sorted[name]

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Where a stream was lost or jumped: start and stop; one that is not back is lost for good."""
        return [*self._gaps.values(), *((time, math.inf) for time in self._lost.values())]

    @property
    def labels(self) -> list[Label]:
        """The answers that stand."""
        stand = standing(self._labels.values())
        return [label for label in stand if self.participant in ("", label.participant)]

    @property
    def markers(self) -> list[Marker]:
        """What other programs said."""
        return list(self._markers)

    def add(self, event: OverviewEvent) -> None:
        """Take what is told."""
        if isinstance(event, Prediction):
            said = (event.valence, event.arousal, event.uncertainty) if event.status == "ok" else (math.nan,) * 3
            self._rows.setdefault(event.participant, {})[event.stop] = (event.stop, *said)
            self._sorted.pop(event.participant, None)
        elif isinstance(event, Label):
            self._labels[event.uid] = event
        elif isinstance(event, Marker):
            self._markers[event] = None
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
        return _next([start for start, _ in self.gaps], time, back)

    def next_label(self, time: float, back: bool = False) -> float | None:
        """Return where the next labelled segment begins."""
        return _next([label.start for label in self.labels], time, back)

    def _add_notice(self, notice: Notice) -> None:
        if notice.kind == "lost":
            self._lost.setdefault(notice.stream, notice.time)
        elif notice.kind == "back":
            began = self._lost.pop(notice.stream, notice.time)
            self._gaps[notice.stream, notice.time] = (began, notice.time)
        elif notice.kind in ("gap", "jump"):
            self._gaps[notice.stream, notice.time] = (notice.time, notice.time)


def _next(times: Iterable[float] | Array, time: float, back: bool) -> float | None:
    """Return the nearest of `times` behind `time`, or before it, that is not where one already is."""
    if back:
        return max((float(t) for t in times if t < time - _APART), default=None)
    return min((float(t) for t in times if t > time + _APART / 4), default=None)


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return stretches, the earliest first, with those that overlap as one."""
    found: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], stop)
        else:
            found.append((start, stop))
    return found
