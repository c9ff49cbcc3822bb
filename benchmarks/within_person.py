"""Whether another head learns more of one person's EEG than `insula personalise` does.

``python -m benchmarks.within_person`` goes on where it stopped. Twenty simulated people who differ
(`benchmarks.few_labels`) label moments of four seconds in the first twenty minutes, by lot; what the EEG alone then
says is asked of the eighteen minutes that follow, beside the base. *As now* is what `training.personal_change` learns.
Beside it a linear discriminant within the person: class means shrunken to the mean of all, the covariance of all of the
person's windows, labelled or not, shrunken to a sphere; its log odds are added to the base's, or stand alone. It reads
the base's feature, or all changes of log power that the student reads, with the student's eight bands or with four
more, 43 to 61 Hz, from windows whose low-pass is at 62 Hz. How much is shrunken and how much it counts, "not at all"
among the choices, is chosen on contiguous folds of the labels. None goes through the gate but *as now* once more: what
does not gain without it cannot gain with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.streams import SimulatedEeg
from acquisition.simulator.trajectory import Trajectory
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.few_labels import DIFFER, LABEL_S, LABELLED_S, LATER_S, STRIDE
from benchmarks.learning_people import CAP_19, EPOC, STEP_S, examples, network, seed_of, simulate
from benchmarks.machine import bootstrap, describe_machine, one_thread_each, table
from core.config import Config, EegConfig, WindowConfig
from core.data import Chunk, Window
from core.models.baseline import Baseline
from core.models.batch import eeg_input
from core.models.eeg import FILTER_HZ, POWER_FLOOR, gabor_bank
from core.models.model_file import CLASSES, SHIPPED, read_model
from core.status import eeg_problem
from core.windowing import Windower
from training.examples import UNKNOWN, Examples
from training.personal_change import FOLD_GAP_S, N_FOLDS, Lesson, Reading, fit_change
from training.personalise import fit_labels
from training.readings import read_eeg

COUNTS = (8, 16, 32, 64, 150, 300)
"""Labels; the last two are ten minutes in all, and all twenty."""
MORE_HZ = (43.0, 49.0, 55.0, 61.0)
LOWPASS_HZ = 62.0
SHRINK = (0.03, 0.1, 0.3)
"""Share of a sphere in the covariance."""
PRIOR = (2.0, 8.0)
"""Labels of a class that its mean is shrunken with."""
COUNTS_AS = (0.25, 0.5, 1.0)
"""Factors on the discriminant's log odds."""
NOW, GATED = "as now", "as now, through the gate"
FEATURE, ALONE, POWER = "LDA on the feature", "the same alone", "LDA on log power"
HEADS = (NOW, GATED, FEATURE, ALONE, POWER, "the same, windows to 62 Hz", "and four bands to 62 Hz")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Labels(NamedTuple):
    """What is learnt from: windows with a label, in order of time."""

    rows: Ints
    label: Ints
    weight: Floats
    """Each label counts once."""
    episode: Ints
    start: Floats


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, Path(), 1).parse_args(argv)
    one_thread_each()
    people, folder = args.work / "learning-people", args.work / "within-person"
    left = simulate(people, DIFFER, args.minutes)
    left += run_cells(people, {wide_cell(k): partial(read_wide, k) for k in range(DIFFER.people)}, args.minutes)
    if left:
        say_missing(left)
        return
    cells = {f"{k:02d}": partial(one_person, people, k) for k in range(DIFFER.people)}
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(report(folder))


def wide_cell(number: int) -> str:
    """Return the name of the file with a person's log power up to 62 Hz."""
    return f"{DIFFER.name}-wide-{number:03d}"


def read_wide(number: int) -> Arrays:
    """Return log power of one person's windows in twelve bands, (n_windows, n_virtual, n_bands), and their times."""
    montage, sfreq = ((CAP_19, 250.0), (EPOC, 128.0))[number % 2]
    config = Config(eeg=EegConfig(notch=50.0, lowpass=LOWPASS_HZ), window=WindowConfig(step=STEP_S))
    seed, n_times = seed_of(DIFFER, number), round(60.0 * DIFFER.minutes * sfreq)
    info = SimulatedEeg("one", seed, 0.0, montage, sfreq, clock=None).infos[0]
    generator = EegGenerator(seed, montage, sfreq, Trajectory(seed), DIFFER.knobs)
    windower, size = Windower("one", [info], config), round(2.0 * sfreq)
    windows: list[Window] = []
    for first in range(0, n_times, size):
        chunk = Chunk(info.key, generator.times(first, size), generator.block(first, size))
        events = windower.push(chunk)
        windows += [one for one in events if isinstance(one, Window) and not eeg_problem(one)]
    return {"start": np.array([one.start for one in windows]), "power": np.concatenate(list(_power(windows)))}


@torch.inference_mode()
def _power(windows: Sequence[Window]) -> Iterator[NDArray[np.float32]]:
    encoder, bank = network().eeg, gabor_bank(128.0, (*FILTER_HZ, *MORE_HZ))
    for first in range(0, len(windows), 128):
        inputs = [eeg_input(one) for one in windows[first : first + 128]]
        eeg, places, mask = (torch.from_numpy(np.stack(part)) for part in zip(*inputs, strict=True))
        mixed = encoder.attention.weights(places, mask) @ eeg
        filtered = torch.nn.functional.conv1d(mixed.flatten(0, 1).unsqueeze(1), bank, stride=encoder.stride)
        power = (filtered.square().mean(dim=-1) + POWER_FLOOR).log()
        yield power.reshape(len(inputs), -1, len(bank)).float().numpy()


def changes(start: Floats, power: NDArray[np.float32]) -> Floats:
    """Return how log power, (n_windows, n_power), differs from the person's past, now and of late, side by side."""
    baseline, rows = Baseline(np.median(power[:30], axis=0).astype(np.float32)), []
    for time, now in zip(start.tolist(), power, strict=True):
        past, recent = baseline.before(time)
        rows.append(np.concatenate([now - past, recent - past]))
        baseline.follow(time, now)
    return np.array(rows, float)


def one_person(people: Path, number: int) -> Arrays:
    """Return how each head changes log loss (``change``) and ``right`` answers, and whether, (n_heads, n_counts)."""
    narrow, wide = (read_cell(people, name) for name in (f"{DIFFER.name}-{number:03d}", wide_cell(number)))
    assert narrow is not None
    assert wide is not None
    made = examples([{name: column[::STRIDE] for name, column in narrow.items()}], simulated=True)
    truth = Trajectory(seed_of(DIFFER, number)).index(made.start + 1.0)
    reading = read_eeg(network(), read_model(SHIPPED).header.calibration, made, np.arange(len(made)), [])
    there = np.clip(np.searchsorted(wide["start"], made.start), 0, len(wide["start"]) - 1)
    n_bands = len(FILTER_HZ)
    read = {
        FEATURE: reading.feature,
        ALONE: reading.feature,
        POWER: changes(narrow["start"], narrow["power"])[::STRIDE],
        HEADS[5]: changes(wide["start"], wide["power"][:, :, :n_bands].reshape(len(wide["start"]), -1))[there],
        HEADS[6]: changes(wide["start"], wide["power"].reshape(len(wide["start"]), -1))[there],
    }
    later, labelled = np.flatnonzero(made.start >= LATER_S), np.flatnonzero(made.start + 2.0 <= LABELLED_S)
    whitened = {name: {s: _Whitened.of(one, labelled, s) for s in SHRINK} for name, one in read.items()}
    slot = ((made.start + 1.0) // LABEL_S).astype(np.int64)
    lot = np.random.default_rng([number, 0, 8]).permutation(np.unique(slot[labelled]))
    base = np.log(reading.probabilities())
    before = _judged(base[later], truth[later])
    change, right, learnt = np.zeros((3, len(HEADS), len(COUNTS)))
    for k, count in enumerate(COUNTS):
        labels = given(made.start, slot, np.sort(lot[:count]), truth)
        for h, head in enumerate(HEADS):
            if head == NOW:
                said = _now(reading, labels, later)
            elif head == GATED:
                said = _gated(made, reading, labels, later)
            else:
                said = discriminant(whitened[head], labels, base, later, alone=head == ALONE)
            change[h, k], right[h, k] = np.subtract(_judged(said, truth[later]), before)
            learnt[h, k] = not np.array_equal(said, base[later])
    return {"change": change, "right": right, "learnt": learnt, "base": np.array(before)}


def _judged(said: Floats, truth: Ints) -> tuple[float, float]:
    """Return the mean log loss and the share of right answers of log probabilities."""
    return float(-said[np.arange(len(truth)), truth].mean()), float((said.argmax(axis=1) == truth).mean())


def given(start: Floats, slot: Ints, chosen: Ints, truth: Ints) -> Labels:
    """Return the labels of some moments: what is seen in the middle of each."""
    index = np.flatnonzero(np.isin(slot, chosen))
    inside = [np.flatnonzero(slot == one) for one in chosen]
    middle = {int(one): int(truth[rows[len(rows) // 2]]) for one, rows in zip(chosen, inside, strict=True)}
    size = {int(one): len(rows) for one, rows in zip(chosen, inside, strict=True)}
    episode = slot[index]
    return Labels(
        index,
        np.array([middle[int(one)] for one in episode]),
        np.array([1.0 / size[int(one)] for one in episode]),
        episode,
        start[index],
    )


def _now(reading: Reading, labels: Labels, later: Ints) -> Floats:
    target = np.eye(reading.place.shape[1])[labels.label]
    none = np.zeros(len(labels.rows), np.int64)
    lesson = Lesson(reading.at(labels.rows), target, labels.weight, labels.start, none, labels.episode)
    change = fit_change(lesson)
    return np.log(reading.at(later).probabilities(change, change.temperature))


def _gated(made: Examples, reading: Reading, labels: Labels, later: Ints) -> Floats:
    """Return what `insula personalise` would say of the EEG."""
    made.label[:], made.trial[:] = UNKNOWN, 0
    made.label[labels.rows], made.trial[labels.rows] = labels.label, labels.episode + 1
    made.settle()
    change = fit_labels(network(), read_model(SHIPPED).header, made, ["recording"]).changes["eeg"]
    said = reading.at(later).probabilities(change, change.temperature) if change.is_change else None
    return np.log(reading.at(later).probabilities() if said is None else said)


def discriminant(
    read: dict[float, _Whitened], labels: Labels, base: Floats, later: Ints, alone: bool = False
) -> Floats:
    """Return log probabilities of the windows at `later`, (n, n_classes).

    Parameters
    ----------
    read : dict of float to what is read
        By how much its covariance is shrunken.
    labels : Labels
    base : array of shape (n_windows, n_classes)
        Log probabilities of the base.
    later : array of int
    alone : bool
        The base is not added.
    """
    prior = np.zeros_like(base) if alone else base
    inner = list(_folds(labels))
    losses = {(0.0, 0.0, 0.0): _loss(base[labels.rows], labels)}
    if all(len(train) > 1 for train, _ in inner):
        for shrink, kappa in product(SHRINK, PRIOR):
            odds = np.zeros((len(labels.rows), base.shape[1]))
            for train, held in inner:
                odds[held] = _odds(read[shrink], labels, train, labels.rows[held], kappa)
            for factor in COUNTS_AS:
                losses[shrink, kappa, factor] = _loss(prior[labels.rows] + factor * odds, labels)
    best = min((one for one in losses if not alone or one[2] or len(losses) == 1), key=losses.__getitem__)
    if not best[2]:
        return base[later]
    odds = _odds(read[best[0]], labels, np.arange(len(labels.rows)), later, best[1])
    return _log_softmax(prior[later] + best[2] * odds)


class _Whitened(NamedTuple):
    """What is read, from its mean on, and the same by the inverse of a covariance."""

    away: Floats
    solved: Floats

    @classmethod
    def of(cls, read: Floats, every: Ints, shrink: float) -> _Whitened:
        away = read - read[every].mean(axis=0)
        spread, size = np.cov(away[every].T), away.shape[1]
        sphere = np.trace(spread) / size * np.eye(size)
        return cls(away, np.linalg.solve((1.0 - shrink) * spread + shrink * sphere, away.T).T)


def _odds(read: _Whitened, labels: Labels, train: Ints, asked: Ints, kappa: float) -> Floats:
    """Return the discriminant's log odds of the windows `asked`, taught by `train` of the labels."""
    odds = np.zeros((len(asked), len(CLASSES)))
    for k in range(len(CLASSES)):
        mine = train[labels.label[train] == k]
        share = labels.weight[mine] / (labels.weight[mine].sum() + kappa)
        mean, slope = share @ read.away[labels.rows[mine]], share @ read.solved[labels.rows[mine]]
        odds[:, k] = read.away[asked] @ slope - 0.5 * mean @ slope
    return odds


def _folds(labels: Labels) -> Iterator[tuple[Ints, Ints]]:
    """Give contiguous folds of the labels: what is far enough from each to learn from, and the fold."""
    for episodes in np.array_split(np.unique(labels.episode), N_FOLDS):
        held = np.isin(labels.episode, episodes)
        times = labels.start[held]
        near = (labels.start > times.min() - FOLD_GAP_S) & (labels.start < times.max() + FOLD_GAP_S)
        yield np.flatnonzero(~near), np.flatnonzero(held)


def _loss(odds: Floats, labels: Labels) -> float:
    told = _log_softmax(odds)[np.arange(len(odds)), labels.label]
    return float(-(labels.weight @ told) / labels.weight.sum())


def _log_softmax(odds: Floats) -> Floats:
    moved = odds - odds.max(axis=1, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=1, keepdims=True)))


def report(folder: Path) -> str:
    """Return the table; people are the unit."""
    kept = [one for k in range(DIFFER.people) if (one := read_cell(folder, f"{k:02d}")) is not None]
    change, right, learnt, base = (
        np.stack([one[name] for one in kept]) for name in ("change", "right", "learnt", "base")
    )
    rows = []
    for k, count in enumerate(COUNTS):
        for h, head in enumerate(HEADS):
            cells = [_interval(change[:, h, k], "+.3f"), _interval(100 * right[:, h, k], "+.1f")]
            beside = _interval(change[:, h, k] - change[:, 0, k], "+.3f") if h else ""
            rows.append([str(count), head, *cells, beside, f"{learnt[:, h, k].mean():.0%}"])
    names = [
        "labels",
        "what learns",
        "log loss, against the base",
        "right, points",
        "log loss, against as now",
        "changed",
    ]
    loss, accuracy = base.mean(axis=0)
    return f"{len(kept)} people; base: log loss {loss:.3f}, right {accuracy:.1%}\n\n{table(names, rows)}"


def _interval(values: Floats, form: str) -> str:
    low, high = bootstrap(values, lambda x: float(x.mean()), 0)
    return f"{values.mean():{form}} [{low:{form}}, {high:{form}}]"


if __name__ == "__main__":
    main()
