"""The moment that is asked about, again and again: face and EEG in step."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QImage, QPainter, QPaintEvent

from app import texts
from app.clips import Clip
from app.widgets.canvas import Canvas, polygon

_ROW_PX = 20
_STACKED_PX = 190
"""From this height on the EEG stands under the picture, where it has the whole width."""
_PAUSE = 0.4
"""Seconds of rest between two rounds, so that end and beginning are told apart."""


class Playback(Canvas):
    """Loops a clip; without pixels in private mode."""

    def __init__(self) -> None:
        super().__init__(texts.PLAYBACK)
        self.private = False
        self._clip: Clip | None = None
        self._since = QElapsedTimer()
        self._at = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(50)
        self._timer.timeout.connect(self.update)

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._timer.isActive()

    def show_clip(self, clip: Clip | None) -> None:
        """Play another clip from its beginning; None shows nothing."""
        self._clip, self._at = clip, 0.0
        self._since.start()
        if clip is None:
            self._timer.stop()
        else:
            self._timer.start()
        self.update()

    def toggle(self) -> None:
        """Stop at this picture, or go on from it."""
        if self._clip is None:
            return
        if self.playing:
            self._at = self._position()
            self._timer.stop()
        else:
            self._since.start()
            self._timer.start()
        self.update()

    def set_private(self, private: bool) -> None:
        """Show no pixels of the person, or show them again."""
        self.private = private
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for picture and EEG side by side."""
        return QSize(self.theme.px(300), self.theme.px(120))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint picture, EEG, and how far it has come."""
        clip, painter = self._clip, self.painter()
        if clip is None:
            return
        whole = QRectF(self.rect()).adjusted(0, 0, 0, -self.theme.px(8))
        has_picture = bool(clip.frames) and not self.private
        has_eeg = clip.eeg is not None and len(clip.eeg) > 1
        if not has_picture and not has_eeg:
            self.write(painter, whole, texts.NO_CLIP, "dim", "normal")
            return
        at = self._position()
        picture, eeg = QRectF(whole), QRectF(whole)
        if has_picture and has_eeg and whole.height() > self.theme.px(_STACKED_PX):
            picture.setHeight(whole.height() * 0.56)
            eeg.setTop(picture.bottom() + self.theme.px(6))
        elif has_picture and has_eeg:
            picture.setWidth(min(whole.height() * 4 / 3, whole.width() * 0.58))
            eeg.setLeft(picture.right() + self.theme.px(8))
        if has_picture:
            self._paint_picture(painter, picture, clip, at)
        if has_eeg:
            self._paint_eeg(painter, eeg, clip, at)
        self._paint_progress(painter, clip, at)

    def _paint_picture(self, painter: QPainter, box: QRectF, clip: Clip, at: float) -> None:
        frame = clip.frame_at(clip.start + at)
        if frame is None:
            return
        image = QImage.fromData(frame)
        scale = min(box.width() / image.width(), box.height() / image.height())
        shown = QRectF(0, 0, image.width() * scale, image.height() * scale)
        shown.moveCenter(box.center())
        painter.drawImage(shown, image)

    def _paint_eeg(self, painter: QPainter, box: QRectF, clip: Clip, at: float) -> None:
        assert clip.eeg is not None
        assert clip.eeg_times is not None
        n_chans = clip.eeg.shape[1]
        picks = np.unique(
            np.linspace(0, n_chans - 1, min(n_chans, max(2, int(box.height() / self.theme.px(_ROW_PX)))))
            .round()
            .astype(int)
        )
        names_px = self.theme.px(30)
        plot = box.adjusted(names_px, 0, 0, 0)
        row = plot.height() / len(picks)
        x = plot.left() + (clip.eeg_times - clip.start) / (clip.stop - clip.start) * plot.width()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setClipRect(box)
        for k, pick in enumerate(picks):
            middle = plot.top() + (k + 0.5) * row
            y = middle - np.clip(clip.eeg[:, pick] * row / clip.scale_uv, -row, row)
            painter.setPen(self.line("trace", 1, 0.8))
            painter.drawPolyline(polygon(x, y))
            name = QRectF(box.left(), middle - self.theme.px(8), names_px - self.theme.px(5), self.theme.px(16))
            self.write(painter, name, clip.ch_names[pick], align=right)
        painter.restore()
        cursor = plot.left() + at / (clip.stop - clip.start) * plot.width()
        painter.setPen(self.line("accent", 1.5))
        painter.drawLine(QPointF(cursor, plot.top()), QPointF(cursor, plot.bottom()))

    def _paint_progress(self, painter: QPainter, clip: Clip, at: float) -> None:
        y = self.height() - self.theme.px(2)
        painter.setPen(self.line("edge", 3))
        painter.drawLine(QPointF(2, y), QPointF(self.width() - 2, y))
        painter.setPen(self.line("accent", 3))
        painter.drawLine(QPointF(2, y), QPointF(2 + (self.width() - 4) * at / (clip.stop - clip.start), y))
        if not self.playing:
            box = QRectF(0, 0, self.theme.px(56), self.theme.px(20))
            box.moveBottomRight(QPointF(self.width(), self.height() - self.theme.px(9)))
            painter.fillRect(box, self.theme.color("panel", 0.85))
            self.write(painter, box, texts.PAUSED)

    def _position(self) -> float:
        if self._clip is None:
            return 0.0
        length = self._clip.stop - self._clip.start
        if not self.playing:
            return self._at
        return min(length, (self._at + self._since.elapsed() / 1000.0) % (length + _PAUSE))
