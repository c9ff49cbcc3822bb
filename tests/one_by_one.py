"""A pipeline that stands in for the real one: a test says what follows from one item."""

from collections.abc import Sequence

from core.data import Event, Item
from core.face_submit import Submit


class OneByOne:
    """What makes events of items one after the other, and looks at no picture before it is pushed."""

    def push(self, item: Item) -> list[Event]:
        """Return what follows from an item."""
        raise NotImplementedError

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        """Do nothing."""

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        """Return what follows from each of some items."""
        return [self.push(item) for item in items]
