"""The streams panel: calm at a glance, all that is measured on demand."""

import queue
from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from acquisition.lsl_found import FoundStream
from app import texts
from app.panels.stream_list import StreamList
from app.ui.plain import tip
from app.ui.theme import LIGHT
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.shown_session import ShownSession
from core.data import StreamHealth, StreamInfo
from tests.app.staged import CLASSES, T0, Clock, eeg_info, segment, video_info

EEG = eeg_info()


def health(**changes: Any) -> StreamHealth:
    usual = StreamHealth(EEG.key, T0, True, 0.02, 255.9, 256.0, 9000, 0, 0, 0.0003, 0.00042, 0.0)
    return replace(usual, **changes)


@pytest.fixture
def panel(qtbot: QtBot) -> StreamList:
    made = StreamList()
    qtbot.addWidget(made)
    made.resize(900, 60)
    made.show_stream(EEG)
    return made


def test_all_streams_are_in_sight_at_a_glance_and_in_detail(staged, qtbot: QtBot) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.health()
    for k in range(3):
        scene.stage.outbox.put(replace(eeg_info(), key=f"other-{k}", kind="truth"))
    scene.settle()
    window = scene.window
    assert len(window.streams.chips) == 5
    assert all(chip.isVisible() and chip.height() >= 30 for chip in window.streams.chips.values())
    qtbot.keyClick(window, Qt.Key.Key_I)
    scene.settle()
    table = window.streams.table
    assert table.isVisible()
    assert table.rowCount() == 5
    assert table.verticalScrollBar().maximum() == 0
    assert [table.item(0, column).text() for column in (1, 2, 7, 8, 9)] == [
        "running", "255.9 of 256 Hz", "+0.3 ms", "µV", "9\u202f000",
    ]  # fmt: skip
    qtbot.keyClick(window, Qt.Key.Key_I)
    assert not window.streams.detailed


def test_a_stream_at_its_end_has_no_tick(panel: StreamList) -> None:
    chip = panel.chips[EEG.key]
    panel.show_health(health())
    assert chip.level == "well"
    panel.show_health(health(ended=True, last_sample_age=9.0))
    assert (chip.level, chip.line) == ("doubt", "has ended")
    assert panel.table.item(0, 1).text() == "ended"
    panel.show_health(health(ended=True, connected=False))
    assert (chip.level, chip.line) == ("trouble", "not read any more")
    assert panel.table.item(0, 1).text() == "× stopped"


def test_a_stream_that_nobody_chose_is_offered_until_it_is_pressed(panel: StreamList, qtbot: QtBot) -> None:
    keys = FoundStream("Keys", "Markers", "lab", "keys", "uid", 1, 0.0, "markers")
    panel.resize(300, 60)
    before = panel.sizeHint().height()
    panel.offer([keys])
    chip = panel.offers[keys]
    assert (chip.level, chip.text(), chip.line) == ("doubt", "Keys", texts.OFFERED)
    assert panel.sizeHint().height() > before
    with qtbot.waitSignal(panel.wanted) as wanted:
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert wanted.args == [keys]
    assert panel.offers == {}
    assert panel.sizeHint().height() == before


def test_an_offer_goes_with_its_program(panel: StreamList) -> None:
    keys = FoundStream("Keys", "Markers", "lab", "keys", "uid", 1, 0.0, "markers")
    film = replace(keys, name="Film", uid="other")
    panel.offer([keys, film])
    panel.apply_theme(replace(LIGHT, scale=1.5))
    assert all(chip.theme.scale == 1.5 for chip in panel.offers.values())
    panel.offer([film])
    assert list(panel.offers) == [film]


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, "well", "EEG · 19 channels · 255.9 Hz"),
        ({"n_gaps": 1}, "well", "255.9 Hz · 1 gap"),
        ({"n_gaps": 3}, "well", "3 gaps"),
        ({"connected": False, "last_sample_age": 14.0}, "trouble", "lost, last sample 14 s ago"),
        ({"last_sample_age": 5.0}, "trouble", "silent for 5 s"),
        ({"effective_sfreq": 200.0}, "trouble", "200.0 of 256 Hz"),
    ],
)
def test_a_glance_tells_what_is_wrong(panel: StreamList, changes: dict[str, Any], level: str, words: str) -> None:
    chip = panel.chips[EEG.key]
    assert chip.level == "waiting"
    panel.show_health(health(**changes))
    assert chip.level == level
    assert words in chip.line
    assert chip.accessibleName() == f"LiveAmp: {chip.line}"
    chip.grab()


def test_a_unit_that_is_assumed_is_a_doubt(panel: StreamList) -> None:
    panel.show_stream(replace(EEG, unit_confirmed=False))
    panel.show_health(health())
    assert (panel.chips[EEG.key].level, panel.table.item(0, 8).text()) == ("doubt", "µV, assumed")


def test_details_are_in_the_tip_and_the_table(panel: StreamList) -> None:
    panel.show_health(health(n_gaps=2, missing=0.61, n_dropped=1560))
    assert [panel.table.item(0, column).text() for column in (3, 4, 5, 6)] == [
        "0.02 s", "0.42 ms", "1\u202f560", "2, 0.6 s",
    ]  # fmt: skip
    assert "Jitter: 0.42 ms" in panel.chips[EEG.key].toolTip()


def test_what_is_cut_stands_whole_in_the_tip(panel: StreamList) -> None:
    name = "a name longer than any chip is wide " * 3 + "& <b>"
    keys = FoundStream(name, "Markers", "desk", "k", "uid", 1, 0.0, "markers")
    panel.offer([keys])
    assert panel.offers[keys].toolTip() == tip("\n".join((name, texts.OFFERED, texts.OFFERED_TIP)))
    panel.show_stream(replace(EEG, name=name))
    assert panel.table.item(0, 0).toolTip() == tip(panel.table.item(0, 0).text())
    assert name.strip() in panel.table.item(0, 0).text()


def test_no_negative_zero_and_no_number_where_there_is_none(panel: StreamList) -> None:
    panel.show_health(health(clock_offset=-1e-9, last_sample_age=-0.001, jitter=float("nan")))
    assert [panel.table.item(0, column).text() for column in (3, 4, 7)] == ["0.00 s", "–", "+0.0 ms"]
    assert texts.age(float("nan")) == "–"


def test_without_a_recording_it_says_so(qtbot: QtBot) -> None:
    panel = StreamList(recorded=False)
    qtbot.addWidget(panel)
    panel.show_stream(EEG)
    panel.show_health(health())
    assert panel.table.item(0, 9).text() == "not recorded"


def test_an_answer_that_nobody_keeps_is_called_so_and_the_desk_goes_on(qtbot: QtBot) -> None:
    answers: list[object] = []
    bridge = Bridge(queue.Queue(), interval_ms=3_600_000)
    window = MainWindow(bridge, ShownSession(CLASSES, answers.append, Clock(), recorded=False))
    qtbot.addWidget(window)
    window.show()
    bridge.stream_found.emit(EEG)
    bridge.segment_asked.emit(segment("a", T0))
    bridge.segment_asked.emit(segment("b", T0 + 9, 0.5))
    window.labelling.choose("sad")
    qtbot.waitUntil(
        lambda: window.labelling.annotation.current is not None and window.labelling.annotation.current.uid == "b"
    )
    assert answers == []
    assert window.labelling.outbox.words().startswith("Not recorded: sad. This run keeps nothing.")
    window.refresh()
    assert window.state.sentence.text().startswith(texts.DOING["looking"])
    bridge.stop()


def test_the_room_grows_with_the_type(staged) -> None:
    scene = staged()
    scene.stage.open()
    scene.settle()
    window = scene.window
    window.resize(1920, 1200)
    window.set_theme(replace(window.theme, scale=1.8))
    scene.settle()
    assert window.view._streams_panel.height() == window.streams.sizeHint().height() + window.theme.px(44)


def test_room_is_made_for_more_rows_in_a_narrow_window(panel: StreamList, qtbot: QtBot) -> None:
    wide = panel.sizeHint().height()
    panel.show_stream(video_info())
    panel.show()
    with qtbot.waitSignal(panel.resized):
        panel.resize(320, 200)
    assert panel.sizeHint().height() > wide
    with qtbot.waitSignal(panel.resized):
        qtbot.mouseClick(panel.chips[EEG.key], Qt.MouseButton.LeftButton)
    assert panel.detailed


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({"n_samples": 0, "last_sample_age": float("nan")}, "well", "no marker yet"),
        ({"n_samples": 1, "last_sample_age": 0.4}, "well", "1 marker, last 0 s ago"),
        ({"n_samples": 3, "last_sample_age": 12.0}, "well", "3 markers, last 12 s ago"),
        ({"n_samples": 3, "last_sample_age": 900.0}, "well", "3 markers, last 15 min ago"),
        ({"n_samples": 3, "last_sample_age": 12.0, "connected": False}, "trouble", "gone, 3 markers, last 12 s ago"),
    ],
)
def test_markers_are_told_as_what_comes_now_and_then(
    panel: StreamList, changes: dict[str, Any], level: str, words: str
) -> None:
    panel.show_stream(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    panel.show_health(replace(health(stream="keys", nominal_sfreq=0.0, effective_sfreq=0.0), **changes))
    assert (panel.chips["keys"].level, panel.chips["keys"].line) == (level, words)
    assert [panel.table.item(1, column).text() for column in (2, 4, 5, 6, 8)] == ["irregular", "–", "–", "–", "–"]


def test_a_stream_that_is_waited_for_keeps_its_place_when_it_comes(panel: StreamList) -> None:
    awaited = StreamInfo("markers/Film", "markers", "", "Film", "Markers", dtype="string", awaited=True)
    panel.show_stream(awaited)
    waits = StreamHealth(awaited.key, T0, True, float("nan"), 0.0, 0.0, 0, 0, 0, 0.0)
    panel.show_health(waits)
    chip = panel.chips[awaited.key]
    assert (chip.level, chip.line) == ("waiting", "waiting for its program")
    assert [panel.table.item(1, column).text() for column in (1, 2, 9)] == ["waited for", "–", "–"]
    panel.show_stream(replace(awaited, awaited=False))
    panel.show_health(replace(waits, n_samples=1, last_sample_age=3.0))
    assert panel.chips[awaited.key] is chip
    assert (chip.level, chip.line) == ("well", "1 marker, last 3 s ago")
    assert panel.table.item(1, 1).text() == "running"


def test_markers_that_are_gone_are_told_with_when_that_was(panel: StreamList) -> None:
    panel.show_stream(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    panel.zero = T0
    gone = replace(health(stream="keys", nominal_sfreq=0.0, n_samples=3, connected=False), time=T0 + 751.0)
    for later in (0.0, 60.0):
        panel.show_health(replace(gone, time=gone.time + later))
        assert panel.chips["keys"].line == "gone since 12:31, 3 markers"
    panel.show_health(replace(gone, connected=True, last_sample_age=90.0))
    assert panel.chips["keys"].line == "3 markers, last 90 s ago"


LOST = StreamInfo("lab/Muse", "eeg", "P001", "Muse", hostname="lab", source_id="1234")
BACK = FoundStream("Muse", "EEG", "lab", "-5678", "uid-back", 4, 256.0, "eeg")


def test_what_may_be_a_lost_stream_is_one_press_away(panel: StreamList, qtbot: QtBot) -> None:
    other = replace(BACK, source_id="9", uid="uid-other")
    rows = panel.sizeHint().height()
    with qtbot.waitSignal(panel.resized):
        panel.offer_back([(LOST, BACK), (LOST, other)])
    assert panel.sizeHint().height() >= rows
    first, second = panel.returns.values()
    assert (first.text(), first.line, first.level) == ("Muse", "is it P001's lost Muse? Y", "trouble")
    assert second.line == "is it P001's lost Muse?"
    for words in ("source_id '-5678', on lab", "It had source_id '1234'", "noted in the recording"):
        assert words in first.toolTip()
    with qtbot.waitSignal(panel.taken_back) as told:
        qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert told.args == [LOST.key, other]
    with qtbot.waitSignal(panel.taken_back) as told:
        panel.take_back()
    assert told.args == [LOST.key, BACK]
    panel.offer_back([(LOST, other)])
    assert [chip.line for chip in panel.returns.values()] == ["is it P001's lost Muse? Y"]
    panel.offer_back([])
    assert panel.returns == {}
    panel.take_back()
