"""One line that asks for valence or for arousal: its name and keys above, and what is chosen from below."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter
from PyQt6.QtWidgets import QSizePolicy

from app import texts
from app.ui.canvas import Canvas
from app.ui.face_icon import Scale

HEAD_PX = 17


class ScaleRow(Canvas):
    """Holds a value from -1 to 1, NaN until it is first touched, so that no place is an answer by accident.

    Parameters
    ----------
    scale
        What it asks for.
    hint
        The keys that move it, as printed.
    """

    moved = pyqtSignal()
    arrow_steps = 1.0
    """How far an arrow moves it while it has the focus, in steps of `nudge`."""

    def __init__(self, scale: Scale, hint: str) -> None:
        super().__init__(texts.VALENCE if scale == "valence" else texts.AROUSAL)
        self.scale: Scale = scale
        self.value = float("nan")
        self._hint = hint
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def nudge(self, steps: float) -> None:
        """Move by steps, and tell."""
        raise NotImplementedError

    def show_value(self, value: float) -> None:
        """Stand at a value without telling; NaN makes it empty."""
        self.value = value
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move with the arrows while it has the focus."""
        if event is None:
            return
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.nudge(way * self.arrow_steps)

    def begin(self) -> QPainter:
        """Return a painter, pale while nothing can be chosen, with name and keys written."""
        painter = self.painter()
        if not self.isEnabled():
            painter.setOpacity(0.4)
        head, middle = QRectF(0, 0, self.width(), self.theme.px(HEAD_PX)), Qt.AlignmentFlag.AlignVCenter
        self.write(painter, head, self.accessibleName(), align=Qt.AlignmentFlag.AlignLeft | middle)
        self.write(painter, head, self._hint, align=Qt.AlignmentFlag.AlignRight | middle)
        return painter
