"""What stands across all that shares a time axis: gaps, markers, answers, what is asked, and the seam after a jump."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from operator import attrgetter

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from app import texts
from app.timeline.session_overview import joined
from app.timeline.span import Span
from app.timeline.time_axis import TimeAxis
from app.ui.canvas import Canvas
from core.data import Label, Marker, Notice

_MOST = 512
_MOST_MARKERS = 100_000
"""As many as a program that sends dozens a second sends in an hour."""
_MOST_SEEN = 600
"""Nearer to each other than a part of so many of the axis, they would lie on one pixel."""
_LEAST_GAP = 0.25
"""Seconds that a jump is drawn wide: it has no length of its own."""
_TIME = attrgetter("time")


class TimeMarks:
    """Keeps the marks of a session, and paints those that are seen on an axis.

    Parameters
    ----------
    axis
        The axis.
    """

    def __init__(self, axis: TimeAxis) -> None:
        self._axis = axis
        self._labels: deque[Label] = deque(maxlen=_MOST)
        self._gaps: deque[Span] = deque(maxlen=_MOST)
        self._lost: dict[str, float] = {}
        self._markers: list[Marker] = []
        """By time: there may be thousands, and few are seen."""
        self._seam = math.nan
        self._asked: Span | None = None
        self._drawn: Span | None = None
        self._boxes: list[tuple[QRectF, Marker]] = []
        """Where each marker that is seen was written last, from its line to where the next one begins."""

    @property
    def labels(self) -> list[Label]:
        """The answers that stand."""
        return list(self._labels)

    @property
    def gaps(self) -> list[Span]:
        """Where something was missing, the earliest first; what is not back yet is missing up to now."""
        open_ones = ((start, self._axis.span[1]) for start in self._lost.values())
        return joined((start, max(stop, start + _LEAST_GAP)) for start, stop in (*self._gaps, *open_ones))

    def show_label(self, label: Label) -> None:
        """Mark an answer, or take the mark away when it is undone; those of other annotators stay."""
        self._labels = deque(
            (mark for mark in self._labels if mark.uid not in (label.uid, label.supersedes)), maxlen=_MOST
        )
        if label.answer not in ("undo", "skip"):
            self._labels.append(label)
        self._axis.changed.emit()

    def show_notice(self, notice: Notice) -> None:
        """Mark a gap: from when a stream was lost to when it came back, or a moment."""
        if notice.kind == "lost":
            self._lost.setdefault(notice.stream, notice.time)
        elif notice.kind == "back":
            self._gaps.append((self._lost.pop(notice.stream, notice.time), notice.time))
        elif notice.kind in ("gap", "jump"):
            self._gaps.append((notice.time, notice.time))
        self._axis.changed.emit()

    def show_gap(self, start: float, stop: float) -> None:
        """Mark a gap that is known from before."""
        self._gaps.append((start, stop))
        self._axis.changed.emit()

    def show_marker(self, marker: Marker) -> None:
        """Mark what another program said."""
        first, last = (bisect(self._markers, marker.time, key=_TIME) for bisect in (bisect_left, bisect_right))
        if marker not in self._markers[first:last]:
            self._markers.insert(last, marker)
            del self._markers[:-_MOST_MARKERS]
        self._axis.changed.emit()

    def show_seam(self, moment: float) -> None:
        """Mark from when on it is predicted anew: before it stands what was said when it was recorded."""
        self._seam = moment
        self._axis.changed.emit()

    def show_asked(self, span: Span | None) -> None:
        """Mark the stretch that is asked about, None if there is none."""
        self._asked = span
        self._axis.changed.emit()

    def show_drawn(self, span: Span | None) -> None:
        """Mark the stretch that a hand draws, None once it has let go."""
        if span != self._drawn:
            self._drawn = span
            self._axis.changed.emit()

    def clear(self) -> None:
        """Forget all but what other programs said, which is of the session and not of a person, and what is asked."""
        self._labels.clear()
        self._gaps.clear()
        self._lost.clear()
        self._seam = math.nan
        self._axis.changed.emit()

    def paint(self, canvas: Canvas, painter: QPainter, box: QRectF) -> None:
        """Paint all of them over a box as wide as the axis."""
        for start, stop in self.gaps:
            for left, right in self._edges(box, start, stop):
                wide = max(2.0, right - left)
                canvas.tint(painter, QRectF(left, box.top(), wide, box.height()), "bad", 0.22)
        for label in self._labels:
            self._paint_stretch(canvas, painter, box, (label.start, label.stop), "text")
        if self._asked is not None:
            self._paint_stretch(canvas, painter, box, self._asked, "accent")
        if self._drawn is not None:
            self._paint_stretch(canvas, painter, box, self._drawn, "accent")
        for marker in self._seen_markers():
            _paint_line(canvas, painter, box, self._x(box, marker.time), "dim")

    def stretches(self) -> list[tuple[Span, str, str]]:
        """Return the stretches that something is said of, with the words and their color, the most important first.

        What is said of about the same stretch, by several annotators or because it is asked about, is one word beside
        the other. That a person marked it is said only where nothing else is.
        """
        said = [((label.start, label.stop), label.label or label.answer) for label in reversed(self._labels)]
        asked = [] if self._asked is None else [(self._asked, texts.ASKED)]
        found: list[tuple[Span, list[str]]] = []
        for span, word in (*asked, *said):
            words = next((words for other, words in found if _about_the_same(span, other)), None)
            if words is None:
                found.append((span, [word]))
            elif word not in words:
                words.append(word)
        return [
            (span, " / ".join(word for word in words if word != "marked") or "marked",
             "accent" if texts.ASKED in words else "text")
            for span, words in found
        ]  # fmt: skip

    def paint_words(self, canvas: Canvas, painter: QPainter, row: QRectF) -> None:
        """Write what the marks say into a row above, with a bar over each stretch; answers before markers."""
        px = canvas.theme.px
        metrics = QFontMetricsF(canvas.theme.font("small", True))
        written: list[Span] = []
        for span, text, color in self.stretches():
            half = metrics.horizontalAdvance(text) / 2 + px(6)
            for left, right in self._edges(row, *span):
                y = row.bottom() - px(1)
                middle = max(min((left + right) / 2, row.right() - half), row.left() + half)
                painter.setPen(canvas.line(color, 2))
                painter.drawLine(QPointF(left, y), QPointF(right, y))
                if any(first < middle + half and middle - half < last for first, last in written):
                    continue  # there is no room; the bar tells that there is something
                box = QRectF(middle - half, row.top(), 2 * half, row.height() - px(2))
                canvas.write(painter, box, text, color, align=Qt.AlignmentFlag.AlignHCenter, bold=True)
                written.append((middle - half, middle + half))
        self._boxes.clear()
        seen = self._seen_markers()
        places = [*(self._x(row, marker.time) for marker in seen), row.right()]
        for marker, x, end in zip(seen, places, places[1:], strict=False):
            stops = (left for left, right in written if right > x)
            wide = min([end, x + px(140), *stops]) - x - px(6)
            self._boxes.append((QRectF(x - px(3), row.top(), max(wide, 0) + px(6), row.height()), marker))
            self._write_marker(canvas, painter, QRectF(x + px(4), row.top(), wide, row.height()), marker)

    def tip(self, place: QPointF, aside: float) -> str:
        """Return what the marker at a place says in full, when, and who sent it; ``""`` where there is none.

        Below the words it is the one whose line is nearest, at most `aside` pixels away.
        """
        below = [(abs(box.left() + aside - place.x()), marker) for box, marker in self._boxes]
        near = [marker for box, marker in self._boxes if box.contains(place)]
        near = near or [marker for far, marker in sorted(below, key=lambda each: each[0]) if far <= aside][:1]
        return "\n".join(self.words_of(marker) for marker in near[-1:])

    def words(self, most: int = 8) -> str:
        """Return what the newest of the markers that are seen say, for who cannot see them."""
        return "; ".join(self.words_of(marker).replace("\n", ", ") for _, marker in self._boxes[-most:])

    def words_of(self, marker: Marker) -> str:
        """Return what a marker says, with its time in the session and its stream."""
        return texts.marker(marker.text, marker.time - self._axis.zero, marker.stream)

    def _write_marker(self, canvas: Canvas, painter: QPainter, box: QRectF, marker: Marker) -> None:
        if box.width() > canvas.theme.px(24):
            metrics = QFontMetricsF(canvas.theme.font("small"))
            words = metrics.elidedText(marker.text, Qt.TextElideMode.ElideRight, box.width())
            canvas.write(painter, box, words, "dim", align=Qt.AlignmentFlag.AlignLeft)

    def _seen_markers(self) -> list[Marker]:
        first, last = self._axis.span
        since, until = bisect_right(self._markers, first, key=_TIME), bisect_left(self._markers, last, key=_TIME)
        seen = [Marker(self._seam, texts.ANEW)] if first < self._seam < last else []
        while since < until:
            seen.append(self._markers[since])
            apart = self._markers[since].time + (last - first) / _MOST_SEEN
            since = bisect_left(self._markers, apart, since + 1, until, key=_TIME)
        return sorted(seen, key=lambda marker: self._axis.place(marker.time))

    def _paint_stretch(self, canvas: Canvas, painter: QPainter, box: QRectF, span: Span, color: str) -> None:
        for left, right in self._edges(box, *span):
            canvas.tint(painter, QRectF(left, box.top(), right - left, box.height()), color, 0.06)
        for x in (self._x(box, edge) for edge in span if self._axis.sees(edge)):
            _paint_line(canvas, painter, box, x, color)

    def _edges(self, box: QRectF, start: float, stop: float) -> list[Span]:
        wide = box.width()
        return [(box.left() + a * wide, box.left() + b * wide) for a, b in self._axis.pieces(start, stop)]

    def _x(self, box: QRectF, moment: float) -> float:
        return box.left() + self._axis.place(moment) * box.width()


def _about_the_same(a: Span, b: Span) -> bool:
    """Return whether two stretches have more than half of the longer one in common."""
    return min(a[1], b[1]) - max(a[0], b[0]) > max(a[1] - a[0], b[1] - b[0]) / 2


def _paint_line(canvas: Canvas, painter: QPainter, box: QRectF, x: float, color: str) -> None:
    """Paint a line from top to bottom, with light at its sides so that it is seen among the traces."""
    for width, of, alpha in ((canvas.theme.px(4), "panel", 0.75), (canvas.theme.px(1.2), color, 1.0)):
        canvas.tint(painter, QRectF(round(x - width / 2), box.top(), width, box.height()), of, alpha)
