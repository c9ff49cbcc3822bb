"""The simple ways to tell how sure a classifier is, which anything cleverer has to beat.

Maximum softmax probability (Hendrycks & Gimpel 2017), entropy, temperature scaling (Guo et al. 2017) and an ensemble of
networks that differ by their seed alone (Lakshminarayanan et al. 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax, xlogy

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
TEMPERATURE_RANGE = (0.05, 20.0)


def doubt(probability: Floats) -> Floats:
    """Return one minus the highest probability, shape (n,)."""
    return np.asarray(1.0 - probability.max(axis=-1))


def entropy(probability: Floats) -> Floats:
    """Return the entropy over the last axis, nats."""
    return np.asarray(-xlogy(probability, probability).sum(axis=-1))


def temperature(logits: Floats, truth: Ints) -> float:
    """Return the number to divide logits by so that the truth becomes most likely; 1 without any.

    Parameters
    ----------
    logits : array of shape (n, n_classes)
        Of people that training never saw.
    truth : array of shape (n,), int64
    """
    if not len(truth):
        return 1.0
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.exp(log_temperature), axis=1)[rows, truth].mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURE_RANGE)), method="bounded")
    return float(np.exp(found.x))


def scaled(logits: Floats, by: float) -> Floats:
    """Return the probabilities of logits divided by a temperature."""
    return np.asarray(softmax(logits / by, axis=-1))


def ensemble(members: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the mean of the members' probabilities, and how much they disagree.

    Parameters
    ----------
    members : sequence of array of shape (n, n_classes)
        Probabilities.

    Returns
    -------
    mean : array of shape (n, n_classes)
    disagreement : array of shape (n,)
        Mutual information of class and member, nats.
    """
    stacked = np.stack(members)
    mean = stacked.mean(axis=0)
    return mean, np.maximum(entropy(mean) - entropy(stacked).mean(axis=0), 0.0)
