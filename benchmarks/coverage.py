"""How often 95 % intervals over few people hold the true mean; ``python -m benchmarks.coverage``.

People are drawn from distributions whose mean is known, some of them skewed, and each way to make an interval is asked
whether it holds it. The last kind is accuracy over all windows where people have 10 to 100 each, a ratio, drawn by
whole people. `expanded` is what `training.intervals` gives; the other ways stand here to be compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student_t

from benchmarks.machine import describe_machine, one_thread_each, table
from training.intervals import tail

N_PEOPLE = (8, 12, 18, 23)
N_SIMULATED, N_DRAWS = 4000, 2000
Floats = NDArray[np.float64]


class Kind(NamedTuple):
    """A distribution over people."""

    draw: Callable[[np.random.Generator, tuple[int, int]], Floats]
    mean: float
    windows: tuple[int, int] = (1, 1)
    """Fewest and most windows of a person."""


KINDS = {
    "normal": Kind(lambda rng, shape: rng.standard_normal(shape), 0.0),
    "heavy tails (t of 3)": Kind(lambda rng, shape: rng.standard_t(3, shape), 0.0),
    "near a ceiling (beta of 8, 1)": Kind(lambda rng, shape: rng.beta(8, 1, shape), 8 / 9),
    "skewed (exponential)": Kind(lambda rng, shape: rng.exponential(1.0, shape), 1.0),
    "very skewed (log-normal)": Kind(lambda rng, shape: rng.lognormal(0.0, 1.0, shape), float(np.exp(0.5))),
    "accuracy over windows": Kind(lambda rng, shape: rng.beta(4, 2, shape), 2 / 3, (10, 100)),
}
WAYS = ("percentile", "BCa", "t", "expanded")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    one_thread_each()
    print(describe_machine())
    rows = []
    for name, kind in KINDS.items():
        cells = [coverage(kind, n, np.random.default_rng(n)) for n in N_PEOPLE]
        rows += [[name if way == WAYS[0] else "", way, *(f"{one[way]:.3f}" for one in cells)] for way in WAYS]
    print("\n" + table(["people are", "interval", *(f"{n} people" for n in N_PEOPLE)], rows))


def coverage(kind: Kind, n: int, rng: np.random.Generator, n_simulated: int = N_SIMULATED) -> dict[str, float]:
    """Return how often the interval of each way holds the true mean of `n` people."""
    value = kind.draw(rng, (n_simulated, n))
    weight = rng.integers(kind.windows[0], kind.windows[1] + 1, value.shape).astype(float)
    times = rng.multinomial(n, np.full(n, 1.0 / n), N_DRAWS).astype(float)
    drawn = np.sort((times @ (weight * value).T) / (times @ weight.T), axis=0)
    found = intervals(value, weight, drawn)
    return {way: float(np.mean((low <= kind.mean) & (kind.mean <= high))) for way, (low, high) in found.items()}


def intervals(value: Floats, weight: Floats, drawn: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Return the ends of each way's interval for each simulated study.

    Parameters
    ----------
    value, weight : array of shape (n_studies, n_people)
    drawn : array of shape (n_draws, n_studies)
        Weighted means of people drawn with replacement, sorted.
    """
    n = value.shape[1]
    total, count = (weight * value).sum(axis=1, keepdims=True), weight.sum(axis=1, keepdims=True)
    mean = (total / count)[:, 0]
    without = (total - weight * value) / (count - weight)
    gap = without.mean(axis=1, keepdims=True) - without
    squares = (gap**2).sum(axis=1)
    error = np.sqrt((n - 1) / n * squares) * student_t.ppf(0.975, n - 1)
    # Efron 1987: z0 is how far the draws are off centre, a how their spread follows the mean.
    z0 = norm.ppf(np.clip((drawn < mean).mean(axis=0), 1 / N_DRAWS, 1 - 1 / N_DRAWS))
    a = (gap**3).sum(axis=1) / (6.0 * np.maximum(squares, 1e-30) ** 1.5)
    shifted = [z0 + (z0 + z) / (1.0 - a * (z0 + z)) for z in norm.ppf((0.025, 0.975))]
    beyond = tail(n)
    return {
        "percentile": (_at(drawn, 0.025), _at(drawn, 0.975)),
        "BCa": (_at(drawn, norm.cdf(shifted[0])), _at(drawn, norm.cdf(shifted[1]))),
        "t": (mean - error, mean + error),
        "expanded": (_at(drawn, beyond), _at(drawn, 1.0 - beyond)),
    }


def _at(drawn: Floats, share: float | Floats) -> Floats:
    """Return the quantile of each column of sorted draws, (n_studies,)."""
    place = np.broadcast_to(np.asarray(share) * (len(drawn) - 1), drawn.shape[1:])
    below = np.floor(place).astype(int)
    column = np.arange(drawn.shape[1])
    above = drawn[np.minimum(below + 1, len(drawn) - 1), column]
    return np.asarray(drawn[below, column] + (place - below) * (above - drawn[below, column]))


if __name__ == "__main__":
    main()
