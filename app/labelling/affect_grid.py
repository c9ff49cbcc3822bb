"""One field for valence and arousal at once."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy

from app import texts
from app.labelling.nine_steps import MIDDLE, NINE, place_of, value_of
from app.ui.canvas import Canvas


class AffectGrid(Canvas):
    """One field for both: right is pleasant, up is excited, nine by nine (Russell, Weiss & Mendelsohn 1989)."""

    moved = pyqtSignal()

    def __init__(self, hint: str) -> None:
        super().__init__(texts.GRID)
        self._hint = hint
        self.valence = self.arousal = float("nan")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nudge(self, valence: int, arousal: int) -> None:
        """Move by whole cells; the first touch starts from the middle one."""
        here = [place_of(value) if math.isfinite(value) else MIDDLE for value in (self.valence, self.arousal)]
        self._choose(here[0] + valence, here[1] + arousal)

    def show_values(self, valence: float, arousal: float) -> None:
        """Stand at the cell of two values without telling; NaN for none."""
        self.valence, self.arousal = valence, arousal
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a square and its words."""
        return QSize(self.theme.px(200), self.theme.px(136))

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Choose the cell under the mouse."""
        if event is None or not self.isEnabled():
            return
        box, at = self._box(), event.position()
        if box.contains(at):
            side = box.width() / NINE
            self._choose(int((at.x() - box.left()) / side) + 1, int((box.bottom() - at.y()) / side) + 1)

    def event(self, event: QEvent | None) -> bool:
        """Keep the plain arrows from the window's keys while it has the focus."""
        plain = isinstance(event, QKeyEvent) and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event is not None and event.type() == QEvent.Type.ShortcutOverride and _is_upright(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move with the arrows while it has the focus."""
        if event is None:
            return
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.nudge(*move)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the cells, the ends in words, and the chosen cell."""
        theme, painter, box = self.theme, self.painter(), self._box()
        if not self.isEnabled():
            painter.setOpacity(0.4)
        side = box.width() / NINE
        painter.setPen(self.line("edge"))
        for k in range(NINE + 1):
            painter.drawLine(QPointF(box.left() + k * side, box.top()), QPointF(box.left() + k * side, box.bottom()))
            painter.drawLine(QPointF(box.left(), box.top() + k * side), QPointF(box.right(), box.top() + k * side))
        painter.setPen(self.line("accent" if self.hasFocus() else "faint", 1.5))
        painter.drawRect(box)
        self._paint_ends(painter, box)
        if math.isfinite(self.valence) and math.isfinite(self.arousal):
            left = box.left() + (place_of(self.valence) - 1) * side
            top = box.bottom() - place_of(self.arousal) * side
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(QRectF(left + 1, top + 1, side - 2, side - 2), theme.px(3), theme.px(3))

    def _paint_ends(self, painter: QPainter, box: QRectF) -> None:
        centre, line = Qt.AlignmentFlag.AlignCenter, self.theme.px(16)
        across, beside = QRectF(0, 0, self.width(), line), (self.width() - box.width()) / 2 - self.theme.px(4)
        self.write(painter, across, texts.EXCITED, align=centre)
        across.moveBottom(self.height())
        self.write(painter, across, texts.CALM, align=centre)
        middle = box.center().y() - line
        self.write(painter, QRectF(0, middle, beside, 2 * line), texts.UNPLEASANT, align=centre)
        right = QRectF(self.width() - beside, middle, beside, 2 * line)
        self.write(painter, right, texts.PLEASANT, align=centre)
        foot = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        self.write(painter, QRectF(0, 0, self.width(), self.height()), self._hint, align=foot)

    def _box(self) -> QRectF:
        side = self.height() - 2 * self.theme.px(17)
        return QRectF((self.width() - side) / 2, self.theme.px(17), side, side)

    def _choose(self, valence: int, arousal: int) -> None:
        self.show_values(value_of(valence), value_of(arousal))
        self.moved.emit()


def _is_upright(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
