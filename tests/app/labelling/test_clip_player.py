"""The moment that is shown comes from memory or from the recording, and the next one is there before it is asked."""

import pytest
from pytestqt.qtbot import QtBot

from app.labelling.clip_cache import ClipCache
from app.labelling.clip_player import ClipPlayer
from app.labelling.clip_view import ClipView
from app.labelling.clips import Clip
from core.data import Segment
from tests.app.labelling.test_clip_reader import Recorded
from tests.app.staged import segment

A, B, C = (segment(name, 100.0 + 10 * k, 0.9) for k, name in enumerate("abc"))


class Watched(Recorded):
    """Remembers whose pictures were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.starts: list[float] = []

    def frames(self, participant: str, start: float, stop: float):
        self.starts.append(start)
        return super().frames(participant, start, stop)


def nothing(asked: Segment) -> Clip:
    """What there is in memory of a recording that is not played."""
    return Clip(asked.start - 1, asked.stop + 1, asked=(asked.start, asked.stop))


@pytest.fixture
def playback(qtbot: QtBot) -> ClipView:
    made = ClipView()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def footage() -> Watched:
    return Watched()


@pytest.fixture
def player(playback: ClipView, footage: Watched) -> ClipPlayer:
    made = ClipPlayer(playback, nothing)
    made.read_from(footage)
    for asked in (A, B, C):
        made.offer(asked)
    return made


def shown(playback: ClipView) -> Clip:
    assert playback._clip is not None
    return playback._clip


def test_the_next_is_read_ahead_and_then_there_at_once(player, playback, footage, qtbot: QtBot) -> None:
    player.show(A, B)
    assert shown(playback).lost == "reading"
    qtbot.waitUntil(lambda: shown(playback).has_eeg)
    qtbot.waitUntil(lambda: shown(playback).frames != () and player._reader.reading is None)
    assert footage.starts == [99.0, 109.0]
    player.show(B, C)
    assert len(shown(playback).frames) == 180
    player.show(A, C)  # taken back
    assert len(shown(playback).frames) == 180
    qtbot.waitUntil(lambda: player._reader.reading is None)
    assert footage.starts == [99.0, 109.0, 119.0]


def test_what_is_being_read_ahead_when_it_is_asked_is_read_on(player, playback, footage, qtbot: QtBot) -> None:
    player.show(A, B)
    qtbot.waitUntil(lambda: player._reader.reading is B and player._reader.clip.has_eeg)
    player.show(B)
    assert shown(playback).has_eeg
    qtbot.waitUntil(lambda: len(shown(playback).frames) == 180)
    assert footage.starts == [99.0, 109.0]


def test_who_answers_faster_than_it_reads_sees_the_moment_that_is_asked(player, playback, footage) -> None:
    player.show(A, B)
    player.show(C)
    assert player._reader.reading is C
    assert shown(playback).start == C.start - 1
    player.show(None)
    assert player._reader.reading is None


def test_in_private_no_pixel_is_read_until_it_is_left(player, playback, footage, qtbot: QtBot) -> None:
    player.set_private(True)
    player.show(A, B)
    qtbot.waitUntil(lambda: player._reader.reading is None)
    assert shown(playback).has_eeg
    assert footage.starts == []
    player.set_private(False)
    qtbot.waitUntil(lambda: len(shown(playback).frames) == 180)


def test_what_left_memory_is_read_again_or_said_to_be_lost(playback: ClipView, qtbot: QtBot) -> None:
    alone = ClipPlayer(playback, lambda asked: Clip(asked.start, asked.stop, (0.0,), (b"jpeg",)))
    alone._cache = ClipCache(max_bytes=0)
    alone.offer(A)
    alone.show(A)
    assert shown(playback).lost == "pictures"  # nothing to read from, as in a live session
    alone.read_from(Recorded())
    alone._cache = ClipCache(max_bytes=0)
    alone.offer(A)
    alone.show(A)
    assert shown(playback).lost == "reading"
    qtbot.waitUntil(lambda: len(shown(playback).frames) == 120)
