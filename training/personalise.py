"""What a person's own labels change: how their EEG and their face are read, as far as held-out labels bear it out."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.calibration import probabilities
from core.data import MODALITIES, Label
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import Header
from core.models.network import Network
from core.uncertainty import entropy
from training import metrics
from training.baselines import follow_baselines, hold_front_end
from training.evaluation import Floats, conditions_of, predict
from training.examples import UNKNOWN, Examples, Ints
from training.gate import MIN_EPISODES, Heard, Tells, Verdict, as_figures, expected_gain, judge, shrunken_prior
from training.held_out import Split, inside, split
from training.loop import Report, silent
from training.order import Order, order_of
from training.own_recordings import Recording, examples_of, in_order, standing_answers, stretches, updated_taught_on
from training.personal_affect import DIMENSIONS, fit_scales, scale_figures, write_scales
from training.personal_change import Change, Lesson, Reading, fit_change, folds, linear_head, no_change, write
from training.readings import read_eeg, read_face

MIN_LABELS = 8
MIN_CLASSES = 2
CERTAIN = 1.64
"""Standard errors over labels by which the gain must exceed 0."""
LEAST_SHARE = 0.1
"""Of the labels, in each third of the base's uncertainty: what is learnt where the base is unsure alone does not hold
elsewhere, and labels from there alone cannot tell."""
MOST = 3.0
"""A label counts at most so many times as much as another."""


@dataclass(frozen=True, slots=True)
class Personal:
    """What labels have taught, and what it is worth."""

    changes: dict[str, Change]
    """Of EEG and face, whose readings alone are followed from person to person; no change where the base is kept."""
    verdicts: dict[str, Verdict]
    people: dict[str, Verdict]
    """On the EEG of each person."""
    split: Split
    order: Order
    one_sided: bool
    """Whether the labels are of moments of one kind alone, so that nothing is written."""


def personalise(recordings: Sequence[Recording], base: Path, out: Path, report: Report = silent) -> Header:
    """Learn from labels given on screen, write `out` and return its header.

    What is held out is so for all later steps, too; what is written has learnt from the rest alone, so that its figures
    are its own.

    Parameters
    ----------
    recordings : sequence of Recording
        With their labels, oldest first.
    base, out : Path
        Checkpoints to start from and to write.
    report : callable
        Gets one line of progress at a time.

    Raises
    ------
    ConfigError
        There are too few labels, or all of one class, or none lies on a window of its recording.
    """
    checkpoint = load(base)
    network, header = checkpoint.network, checkpoint.header
    a = header.architecture
    answers = training_labels([label for one in recordings for label in one.labels], a.classes)
    examples = examples_of(recordings, a.classes, a.n_embedding, a.n_times)
    report("reading the EEG")
    hold_front_end(network, examples)
    names = [one.name for one in recordings]
    personal = fit_labels(network, header, examples, names, report)
    before = _figures(network, header, examples, personal.split.test)
    header = _new_header(header, personal, examples, names)
    apply(network, personal)
    after = _figures(network, header, examples, personal.split.test)
    scales = fit_scales(network, header, examples, personal.split)
    write_scales(scales, network.affect)
    header.metrics["personalise"] = {
        "labels": len(answers), "held_out": _n_trials(examples, personal.split.test), "before": before, "after": after,
        **{name: as_figures(one) for name, one in personal.verdicts.items()},
        "people": {name: as_figures(one) for name, one in personal.people.items()}, "order": as_figures(personal.order),
        "learnt": [name for name in MODALITIES if personal.changes[name].is_change]
        + [name for name in DIMENSIONS if scales[name].better],
        "ratings": scale_figures(scales), "base": checkpoint.sha256,
        "one_sided": personal.one_sided,
    }  # fmt: skip
    save(out, network, header)
    return header


def training_labels(labels: Sequence[Label], known: Sequence[str]) -> list[Label]:
    """Return the answers that stand and name a class that a model knows.

    Raises
    ------
    ConfigError
        There are too few, or all of one class.
    """
    answers = [one for one in standing_answers(labels) if one.label in known]
    classes = {one.label for one in answers}
    if len(answers) < MIN_LABELS or len(classes) < MIN_CLASSES:
        raise ConfigError(
            f"Learning from answers needs at least {MIN_LABELS} labels of at least {MIN_CLASSES} of the model's "
            f"classes; there are {len(answers)} labels, of {len(classes)} classes. Label more moments."
        )
    return answers


def fit_labels(
    network: Network, header: Header, examples: Examples, names: Sequence[str], report: Report = silent
) -> Personal:
    """Return what the labels of examples teach whose EEG is read (`hold_front_end`); the network stays as it is."""
    labelled = in_order(examples, np.flatnonzero((examples.label != UNKNOWN) & (examples.has_eeg | examples.has_face)))
    if not len(labelled):
        raise ConfigError("None of the labels lies on a usable window of its recording. Label others.")
    parts = split(examples, labelled, names, header)
    held_out = _n_trials(examples, parts.test) >= MIN_EPISODES
    if not held_out:
        parts = split(examples, labelled, names, header, more=False)
    third = _thirds(network, header, examples, parts)
    weight, shares = _weights(third, examples, parts.train)
    one_sided = bool(shares.min() < LEAST_SHARE)
    readings: dict[str, Callable[[Ints], Reading]] = {
        "eeg": lambda index: read_eeg(network, header.calibration, examples, index, parts.fresh),
        "face": lambda index: read_face(network, header.calibration, examples, index),
    }
    changes, verdicts, people = {}, {}, {}
    for name, there in zip(MODALITIES, (examples.has_eeg, examples.has_face), strict=True):
        report(f"learning from labels: {name}")
        train, test = parts.train[there[parts.train]], parts.test[there[parts.test]]
        lesson = _lesson(readings[name](train), examples, train, weight)
        changes[name] = fit_change(lesson) if len(train) else no_change(lesson.reading)
        prior = shrunken_prior(lesson.target, lesson.weight)
        every = np.flatnonzero(there & np.isin(examples.participants, examples.participants[labelled]))
        if held_out:
            heard, asked = _heard(readings[name](test), changes[name], examples, test), test
            around = readings[name](inside(examples, every, names, parts.held_out))
            foreseen = _foreseen(heard, around, changes[name])
        else:
            heard, foreseen, asked = _asked_in_turn(lesson, examples, train, readings[name](every))
        counts = _weights(third, examples, asked)[0][asked]
        verdicts[name] = judge(heard, prior, CERTAIN, held_out, counts, foreseen)
        if name == "eeg" and held_out:
            of = examples.participants[test]
            people = {str(one): judge(heard.at(of == one), prior) for one in np.unique(of)}
    for name, verdict in verdicts.items():
        if one_sided or not verdict.better or (name == "eeg" and verdict.tells == Tells.NO):
            changes[name] = no_change(readings[name](parts.train[:0]))
    personal = Personal(changes, verdicts, people, parts, order_of(examples, labelled), one_sided)
    if held_out and not _holds_together(network, header, examples, personal):
        nothing = {name: no_change(readings[name](parts.train[:0])) for name in MODALITIES}
        return dataclasses.replace(personal, changes=nothing)
    return personal


def apply(network: Network, personal: Personal) -> None:
    """Make what was learnt part of the network."""
    for name, head in zip(MODALITIES, (network.eeg_head, network.face_head), strict=True):
        if personal.changes[name].is_change:
            write(personal.changes[name], linear_head(head), network.prototypes)


def _lesson(reading: Reading, examples: Examples, index: Ints, weight: Floats) -> Lesson:
    n_classes = reading.place.shape[1]
    target = examples.target(index, n_classes)
    return Lesson(
        reading, target, weight[index], examples.start[index], examples.recording[index], examples.group[index]
    )


def _heard(reading: Reading, change: Change, examples: Examples, index: Ints) -> Heard:
    target = examples.target(index, reading.place.shape[1])
    said = reading.probabilities(), reading.probabilities(change, change.temperature)
    return Heard(*said, target, stretches(examples, index), examples.group[index], examples.start[index])


def _foreseen(heard: Heard, every: Reading, change: Change) -> Floats:
    """Return how much larger than in all windows of the time the gain over the base was to be; see `training.gate`."""
    if not len(heard.start):
        return np.zeros(0)
    usual = expected_gain(every.probabilities(), every.probabilities(change, change.temperature)).mean()
    return np.asarray(expected_gain(heard.base, heard.learnt) - usual)


def _asked_in_turn(lesson: Lesson, examples: Examples, index: Ints, every: Reading) -> tuple[Heard, Floats, Ints]:
    """Return what is said of each fold of the labels after learning from the others, what was foreseen, of which."""
    inner = folds(lesson)
    if not inner:
        none = np.zeros(0, np.int64)
        return _heard(lesson.reading.at(none), no_change(lesson.reading), examples, none), np.zeros(0), none
    parts, foreseen = [], []
    for train, held in inner:
        change = fit_change(lesson.at(train))
        parts.append(_heard(lesson.reading.at(held), change, examples, index[held]))
        foreseen.append(_foreseen(parts[-1], every, change))
    heard = Heard._make(np.concatenate(column) for column in zip(*parts, strict=True))
    return heard, np.concatenate(foreseen), np.concatenate([index[held] for _, held in inner])


def _holds_together(network: Network, header: Header, examples: Examples, personal: Personal) -> bool:
    """Return whether EEG and face together are no worse than before on what is held out, where there are both."""
    changed = copy.deepcopy(network)
    apply(changed, personal)
    follow_baselines(network, examples, personal.split.fresh)
    before, after = (_figures(one, header, examples, personal.split.test).get("both") for one in (network, changed))
    return before is None or after is None or after["log_loss"] <= before["log_loss"]


def _thirds(network: Network, header: Header, examples: Examples, parts: Split) -> Ints:
    """Return in which third of the base's uncertainty each window lies, 0 to 2; -1 where nothing can be read."""
    follow_baselines(network, examples, parts.fresh)
    unsure = np.full(len(examples), np.nan)
    beta = float(network.prototypes.beta().detach())
    everything = np.arange(len(examples))
    for condition in conditions_of(network):
        said = predict(network, examples, everything, condition)
        p = probabilities(said.similarity, beta, header.calibration.temperature[condition])
        unsure[said.index] = entropy(p)
    known = np.isfinite(unsure)
    third = np.searchsorted(np.nanquantile(unsure, (1 / 3, 2 / 3)), np.nan_to_num(unsure))
    return np.where(known, third, -1)


def _weights(third: Ints, examples: Examples, train: Ints) -> tuple[Floats, Floats]:
    """Return how many independent labels each window stands for, (n_windows,), and the labels' share in each third.

    A label counts once, however long it is. Moments that a queue has chosen are the ones of which the base was least
    sure: what is learnt from them counts as often as such moments are among all (post-stratification by thirds of the
    base's uncertainty).
    """
    group, member, count = np.unique(examples.group[train], return_inverse=True, return_counts=True)
    weight, shares = np.zeros(len(examples)), np.zeros(3)
    weight[train] = 1.0 / count[member]
    for k in range(3):
        mine = train[third[train] == k]
        shares[k] = weight[mine].sum() / max(len(group), 1)
        if len(mine):
            weight[mine] *= np.clip(np.mean(third[third >= 0] == k) / shares[k], 1 / MOST, MOST)
    return np.asarray(weight * (len(group) / max(weight.sum(), 1e-12))), shares


def _new_header(header: Header, personal: Personal, examples: Examples, names: Sequence[str]) -> Header:
    temperature = dict(header.calibration.temperature)
    for name, change in personal.changes.items():
        temperature[name] = round(temperature[name] * change.temperature, 6)
    read_people = [name for name, verdict in personal.people.items() if verdict.tells == Tells.YES]
    n_learnt = _n_trials(examples, personal.split.train)
    learnt = any(one.is_change for one in personal.changes.values())
    words = f"; then {n_learnt} labels given on screen" if learnt else ""
    return dataclasses.replace(
        header,
        taught_on=updated_taught_on(header.taught_on, examples, read_people, learnt),
        training_data=f"{header.training_data}{words}",
        calibration=dataclasses.replace(header.calibration, temperature=temperature),
        metrics=dict(header.metrics),
        held_out=personal.split.held_out,
        learnt_from=tuple(sorted({*header.learnt_from, *names})),
    )


def _figures(network: Network, header: Header, examples: Examples, index: Ints) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    beta = float(network.prototypes.beta().detach())
    for condition in conditions_of(network):
        said = predict(network, examples, index, condition)
        if len(said.index):
            p = probabilities(said.similarity, beta, header.calibration.temperature[condition])
            truth = examples.label[said.index]
            accuracy, loss = metrics.accuracy(truth, p.argmax(axis=1)), metrics.log_loss(p, truth)
            out[condition] = {"windows": len(truth), "accuracy": round(accuracy, 4), "log_loss": round(loss, 4)}
    return out


def _n_trials(examples: Examples, index: Ints) -> int:
    return len(np.unique(examples.group[index]))
