from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.labelling.clip_reader import ClipReader
from app.labelling.clips import Clip
from core.data import Array, Channel, Chunk, StreamInfo
from core.errors import FileFormatError
from tests.app.staged import segment

ASKED = segment("a", 100.0, 0.9)
CLIP = Clip(99.0, 105.0, asked=(100.0, 104.0))
INFO = StreamInfo("eeg", "eeg", "P001", "amp", sfreq=100.0, channels=tuple(Channel(n, n) for n in ("Cz", "Pz", "Oz")))


class Recorded:
    """Six seconds of EEG and pictures, the pictures behind a second of others, as from a key frame on."""

    span = (50.0, 200.0)

    def __init__(self, has_eeg: bool = True, broken: bool = False) -> None:
        self.n_given = 0
        self.closed = False
        self.asked: list[tuple[float, float]] = []
        self._has_eeg = has_eeg
        self._broken = broken

    def eeg(self, participant: str, start: float, stop: float) -> tuple[StreamInfo, Sequence[Chunk]] | None:
        assert participant == ASKED.participant
        self.asked.append((start, stop))
        if self._broken:
            raise FileFormatError("no recording")
        times = np.arange(start, stop, 0.01)
        data = np.random.default_rng(0).normal(0, 10, (len(times), 3)) + 4000.0
        return (INFO, [Chunk("eeg", times, data.astype(np.float32))]) if self._has_eeg else None

    def frames(self, participant: str, start: float, stop: float) -> Iterator[tuple[float, Array] | None]:
        assert participant == ASKED.participant
        try:
            for k in range(210):
                if self._broken:
                    raise FileFormatError("no video")
                self.n_given += 1
                time = start - 1.0 + k / 30
                yield (time, np.full((48, 64, 3), k, np.uint8)) if time >= start else None
        finally:
            self.closed = True


def read(qtbot: QtBot, footage: Recorded, clip: Clip = CLIP, pictures: bool = True) -> list[Clip]:
    told: list[Clip] = []
    reader = ClipReader(footage)
    reader.grown.connect(lambda asked, grown: told.append(grown))
    reader.read(ASKED, clip, pictures)
    assert reader.reading is ASKED
    qtbot.waitUntil(lambda: told != [] and told[-1].lost != "reading")
    assert reader.reading is None
    return told


def test_a_clip_gets_its_eeg_at_once_and_its_pictures_soon(qtbot: QtBot) -> None:
    first, whole = read(qtbot, Recorded())
    assert first.lost == "reading"
    assert first.eeg is not None
    assert first.eeg.shape == (600, 3)
    assert abs(first.eeg.mean()) < 5.0  # the filter has settled before the clip begins
    assert first.frames == ()
    assert whole.lost == ""
    assert whole.eeg is first.eeg
    assert len(whole.frames) == len(whole.frame_times) == 180
    assert whole.frame_times[0] == 99.0


def test_all_clips_of_a_person_have_the_scale_of_the_sessions_beginning_and_no_bad_channel(qtbot: QtBot) -> None:
    footage = Recorded()
    reader = ClipReader(footage)
    bad = replace(ASKED.prediction, bad_channels=(("Pz", "flat"),))
    for asked in (replace(ASKED, prediction=bad), ASKED):
        reader.read(asked, CLIP)
        reader._read_on()
        assert reader.clip.scale_uv == 30.0
        assert reader.clip.ch_names == (("Cz", "Oz") if asked is not ASKED else ("Cz", "Pz", "Oz"))
    assert [start for start, _ in footage.asked] == [95.0, 46.0, 95.0]
    reader.leave()


def test_it_reads_a_little_at_a_time(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.labelling.clip_reader._SLICE_S", 0.0)
    footage = Recorded()
    reader = ClipReader(footage)
    reader.read(ASKED, CLIP)
    for n_pictures in (0, 1, 2):
        reader._read_on()
        assert footage.n_given == n_pictures
    reader.leave()
    assert not reader._timer.isActive()
    assert footage.closed


@pytest.mark.parametrize("lost", ["pictures", "all"])
def test_what_cannot_be_read_leaves_the_clip_as_it_says_it_is(qtbot: QtBot, lost: Any) -> None:
    clip = replace(CLIP, lost=lost)
    assert read(qtbot, Recorded(broken=True), clip) == [clip]


def test_without_eeg_there_are_the_pictures_and_in_private_no_picture_is_even_read(qtbot: QtBot) -> None:
    assert read(qtbot, Recorded(has_eeg=False))[1].frames
    footage = Recorded()
    _, whole = read(qtbot, footage, replace(CLIP, lost="all"), pictures=False)
    assert footage.n_given == 0
    assert whole.has_eeg
    assert whole.frames == ()
