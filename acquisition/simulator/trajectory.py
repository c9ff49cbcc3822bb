"""What a simulated participant feels at each moment: the truth that drives EEG and face alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.data import Array

CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
"""The order of classes everywhere."""
ANCHORS = np.array([(0, 0), (0.81, 0.51), (-0.63, -0.27), (0.40, 0.67), (-0.64, 0.60), (-0.60, 0.35), (-0.51, 0.59)])
"""(valence, arousal) of each class: the PAD values of Russell & Mehrabian (1977), J. Res. Pers. 11, 273."""

_WANDER_HZ = (0.006, 0.06)


def seeded(seed: int, *path: int) -> np.random.Generator:
    """Return the generator that belongs to `seed` and to the place named by `path`, whatever was drawn before."""
    return np.random.default_rng([seed, *path])


def events(
    seed: int, kind: int, slot: int, seconds: float, per_min: float, reach: int
) -> Iterator[tuple[float, Array]]:
    """Give the onset (s) and four numbers in 0 to 1 of each random event that can reach into a slot of time.

    Slots are `seconds` long; events come at random in each, `per_min` on average, and may last `reach` slots more.
    """
    for start in range(max(0, slot - reach), slot + 1):
        rng = seeded(seed, kind, start)
        for _ in range(int(rng.poisson(per_min / 60 * seconds))):
            yield (start + rng.uniform()) * seconds, rng.uniform(size=4)


def subject_seed(seed: int, number: int) -> int:
    """Return the seed of simulated participant `number` (from 1) in a run with `seed`; all of a run differ."""
    return seed * 1000 + number


class Trajectory:
    """A sequence of moods and where each moment lies in valence and arousal; a pure function of seed and time.

    Moods come in shuffled rounds of all classes, so that each class fills the same share of the time in the long run.

    Parameters
    ----------
    seed : int
        Not negative. The same seed gives the same trajectory in every process.
    hold : tuple of float
        Shortest and longest time that a mood is held, s.
    fade : float
        Time that one mood takes to become the next, s; at most the shortest hold.
    wander : float
        Bound of the slow wander round the class's anchor, in valence and in arousal.
    classes : sequence of str
        The classes that occur; one alone makes a mood that stays.

    Examples
    --------
    >>> Trajectory(0, classes=["happy"]).label(12.0)
    'happy'
    """

    def __init__(
        self,
        seed: int,
        hold: tuple[float, float] = (8.0, 20.0),
        fade: float = 1.5,
        wander: float = 0.12,
        classes: Sequence[str] = CLASSES,
    ) -> None:
        self.seed = seed
        self._hold = hold
        self._fade = fade
        self._wander = wander
        self._classes = [CLASSES.index(name) for name in classes]
        rng = seeded(seed, 1)
        self._wander_hz = rng.uniform(*_WANDER_HZ, size=(2, 3))
        self._wander_phase = rng.uniform(0, 2 * np.pi, size=(2, 3))
        self._rounds = 0
        self._starts = np.empty(0)
        self._moods = np.empty((0, len(CLASSES)))
        self._end = 0.0

    def at(self, t: ArrayLike) -> tuple[Array, Array]:
        """Return valence and arousal, each in -1 to 1 and of the shape of `t`, at `t` seconds after the start."""
        times = np.asarray(t, dtype=float)
        affect = self.expression(times) @ ANCHORS
        waves = np.sin(2 * np.pi * times[..., None, None] * self._wander_hz + self._wander_phase)
        affect = np.clip(affect + self._wander * waves.mean(axis=-1), -1.0, 1.0)
        return affect[..., 0], affect[..., 1]

    def expression(self, t: ArrayLike) -> Array:
        """Return the intensity of each class, array of shape (..., n_classes), not negative, summing to 1."""
        times = np.asarray(t, dtype=float)
        while self._end <= times.max(initial=0.0):
            self._add_round()
        moods = self._moods
        current = np.maximum(np.searchsorted(self._starts, times, side="right") - 1, 0)
        done = np.clip((times - self._starts[current]) / self._fade, 0.0, 1.0)
        share = np.where(current == 0, 1.0, done * done * (3 - 2 * done))[..., None]
        intensity: Array = share * moods[current] + (1 - share) * moods[np.maximum(current - 1, 0)]
        return intensity

    def index(self, t: ArrayLike) -> Array:
        """Return the index into `CLASSES` of the mood that outweighs the others, integers of the shape of `t`."""
        index: Array = np.argmax(self.expression(t), axis=-1)
        return index

    def label(self, t: float) -> str:
        """Return the name of the mood that outweighs the others."""
        return CLASSES[int(self.index(t))]

    def _add_round(self) -> None:
        rng = seeded(self.seed, 2, self._rounds)
        order = rng.permutation(self._classes)
        if self._rounds and len(order) > 1 and order[0] == np.argmax(self._moods[-1]):
            order = np.roll(order, 1)
        strength = rng.uniform(0.75, 1.0, size=(len(order), 1))
        moods = strength * np.eye(len(CLASSES))[order]
        moods[:, :1] += 1 - strength
        ends = self._end + np.cumsum(rng.uniform(*self._hold, size=len(order)))
        self._starts = np.concatenate([self._starts, [self._end], ends[:-1]])
        self._moods = np.concatenate([self._moods, moods])
        self._end = float(ends[-1])
        self._rounds += 1
