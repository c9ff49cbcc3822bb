"""A line that is ticked, or chosen among others: its words and a dim remark beside them."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPolygonF

from app.ui.painted_button import PaintedButton


class Choice(PaintedButton):
    """A box with a tick, or a disc for one of several.

    Parameters
    ----------
    text
        What is chosen.
    note
        A remark, dim, after it; below it where `tall`.
    one_of
        One of several: round.
    tall
        In two lines.
    """

    def __init__(self, text: str, note: str = "", one_of: bool = False, tall: bool = False) -> None:
        super().__init__()
        self._one_of, self._tall = one_of, tall
        self.remark = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_text(text, note)

    def set_text(self, text: str, note: str = "") -> None:
        """Change the words."""
        if (text, note) != (self.text(), self.remark):
            self.remark = note
            self.setText(text)
            self.setAccessibleName(f"{text}, {note}" if note else text)
            self.setToolTip(f"{text}\n{note}" if self._tall else "")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the words."""
        theme = self.theme
        width = QFontMetricsF(theme.font("normal")).horizontalAdvance(self.text())
        width += 0 if self._tall else QFontMetricsF(theme.font("small")).horizontalAdvance(self.remark)
        return QSize(round(width) + theme.px(52), theme.px(42 if self._tall else 26))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return less width: what does not fit is cut."""
        return QSize(self.theme.px(90), self.sizeHint().height())

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802 - Qt's name
        """Hand the focus on to the one that is chosen: of several, Tab stops there alone, and arrows go about."""
        super().focusInEvent(event)
        group = self.group()
        chosen = group.checkedButton() if group is not None and group.exclusive() else None
        by_tab = event is not None and event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        if event is not None and by_tab and chosen is not None and chosen is not self:
            chosen.setFocus(event.reason())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the line."""
        theme, painter, box = self.theme, self.painter(), self.box()
        chosen_row = self._tall and self.isChecked()
        if chosen_row or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, theme.px(5), theme.px(5))
        self.paint_focus(painter, theme.px(5))
        self._paint_mark(painter)
        self._paint_words(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        theme, side = self.theme, self.theme.px(15)
        mark = QRectF(theme.px(9), (self.height() - side) / 2, side, side)
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setColor(theme.color("accent" if self.isChecked() else "dim"))
        pen.setWidthF(1.5 * theme.scale)
        painter.setPen(pen)
        painter.setBrush(theme.color("accent" if self.isChecked() and not self._one_of else "panel"))
        if self._one_of:
            painter.drawEllipse(mark)
        else:
            painter.drawRoundedRect(mark, theme.px(3), theme.px(3))
        if not self.isChecked():
            return
        if self._one_of:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(mark.center(), 0.27 * side, 0.27 * side)
            return
        pen.setColor(theme.color("panel"))
        pen.setWidthF(2 * theme.scale)
        painter.setPen(pen)
        tick = [(0.24, 0.52), (0.43, 0.71), (0.77, 0.3)]
        painter.drawPolyline(QPolygonF([QPointF(mark.left() + x * side, mark.top() + y * side) for x, y in tick]))

    def _paint_words(self, painter: QPainter) -> None:
        theme, left = self.theme, self.theme.px(34)
        room, middle = self.width() - left - theme.px(8), self.height() / 2
        font = theme.font("normal", self._tall)
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        at = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        line = (
            QRectF(left, theme.px(4), room, middle - theme.px(4)) if self._tall else QRectF(left, 0, room, 2 * middle)
        )
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        painter.drawText(line, at, text)
        small = theme.font("small")
        if self._tall:
            below = QRectF(left, middle, room, middle - theme.px(4))
        else:
            used = metrics.horizontalAdvance(text) + theme.px(8)
            below = QRectF(left + used, 0, max(room - used, 0), 2 * middle)
        painter.setFont(small)
        painter.setPen(theme.color("dim"))
        note = QFontMetricsF(small).elidedText(self.remark, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, at, note)
