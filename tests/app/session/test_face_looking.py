"""What comes of frames that are looked at on a thread of their own."""

import queue
import threading
from typing import Any

import numpy as np

from app.session.face_looking import FaceLooking
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


def looking(looker: Slow) -> tuple[FaceLooking, "queue.Queue[Any]", list[Exception]]:
    given: queue.Queue[Any] = queue.Queue()
    failed: list[Exception] = []
    made = FaceLooking({"cam": looker}, {"cam": CAMERA}, FaceConfig(), given.put, failed.append)
    made.start()
    return made, given, failed


def frame(time: float) -> Chunk:
    return Chunk("cam", np.array([time]), np.ones((1, 4, 4, 3), np.uint8))


def test_a_frame_of_each_cell_is_looked_at_in_order():
    looker = Slow()
    made, given, _ = looking(looker)
    for k in range(30):
        made.take(frame(10 + k / 24), hurried=False)
        looker.go.release()
        if k % 3 == 0:
            assert given.get(timeout=WAIT).time == 10 + k / 24
    made.stop()


def test_what_waits_too_long_is_passed_over_and_said_so_in_its_place():
    looker = Slow()
    made, given, _ = looking(looker)
    for k in range(12):
        made.take(frame(10 + k / 8), hurried=False)
    made.mark("end")
    for _ in range(12):
        looker.go.release()
    seen = [given.get(timeout=WAIT) for _ in range(13)]
    made.stop()
    assert seen.pop() == "end"
    assert [face.time for face in seen] == [10 + k / 8 for k in range(12)]
    passed = [face.problem == "not looked at" for face in seen]
    assert passed[:4] == [False] * 4
    assert passed[5:] == [True] * 7  # one may have been begun before the fifth came


def test_hurried_it_looks_at_fewer():
    looker = Slow()
    made, given, _ = looking(looker)
    for k in range(6):
        made.take(frame(10 + k / 8), hurried=True)
    for _ in range(6):
        looker.go.release()
    seen = [given.get(timeout=WAIT) for _ in range(6)]
    made.stop()
    assert 1 <= sum(not face.problem for face in seen) <= 2


def test_a_failure_is_told_once_and_every_frame_still_has_an_answer():
    looker = Slow(fails=True)
    made, given, failed = looking(looker)
    looker.go.release()
    for k in range(3):
        made.take(frame(10 + k / 8), hurried=False)
    seen = [given.get(timeout=WAIT) for _ in range(3)]
    made.stop()
    assert [face.problem for face in seen] == ["not looked at"] * 3
    assert [str(error) for error in failed] == ["planted"]
