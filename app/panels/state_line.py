"""The state line: is all well, in one sentence, with a mark beside it; and below it what needs a hand."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPaintEvent, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app import texts
from app.panels.session_status import Level, Problem
from app.ui.canvas import Canvas
from app.ui.plain import PlainLabel
from app.ui.theme import Theme

_MOST = 3
_LINE_PX, _STEP_PT = 29, 0.5
_TWO_LINES = 1.2
"""From this headline on the window has room for two lines of it."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class StateMark(Canvas):
    """A mark that tells by its shape and then by its colour: disc with a tick or a bar, ring, triangle with a bar."""

    def __init__(self) -> None:
        super().__init__("state mark")
        self.level: Level = "idle"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_level(self, level: Level) -> None:
        """Show whether data reaches the disk."""
        if level != self.level:
            self.level = level
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the mark."""
        side = self.theme.px(30 * self.theme.headline)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the mark."""
        painter = self.painter()
        side = min(self.width(), self.height())
        painter.scale(side / 30, side / 30)
        if self.level == "recording":
            painter.setPen(self.line("ok", 0))
            painter.setBrush(self.theme.color("ok"))
            painter.drawEllipse(QPointF(15, 15), 13, 13)
            pen = self.line("panel", 3 / self.theme.scale)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([QPointF(9, 15.5), QPointF(13.5, 20), QPointF(21, 11)]))
        elif self.level == "attention":
            painter.setPen(self.line("warn", 0))
            painter.setBrush(self.theme.color("warn"))
            painter.drawEllipse(QPointF(15, 15), 13, 13)
            painter.setPen(self.line("on_warn", 3.4 / self.theme.scale))
            painter.drawLine(QPointF(15, 8), QPointF(15, 16.5))
            painter.drawPoint(QPointF(15, 21.5))
        elif self.level == "problem":
            painter.setPen(self.line("bad", 2 / self.theme.scale))
            painter.setBrush(self.theme.color("bad"))
            painter.drawPolygon(QPolygonF([QPointF(15, 3), QPointF(28, 26), QPointF(2, 26)]))
            painter.setPen(self.line("on_bad", 3 / self.theme.scale))
            painter.drawLine(QPointF(15, 11), QPointF(15, 18))
            painter.drawPoint(QPointF(15, 22.5))
        else:
            painter.setPen(self.line("dim", 2.5 / self.theme.scale))
            painter.drawEllipse(QRectF(4, 4, 22, 22))


class Sentence(Canvas):
    """The state in words, large, always as high: the panels below must not jump whenever a word more is said."""

    def __init__(self) -> None:
        super().__init__(texts.WAITING)
        self.n_lines = 1
        """Lines of the large type that there is room for."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the whole sentence."""
        return self.accessibleName()

    def show_text(self, text: str) -> None:
        """Show another sentence."""
        if text != self.text():
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of its lines."""
        return QSize(self.theme.px(300), self.theme.px((_LINE_PX * self.n_lines + 3) * self.theme.headline))

    def fitting_font(self) -> QFont:
        """Return the typeface in which the sentence fits into its lines, from the normal size to the large one.

        Where it takes one line more than that, it is a little smaller still, so that nothing of that is cut off.
        """
        font = self.theme.font("large", True)
        normal, small = (self.theme.font(size, True).pointSizeF() for size in ("normal", "small"))
        while font.pointSizeF() > normal and not self._holds(font):
            font.setPointSizeF(max(font.pointSizeF() - _STEP_PT, normal))
        while font.pointSizeF() > small and not (self._holds(font) or self._wraps_into(font)):
            font.setPointSizeF(max(font.pointSizeF() - _STEP_PT, small))
        return font

    def _holds(self, font: QFont) -> bool:
        metrics, room = QFontMetricsF(font), QRectF(self.rect())
        if self.n_lines == 1:
            return metrics.horizontalAdvance(self.text()) <= 0.99 * room.width()
        return self._wraps_into(font)

    def _wraps_into(self, font: QFont) -> bool:
        room = QRectF(self.rect())
        needs = QFontMetricsF(font).boundingRect(room, int(_LEFT | Qt.TextFlag.TextWordWrap), self.text())
        return needs.height() <= room.height() and needs.width() <= room.width()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Write it as large as it fits into its lines; where that would be too small, on one more rather than cut."""
        painter = self.painter()
        painter.setFont(self.fitting_font())
        painter.setPen(self.theme.color("text"))
        painter.drawText(QRectF(self.rect()), int(_LEFT | Qt.TextFlag.TextWordWrap), self.text())


class StateLine(QWidget):
    """The sentence, its mark, the badge of simulated data, room for tools, and the problems below."""

    def __init__(self) -> None:
        super().__init__()
        self.mark = StateMark()
        self.sentence = Sentence()
        self.badge = PlainLabel(texts.SIMULATED)
        self.badge.setObjectName("badge")
        self.badge.setToolTip(texts.SIMULATED_TIP)
        self.badge.hide()
        self._beside = QWidget()
        self.tools = QHBoxLayout(self._beside)
        self.tools.setContentsMargins(0, 0, 0, 0)
        self._is_narrow = False
        self._top, self._below = QHBoxLayout(), QHBoxLayout()
        self._top.addWidget(self.mark)
        self._top.addWidget(self.sentence, 1)
        for widget in (self.badge, self._beside):
            self._top.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._lines = [PlainLabel() for _ in range(_MOST)]
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for layout in (self._top, self._below):
            self._layout.addLayout(layout)
        for line in self._lines:
            line.setWordWrap(True)
            line.hide()
            self._layout.addWidget(line)

    def show_state(self, level: Level, sentence: str, problems: Sequence[Problem], simulated: bool) -> None:
        """Show the state; the gravest problems first, as many as there is room for."""
        self.mark.show_level(level)
        self.sentence.show_text(sentence)
        self.badge.setVisible(simulated)
        for k, line in enumerate(self._lines):
            if k >= len(problems):
                line.hide()
                continue
            more = len(problems) - _MOST if k == _MOST - 1 else 0
            text = problems[k].text + (texts.and_more(more) if more > 0 else "")
            name = "problem" if problems[k].grave else "quiet"
            if line.objectName() != name:
                line.setObjectName(name)
                line.setStyleSheet(line.styleSheet())
            if line.text() != text:
                line.setText(text)
            line.show()
        self._fit_lines()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Give each problem the lines that its words need at this width, and no more."""
        super().resizeEvent(event)
        self._fit_lines()

    def set_narrow(self, narrow: bool) -> None:
        """Have the tools below the sentence, which then has two lines, or beside it."""
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        at = Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag.AlignVCenter
        for widget in (self.badge, self._beside):
            (self._below if narrow else self._top).addWidget(widget, 0, at)
        self._fit_sentence()

    def _fit_sentence(self) -> None:
        roomy = self._is_narrow or self.sentence.theme.headline >= _TWO_LINES - 1e-6
        self.sentence.n_lines = 2 if roomy else 1
        self.sentence.setFixedHeight(self.sentence.sizeHint().height())
        self.sentence.update()

    def _fit_lines(self) -> None:
        for line in self._lines:
            if not line.isHidden() and (height := line.heightForWidth(self.width())) > 0:
                line.setFixedHeight(height)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        for layout in (self._top, self._below):
            layout.setSpacing(theme.px(10))
        self.tools.setSpacing(theme.px(6))
        self._layout.setSpacing(theme.px(6))
        for canvas in (self.mark, self.sentence):
            canvas.apply_theme(theme)
        self.mark.setFixedSize(self.mark.sizeHint())
        self._fit_sentence()
