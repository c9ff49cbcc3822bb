"""What is learnt: classes as they were named, classes made of ratings by a threshold, or the ratings themselves."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from core.errors import ConfigError
from training.examples import UNKNOWN, Examples, Ints

_THRESHOLD = re.compile(r"(\w+)\s*(>=|>)\s*(median|-?\d+(?:\.\d+)?)")
MOST_SCALES = 2
"""The live network has two numbers beside its classes, valence and arousal."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a scale is parted in low and high."""

    scale: str
    at: float | None
    """In the units of the scale as it was rated, -1 to 1 once it is mapped; None: the median of what is learnt from."""
    inclusive: bool = False
    """Whether a rating on the threshold is high."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is learnt of windows.

    Parameters
    ----------
    scales : tuple of str
        Ratings that are learnt as numbers; the columns of `Examples.affect`.
    thresholds : tuple of Threshold
        Of these scales; none where classes are those that were named.
    by_ccc : bool
        Whether settings are chosen by the concordance of the ratings, and not by the log loss of classes.
    """

    scales: tuple[str, ...] = ("valence", "arousal")
    thresholds: tuple[Threshold, ...] = ()
    by_ccc: bool = False

    @classmethod
    def read(cls, text: str) -> Target:
        """Return the target that is written as ``class``, ``valence``, ``valence,arousal``, ``valence>5`` and the like.

        Several go together, with commas: ``class,dominance``, ``valence>median,arousal>median`` (four classes).

        Raises
        ------
        ConfigError
            It cannot be meant.
        """
        parts = [part.strip() for part in text.lower().split(",") if part.strip()]
        named = "class" in parts
        thresholds, scales = [], []
        for part in parts:
            found = _THRESHOLD.fullmatch(part)
            if found is not None:
                at = None if found[3] == "median" else float(found[3])
                thresholds.append(Threshold(found[1], at, found[2] == ">="))
                scales.append(found[1])
            elif part != "class" and re.fullmatch(r"\w+", part):
                scales.append(part)
            elif part != "class":
                raise ConfigError(f"--target {text}: {part!r} is no class, scale or threshold such as valence>5.")
        if not parts or (named and thresholds) or len(set(scales)) != len(scales) or len(scales) > MOST_SCALES:
            raise ConfigError(
                f"--target {text}: give `class`, up to {MOST_SCALES} scales such as valence,arousal, or thresholds "
                "such as valence>5 or valence>median in place of classes, each once."
            )
        if not scales:
            return cls()
        if not named and not thresholds:
            return cls(tuple(scales), (Threshold(scales[0], None),), by_ccc=True)
        return cls(tuple(scales), tuple(thresholds))

    @property
    def is_plain(self) -> bool:
        """Whether it is what the live network says: classes that were named, or valence and arousal."""
        return not self.thresholds and self.scales == ("valence", "arousal")

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that thresholds make, low before high; none where classes were named."""
        made = [""] if self.thresholds else []
        for one in self.thresholds:
            made = [f"{name}{', ' if name else ''}{side} {one.scale}" for name in made for side in ("low", "high")]
        return tuple(made)

    def relabel(self, examples: Examples, train: Ints) -> dict[str, float]:
        """Set the labels that thresholds make, medians taken over the trials at `train`; return where they lie."""
        if not self.thresholds:
            return {}
        label, used = np.zeros(len(examples), np.int64), {}
        for one in self.thresholds:
            rating = examples.affect[:, self.scales.index(one.scale)]
            at = _median(examples, train, rating) if one.at is None else one.at
            used[one.scale] = at
            high = rating >= np.float32(at) if one.inclusive else rating > np.float32(at)
            label = np.where((label == UNKNOWN) | ~np.isfinite(rating), UNKNOWN, 2 * label + high)
        examples.label = label
        examples.shares = np.zeros((len(examples), 0), np.float32)  # soft answers are of classes that were named
        return used


def _median(examples: Examples, train: Ints, rating: np.ndarray) -> float:
    """Return the median over trials, each as often as another, of what the windows of each were rated on the whole."""
    known = train[np.isfinite(rating[train])]
    if not len(known):
        return math.nan
    _, member = np.unique(examples.group[known], return_inverse=True)
    return float(np.median(np.bincount(member, rating[known]) / np.bincount(member)))
