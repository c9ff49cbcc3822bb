"""A person's own recordings as training material: their windows, and who said what of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.data import Label, Window
from core.label_rules import covers, newest_covering, standing, told_of
from core.models.model_file import TaughtOn
from training.examples import UNKNOWN, Examples, Ints, Truth


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: clocks restart at boot, so its times mean nothing beside another one's."""

    name: str
    """By which later steps know it again."""
    windows: tuple[Window, ...]
    """In order."""
    labels: tuple[Label, ...] = ()
    """As they were given on this very recording; see `standing`."""


def standing_answers(labels: Iterable[Label]) -> list[Label]:
    """Return the labels that stand and say something, oldest first."""
    return sorted((one for one in standing(labels) if one.answer == "label"), key=lambda one: one.time)


def examples_of(recordings: Sequence[Recording], classes: Sequence[str], n_embedding: int, n_times: int) -> Examples:
    """Return the windows of recordings with what the labels of the same recording say of their middles.

    A labelled stretch is a trial. Where several people answered, they count alike, and where they disagree, or one of
    them gave a soft answer, what is to be said is a distribution (`core.label_rules.told_of`). What is not labelled is
    of no trial of its own.
    """
    return Examples(
        (pair for number, one in enumerate(recordings) for pair in _pairs(one, number, classes)), n_embedding, n_times
    )


def _pairs(recording: Recording, number: int, classes: Sequence[str]) -> Iterable[tuple[Window, Truth]]:
    answers = standing_answers(recording.labels)
    first = number * 100_000
    for window in recording.windows:
        covering = [k for k, answer in enumerate(answers) if covers(answer, window)]
        own = [answers[k] for k in covering]
        newest = newest_covering(own, window)
        if newest is None:
            yield window, Truth(trial=first, recording=number)
            continue
        meant, told = covering[newest], told_of(own, window, classes)
        most = max(told.shares, default=0.0)
        index = told.shares.index(most) if told.shares else UNKNOWN
        shares = told.shares if most < 1.0 else ()
        yield window, Truth(index, told.valence, told.arousal, first + 1 + meant, recording=number, shares=shares)


def updated_taught_on(base: TaughtOn, examples: Examples, read_people: Sequence[str], learnt: bool) -> TaughtOn:
    """Return whom the student may be trusted on: of real people those whose held-out EEG told something.

    A student that has `learnt` from real people alone no longer passes for one of simulated participants.
    """
    simulated = {str(name) for name in examples.participants[examples.simulated]}
    real = [name for name in read_people if name not in simulated]
    of_real = learnt and not simulated
    names = tuple(sorted({*base.participants, *real}))
    return dataclasses.replace(base, simulated=bool(simulated) or (base.simulated and not of_real), participants=names)


def in_order(examples: Examples, index: Ints) -> Ints:
    """Return `index` in order of time, recording by recording, person by person."""
    keys = examples.start[index], examples.recording[index], examples.participants[index]
    return index[np.lexsort(keys)]


def stretches(examples: Examples, index: Ints) -> Ints:
    """Return a number for each window, equal within a recording of a person."""
    _, person = np.unique(examples.participants[index], return_inverse=True)
    return np.asarray(person * (int(examples.recording.max(initial=0)) + 1) + examples.recording[index])
