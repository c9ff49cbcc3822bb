"""A window of its own on what EEG tells by itself: spectrum, band powers on the head, alpha asymmetry, drift."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.panels.band_map import BandMap
from app.ui.plain import PlainLabel
from app.ui.theme import Theme
from core.eeg_figures import BANDS, PAIRS, PAST_S, SPAN_S, EegFigures

_MOST_HZ = 45.0
"""Where the signal chain's low-pass begins."""
_LEAST_DENSITY = 1e-3
"""µV²/Hz, below the noise of any electrode."""
_STRONG = 2
"""Pixels."""
_TITLE_SIZE = "10pt"
_COLORS = ("dim", "face", "eeg", "arousal", "valence")
"""Of the bands' lines, with a style each, since nothing is told by colour alone."""
_STYLES = (
    *(Qt.PenStyle.DotLine, Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine, Qt.PenStyle.DashDotLine),
    Qt.PenStyle.DashDotDotLine,
)


class EegWindow(QWidget):
    """Plots that are zoomed with wheel and mouse, and on which the value under the mouse is read.

    Parameters
    ----------
    figures
        What is shown; see `refresh`.
    theme
        How it looks.
    keys
        Key sequences that close it, beside Esc.
    hint
        How these are printed.
    """

    def __init__(self, figures: EegFigures, theme: Theme, keys: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__()
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(texts.EEG_FIGURES)
        self.figures = figures
        self.theme = theme
        self.heading, self.about = PlainLabel(texts.EEG_FIGURES, "heading"), PlainLabel()
        self.read_off, self.how = PlainLabel(texts.READ_OFF_HOW), PlainLabel(texts.eeg_figures_keys(hint), "note")
        self.about.setWordWrap(True)
        self.spectrum = self._plot(texts.SPECTRUM, texts.FREQUENCY, texts.DENSITY)
        self.spectrum.setLogMode(x=False, y=True)
        self.spectrum.setXRange(0.5, _MOST_HZ)
        self.asymmetry = self._plot(texts.ASYMMETRY, texts.MINUTES, texts.ASYMMETRY_UNIT)
        self.drift = self._plot(texts.DRIFT, texts.MINUTES, texts.DRIFT_UNIT)
        self._legend = self.drift.addLegend(offset=(4, 4), colCount=len(BANDS))
        self._why_empty = {plot: _words_over(plot) for plot in (self.spectrum, self.asymmetry, self.drift)}
        self.maps = {name: BandMap(name, band) for name, band in BANDS.items()}
        for sequence in ("Esc", *keys):
            QShortcut(QKeySequence(sequence), self).activated.connect(self.close)
        QShortcut(QKeySequence("0"), self).activated.connect(self.show_all)
        self._lay_out()
        self.resize(1100, 780)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Wear a theme; all lines are made anew."""
        self.theme = theme
        self.setStyleSheet(theme.stylesheet())
        for plot in (self.spectrum, self.asymmetry, self.drift):
            plot.setBackground(theme.color("panel"))
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(theme.color("faint"))
                axis.setTextPen(theme.color("dim"))
            plot.setTitle(plot.name, color=theme.color("text"), size=_TITLE_SIZE)
        # Lines run below it.
        self._legend.setBrush(theme.color("panel", 0.9))
        self._legend.setLabelTextColor(theme.color("text"))
        for widget in self.maps.values():
            widget.apply_theme(theme)
        self._outer.setContentsMargins(*(theme.px(14),) * 4)
        self._outer.setSpacing(theme.px(8))
        self._make_lines()
        self.refresh()

    def show_all(self) -> None:
        """Show all of each plot again, however it was zoomed."""
        for plot in self._why_empty:
            plot.enableAutoRange()
        self.spectrum.setXRange(0.5, _MOST_HZ)

    def why_empty(self) -> tuple[str, str, str]:
        """Return why nothing is drawn in spectrum, asymmetry and drift, ``""`` where something is."""
        figures, told = self.figures, self.figures.over_time
        if not len(figures.density) or not told.times:
            return (texts.NO_FIGURES,) * 3
        spectrum = "" if np.isfinite(figures.density).any() else texts.NO_CLEAN_ELECTRODE
        asymmetry = "" if np.isfinite(told.asymmetry).any() else texts.no_asymmetry(figures.pair, PAIRS)
        drift = "" if np.isfinite(told.drift).any() else texts.no_past(told.times[-1] - told.times[0], SPAN_S + PAST_S)
        return spectrum, asymmetry, drift

    def refresh(self) -> None:
        """Draw what is known now."""
        self.about.setText(texts.eeg_figures_note(self.figures.seconds))
        self._draw_spectrum()
        self._draw_over_time()
        for power, widget in zip(self.figures.powers, self.maps.values(), strict=True):
            widget.show_power(self.figures.names, self.figures.positions, power)
        for label, why in zip(self._why_empty.values(), self.why_empty(), strict=True):
            label.setText(why)

    def _make_lines(self) -> None:
        """Make what is drawn, once for a theme: `refresh` gives it its values."""
        theme = self.theme
        for plot in (self.spectrum, self.asymmetry, self.drift):
            plot.clear()
        for low, _ in list(BANDS.values())[1:]:
            self.spectrum.addItem(pg.InfiniteLine(low, pen=pg.mkPen(theme.color("edge"))))
        # All electrodes are one line with breaks in it: a line each takes thirty times as long.
        self._each = self.spectrum.plot(pen=pg.mkPen(theme.color("trace", 0.35)), connect="finite")
        strong = pg.mkPen(theme.color("accent"), width=_STRONG)
        self._median = self.spectrum.plot(pen=strong)
        self._edges = [pg.PlotDataItem(connect="finite") for _ in range(2)]
        self.asymmetry.addItem(pg.FillBetweenItem(*self._edges, brush=theme.color("eeg", 0.15)))
        dashed = pg.mkPen(theme.color("eeg"), style=Qt.PenStyle.DashLine)
        self._usual = self.asymmetry.plot(pen=dashed, connect="finite")
        self._value = self.asymmetry.plot(pen=strong, connect="finite")
        self.drift.addItem(pg.InfiniteLine(0.0, angle=0, pen=pg.mkPen(theme.color("edge"))))
        self._drift = []
        for name, color, style in zip(BANDS, _COLORS, _STYLES, strict=True):
            pen = pg.mkPen(theme.color(color), width=_STRONG, style=style)
            self._drift.append(self.drift.plot(pen=pen, name=name, connect="finite"))

    def _draw_spectrum(self) -> None:
        figures = self.figures
        shown = (figures.freqs >= 1.0) & (figures.freqs <= _MOST_HZ)
        freqs, density = figures.freqs[shown], np.maximum(figures.density[:, shown], _LEAST_DENSITY)
        known = density[np.isfinite(density).all(axis=1)]
        apart = np.pad(known, ((0, 0), (0, 1)), constant_values=np.nan)
        self._each.setData(np.tile(np.append(freqs, np.nan), len(known)), apart.ravel())
        self._median.setData(freqs, np.median(known, axis=0) if len(known) else np.full(len(freqs), np.nan))

    def _draw_over_time(self) -> None:
        told = self.figures.over_time
        minutes = (np.array(told.times) - (told.times[0] if told.times else 0.0)) / 60.0
        self.asymmetry.setTitle(
            texts.asymmetry_title(self.figures.pair) if self.figures.names else texts.ASYMMETRY,
            color=self.theme.color("text"),
            size=_TITLE_SIZE,
        )
        usual, spread = np.array(told.usual), np.array(told.spread)
        known = np.isfinite(usual)
        for edge, side in zip(self._edges, (-1.0, 1.0), strict=True):
            edge.setData(minutes[known], (usual + side * spread)[known])
        self._usual.setData(minutes, usual)
        self._value.setData(minutes, np.array(told.asymmetry))
        for line, column in zip(self._drift, np.array(told.drift).reshape(-1, len(BANDS)).T, strict=True):
            line.setData(minutes, column)

    def _plot(self, name: str, across: str, up: str) -> pg.PlotWidget:
        plot = pg.PlotWidget()
        plot.name = name
        for part in (plot, plot.viewport()):
            part.setAccessibleName(name)
        plot.setLabel("bottom", across)
        plot.setLabel("left", up)
        plot.showGrid(x=True, y=True, alpha=0.15)
        plot.setMenuEnabled(False)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        plot.scene().sigMouseMoved.connect(lambda at, plot=plot: self._read_off(plot, at))
        return plot

    def _read_off(self, plot: pg.PlotWidget, at: object) -> None:
        """Say what the place under the mouse stands for."""
        spot = plot.getPlotItem().vb.mapSceneToView(at)
        value = 10.0 ** spot.y() if plot is self.spectrum and abs(spot.y()) < 300 else spot.y()
        if math.isfinite(value):
            self.read_off.setText(texts.read_off(plot.name, spot.x(), value))

    def _lay_out(self) -> None:
        maps, below = QHBoxLayout(), QHBoxLayout()
        for widget in self.maps.values():
            maps.addWidget(widget, 1)
        below.addWidget(self.asymmetry, 1)
        below.addWidget(self.drift, 1)
        self._outer = QVBoxLayout(self)
        for label in (self.heading, self.about):
            self._outer.addWidget(label)
        self._outer.addWidget(self.spectrum, 4)
        self._outer.addLayout(maps, 3)
        self._outer.addLayout(below, 4)
        foot = QHBoxLayout()
        foot.addWidget(self.read_off, 1)
        foot.addWidget(self.how)
        self._outer.addLayout(foot)


def _words_over(plot: pg.PlotWidget) -> PlainLabel:
    """Return words in the middle of a plot, through which the mouse reaches it."""
    words = PlainLabel("", "empty")
    words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    QVBoxLayout(plot).addWidget(words, 0, Qt.AlignmentFlag.AlignCenter)
    return words
