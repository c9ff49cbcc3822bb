"""The face: the newest picture with the box that the reading came from, and its quality in words."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPainterPath, QPaintEvent

from app import texts
from app.ui.canvas import Canvas
from app.ui.images import to_image
from core.data import Array, Chunk, FaceObservation, StreamHealth

_STALE = 1.0
_STILL = 3.0
"""Seconds without a new picture after which it is said that it stands still."""


class Video(Canvas):
    """The newest frame, drawn at most once an event loop; in private mode the box and landmarks alone."""

    def __init__(self) -> None:
        super().__init__(texts.FACE, "panel")
        self.private = False
        self._frame: Array | None = None
        self._time = float("nan")
        self._face: FaceObservation | None = None
        self._trouble: tuple[str, str] | None = None
        self.landmarks = False
        self.recorded = False
        """Whether it is a recording that is shown, where nothing can be done about a face any more."""
        self._why_none = texts.NO_VIDEO
        self._asked: tuple[str, str] | None = None

    def push(self, chunk: Chunk) -> None:
        """Take the newest frame of a video chunk."""
        if len(chunk.data):
            self._frame, self._time = np.ascontiguousarray(chunk.data[-1]), float(chunk.times[-1])
            self.update()

    def show_face(self, face: FaceObservation) -> None:
        """Take the newest observation of the face."""
        self._face = face
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._frame, self._face, self._trouble, self._asked = None, None, None, None
        self.update()

    def set_empty_text(self, words: str) -> None:
        """Take what is said while there is no picture."""
        self._why_none = words
        self.update()

    def show_health(self, health: StreamHealth) -> None:
        """Take how the camera is doing: an old picture must not look like the newest."""
        trouble = None
        if health.ended:
            trouble = texts.camera_over(health.connected)
        elif not health.connected:
            trouble = texts.CAMERA_LOST, texts.CAMERA_LOST_REMEDY
        elif health.last_sample_age > _STILL and health.last_came > _STILL:
            trouble = texts.CAMERA_STILL, texts.CAMERA_STILL_REMEDY
        if trouble != self._trouble:
            self._trouble = trouble
            self.update()

    def ask(self, card: tuple[str, str] | None) -> None:
        """Say what is asked of the person under the picture, None for nothing."""
        if card != self._asked:
            self._asked = card
            self.update()

    def toggle_landmarks(self) -> None:
        """Show the dots on the face, or hide them."""
        self.landmarks = not self.landmarks
        self.update()

    def set_private(self, private: bool) -> None:
        """Show no pixels of the person, or show them again."""
        self.private = private
        self.update()

    def words(self) -> str:
        """Return the quality of the face in words."""
        face = self._current()
        if self._trouble is not None or face is None:
            return ""
        return face.problem or texts.face_quality(face.quality)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a picture of the usual shape."""
        return QSize(self.theme.px(300), self.theme.px(225))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint picture, box and landmarks."""
        painter = self.painter()
        if self._frame is None:
            self.write(painter, QRectF(self.rect()), self._why_none, "dim", "normal")
            return
        height, width = self._frame.shape[:2]
        scale = min(self.width() / width, self.height() / height)
        box = QRectF(0, 0, width * scale, height * scale)
        box.moveCenter(QRectF(self.rect()).center())
        shape = QPainterPath()
        shape.addRoundedRect(box, self.theme.px(5), self.theme.px(5))
        painter.setClipPath(shape)
        if self.private:
            painter.fillRect(box, self.theme.color("raised"))
            top = QRectF(box.left(), box.bottom() - self.theme.px(26), box.width(), self.theme.px(22))
            self.write(painter, top, texts.PRIVATE)
        else:
            painter.drawImage(box, to_image(self._frame))
        if self._trouble is None:
            self._paint_face(painter, box, scale)
        else:
            self.paint_card(painter, box, *self._trouble)
        if self._asked is not None:
            row = self.theme.px(19)
            below = QRectF(box.left(), box.bottom() - 3.4 * row, box.width(), 3.4 * row)
            painter.fillRect(below, self.theme.color("panel", 0.92))
            upper = QRectF(box.left(), below.top() + row / 5, box.width(), 1.2 * row)
            self.write(painter, upper, self._asked[0], "text", "normal", bold=True)
            # Beside the rows of what the face does, there is room for it in two lines alone.
            self.write(painter, QRectF(box.left(), upper.bottom(), box.width(), 2 * row), self._asked[1], "text")

    def _paint_face(self, painter: QPainter, box: QRectF, scale: float) -> None:
        face = self._current()
        if face is None:
            return
        if face.box is not None:
            left, top, right, bottom = (value * scale for value in face.box)
            frame = QRectF(box.left() + left, box.top() + top, right - left, bottom - top)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.line("panel", 4, 0.5))
            painter.drawRoundedRect(frame, self.theme.px(4), self.theme.px(4))
            painter.setPen(self.line("face", 2, dashed=bool(face.problem)))
            painter.drawRoundedRect(frame, self.theme.px(4), self.theme.px(4))
        if face.landmarks is not None and (self.private or self.landmarks):
            for width, color in ((7, "panel"), (4, "face")):
                painter.setPen(self.line(color, width))
                for x, y in face.landmarks:
                    painter.drawPoint(QPointF(box.left() + float(x) * scale, box.top() + float(y) * scale))
        if face.problem:
            remedy = "" if self.recorded else texts.FACE_REMEDIES.get(face.problem, "")
            row, n_rows = self.theme.px(19), 2 if remedy else 1
            painter.fillRect(
                QRectF(box.left(), box.top(), box.width(), n_rows * row + row / 3), self.theme.color("panel", 0.88)
            )
            upper = QRectF(box.left(), box.top() + row / 6, box.width(), row)
            self.write(painter, upper, face.problem, "text", "normal", bold=True)
            self.write(painter, upper.translated(0, row), remedy, "text")

    def _current(self) -> FaceObservation | None:
        # An observation belongs to its picture; an old one must not be drawn over a new face.
        if self._face is None or abs(self._time - self._face.time) > _STALE:
            return None
        return self._face
