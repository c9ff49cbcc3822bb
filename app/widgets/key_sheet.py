"""The sheet of all keys, over the window."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from app import texts
from app.keys import KEYS
from app.widgets.canvas import Canvas


class KeySheet(Canvas):
    """Lies over the whole window while it is shown; a click closes it.

    Parameters
    ----------
    parent
        The widget that it covers.
    classes
        The classes on the digits.
    """

    def __init__(self, parent: QWidget, classes: tuple[str, ...]) -> None:
        super().__init__(texts.KEYS_TITLE)
        self._classes = classes
        self.setParent(parent)
        self.hide()

    def toggle(self) -> None:
        """Show the sheet, or put it away."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.setVisible(not self.isVisible())
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put the sheet away."""
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the sheet: one column a group."""
        painter, theme = self.painter(), self.theme
        painter.fillRect(self.rect(), theme.color("ground", 0.8))
        groups = list(dict.fromkeys(key.group for key in KEYS))
        rows = max(sum(key.group == group for key in KEYS) for group in groups) + 1
        row, column = theme.px(27), theme.px(430)
        box = QRectF(0, 0, column * len(groups) + theme.px(40), row * rows + theme.px(110))
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(box, theme.px(10), theme.px(10))
        inner = box.adjusted(theme.px(28), theme.px(20), -theme.px(20), -theme.px(20))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for k, group in enumerate(groups):
            head = QRectF(inner.left() + k * column, inner.top(), column, row)
            self.write(painter, head, group, "dim", "normal", left, True)
            lines = [(key.hint, key.text) for key in KEYS if key.group == group]
            if group == texts.GROUP_LABEL:
                lines.insert(0, (f"1 – {len(self._classes)}", texts.CLASS_KEYS))
            for n, (hint, text) in enumerate(lines, start=1):
                self._paint_key(
                    painter, QRectF(head.left(), head.top() + n * row + theme.px(4), column, row), hint, text
                )
        foot = QRectF(inner.left(), inner.bottom() - row, inner.width(), row)
        self.write(painter, foot, texts.KEYS_CLOSE, align=left)

    def _paint_key(self, painter: QPainter, line: QRectF, hint: str, text: str) -> None:
        theme = self.theme
        cap = QRectF(line.left(), line.top() + theme.px(2), theme.px(76), line.height() - theme.px(5))
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(cap, theme.px(4), theme.px(4))
        self.write(painter, cap, hint, "text", "small", bold=True)
        box = line.adjusted(theme.px(88), 0, -theme.px(8), 0)
        self.write(painter, box, text, "text", "normal", Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
