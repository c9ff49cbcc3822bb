"""Recordings and their labels as answers whose truth is known: windows, and trials, the labelled stretches."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.session.wiring import pipelines
from app.study.labelled_data import STEP_S, number_of
from app.study.offline_replay import replay
from app.study.recorded_answers import recorded_labels
from app.study.training_material import recording_name
from app.study.trials_files import recordings_of_table
from core.calibration import AdaptiveSets, condition_of
from core.config import Config
from core.data import Label, Prediction, Window
from core.label_rules import covers
from core.models.model_file import Header
from core.predictor import Predictor
from training.answers import Answer, Answers
from training.order import Order, Stretches, order_in

_ROUND_S = 2.5
"""A label at the end of a held-out stretch may reach beyond its last window."""
UNCERTAINTIES = ("uncertainty", "aleatoric", "epistemic", "vacuity", "disagreement")


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model said of all labelled stretches of some recordings."""

    windows: Answers
    trials: Answers
    parts: dict[str, NDArray[np.float64]]
    """Each part of the uncertainty, and one minus the highest probability, of the windows."""
    n_recordings: int
    minutes: float
    """Of recording that is labelled."""
    annotators: tuple[str, ...]
    abstained: Counter[str]
    """Windows of labelled stretches about which the model said nothing, by its reason."""
    silent_trials: int
    """Trials without one window that it answered."""
    simulated: bool
    """Whether any of it is simulated."""
    order: Order | None = None
    """What the order of the classes gives away, where it is known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model said of one recording, and what people say of it."""

    predictions: Sequence[Prediction]
    simulated: bool
    labels: Sequence[Label]
    shown: Mapping[float, str] = field(default_factory=dict)
    """What was shown, by the start of its label, where a table tells it."""


def ask_sessions(
    paths: Sequence[Path], config: Config, predictor: Predictor, report: Callable[[str], None]
) -> Iterator[Asked]:
    """Replay labelled recordings through the live path and give what the model says.

    Recordings without a label of the model's classes are passed over. Of one that the model has learnt from, only the
    labels that its header holds out are asked about.
    """
    for number, path in enumerate(paths, start=1):
        labels = [label for label in recorded_labels(path) if label.label in predictor.classes]
        labels = held_out(labels, recording_name(path), predictor.header)
        if labels:
            report(f"replaying {path.name}, {number} of {len(paths)}")
            yield Asked(*_predictions(path, config, predictor, report), labels)


def ask_table(
    table: Path, config: Config, predictor: Predictor, report: Callable[[str], None], swapped: bool = False
) -> Iterator[Asked]:
    """Give what the model says of the files that a table of trials describes; see `recordings_of_table`."""
    config = dataclasses.replace(config, window=dataclasses.replace(config.window, step=STEP_S))
    for one in recordings_of_table(table, config, report, swapped, predictor.electrode_checks):
        predictor.forget()
        sets = AdaptiveSets(config.model.coverage, predictor.calibration_scores)
        predictions = [_with_set(prediction, sets) for prediction in predictor.predict(one.windows)]
        labels = [label for label in one.labels if label.label in predictor.classes]
        labels = held_out(labels, one.name, predictor.header)
        if labels:
            shown = {label.start: name for label, name in zip(one.labels, one.stimuli, strict=True)}
            yield Asked(predictions, False, labels, shown)


def held_out(labels: Sequence[Label], recording: str, header: Header) -> list[Label]:
    """Return the labels of a recording that may test a model: of one it has learnt from, those that are held out."""
    spans = [one for one in header.held_out if one.recording == recording]
    if not spans:
        return list(labels)
    return [
        label
        for label in labels
        if any(
            one.participant == label.participant and one.start <= label.start and label.stop <= one.stop + _ROUND_S
            for one in spans
        )
    ]


def judge(asked: Iterable[Asked], classes: Sequence[str]) -> Judged:
    """Put what a model said beside what people said.

    A window belongs to a label that its middle lies in; a trial's answer is the mean over its windows, and its set
    holds what is in most of theirs.
    """
    rows: list[tuple[Answer, Prediction]] = []
    trials: list[Answer] = []
    annotators: set[str] = set()
    abstained: Counter[str] = Counter()
    in_time: list[tuple[str, int, float, int]] = []
    numbers: dict[str, int] = {}
    n_recordings, n_trials, seconds, silent, simulated = 0, 0, 0.0, 0, False
    for one in asked:
        simulated = simulated or one.simulated
        annotators.update(label.annotator for label in one.labels)
        for label in one.labels:
            in_time.append((label.participant, n_recordings, label.start, list(classes).index(label.label)))
            seconds += label.stop - label.start
            inside = list(_inside(label, one.predictions))
            abstained.update(each.status for each in inside if each.status != "ok")
            shown = number_of(one.shown.get(label.start, ""), numbers)
            mine = [(_answer(each, label, n_trials, shown), each) for each in inside if each.status == "ok"]
            n_trials += 1
            rows.extend(mine)
            silent += not mine
            if mine:
                trials.append(trial([answer for answer, _ in mine]))
        n_recordings += 1
    parts = {name: np.asarray([getattr(one, name) for _, one in rows], float) for name in UNCERTAINTIES}
    parts["1 - highest probability"] = np.asarray([1.0 - max(one.probabilities) for _, one in rows], float)
    windows = Answers([answer for answer, _ in rows], tuple(classes))
    together = Answers(trials, tuple(classes))
    who = tuple(sorted(annotators))
    order = _order(in_time) if in_time else None
    return Judged(windows, together, parts, n_recordings, seconds / 60, who, abstained, silent, simulated, order)


def _order(in_time: Sequence[tuple[str, int, float, int]]) -> Order:
    person, recording, start, label = (np.array(column) for column in zip(*in_time, strict=True))
    return order_in(Stretches(person, recording, start, label, np.arange(len(label))))


def _with_set(prediction: Prediction, sets: AdaptiveSets) -> Prediction:
    if prediction.status != "ok":
        return prediction
    chosen = sets.sets(prediction.probabilities, condition_of(prediction.weights, modalities=prediction.modalities))
    return dataclasses.replace(prediction, prediction_set=tuple(prediction.classes[k] for k in chosen))


def _predictions(
    path: Path, config: Config, predictor: Predictor, report: Callable[[str], None]
) -> tuple[list[Prediction], bool]:
    predictions, simulated = [], False
    for _, events in replay(path, config, pipelines(config, predictor), tell=report):
        for event in events:
            if isinstance(event, Prediction):
                predictions.append(event)
            elif isinstance(event, Window):
                simulated = simulated or event.simulated
    return predictions, simulated


def _inside(label: Label, predictions: Sequence[Prediction]) -> Iterator[Prediction]:
    return (one for one in predictions if covers(label, one))


def _answer(prediction: Prediction, label: Label, number: int, shown: int) -> Answer:
    return Answer(
        prediction.participant,
        prediction.classes.index(label.label),
        prediction.probabilities,
        prediction.uncertainty,
        tuple(prediction.classes.index(name) for name in prediction.prediction_set),
        condition_of(prediction.weights, modalities=prediction.modalities),
        (prediction.valence, prediction.arousal),
        (label.valence, label.arousal),
        number,
        shown,
    )


def trial(answers: Sequence[Answer]) -> Answer:
    """Return what the answers of a trial's windows say together."""
    first = answers[0]
    mean = np.mean([one.probabilities for one in answers], axis=0)
    affect = np.mean([one.affect for one in answers], axis=0)
    rated = np.mean([one.rated for one in answers], axis=0)
    condition, _ = Counter(one.condition for one in answers).most_common(1)[0]
    return Answer(
        first.subject,
        first.truth,
        tuple(float(p) for p in mean),
        float(-(mean * np.log(np.maximum(mean, 1e-12))).sum()),
        _vote(answers, int(mean.argmax())),
        condition,
        (float(affect[0]), float(affect[1])),
        (float(rated[0]), float(rated[1])),
        first.trial,
        first.stimulus,
    )


def _vote(answers: Sequence[Answer], best: int) -> tuple[int, ...]:
    """Return the classes that are in the sets of more than half of the windows, or the best where there is none.

    Such a vote misses the truth at most twice as often as the sets themselves (Cherubin 2019).
    """
    votes = Counter(k for one in answers for k in one.prediction_set)
    return tuple(sorted(k for k, count in votes.items() if 2 * count > len(answers))) or (best,)
