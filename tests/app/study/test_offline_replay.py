"""How a recording's items are put together where nobody waits for them."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from app.study.offline_replay import _blocks, _both_cores
from core.data import Chunk, Event, FaceObservation, Item, Notice
from core.errors import FileFormatError


def chunk(time: float, n_bytes: int = 8) -> Chunk:
    return Chunk("eeg", np.array([time]), np.zeros((1, n_bytes), np.uint8))


def sizes(items: Sequence[Item], together: bool = True) -> list[int]:
    return [len(block) for block in _blocks(items, together)]


def test_a_block_is_some_seconds_long():
    assert sizes([chunk(k / 4) for k in range(80)]) == [33, 32, 15]
    assert sizes([chunk(k / 4) for k in range(5)], together=False) == [1] * 5


def test_a_signal_is_parted_where_a_block_is_full():
    samples = np.arange(2500.0)
    pieces = [
        Chunk("eeg", samples[k : k + 300] / 100, samples[k : k + 300, None], clock_offset=5.0)
        for k in range(0, 2500, 300)
    ]
    blocks = list(_blocks(pieces, True))
    given = [[item for item in block if isinstance(item, Chunk)] for block in blocks]
    assert [block[-1].timestamps[-1] for block in given] == [8.0, 16.0, 24.0, 24.99]
    chunks = [item for block in given for item in block]
    np.testing.assert_array_equal(np.concatenate([item.data[:, 0] for item in chunks]), samples)
    np.testing.assert_array_equal(np.concatenate([item.times for item in chunks]), samples / 100 + 5.0)


def test_a_block_of_pictures_is_shorter():
    assert sizes([chunk(k / 30, 2**24) for k in range(5)]) == [2, 2, 1]


def test_what_says_no_time_or_jumps_ends_no_block_too_late():
    notice = Notice("eeg", float("nan"), "info", "said")
    assert sizes([notice, chunk(0.0), notice, chunk(float("nan")), chunk(0.1), chunk(-50.0), chunk(9.0)]) == [6, 1]


def test_what_comes_before_an_error_is_given_before_it():
    def broken() -> Iterator[Item]:
        yield chunk(0.0)
        raise FileFormatError("damaged")

    blocks = _blocks(broken(), True)
    assert len(next(blocks)) == 1
    with pytest.raises(FileFormatError, match="damaged"):
        next(blocks)


class Looks:
    """Has one face of each block read, and says on which threads what was done, and in which order."""

    def __init__(self) -> None:
        self.threads: list[tuple[str, str]] = []
        self.order: list[tuple[str, float]] = []
        self._seen: deque[Callable[[], FaceObservation]] = deque()

    def look_at(self, items: Sequence[Item], submit: Any) -> None:
        time = float(items[0].times[0])  # type: ignore[union-attr]
        self.order.append(("look", time))

        def read(network: str) -> FaceObservation:
            self.threads.append((network, threading.current_thread().name.split("_")[0]))
            return FaceObservation("P", time)

        submit("mesh", lambda: read("mesh"))
        self._seen.append(submit("expression", lambda: read("expression")))

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        if not items:
            return []
        self.order.append(("push", float(items[0].times[0])))  # type: ignore[union-attr]
        return [[self._seen.popleft()()], *([] for _ in items[1:])]


def test_pictures_are_decoded_and_read_beside_and_all_comes_in_order():
    decoding = set()

    def decoded() -> Iterator[Item]:
        for k in range(80):
            decoding.add(threading.current_thread().name.split("_")[0])
            yield chunk(k / 4)

    pipeline = Looks()
    given = list(_both_cores(_blocks(decoded(), True), pipeline))
    assert [float(item.times[0]) for item, _ in given if isinstance(item, Chunk)] == [k / 4 for k in range(80)]
    assert [event.time for _, events in given for event in events if isinstance(event, FaceObservation)] == [
        0.0,
        8.25,
        16.25,
    ]
    assert decoding == {"pictures"}
    assert sorted(pipeline.threads) == [("expression", "expression")] * 3 + [("mesh", "mesh")] * 3
    # The next block is looked at while what the last one shows is read.
    looks, pushes = [("look", k) for k in (0.0, 8.25, 16.25)], [("push", k) for k in (0.0, 8.25, 16.25)]
    assert pipeline.order == [looks[0], looks[1], pushes[0], looks[2], pushes[1], pushes[2]]


def test_what_was_looked_at_before_an_error_is_given_before_it():
    def broken() -> Iterator[Item]:
        for k in range(40):
            yield chunk(k / 4)
        raise FileFormatError("damaged")

    given: list[tuple[Item, list[Event]]] = []
    with pytest.raises(FileFormatError, match="damaged"):
        given.extend(_both_cores(_blocks(broken(), True), Looks()))
    assert [float(item.times[0]) for item, _ in given] == [k / 4 for k in range(40)]  # type: ignore[union-attr]


def test_who_stops_listening_leaves_no_thread_behind():
    before = threading.active_count()
    made = _both_cores(_blocks((chunk(k / 4) for k in range(400)), True), Looks())
    next(made)
    assert threading.active_count() > before
    made.close()
    assert threading.active_count() == before
