"""Streams of markers that are wanted: told why they are not there, in words."""

import pylsl
import pytest

from acquisition.lsl_awaited import AwaitedMarkers
from acquisition.lsl_watch import StreamWatch
from core.config import StreamConfig
from core.data import Chunk, Notice, StreamInfo
from core.errors import SourceError

WAIT = 120.0


def until_told(source: AwaitedMarkers, kind: type, words: str = "") -> object:
    end = pylsl.local_clock() + WAIT
    while pylsl.local_clock() < end:
        item = source.read(0.1)
        if isinstance(item, kind) and words in getattr(item, "text", ""):
            return item
    raise AssertionError(f"nothing came that says {words!r}")


def test_two_of_one_name_are_not_guessed_among_and_one_is_taken():
    outlets = [pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", f"k{k}")) for k in range(2)]
    with StreamWatch(pause=0.1) as watch, AwaitedMarkers(StreamConfig("Keys"), watch, wait=0.0) as source:
        assert source.infos[0].awaited
        until_told(source, Notice, "2 streams of markers may be Keys. Close those that are not meant.")
        outlets.pop()
        info = until_told(source, StreamInfo)
        assert isinstance(info, StreamInfo)
        assert (info.key, info.source_id, info.awaited) == (source.infos[0].key, "k0", False)
        until_told(source, Notice, "Keys is there. It is recorded from here on.")


def test_one_that_cannot_be_reached_is_told_to_be_so(monkeypatch: pytest.MonkeyPatch):
    def refuse(self: object) -> None:
        raise SourceError("Allow TCP and UDP ports.")

    monkeypatch.setattr("acquisition.lsl_awaited.LslSource.__enter__", refuse)
    outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", "k"))
    with StreamWatch(pause=0.1) as watch, AwaitedMarkers(StreamConfig("Keys"), watch, wait=0.0) as source:
        until_told(source, Notice, "Allow TCP and UDP ports.")
    del outlet


def test_one_that_is_there_is_read_on_when_nobody_can_tell_any_more_what_is_there(monkeypatch: pytest.MonkeyPatch):
    def broken(_: float) -> None:
        raise RuntimeError("no network")

    outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", "k"))
    with StreamWatch(pause=0.1) as watch, AwaitedMarkers(StreamConfig("Keys"), watch, wait=0.0) as source:
        until_told(source, StreamInfo)
        monkeypatch.setattr("acquisition.lsl_watch.pylsl.resolve_streams", broken)
        until_told(source, Notice, "no network")
        outlet.push_sample(["begin"])
        chunk = until_told(source, Chunk)
    assert isinstance(chunk, Chunk)
    assert chunk.data.tolist() == [["begin"]]
