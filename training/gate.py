"""The one gate that all that is learnt goes through, on time that was not learnt from.

Two questions, answered apart. *Does this EEG tell anything of this person?* It must be better than the best answer that
knows no EEG, uniform or the shrunken mean of the time learnt from, and than answers that belong to other moments: the
targets shifted in a circle within each stretch, which keeps all that is slow in both, and the targets of whole episodes
dealt anew, which keeps how long they last. Both must be rarer than `LEVEL` under these nulls, and there must be a least
number of independent episodes. *Is what was learnt better than the untouched base?* Its mean gain must exceed its
standard error over episodes. Windows are never the unit: they overlap and moods last.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.personal_change import cross_entropy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVEL = 0.03
MIN_EPISODES = 8
"""Held-out episodes below which nothing is claimed."""
N_DRAWS = 499
SHIFT_S = 20.0
"""A shift is at least this long; a mood lasts about as long."""
MOST_ALIKE = 0.5
"""Correlation with themselves that shifted targets have at most, to count as those of other moments."""
PRIOR_EPISODES = 7.0
"""How many episodes of a uniform mean the mean of the targets is shrunk with."""
SMOOTH_S = 5.0
SHORTEST_S = 2.0


class Tells(StrEnum):
    """Whether a modality tells anything of a person."""

    TOO_LITTLE = "too little to tell"
    NO = "no"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What held-out time says of one modality of one person, or of several together."""

    tells: Tells
    better: bool
    """Whether what was learnt is better than the base."""
    episodes: int
    """Held-out stretches of one class."""
    seconds: float
    """Of held-out time."""
    gain: float
    """Nats a window by which the better of both is better than the best constant answer; NaN without held-out time."""
    gain_error: float
    """Its standard error over episodes."""
    chance_of_shift: float
    """How often targets shifted in time would do as well."""
    chance_of_order: float
    """How often targets of episodes dealt anew would do as well."""
    gain_over_base: float
    """Nats a window by which what was learnt is better than the base."""
    gain_over_base_error: float
    """Its standard error over episodes."""


class Heard(NamedTuple):
    """Held-out windows in order of time, stretch by stretch."""

    base: Floats
    """(n_windows, n_classes): the base's probabilities."""
    learnt: Floats
    """(n_windows, n_classes): those of what was learnt."""
    target: Floats
    """(n_windows, n_classes): what should be said."""
    stretch: Ints
    """(n_windows,): equal within an uninterrupted stretch of one person; only within it is anything moved."""
    episode: Ints
    """(n_windows,): equal within a stretch of one class."""
    start: Floats

    def at(self, rows: NDArray[Any]) -> Heard:
        """Return these rows alone."""
        return Heard._make(column[rows] for column in self)


def judge(
    heard: Heard,
    prior: Floats,
    certain: float = 1.0,
    claims: bool = True,
    stands_for: Floats | None = None,
    foreseen: Floats | None = None,
) -> Verdict:
    """Return the verdict on held-out windows.

    Parameters
    ----------
    heard : Heard
    prior : array of shape (n_classes,)
        The shrunken mean of what was learnt from.
    certain : float
        Standard errors by which what was learnt must be better than the base.
    claims : bool
        False where the windows are not apart enough to claim that anything is told.
    stands_for : array of shape (n_windows,), optional
        How much each window counts when what was learnt is compared with the base, where some kinds of moments were
        asked about more often than they occur.
    foreseen : array of shape (n_windows,), optional
        How much larger than usual each window's gain over the base was to be, by what is said of it alone; see
        `expected_gain` and `less_foreseen`.
    """
    n_episodes = len(np.unique(heard.episode))
    counts = np.ones(len(heard.start)) if stands_for is None else stands_for / max(float(stands_for.mean()), 1e-12)
    each = cross_entropy(heard.base, heard.target) - cross_entropy(heard.learnt, heard.target)
    if foreseen is not None:
        each = less_foreseen(each, foreseen, heard.episode)
    over_base, base_error = mean_over_episodes(counts * each, heard.episode)
    better = n_episodes >= MIN_EPISODES and over_base > certain * base_error
    if not claims or n_episodes < MIN_EPISODES or len(np.unique(heard.target.argmax(axis=1))) < 2:
        nan = float("nan")
        return Verdict(Tells.TOO_LITTLE, better, n_episodes, seconds(heard), nan, nan, nan, nan, over_base, base_error)
    uniform = np.full_like(prior, 1.0 / len(prior))
    constant = min((-heard.target @ np.log(one) for one in (uniform, prior)), key=np.mean)
    gain, error = mean_over_episodes(
        constant - cross_entropy(heard.learnt if better else heard.base, heard.target), heard.episode
    )
    rng = np.random.default_rng(0)
    shift, order = (how(heard, gain, float(constant.mean()), rng) for how in (chance_of_shift, chance_of_order))
    tells = Tells.YES if gain > 0.0 and max(shift, order) <= LEVEL else Tells.NO
    return Verdict(tells, better, n_episodes, seconds(heard), gain, error, shift, order, over_base, base_error)


def expected_gain(base: Floats, learnt: Floats) -> Floats:
    """Return the gain over the base, nats, (n_windows,), that is to be expected if what was learnt is right."""
    return np.asarray((learnt * np.log(learnt / base)).sum(axis=1))


def less_foreseen(gain: Floats, foreseen: Floats, episode: Ints) -> Floats:
    """Return gains without what could be foreseen of them: the same mean in the long run, and less spread.

    A few labels may lie on moments at which more, or less, changes than usual. How much changes is known of all
    windows, labelled or not, so it is taken off as a control variate, by the share that lessens the spread over
    episodes most (prediction-powered inference: Angelopoulos et al. 2023, Science 382, 669, and arXiv 2311.01453).

    Parameters
    ----------
    gain : array of shape (n_windows,)
    foreseen : array of shape (n_windows,)
        `expected_gain` less its mean over all windows of the same time, labelled or not.
    episode : array of shape (n_windows,)
    """
    if len(gain) == 0:
        return gain
    _, member, count = np.unique(episode, return_inverse=True, return_counts=True)
    told, known = (np.bincount(member, one) / count for one in (gain, foreseen))
    known = known - known.mean()
    share = float(known @ told) / max(float(known @ known), 1e-12)
    return np.asarray(gain - min(max(share, 0.0), 1.0) * foreseen)


def shrunken_prior(target: Floats, weight: Floats) -> Floats:
    """Return the mean of targets, (n_windows, n_classes), weighing `weight` episodes in all, shrunk to uniform."""
    n_classes = target.shape[1]
    return np.asarray((weight @ target + PRIOR_EPISODES / n_classes) / (weight.sum() + PRIOR_EPISODES))


def mean_over_episodes(gain: Floats, episode: Ints) -> tuple[float, float]:
    """Return the mean over windows and its standard error, episodes taken for independent and windows not."""
    if not len(gain):
        return float("nan"), float("nan")
    _, member = np.unique(episode, return_inverse=True)
    total, count = np.bincount(member, gain), np.bincount(member)
    mean, n = float(gain.mean()), len(count)
    if n < 2:
        return mean, float("inf")
    spread = float(((total - mean * count) ** 2).sum()) * n / (n - 1)
    return mean, float(np.sqrt(spread) / len(gain))


def chance_of_shift(heard: Heard, gain: float, constant: float, rng: np.random.Generator) -> float:
    """Return how often the better of base and learnt gains as much on targets shifted in a circle."""
    totals = np.zeros((2, N_DRAWS))
    for one in np.unique(heard.stretch):
        rows = np.flatnonzero(heard.stretch == one)
        target, n = heard.target[rows], len(rows)
        least = min(_windows_in(heard.start[rows], SHIFT_S), n // 4)
        allowed = np.arange(least, n - least + 1) % n
        # Where classes take turns by the clock, a shift by the whole turn is no other moment.
        middle = target.mean(axis=0)
        alike = _by_shift(target - middle, target - middle)
        other = allowed[alike[allowed] <= MOST_ALIKE * alike[0]]
        drawn = rng.choice(other if len(other) else allowed, N_DRAWS)
        totals += np.stack([_by_shift(target, np.log(said[rows]))[drawn] for said in (heard.base, heard.learnt)])
    return _chance(totals, len(heard.target), gain, constant)


def _by_shift(target: Floats, said: Floats) -> Floats:
    """Return the sum of target times what is said, for each number of windows that the target is moved by."""
    turned = np.fft.rfft(said, axis=0) * np.fft.rfft(target, axis=0).conj()
    return np.asarray(np.fft.irfft(turned.sum(axis=1), len(target)))


def chance_of_order(heard: Heard, gain: float, constant: float, rng: np.random.Generator) -> float:
    """Return how often the better of base and learnt gains as much on targets of episodes dealt anew.

    An episode keeps its place and length and gets the mean target of another one of the same person.
    """
    totals = np.zeros((2, N_DRAWS))
    for one in np.unique(heard.stretch):
        rows = np.flatnonzero(heard.stretch == one)
        _, member = np.unique(heard.episode[rows], return_inverse=True)
        n = int(member.max()) + 1
        count = np.bincount(member)
        target = _by_episode(heard.target[rows], member) / count[:, None]
        dealt = rng.permuted(np.tile(np.arange(n), (N_DRAWS, 1)), axis=1)
        for k, said in enumerate((heard.base, heard.learnt)):
            every = _by_episode(np.log(said[rows]), member) @ target.T
            totals[k] += every[np.arange(n)[None], dealt].sum(axis=1)
    return _chance(totals, len(heard.target), gain, constant)


def _chance(totals: Floats, n_windows: int, gain: float, constant: float) -> float:
    # The better of both at each draw, since the better of both is what is written.
    gains = totals.max(axis=0) / n_windows + constant
    return float((1 + np.count_nonzero(gains >= gain - 1e-12)) / (1 + N_DRAWS))


def _by_episode(values: Floats, member: Ints) -> Floats:
    return np.stack([np.bincount(member, column) for column in values.T], axis=1)


def _windows_in(start: Floats, span: float) -> int:
    return max(1, round(span / float(np.median(np.diff(start))))) if len(start) > 1 else 1


def seconds(heard: Heard) -> float:
    """Return how much time the windows stand for."""
    total = 0.0
    for one in np.unique(heard.stretch):
        steps = np.diff(heard.start[heard.stretch == one])
        if len(steps):
            total += float(np.minimum(steps, 10 * np.median(steps)).sum())
    return total


def episodes(target: Floats, start: Floats, stretch: Ints) -> Ints:
    """Return the number of the episode of each window: a stretch of time in which one class outweighs the others.

    Targets are averaged over `SMOOTH_S` first, and what is shorter than `SHORTEST_S` belongs to what was before it, so
    that a flicker is no independent event. Windows come in order of time within each stretch.
    """
    out = np.zeros(len(start), np.int64)
    number = 0
    for one in dict.fromkeys(stretch.tolist()):
        rows = np.flatnonzero(stretch == one)
        first = np.searchsorted(start[rows], start[rows] - SMOOTH_S / 2)
        last = np.searchsorted(start[rows], start[rows] + SMOOTH_S / 2, side="right")
        total = np.concatenate([np.zeros((1, target.shape[1])), np.cumsum(target[rows], axis=0)])
        shown = ((total[last] - total[first]) / (last - first)[:, None]).argmax(axis=1)
        begins = np.flatnonzero(np.diff(shown, prepend=-1))
        kept: list[int] = []
        for k, begin in enumerate(begins):
            stop = begins[k + 1] if k + 1 < len(begins) else len(rows) - 1
            if kept and (start[rows[stop]] - start[rows[begin]] < SHORTEST_S or shown[begin] == shown[kept[-1]]):
                continue
            kept.append(int(begin))
        out[rows] = number + np.searchsorted(kept, np.arange(len(rows)), side="right") - 1
        number += len(kept)
    return out


def as_figures(verdict: Any) -> dict[str, Any]:
    """Return a frozen value fit for JSON: words as they are, numbers rounded, None for what is not known."""
    figures: dict[str, Any] = json.loads(
        json.dumps({name: _known(value) for name, value in dataclasses.asdict(verdict).items()})
    )
    return figures


def _known(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value
