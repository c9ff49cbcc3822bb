"""Streams and cameras are found by themselves, in the background."""

import threading
from collections.abc import Callable

import pylsl

from acquisition.finder import Finder
from acquisition.lsl_found import FoundStream
from tests.headsets import HEADSETS, FakeOutlet

PAUSE = threading.Event()


def until(wanted: Callable[[], bool], timeout: float = 120.0) -> bool:
    end = pylsl.local_clock() + timeout
    while pylsl.local_clock() < end:
        if wanted():
            return True
        PAUSE.wait(0.05)
    return False


def test_streams_come_and_are_told_apart():
    with Finder(list) as finder, FakeOutlet(HEADSETS["muselsl"]):
        assert until(lambda: any(found.name == "Muse" for found in finder.streams()))
        muse = next(found for found in finder.streams() if found.name == "Muse")
        assert (muse.type, muse.n_chans, muse.sfreq, muse.kind) == ("EEG", 5, 256.0, "eeg")


def test_what_insula_publishes_itself_is_no_candidate(monkeypatch):
    monkeypatch.setattr("acquisition.lsl_found.socket.gethostname", lambda: "here")
    outlets = [
        pylsl.StreamOutlet(pylsl.StreamInfo("Own", "Affect", 1, 0.0, "float32", "insula-here-P001-affect")),
        pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", "x")),
        pylsl.StreamOutlet(pylsl.StreamInfo("Muse", "EEG", 4, 256.0, "float32", "insula-there-P001")),
    ]
    found = [outlet.get_info() for outlet in outlets]
    monkeypatch.setattr(pylsl, "resolve_streams", lambda _: found)
    with Finder(list) as finder:
        assert until(lambda: bool(finder.streams()))
        assert [(found.name, found.kind) for found in finder.streams()] == [("Muse", "eeg"), ("Keys", "markers")]


def test_cameras_are_looked_for_when_asked_where_that_costs():
    looks: list[int] = []

    def look() -> list[str]:
        looks.append(1)
        return [f"{len(looks)}: Cam"]

    finder = Finder(look, cheap=False)
    assert finder.cameras is None
    with finder:
        assert until(lambda: finder.cameras == ("1: Cam",))
        finder.look_again()
        assert until(lambda: finder.cameras == ("2: Cam",))
    assert len(looks) == 2


def test_cameras_that_are_plugged_in_show_up_where_looking_is_free(monkeypatch):
    monkeypatch.setattr("acquisition.finder._PERIOD_S", 0.01)
    cameras = [[], ["0: Cam"]]
    with Finder(lambda: cameras.pop(0) if len(cameras) > 1 else cameras[0], cheap=True) as finder:
        assert until(lambda: finder.cameras == ("0: Cam",))


def test_streams_sort_by_their_names():
    first = FoundStream("A", "EEG", "lab", "", "2", 4, 250.0, "eeg")
    assert sorted([FoundStream("B", "EEG", "lab", "", "1", 4, 250.0, "eeg"), first])[0] is first
