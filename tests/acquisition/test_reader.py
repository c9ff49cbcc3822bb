"""The one thread round a source, with sources that are played: no device, no waiting but on queues."""

import queue
import threading
from collections import Counter

import numpy as np
import pytest

from acquisition.reader import EndOfSource, Reader
from core.data import Chunk, Fault, Notice, StreamHealth, StreamInfo
from core.errors import CameraError, ConfigError, EndOfStream, SourceError

INFO = StreamInfo("eeg", "eeg", "P001", "Played", sfreq=250.0)


def _chunk(k):
    return Chunk("eeg", np.array([k / 250.0]), np.zeros((1, 2), np.float32))


class Played:
    """Gives its items one after the other, raises those that are errors, then has nothing more."""

    infos = (INFO,)

    def __init__(self, *items, opening=None):
        self._items = list(items)
        self._opening = opening
        self.threads = set()
        self.closed = threading.Event()
        self.idle = threading.Event()

    def __enter__(self):
        self.threads.add(threading.current_thread())
        if self._opening is not None:
            raise self._opening
        return self

    def __exit__(self, *exc):
        self.threads.add(threading.current_thread())
        self.closed.set()

    def read(self, timeout):
        self.threads.add(threading.current_thread())
        if not self._items:
            self.idle.set()
            threading.Event().wait(0.001)
            return None
        item = self._items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item


class Clock:
    """Goes on by a tenth of a second each time it is asked."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.1
        return self.now


@pytest.fixture
def read():
    """Starts readers, and stops them also when the test fails: one that is left running slows all that follow."""
    readers = []

    def start(source, inbox=None, clock=None):
        inbox = queue.Queue() if inbox is None else inbox
        reader = Reader(source, inbox, clock or (lambda: 0.0))
        readers.append(reader)
        reader.start()
        return reader, inbox

    yield start
    for reader in readers:
        reader.stop()


def _get(inbox, wanted=object):
    while True:
        message = inbox.get(timeout=120.0)
        if isinstance(message, wanted):
            return message


def test_items_in_order_then_the_end(read):
    chunks = [_chunk(k) for k in range(5)]
    source = Played(*chunks, EndOfStream())
    reader, inbox = read(source)
    assert reader.wait_ready(10.0) == (INFO,)
    assert [_get(inbox, Chunk) for _ in chunks] == chunks
    last = _get(inbox)
    assert (last.stream, last.connected, last.ended, last.n_samples) == ("eeg", True, True, 5)
    assert _get(inbox) == EndOfSource(("eeg",))
    reader.stop()
    assert inbox.empty()


def test_a_source_that_breaks_is_last_told_not_to_be_read_any_more(read):
    reader, inbox = read(Played(_chunk(0), ValueError("planted")))
    reader.wait_ready(10.0)
    last = _get(inbox, StreamHealth)
    assert (last.connected, last.ended) == (False, True)
    assert "planted" in _get(inbox).text
    reader.stop()


def test_source_lives_on_one_thread_and_is_closed(read):
    source = Played()
    reader, inbox = read(source)
    reader.wait_ready(10.0)
    assert source.idle.wait(120.0)
    reader.stop()
    assert source.closed.is_set()
    assert len(source.threads) == 1
    assert threading.current_thread() not in source.threads
    assert inbox.empty()


@pytest.mark.parametrize("error", [CameraError("no camera"), ConfigError("no such unit")])
def test_what_it_could_not_open_for(read, error):
    reader, inbox = read(Played(opening=error))
    with pytest.raises(type(error)) as raised:
        reader.wait_ready(10.0)
    assert raised.value is error
    reader.stop()
    assert inbox.empty()


def test_an_unforeseen_error_while_opening_is_a_source_error(read):
    reader, _ = read(Played(opening=ZeroDivisionError("by zero")))
    with pytest.raises(SourceError, match="could not be opened: ZeroDivisionError"):
        reader.wait_ready(10.0)
    reader.stop()


def test_a_source_that_opens_too_late_is_given_up(read):
    gate = threading.Event()

    class Late(Played):
        def __enter__(self):
            gate.wait(120.0)
            return self

    reader, inbox = read(Late(_chunk(0)))
    with pytest.raises(SourceError, match=r"Late did not open within 0\.01 s"):
        reader.wait_ready(0.01)
    gate.set()
    reader.stop()
    assert inbox.empty()


def test_an_error_becomes_one_fault(read):
    reader, inbox = read(Played(_chunk(0), CameraError("The camera is gone.")))
    reader.wait_ready(10.0)
    fault = _get(inbox, Fault)
    assert fault.where == "reader of eeg"
    assert "The camera is gone." in fault.text
    assert "CameraError" in fault.detail
    reader.stop()
    assert inbox.empty()


def test_everything_but_a_camera_waits_for_room(read):
    chunks = [_chunk(k) for k in range(10)]
    reader, inbox = read(Played(*chunks, EndOfStream()), queue.Queue(1))
    reader.wait_ready(10.0)
    assert [_get(inbox, Chunk) for _ in chunks] == chunks
    assert _get(inbox, EndOfSource) == EndOfSource(("eeg",))
    reader.stop()


def test_stop_does_not_wait_for_a_full_inbox(read):
    inbox = queue.Queue(1)
    reader, _ = read(Played(*[_chunk(k) for k in range(10)]), inbox)
    reader.wait_ready(10.0)
    reader.stop()
    assert inbox.qsize() == 1


def test_stop_before_start():
    Reader(Played(), queue.Queue(), lambda: 0.0).stop()


def test_health_once_a_second(read):
    lost = Notice("eeg", 0.0, "lost", "")
    reader, inbox = read(Played(_chunk(0), _chunk(1), lost), clock=Clock())
    reader.wait_ready(10.0)
    first = _get(inbox, StreamHealth)
    second = _get(inbox, StreamHealth)
    reader.stop()
    assert 0.99 < second.time - first.time < 1.31
    assert (second.stream, second.n_samples, second.connected) == ("eeg", 2, False)


class Camera(Played):
    """A camera: skips what nobody has room for."""

    def __init__(self, *items):
        super().__init__(*items)
        self.skipped = 0
        self.skipped_some = threading.Event()

    def skip(self, timeout):
        threading.Event().wait(0.001)
        self.skipped += 1
        if self.skipped == 20:
            self.skipped_some.set()
        return 1


def test_camera_drops_frames_and_tells(read):
    inbox = queue.Queue(2)
    camera = Camera(*[_chunk(k) for k in range(5)])
    reader, _ = read(camera, inbox, Clock())
    reader.wait_ready(10.0)
    assert camera.skipped_some.wait(120.0)
    messages = [_get(inbox)]
    while not {Chunk: 5, Notice: 1}.items() <= Counter(map(type, messages)).items():
        messages.append(_get(inbox))
    reader.stop()
    notice = next(m for m in messages if isinstance(m, Notice))
    assert (notice.stream, notice.kind) == ("eeg", "dropped")
    assert int(notice.text.split()[0]) >= 20
    assert [m.timestamps[0] for m in messages if isinstance(m, Chunk)] == [k / 250.0 for k in range(5)]
