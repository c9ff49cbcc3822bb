import pytest
from pytestqt.qtbot import QtBot

from app.labelling.clip_cutter import ClipCutter
from app.timeline.traces import Traces
from tests.app.staged import T0, Stage, segment


@pytest.fixture
def played(qtbot: QtBot) -> tuple[ClipCutter, Stage]:
    traces, stage = Traces(), Stage(4)
    qtbot.addWidget(traces)
    cutter = ClipCutter(traces, 1.0)
    traces.show_stream(stage.eeg)
    traces.show_bad((("Fp2", "flat"),))
    for _ in range(40):
        traces.push(stage.eeg_chunk(64))
        cutter.push(stage.video_chunk())
    return cutter, stage


def test_a_segment_comes_with_what_is_round_it_and_without_bad_channels(played: tuple[ClipCutter, Stage]) -> None:
    cutter, stage = played
    clip = cutter.cut(segment("a", T0 + 2), stage.time)
    assert (clip.start, clip.stop, clip.asked) == (T0 + 1, T0 + 7, (T0 + 2, T0 + 6))
    assert clip.ch_names == ("Fp1", "F7", "F3")
    assert clip.eeg is not None
    assert clip.eeg.shape == (6 * 256, 3)
    assert len(clip.frames) == 24
    assert cutter.grown(stage.time) == []


def test_it_tells_once_when_there_is_more_of_a_segment(played: tuple[ClipCutter, Stage]) -> None:
    cutter, stage = played
    asked = segment("a", stage.time - 4.5)
    assert cutter.cut(asked, stage.time).stop == stage.time
    assert cutter.grown(asked.stop + 1.0) == []
    assert cutter.grown(asked.stop + 1.2) == [asked]
    assert cutter.grown(asked.stop + 1.2) == []
