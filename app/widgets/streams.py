"""The streams, one a line: what each promised, what it gives, and what of it is on disk."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app import texts
from app.theme import LIGHT, Theme
from core.data import RecordingHealth, StreamHealth, StreamInfo


class Streams(QTableWidget):
    """A table of the streams."""

    def __init__(self) -> None:
        super().__init__(0, len(texts.STREAM_COLUMNS))
        self._theme: Theme = LIGHT
        self._infos: dict[str, StreamInfo] = {}
        self._health: dict[str, StreamHealth] = {}
        self._on_disk: dict[str, int] = {}
        self.setAccessibleName(texts.STREAMS)
        self.setHorizontalHeaderLabels(list(texts.STREAM_COLUMNS))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def show_stream(self, info: StreamInfo) -> None:
        """Take what a stream is."""
        self._infos[info.key] = info
        self._fill(info.key)

    def show_health(self, health: StreamHealth) -> None:
        """Take how a stream is doing."""
        self._health[health.stream] = health
        if health.stream in self._infos:
            self._fill(health.stream)

    def show_recording(self, health: RecordingHealth) -> None:
        """Take how much of each stream is on disk."""
        self._on_disk = dict(health.samples)
        for key in self._infos:
            self._fill(key)

    def wear(self, theme: Theme) -> None:
        """Take the theme's row height and colours."""
        self._theme = theme
        rows = self.verticalHeader()
        assert rows is not None
        rows.setMinimumSectionSize(theme.px(12))
        rows.setDefaultSectionSize(theme.px(20))
        for key in self._infos:
            self._fill(key)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for all streams up to five."""
        return QSize(self._theme.px(600), self._theme.px(24) + self._theme.px(20) * min(max(self.rowCount(), 2), 5))

    def _fill(self, key: str) -> None:
        row = list(self._infos).index(key)
        if row >= self.rowCount():
            self.setRowCount(row + 1)
            self.updateGeometry()
        health = self._health.get(key)
        on_disk = self._on_disk.get(key, 0) if self._on_disk else None
        cells = texts.stream_cells(self._infos[key], health, on_disk)
        lost = health is not None and not health.connected
        for column, text in enumerate(cells):
            item = self.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                self.setItem(row, column, item)
            color = "bad" if lost and column < 2 else "text" if column < 3 else "dim"
            item.setText(text)
            item.setForeground(QColor(getattr(self._theme, color)))
