"""Which stream of markers is meant, of those that there are."""

import threading
from dataclasses import replace

import pylsl
import pytest

from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch, markers_meant
from core.config import StreamConfig
from core.errors import SourceError

FILM = FoundStream("Film", "Markers", "lab", "film", "uid-film", 1, 0.0, "markers")
CODES = FoundStream("Codes", "Stimulus", "lab", "codes", "uid-codes", 1, 0.0, "other")
CROWN = FoundStream("Crown Markers", "Markers", "lab", "crown", "uid-crown", 1, 0.0, "markers")
EEG = FoundStream("Crown", "EEG", "lab", "crown", "uid-eeg", 8, 256.0, "eeg")
STREAM = pylsl.StreamInfo("Film", "Markers", 1, 0.0, "string", "film")
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
        assert watch.infos() == {}
        watch._thread.join()
        for ask in (watch.infos, watch.heard, lambda: watch.infos_since(0.0)):
            with pytest.raises(SourceError, match="no network"):
                ask()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[list[pylsl.StreamInfo]]:
    """What is found at one look after the other, the last again and again; the time passes by a second a look."""
    now = [100.0]
    found: list[list[pylsl.StreamInfo]] = [[]]

    def look(_: float) -> list[pylsl.StreamInfo]:
        now[0] += 1.0
        return found.pop(0) if len(found) > 1 else found[0]

    monkeypatch.setattr("acquisition.lsl_watch.pylsl.resolve_streams", look)
    monkeypatch.setattr("acquisition.lsl_watch.pylsl.local_clock", lambda: now[0])
    return found


def test_it_looks_when_it_is_asked_and_not_otherwise(looks: list[list[pylsl.StreamInfo]]):
    looks[:] = [[STREAM], []]
    watch = StreamWatch(pause=0.0)
    assert not watch._asked.is_set()
    assert watch.infos() == {}
    assert watch._asked.is_set()
    watch._asked.clear()
    watch._look()
    watch.heard()
    assert not watch._asked.is_set()


def test_a_look_that_was_over_before_tells_nothing_of_what_came_since(looks: list[list[pylsl.StreamInfo]]):
    looks[:] = [[STREAM]]
    watch = StreamWatch()
    watch._look()
    assert watch.infos_since(101.0) is None
    watch._look()
    assert list(watch.infos_since(101.0) or ()) == [STREAM.uid()]


def test_one_answer_may_get_lost(looks: list[list[pylsl.StreamInfo]]):
    looks[:] = [[STREAM], []]
    watch = StreamWatch(forget=2.5)
    heard = []
    for _ in range(4):
        watch._look()
        heard.append((bool(watch.infos()), bool(watch.heard())))
    assert heard == [(True, True), (False, True), (False, True), (False, False)]


def test_it_leaves_at_once_at_whatever_moment_it_is_left(looks: list[list[pylsl.StreamInfo]]):
    watch = StreamWatch()

    class Asked(threading.Event):
        def clear(self) -> None:
            watch._leaving = True  # as `__exit__` does, at the worst of moments
            self.set()
            super().clear()

        def wait(self, timeout: float | None = None) -> bool:
            assert not watch._leaving, "it would wait for ever"
            return super().wait(0.0)

    watch._asked = Asked()
    watch._asked.set()
    watch._work()
    assert watch._failed is None


def test_who_asks_while_it_looks_is_not_answered_by_another_look(looks: list[list[pylsl.StreamInfo]]):
    watch, begun = StreamWatch(), []

    def look() -> None:
        begun.append(1)
        watch.heard()  # as the window does all the time
        watch._leaving = len(begun) > 1

    class Asked(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            watch._leaving = not self.is_set()
            return True

    watch._asked, watch._look = Asked(), look  # type: ignore[method-assign]
    watch._asked.set()
    watch._work()
    assert len(begun) == 1


def test_who_asks_one_that_was_left_is_told():
    with StreamWatch() as watch:
        pass
    with pytest.raises(SourceError, match="not asked for streams any more"):
        watch.infos()


def test_one_lost_answer_is_forgiven_after_a_long_pause_too(monkeypatch: pytest.MonkeyPatch):
    now, found = [100.0], [[STREAM], [], []]
    monkeypatch.setattr("acquisition.lsl_watch.pylsl.resolve_streams", lambda _: found.pop(0))
    monkeypatch.setattr("acquisition.lsl_watch.pylsl.local_clock", lambda: now[0])
    watch, heard = StreamWatch(forget=8.0), []
    for _ in range(3):
        watch._look()
        heard.append(bool(watch.heard()))
        now[0] += 60.0
    assert heard == [True, True, False]


def test_it_is_woken_to_leave():
    with StreamWatch() as watch:
        pass
    assert not watch._thread.is_alive()
