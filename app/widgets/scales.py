"""Valence and arousal on one of three scales: stepless sliders, nine pictures each, or one grid for both."""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app import texts
from app.theme import Theme
from app.widgets.canvas import Canvas
from app.widgets.face_icon import Scale, paint_face
from app.widgets.slider import AffectSlider

_NINE = 9
NAN = float("nan")


class PictureRow(Canvas):
    """Nine faces from one end of a scale to the other, as the Self-Assessment Manikin has them; our own drawing.

    Parameters
    ----------
    scale
        What it asks for.
    hint
        The keys that move it, as printed.
    """

    moved = pyqtSignal()

    def __init__(self, scale: Scale, hint: str) -> None:
        super().__init__(texts.VALENCE if scale == "valence" else texts.AROUSAL)
        self._scale: Scale = scale
        self._hint = hint
        self.value = NAN
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nudge(self, steps: float) -> None:
        """Move by whole pictures; the first touch starts from the middle one."""
        place = _place(self.value) if math.isfinite(self.value) else 5 - math.copysign(1, steps)
        self._choose(int(min(_NINE, max(1, place + math.copysign(1, steps)))))

    def show_value(self, value: float) -> None:
        """Stand at the picture of a value without telling; NaN for none."""
        self.value = value
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return one line of words and the pictures under it."""
        return QSize(self.theme.px(260), self.theme.px(50))

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Choose the picture under the mouse."""
        if event is not None and self.isEnabled():
            place = int(event.position().x() / self.width() * _NINE) + 1
            self._choose(min(_NINE, max(1, place)))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move with the arrows while it has the focus."""
        if event is None:
            return
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.nudge(steps)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint words and pictures."""
        theme, painter = self.theme, self.painter()
        if not self.isEnabled():
            painter.setOpacity(0.4)
        head = QRectF(0, 0, self.width(), theme.px(17))
        self.write(
            painter, head, self.accessibleName(), align=Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, self._hint, align=right)
        if self.hasFocus():
            painter.setPen(self.line("accent", 2))
            painter.drawLine(QPointF(0, self.height() - 1), QPointF(self.width(), self.height() - 1))
        for place in range(1, _NINE + 1):
            chosen = math.isfinite(self.value) and place == _place(self.value)
            centre = QPointF((place - 0.5) * self.width() / _NINE, theme.px(32))
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent", 0.25))
                painter.drawEllipse(centre, theme.px(14), theme.px(14))
            pen = self.line("accent" if chosen else "dim", 2 if chosen else 1.3)
            paint_face(painter, centre, theme.px(12), self._scale, _value(place), pen)

    def _choose(self, place: int) -> None:
        self.show_value(_value(place))
        self.moved.emit()


class AffectGrid(Canvas):
    """One field for both: right is pleasant, up is excited, nine by nine (Russell, Weiss & Mendelsohn 1989)."""

    moved = pyqtSignal()

    def __init__(self, hint: str) -> None:
        super().__init__(texts.GRID)
        self._hint = hint
        self.valence = self.arousal = NAN
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nudge(self, valence: int, arousal: int) -> None:
        """Move by whole cells; the first touch starts from the middle one."""
        here = [_place(value) if math.isfinite(value) else 5 for value in (self.valence, self.arousal)]
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
            side = box.width() / _NINE
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
        side = box.width() / _NINE
        painter.setPen(self.line("edge"))
        for k in range(_NINE + 1):
            painter.drawLine(QPointF(box.left() + k * side, box.top()), QPointF(box.left() + k * side, box.bottom()))
            painter.drawLine(QPointF(box.left(), box.top() + k * side), QPointF(box.right(), box.top() + k * side))
        painter.setPen(self.line("accent" if self.hasFocus() else "faint", 1.5))
        painter.drawRect(box)
        self._paint_ends(painter, box)
        if math.isfinite(self.valence) and math.isfinite(self.arousal):
            left = box.left() + (_place(self.valence) - 1) * side
            top = box.bottom() - _place(self.arousal) * side
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
        places = [min(_NINE, max(1, place)) for place in (valence, arousal)]
        self.show_values(_value(places[0]), _value(places[1]))
        self.moved.emit()


class Scales(QWidget):
    """Asks for valence and arousal on the chosen scale.

    Parameters
    ----------
    kind
        ``slider``, ``sam``, ``grid`` or ``none``.
    hint
        From an act to the key printed for it.
    """

    moved = pyqtSignal()

    def __init__(self, kind: str, hint: Callable[[str], str]) -> None:
        super().__init__()
        self.rows: dict[Scale, AffectSlider | PictureRow] = {}
        self.grid: AffectGrid | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        sideways = f"{hint('valence down')}   {hint('valence up')}"
        upright = f"{hint('arousal down')}   {hint('arousal up')}"
        if kind == "grid":
            self.grid = AffectGrid(
                f"{hint('valence down')} {hint('valence up')}\n{hint('arousal down')} {hint('arousal up')}"
            )
            self.grid.moved.connect(self.moved)
            self._column.addWidget(self.grid)
        elif kind != "none":
            row = AffectSlider if kind == "slider" else PictureRow
            self.rows = {"valence": row("valence", sideways), "arousal": row("arousal", upright)}
            for each in self.rows.values():
                each.moved.connect(self.moved)
                self._column.addWidget(each)

    @property
    def values(self) -> tuple[float, float]:
        """Valence and arousal, NaN where nothing is set."""
        if self.grid is not None:
            return self.grid.valence, self.grid.arousal
        if self.rows:
            return self.rows["valence"].value, self.rows["arousal"].value
        return NAN, NAN

    @property
    def is_set(self) -> bool:
        """Whether at least one of the two is set."""
        return any(math.isfinite(value) for value in self.values)

    def nudge(self, scale: Scale, steps: int) -> None:
        """Move one of the two by a step."""
        if self.grid is not None:
            self.grid.nudge(steps if scale == "valence" else 0, steps if scale == "arousal" else 0)
        elif scale in self.rows:
            self.rows[scale].nudge(steps)

    def show_values(self, valence: float, arousal: float) -> None:
        """Stand at two values without telling; NaN for empty."""
        if self.grid is not None:
            self.grid.show_values(valence, arousal)
        elif self.rows:
            self.rows["valence"].show_value(valence)
            self.rows["arousal"].show_value(arousal)

    def wear(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(4))


def _value(place: int) -> float:
    """Return -1 to 1 for the places 1 to 9."""
    return (place - 5) / 4


def _place(value: float) -> int:
    """Return the place, 1 to 9, nearest to a value."""
    return round(5 + 4 * value)


def _is_upright(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
