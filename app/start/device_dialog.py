"""The dialog for a headset that does not say all of itself: electrode by electrode, and the unit, beside the signal."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import texts
from app.start.channel_mapping import UNITS, doubts, keep, meanings, unit_of, ways_to_name
from app.start.channel_rows import ChannelRows
from app.start.device_preview import DevicePreview
from app.start.named_head import NamedHead
from app.ui.canvas import Canvas
from app.ui.choice import Choice
from app.ui.panel import Panel
from app.ui.plain import PlainLabel
from app.ui.theme import Theme
from core.data import StreamInfo
from core.montage import canonical_name

_LOOK_MS = 100
_JUDGE_EVERY = 10
"""Looks between two judgements of the unit."""


class DeviceDialog(QDialog):
    """Asks which electrode each channel is and in which unit it comes; accepted once the answer is remembered.

    Parameters
    ----------
    info
        The stream, opened.
    preview
        Gives its signal; someone else polls it.
    theme
        How it looks.
    """

    def __init__(self, info: StreamInfo, preview: DevicePreview, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.channels_of(info.name))
        self._info, self._preview, self.theme = info, preview, theme
        self._looks = 0
        self._tried = self._told_unnamed = False
        self.rows = ChannelRows(info)
        self.head = NamedHead(texts.CHANNELS_MAP)
        self.units = {unit: Choice(texts.UNIT_NAMES[unit], one_of=True, tall=True) for unit in UNITS}
        self.units[doubts(info).unit or unit_of(info) if info.picks else "uV"].setChecked(True)
        self.ways = QComboBox()
        self.ways.setAccessibleName(texts.CHANNELS_FILL)
        self._named = ways_to_name(info)
        for way in self._named:
            self.ways.addItem(f"{texts.CHANNELS_FILL}: {texts.CHANNELS_WAYS[way]}", way)
        self.message = PlainLabel()
        self.message.setWordWrap(True)
        self.keep = _button(f"{texts.CHANNELS_KEEP}  Ctrl+↵", "primary")
        self.cancel = _button(f"{texts.CHANNELS_CANCEL}  Esc", "plain")
        self._lay_out()
        self._connect()
        self.rows.fill([channel.name if channel.position is not None else "" for channel in info.channels])
        if not any(self.rows.names):
            self.rows.fill(self._named[self.ways.currentData()])
        self.resize(theme.px(1060), theme.px(700))
        self._apply_theme()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_LOOK_MS)
        self.refresh()
        next((line for line in self.rows.lines if line.isEnabled()), self.keep).setFocus()

    @property
    def unit(self) -> str:
        """The unit that is chosen."""
        return next(unit for unit, button in self.units.items() if button.isChecked())

    def refresh(self) -> None:
        """Draw what has come since the last look."""
        _, samples = self._preview.samples()
        self.rows.show_signal(samples)
        self.head.show_names(self._electrodes(), canonical_name(self.rows.chosen) or "")
        self._looks += 1
        if self._looks % _JUDGE_EVERY != 1 or not self._info.picks:
            return
        for meaning in meanings(samples[:, self._info.picks], self._info.sfreq):
            name = texts.UNIT_NAMES[meaning.unit]
            title = f"{name} – {texts.CHANNELS_LIKELY}" if meaning.likely else name
            words = texts.unit_means(meaning.amplitude_uv, meaning.alpha_uv, meaning.like_eeg)
            self.units[meaning.unit].set_text(title, words)

    def confirm(self) -> None:
        """Remember the answer; stay if something is wrong with it, and once where no electrode is named."""
        self._tried = True
        if words := self.rows.mark():
            self._show_hint(words)
            return
        if not any(self.rows.names) and not self._told_unnamed:
            self._told_unnamed = True
            self._show_hint(texts.CHANNELS_UNNAMED)
            return
        try:
            keep(self._info, self.rows.names, self.unit)
        except OSError as error:
            self._show_hint(texts.not_remembered(error.strerror or str(error)))
            return
        self.accept()

    def done(self, result: int) -> None:
        """Leave."""
        self._timer.stop()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Press a button that has the focus with Return, which otherwise goes to the next channel."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focus = self.focusWidget()
            if isinstance(focus, QPushButton):
                focus.click()
            return
        super().keyPressEvent(event)

    def _electrodes(self) -> list[str]:
        return [known for name in self.rows.names if name and (known := canonical_name(name))]

    def _changed(self) -> None:
        self.head.show_names(self._electrodes(), canonical_name(self.rows.chosen) or "")
        self._told_unnamed = False
        if self._tried:
            self._show_hint(self.rows.mark())

    def _show_hint(self, words: str) -> None:
        self.message.setText(words)
        self.message.setObjectName("problem" if words else "message")
        self.message.setStyleSheet(self.message.styleSheet())

    def _connect(self) -> None:
        self.rows.changed.connect(self._changed)
        self.ways.activated.connect(lambda: self.rows.fill(self._named[self.ways.currentData()]))
        self.keep.clicked.connect(self.confirm)
        self.cancel.clicked.connect(self.reject)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.confirm)

    def _lay_out(self) -> None:
        title = PlainLabel(texts.channels_of(self._info.name))
        title.setObjectName("heading")
        how = PlainLabel(texts.CHANNELS_HOW)
        how.setObjectName("note")
        how.setWordWrap(True)
        group = QButtonGroup(self)
        units = QWidget()
        column = QVBoxLayout(units)
        column.setContentsMargins(0, 0, 0, 0)
        for button in self.units.values():
            group.addButton(button)
            column.addWidget(button)
        channels = QWidget()
        within = QVBoxLayout(channels)
        within.setContentsMargins(0, 0, 0, 0)
        within.addWidget(how)
        within.addWidget(self.ways)
        within.addWidget(self.rows, 1)
        self._right, self._body, self._foot, self._outer = (
            QVBoxLayout(),
            QHBoxLayout(),
            QHBoxLayout(),
            QVBoxLayout(self),
        )
        self._right.addWidget(Panel(texts.CHANNELS_MAP, self.head), 1)
        self._right.addWidget(Panel(texts.CHANNELS_UNIT, units))
        self._body.addWidget(Panel(texts.CHANNELS_SIGNAL, channels), 3)
        self._body.addLayout(self._right, 2)
        self._foot.addWidget(self.message, 1)
        self._foot.addWidget(self.cancel)
        self._foot.addWidget(self.keep)
        self._outer.addWidget(title)
        self._outer.addLayout(self._body, 1)
        self._outer.addLayout(self._foot)

    def _apply_theme(self) -> None:
        theme = self.theme
        self.setStyleSheet(theme.stylesheet())
        for layout in (self._right, self._body, self._foot, self._outer):
            layout.setSpacing(theme.px(10))
        self._outer.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        for widget in self.findChildren(QWidget):
            if isinstance(widget, Canvas | Panel | Choice | ChannelRows):
                widget.apply_theme(theme)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
