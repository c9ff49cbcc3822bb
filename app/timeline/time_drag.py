"""A stretch of time that a hand draws over what shares a time axis."""

from __future__ import annotations

import math

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QWidget

from app.timeline.time_axis import TimeAxis
from app.timeline.time_marks import TimeMarks

_SHORTEST_S = 0.5
"""Less is a click that slipped."""


class TimeDrag(QObject):
    """Watches the mouse over widgets that share an axis.

    Parameters
    ----------
    axis
        Says which moment lies where.
    marks
        Shows the stretch while it is drawn.
    """

    drawn = pyqtSignal(float, float)
    """From when to when, s, LSL clock."""

    def __init__(self, axis: TimeAxis, marks: TimeMarks) -> None:
        super().__init__()
        self._axis, self._marks = axis, marks
        self._from = math.nan

    def watch(self, widget: QWidget) -> None:
        """Take what the left button does over a widget as wide as the axis and its margin."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Begin, follow or end a stretch; everybody else hears of it all the same."""
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            moment = self._moment(watched, event)
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._from = moment
            elif event.type() == QEvent.Type.MouseMove and self._is_long(moment):
                self._marks.show_drawn(self._ordered(moment))
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._marks.show_drawn(None)
                if self._is_long(moment):
                    self.drawn.emit(*self._ordered(moment))
                self._from = math.nan
        return False

    def _moment(self, widget: QWidget, event: QMouseEvent) -> float:
        margin = self._axis.margin
        share = (event.position().x() - margin) / max(1, widget.width() - margin)
        return self._axis.moment(min(1.0, max(0.0, share)))

    def _is_long(self, moment: float) -> bool:
        return abs(moment - self._from) >= _SHORTEST_S

    def _ordered(self, moment: float) -> tuple[float, float]:
        return min(self._from, moment), max(self._from, moment)
