"""One row a channel: its label, its signal as it comes, and the electrode that it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QScrollArea, QWidget

from app import texts
from app.start.channel_mapping import trouble_with
from app.start.signal_line import SignalLine
from app.ui.choice import Choice
from app.ui.plain import PlainLabel
from app.ui.theme import LIGHT, Theme
from core.data import Array, StreamInfo
from core.montage import template

_SHOWN = 3.0
"""Seconds of signal in a row."""
_SMOOTH = 0.5
"""The level over this many seconds is taken out of the signal that is drawn."""
_POINTS = 300


class ChannelRows(QScrollArea):
    """All channels of a stream, each to be named.

    Parameters
    ----------
    info
        The stream.
    """

    changed = pyqtSignal()

    def __init__(self, info: StreamInfo) -> None:
        super().__init__()
        self._info = info
        self._theme: Theme = LIGHT
        held = QWidget()
        self._grid = QGridLayout(held)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self.lines: list[QLineEdit] = []
        self.no_electrode: list[Choice] = []
        self.signals: list[SignalLine] = []
        for k, channel in enumerate(info.channels):
            self._add(k, channel.label)
            self.no_electrode[k].setChecked(channel.kind != "eeg")
            self._let(k)
        self._grid.setRowStretch(len(info.channels), 1)
        self.setWidgetResizable(True)
        self.setWidget(held)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def names(self) -> tuple[str | None, ...]:
        """The electrode of each channel: ``""`` unknown, None not one."""
        return tuple(
            None if box.isChecked() else line.text().strip()
            for box, line in zip(self.no_electrode, self.lines, strict=True)
        )

    @property
    def chosen(self) -> str:
        """The electrode whose row has the focus."""
        return next((line.text().strip() for line in self.lines if line.hasFocus()), "")

    def fill(self, names: Sequence[str]) -> None:
        """Name all channels that are electrodes."""
        for box, line, name in zip(self.no_electrode, self.lines, names, strict=True):
            line.setText("" if box.isChecked() else name)
        self.changed.emit()

    def mark(self) -> str:
        """Mark the rows whose names are wrong; return in words what is wrong with the first."""
        trouble = trouble_with([name or "" for name in self.names])
        words = (
            texts.twice(trouble[1]) if isinstance(trouble, tuple) else texts.no_electrode(trouble) if trouble else ""
        )
        wrong = (trouble[1] if isinstance(trouble, tuple) else trouble).lower()
        for line in self.lines:
            state = "true" if wrong and line.text().strip().lower() == wrong else "false"
            if line.property("wrong") != state:
                line.setProperty("wrong", state)
                line.setAccessibleDescription(words if state == "true" else "")
                line.setStyleSheet(line.styleSheet())
        return words

    def show_signal(self, samples: Array) -> None:
        """Draw the newest samples, array of shape (n_times, n_chans), each in proportion to all."""
        sfreq = self._info.sfreq or 250.0
        n_level = max(1, round(_SMOOTH * sfreq))
        recent = np.asarray(samples[-round(_SHOWN * sfreq) - n_level :], dtype=float)
        if len(recent) <= n_level + 1:
            return
        sums = np.cumsum(np.nan_to_num(recent), axis=0)
        drawn = recent[n_level:] - (sums[n_level:] - sums[:-n_level]) / n_level
        every = max(1, len(drawn) // _POINTS)
        picks = [k for k, name in enumerate(self.names) if name is not None] or list(range(drawn.shape[1]))
        reach = 4.0 * float(np.median(np.std(drawn[:, picks], axis=0)))
        for k, signal in enumerate(self.signals):
            # What is no EEG has a size of its own.
            own = reach if k in picks else 3.0 * float(np.std(drawn[:, k]))
            signal.show_signal(drawn[::every, k], own)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(4))
        for line, box, signal in zip(self.lines, self.no_electrode, self.signals, strict=True):
            line.setFixedWidth(theme.px(84))
            box.apply_theme(theme)
            signal.apply_theme(theme)
            signal.setFixedHeight(theme.px(30))
            completer = line.completer()
            popup = completer.popup() if completer is not None else None
            if popup is not None:
                popup.setStyleSheet(theme.stylesheet() + f"* {{ background: {theme.raised}; }}")

    def _add(self, k: int, label: str) -> None:
        shown = PlainLabel(f"{k + 1}" + (f"  {label}" if label else ""))
        shown.setToolTip(label)
        line = QLineEdit()
        line.setAccessibleName(f"{texts.CHANNELS_MAP}: {shown.text()}")
        completer = QCompleter(sorted(template()), line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setCompleter(completer)
        line.textChanged.connect(self.changed)
        line.returnPressed.connect(lambda: self._next(k))
        box = Choice(texts.CHANNELS_NOT)
        box.setAccessibleName(f"{shown.text()}: {texts.CHANNELS_NOT}")
        box.toggled.connect(lambda: self._let(k))
        box.clicked.connect(self.changed)
        signal = SignalLine(f"{texts.CHANNELS_SIGNAL} {shown.text()}")
        self.lines.append(line)
        self.no_electrode.append(box)
        self.signals.append(signal)
        for column, widget in enumerate((shown, signal, line, box)):
            self._grid.addWidget(widget, k, column)

    def _let(self, k: int) -> None:
        self.lines[k].setEnabled(not self.no_electrode[k].isChecked())

    def _next(self, k: int) -> None:
        """Go to the next channel, so that all are named with Return after each."""
        following = next((line for line in self.lines[k + 1 :] if line.isEnabled()), None)
        if following is not None:
            following.setFocus()
            following.selectAll()
            self.ensureWidgetVisible(following)
