"""A recording with all that is known of it: labels, what was shown, ratings of other scales and ratings over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.study.rating_samples import Samples
from core.data import Label, Window
from training.own_recordings import Recording


@dataclass(frozen=True, slots=True)
class LabelledRecording(Recording):
    """One person's recording, its trials told of in the order of its labels."""

    stimuli: tuple[str, ...] = ()
    """``""`` where it is not told what was shown."""
    groups: tuple[str, ...] = ()
    """``""`` for what is of no group."""
    others: tuple[Mapping[str, float], ...] = ()
    """Ratings of scales beside valence and arousal, -1 to 1, NaN where there are none."""
    samples: tuple[Samples, ...] = ()

    def rated(self, name: str, which: int | None, window: Window) -> float:
        """Return what was rated of a window, -1 to 1; NaN where nothing was.

        What was rated at its middle goes before what was said of the whole trial.

        Parameters
        ----------
        name : str
            Of the scale.
        which : int or None
            Index of the label that covers the window.
        window : Window
        """
        middle = (window.start + window.stop) / 2
        for one in self.samples:
            if one.participant == window.participant and math.isfinite(value := one.at(name, middle)):
                return value
        if which is None:
            return math.nan
        label: Label = self.labels[which]
        if name in ("valence", "arousal"):
            return label.valence if name == "valence" else label.arousal
        return self.others[which].get(name, math.nan) if which < len(self.others) else math.nan
