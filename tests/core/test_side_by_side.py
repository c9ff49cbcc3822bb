from typing import Any

import numpy as np

from core.data import Chunk, Event, Item, ModelChange, Notice, Prediction
from core.side_by_side import SideBySide
from tests.app.staged import prediction
from tests.one_by_one import OneByOne


class Says(OneByOne):
    def __init__(self, model: str) -> None:
        self.model = model

    def push(self, item: Item) -> list[Event]:
        return [Notice("", 1.0, "info", self.model), prediction(5.0, model=self.model)]


def test_the_first_says_all_and_the_second_predicts():
    first, second = Says("a"), Says("b")
    both: Any = SideBySide(first, second)  # type: ignore[arg-type]
    _, events = both.push_all([ModelChange(0.0, "b"), Chunk("eeg", np.zeros(1), np.zeros((1, 1)))])
    assert [e.text for e in events if isinstance(e, Notice)] == ["a"]
    assert [e.model for e in events if isinstance(e, Prediction)] == ["a", "b"]
