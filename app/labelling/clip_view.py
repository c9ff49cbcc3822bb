"""The moment that is asked about, again and again: face and EEG in step."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from PyQt6.QtCore import QElapsedTimer, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap

from app import texts
from app.labelling import clip_traces
from app.labelling.clip_traces import NAMES_PX
from app.labelling.clips import Clip
from app.timeline.trace_extent import zoomed
from app.ui.canvas import Canvas
from app.ui.images import decoded
from app.ui.theme import Theme

_STACKED_PX = 190
"""From this height on the EEG stands under the picture, where it has the whole width."""
_LOST_PX = 30
"""Height of the two lines that tell what a moment lacks."""
_GRIP_PX = 12
"""A hand takes hold of an end from so near."""
_SHORTEST_S = 0.5
"""A stretch that is drawn is at least so long; less is a click that slipped."""
_PAUSE = 0.4
"""Seconds of rest between two rounds, so that end and beginning are told apart."""
_FRAME = 1 / 30
"""A step where there are no pictures to step over."""
SPEEDS = (0.5, 0.75, 1.0, 1.5, 2.0)
Shown = Literal["both", "face", "eeg"]


class ClipView(Canvas):
    """Loops a clip; without pixels in private mode.

    Face and EEG stand at the same moment of data time, whatever the speed.
    """

    changed = pyqtSignal()
    """It plays, stands, or plays in another way than before."""
    drawn = pyqtSignal(float, float)
    """A stretch that a hand has drawn over the moment, s, LSL clock."""
    edges_moved = pyqtSignal(float, float)
    """From when to when is asked about, s, LSL clock, after a hand has dragged one of the ends."""

    def __init__(self) -> None:
        super().__init__(texts.PLAYBACK, "panel")
        self.private = False
        self.expects_picture = False
        """Whether there is a camera on whom the moment is of, so that it is said where no picture was kept."""
        self.speed = 1.0
        self.shown: Shown = "both"
        self._clip: Clip | None = None
        self._image: tuple[bytes, QImage] | None = None
        self._eeg: tuple[Clip, tuple[QRect, Theme, float, float], QPixmap] | None = None
        self._scale_uv: float | None = None
        """The scale that a person has chosen."""
        self._asked: tuple[float, float] | None = None
        self._from = float("nan")
        """Where a hand began to draw a stretch, s, LSL clock."""
        self._dragged: int | None = None
        """Which end of what is asked about a hand holds, 0 or 1."""
        self._line = (0.0, 1.0)
        """Left edge and width of the line that tells how far it has come, pixels."""
        self.setMouseTracking(True)
        self._since = QElapsedTimer()
        self._at = 0.0
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(33)
        self._timer.timeout.connect(self.update)

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._timer.isActive()

    @property
    def lacks(self) -> str:
        """What of the moment cannot be shown, in words; ``""`` if nothing, or while it is still being read."""
        clip = self._clip
        if clip is None or self.awaits_picture:
            return ""
        is_blind = self.expects_picture and not clip.frames and not self.private and self.shown != "eeg"
        return texts.CLIP_LOST[clip.lost] if clip.lost else texts.NO_PICTURE if is_blind else ""

    @property
    def awaits_picture(self) -> bool:
        """Whether pictures of the moment are wanted and still being read."""
        clip, wanted = self._clip, not self.private and self.shown != "eeg"
        return clip is not None and wanted and clip.lost == "reading" and not clip.frames

    @property
    def time(self) -> float:
        """The moment of data that is shown, s, LSL clock; NaN without a clip."""
        return self._clip.start + self._position()[0] if self._clip is not None else float("nan")

    @property
    def n_plays(self) -> int:
        """How often the clip has been begun."""
        return self._rounds + self._position()[1] + 1 if self._clip is not None else 0

    def show_clip(self, clip: Clip | None) -> None:
        """Play another clip from its beginning; None shows nothing."""
        self._clip, self._at, self._rounds = clip, 0.0, 0
        self._asked = self._dragged = None
        self._since.start()
        if clip is None:
            self._timer.stop()
        else:
            self._timer.start()
        self._show_state()

    def fill(self, clip: Clip) -> None:
        """Show more of the same moment, such as pictures that were read meanwhile; it plays on."""
        self._clip = replace(clip, asked=self._asked) if self._asked is not None else clip
        self.update()

    def show_asked(self, asked: tuple[float, float] | None) -> None:
        """Show that another stretch of the moment is asked about, s, LSL clock."""
        self._asked = asked
        if self._clip is not None and asked is not None and asked != self._clip.asked:
            self._clip = replace(self._clip, asked=asked)
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take hold of an end of what is asked about."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._dragged = self._edge_at(event.position())
            self._from = self._time_at(event.position()) if self._dragged is None else float("nan")

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Drag the end that is held, or show that one could be."""
        if event is None:
            return
        if self._dragged is None:
            over = self._edge_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor)
        elif self._clip is not None and self._clip.asked is not None:
            ends = list(self._clip.asked)
            ends[self._dragged] = self._time_at(event.position())
            if ends[0] < ends[1]:
                self.show_asked((ends[0], ends[1]))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Let go of it, or of a stretch that was drawn."""
        if event is not None and abs((stop := self._time_at(event.position())) - self._from) >= _SHORTEST_S:
            self.drawn.emit(min(self._from, stop), max(self._from, stop))
        self._from = float("nan")
        if self._dragged is not None and self._clip is not None and self._clip.asked is not None:
            self._dragged = None
            self.edges_moved.emit(*self._clip.asked)

    def _time_at(self, place: QPointF) -> float:
        """Return which moment lies at a place, s, LSL clock; NaN without a clip."""
        if self._clip is None:
            return float("nan")
        left, width = self._line
        return self._clip.start + min(1.0, max(0.0, (place.x() - left) / width)) * self._length

    def _edge_at(self, place: QPointF) -> int | None:
        """Return which end of what is asked about is under the mouse, near the line that tells how far it has come."""
        if self._clip is None or self._clip.asked is None or place.y() < self.height() - self.theme.px(_GRIP_PX):
            return None
        left, width = self._line
        at = [left + width * (time - self._clip.start) / self._length for time in self._clip.asked]
        near = [abs(x - place.x()) for x in at]
        k = near.index(min(near))
        return k if near[k] < self.theme.px(_GRIP_PX) else None

    def toggle(self) -> None:
        """Stop at this picture, or go on from it."""
        if self.playing:
            self._stand(self._position()[0])
        elif self._clip is not None:
            self._since.start()
            self._timer.start()
            self._show_state()

    def restart(self) -> None:
        """Play from the beginning."""
        if self._clip is not None:
            self._go(0.0)

    def step(self, frames: int) -> None:
        """Stand still and show another picture, so many on or back."""
        if self._clip is None:
            return
        at = self._position()[0]
        times = np.asarray(self._clip.frame_times) - self._clip.start
        if len(times) and self.shown != "eeg" and not self.private:
            here = int(np.searchsorted(times, at + 1e-6, side="right")) - 1
            at = float(times[min(len(times) - 1, max(0, here + frames))])
        else:
            at += frames * _FRAME
        self._stand(min(self._length, max(0.0, at)))

    def change_speed(self, steps: int) -> None:
        """Play faster or slower, from half to double."""
        place = SPEEDS.index(self.speed) + steps
        self.set_speed(SPEEDS[min(len(SPEEDS) - 1, max(0, place))])

    def set_speed(self, speed: float) -> None:
        """Play at one of `SPEEDS`, from where it is."""
        at, rounds = self._position()
        self._rounds += rounds
        self.speed = speed
        self._at = at
        self._since.start()
        self._show_state()

    def show_only(self, shown: Shown) -> None:
        """Show the face alone, the EEG alone, or both; asked for what is shown already, both again."""
        self.shown = "both" if shown == self.shown else shown
        self._show_state()

    def zoom(self, steps: int) -> None:
        """Draw the traces larger (positive) or smaller, in this moment and those that come."""
        if self._clip is not None:
            self._scale_uv = zoomed(self._scale_uv or self._clip.scale_uv, steps)
            self.update()

    def _stand(self, at: float) -> None:
        self._rounds += self._position()[1]
        self._at = at
        self._timer.stop()
        self._show_state()

    def _go(self, at: float) -> None:
        self._rounds += self._position()[1]
        self._at = at
        self._since.start()
        self._timer.start()
        self._show_state()

    def _show_state(self) -> None:
        self.update()
        self.changed.emit()

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
        wants_picture = not self.private and self.shown != "eeg"
        is_coming = self.awaits_picture
        has_picture = wants_picture and (bool(clip.frames) or is_coming)
        has_eeg = clip.has_eeg and self.shown != "face"
        if not has_picture and not has_eeg:
            self.write(painter, whole, texts.CLIP_LOST.get(clip.lost, texts.NO_CLIP), "dim", "normal")
            return
        if lacks := self.lacks:
            line = QRectF(whole.left(), whole.top(), whole.width(), self.theme.px(_LOST_PX))
            self.write(painter, line, lacks)
            whole.setTop(line.bottom())
        at = self._position()[0]
        picture, eeg, under = QRectF(whole), QRectF(whole), QRectF(whole)
        if has_eeg:
            under.setLeft(eeg.left() + self.theme.px(NAMES_PX))
        if has_picture and has_eeg and whole.height() > self.theme.px(_STACKED_PX):
            picture.setHeight(round(whole.height() * 0.56))
            eeg.setTop(picture.bottom() + self.theme.px(6))
        elif has_picture and has_eeg:
            picture.setWidth(round(min(whole.height() * 4 / 3, whole.width() * 0.58)))
            eeg.setLeft(picture.right() + self.theme.px(8))
            under.setLeft(whole.left())
        if is_coming:
            self.write(painter, picture, texts.CLIP_LOST[clip.lost], "dim", "normal")
        elif has_picture:
            self._paint_picture(painter, picture, clip, at)
        if has_eeg:
            self._paint_eeg(painter, eeg.toRect(), clip, at)
        self._paint_progress(painter, under, clip, at)

    def _paint_picture(self, painter: QPainter, box: QRectF, clip: Clip, at: float) -> None:
        frame = clip.frame_at(clip.start + at)
        if frame is None:
            return
        if self._image is None or self._image[0] is not frame:
            self._image = (frame, decoded(frame))
        image = self._image[1]
        scale = min(box.width() / image.width(), box.height() / image.height())
        shown = QRectF(0, 0, image.width() * scale, image.height() * scale)
        shown.moveCenter(box.center())
        painter.drawImage(shown, image)

    def _paint_eeg(self, painter: QPainter, box: QRect, clip: Clip, at: float) -> None:
        """Paint the traces, drawn once for all rounds, and where it is in them."""
        scale_uv = self._scale_uv or clip.scale_uv
        made_for = (box, self.theme, self.devicePixelRatioF(), scale_uv)
        if self._eeg is None or self._eeg[0] is not clip or self._eeg[1] != made_for:
            self._eeg = (clip, made_for, clip_traces.draw(self, box.size(), clip, scale_uv))
        painter.drawPixmap(box.topLeft(), self._eeg[2])
        names_px = self.theme.px(NAMES_PX)
        cursor = box.left() + names_px + at / (clip.stop - clip.start) * (box.width() - names_px)
        painter.setPen(self.line("accent", 1.5))
        painter.drawLine(QPointF(cursor, box.top()), QPointF(cursor, box.top() + box.height()))

    def _paint_progress(self, painter: QPainter, under: QRectF, clip: Clip, at: float) -> None:
        """Paint how far it has come, in step with the traces above where they have the whole width."""
        y = self.height() - self.theme.px(2)
        left, width = self._line = under.left() + 2, under.width() - 4
        first, last = clip.asked or (clip.start, clip.start)
        for color, start, stop in (
            ("edge", clip.start, clip.stop),
            ("faint", first, last),
            ("accent", clip.start, clip.start + at),
        ):
            begin, end = ((time - clip.start) / (clip.stop - clip.start) for time in (start, stop))
            painter.setPen(self.line(color, 3))
            painter.drawLine(QPointF(left + width * begin, y), QPointF(left + width * end, y))
        for time in clip.asked or ():
            x = left + width * (time - clip.start) / (clip.stop - clip.start)
            painter.setPen(self.line("text", 3))
            painter.drawLine(QPointF(x, y), QPointF(x, y - self.theme.px(5)))
        if not self.playing:
            box = QRectF(0, 0, self.theme.px(56), self.theme.px(20))
            box.moveBottomRight(QPointF(self.width(), self.height() - self.theme.px(9)))
            painter.fillRect(box, self.theme.color("panel", 0.85))
            self.write(painter, box, texts.PAUSED)

    @property
    def _length(self) -> float:
        return self._clip.stop - self._clip.start if self._clip is not None else 0.0

    def _position(self) -> tuple[float, int]:
        """Return how far into the clip it is, s, and how many rounds it made since it last stood."""
        if self._clip is None or not self.playing:
            return self._at, 0
        round_ = self._length + _PAUSE * self.speed
        played = self._at + self.speed * self._since.elapsed() / 1000.0
        return min(self._length, played % round_), int(played // round_)
