"""The face teaches the EEG: a student taught on the user's own recordings, without anyone's labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import Header
from core.models.network import Network
from training.baselines import hold_front_end
from training.evaluation import Floats
from training.examples import Examples, Ints
from training.gate import Heard, Tells, Verdict, as_figures, episodes, judge, shrunken_prior
from training.held_out import Split, split
from training.loop import Report, silent
from training.muscle import Source, low_bands, power_elsewhere, source
from training.order import Order, order_of
from training.own_recordings import Recording, examples_of, in_order, stretches, updated_taught_on
from training.personal_change import Change, Lesson, Reading, fit_change, linear_head, write
from training.readings import Bands, read_eeg, read_face

MIN_SECONDS = 120.0
PARTS = ("below 20 Hz", "away from muscles", "below 20 Hz and away from muscles", "above 20 Hz alone")
"""What else a student is taught from, to see where what it tells comes from."""
Power = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Taught:
    """What the face has taught, and what it is worth."""

    change: Change
    together: Verdict
    people: dict[str, Verdict]
    partial: dict[str, Verdict]
    """On parts of the EEG alone, see `PARTS`; empty where nothing was told."""
    source: Source
    order: Order
    split: Split

    @property
    def is_better(self) -> bool:
        """Whether what was learnt is written, rather than the base."""
        return self.together.better and self.together.tells == Tells.YES


def distil(recordings: Sequence[Recording], base: Path, out: Path, report: Report = silent) -> Header:
    """Teach the EEG student of `base` from the face on own recordings, write `out` and return its header.

    What is written is the base, unless what was learnt is better on held-out time. Whoever's EEG tells something there
    is from then on read with it.

    Parameters
    ----------
    recordings : sequence of Recording
        Oldest first.
    base, out : Path
        Checkpoints to start from and to write.
    report : callable
        Gets one line of progress at a time.

    Raises
    ------
    ConfigError
        There is too little time with EEG and face together.
    """
    checkpoint = load(base)
    network, header = checkpoint.network, checkpoint.header
    a = header.architecture
    examples = examples_of(recordings, (), a.n_embedding, a.n_times)
    both = np.flatnonzero(examples.has_eeg & examples.has_face)
    seconds = examples.seconds(both)
    if seconds < MIN_SECONDS:
        raise ConfigError(
            f"Too little to learn from the face: it takes at least {MIN_SECONDS:.0f} s with usable EEG and face "
            f"together, and there are {seconds:.0f} s. Record more with the face in the light and the electrodes in "
            "place."
        )
    report("reading the EEG")
    away = power_elsewhere(network, examples)
    hold_front_end(network, examples)
    names = [one.name for one in recordings]
    taught = fit_student(network, header, examples, names, away, report)
    header = new_header(header, taught, examples, names, f"{seconds:.0f} s of own recordings, taught by the face")
    header.metrics["distil"] = {**figures(taught), "usable_seconds": round(seconds, 1), "base": checkpoint.sha256}
    if taught.is_better:
        write(taught.change, linear_head(network.eeg_head), network.prototypes)
    save(out, network, header)
    return header


def fit_student(
    network: Network,
    header: Header,
    examples: Examples,
    names: Sequence[str],
    away: Power | None,
    report: Report = silent,
) -> Taught:
    """Return what the face teaches on windows whose EEG is read (`hold_front_end`); the network stays as it is.

    Parameters
    ----------
    network : Network
    header : Header
        The base's.
    examples : Examples
    names : sequence of str
        Of the recordings that `examples.recording` counts.
    away : array of shape (n_windows, n_power), optional
        The log power without electrodes over muscles; see `training.muscle.power_elsewhere`.
    report : callable
    """
    both = in_order(examples, np.flatnonzero(examples.has_eeg & examples.has_face))
    target = read_face(network, header.calibration, examples, both).probabilities()
    stretch = stretches(examples, both)
    examples.trial[both] = episodes(target, examples.start[both], stretch)
    examples.settle()
    parts = split(examples, both, names, header)
    of = {int(k): row for row, k in enumerate(both)}
    train, test = (np.array([of[int(k)] for k in index], np.int64) for index in (parts.train, parts.test))
    material = _Material(target, stretch, examples, both, train, test)
    report("teaching")
    reading = read_eeg(network, header.calibration, examples, both, parts.fresh)
    change, heard = material.fit(reading)
    together = judge(heard, material.prior())
    people = material.people(heard)
    partial: dict[str, Verdict] = {}
    if together.tells == Tells.YES:
        low = low_bands(network.architecture.n_virtual)
        powers, bands = (examples.power, away, away, examples.power), (low, None, low, ~low)
        for name, power, kept in zip(PARTS, powers, bands, strict=True):
            if power is not None:
                report(f"teaching once more, {name}")
                less = _read_with(network, header, examples, both, parts, power, kept)
                heard = material.fit(less)[1]
                # The base knows nothing of what is left out, so it is no measure of what is left.
                partial[name] = judge(heard._replace(base=heard.learnt), material.prior())
    where = source(together, partial.get(PARTS[2]), partial.get(PARTS[3]))
    order = order_of(examples, both, target.argmax(axis=1))
    return Taught(change, together, people, partial, where, order, parts)


@dataclass(frozen=True, slots=True)
class _Material:
    """The windows that have both, in order, with what the face says of them."""

    target: Floats
    stretch: Ints
    examples: Examples
    both: Ints
    train: Ints
    test: Ints

    def fit(self, reading: Reading) -> tuple[Change, Heard]:
        """Return what one reading of the EEG teaches, and what it then says of held-out time."""
        start, recording = self.examples.start[self.both], self.examples.recording[self.both]
        group = self.examples.group[self.both]
        lesson = Lesson(reading, self.target, self.weight(), start, recording, group).at(self.train)
        change = fit_change(lesson)
        held = reading.at(self.test)
        heard = Heard(
            held.probabilities(), held.probabilities(change, change.temperature), self.target[self.test],
            self.stretch[self.test], group[self.test], start[self.test],
        )  # fmt: skip
        return change, heard

    def weight(self) -> Floats:
        """Return how many independent episodes each window stands for."""
        group = self.examples.group[self.both]
        n_episodes = len(np.unique(group[self.train]))
        return np.full(len(self.both), n_episodes / max(len(self.train), 1))

    def prior(self) -> Floats:
        """Return the shrunken mean of what was learnt from."""
        return shrunken_prior(self.target[self.train], self.weight()[self.train])

    def people(self, heard: Heard) -> dict[str, Verdict]:
        """Return the verdict on each person."""
        of = self.examples.participants[self.both]
        out = {}
        for name in np.unique(of):
            mine = of[self.test] == name
            out[str(name)] = judge(heard.at(mine), self.prior())
        return out


def _read_with(
    network: Network, header: Header, examples: Examples, index: Ints, parts: Split, power: Power, bands: Bands | None
) -> Reading:
    """Return the EEG as it is read from other log power, and leave the examples as they were."""
    kept, examples.power = examples.power, power
    try:
        return read_eeg(network, header.calibration, examples, index, parts.fresh, bands)
    finally:
        examples.power = kept


def new_header(header: Header, taught: Taught, examples: Examples, names: Sequence[str], words: str) -> Header:
    """Return the base's header with what was learnt, on whom, and what is held out."""
    temperature = dict(header.calibration.temperature)
    learnt = taught.is_better
    if learnt:
        temperature["eeg"] = round(temperature["eeg"] * taught.change.temperature, 6)
    read_people = [name for name, verdict in taught.people.items() if verdict.tells == Tells.YES]
    return dataclasses.replace(
        header,
        taught_on=dataclasses.replace(
            updated_taught_on(header.taught_on, examples, read_people, learnt),
            source=str(taught.source) if read_people else header.taught_on.source,
        ),
        training_data=f"{header.training_data}; then {words}" if learnt else header.training_data,
        calibration=dataclasses.replace(header.calibration, temperature=temperature),
        metrics=dict(header.metrics),
        held_out=taught.split.held_out,
        learnt_from=tuple(sorted({*header.learnt_from, *names})),
    )


def figures(taught: Taught) -> dict[str, Any]:
    """Return what was found, fit for JSON."""
    return {
        **as_figures(taught.together),
        "order": as_figures(taught.order),
        "people": {name: as_figures(one) for name, one in taught.people.items()},
        "partial": {name: as_figures(one) for name, one in taught.partial.items()},
        "source": str(taught.source),
        "strength": taught.change.strength if np.isfinite(taught.change.strength) else None,
        "temperature": round(taught.change.temperature, 4),
    }
