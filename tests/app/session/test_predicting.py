import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from app.session.deferred_pipeline import DeferredPipeline
from app.session.predicting import Predicting
from core.data import Chunk, Event, Item, Label, Notice
from core.face_submit import Submit, at_once

WAIT = 20.0
LABEL = Label("u", "", "P001", 0.0, 2.0, 3.0, answer="skip")


def chunk(stamp: float) -> Chunk:
    return Chunk("a", np.array([stamp]), np.zeros((1, 2), np.float32))


class Sees:
    """A pipeline that writes down what it looks at and what is pushed; at the first it waits until it may go on."""

    def __init__(self, log: list[Any], fails_at: float = -1.0, pushes: bool = True) -> None:
        self._log = log
        self._fails_at = fails_at
        self._pushes = pushes
        self.begun, self.go, self.pushed = threading.Event(), threading.Event(), threading.Event()

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        assert submit is at_once
        self._log.append(("look", *map(_name, items)))
        self.begun.set()
        assert self.go.wait(WAIT)
        if any(_name(item) == self._fails_at for item in items):
            raise ValueError("planted")

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        if not self._pushes:
            raise ValueError("planted")
        self._log.append(("push", *map(_name, items)))
        self.pushed.set()
        return [[Notice("", 0.0, "info", str(_name(item)))] for item in items]


def _name(item: Any) -> object:
    return float(item.timestamps[0]) if isinstance(item, Chunk) else type(item).__name__


def predicting(
    make: Callable[[], Sees], room: int = 64, skipping: threading.Event | None = None, ready: bool = True
) -> tuple[Predicting, list[str], list[Exception]]:
    """What pushes into a pipeline, what it hands on, and what ended it."""
    said: list[str] = []
    failed: list[Exception] = []

    def new() -> DeferredPipeline:
        return DeferredPipeline(make, lambda: ready, at_once if room else None)

    def notify(event: Event) -> None:
        assert isinstance(event, Notice)
        said.append(event.text)

    def publish(event: Event) -> None:
        said.append(f"published {_name(event)}")

    one = Predicting(new, notify, publish, failed.append, lambda: 0.0, skipping or threading.Event(), room)
    return one, said, failed


def test_items_that_wait_are_looked_at_before_those_before_them_are_pushed():
    log: list[Any] = []
    sees = Sees(log)
    one, said, failed = predicting(lambda: sees)
    one.start()
    one.put(chunk(1.0))
    assert sees.begun.wait(WAIT)
    for item in (chunk(2.0), LABEL, chunk(3.0)):
        one.put(item)
    sees.go.set()
    one.stop()
    assert log == [
        ("look", 1.0), ("look", 2.0, "Label", 3.0), ("push", 1.0), ("push", 2.0, "Label", 3.0),
    ]  # fmt: skip
    assert said == ["published Label", "1.0", "2.0", "Label", "3.0"]
    assert not failed
    assert one.behind == 0.0


def test_what_nothing_waits_behind_is_pushed_at_once():
    sees = Sees([])
    sees.go.set()
    one, _, _ = predicting(lambda: sees)
    one.start()
    one.put(chunk(1.0))
    assert sees.pushed.wait(WAIT)
    one.stop()


def test_while_data_are_let_go_nothing_is_pushed_that_was_looked_at_before():
    log: list[Any] = []
    sees, skipping = Sees(log), threading.Event()
    one, said, _ = predicting(lambda: sees, skipping=skipping)
    one.start()
    one.put(chunk(1.0))
    assert sees.begun.wait(WAIT)
    skipping.set()
    one.put(chunk(2.0))
    one.put(LABEL)
    sees.go.set()
    one.stop()
    assert log == [("look", 1.0), ("look", "Label")]
    assert said == ["published Label"]


def test_what_was_looked_at_is_pushed_before_the_stop_and_before_anything_is_done_at_the_end():
    for ends in (False, True):
        log: list[Any] = []
        sees = Sees(log)
        one, _, _ = predicting(lambda sees=sees: sees)  # type: ignore[misc]
        one.start()
        one.put(chunk(1.0))
        assert sees.begun.wait(WAIT)
        one.put(chunk(2.0))
        if ends:
            one.catch_up(lambda log=log: log.append("end"))  # type: ignore[misc]
        sees.go.set()
        one.stop()
        assert log == [("look", 1.0), ("look", 2.0), ("push", 1.0), ("push", 2.0)] + ["end"] * ends


def test_what_was_looked_at_before_a_recording_goes_elsewhere_is_let_go():
    log: list[Any] = []
    made: list[Sees] = []

    def make() -> Sees:
        made.append(Sees(log))
        return made[-1]

    skipping = threading.Event()
    one, said, _ = predicting(make, skipping=skipping)
    one.start()
    one.put(chunk(1.0))
    assert made[0].begun.wait(WAIT)
    one.put(chunk(2.0))
    skipping.set()
    threading.Timer(0.05, made[0].go.set).start()
    one.begin_anew(50.0)
    made[1].go.set()
    skipping.clear()
    one.put(chunk(50.0))
    one.stop()
    assert log == [("look", 1.0), ("look", 50.0), ("push", 50.0)]
    assert said == ["50.0"]


def test_what_was_looked_at_before_an_error_is_still_pushed():
    log: list[Any] = []
    sees = Sees(log, fails_at=2.0)
    one, said, failed = predicting(lambda: sees)
    one.start()
    one.put(chunk(1.0))
    assert sees.begun.wait(WAIT)
    one.put(chunk(2.0))
    one.put(LABEL)
    sees.go.set()
    one.stop()
    assert [str(error) for error in failed] == ["planted"]
    assert said == ["published Label", "1.0"]


def test_where_the_last_that_was_looked_at_cannot_be_pushed_the_end_is_told_and_the_stop_returns():
    for ends in (False, True):
        log: list[Any] = []
        sees = Sees(log, pushes=False)
        one, _, failed = predicting(lambda sees=sees: sees)  # type: ignore[misc]
        one.start()
        one.put(chunk(1.0))
        assert sees.begun.wait(WAIT)
        if ends:
            one.catch_up(lambda log=log, failed=failed: log.append(("end", len(failed))))  # type: ignore[misc]
        # What waits behind a look holds what was looked at back: the stop is put while it is looked.
        stopping = threading.Thread(target=one.stop, daemon=True)  # noqa: TID251
        threading.Timer(0.3, sees.go.set).start()
        stopping.start()
        stopping.join(WAIT)
        assert not stopping.is_alive()
        assert [str(error) for error in failed] == ["planted"]
        assert log == [("look", 1.0)] + [("end", 1)] * ends


@pytest.mark.parametrize("room", [0, 64])
def test_where_no_pipeline_can_be_made_anew_nobody_waits_for_it(room: int):
    made: list[Sees] = []

    def make() -> Sees:
        if made:
            raise ValueError("planted")
        made.append(Sees([]))
        return made[-1]

    one, said, failed = predicting(make, room)
    one.start()
    beginning = threading.Thread(target=one.begin_anew, args=(50.0,), daemon=True)  # noqa: TID251
    beginning.start()
    beginning.join(WAIT)
    assert not beginning.is_alive()
    one.put(LABEL)
    one.stop()
    assert [str(error) for error in failed] == ["planted"]
    assert said == ["published Label"]


@pytest.mark.parametrize("room", [0, 64])
def test_a_live_session_pushes_one_by_one_and_one_whose_model_is_not_there_yet_is_not_looked_at(room: int):
    log: list[Any] = []
    sees = Sees(log)
    one, _, _ = predicting(lambda: sees, room, ready=not room)
    for k in range(3):
        one.put(chunk(float(k)))
    one.start()
    if room:
        one.catch_up()
    one.stop()
    assert log == ([("push", 0.0, 1.0, 2.0)] if room else [("push", 0.0), ("push", 1.0), ("push", 2.0)])
    assert not any(isinstance(item, Label) for item in log)
