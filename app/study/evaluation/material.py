"""Recordings and their labels as answers whose truth is known: windows, and trials, the labelled stretches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.session.wiring import pipelines
from app.study.offline_replay import replay
from app.study.training_material import recorded_labels
from core.calibration import condition_of
from core.config import Config
from core.data import Label, Prediction, Window
from core.label_rules import covers
from core.predictor import Predictor
from training.answers import Answer, Answers

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


def judge_recordings(
    paths: Sequence[Path], config: Config, predictor: Predictor, report: Callable[[str], None]
) -> Judged:
    """Replay recordings through the live path and put what it says beside what people said.

    Recordings without a label of the model's classes are passed over. A window belongs to a label that its middle
    lies in; a trial's answer is the mean over its windows, and its set holds what is in most of theirs.
    """
    rows: list[tuple[Answer, Prediction]] = []
    trials: list[Answer] = []
    annotators: set[str] = set()
    abstained: Counter[str] = Counter()
    n_recordings, n_trials, seconds, silent, simulated = 0, 0, 0.0, 0, False
    for number, path in enumerate(paths, start=1):
        labels = [label for label in recorded_labels(path) if label.label in predictor.classes]
        if not labels:
            continue
        report(f"replaying {path.name}, {number} of {len(paths)}")
        predictions, seen_simulated = _predictions(path, config, predictor)
        n_recordings, simulated = n_recordings + 1, simulated or seen_simulated
        annotators.update(label.annotator for label in labels)
        for label in labels:
            seconds += label.stop - label.start
            inside = list(_inside(label, predictions))
            abstained.update(one.status for one in inside if one.status != "ok")
            mine = [(_answer(one, label, n_trials), one) for one in inside if one.status == "ok"]
            n_trials += 1
            rows.extend(mine)
            silent += not mine
            if mine:
                trials.append(trial([answer for answer, _ in mine]))
    parts = {name: np.asarray([getattr(one, name) for _, one in rows], float) for name in UNCERTAINTIES}
    parts["1 - highest probability"] = np.asarray([1.0 - max(one.probabilities) for _, one in rows], float)
    windows = Answers([answer for answer, _ in rows], predictor.classes)
    together = Answers(trials, predictor.classes)
    who = tuple(sorted(annotators))
    return Judged(windows, together, parts, n_recordings, seconds / 60, who, abstained, silent, simulated)


def _predictions(path: Path, config: Config, predictor: Predictor) -> tuple[list[Prediction], bool]:
    predictions, simulated = [], False
    for _, events in replay(path, config, pipelines(config, predictor)):
        for event in events:
            if isinstance(event, Prediction):
                predictions.append(event)
            elif isinstance(event, Window):
                simulated = simulated or event.simulated
    return predictions, simulated


def _inside(label: Label, predictions: Sequence[Prediction]) -> Iterator[Prediction]:
    return (one for one in predictions if covers(label, one))


def _answer(prediction: Prediction, label: Label, number: int) -> Answer:
    return Answer(
        prediction.participant,
        prediction.classes.index(label.label),
        prediction.probabilities,
        prediction.uncertainty,
        tuple(prediction.classes.index(name) for name in prediction.prediction_set),
        condition_of(prediction.weights),
        (prediction.valence, prediction.arousal),
        (label.valence, label.arousal),
        number,
    )


def trial(answers: Sequence[Answer]) -> Answer:
    """Return what the answers of a trial's windows say together."""
    first = answers[0]
    mean = np.mean([one.probabilities for one in answers], axis=0)
    affect = np.mean([one.affect for one in answers], axis=0)
    condition, _ = Counter(one.condition for one in answers).most_common(1)[0]
    return Answer(
        first.subject,
        first.truth,
        tuple(float(p) for p in mean),
        float(-(mean * np.log(np.maximum(mean, 1e-12))).sum()),
        _vote(answers, int(mean.argmax())),
        condition,
        (float(affect[0]), float(affect[1])),
        first.rated,
        first.trial,
    )


def _vote(answers: Sequence[Answer], best: int) -> tuple[int, ...]:
    """Return the classes that are in the sets of more than half of the windows, or the best where there is none.

    Such a vote misses the truth at most twice as often as the sets themselves (Cherubin 2019).
    """
    votes = Counter(k for one in answers for k in one.prediction_set)
    return tuple(sorted(k for k, count in votes.items() if 2 * count > len(answers))) or (best,)
