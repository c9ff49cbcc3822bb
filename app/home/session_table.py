"""The sessions of a study as a table, one of them chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from app.home import texts
from app.study.sessions import SessionRow
from app.ui.plain import tip


class _WholeRow(QStyledItemDelegate):
    """Paints the cell that has the focus like the others of its row: a session is chosen, not a cell."""

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:  # noqa: N802 - Qt's name
        super().initStyleOption(option, index)
        if option is not None:
            option.state &= ~QStyle.StateFlag.State_HasFocus


class SessionTable(QTableWidget):
    """One row a session, the newest first."""

    chosen = pyqtSignal()
    """Another row is chosen."""
    opened = pyqtSignal()
    """A row was double-clicked."""

    def __init__(self) -> None:
        super().__init__(0, len(texts.COLUMNS))
        self.setObjectName("sessions")
        self.setAccessibleName(texts.SESSIONS)
        self._rows: list[SessionRow] = []
        self.setItemDelegate(_WholeRow(self))
        self.setHorizontalHeaderLabels(texts.COLUMNS)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        if (rows := self.verticalHeader()) is not None:
            rows.hide()
        if (columns := self.horizontalHeader()) is not None:
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setStretchLastSection(True)
        self.itemSelectionChanged.connect(self.chosen)
        self.itemDoubleClicked.connect(lambda _: self.opened.emit())

    @property
    def current(self) -> SessionRow | None:
        """The session that is chosen."""
        place = self.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def show_sessions(self, rows: Sequence[SessionRow], models: Mapping[str, list[Path]], choose: Path | None) -> None:
        """Show the sessions of a study, and choose one by its ``session.json``; None chooses the newest."""
        self._rows = list(rows)
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, words in enumerate(texts.cells(row, models.get(row.participants[0], []))):
                item = QTableWidgetItem(words)
                item.setToolTip(tip(row.problem or words))
                self.setItem(place, column, item)
        wanted = next((k for k, row in enumerate(rows) if row.session.json == choose), 0)
        if rows:
            self.selectRow(wanted)
        self.blockSignals(False)
        self.chosen.emit()
