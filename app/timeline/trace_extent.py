"""What the traces show: which channels, and how large. Changed by key, no Qt."""

from __future__ import annotations

import numpy as np

from core.data import Array

SCALES_UV = (5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0, 1000.0, 2000.0)
STEP_SDS = 3.0
"""Typical deviations that fit between two traces; peaks may cross into the neighbours, as on paper."""
COUNTS = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)


class TraceExtent:
    """The part of a stream that is drawn."""

    def __init__(self) -> None:
        self.scale_uv = 100.0
        """µV from one trace to the next."""
        self.near_uv = 100.0
        """The same where a few seconds are drawn, however much time the traces show."""
        self.chosen = False
        """Whether a person has chosen the scale."""
        self.first = 0
        self.n_chans = 0
        self.room = 1
        """Rows that there is room for."""
        self._most = COUNTS[-1]

    @property
    def n_rows(self) -> int:
        """How many channels are drawn."""
        return max(1, min(self.n_chans, self._most, self.room))

    @property
    def last(self) -> int:
        """The channel after the last one that is drawn."""
        return min(self.n_chans, self.first + self.n_rows)

    def fit(self, n_chans: int, room: int) -> None:
        """Take how many channels there are, and for how many rows there is room."""
        self.n_chans, self.room = n_chans, room
        self.scroll(0)

    def begin(self, n_chans: int) -> None:
        """Show another stream from its first channel on."""
        self.n_chans, self.first = n_chans, 0

    def suit(self, wanted_uv: float, near_uv: float) -> None:
        """Take the scales that fit a signal, as it is shown and near by, unless a person has chosen one."""
        if not self.chosen:
            self.scale_uv, self.near_uv = _fitting(wanted_uv), _fitting(near_uv)

    def zoom(self, steps: int) -> None:
        """Draw larger (positive) or smaller."""
        self.chosen = True
        self.scale_uv = self.near_uv = zoomed(self.scale_uv, steps)

    def crowd(self, steps: int) -> None:
        """Show more channels at once (positive) or fewer, which are then further apart."""
        now = self.n_rows
        if steps > 0:
            self._most = next((count for count in COUNTS if count > now), COUNTS[-1])
        else:
            self._most = next((count for count in reversed(COUNTS) if count < now), COUNTS[0])
        self.scroll(0)

    def scroll(self, steps: int) -> None:
        """Move by half a page to later (positive) or earlier channels."""
        last = max(0, self.n_chans - self.n_rows)
        self.first = min(max(self.first + steps * max(1, self.n_rows // 2), 0), last)


def zoomed(scale_uv: float, steps: int) -> float:
    """Return one of `SCALES_UV`, so many steps from another; positive draws larger."""
    return SCALES_UV[min(max(SCALES_UV.index(scale_uv) - steps, 0), len(SCALES_UV) - 1)]


def suiting(samples: Array) -> float:
    """Return the scale that fits some seconds of a signal, array of shape (n_times, n_chans), µV."""
    return _fitting(STEP_SDS * float(np.median(samples.std(axis=0))))


def _fitting(wanted_uv: float) -> float:
    return next((scale for scale in SCALES_UV if scale >= wanted_uv), SCALES_UV[-1])
