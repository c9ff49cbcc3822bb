"""The lanes over time as pixels: valence, arousal, classes and reliabilities, drawn into a strip as they are said."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPen, QPolygonF

from app.timeline.span import Span, overlaps
from app.timeline.strip import LEAD, Strip
from app.timeline.time_axis import TimeAxis
from app.ui.canvas import Canvas, polygon
from core.data import MODALITIES, Array, Prediction

N_LANES = 4
_HOLE_S = 1.0
"""Seconds without a statement over which no line is drawn."""


class LanePicture:
    """What is said over the seconds of an axis; what cannot be known is left blank.

    Parameters
    ----------
    canvas
        Whose theme it wears.
    axis
        The time axis.
    lanes
        Top and height of each lane, pixels of the screen itself.
    height_px
        Height of all, pixels of the screen itself.
    ratio
        Pixels of the screen itself to one of the window.
    """

    def __init__(
        self, canvas: Canvas, axis: TimeAxis, lanes: Sequence[tuple[float, float]], height_px: int, ratio: float
    ) -> None:
        self.strip = Strip(axis, height_px, canvas.theme.color("panel"), canvas.line("edge"))
        self._canvas, self._ratio = canvas, ratio
        self._column = axis.column
        self._lanes = lanes

    def invalidate(self, since: float) -> None:
        """Take that more was said of the time since then than has been drawn."""
        # Lines are wider than their points.
        self.strip.invalidate(since - 2 * self._ratio * self._column)

    def draw(self, said: Sequence[Prediction], rivals: Sequence[Prediction], hidden: Span | None) -> None:
        """Draw what is new of what was said, in order of time."""
        due = self.strip.due()
        if not due:
            return
        base = self.strip.base(due)
        edge = (due.start - LEAD) * self._column
        boxes = [QRectF(due.start - base, top, len(due), height) for top, height in self._lanes]
        said, rivals = since(said, edge), since(rivals, edge)

        def paint(painter: QPainter) -> None:
            ground = self._canvas.theme.color("raised", 0.7)
            for box in boxes:
                painter.fillRect(box, ground)
            for piece in stated(rivals, hidden):
                self._paint_rival(painter, boxes, base, piece)
            for piece in stated(said, hidden):
                self._paint_affect(painter, boxes, base, piece)
                self._paint_classes(painter, boxes[2], base, piece)
            for piece in pieces(said, lambda p: sum(p.weights) > 0 and not overlaps(p, hidden)):
                self._paint_trust(painter, boxes[3], base, piece)

        self.strip.draw(due, paint)

    def _pen(self, color: str, width: float, dashed_from: float | None = None) -> QPen:
        """Return a pen; one that dashes does so by the clock, as a line that is drawn in parts must."""
        pen = self._canvas.line(color, width * self._ratio, dashed=dashed_from is not None)
        if dashed_from is not None:
            pen.setDashOffset(dashed_from / self._column / pen.widthF() % sum(pen.dashPattern()))
        return pen

    def _x(self, piece: list[Prediction], base: int) -> Array:
        return np.array([p.stop for p in piece]) / self._column - base

    def _paint_rival(self, painter: QPainter, boxes: list[QRectF], base: int, piece: list[Prediction]) -> None:
        painter.setPen(self._pen("text", 1.5, dashed_from=piece[0].stop))
        for box, name in ((boxes[0], "valence"), (boxes[1], "arousal")):
            painter.drawPolyline(polygon(self._x(piece, base), _y(box, np.array([getattr(p, name) for p in piece]))))

    def _paint_affect(self, painter: QPainter, boxes: list[QRectF], base: int, piece: list[Prediction]) -> None:
        x = self._x(piece, base)
        for box, name, sd_name in ((boxes[0], "valence", "valence_sd"), (boxes[1], "arousal", "arousal_sd")):
            value = np.array([getattr(p, name) for p in piece])
            sd = np.nan_to_num(np.array([getattr(p, sd_name) for p in piece]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._canvas.theme.color(name, 0.2))
            # Within its lane: a band may be wider than the scale.
            edges = [np.clip(_y(box, edge), box.top(), box.bottom()) for edge in (value + sd, value - sd)]
            painter.drawPolygon(_band(x, *edges))
            painter.setPen(self._pen(name, 2))
            painter.drawPolyline(polygon(x, _y(box, value)))

    def _paint_classes(self, painter: QPainter, box: QRectF, base: int, piece: list[Prediction]) -> None:
        """Paint the probabilities on each other, the first class at the bottom."""
        x = self._x(piece, base)
        edges = np.cumsum([[0.0, *p.probabilities] for p in piece], axis=1)
        y = box.bottom() - np.minimum(edges, 1.0) * box.height()
        painter.setPen(Qt.PenStyle.NoPen)
        for k, (lower, upper) in enumerate(itertools.pairwise(y.T)):
            painter.setBrush(self._canvas.theme.category(k))
            painter.drawPolygon(_band(x, lower, upper))

    def _paint_trust(self, painter: QPainter, box: QRectF, base: int, piece: list[Prediction]) -> None:
        inset = box.adjusted(0, 2 * self._ratio, 0, -2 * self._ratio)
        for k, name in enumerate(piece[0].modalities):
            color = name if name in MODALITIES else "text"
            painter.setPen(self._pen(color, 2, dashed_from=piece[0].stop if name == "face" else None))
            weight = np.array([p.weights[k] for p in piece])
            painter.drawPolyline(polygon(self._x(piece, base), _y(inset, 2 * weight - 1)))


def since(predictions: Sequence[Prediction], moment: float) -> list[Prediction]:
    """Return those that stop after a moment, and the one before from which their lines come."""
    newest: list[Prediction] = []
    for prediction in reversed(predictions):
        newest.append(prediction)
        if prediction.stop < moment:
            break
    return newest[::-1]


def stated(predictions: Iterable[Prediction], hidden: Span | None) -> list[list[Prediction]]:
    """Return the runs in which something is stated that is not hidden."""
    return pieces(predictions, lambda p: p.status == "ok" and not overlaps(p, hidden))


def pieces(predictions: Iterable[Prediction], wanted: Callable[[Prediction], bool]) -> list[list[Prediction]]:
    """Return runs of predictions that are wanted and follow each other without a hole; one alone makes no line."""
    found: list[list[Prediction]] = []
    before: Prediction | None = None
    for prediction in predictions:
        if not wanted(prediction):
            before = None
            continue
        if before is None or prediction.stop - before.stop > _HOLE_S:
            found.append([])
        found[-1].append(prediction)
        before = prediction
    return [run for run in found if len(run) > 1]


def _band(x: Array, lower: Array, upper: Array) -> QPolygonF:
    return polygon(np.concatenate([x, x[::-1]]), np.concatenate([lower, upper[::-1]]))


def _y(box: QRectF, value: Array) -> Array:
    return box.center().y() - value * box.height() / 2
