"""What comes of frames that are looked at on a thread of their own."""

import math
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from app.session.face_looking import _TOLD_S, FaceLooking
from core.config import FaceConfig
from core.data import Array, Chunk, FaceObservation, StreamInfo

WAIT = 120.0
CAMERA = StreamInfo("cam", "video", "P001", "cam")


class Slow:
    """Looks at a frame once the test says so."""

    def __init__(self, fails: bool = False) -> None:
        self.go = threading.Semaphore(0)
        self._fails = fails

    def look(self, frame: Array, time: float) -> FaceObservation:
        if not frame.size:
            return FaceObservation("P001", time, "not looked at")
        assert self.go.acquire(timeout=WAIT)
        if self._fails:
            raise ValueError("planted")
        return FaceObservation("P001", time, quality=1.0)


class Clock:
    """Stands until it is moved, and says when it has been asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = threading.Semaphore(0)

    def __call__(self) -> float:
        self.asked.release()
        return self.now


class Made(NamedTuple):
    """What looks, what it gave and what it told."""

    looking: FaceLooking
    given: "queue.Queue[Any]"
    failed: list[Exception]
    clock: Clock


Start = Callable[[Slow], Made]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return what starts looking; it ends with the test, also with one that fails while a look waits."""
    started: list[tuple[Slow, Made]] = []

    def begin(looker: Slow) -> Made:
        given: queue.Queue[Any] = queue.Queue()
        failed: list[Exception] = []
        clock = Clock()
        looking = FaceLooking({"cam": looker}, {"cam": CAMERA}, FaceConfig(), given.put, failed.append, 0.25, clock)
        started.append((looker, Made(looking, given, failed, clock)))
        looking.start()
        return started[-1][1]

    yield begin
    for looker, made in started:
        made.clock.now = math.inf
        looker.go.release(100)
        made.looking.stop()


def frame(time: float) -> Chunk:
    return Chunk("cam", np.array([time]), np.ones((1, 4, 4, 3), np.uint8))


def test_a_frame_of_each_cell_is_looked_at_in_order(start: Start):
    looker = Slow()
    made, given, _, _ = start(looker)
    for k in range(30):
        made.take(frame(10 + k / 24), hurried=False)
        looker.go.release()
        if k % 3 == 0:
            assert given.get(timeout=WAIT).time == 10 + k / 24


def test_what_waits_too_long_is_passed_over_and_said_so_in_its_place(start: Start):
    looker = Slow()
    made, given, _, _ = start(looker)
    for k in range(12):
        made.take(frame(10 + k / 8), hurried=False)
    made.mark("end")
    for _ in range(12):
        looker.go.release()
    seen = [given.get(timeout=WAIT) for _ in range(13)]
    assert seen.pop() == "end"
    assert [face.time for face in seen] == [10 + k / 8 for k in range(12)]
    passed = [face.problem == "not looked at" for face in seen]
    assert passed[:4] == [False] * 4
    assert passed[5:] == [True] * 7  # one may have been begun before the fifth came


def test_hurried_it_looks_at_fewer(start: Start):
    looker = Slow()
    made, given, _, _ = start(looker)
    for k in range(6):
        made.take(frame(10 + k / 8), hurried=True)
    for _ in range(6):
        looker.go.release()
    seen = [given.get(timeout=WAIT) for _ in range(6)]
    assert 1 <= sum(not face.problem for face in seen) <= 2


def test_a_failure_is_told_once_and_every_frame_still_has_an_answer(start: Start):
    looker = Slow(fails=True)
    made, given, failed, _ = start(looker)
    looker.go.release()
    for k in range(3):
        made.take(frame(10 + k / 8), hurried=False)
    seen = [given.get(timeout=WAIT) for _ in range(3)]
    assert [face.problem for face in seen] == ["not looked at"] * 3
    assert [str(error) for error in failed] == ["planted"]


def giving_way(start: Start, time: float) -> tuple[FaceLooking, "queue.Queue[Any]", Clock]:
    """Return one that waits with a frame taken at `time`, since the window at 10 s is still to be predicted."""
    looker = Slow()
    made, given, _, clock = start(looker)
    clock.now = time
    looker.go.release(3)
    made.predicted("P001", 9.75)
    made.take(frame(time), hurried=False)
    assert clock.asked.acquire(timeout=WAIT)
    assert given.empty()
    return made, given, clock


def test_a_look_gives_way_until_the_window_before_its_frame_is_predicted(start: Start):
    made, given, _ = giving_way(start, 10.02)
    made.predicted("P002", 10.0)
    made.predicted("P001", 10.0)
    assert given.get(timeout=WAIT).time == 10.02


def test_who_is_told_of_a_prediction_has_a_moment_before_a_look_begins(start: Start):
    class News(threading.Event):
        waits: "queue.Queue[float | None]" = queue.Queue()

        def wait(self, timeout: float | None = None) -> bool:
            self.waits.put(timeout)
            return super().wait(timeout)

    looker = Slow()
    made, given, _, clock = start(looker)
    made._news = News()
    clock.now = 10.02
    looker.go.release()
    made.predicted("P001", 9.75)
    made.take(frame(10.02), hurried=False)
    assert clock.asked.acquire(timeout=WAIT)
    made.predicted("P001", 10.0)
    assert given.get(timeout=WAIT).time == 10.02
    waits = list(News.waits.queue)
    assert waits.pop() == _TOLD_S
    assert waits == [pytest.approx(0.06)] * len(waits)


def test_another_frame_or_the_end_is_a_reason_to_give_way_no_longer(start: Start):
    made, given, clock = giving_way(start, 10.02)
    made.take(frame(10.13), hurried=False)
    assert given.get(timeout=WAIT).time == 10.02
    assert clock.asked.acquire(timeout=WAIT)
    made.mark("end")
    assert [given.get(timeout=WAIT).time, given.get(timeout=WAIT)] == [10.13, "end"]


def test_a_look_gives_way_until_60_ms_after_its_frame_at_most(start: Start):
    made, given, clock = giving_way(start, 10.02)
    clock.now = 10.081
    made.predicted("P002", 10.0)  # wakes it, as the time that is up would
    assert given.get(timeout=WAIT).time == 10.02


def test_a_look_gives_way_only_where_windows_are_predicted_one_after_the_other(start: Start):
    looker = Slow()
    made, given, _, clock = start(looker)
    looker.go.release(4)
    made.take(frame(10.02), hurried=False)  # nothing has been predicted yet
    made.predicted("P001", 10.0)
    made.take(frame(10.13), hurried=False)  # the one before it has been
    made.take(frame(10.77), hurried=False)  # two are missing
    assert [given.get(timeout=WAIT).time for _ in range(3)] == [10.02, 10.13, 10.77]
    made.predicted("P001", 10.75)
    made.take(frame(11.02), hurried=True)
    assert given.get(timeout=WAIT).time == 11.02
    assert not clock.asked.acquire(blocking=False)
