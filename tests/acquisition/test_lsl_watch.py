"""Which stream of markers is meant, of those that there are."""

import threading
from dataclasses import replace

import pytest

from acquisition.lsl_watch import FoundStream, StreamWatch, markers_meant
from core.config import StreamConfig
from core.errors import SourceError

FILM = FoundStream("Film", "Markers", "lab", "film", "uid-film", 1, 0.0, "markers")
CODES = FoundStream("Codes", "Stimulus", "lab", "codes", "uid-codes", 1, 0.0, "other")
CROWN = FoundStream("Crown Markers", "Markers", "lab", "crown", "uid-crown", 1, 0.0, "markers")
EEG = FoundStream("Crown", "EEG", "lab", "crown", "uid-eeg", 8, 256.0, "eeg")
ANEW = replace(FILM, source_id="made up", uid="uid-anew")


@pytest.mark.parametrize(
    ("wanted", "found", "meant"),
    [
        (StreamConfig("Film"), [FILM, CODES, EEG], [FILM]),
        (StreamConfig("Codes"), [FILM, CODES], [CODES]),
        (StreamConfig(source_id="crown"), [CROWN, EEG], [CROWN]),
        (StreamConfig("Keys"), [FILM], []),
        (FILM.choice, [ANEW], [ANEW]),
        (FILM.choice, [FILM, ANEW], [FILM]),
        (FILM.choice, [ANEW, replace(ANEW, source_id="b")], [ANEW, replace(ANEW, source_id="b")]),
        (FILM.choice, [replace(ANEW, hostname="elsewhere")], []),
        (StreamConfig(hostname="lab"), [FILM, EEG], [FILM]),
    ],
)
def test_a_stream_is_known_by_its_id_or_else_by_its_name(
    wanted: StreamConfig, found: list[FoundStream], meant: list[FoundStream]
):
    assert markers_meant(wanted, found) == meant


def test_one_that_another_is_meant_by_is_not_taken_for_it():
    assert markers_meant(FILM.choice, [ANEW], [FILM.choice, ANEW.choice]) == []
    assert markers_meant(ANEW.choice, [ANEW], [FILM.choice, ANEW.choice]) == [ANEW]


def test_who_asks_is_told_that_there_are_no_more_looks(monkeypatch: pytest.MonkeyPatch):
    def broken(_: float) -> None:
        raise RuntimeError("no network")

    monkeypatch.setattr("acquisition.lsl_watch.pylsl.resolve_streams", broken)
    with StreamWatch() as watch:
        watch._thread.join()
        with pytest.raises(SourceError, match="no network"):
            watch.infos()
        with pytest.raises(SourceError, match="no network"):
            watch.hears("uid-film")


def test_it_leaves_at_once_at_whatever_moment_it_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("acquisition.lsl_watch.pylsl.resolve_streams", lambda _: [])
    watch, slept = StreamWatch(), []

    class Soon(threading.Event):
        def clear(self) -> None:
            watch._leaving = True  # as `__exit__` does, at the worst of moments
            self.set()
            super().clear()

        def wait(self, timeout: float | None = None) -> bool:
            slept.append(watch._leaving and not self.is_set())
            return True

    watch._soon = Soon()
    watch._work()
    assert slept == [False]
