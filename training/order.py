"""Whether time alone tells the class: then whatever follows a person's past may have read the order, not the state.

Where one class always comes first, drift, tiredness and the person's own baseline tell it. Asked are the order of the
trials inside each recording and, where there are several people or recordings, how well the class is told by the time
in the recording alone, each of them left out in turn: the time control.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.examples import Examples, Ints
from training.metrics import balanced_accuracy
from training.splits import in_blocks

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


def order_of(examples: Examples, index: Ints, label: Ints | None = None) -> Order:
    """Return what the order of the classes of the windows at `index` gives away.

    `label`, (n,), is what the windows at `index` are of, if that is not what `examples` say.
    """
    label = examples.label[index] if label is None else label
    people = np.unique(examples.participants[index])
    blocks = tuple(in_blocks(examples, index, label))
    return Order(blocks, len(people), _time_control(examples, index, label), 1.0 / max(len(np.unique(label)), 1))


def _time_control(examples: Examples, index: Ints, label: Ints) -> float:
    """Return how well the share of a recording's time that has passed tells the class, recordings left out in turn."""
    person = np.unique(examples.participants[index], return_inverse=True)[1]
    recording = person * (int(examples.recording.max(initial=0)) + 1) + examples.recording[index]
    part = np.zeros(len(index), np.int64)
    for one in np.unique(recording):
        mine = recording == one
        start = examples.start[index[mine]]
        span = max(float(np.ptp(start)), 1e-9)
        part[mine] = np.minimum((N_TIMES * (start - start.min()) / span).astype(np.int64), N_TIMES - 1)
    numbers = np.unique(recording)
    if len(numbers) < 2:
        return float("nan")
    classes, label = np.unique(label, return_inverse=True)
    table = np.zeros((len(numbers), N_TIMES, len(classes)))
    np.add.at(table, (np.searchsorted(numbers, recording), part, label), 1.0)
    # Each recording and class counts the same, so that a frequent class is not told by being frequent.
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    others = table.sum(axis=0, keepdims=True) - table
    guess = others.argmax(axis=2)[np.searchsorted(numbers, recording), part]
    return balanced_accuracy(label, guess)
