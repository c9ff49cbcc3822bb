"""The gate for a model of everyone: what networks that never saw a person say of that person's EEG.

Each person is asked about by a network that learnt from others; the two nulls of `training.gate` are drawn within each
person's recordings. A model is held to be fit for anyone only where enough people's EEG is read better than by chance,
where that holds of people at large (a one-sided t interval over people, never over windows), and where the order of the
classes does not give them away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from core.calibration import probabilities
from core.models.model_file import Calibration, TaughtOn
from training.evaluation import WindowOutputs
from training.examples import Examples
from training.gate import Heard, Tells, Verdict, as_figures, judge, shrunken_prior
from training.order import Order, order_of
from training.own_recordings import in_order, stretches
from training.personal_change import cross_entropy

MIN_PEOPLE = 8
"""With an EEG that could be asked, below which nothing is claimed of anyone else."""


@dataclass(frozen=True, slots=True)
class PeopleVerdict:
    """What held-out people say of a model of everyone."""

    together: Verdict
    people: dict[str, Verdict]
    gain: float
    """Nats a window by which the EEG is better than the best constant answer, mean over people."""
    at_least: float
    """Its lower bound over people, one-sided, 95 %."""
    weight: float
    """Of an unknown person's EEG: the square of the mean gain by that of what one person's gain is expected to be."""
    population: bool
    order: Order


def judge_people(predicted: WindowOutputs, examples: Examples, calibration: Calibration) -> PeopleVerdict:
    """Return the verdict on what the EEG alone says of people who were held out; beta is 1."""
    order = in_order(examples, predicted.index)
    row = {int(k): number for number, k in enumerate(predicted.index)}
    similarity = predicted.similarity[[row[int(k)] for k in order]]
    said = probabilities(similarity, 1.0, calibration.temperature["eeg"])
    target = np.eye(said.shape[1])[examples.label[order]]
    heard = Heard(said, said, target, stretches(examples, order), examples.group[order], examples.start[order])
    names = examples.participants[order]
    weight = _label_weights(heard)
    prior = shrunken_prior(target, weight)
    people = {str(name): judge(heard.at(names == name), prior) for name in np.unique(names)}
    gains = np.array([_gain(heard.at(names == name), prior) for name in people])
    together, confounded = judge(heard, prior), order_of(examples, order)
    mean, at_least, share = over_people(gains)
    enough = len(gains) >= MIN_PEOPLE and at_least > 0.0
    population = enough and together.tells == Tells.YES and not confounded.is_confounded
    return PeopleVerdict(together, people, mean, at_least, share, population, confounded)


def over_people(gains: np.ndarray) -> tuple[float, float, float]:
    """Return mean gain, its one-sided 95 % lower bound over people, and the weight of someone unknown.

    The weight is m² / (m² + s²), the factor with the least squared error for a gain of mean m that varies by s.
    """
    n = len(gains)
    mean = float(gains.mean()) if n else float("nan")
    if n < 2:
        return mean, float("-inf"), 0.0
    spread = float(gains.std(ddof=1))
    at_least = mean - float(student_t.ppf(0.95, n - 1)) * spread / np.sqrt(n)
    weight = mean**2 / (mean**2 + spread**2) if mean > 0.0 else 0.0
    return mean, float(at_least), float(weight)


def taught_by(verdict: PeopleVerdict, simulated: bool) -> TaughtOn:
    """Return whom a model of everyone may be trusted on."""
    read = tuple(name for name, one in verdict.people.items() if one.tells == Tells.YES)
    if simulated:
        return TaughtOn(simulated=True, participants=())
    if not verdict.population:
        return TaughtOn(participants=read)
    return TaughtOn(False, True, read, len(verdict.people), round(verdict.weight, 4))


def people_figures(verdict: PeopleVerdict) -> dict[str, Any]:
    """Return the verdict fit for JSON."""
    return {
        **as_figures(verdict.together),
        "people": {name: as_figures(one) for name, one in verdict.people.items()},
        "gain_over_people": round(verdict.gain, 4),
        "at_least": round(verdict.at_least, 4) if np.isfinite(verdict.at_least) else None,
        "weight": round(verdict.weight, 4),
        "population": verdict.population,
        "order": as_figures(verdict.order),
    }


def _gain(heard: Heard, prior: np.ndarray) -> float:
    uniform = np.full_like(prior, 1.0 / len(prior))
    constant = min(float(-(heard.target @ np.log(one)).mean()) for one in (uniform, prior))
    return constant - float(cross_entropy(heard.learnt, heard.target).mean())


def _label_weights(heard: Heard) -> np.ndarray:
    _, member, count = np.unique(heard.episode, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[member])
