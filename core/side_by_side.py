"""Two models on the same data."""

from __future__ import annotations

from collections.abc import Sequence

from core.data import Event, Item, ModelChange, Prediction
from core.face_submit import Submit
from core.pipeline import Pipeline


class SideBySide:
    """A pipeline, and the predictions of a second one beside what it says.

    Parameters
    ----------
    first, second : Pipeline
        Each with its own state; they share nothing but the data.
    """

    def __init__(self, first: Pipeline, second: Pipeline) -> None:
        self._first = first
        self._second = second

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Look at the pictures among items that are pushed later; see `Pipeline.look_at`."""
        for one in (self._first, self._second):
            one.look_at(items, submit)

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        """Return what follows from each of some items: all that the first says, and the second's predictions.

        Each stays the model that it is, whichever read when the session was recorded.
        """
        data = [item for item in items if not isinstance(item, ModelChange)]
        said = iter(zip(self._first.push_all(data), self._second.push_all(data), strict=True))
        return [[] if isinstance(item, ModelChange) else _beside(*next(said)) for item in items]


def _beside(first: list[Event], second: list[Event]) -> list[Event]:
    return [*first, *(event for event in second if isinstance(event, Prediction))]
