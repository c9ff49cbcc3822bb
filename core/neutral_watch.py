"""Whether a person's neutral face may hold no more: glasses put on, other light, another camera.

Whatever moves a face off its neutral one that is no expression is read as some class, and on 60 people nearly always as
one that none of their faces showed: `benchmarks/face_stress.py`. An expression goes by; glasses stay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from core.data import Prediction

LONG_S = 20.0
"""Seconds of predictions that are looked back on. How long people look sad or afraid at a time was not measured."""
SHARE = 0.8
REMEDY = "show it anew."
"""How what is told ends; a window adds by which key."""


class NeutralWatch:
    """Follows the predictions of one person's face; what it says hangs on these alone.

    Parameters
    ----------
    untested : collection of str
        The classes that no real face has tested.
    """

    def __init__(self, untested: Collection[str]) -> None:
        self._untested = frozenset(untested)
        self._recent: deque[tuple[float, str]] = deque()
        self._told = False

    def push(self, said: Prediction) -> str:
        """Take the next prediction; return in words what is to be told, ``""`` if nothing.

        It is told once, and again only after the face was seen like its neutral face, or another one was shown.
        """
        if said.neutral != "own" or said.status != "ok" or said.weights[0] > 0 or not self._untested:
            return ""
        self._recent.append((said.stop, said.label))
        while self._recent[0][0] < said.stop - LONG_S:
            self._recent.popleft()
        unlike = [label for _, label in self._recent if label in self._untested]
        share = len(unlike) / len(self._recent)
        if share < SHARE / 2:
            self._told = False
        if self._told or share < SHARE or said.stop - self._recent[0][0] < 0.9 * LONG_S:
            return ""
        self._told = True
        most = max(sorted(set(unlike)), key=unlike.count)
        return (
            f"For {LONG_S:.0f} s the face has looked unlike its neutral face ({most}). If glasses, light or camera "
            f"have changed since that was shown, {REMEDY}"
        )

    def forget(self) -> None:
        """Begin anew: another neutral face holds."""
        self._recent.clear()
        self._told = False
