"""A button with the key that does the same printed on it."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPaintEvent

from app.ui.painted_button import PaintedButton


class KeyButton(PaintedButton):
    """A flat button: the key in a small cap at the left, then the word.

    Parameters
    ----------
    key
        The key as it is printed.
    text
        The word beside it.
    """

    def __init__(self, key: str, text: str) -> None:
        self._key = key
        super().__init__(text)

    def setText(self, text: str | None) -> None:  # noqa: N802 - Qt's name
        """Change the word, also for who hears it."""
        super().setText(text)
        self.setAccessibleName(f"{text}, key {self._key}")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for cap and word."""
        text = QFontMetricsF(self.theme.font("normal")).horizontalAdvance(self.text())
        return QSize(round(text + self._cap_width() + self.theme.px(26)), self.theme.px(32))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same: a cut word is no button."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the button."""
        theme = self.theme
        painter, box = self.painter(), self.box()
        painter.setBrush(theme.color("edge" if self.isDown() or self.underMouse() else "raised"))
        painter.setPen(theme.color("control"))
        painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        self.paint_focus(painter, theme.px(6))
        cap = QRectF(theme.px(6), (self.height() - theme.px(20)) / 2, self._cap_width(), theme.px(20))
        painter.setPen(theme.color("faint"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(cap, theme.px(4), theme.px(4))
        painter.setFont(theme.font("small", True))
        painter.setPen(theme.color("dim"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
        painter.setFont(theme.font("normal"))
        painter.setPen(theme.color("text"))
        word = QRectF(cap.right() + theme.px(8), 0, self.width() - cap.right() - theme.px(10), self.height())
        painter.drawText(word, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())

    def _cap_width(self) -> float:
        width = QFontMetricsF(self.theme.font("small", True)).horizontalAdvance(self._key)
        return max(self.theme.px(20), width + self.theme.px(10))
