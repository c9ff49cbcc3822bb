"""An LSL stream through its life: opened, read, lost, back, changed, silent, jumping."""

import contextlib
import queue
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pylsl
import pytest

from acquisition.lsl import LslSource, eeg_streams
from acquisition.lsl_inlet import Inlet
from acquisition.reader import Reader
from core.config import EegConfig
from core.data import Chunk, Notice
from core.errors import SourceError
from tests.headsets import HEADSETS, FakeOutlet

MUSE = HEADSETS["bluemuse"]


def _is(kind):
    return lambda item: isinstance(item, Notice) and item.kind == kind


def _is_chunk(item):
    return isinstance(item, Chunk)


def _texts(items, kind):
    return [item.text for item in items if isinstance(item, Notice) and item.kind == kind]


@pytest.fixture
def opened(streaming, read_until):
    """Opens a source on a headset that has gone again when it is handed over; what it had sent has been read."""
    with contextlib.ExitStack() as stack:

        def make(headset=MUSE):
            with FakeOutlet(headset) as outlet, streaming(outlet):
                source = stack.enter_context(LslSource(EegConfig(grace=0.5), "P001"))
                before = read_until(source, _is_chunk)
            return source, [*before, *read_until(source, _is("lost"))]

        yield make


def test_lost_then_changed_then_back(opened, streaming, read_until):
    source, items = opened()
    assert _texts(items, "lost") == [f"{MUSE.name} is lost: its sender has gone. Looking for it."]
    start = pylsl.local_clock()
    assert source.read(0.1) is None
    assert pylsl.local_clock() - start < 1.0
    text = read_until(source, _is("lost"))[-1].text
    assert text == f"{MUSE.name} has not come back for 0.5 s. Still looking for it."
    with FakeOutlet(replace(MUSE, parts=MUSE.parts[:4])) as changed, streaming(changed):
        words = "came back with 4 channels at 256 Hz (format 2) instead of 5 channels"
        read_until(source, lambda item: _is("lost")(item) and words in item.text)
        with FakeOutlet(MUSE) as again, streaming(again):
            back = read_until(source, _is("back"))[-1]
            chunk = read_until(source, _is_chunk)[-1]
    assert "is back after" in back.text
    assert chunk.stream == source.infos[0].key
    assert abs(chunk.clock_offset) < 0.05
    assert np.isin(chunk.timestamps, np.concatenate(again.stamps)).all()


def test_changed_labels_are_not_taken(opened, streaming, read_until):
    source, _ = opened()
    with FakeOutlet(replace(MUSE, parts=MUSE.parts[::-1])) as changed, streaming(changed):
        words = "came back with (('Right AUX', 'TP10'"
        read_until(source, lambda item: _is("lost")(item) and words in item.text)


def test_foreign_clock_goes_on_after_a_loss(opened, streaming, read_until):
    headset = HEADSETS["muselsl"]
    source, items = opened(headset)
    assert source.infos[0].clock == "rebased"
    before = [item.clock_offset for item in items if isinstance(item, Chunk)][-1]
    with FakeOutlet(headset) as again, streaming(again):
        items = read_until(source, _is("back"))
        chunk = read_until(source, _is_chunk)[-1]
    assert not _texts(items, "clock")
    assert chunk.clock_offset == pytest.approx(before, abs=0.5)


def test_jump_of_the_clock_then_silence(streaming, read_until):
    with FakeOutlet(MUSE) as outlet, contextlib.ExitStack() as stack:
        with streaming(outlet):
            source = stack.enter_context(LslSource(EegConfig(), "P001", silence=0.5))
        outlet.push_due()
        outlet.push_samples(12, jump=-3.0)
        items = read_until(source, lambda item: _is_chunk(item) and item.clock_offset > 1.0)
        (text,) = _texts(items, "jump")
        assert "jumped by -2.996 s" in text
        # A chunk ends where the clock jumped.
        assert all(np.all(np.diff(item.timestamps) > 0) for item in items if isinstance(item, Chunk))
        assert items[-1].clock_offset == pytest.approx(3.0, abs=0.5)

        assert "it has sent nothing for" in read_until(source, _is("lost"))[-1].text
        with streaming(outlet):
            assert not _texts(read_until(source, _is("back")), "lost")
            read_until(source, _is_chunk)


def test_stream_that_sends_nothing_at_first(monkeypatch):
    closed, close = [], Inlet.close
    monkeypatch.setattr(Inlet, "close", lambda self: closed.append(close(self)))
    with FakeOutlet(MUSE), pytest.raises(SourceError, match=r"sent no data within 0\.5 s\. Start the data stream"):
        LslSource(EegConfig(wait=0.5), "P001").__enter__()
    assert len(closed) == 1


def test_same_identity_twice(streaming):
    """Two devices that nothing but their uid tells apart, and that do not declare their rate either."""
    headset = replace(MUSE, declares_rate=False)
    with FakeOutlet(headset) as one, FakeOutlet(headset, seed=1) as two, streaming(one, two):
        configs = eeg_streams(EegConfig(), 2)
        inboxes = [queue.Queue(), queue.Queue()]
        readers = [
            Reader(LslSource(config, who), inbox, pylsl.local_clock)
            for config, who, inbox in zip(configs, ("P001", "P002"), inboxes, strict=True)
        ]
        with contextlib.ExitStack() as stack:
            for reader in readers:
                reader.start()
                stack.callback(reader.stop)
            a, b = (reader.wait_ready(30.0)[0] for reader in readers)
            first = inboxes[0].get(timeout=120.0)
    assert (a.key.endswith(a.uid), b.key.endswith(b.uid), a.key != b.key) == (True, True, True)
    assert (a.participant, b.participant) == ("P001", "P002")
    assert (a.sfreq, b.sfreq) == (256.0, 256.0)
    assert (first.kind, "declares no rate" in first.text) == ("rate", True)


def test_markers_keep_their_text(read_until):
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0, "string", "keys"))
    with LslSource(EegConfig(), "P001", kind="markers") as source:
        info = source.infos[0]
        assert (info.kind, info.dtype, info.sfreq, info.picks) == ("markers", "string", 0.0, ())
        assert source.read(0.0) is None
        before = pylsl.local_clock()
        outlet.push_sample(["größer"], before)
        outlet.push_sample(["then"], before + 100.0)
        chunks = [read_until(source, _is_chunk)[-1]]
        while sum(len(chunk.timestamps) for chunk in chunks) < 2:
            chunks.append(read_until(source, _is_chunk)[-1])
        assert [row[0] for chunk in chunks for row in chunk.data] == ["größer", "then"]
        assert [t for chunk in chunks for t in chunk.timestamps] == [before, before + 100.0]
        assert abs(chunks[0].clock_offset) < 0.05


def test_integers_stay_integers(read_until):
    info = pylsl.StreamInfo("Gaze", "Gaze", 3, 100.0, "int16", "gaze")
    outlet = pylsl.StreamOutlet(info)
    with LslSource(EegConfig(name="Gaze"), "P001", kind="other") as source:
        outlet.push_chunk(np.arange(30, dtype=np.int16).reshape(10, 3))
        chunk = read_until(source, _is_chunk)[-1]
        assert chunk.data.dtype == np.int16
        assert not chunk.data.flags.writeable
        assert not chunk.timestamps.flags.writeable
        np.testing.assert_array_equal(chunk.data[0], [0, 1, 2])


@pytest.fixture
def keys():
    """A source of markers, and the outlet of the program that sends them."""
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 100.0, "string", "keys"))
    with LslSource(EegConfig(), "", kind="markers", silence=0.1) as source:
        yield source, outlet


def _read(source, read_until, n_markers):
    items = read_until(source, _is_chunk)
    while sum(len(item.timestamps) for item in items if _is_chunk(item)) < n_markers:
        items += read_until(source, _is_chunk)
    while (item := source.read(0.0)) is not None:
        items.append(item)
    return [item for item in items if _is_chunk(item)], [item for item in items if not _is_chunk(item)]


def test_markers_may_be_silent_whatever_rate_they_declare(keys, read_until):
    source, outlet = keys
    outlet.push_sample(["now"])
    _read(source, read_until, 1)
    assert [source.read(0.1) for _ in range(3)] == [None] * 3


def test_no_single_stamp_moves_the_other_markers(keys, read_until):
    source, outlet = keys
    now = pylsl.local_clock()
    stamps = [12.5, now, float("nan"), now + 1e6]
    for k, stamp in enumerate(stamps):
        outlet.push_sample([str(k)], stamp)
    chunks, notices = _read(source, read_until, 4)
    np.testing.assert_array_equal(np.concatenate([chunk.timestamps for chunk in chunks]), stamps)
    assert max(abs(chunk.clock_offset) for chunk in chunks) < 0.05
    assert [notice.kind for notice in notices] == ["clock"]
    assert "before it came. It is recorded as it is." in notices[0].text


def test_markers_that_are_stamped_with_the_time_of_day_are_moved_to_the_clock_of_all(keys, read_until):
    source, outlet = keys
    day = datetime.now(UTC).timestamp() - pylsl.local_clock()
    for _ in range(2):
        outlet.push_sample(["now"], pylsl.local_clock() + day)
    chunks, notices = _read(source, read_until, 2)
    assert abs(chunks[-1].times[-1] - pylsl.local_clock()) < 5.0
    assert "stamps with another clock than LSL's" in notices[0].text


def test_text_that_is_not_utf_8_is_taken_for_latin_1(keys, read_until):
    source, outlet = keys
    outlet.push_sample(["größer".encode("latin-1")])
    (chunk,), _ = _read(source, read_until, 1)
    assert chunk.data[0, 0] == "größer"
