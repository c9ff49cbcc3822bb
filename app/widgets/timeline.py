"""Affect over time: valence and arousal with their bands, classes, reliabilities, gaps and labels on one axis."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from app import texts
from app.theme import category
from app.widgets.affect import Span, overlaps
from app.widgets.canvas import Canvas, polygon
from core.data import Array, Label, Marker, Notice, Prediction

DURATIONS = (30.0, 60.0, 120.0)


class Timeline(Canvas):
    """Four lanes over the last minute or two; what cannot be known is left blank and says why by its shading."""

    def __init__(self) -> None:
        super().__init__(texts.TIME)
        self.seconds = 60.0
        self._predictions: deque[Prediction] = deque(maxlen=4096)
        self._rivals: deque[Prediction] = deque(maxlen=4096)
        self._marks: deque[tuple[float, float, str, str]] = deque(maxlen=512)
        self._lost: dict[str, float] = {}
        self._seam = math.nan
        self._markers: dict[Marker, None] = {}
        self._hidden: Span | None = None
        self._began = float("nan")
        self.zero = float("nan")
        """From when times are counted; NaN for the first prediction."""

    def show_prediction(self, prediction: Prediction) -> None:
        """Take the newest prediction."""
        if self._predictions and prediction.stop < self._predictions[-1].stop:
            self.clear()
        if not self._predictions:
            self._began = prediction.start if math.isnan(self.zero) else self.zero
        self._predictions.append(prediction)
        while self._predictions[0].stop < prediction.stop - DURATIONS[-1] - 5:
            self._predictions.popleft()
        self.update()

    def show_rival(self, prediction: Prediction) -> None:
        """Take the newest prediction of a second model."""
        self._rivals.append(prediction)

    def show_label(self, label: Label) -> None:
        """Mark an answer, or take the mark away when it is undone."""
        if label.answer == "undo" or label.supersedes:
            kept = [mark for mark in self._marks if (mark[0], mark[1], mark[2]) != (label.start, label.stop, "label")]
            self._marks = deque(kept, maxlen=512)
        if label.answer not in ("undo", "skip"):
            self._marks.append((label.start, label.stop, "label", label.label or label.answer))
        self.update()

    def show_notice(self, notice: Notice) -> None:
        """Mark a gap: from when a stream was lost to when it came back, or a moment."""
        if notice.kind == "lost":
            self._lost.setdefault(notice.stream, notice.time)
        elif notice.kind == "back":
            began = self._lost.pop(notice.stream, notice.time)
            self._marks.append((began, notice.time, "gap", ""))
        elif notice.kind in ("gap", "jump"):
            self._marks.append((notice.time, notice.time, "gap", ""))
        self.update()

    def show_marker(self, marker: Marker) -> None:
        """Mark what another program said."""
        self._markers[marker] = None
        self.update()

    def show_seam(self, time: float) -> None:
        """Mark from when on it is predicted anew: before it stands what was said when it was recorded."""
        self._seam = time
        self.update()

    def hide_span(self, span: Span | None) -> None:
        """Show nothing of a stretch while it is labelled blind; None shows all."""
        self._hidden = span
        self.update()

    def clear(self) -> None:
        """Forget everything."""
        self._predictions.clear()
        self._rivals.clear()
        self._marks.clear()
        self._lost.clear()
        self._seam = math.nan
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a wide surface."""
        return QSize(self.theme.px(600), self.theme.px(190))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the lanes."""
        painter = self.painter()
        if not self._predictions:
            self.write(painter, QRectF(self.rect()), texts.NO_PREDICTION, "dim", "normal")
            return
        left, foot, gap, flags = self.theme.px(64), self.theme.px(18), self.theme.px(6), self.theme.px(17)
        area = QRectF(left, 0, self.width() - left - self.theme.px(2), self.height() - foot)
        lane = (area.height() - flags - 3 * gap) / 4
        lanes = [QRectF(area.left(), flags + k * (lane + gap), area.width(), lane) for k in range(4)]
        now = self._predictions[-1].stop
        for box in lanes:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("raised", 0.7))
            painter.drawRoundedRect(box, self.theme.px(3), self.theme.px(3))
        painter.save()
        painter.setClipRect(area)
        self._paint_shades(painter, area, now)
        self._paint_affect(painter, lanes, now)
        self._paint_classes(painter, lanes[2], now)
        self._paint_trust(painter, lanes[3], now)
        self._paint_marks(painter, area, now)
        painter.restore()
        self._paint_scales(painter, lanes, left)
        self._paint_times(painter, area, now)

    def _x(self, area: QRectF, now: float, time: float) -> float:
        return area.right() - (now - time) / self.seconds * area.width()

    def _paint_shades(self, painter: QPainter, area: QRectF, now: float) -> None:
        spans = [(start, max(stop, start + 0.25)) for start, stop, kind, _ in self._marks if kind == "gap"]
        spans += [(start, now) for start in self._lost.values()]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("bad", 0.22))
        for start, stop in spans:
            x = self._x(area, now, start)
            painter.drawRect(QRectF(x, area.top(), max(2.0, self._x(area, now, stop) - x), area.height()))

    def _paint_affect(self, painter: QPainter, lanes: list[QRectF], now: float) -> None:
        for piece in self._said(self._rivals):
            times = np.array([p.stop for p in piece])
            for box, name in ((lanes[0], "valence"), (lanes[1], "arousal")):
                painter.setPen(self.line("text", 1.5, dashed=True))
                x = box.right() - (now - times) / self.seconds * box.width()
                painter.drawPolyline(polygon(x, _y(box, np.array([getattr(p, name) for p in piece]))))
        for piece in self._said(self._predictions):
            times = np.array([p.stop for p in piece])
            for box, name, sd_name in ((lanes[0], "valence", "valence_sd"), (lanes[1], "arousal", "arousal_sd")):
                value = np.array([getattr(p, name) for p in piece])
                sd = np.nan_to_num(np.array([getattr(p, sd_name) for p in piece]))
                x = box.right() - (now - times) / self.seconds * box.width()
                painter.save()
                painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.theme.color(name, 0.2))
                edge = np.concatenate([_y(box, value + sd), _y(box, value - sd)[::-1]])
                painter.drawPolygon(polygon(np.concatenate([x, x[::-1]]), edge))
                painter.setPen(self.line(name, 2))
                painter.drawPolyline(polygon(x, _y(box, value)))
                painter.restore()

    def _paint_classes(self, painter: QPainter, box: QRectF, now: float) -> None:
        """Paint the probabilities on each other, the first class at the bottom, each wide one with its name."""
        for piece in self._said(self._predictions):
            x = box.right() - (now - np.array([p.stop for p in piece])) / self.seconds * box.width()
            edges = np.cumsum([[0.0, *p.probabilities] for p in piece], axis=1)
            y = box.bottom() - np.minimum(edges, 1.0) * box.height()
            painter.setPen(Qt.PenStyle.NoPen)
            for k in range(y.shape[1] - 1):
                painter.setBrush(category(k))
                painter.drawPolygon(polygon(np.concatenate([x, x[::-1]]), np.concatenate([y[:, k], y[::-1, k + 1]])))

    def _paint_trust(self, painter: QPainter, box: QRectF, now: float) -> None:
        for piece in _pieces(self._predictions, lambda p: sum(p.weights) > 0 and not overlaps(p, self._hidden)):
            times = np.array([p.stop for p in piece])
            x = box.right() - (now - times) / self.seconds * box.width()
            inset = box.adjusted(0, self.theme.px(2), 0, -self.theme.px(2))
            for k, name in enumerate(("eeg", "face")):
                weight = np.array([p.weights[k] for p in piece])
                painter.setPen(self.line(name, 2, dashed=name == "face"))
                painter.drawPolyline(polygon(x, _y(inset, 2 * weight - 1)))

    def _paint_marks(self, painter: QPainter, area: QRectF, now: float) -> None:
        if self._hidden is not None:
            x = self._x(area, now, self._hidden[0])
            box = QRectF(x, area.top(), self._x(area, now, self._hidden[1]) - x, area.height())
            painter.setPen(self.line("dim", 1, dashed=True))
            painter.setBrush(self.theme.color("panel", 0.6))
            painter.drawRect(box)
            self.write(painter, box.adjusted(-30, 0, 30, 0), "?", "dim", "large", bold=True)
        self._paint_markers(painter, area, now)
        for start, stop, kind, text in self._marks:
            if kind != "label":
                continue
            left, right = self._x(area, now, start), self._x(area, now, stop)
            painter.setPen(self.line("text", 2))
            y = self.theme.px(16)
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            box = QRectF(left - 40, -1, right - left + 80, self.theme.px(15))
            self.write(painter, box, text, "text", align=Qt.AlignmentFlag.AlignHCenter, bold=True)

    def _paint_markers(self, painter: QPainter, area: QRectF, now: float) -> None:
        """Paint a line for each marker, and its words where there is room before the next."""
        seam = [] if math.isnan(self._seam) else [Marker(self._seam, texts.ANEW)]
        inside = (m for m in (*self._markers, *seam) if now - self.seconds < m.time <= now)
        seen = sorted(inside, key=lambda marker: marker.time)
        places = [*(self._x(area, now, marker.time) for marker in seen), area.right()]
        for marker, x, end in zip(seen, places, places[1:], strict=False):
            painter.setPen(self.line("dim", 1, dashed=True))
            painter.drawLine(QPointF(x, self.theme.px(3)), QPointF(x, area.bottom()))
            wide = min(end - x, self.theme.px(140)) - self.theme.px(6)
            if wide > self.theme.px(24):
                box = QRectF(x + self.theme.px(4), -1, wide, self.theme.px(15))
                metrics = QFontMetricsF(self.theme.font("small"))
                words = metrics.elidedText(marker.text, Qt.TextElideMode.ElideRight, wide)
                self.write(painter, box, words, "dim", align=Qt.AlignmentFlag.AlignLeft)

    def _paint_scales(self, painter: QPainter, lanes: list[QRectF], left: int) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for box, name in ((lanes[0], texts.VALENCE), (lanes[1], texts.AROUSAL)):
            painter.setPen(self.line("faint", 1, 0.6, dashed=True))
            painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
            self.write(painter, QRectF(0, box.top(), left - self.theme.px(8), box.height()), name, "text", align=right)
        box = QRectF(0, lanes[2].top(), left - self.theme.px(8), lanes[2].height())
        self.write(painter, box, texts.CLASSES_SHORT, "text", align=right)
        box, half = lanes[3], max(lanes[3].height() / 2, self.theme.px(12))
        for k, (name, color, dashed) in enumerate(((texts.EEG, "eeg", False), (texts.FACE_SHORT, "face", True))):
            top = box.center().y() + (k - 1) * half
            self.write(painter, QRectF(0, top, left - self.theme.px(26), half), name, "text", align=right)
            painter.setPen(self.line(color, 2.5, dashed=dashed))
            y = top + half / 2
            painter.drawLine(QPointF(left - self.theme.px(22), y), QPointF(left - self.theme.px(8), y))

    def _paint_times(self, painter: QPainter, area: QRectF, now: float) -> None:
        step = 10 if self.seconds <= 60 else 20
        first = int((now - self._began - self.seconds) // step + 1) * step
        top, half = area.bottom(), self.theme.px(30)
        for second in range(max(0, first), int(now - self._began) + 1, step):
            x = self._x(area, now, self._began + second)
            if area.left() + half * 0.5 < x < area.right() - half * 0.5:
                self.write(painter, QRectF(x - half, top, 2 * half, self.height() - top), texts.clock(second))

    def _said(self, predictions: Iterable[Prediction]) -> list[list[Prediction]]:
        """Return the runs in which something was said that is not hidden."""
        return _pieces(predictions, lambda p: p.status == "ok" and not overlaps(p, self._hidden))


def _pieces(predictions: Iterable[Prediction], wanted: Callable[[Prediction], bool]) -> list[list[Prediction]]:
    """Return runs of predictions that are wanted and follow each other without a hole."""
    pieces: list[list[Prediction]] = []
    before: Prediction | None = None
    for prediction in predictions:
        if not wanted(prediction):
            before = None
            continue
        if before is None or prediction.stop - before.stop > 1.0:
            pieces.append([])
        pieces[-1].append(prediction)
        before = prediction
    return pieces


def _y(box: QRectF, value: Array) -> Array:
    return box.center().y() - value * box.height() / 2
