"""The window on what EEG tells by itself draws the figures that it is given, and can be read off."""

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from app import texts
from app.panels.eeg_window import EegWindow
from app.ui.theme import DARK, LIGHT
from core.eeg_figures import BANDS, EegFigures
from tests.core.test_eeg_figures import noise, sine, windows


@pytest.fixture
def figures() -> EegFigures:
    made = EegFigures()
    for window in windows(noise(70) / 20 + np.stack([sine(10, 10, 70), sine(10, 20, 70), sine(6, 8, 70)])):
        made.push(window)
    return made


def test_it_draws_what_the_figures_say(figures: EegFigures, qtbot: QtBot):
    window = EegWindow(figures, LIGHT)
    qtbot.addWidget(window)
    freqs, median = window._median.getOriginalDataset()
    shown = (figures.freqs >= 1.0) & (figures.freqs <= 45.0)
    np.testing.assert_array_equal(freqs, figures.freqs[shown])
    np.testing.assert_array_equal(median, np.median(figures.density[:, shown], axis=0))
    each = window._each.getOriginalDataset()[1]
    assert np.isnan(each).sum() == len(figures.names)  # a break behind each electrode
    minutes, value = window._value.getOriginalDataset()
    np.testing.assert_array_equal(value, figures.over_time.asymmetry)
    assert minutes[-1] == pytest.approx((figures.over_time.times[-1] - figures.over_time.times[0]) / 60)
    for k, line in enumerate(window._drift):
        np.testing.assert_array_equal(line.getOriginalDataset()[1], np.array(figures.over_time.drift)[:, k])
    words = window.maps["alpha"].words
    assert words.startswith("F4 2")  # 20 µV: 200 µV²
    assert "O1" in words
    assert "ln F4 − ln F3" in texts.asymmetry_title(figures.pair)


def test_it_is_drawn_anew_in_another_theme_and_with_nothing_yet(figures: EegFigures, qtbot: QtBot):
    window = EegWindow(figures, LIGHT)
    qtbot.addWidget(window)
    window.apply_theme(DARK)
    assert len(window._drift) == len(BANDS)
    assert len(window._value.getOriginalDataset()[1]) == len(figures.over_time.times)
    figures.clear()
    window.refresh()
    assert window.maps["alpha"].words == ""
    assert window.about.text().startswith("No EEG yet")
    assert "not of a feeling" in window.about.text()


def test_the_value_under_the_mouse_is_told_as_power_not_as_its_logarithm(figures: EegFigures, qtbot: QtBot):
    window = EegWindow(figures, LIGHT)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    view = window.spectrum.getPlotItem().vb
    window._read_off(window.spectrum, view.mapViewToScene(QPointF(10.0, 1.0)))
    assert window.read_off.text() == "Spectrum: 10.00, 10"


def test_an_empty_plot_says_why_and_keys_are_printed(figures: EegFigures, qtbot: QtBot):
    made = EegFigures()
    window = EegWindow(made, LIGHT, ("Shift+E",), "⇧ E")
    qtbot.addWidget(window)
    assert set(window.why_empty()) == {texts.NO_FIGURES}
    for each in windows(noise(21) / 20):
        made.push(each)
    window.refresh()
    assert window.why_empty() == ("", "", "It takes 50 s of EEG; there are 19 s.")
    assert [label.text() for label in window._why_empty.values()] == list(window.why_empty())
    made.names = ("Cz", "O1", "O2")
    made.over_time.asymmetry[:] = [np.nan] * len(made.over_time.asymmetry)
    assert window.why_empty()[1].startswith("It takes one of F4 and F3, ")
    window.figures = figures
    assert window.why_empty() == ("", "", "")
    assert "⇧ E or Esc closes" in window.how.text()


def test_a_key_shows_all_again(figures: EegFigures, qtbot: QtBot):
    window = EegWindow(figures, LIGHT)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.drift.setXRange(0.9, 1.0)
    window.spectrum.setXRange(8, 13)
    qtbot.keyClick(window, Qt.Key.Key_0)
    (left, right), _ = window.drift.viewRange()
    assert left < 0.9
    assert right > 1.0
    assert window.spectrum.viewRange()[0][1] >= 45
