"""Markers that nobody chose are offered, as long as they are not recorded."""

from dataclasses import replace
from typing import Any

import pytest

from acquisition.lsl_awaited import AwaitedMarkers, AwaitedStream
from acquisition.lsl_found import FoundStream
from app.session.late_markers import LateMarkers
from core.config import StreamConfig
from core.errors import SourceError

KEYS = FoundStream("Keys", "Markers", "lab", "keys", "uid-keys", 1, 0.0, "markers")
FILM = FoundStream("Film", "Markers", "lab", "film", "uid-film", 1, 0.0, "markers")
EEG = FoundStream("Muse", "EEG", "lab", "muse", "uid-eeg", 4, 256.0, "eeg")


class Watch:
    def __init__(self, *found: FoundStream) -> None:
        self.found: list[FoundStream] | None = list(found)

    def streams(self) -> list[FoundStream]:
        if self.found is None:
            raise SourceError("no network")
        return self.found


class Engine:
    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.take_in = self.taken.append


def nearby(watch: Watch, *chosen: StreamConfig, engine: Engine | None = None) -> LateMarkers:
    return LateMarkers(watch, engine or Engine(), chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chosen", "offered"),
    [
        ((), [KEYS, FILM]),
        ((KEYS.choice,), [FILM]),
        ((replace(KEYS.choice, source_id="of another day"),), [FILM]),
        ((StreamConfig(source_id="film"),), [KEYS]),
        ((replace(KEYS.choice, hostname="elsewhere"),), [KEYS, FILM]),
    ],
)
def test_what_is_recorded_anyway_is_not_offered(chosen: tuple[StreamConfig, ...], offered: list[FoundStream]):
    assert nearby(Watch(EEG, KEYS, FILM), *chosen).markers() == offered


def test_what_is_taken_in_is_not_offered_again_even_if_its_program_starts_anew():
    watch, engine = Watch(KEYS), Engine()
    near = nearby(watch, engine=engine)
    near.take_in(KEYS)
    watch.found = [replace(KEYS, source_id="made up", uid="another")]
    assert near.markers() == []
    (source,) = engine.taken
    assert isinstance(source, AwaitedMarkers)


def test_of_other_kinds_what_came_after_the_session_had_begun_is_offered():
    ppg = FoundStream("Muse", "PPG", "lab", "muse", "uid-ppg", 3, 64.0, "other")
    gaze = FoundStream("Tobii", "Gaze", "lab", "tobii", "uid-gaze", 2, 0.0, "other")
    watch, engine = Watch(EEG, ppg), Engine()
    near = nearby(watch, engine=engine)
    assert near.markers() == []
    watch.found = [EEG, ppg, gaze]
    assert near.markers() == [gaze]
    near.take_in(gaze)
    assert near.markers() == []
    (source,) = engine.taken
    assert isinstance(source, AwaitedStream)
    assert source.infos[0].name == "Tobii/Gaze"


def test_nothing_is_offered_when_nobody_can_look_any_more():
    watch = Watch(KEYS)
    watch.found = None
    assert nearby(watch).markers() == []
