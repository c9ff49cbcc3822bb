"""Uncertainty of a Dirichlet over classes in its parts, and how far two readings contradict each other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

Floats = NDArray[np.floating[Any]]
MAX_EXPONENT = 10.0


class Uncertainty(NamedTuple):
    """The parts, in nats but for vacuity. ``total = aleatoric + epistemic``."""

    total: float
    aleatoric: float
    epistemic: float
    vacuity: float


def concentration(similarity: Floats, beta: float, familiarity: float = 1.0) -> Floats:
    """Return the Dirichlet's concentration, 1 + familiarity * exp(similarity / beta), shape as `similarity`.

    Without the familiarity, methods' eq. 5. A network is as sure far from what it has learnt as near to it; there its
    evidence must not count (posterior networks, Charpentier et al. 2020, in the simplest form).
    """
    return np.asarray(1.0 + familiarity * np.exp(np.minimum(similarity / beta, MAX_EXPONENT)))


def take_apart(alpha: Floats) -> Uncertainty:
    """Return the uncertainty of a Dirichlet with concentration `alpha`, shape (n_classes,).

    Aleatoric is the expected entropy, epistemic the mutual information between class and Dirichlet (Malinin & Gales
    2018, eq. 16-17), vacuity K / S. K / S lacks evidence; it is not aleatoric, as some papers call it.
    """
    strength = alpha.sum()
    p = alpha / strength
    total = float(-(p * np.log(p)).sum())
    aleatoric = float(-(p * (digamma(alpha + 1.0) - digamma(strength + 1.0))).sum())
    return Uncertainty(total, aleatoric, max(total - aleatoric, 0.0), float(alpha.size / strength))


def disagreement(first: Floats, second: Floats) -> float:
    """Return the Jensen-Shannon divergence of two class distributions over log 2: 0 the same, 1 exclusive."""
    middle = 0.5 * (first + second)
    divergence = 0.5 * _relative_entropy(first, middle) + 0.5 * _relative_entropy(second, middle)
    return float(np.clip(divergence / np.log(2.0), 0.0, 1.0))


def _relative_entropy(p: Floats, q: Floats) -> float:
    there = p > 0
    return float((p[there] * np.log(p[there] / q[there])).sum())
