"""Uncertainty of a Dirichlet over classes in its parts, and how far two readings contradict each other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

Floats = NDArray[np.floating[Any]]
MAX_EXPONENT = 10.0


class Uncertainty(NamedTuple):
    """The parts, in nats but for vacuity, arrays of shape (...,). ``total = aleatoric + epistemic``."""

    total: Floats
    aleatoric: Floats
    epistemic: Floats
    vacuity: Floats


def concentration(similarity: Floats, beta: float | Floats, familiarity: float | Floats = 1.0) -> Floats:
    """Return the Dirichlet's concentration, 1 + familiarity * exp(similarity / beta), shape as `similarity`.

    Without the familiarity, methods' eq. 5. A network is as sure far from what it has learnt as near to it; there its
    evidence must not count (posterior networks, Charpentier et al. 2020, in the simplest form).
    """
    return np.asarray(1.0 + familiarity * np.exp(np.minimum(similarity / beta, MAX_EXPONENT)))


def take_apart(alpha: Floats) -> Uncertainty:
    """Return the uncertainty of a Dirichlet with concentration `alpha`, shape (..., n_classes).

    Aleatoric is the expected entropy, epistemic the mutual information between class and Dirichlet (Malinin & Gales
    2018, eq. 16-17), vacuity K / S. K / S lacks evidence; it is not aleatoric, as some papers call it.
    """
    strength = alpha.sum(axis=-1, keepdims=True)
    p = alpha / strength
    total = -(p * np.log(p)).sum(axis=-1)
    aleatoric = -(p * (digamma(alpha + 1.0) - digamma(strength + 1.0))).sum(axis=-1)
    vacuity = alpha.shape[-1] / strength[..., 0]
    return Uncertainty(total, aleatoric, np.asarray((total - aleatoric).clip(min=0.0)), vacuity)


def entropy(probability: Floats) -> Floats:
    """Return the entropy of class probabilities over log K, 0 to 1, shape (...,) of (..., K)."""
    p = probability.clip(1e-12)
    return np.asarray(-(p * np.log(p)).sum(axis=-1) / np.log(p.shape[-1]))


def divergence(first: Floats, second: Floats) -> Floats:
    """Return the Jensen-Shannon divergence over log 2 of two modalities: 0 the same, 1 exclusive; shape (...,)."""
    p, q = first.clip(1e-12), second.clip(1e-12)
    middle = (p + q) / 2
    both = (p * np.log(p / middle)).sum(axis=-1) + (q * np.log(q / middle)).sum(axis=-1)
    return np.asarray((both / (2 * np.log(2))).clip(0.0, 1.0))


def disagreement(first: Floats, second: Floats) -> Floats:
    """Return how far two modalities contradict each other, 0 to 1, shape (...,): their divergence, if both are sure.

    The divergence times the geometric mean of both certainties, one minus entropy. A modality that tells nothing
    contradicts nothing; by the divergence alone it contradicts most where the other is surest, hence right. The form
    is the degree of conflict of Xu et al. (AAAI 2024): a distance of opinions times their conjunctive certainty.
    """
    certainty = (1.0 - entropy(first)).clip(0.0) * (1.0 - entropy(second)).clip(0.0)
    return np.asarray(divergence(first, second) * np.sqrt(certainty))
