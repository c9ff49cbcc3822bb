from collections.abc import Iterator

import numpy as np
from pytestqt.qtbot import QtBot

from app.clip_reader import ClipReader
from app.clips import Clip
from core.data import Array, Segment
from core.errors import FileFormatError
from tests.app.staged import segment

Frame = tuple[float, Array] | None
ASKED = segment("a", 100.0, 0.9)
CLIP = Clip(100.0, 102.0, lost="pictures")


class Film:
    """Pictures of two seconds behind a second of others, as from a key frame on."""

    def __init__(self) -> None:
        self.n_given = 0
        self.closed = False

    def __call__(self, participant: str, start: float, stop: float) -> Iterator[Frame]:
        assert participant == ASKED.participant
        try:
            for k in range(90):
                self.n_given += 1
                time = start - 1.0 + k / 30
                yield (time, np.full((48, 64, 3), k, np.uint8)) if time >= start else None
        finally:
            self.closed = True


def read(qtbot: QtBot, reader: ClipReader) -> tuple[Segment, Clip]:
    with qtbot.waitSignal(reader.done, timeout=5000) as told:
        reader.read(ASKED, CLIP)
    return told.args[0], told.args[1]


def test_a_clip_gets_its_pictures_again(qtbot: QtBot) -> None:
    asked, clip = read(qtbot, ClipReader(Film()))
    assert asked is ASKED
    assert clip.lost == ""
    assert len(clip.frames) == len(clip.frame_times) == 60
    assert clip.frame_times[0] == 100.0


def test_it_reads_a_little_at_a_time(qtbot: QtBot, monkeypatch) -> None:
    monkeypatch.setattr("app.clip_reader._SLICE_S", 0.0)
    film = Film()
    reader = ClipReader(film)
    reader.read(ASKED, CLIP)
    reader._read_on()
    reader._read_on()
    assert film.n_given == 2
    reader.leave()
    assert not reader._timer.isActive()
    assert film.closed


def test_what_cannot_be_read_leaves_the_clip_as_it_says_it_is(qtbot: QtBot) -> None:
    def broken(*_: object) -> Iterator[Frame]:
        raise FileFormatError("no video")
        yield

    for pictures in (broken, lambda *_: iter(())):
        assert read(qtbot, ClipReader(pictures))[1] is CLIP
