"""Whether time alone tells the class: then whatever follows a person's past may have read the order, not the state.

Where one class always comes first, drift, tiredness and the person's own baseline tell it. Asked are the order of the
trials inside each recording and, where there are several people or recordings, how well the class is told by the time
in the recording alone, each of them left out in turn: the time control.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.examples import Examples, Ints
from training.metrics import balanced_accuracy

N_TIMES = 8
"""Parts of a recording's time that the time control tells apart."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the order of the classes gives away."""

    in_blocks: tuple[str, ...]
    """People with whom each class stands in one stretch of time."""
    n_people: int
    by_time: float
    """Balanced accuracy of the time control; NaN with one recording."""
    chance: float

    @property
    def is_confounded(self) -> bool:
        """Whether what is told of the class may be told by time."""
        most_in_blocks = 2 * len(self.in_blocks) > self.n_people
        if np.isfinite(self.by_time):
            return most_in_blocks and self.by_time > 0.5 * (1.0 + self.chance)
        return most_in_blocks


class Stretches(NamedTuple):
    """Stretches of time of one class, a row each: windows or whole trials."""

    person: NDArray[np.str_]
    recording: Ints
    """Equal within one recording of one person."""
    start: NDArray[np.float64]
    label: Ints
    trial: Ints
    """Equal within one trial of one person."""


def order_of(examples: Examples, index: Ints, label: Ints | None = None) -> Order:
    """Return what the order of the classes of the windows at `index` gives away.

    `label`, (n,), is what the windows at `index` are of, if that is not what `examples` say.
    """
    label = examples.label[index] if label is None else label
    names = examples.participants[index]
    person = np.unique(names, return_inverse=True)[1]
    recording = person * (int(examples.recording.max(initial=0)) + 1) + examples.recording[index]
    return order_in(Stretches(names, recording, examples.start[index], label, examples.group[index]))


def order_in(rows: Stretches) -> Order:
    """Return what the order of the classes gives away."""
    chance = 1.0 / max(len(np.unique(rows.label)), 1)
    return Order(tuple(in_blocks(rows)), len(np.unique(rows.person)), _time_control(rows), chance)


def in_blocks(rows: Stretches) -> list[str]:
    """Return the people whose classes stand in one stretch of time each, so that time alone tells the class."""
    found = []
    for name in np.unique(rows.person):
        mine = np.flatnonzero(rows.person == name)
        mine = mine[np.lexsort((rows.start[mine], rows.recording[mine]))]
        _, first = np.unique(rows.trial[mine], return_index=True)
        label = rows.label[mine[np.sort(first)]]
        if 1 + np.count_nonzero(np.diff(label)) == len(np.unique(label)) > 1:
            found.append(str(name))
    return found


def _time_control(rows: Stretches) -> float:
    """Return how well the share of a recording's time that has passed tells the class, recordings left out in turn."""
    numbers, number = np.unique(rows.recording, return_inverse=True)
    if len(numbers) < 2:
        return float("nan")
    part = np.zeros(len(number), np.int64)
    for k in range(len(numbers)):
        start = rows.start[number == k]
        span = max(float(np.ptp(start)), 1e-9)
        part[number == k] = np.minimum((N_TIMES * (start - start.min()) / span).astype(np.int64), N_TIMES - 1)
    classes, label = np.unique(rows.label, return_inverse=True)
    table = np.zeros((len(numbers), N_TIMES, len(classes)))
    np.add.at(table, (number, part, label), 1.0)
    # Each recording and class counts the same, so that a frequent class is not told by being frequent.
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    others = table.sum(axis=0, keepdims=True) - table
    return balanced_accuracy(label, others.argmax(axis=2)[number, part])
