"""From where to where ratings run, and how they come to lie between -1 and 1."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from core.errors import TableError

_WRITTEN = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:to|-|–|:|\.\.)\s*(-?\d+(?:\.\d+)?)")
_ROUNDED = 1e-6
"""By so much of the scale a rating may reach over its ends: numbers are rounded when they are written."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale from `low` to `high`, such as the self-assessment manikin's 1 to 9."""

    low: float
    high: float

    @classmethod
    def read(cls, where: str, text: str) -> Scale:
        """Return the scale that a cell names, such as ``1 to 9``; that from -1 to 1 for an empty one.

        Raises
        ------
        TableError
            It is no scale.
        """
        if not text:
            return UNIT
        found = _WRITTEN.fullmatch(text)
        if found is None or not float(found[1]) < float(found[2]):
            raise TableError(f"{where}: scale is {text[:40]!r}. Write from where to where the ratings run: 1 to 9.")
        return cls(float(found[1]), float(found[2]))

    def mapped(self, where: str, name: str, value: float) -> float:
        """Return a rating between -1 and 1; NaN stays.

        Raises
        ------
        TableError
            It lies outside of the scale.
        """
        if math.isnan(value):
            return value
        slack = _ROUNDED * (self.high - self.low)
        if not self.low - slack <= value <= self.high + slack:
            told = "" if self != UNIT else " If another scale was used, name it in a column `scale`, such as 1 to 9."
            raise TableError(f"{where}: {name} is {value:g}, but runs from {self.low:g} to {self.high:g}.{told}")
        return min(max(self.unchecked(value), -1.0), 1.0)

    def unchecked(self, value: float) -> float:
        """Return where a point of the scale lies between -1 and 1."""
        return 2.0 * (value - self.low) / (self.high - self.low) - 1.0


UNIT = Scale(-1.0, 1.0)
