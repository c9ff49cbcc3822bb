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
_SPARE_PX = 60
"""At most so much is between two columns."""

Columns = list[list[tuple[str, str]]]
"""The lines of each column, key and text."""


class KeySheet(Canvas):
    """Lies over the whole window while it is shown, sheet by sheet where not all fit; a click closes it.

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
        self._page = 0
        self.setParent(parent)
        self.hide()

    def toggle(self) -> None:
        """Show the sheet, go on to what there was no room for, or put it away."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._page = self._page + 1 if self.isVisible() else 0
        self.setVisible(self._page < len(self._pages()))
        self.raise_()
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put the sheet away."""
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the sheet: one column a group."""
        painter, theme = self.painter(), self.theme
        painter.fillRect(self.rect(), theme.color("ground", 0.8))
        pages = self._pages()
        columns = pages[min(self._page, len(pages) - 1)]
        size: Size = "normal" if sum(self._widths(columns, "normal")) <= self._room else "small"
        widths = self._widths(columns, size)
        spare = min((self._room - sum(widths)) / len(columns), theme.px(_SPARE_PX))
        row = min(theme.px(27), (self.height() - theme.px(96)) / max(len(column) for column in columns))
        tall = row * max(len(column) for column in columns) + theme.px(80)
        box = QRectF(0, 0, sum(widths) + spare * len(columns) + theme.px(40), tall)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(box, theme.px(10), theme.px(10))
        inner = box.adjusted(theme.px(28), theme.px(20), -theme.px(20), -theme.px(20))
        left, x = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, inner.left()
        for lines, width in zip(columns, widths, strict=True):
            for n, (hint, text) in enumerate(lines):
                line = QRectF(x, inner.top() + n * row, width, row)
                if hint:
                    self._paint_key(painter, line, hint, text, size)
                else:
                    self.write(painter, line, text, "dim", "normal", left, True)
            x += width + spare
        foot = QRectF(inner.left(), inner.bottom() - row, inner.width(), row)
        more = len(pages) - 1 - self._page
        self.write(painter, foot, texts.KEYS_MORE if more > 0 else texts.KEYS_CLOSE, align=left)

    @property
    def _room(self) -> int:
        return self.width() - self.theme.px(64)

    def _widths(self, columns: Columns, size: Size) -> list[float]:
        """Return how wide each column is in letters of a size."""
        metrics, beside = QFontMetricsF(self.theme.font(size)), self.theme.px(_LEFT_PX) + self.theme.px(_RIGHT_PX) + 1
        return [beside + max(metrics.horizontalAdvance(text) for hint, text in lines if hint) for lines in columns]

    def _pages(self) -> list[Columns]:
        """Return the columns that there is room for beside each other, sheet by sheet."""
        columns = self._columns()
        pages: list[Columns] = [[]]
        taken = 0.0
        for column, width in zip(columns, self._widths(columns, "small"), strict=True):
            if pages[-1] and taken + width > self._room:
                pages.append([])
                taken = 0.0
            pages[-1].append(column)
            taken += width
        return pages

    def _columns(self) -> Columns:
        """Return the lines of each column, key and text; a heading has no key, an empty line neither."""
        columns: Columns = []
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
