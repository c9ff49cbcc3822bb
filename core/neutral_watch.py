"""Whether a person's neutral face may hold no more: glasses put on, other light, another camera.

Whatever moves a face off its neutral one that is no expression is read as some class, and on 60 people nearly always as
one that none of their faces showed: `benchmarks/face_stress.py`. An expression goes by; glasses and light stay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from core.data import FaceObservation, Prediction

LONG_S = 20.0
"""Seconds that are looked back on. How long people look sad or afraid at a time was not measured."""
SHARE = 0.8
BURNT_MORE = 0.35
"""By how much more of a face may be burnt out than of its neutral face. Tuned on half of 60 people: up to here 8 % of
neutral faces are read as something else, as in usual light, from here on 22 to 39 %."""
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
        self._unlike = _Lasting()

    def push(self, said: Prediction) -> str:
        """Take the next prediction; return in words what is to be told, ``""`` if nothing.

        It is told once, and again only after the face was seen like its neutral face, or another one was shown.
        """
        if said.neutral != "own" or said.status != "ok" or said.weights[0] > 0 or not self._untested:
            return ""
        if not self._unlike.push(said.stop, said.label if said.label in self._untested else ""):
            return ""
        return (
            f"For {LONG_S:.0f} s the face has looked unlike its neutral face ({self._unlike.most()}). If glasses, "
            f"light or camera have changed since that was shown, {REMEDY}"
        )

    def forget(self) -> None:
        """Begin anew: another neutral face holds."""
        self._unlike = _Lasting()


class LightWatch:
    """Follows how far a face is burnt out by light beside what its neutral face was."""

    def __init__(self) -> None:
        self._burnt = _Lasting()

    def push(self, face: FaceObservation, neutral: float | None) -> str:
        """Take the next face; return in words what is to be told, ``""`` if nothing; once, as `NeutralWatch` does.

        Parameters
        ----------
        face : FaceObservation
        neutral : float, optional
            How much of the person's own neutral face was burnt out, 0 to 1; None where that is not known.
        """
        if face.problem or neutral is None:
            return ""
        if not self._burnt.push(face.time, "burnt out" if face.burnt > neutral + BURNT_MORE else ""):
            return ""
        return (
            f"For {LONG_S:.0f} s light has burnt out the picture of the face, as it had not when the neutral face was "
            f"shown: a face at rest may be read as an expression. Take light off it, or {REMEDY}"
        )

    def forget(self) -> None:
        """Begin anew: another neutral face holds."""
        self._burnt = _Lasting()


class _Lasting:
    """Whether something lasts: told once, and again only after it was mostly gone."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, str]] = deque()
        self._told = False

    def push(self, time: float, what: str) -> bool:
        """Take what there is at a time, s, ``""`` if nothing; return whether it has just come to last."""
        self._recent.append((time, what))
        while self._recent[0][0] < time - LONG_S:
            self._recent.popleft()
        share = sum(bool(there) for _, there in self._recent) / len(self._recent)
        if share < SHARE / 2:
            self._told = False
        if self._told or share < SHARE or time - self._recent[0][0] < 0.9 * LONG_S:
            return False
        self._told = True
        return True

    def most(self) -> str:
        """Return what there was most often."""
        there = [what for _, what in self._recent if what]
        return max(sorted(set(there)), key=there.count)
