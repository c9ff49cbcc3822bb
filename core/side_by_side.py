"""Two models on the same data."""

from __future__ import annotations

from core.data import Event, Item, ModelChange, Prediction
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

    def push(self, item: Item) -> list[Event]:
        """Return what follows from an item: all that the first says, and the second's predictions.

        Each stays the model that it is, whichever read when the session was recorded.
        """
        if isinstance(item, ModelChange):
            return []
        said = self._first.push(item)
        return [*said, *(event for event in self._second.push(item) if isinstance(event, Prediction))]
