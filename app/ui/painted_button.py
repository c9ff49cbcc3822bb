"""A button that paints itself in the window's theme."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy

from app.ui.plain import PlainTip
from app.ui.theme import LIGHT, Theme


class PaintedButton(PlainTip, QAbstractButton):
    """An empty button that knows the theme; what inherits from it paints.

    Tab comes to it, a click leaves the focus where it is: keys go on answering.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme, measure and paint anew."""
        self.theme = theme
        self.updateGeometry()
        self.update()

    def painter(self) -> QPainter:
        """Return a painter on this button, pale while it cannot be pressed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        return painter

    def box(self) -> QRectF:
        """Return the button without the room that its frame takes."""
        return QRectF(self.rect()).adjusted(1, 1, -1, -1)

    def paint_focus(self, painter: QPainter, radius: float) -> None:
        """Paint the frame that shows where the focus is."""
        if not self.hasFocus():
            return
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setColor(self.theme.color("accent"))
        pen.setWidthF(2 * self.theme.scale)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.box(), radius, radius)
