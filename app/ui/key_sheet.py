"""The sheet of all keys, over the window."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from app import texts
from app.ui.canvas import Canvas
from app.ui.keys import Key
from app.ui.theme import Size

_LEFT_PX, _RIGHT_PX = 88, 8
"""Room at the left of a text for its key, and at its right."""


class KeySheet(Canvas):
    """Lies over the whole window while it is shown; a click closes it.

    Parameters
    ----------
    parent
        The widget that it covers.
    keys
        The keys of the window.
    """

    def __init__(self, parent: QWidget, keys: tuple[Key, ...]) -> None:
        super().__init__(texts.KEYS_TITLE)
        self._keys = keys
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
        columns = self._columns()
        rows = max(len(column) for column in columns)
        row, column = theme.px(27), min(theme.px(390), (self.width() - theme.px(64)) // len(columns))
        box = QRectF(0, 0, column * len(columns) + theme.px(40), row * rows + theme.px(80))
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(box, theme.px(10), theme.px(10))
        inner = box.adjusted(theme.px(28), theme.px(20), -theme.px(20), -theme.px(20))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        metrics = QFontMetricsF(theme.font("normal"))
        widest = max(metrics.horizontalAdvance(text) for lines in columns for hint, text in lines if hint)
        size: Size = "normal" if widest < column - theme.px(_LEFT_PX) - theme.px(_RIGHT_PX) else "small"
        for k, lines in enumerate(columns):
            for n, (hint, text) in enumerate(lines):
                line = QRectF(inner.left() + k * column, inner.top() + n * row, column, row)
                if hint:
                    self._paint_key(painter, line, hint, text, size)
                else:
                    self.write(painter, line, text, "dim", "normal", left, True)
        foot = QRectF(inner.left(), inner.bottom() - row, inner.width(), row)
        self.write(painter, foot, texts.KEYS_CLOSE, align=left)

    def _columns(self) -> list[list[tuple[str, str]]]:
        """Return the lines of each column, key and text; a heading has no key, an empty line neither."""
        columns: list[list[tuple[str, str]]] = []
        for names in (
            (texts.GROUP_CLASSES, texts.GROUP_PLAY),
            (texts.GROUP_LABEL,),
            (texts.GROUP_VIEW,),
            (texts.GROUP_REPLAY,),
        ):
            lines: list[tuple[str, str]] = []
            for name in names:
                keys = [(key.hint, key.text) for key in self._keys if key.group == name]
                if keys:
                    lines += [("", "")] if lines else []
                    lines += [("", name), *keys]
            columns.append(lines)
        return [lines for lines in columns if lines]

    def _paint_key(self, painter: QPainter, line: QRectF, hint: str, text: str, size: Size) -> None:
        theme = self.theme
        cap = QRectF(line.left(), line.top() + theme.px(2), theme.px(76), line.height() - theme.px(5))
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(cap, theme.px(4), theme.px(4))
        self.write(painter, cap, hint, "text", "small", bold=True)
        box = line.adjusted(theme.px(_LEFT_PX), 0, -theme.px(_RIGHT_PX), 0)
        self.write(painter, box, text, "text", size, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
