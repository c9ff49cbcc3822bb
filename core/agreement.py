"""How far annotators agree: Cohen's kappa of two, Krippendorff's alpha of any number with answers that are missing."""

from __future__ import annotations

import numpy as np

from core.data import Array


def alpha(answers: Array, interval: bool = False) -> float:
    """Return Krippendorff's alpha: 1 where all agree, 0 where they do no better than chance.

    NaN with too few answers, and where all answers to all questions are the same: chance would agree as well.

    ``1 - observed / expected`` disagreement, over all pairs of answers to the same question and over all pairs at all
    (K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011).

    Parameters
    ----------
    answers : array of shape (n_annotators, n_questions), float
        NaN where somebody has not answered; questions that only one has answered do not count.
    interval : bool
        False: answers are the same or not. True: they are apart by the square of their difference.
    """
    asked = answers[:, np.isfinite(answers).sum(axis=0) > 1]
    values, code = np.unique(asked[np.isfinite(asked)], return_inverse=True)
    question = np.nonzero(np.isfinite(asked))[1]
    counts = np.zeros((asked.shape[1], len(values)))
    np.add.at(counts, (question, code), 1.0)
    apart = np.subtract.outer(values, values) ** 2 if interval else 1.0 - np.eye(len(values))
    n_answers = counts.sum(axis=1)
    observed = float((((counts @ apart) * counts).sum(axis=1) / np.maximum(n_answers - 1.0, 1.0)).sum())
    total = counts.sum(axis=0)
    expected = float(total @ apart @ total) / max(float(total.sum()) - 1.0, 1.0)
    return 1.0 - observed / expected if expected > 0 else float("nan")


def kappa(first: Array, second: Array) -> float:
    """Return Cohen's kappa of two annotators: 1 where they agree, 0 where they do no better than by their own habits.

    ``(observed - expected) / (1 - expected)`` agreement, expected from how often each gives each answer (J. Cohen, A
    Coefficient of Agreement for Nominal Scales, 1960, eq. 1). NaN without a shared question, and where both always give
    one same answer.

    Parameters
    ----------
    first, second : array of shape (n_questions,), float
        NaN where somebody has not answered; such questions do not count.
    """
    both = np.isfinite(first) & np.isfinite(second)
    a, b = first[both], second[both]
    values = np.unique(np.concatenate([a, b]))
    if len(values) < 2:
        return float("nan")
    shares = [(each[:, None] == values).mean(axis=0) for each in (a, b)]
    expected = float(shares[0] @ shares[1])
    return float(((a == b).mean() - expected) / (1.0 - expected))
