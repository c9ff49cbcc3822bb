"""When predictions are behind, what is passed over so that the next ones are of now: decided in the order of items."""

from __future__ import annotations

LATE_S = 0.5
"""So far behind, windows are passed over."""
_HURRIED_S = 0.25
"""So far behind, fewer faces are looked at."""
_THERE_S = 0.1
"""No further behind than this, everything that was before has been predicted."""
_EASE = 0.5
"""Share of a window's step that predicting it may take where none is passed over."""


class Pacing:
    """Decides how many windows may be predicted from an item on.

    All, until predictions are late. Then none, until all that came before is worked on, and from there on one at a
    time, each when the one before is done: so steps grow as wide as the computer needs, and a prediction is as old as
    it took, and no older. All again once a prediction takes no more than half a step.

    Parameters
    ----------
    step : float
        Seconds from one window to the next.
    """

    def __init__(self, step: float) -> None:
        self._step = step
        self._slow = False
        self._waiting_for = 0
        """Predictions after which the next window may be predicted."""

    def hurried(self, behind: float) -> bool:
        """Return whether fewer faces are to be looked at."""
        return self._slow or behind > _HURRIED_S

    def windows(self, behind: float, n_predicted: int, took: float) -> int | None:
        """Return how many windows may be predicted from here on, -1 for all; None for as it is.

        Parameters
        ----------
        behind : float
            Seconds by which predictions are behind.
        n_predicted : int
            Predictions that were made.
        took : float
            Seconds that the last one took.
        """
        if not self._slow:
            if behind <= LATE_S:
                return None
            self._slow, self._waiting_for = True, 0
            return 0
        if behind > _THERE_S or n_predicted < self._waiting_for:
            return None
        if took <= _EASE * self._step:
            self._slow = False
            return -1
        self._waiting_for = n_predicted + 1
        return 1
