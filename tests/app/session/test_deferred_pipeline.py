from collections.abc import Callable

import numpy as np

from app.session.deferred_pipeline import DeferredPipeline
from core.data import Chunk, Event, Item, Notice
from tests.one_by_one import OneByOne


class Echo(OneByOne):
    def push(self, item: Item) -> list[Event]:
        return [Notice("", 0.0, "info", str(item.timestamps[0]))] if isinstance(item, Chunk) else []


def chunk(stamp: float) -> Chunk:
    return Chunk("a", np.array([stamp]), np.zeros((1, 2), np.float32))


def texts(events: object) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]  # type: ignore[attr-defined]


def late(times: list[str]) -> tuple[DeferredPipeline, Callable[[], None]]:
    """A pipeline that is not ready, and what makes it so."""
    ready: list[bool] = []

    def make() -> Echo:
        times.append("made")
        return Echo()

    return DeferredPipeline(make, lambda: bool(ready)), lambda: ready.append(True)


def test_what_comes_before_it_is_ready_is_pushed_then_in_its_order():
    made: list[str] = []
    pipeline, open_up = late(made)
    assert texts(pipeline.push_all([chunk(1.0)])) == texts(pipeline.push_all([chunk(2.0)])) == made == []
    open_up()
    assert texts(pipeline.push_all([chunk(3.0)])) == ["1.0", "2.0", "3.0"]
    assert texts(pipeline.push_all([chunk(4.0)])) == ["4.0"]
    assert made == ["made"]


def test_it_catches_up_without_another_item():
    pipeline, open_up = late([])
    assert texts(pipeline.catch_up()) == []
    assert texts(pipeline.push_all([chunk(1.0)])) == []
    open_up()
    assert texts(pipeline.catch_up()) == ["1.0"]
    assert texts(pipeline.catch_up()) == []


def test_when_too_many_wait_their_sender_does():
    made: list[str] = []
    pipeline, _ = late(made)
    n = 0
    while not made:
        said = texts(pipeline.push_all([chunk(float(n))]))
        n += 1
    assert said == [str(float(k)) for k in range(n)]
    assert 100 < n < 1000
