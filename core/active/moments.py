"""A session cut into moments, each of one thing: boundaries lie where what is predicted changes."""

from __future__ import annotations

import statistics
import uuid
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.active.query import OWN, Query
from core.data import Array, Label, Prediction, Segment

_NAMESPACE = uuid.UUID("6f1c4c0e-3a52-5d0b-9d5e-0f6c1a7b2e11")
_SHORTEST, _LONGEST = 0.375, 1.625
"""Of the wanted length: where nothing changes a moment is about as long as wanted."""
_CUT_COST = 1.0
"""What one more boundary costs, in squared distance of root probabilities: two sure classes are 2 apart a window."""
_LENGTH_COST = 2.0
"""What a moment costs that is twice as long as wanted, or no length at all. Both chosen on simulated moods of 3 to 12 s
seen through windows of 2 s: 4 % of the changes lie more than 0.75 s from a boundary, where a fixed grid has 61 %."""
_BROKEN_S = 1.0
"""Windows whose stops are further apart than this lie on two sides of a gap."""


class MomentCutter:
    """Cuts the predictions of one participant into moments that lie end to end, each about one thing.

    The boundaries are the least costly ones: windows within a moment are to be alike in their root probabilities
    (squared Hellinger distance), moments about `length` long and few. They are chosen over the next three lengths, of
    which the first moment is kept; so they follow from the past and a bounded future, and a session that is read in one
    go has the same moments as when it was live.

    Parameters
    ----------
    length : float
        Wanted length of a moment, s; three eighths of it to thirteen where something changes.
    query : Query
        What says how much each window is worth.
    """

    def __init__(self, length: float, query: Query = OWN) -> None:
        self._length = length
        self._query = query
        self._waiting: deque[Prediction] = deque()

    def push(self, prediction: Prediction) -> list[Segment]:
        """Take the next prediction in order of time; return the moments that are known to be over."""
        done = []
        if self._waiting and not 0 < prediction.stop - self._waiting[-1].stop < _BROKEN_S:
            done = self.finish()
        self._waiting.append(prediction)
        if self._waiting[-1].stop - self._waiting[0].stop >= 3 * self._length:
            done.append(self._take(self._boundaries()[1]))
        return done

    def finish(self) -> list[Segment]:
        """Return the moments in what still waits, since nothing follows it."""
        if not self._waiting:
            return []
        lengths = np.diff(self._boundaries())
        return [self._take(int(n)) for n in lengths]

    def _take(self, n: int) -> Segment:
        """Return the moment of the first `n` windows that wait, which wait no longer."""
        step = self._step()
        inside = [self._waiting.popleft() for _ in range(n)]
        first, last = inside[0], inside[-1]
        start = (first.start + first.stop - step) / 2
        # Named by what it is, so that a replay of the same recording asks for the same moments.
        uid = str(uuid.uuid5(_NAMESPACE, f"{first.participant} {start!r} {first.model}"))
        scores = [self._query.score(each) for each in inside]
        least_sure = inside[int(np.argmax(scores))]
        stop = (last.start + last.stop + step) / 2
        reason = self._query.reason(least_sure)
        return Segment(uid, first.participant, start, stop, statistics.fmean(scores), reason, least_sure)

    def _step(self) -> float:
        stops = [each.stop for each in self._waiting]
        return (stops[-1] - stops[0]) / (len(stops) - 1) if len(stops) > 1 else 0.25

    def _boundaries(self) -> list[int]:
        """Return the first window of each moment, and the number of windows that wait at the end."""
        n, step = len(self._waiting), self._step()
        shortest, longest = (max(1, round(share * self._length / step)) for share in (_SHORTEST, _LONGEST))
        longest = max(longest, 2 * shortest)  # so that any number of windows from `shortest` on can be dealt out
        if n < 2 * shortest:
            return [0, n]
        cost = _spread(_roots(self._waiting), range(shortest, longest + 1))
        wanted = self._length / step
        for_length = [_LENGTH_COST * ((size - wanted) / wanted) ** 2 for size in range(longest + 1)]
        best, last = [0.0] + [np.inf] * n, [0] * (n + 1)
        for end in range(shortest, n + 1):
            for size in range(shortest, min(longest, end) + 1):
                total = best[end - size] + cost[size - shortest][end - size] + _CUT_COST + for_length[size]
                if total < best[end]:
                    best[end], last[end] = total, end - size
        found = [n]
        while found[-1]:
            found.append(last[found[-1]])
        return found[::-1]


def part_of(moment: Segment, start: float, stop: float) -> Segment:
    """Return a part of a moment that a person split, named by what it is: from the name it can be told whose part."""
    uid = str(uuid.uuid5(_NAMESPACE, f"{moment.uid} {start!r} {stop!r}"))
    return replace(moment, uid=uid, start=start, stop=stop, chosen="person")


def is_part(label: Label, moment: Segment) -> bool:
    """Return whether a label is of a part of a moment that was split; see `part_of`."""
    inside = moment.start <= label.start < label.stop <= moment.stop
    return inside and part_of(moment, label.start, label.stop).uid == label.segment


def unpredicted(participant: str, start: float, stop: float) -> Prediction:
    """Return a prediction that says nothing, for a moment that a person marks before anything was predicted."""
    nothing = float("nan")
    return Prediction(
        participant, start, stop, "not predicted yet", classes=(), probabilities=(), valence=nothing, arousal=nothing,
        valence_sd=nothing, arousal_sd=nothing, uncertainty=nothing, aleatoric=nothing, epistemic=nothing,
        vacuity=nothing, disagreement=nothing, weights=(), noise=(), prediction_set=(), coverage=nothing,
    )  # fmt: skip


def moments(predictions: Iterable[Prediction], length: float, query: Query = OWN) -> list[Segment]:
    """Return all moments of a whole session, from its predictions in order of time, those most worth a label first."""
    cutters: dict[str, MomentCutter] = {}
    found: list[Segment] = []
    for prediction in predictions:
        cutter = cutters.setdefault(prediction.participant, MomentCutter(length, query))
        found.extend(cutter.push(prediction))
    for cutter in cutters.values():
        found.extend(cutter.finish())
    return sorted(found, key=lambda moment: (-moment.score, moment.start))


def _roots(predictions: Sequence[Prediction] | deque[Prediction]) -> Array:
    """Return root probabilities, array of shape (n_windows, n_classes); zeros where nothing could be predicted."""
    size = max(len(each.probabilities) for each in predictions)
    rows = [each.probabilities or (0.0,) * size for each in predictions]
    return np.sqrt(np.nan_to_num(np.array(rows, np.float64)))


def _spread(points: Array, sizes: Sequence[int]) -> list[list[float]]:
    """Return by size and first row the summed squared distance of that many rows from their mean.

    Where there are fewer rows than that, what stands there means nothing.
    """
    sums = np.vstack([np.zeros(points.shape[1]), points.cumsum(axis=0)])
    squares = np.concatenate([[0.0], (points**2).sum(axis=1).cumsum()])
    first, size = np.arange(len(sums)), np.asarray(sizes)[:, None]
    behind = np.minimum(first + size, len(points))
    within = ((sums[behind] - sums[first]) ** 2).sum(axis=-1) / size
    spread: list[list[float]] = (squares[behind] - squares[first] - within).tolist()
    return spread
