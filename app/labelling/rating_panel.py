"""Continuous rating of valence or arousal: a field in which a mark is held while the moment, or everything, plays."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from PyQt6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.labelling.annotation_session import AnnotationSession
from app.labelling.clip_view import ClipView
from app.labelling.joystick import Joystick, open_joystick
from app.labelling.playback_buttons import FlatButton
from app.labelling.rating_tracer import RatingTracer
from app.ui.canvas import Canvas
from app.ui.face_icon import Scale, paint_face
from app.ui.key_button import KeyButton
from app.ui.keys import Act
from app.ui.plain import PlainLabel
from app.ui.theme import Theme
from core.config import LabelConfig
from core.data import Rating

_LOOK_MS = 20
_KEY_STEP = 0.05
_AGAIN_MS = 2000
_SECONDS = 8.0
"""How much of the trace is shown."""

Device = Literal["mouse", "keys", "joystick"]


class RatingField(Canvas):
    """The field: up is more; the mark at the right, the trace that it left runs off to the left."""

    def __init__(self) -> None:
        super().__init__(texts.RATE)
        self.value = float("nan")
        self.device: Device = "mouse"
        self.scale: Scale = "valence"
        self._trace: deque[tuple[float, float]] = deque()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def hold(self, value: float, device: Device) -> None:
        """Hold the mark at a value, -1 to 1."""
        self.value, self.device = min(1.0, max(-1.0, value)), device
        self.update()

    def trace(self, data_time: float) -> None:
        """Leave the mark's trace at a moment of data."""
        if self._trace and not 0 <= data_time - self._trace[-1][0] < 2.0:
            self._trace.clear()
        self._trace.append((data_time, self.value))
        while self._trace[-1][0] - self._trace[0][0] > _SECONDS:
            self._trace.popleft()
        self.update()

    def clear(self) -> None:
        """Take mark and trace away."""
        self.value = float("nan")
        self._trace.clear()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for a hand."""
        return QSize(self.theme.px(280), self.theme.px(220))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least that can be used."""
        return QSize(self.theme.px(160), self.theme.px(120))

    def event(self, event: QEvent | None) -> bool:
        """Keep the plain arrows from the window's keys while the field has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _arrow(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Move the mark with the arrows."""
        if event is None or not _arrow(event):
            super().keyPressEvent(event)
            return
        here = self.value if math.isfinite(self.value) else 0.0
        self.hold(here + _arrow(event) * _KEY_STEP, "keys")

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the mouse, pressed or not."""
        if event is not None:
            top, bottom = self._ends()
            self.hold(1 - 2 * (event.position().y() - top) / (bottom - top), "mouse")

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint ends, trace and mark."""
        theme, painter = self.theme, self.painter()
        top, bottom = self._ends()
        left, right = float(theme.px(34)), self.width() - float(theme.px(14))
        field = QRectF(left, top - theme.px(8), self.width() - left, bottom - top + theme.px(16))
        painter.setPen(self.line("accent" if self.hasFocus() else "edge"))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(field.adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        for value, y in ((1.0, top), (-1.0, bottom)):
            paint_face(painter, QPointF(theme.px(14), y), theme.px(11), self.scale, value, self.line("dim", 1.5))
        color = "valence" if self.scale == "valence" else "arousal"
        if len(self._trace) > 1:
            newest = self._trace[-1][0]
            painter.setPen(self.line(color, 2))
            pace = (right - left) / _SECONDS
            points = [QPointF(right - (newest - at) * pace, self._y(value)) for at, value in self._trace]
            painter.drawPolyline(QPolygonF(points))
        if math.isfinite(self.value):
            painter.setPen(self.line("panel", 2))
            painter.setBrush(theme.color(color))
            painter.drawEllipse(QPointF(right, self._y(self.value)), theme.px(9), theme.px(9))

    def _ends(self) -> tuple[float, float]:
        return float(self.theme.px(18)), self.height() - float(self.theme.px(18))

    def _y(self, value: float) -> float:
        top, bottom = self._ends()
        return bottom - (value + 1) / 2 * (bottom - top)


class RatingPanel(QWidget):
    """Starts, runs and ends continuous ratings.

    Parameters
    ----------
    config
        Rate, joystick, annotator.
    annotation
        Whose segment is on it, and whose clock is used.
    playback
        Plays the segment.
    keep
        Sends a piece to be kept; it must come back through `kept`.
    live
        Gives participant, newest data time and speed of what plays in the window.
    hint
        From an act to the key printed for it.
    """

    left = pyqtSignal()

    def __init__(
        self,
        config: LabelConfig,
        annotation: AnnotationSession,
        playback: ClipView,
        keep: Callable[[Rating], None],
        live: Callable[[], tuple[str, float, float]],
        now: Callable[[], float],
        hint: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._config, self._annotation, self._playback = config, annotation, playback
        self._keep, self._live = keep, live
        self._tracer = RatingTracer(config.rating_rate, now)
        self._joystick: Joystick | None = None
        self._held: dict[tuple[str, float], Rating] = {}
        self._begun: tuple[object, ...] = ()
        self._n_kept = 0
        self.field = RatingField()
        self.stop_button = KeyButton(hint(Act.RATE), texts.RATE_STOP)
        self.stop_button.clicked.connect(self.left)
        self._words = PlainLabel()
        self._words.setObjectName("note")
        self._words.setWordWrap(True)
        self.scales = self._choices((texts.VALENCE, texts.AROUSAL))
        self.sources = self._choices(texts.RATE_SOURCES)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._since_sent = QElapsedTimer()

    @property
    def running(self) -> bool:
        """Whether a rating is under way."""
        return self._timer.isActive()

    def start(self) -> None:
        """Take the mark and begin."""
        self._joystick = open_joystick(self._config.joystick)
        alone = self._annotation.current is None and self._annotation.resting is None
        self.sources.buttons()[0].setEnabled(not alone)
        if alone:
            self.sources.buttons()[1].setChecked(True)
        self._playback.restart()
        self.field.clear()
        self.field.setFocus()
        self._since_sent.start()
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """End the rating; what was given is on its way to the disk."""
        self._timer.stop()
        self._send(self._tracer.finish())
        self._begun = ()
        if self._joystick is not None:
            self._joystick.close()

    def kept(self, piece: Rating) -> None:
        """Take a piece that is on disk."""
        if self._held.pop((piece.uid, piece.times[0]), None) is not None:
            self._n_kept += len(piece.times)

    def look(self) -> None:
        """Read mark and data time."""
        stick = self._joystick.read() if self._joystick is not None else float("nan")
        if math.isfinite(stick):
            self.field.hold(stick, "joystick")
        this_moment = self.sources.checkedId() == 0
        self.field.scale = "valence" if self.scales.checkedId() == 0 else "arousal"
        segment = self._annotation.current or (self._annotation.resting or (None,))[0]
        participant, data_time, speed = self._live()
        if this_moment and segment is not None:
            participant, data_time, speed = segment.participant, self._playback.time, self._playback.speed
        uid = segment.uid if this_moment and segment is not None else ""
        about: tuple[Any, ...] = (
            participant,
            self.field.scale,
            uid,
            speed,
            self.field.device,
            self._annotation.annotator,
            self._annotation.role,
        )
        if about != self._begun:
            self._send(self._tracer.finish())
            names = ("participant", "scale", "segment", "speed", "device", "annotator", "role")
            self._tracer.begin(Rating(uid="", times=(), values=(), time=0.0, **dict(zip(names, about, strict=True))))
            self._begun = about
        self._send(self._tracer.read(data_time, self.field.value))
        if math.isfinite(self.field.value) and math.isfinite(data_time):
            self.field.trace(data_time)
        self._send_again()
        self._show_words()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(8))

    def _send(self, piece: Rating | None) -> None:
        if piece is not None:
            self._held[piece.uid, piece.times[0]] = piece
            self._keep(piece)

    def _send_again(self) -> None:
        """Send what was not acknowledged once more: it may not have been taken."""
        if self._since_sent.elapsed() > _AGAIN_MS:
            self._since_sent.start()
            for piece in list(self._held.values()):
                self._keep(piece)

    def _show_words(self) -> None:
        stick = f" {texts.RATE_JOYSTICK}" if self._joystick is not None and self._joystick.there else ""
        if self._tracer.seconds:
            self._words.setText(texts.rated(self._tracer.seconds, self._n_kept))
        else:
            self._words.setText(texts.RATE_HELP + stick)

    def _choices(self, names: tuple[str, ...]) -> QButtonGroup:
        group = QButtonGroup(self)
        for k, name in enumerate(names):
            button = FlatButton(name, checkable=True)
            button.setParent(self)  # the group does not own it
            button.explain(name, "")
            button.setChecked(k == 0)
            group.addButton(button, k)
        return group

    def _lay_out(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(2)
        for k, group in enumerate((self.scales, self.sources)):
            if k:
                row.addStretch(1)
            for button in group.buttons():
                row.addWidget(button)
        self._column.addLayout(row)
        self._column.addWidget(self.field, 1)
        self._column.addWidget(self._words)
        self._column.addWidget(self.stop_button)


def _arrow(event: QKeyEvent) -> int:
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return 0
    return int(event.key() == Qt.Key.Key_Up) - int(event.key() == Qt.Key.Key_Down)
