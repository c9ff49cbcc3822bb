"""The electrode map, on a staged session and on its own."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from app import texts
from app.panels.electrode_map import ElectrodeMap
from app.ui.theme import DARK, LIGHT
from core.data import Channel, ChannelQuality
from tests.app.staged import T0, eeg_info, prediction, window
from tests.app.timeline.test_traces import pixels


@pytest.fixture
def shown(qtbot: QtBot) -> ElectrodeMap:
    made = ElectrodeMap()
    qtbot.addWidget(made)
    made.resize(330, 230)
    made.apply_theme(LIGHT)
    made.show_stream(eeg_info(19))
    return made


def at(shown: ElectrodeMap, name: str) -> QPointF:
    return shown._place(shown._boxes()[0], shown._names.index(name))


def color(shown: ElectrodeMap, name: str, up: float = 0.75) -> str:
    spot = at(shown, name)
    return (
        shown.grab().toImage().pixelColor(int(spot.x()), int(spot.y() - up * shown._radius(shown._boxes()[0]))).name()
    )


def test_before_a_window_nothing_is_claimed(shown: ElectrodeMap) -> None:
    assert color(shown, "Cz") == LIGHT.raised.lower()
    assert shown.note() == ""


def test_clean_is_strong_noisy_is_pale_and_bad_is_ringed(shown: ElectrodeMap) -> None:
    made = window(eeg_info(19), prediction(T0))
    score = np.ones(19, np.float32)
    score[9] = 0.1
    score[7] = 0.0
    shown.show_window(
        replace(made, quality=ChannelQuality(score, score * 0, score * 0), bad_channels=(("T7", "flat"),))
    )
    assert color(shown, "C3") == LIGHT.accent.lower()
    pale = color(shown, "Cz")
    assert pale not in (LIGHT.accent.lower(), LIGHT.raised.lower())
    assert color(shown, "T7") == LIGHT.panel.lower()
    assert shown.note() == "18 of 19 good"


@pytest.mark.parametrize(
    ("why", "shortest", "whole"),
    [
        ("bridged with F3", "= F3", "bridged with F3: wipe the gel between them"),
        ("drifts", "drifts", "drifts: clean the skin, wait for the gel"),
        ("louder than the others", "louder", "louder than the others: check the contact"),
    ],
)
def test_a_reason_has_a_short_form_and_a_remedy(why: str, shortest: str, whole: str) -> None:
    assert (texts.short_reason(why), texts.shortest_reason(why), texts.reason(why)) == (why, shortest, whole)


def test_the_mouse_is_told_why(shown: ElectrodeMap) -> None:
    shown.show_window(window(eeg_info(19), prediction(T0)))
    assert shown._tooltip_at(at(shown, "T7")) == "T7: flat: check the contact"
    assert shown._tooltip_at(at(shown, "C3")).startswith("C3: ")
    assert shown._tooltip_at(QPointF(1, 1)) == ""


def test_a_lost_stream_says_nothing_of_its_electrodes(shown: ElectrodeMap) -> None:
    shown.show_window(window(eeg_info(19), prediction(T0)))
    shown.show_lost(True)
    assert color(shown, "C3") == LIGHT.raised.lower()
    assert shown.note() == ""


def test_a_window_of_other_channels_is_not_taken(shown: ElectrodeMap) -> None:
    shown.show_window(window(eeg_info(8), prediction(T0)))
    assert shown.note() == ""


@pytest.mark.parametrize(("n_chans", "size"), [(4, (330, 230)), (19, (200, 500)), (64, (400, 700)), (128, (330, 200))])
def test_any_number_at_any_size_can_be_drawn(qtbot: QtBot, n_chans: int, size: tuple[int, int]) -> None:
    made = ElectrodeMap()
    qtbot.addWidget(made)
    made.resize(*size)
    made.apply_theme(DARK)
    blank = pixels(made.grab().toImage())
    made.show_stream(eeg_info(n_chans))
    made.show_window(window(eeg_info(n_chans), prediction(T0)))
    assert (pixels(made.grab().toImage()) != blank).any()


def test_electrodes_without_a_place_are_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    made, written = ElectrodeMap(), []
    qtbot.addWidget(made)
    made.resize(330, 230)
    monkeypatch.setattr(made, "write", lambda painter, box, text, *rest, **named: written.append(text))
    made.show_stream(replace(eeg_info(4), channels=tuple(Channel(f"Ch{k}", f"Ch{k}") for k in range(4))))
    made.grab()
    assert texts.NO_PLACES in written


def test_the_engines_windows_reach_map_traces_and_trust(staged) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.play(2, "no usable signal: EEG flat, no face", eeg="flat", face="no face")
    scene.settle()
    assert scene.window.electrodes.note() == "17 of 19 good"
    assert scene.window.traces.bad == {"T7", "O2"}
    assert scene.window.trust._problems == {"eeg": "flat", "face": "no face"}


@pytest.mark.parametrize("name", ["PO4", "O1", "Cz", "T7"])
def test_the_name_of_a_bad_electrode_is_written_where_it_hides_the_fewest_others(qtbot: QtBot, name: str) -> None:
    made = ElectrodeMap()
    qtbot.addWidget(made)
    made.resize(230, 330)
    made.apply_theme(LIGHT)
    made.show_stream(eeg_info(96))
    radius = made._radius(made._boxes()[0])
    assert not made._fits(radius)
    spot = at(made, name)
    box = made.name_box(spot, max(radius, made.theme.px(5)), name)
    assert QRectF(made.rect()).contains(box)
    assert not box.contains(spot)

    def hidden(middle: QPointF) -> int:
        moved = box.translated(middle - box.center()).adjusted(-radius, -radius, radius, radius)
        return sum(moved.contains(at(made, other)) for other in made._names)

    away = box.center() - spot
    assert hidden(box.center()) <= hidden(spot - away)
