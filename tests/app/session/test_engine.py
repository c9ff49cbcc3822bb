import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
import pytest

from app.session.engine import Ended, Engine
from app.session.session_state import SessionState
from core.config import Config
from core.data import (
    Array,
    Chunk,
    Event,
    FaceObservation,
    Fault,
    Item,
    Label,
    LabelRefused,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    StreamInfo,
)
from core.errors import EndOfStream, SessionCancelled, SourceError
from core.face_reading import reading_of
from tests.app.staged import prediction
from tests.one_by_one import OneByOne

WAIT = 120.0
_WAY = ("keep Chunk", "push Chunk", "follow Notice")


class Given:
    """A source that gives these items and ends, or waits for the test to say so."""

    def __init__(self, key: str, items: Sequence[Item], error: Exception | None = None, ends: bool = True) -> None:
        self.infos = (StreamInfo(key, "eeg", "P001", key, sfreq=4.0),)
        self._items = list(items)
        self._error = error
        self._ends = ends
        self._idle = threading.Event()

    def __enter__(self) -> Self:
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def read(self, timeout: float) -> Item | None:
        if self._items:
            return self._items.pop(0)
        if self._ends:
            raise EndOfStream
        self._idle.wait(timeout)
        return None


class Echo(OneByOne):
    """A pipeline whose only event of a chunk is a notice with the chunk's first stamp."""

    def __init__(self, log: list[str], fails: bool = False) -> None:
        self._log = log
        self._fails = fails

    def push(self, item: Item) -> list[Event]:
        self._log.append(f"push {type(item).__name__}")
        if self._fails:
            raise ValueError("planted")
        return [Notice("", 0.0, "info", str(item.timestamps[0]))] if isinstance(item, Chunk) else []


class Shelf:
    """A keeper that writes down what it is given."""

    def __init__(self, log: list[str]) -> None:
        self._log = log
        self._notify: Callable[[Any], None] = lambda _: None
        self.stopped = False

    def start(self, infos: Sequence[StreamInfo], notify: Callable[[Any], None]) -> None:
        self._notify = notify
        self._log.append(f"start {len(infos)}")

    def put(self, thing: Any) -> None:
        self._log.append(f"keep {type(thing).__name__}")
        if isinstance(thing, Label):
            self._notify(thing)

    def follow(self, event: Any) -> None:
        self._log.append(f"follow {type(event).__name__}")

    def stop(self) -> None:
        self.stopped = True


def chunk(key: str, stamp: float) -> Chunk:
    return Chunk(key, np.array([stamp]), np.zeros((1, 2), np.float32))


def engine(sources: Sequence[Given], log: list[str], keeper: Shelf | None = None, **options: Any) -> Engine:
    fails = options.pop("fails", False)
    return Engine(sources, lambda _: Echo(log, fails), Config(), lambda: 0.0, keeper, **options)  # type: ignore[arg-type]


def until(box: "queue.Queue[Any]", kind: type) -> list[Any]:
    """Messages up to and with the first of a kind."""
    seen: list[Any] = []
    while not seen or not isinstance(seen[-1], kind):
        seen.append(box.get(timeout=WAIT))
    return seen


def test_everything_is_kept_before_it_is_predicted_on():
    log: list[str] = []
    shelf = Shelf(log)
    with engine([Given("a", [chunk("a", 1.0), chunk("a", 2.0)])], log, shelf) as running:
        seen = until(running.outbox, Ended)
    assert log[0] == "start 1"
    kept, pushed, followed = ([k for k, said in enumerate(log) if said == what] for what in _WAY)
    assert len(kept) == len(pushed) == len(followed) == 2
    assert all(a < b < c for a, b, c in zip(kept, pushed, followed, strict=True))
    assert [m.text for m in seen if isinstance(m, Notice)] == ["1.0", "2.0"]
    assert shelf.stopped


def test_a_label_goes_through_the_inbox_and_is_shown_once_it_is_kept():
    log: list[str] = []
    label = Label("u", "s", "P001", 0.0, 1.0, 2.0)
    with engine([Given("a", [], ends=False)], log, Shelf(log)) as running:
        running.put(label)
        seen = until(running.outbox, Label)
    assert seen[-1] is label
    assert log == ["start 1", "keep Label", "push Label"]


def test_without_a_recording_a_label_is_refused_in_words():
    log: list[str] = []
    with engine([Given("a", [], ends=False)], log) as running:
        running.put(Label("u", "s", "P001", 0.0, 1.0, 2.0))
        assert "not kept" in until(running.outbox, LabelRefused)[-1].text
    assert log == []


def test_one_source_that_cannot_be_opened_is_told_and_the_session_goes_on():
    log: list[str] = []
    sources = [Given("a", [], SourceError("camera 0 is not there")), Given("b", [chunk("b", 1.0)])]
    with engine(sources, log) as running:
        seen = until(running.outbox, Ended)
    assert any(isinstance(m, Notice) and "camera 0" in m.text for m in seen)
    assert "push Chunk" in log


def test_a_source_that_joins_tells_of_its_stream_before_its_first_samples():
    log: list[str] = []
    with engine([Given("a", [], ends=False)], log, Shelf(log)) as running:
        running.take_in(Given("b", [chunk("b", 1.0)], ends=False))
        seen = until(running.outbox, Chunk)
    assert [said for said in log if said.startswith("keep")] == ["keep StreamInfo", "keep Chunk"]
    assert [said for said in log if said.startswith("push")] == ["push StreamInfo", "push Chunk"]
    assert log.index("keep StreamInfo") < log.index("push StreamInfo")
    assert [m.key for m in seen if isinstance(m, StreamInfo)] == ["a", "b"]
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_one_joins_when_the_pipeline_has_failed_too():
    log: list[str] = []
    with engine([Given("a", [chunk("a", 1.0)], ends=False)], log, Shelf(log), fails=True) as running:
        until(running.outbox, Fault)
        running.take_in(Given("b", [chunk("b", 1.0)], ends=False))
        end = time.monotonic() + WAIT
        while log.count("keep Chunk") < 2 and time.monotonic() < end:
            threading.Event().wait(0.01)
    assert log[-2:] == ["keep StreamInfo", "keep Chunk"]


def test_what_must_be_done_first_is_done_while_sources_are_opened():
    opened = threading.Event()

    class Slow(Given):
        def __enter__(self) -> Self:
            opened.set()
            return self

    def prepare() -> None:
        assert opened.wait(WAIT)
        raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"), engine([Slow("a", [])], [], Shelf([]), prepare=prepare):
        pass
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("reader")]


def test_one_that_joins_and_cannot_be_opened_is_told_and_the_session_goes_on():
    log: list[str] = []
    with engine([Given("a", [], ends=False)], log) as running:
        running.take_in(Given("b", [], SourceError("Keys cannot be reached")))
        assert until(running.outbox, Fault)[-1].text == "Keys cannot be reached"
        running.put(Label("u", "s", "P001", 0.0, 1.0, 2.0))
        assert "not kept" in until(running.outbox, LabelRefused)[-1].text


def test_a_source_at_its_end_is_told_and_kept_while_others_go_on():
    log: list[str] = []
    with engine([Given("film.mkv", []), Given("b", [], ends=False)], log, Shelf(log)) as running:
        told = until(running.outbox, Notice)[-1]
    assert (told.stream, told.kind, told.text) == (
        "film.mkv", "info", "film.mkv is at its end; the session goes on without it.",
    )  # fmt: skip
    assert "keep Notice" in log


def test_when_a_face_was_at_rest_is_no_word_of_what_was_read_of_it():
    asked = NeutralFace("P001", 1.0, 11.0)
    log: list[str] = []
    with engine([Given("a", [], ends=False)], log, Shelf(log)) as running:
        running.put(asked)
        running.put(Label("u", "s", "P001", 0.0, 1.0, 2.0))
        seen = until(running.outbox, Label)
    assert {"keep NeutralFace", "push NeutralFace"} <= set(log)
    assert asked not in seen


def test_when_no_source_can_be_opened_the_error_is_raised():
    with pytest.raises(SourceError, match="not there"), engine([Given("a", [], SourceError("not there"))], []):
        pass


def test_a_session_that_nobody_wants_any_more_is_given_up_before_anything_is_kept():
    log: list[str] = []
    unwanted = engine([Given("a", [], ends=False)], log, Shelf(log), is_wanted=lambda: False)
    with pytest.raises(SessionCancelled), unwanted:
        pass
    assert log == []


def test_a_pipeline_that_fails_is_told_and_raw_data_still_reach_the_disk():
    log: list[str] = []
    items = [chunk("a", float(k)) for k in range(1000)]  # more than the inbox holds
    with engine([Given("a", items)], log, Shelf(log), fails=True) as running:
        fault = until(running.outbox, Fault)[-1]
        assert fault.where == "engine"
        assert "planted" in fault.text
        while log.count("keep Chunk") < len(items):
            threading.Event().wait(0.01)


def test_a_window_that_has_stalled_loses_what_is_for_display_and_nothing_else():
    log: list[str] = []
    n = 6000
    with engine([Given("a", [chunk("a", float(k)) for k in range(n)])], log, Shelf(log)) as running:
        while log.count("push Chunk") < n:  # nobody reads the outbox
            threading.Event().wait(0.01)
        assert running.outbox.qsize() <= 4096
    assert log.count("keep Chunk") == n


def test_over_a_recording_the_engine_waits_for_the_window():
    log: list[str] = []
    n = 6000
    with engine([Given("a", [chunk("a", float(k)) for k in range(n)])], log, lossless=True) as running:
        seen = until(running.outbox, Ended)
    assert sum(isinstance(m, Chunk) for m in seen) == n


def test_leaving_does_not_hang_on_a_window_that_is_gone():
    log: list[str] = []
    n = 20000
    with engine([Given("a", [chunk("a", float(k)) for k in range(n)])], log, lossless=True) as running:
        running.outbox.get(timeout=WAIT)
    assert not any(t.name == "engine" for t in threading.enumerate())


def test_an_answer_waits_neither_for_a_stuck_engine_nor_behind_data():
    running = engine([Given("a", [], ends=False)], [], Shelf([]))  # not entered: nobody empties the inbox
    while not running._inbox.full():
        running._inbox.put("data")
    labels = [Label(f"u{k}", "s", "P001", 0.0, 1.0, 2.0) for k in range(2)]
    for label in labels:
        running.put(label)
    given = running._messages()
    assert [next(given) for _ in range(3)] == [*labels, "data"]
    running.put(labels[0])
    assert [next(given) for _ in range(2)] == [labels[0], "data"]


def test_a_label_that_is_sent_again_is_taken_once():
    log: list[str] = []
    given = Label("u", "s", "P001", 0.0, 1.0, 2.0)
    with engine([Given("a", [], ends=False)], log, Shelf(log)) as running:
        for label in (given, given, Label("v", "s", "P001", 0.0, 1.0, 2.0)):
            running.put(label)
        while until(running.outbox, Label)[-1].uid != "v":
            pass
    assert log.count("keep Label") == log.count("push Label") == 2


def test_after_going_elsewhere_a_new_pipeline_takes_what_comes():
    class Counts(OneByOne):
        """A pipeline that predicts how many chunks it has seen."""

        def __init__(self) -> None:
            self.n = 0

        def push(self, item: Item) -> list[Event]:
            self.n += 1
            return [prediction(float(item.timestamps[0]), valence=float(self.n))] if isinstance(item, Chunk) else []

    sought = Notice("", 50.0, "seek", "")
    items = [chunk("a", 1.0), chunk("a", 2.0), sought, chunk("a", 49.0), chunk("a", 50.0), chunk("a", 51.0)]
    with Engine([Given("a", items)], lambda _: Counts(), Config(), lambda: 0.0) as running:  # type: ignore[arg-type,return-value]
        seen = until(running.outbox, Ended)
    said = [(m.stop, m.valence) for m in seen if isinstance(m, Prediction)]
    # The one at 49 s was made while filters settle: it is not shown. What still waited before is let go.
    assert said[-2:] == [(50.0, 2.0), (51.0, 3.0)]
    assert said[:-2] == [(1.0, 1.0), (2.0, 2.0)][: len(said) - 2]


def test_what_lies_before_a_seek_is_not_worked_through():
    log: list[str] = []
    items = [chunk("a", 1.0), Notice("", 50.0, "seek", ""), chunk("a", 50.0)]
    waiting = Given("a", items)
    one = engine([waiting], log)
    one.skip_to_seek()
    with one as running:
        until(running.outbox, Ended)
    assert log == ["push Chunk"]


def test_before_the_model_is_loaded_everything_is_shown_and_afterwards_predicted_on():
    log: list[str] = []
    ready = threading.Event()
    items = [chunk("a", 1.0), chunk("a", 2.0)]
    with engine([Given("a", items, ends=False)], log, Shelf(log), is_ready=ready.is_set) as running:
        until(running.outbox, Chunk)
        until(running.outbox, Chunk)
        assert log == ["start 1", "keep Chunk", "keep Chunk"]
        ready.set()
        running.model_loaded(None)
        seen = [running.outbox.get(timeout=WAIT) for _ in range(3)]
    assert sorted(type(m).__name__ for m in seen) == ["Loaded", "Notice", "Notice"]
    # Both may be pushed before what follows from the first is told.
    assert log[3] == "push Chunk"
    assert log[-1] == "follow Notice"
    assert sorted(log[3:]) == ["follow Notice"] * 2 + ["push Chunk"] * 2


def test_a_recording_that_ends_before_the_model_is_loaded_is_predicted_on_to_its_end():
    log: list[str] = []
    loaded = threading.Event()

    def make(_: Sequence[StreamInfo]) -> Echo:
        loaded.wait(WAIT)
        return Echo(log)

    source = Given("a", [chunk("a", 1.0), chunk("a", 2.0)])
    with Engine([source], make, Config(), lambda: 0.0, is_ready=loaded.is_set) as running:
        until(running.outbox, Chunk)
        loaded.set()
        seen = until(running.outbox, Ended)
    assert log == ["push Chunk"] * 2
    assert [m.text for m in seen if isinstance(m, Notice)] == ["1.0", "2.0"]


def test_what_waits_for_the_model_is_let_go_when_someone_goes_elsewhere():
    log: list[str] = []
    ready = threading.Event()
    items = [chunk("a", 1.0), Notice("", 50.0, "seek", ""), chunk("a", 50.0)]
    with engine([Given("a", items, ends=False)], log, is_ready=ready.is_set) as running:
        until(running.outbox, Chunk)
        until(running.outbox, Chunk)
        ready.set()
        running.model_loaded(None)
        assert until(running.outbox, Notice)[-1].text == "50.0"
    assert log == ["push Chunk"]


def test_why_the_model_cannot_be_loaded_is_shown_and_the_data_go_on():
    log: list[str] = []
    fault = Fault("model", 0.0, "damaged")
    with engine([Given("a", [chunk("a", 1.0)], ends=False)], log) as running:
        running.model_loaded(fault)
        until(running.outbox, StreamInfo)
        seen = [running.outbox.get(timeout=WAIT) for _ in range(4)]
    assert fault in seen
    assert log == ["push Chunk"]


class Stuck(OneByOne):
    """A pipeline that predicts for as long as the test wants."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def push(self, item: Item) -> list[Event]:
        self.go.wait(WAIT)
        return []


def test_nothing_that_comes_waits_for_predictions():
    log: list[str] = []
    stuck, n = Stuck(), 2000
    given = Given("a", [chunk("a", float(k)) for k in range(n)], ends=False)
    with Engine([given], lambda _: stuck, Config(), lambda: 0.0, Shelf(log)) as running:  # type: ignore[arg-type,return-value]
        end = time.monotonic() + WAIT
        while log.count("keep Chunk") < n and time.monotonic() < end:
            threading.Event().wait(0.01)
        kept = log.count("keep Chunk")
        stuck.go.set()
        assert running.outbox.qsize() > 0
    assert kept == n


class Camera(Given):
    """A camera that gives a frame of each cell of the grid."""

    def __init__(self, n: int) -> None:
        frame = np.zeros((1, 4, 4, 3), np.uint8)
        super().__init__("cam", [Chunk("cam", np.array([10 + k / 8]), frame, packets=(b"x",)) for k in range(n)])
        self.infos = (StreamInfo("cam", "video", "P001", "cam"),)


def test_a_window_that_has_stalled_gets_no_more_pictures_and_the_recording_all():
    kept: list[Chunk] = []

    class Keeps(Shelf):
        def put(self, thing: Any) -> None:
            super().put(thing)
            if isinstance(thing, Chunk):
                kept.append(thing)

    log: list[str] = []
    n = 600
    with engine([Camera(n)], log, Keeps(log)) as running:
        while log.count("push Chunk") < n:  # nobody reads the outbox
            threading.Event().wait(0.01)
        seen = [running.outbox.get() for _ in range(running.outbox.qsize())]
    shown = [message for message in seen if isinstance(message, Chunk)]
    assert [float(some.times[0]) for some in shown] == [10 + k / 8 for k in range(n)]
    with_pixels = [some for some in shown if not some.is_bare]
    assert with_pixels == shown[: len(with_pixels)]
    assert 64 <= len(with_pixels) <= 257  # beside them stand notices, as they come
    assert all(some.data.shape == (1, 4, 4, 3) and some.packets for some in kept)
    assert len(kept) == n


class Looks:
    """Looks at a frame and sees its time."""

    def look(self, frame: Array, time: float) -> FaceObservation:
        return FaceObservation("P001", time, quality=float(frame.size > 0))


def test_what_is_seen_of_a_face_becomes_part_of_the_one_order():
    kept, pushed = [], []

    class Everything(Shelf):
        def put(self, thing: Any) -> None:
            kept.append(thing)

        def start(self, infos: Sequence[StreamInfo], tell: Callable[[Any], None]) -> None:
            self.infos = infos

    class Takes(OneByOne):
        def push(self, item: Item) -> list[Event]:
            pushed.append(item)
            return []

    shelf = Everything([])
    one = Engine([Camera(4)], lambda _: Takes(), Config(), lambda: 0.0, shelf, look=lambda _: Looks())  # type: ignore[arg-type,return-value]
    with one as running:
        seen = until(running.outbox, Ended)
    assert [info.face_reading for info in shelf.infos] == [reading_of(Config().face)]
    assert [info.face_reading for info in running.infos] == [reading_of(Config().face)]
    faces = [item.time for item in kept if isinstance(item, FaceObservation)]
    assert faces == [m.time for m in seen if isinstance(m, FaceObservation)] == [10 + k / 8 for k in range(4)]
    # The pipeline has the same order, but for the pixels, which it does not need.
    assert [(type(item), getattr(item, "time", 0)) for item in kept] == [
        (type(item), getattr(item, "time", 0)) for item in pushed
    ]
    assert all(item.is_bare and not item.packets for item in pushed if isinstance(item, Chunk))
    assert all(item.packets for item in kept if isinstance(item, Chunk))
    for face in faces:
        order = [item.times[0] if isinstance(item, Chunk) else item.time for item in kept]
        assert order.index(face) < len(order) - 1 - order[::-1].index(face)


def test_when_predictions_are_late_what_is_passed_over_is_kept_and_told():
    now = [0.0]
    kept: list[Any] = []
    stuck = Stuck()

    class Everything(Shelf):
        def put(self, thing: Any) -> None:
            kept.append(thing)
            now[0] += 0.3  # an item comes every 0.3 s

    given = Given("a", [chunk("a", float(k)) for k in range(6)], ends=False)
    with Engine([given], lambda _: stuck, Config(), lambda: now[0], Everything([])) as running:  # type: ignore[arg-type,return-value]
        seen = until(running.outbox, Pace)
        stuck.go.set()
    assert seen[-1] == next(item for item in kept if isinstance(item, Pace))
    assert seen[-1].windows == 0


def test_a_session_opens_runs_stops_and_has_ended():
    states: list[SessionState] = []

    class Watched(Shelf):
        def start(self, infos: Sequence[StreamInfo], notify: Callable[[Any], None]) -> None:
            states.append(running.state)

        def stop(self) -> None:
            states.append(running.state)

    running = engine([Given("a", [chunk("a", 1.0)], ends=False)], [], Watched([]))
    with running:
        states.append(running.state)
    states.append(running.state)
    assert [state.name for state in states] == ["OPENING", "RUNNING", "STOPPING", "ENDED"]
