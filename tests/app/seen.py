"""What a person can read of a window: every word of which something is cut, on whichever widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget  # noqa: TID251 - what a person sees

from app.ui.canvas import Canvas
from app.ui.plain import PlainLabel

_SLACK = 0.2
"""Of a line's height: what lies above its capitals and below its letters may stick out of a box."""
_CENTER = Qt.AlignmentFlag.AlignCenter


def cut_words(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return each text of a window of which something is missing, as it is drawn now; remarks may be left out."""
    cut: list[str] = []
    write, elide = Canvas.write, QFontMetricsF.elidedText

    def written(self: Canvas, painter: QPainter, box: QRectF, text: str, *rest: Any, **named: Any) -> None:
        write(self, painter, box, text, *rest, **named)
        align = named.get("align", rest[2] if len(rest) > 2 else _CENTER)
        if text and not _fits(self, painter, box, text, align):
            cut.append(f"{type(self).__name__}: {text}")

    def elided(self: QFontMetricsF, text: str, *rest: Any) -> str:
        shown = elide(self, text, *rest)
        if shown != text:
            cut.append(f"elided: {text}")
        return shown

    with monkeypatch.context() as patched:
        patched.setattr(Canvas, "write", written)
        patched.setattr(QFontMetricsF, "elidedText", elided)
        window.grab()
    return [*cut, *_cut_widgets(window)]


def _fits(canvas: Canvas, painter: QPainter, box: QRectF, text: str, align: Qt.AlignmentFlag) -> bool:
    metrics = QFontMetricsF(painter.font())
    needs = metrics.boundingRect(box, int(align | Qt.TextFlag.TextWordWrap), text)
    slack = _SLACK * metrics.height()
    if needs.width() > box.width() + 1 or needs.height() > box.height() + slack:
        return False
    seen = painter.worldTransform().mapRect(needs)
    return QRectF(canvas.rect()).adjusted(-1, -slack, 1, slack).contains(seen)


def _cut_widgets(window: QWidget) -> Iterator[str]:
    for each in window.findChildren(QWidget):
        if not each.isVisibleTo(window) or each.window() is not window:
            continue
        inside = QRectF(each.mapTo(window, each.rect().topLeft()).toPointF(), each.size().toSizeF())
        if not QRectF(window.rect()).contains(inside) and each.parentWidget() is not None and _is_read(each):
            yield f"outside: {type(each).__name__} {each.accessibleName()}"
        if isinstance(each, QPushButton) and each.text() and each.sizeHint().width() > each.width():
            yield f"button: {each.text()}"
        elif isinstance(each, QLabel) and each.text() and not _is_whole(each):
            yield f"label: {each.text()}"


def _is_whole(label: QLabel) -> bool:
    if label.wordWrap():
        return label.heightForWidth(label.width()) <= label.height()
    elides = type(label).paintEvent is not PlainLabel.paintEvent  # what it leaves out is told where it is drawn
    return elides or label.sizeHint().width() <= label.width() + 1


def _is_read(widget: QWidget) -> bool:
    return isinstance(widget, Canvas | QPushButton | QLabel)
