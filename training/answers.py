"""Answers whose truth is known, of windows or of whole trials, and every figure of merit of them with its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training import metrics, selective
from training.intervals import N_DRAWS, Estimate, cluster_bootstrap, signed_rank

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one window or trial."""

    subject: str
    truth: int
    """Index of the true class."""
    probabilities: tuple[float, ...]
    uncertainty: float
    """Higher is less sure; in any unit."""
    prediction_set: tuple[int, ...] = ()
    condition: str = "both"
    """Which sensors it rests on: ``eeg``, ``face`` or ``both``."""
    affect: tuple[float, float] = (float("nan"), float("nan"))
    """Valence and arousal as predicted."""
    rated: tuple[float, float] = (float("nan"), float("nan"))
    """Valence and arousal as rated; NaN where nobody did."""
    trial: int = 0
    """Which of the subject's trials it is of."""
    stimulus: int = -1
    """What was shown, the same number for everyone; -1 where that is not told."""


class Answers:
    """Many answers, as columns.

    Parameters
    ----------
    rows : iterable of Answer
    classes : sequence of str
    scales : sequence of str
        What was rated, in the order of `Answer.rated`.
    """

    def __init__(
        self, rows: Iterable[Answer], classes: Sequence[str], scales: Sequence[str] = ("valence", "arousal")
    ) -> None:
        rows = list(rows)
        self.scales = tuple(scales)
        self.classes = tuple(classes)
        self.subject = np.asarray([row.subject for row in rows], dtype=str)
        self.truth: Ints = np.asarray([row.truth for row in rows], np.int64)
        self.probability: Floats = np.asarray([row.probabilities for row in rows], float).reshape(-1, len(classes))
        self.guess: Ints = np.asarray(self.probability.argmax(axis=1), np.int64)
        self.right = self.guess == self.truth
        self.uncertainty: Floats = np.asarray([row.uncertainty for row in rows], float)
        self.held = np.asarray([row.truth in row.prediction_set for row in rows], bool)
        self.set_size: Ints = np.asarray([len(row.prediction_set) for row in rows], np.int64)
        self.condition = np.asarray([row.condition for row in rows], dtype=str)
        self.affect: Floats = np.asarray([row.affect for row in rows], float).reshape(-1, 2)
        self.rated: Floats = np.asarray([row.rated for row in rows], float).reshape(-1, 2)
        self.stimulus: Ints = np.asarray([row.stimulus for row in rows], np.int64)
        one_subject = len(np.unique(self.subject)) == 1
        self.cluster = np.asarray([str(row.trial) for row in rows], dtype=str) if one_subject else self.subject
        """What is drawn for an interval: whole subjects, or the trials where there is but one subject."""

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The names of all subjects, sorted."""
        return tuple(str(name) for name in np.unique(self.subject))

    def of(self, subject: str) -> Ints:
        """Return the rows of one subject."""
        return np.flatnonzero(self.subject == subject)


Figure = Callable[[Answers, Ints], float]


def _affect(figure: Callable[[Floats, Floats], float], k: int) -> Figure:
    def value(a: Answers, rows: Ints) -> float:
        rows = rows[np.isfinite(a.rated[rows, k]) & np.isfinite(a.affect[rows, k])]
        return figure(a.rated[rows, k], a.affect[rows, k]) if len(rows) > 1 else float("nan")

    return value


FIGURES: dict[str, Figure] = {
    "accuracy": lambda a, rows: metrics.accuracy(a.truth[rows], a.guess[rows]),
    "majority baseline": lambda a, rows: metrics.majority(a.truth[rows]),
    "balanced accuracy": lambda a, rows: metrics.balanced_accuracy(a.truth[rows], a.guess[rows]),
    "macro-F1": lambda a, rows: metrics.macro_f1(a.truth[rows], a.guess[rows]),
    "ECE, equal width": lambda a, rows: metrics.calibration_error(a.probability[rows], a.truth[rows]),
    "ECE, equal mass": lambda a, rows: metrics.calibration_error(a.probability[rows], a.truth[rows], equal_mass=True),
    "ECE, class by class": lambda a, rows: metrics.classwise_calibration_error(a.probability[rows], a.truth[rows]),
    "NLL": lambda a, rows: metrics.log_loss(a.probability[rows], a.truth[rows]),
    "Brier score": lambda a, rows: metrics.brier(a.probability[rows], a.truth[rows]),
    "failure AUROC": lambda a, rows: selective.failure_auroc(a.uncertainty[rows], a.right[rows]),
    "AURC": lambda a, rows: selective.aurc(a.uncertainty[rows], a.right[rows]),
    "AUGRC": lambda a, rows: selective.augrc(a.uncertainty[rows], a.right[rows]),
    "risk at 80 % coverage": lambda a, rows: selective.risk_at(a.uncertainty[rows], a.right[rows]),
    "set coverage": lambda a, rows: float(a.held[rows].mean()) if len(rows) else float("nan"),
    "set size": lambda a, rows: float(a.set_size[rows].mean()) if len(rows) else float("nan"),
    "CCC, valence": _affect(metrics.ccc, 0),
    "CCC, arousal": _affect(metrics.ccc, 1),
    "PCC, valence": _affect(metrics.pcc, 0),
    "PCC, arousal": _affect(metrics.pcc, 1),
    "RMSE, valence": _affect(metrics.rmse, 0),
    "RMSE, arousal": _affect(metrics.rmse, 1),
}
"""Every figure of merit, as a function of the answers and of which rows count; where other scales were rated, those of
valence and arousal are of the first and the second (`figure_name`)."""


def figure_name(name: str, answers: Answers) -> str:
    """Return the name of a figure with the scales that these answers are of."""
    for usual, scale in zip(("valence", "arousal"), answers.scales, strict=False):
        if name.endswith(f", {usual}"):
            return f"{name.removesuffix(usual)}{scale}"
    return name


def estimates(answers: Answers, n_draws: int = N_DRAWS, seed: int = 0) -> dict[str, Estimate]:
    """Return every figure with its interval over clusters drawn with replacement; without those that do not exist."""
    found = {}
    for name, figure in FIGURES.items():
        if np.isfinite(figure(answers, np.arange(len(answers)))):
            found[name] = cluster_bootstrap(_bound(figure, answers), answers.cluster, n_draws, seed)
    return found


def _bound(figure: Figure, answers: Answers) -> Callable[[Ints], float]:
    return lambda rows: figure(answers, rows)


@dataclass(frozen=True, slots=True)
class AcrossSubjects:
    """Accuracy subject by subject, beside naming each subject's own most frequent class."""

    accuracy: dict[str, float]
    majority: dict[str, float]
    mean: float
    sd: float
    p: float
    """Two-sided p of Wilcoxon's signed-rank test of the one against the other."""


def across_subjects(answers: Answers) -> AcrossSubjects:
    """Return how accuracy varies over subjects and whether it is above the majority baseline in them."""
    accuracy = {name: FIGURES["accuracy"](answers, answers.of(name)) for name in answers.subjects}
    majority = {name: FIGURES["majority baseline"](answers, answers.of(name)) for name in answers.subjects}
    values = np.asarray(list(accuracy.values()))
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    p = signed_rank(list(accuracy.values()), list(majority.values()))
    return AcrossSubjects(accuracy, majority, float(values.mean()) if len(values) else float("nan"), sd, p)


COMPARED = (
    "accuracy", "balanced accuracy", "macro-F1", "ECE, equal width", "NLL", "Brier score", "failure AUROC", "AUGRC",
)  # fmt: skip
"""Figures in which two runs are compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two runs on the same people."""

    first: float
    second: float
    difference: Estimate
    """First less second, with its interval over people drawn with replacement, the same for both."""
    p: float
    """Two-sided p of Wilcoxon's signed-rank test over the figure of each person; NaN where no person has one."""


def compare(
    first: Answers, second: Answers, n_draws: int = N_DRAWS, seed: int = 0, figures: Sequence[str] = COMPARED
) -> dict[str, Difference]:
    """Return how two runs differ in these figures on the subjects that both have."""
    subjects = sorted({*first.subjects} & {*second.subjects})
    rows = [[answers.of(name) for name in subjects] for answers in (first, second)]
    found = {}
    for name in figures if subjects else ():
        figure = FIGURES[name]

        def of(side: int, people: Ints, figure: Figure = figure) -> float:
            return figure((first, second)[side], np.concatenate([rows[side][k] for k in people]))

        def gap(people: Ints, of: Callable[[int, Ints], float] = of) -> float:
            return of(0, people) - of(1, people)

        everyone = np.arange(len(subjects))
        each = [[of(side, everyone[k : k + 1]) for k in everyone] for side in (0, 1)]
        estimate = cluster_bootstrap(gap, subjects, n_draws, seed)
        found[name] = Difference(of(0, everyone), of(1, everyone), estimate, signed_rank(*each))
    return found


def confusion(answers: Answers) -> NDArray[Any]:
    """Return how often each class (row) was taken for each (column), shape (n_classes, n_classes)."""
    n = len(answers.classes)
    return np.bincount(answers.truth * n + answers.guess, minlength=n * n).reshape(n, n)
