import numpy as np
import pytest
from PyQt6.QtCore import QRectF, QSize
from PyQt6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from app.labelling.clip_traces import draw
from app.labelling.clips import Clip
from app.ui.canvas import Canvas
from app.ui.theme import system_theme


@pytest.mark.parametrize(
    ("width", "note"), [(400, "8 of 16 channels · 50 µV a step"), (150, "50 µV a step"), (60, None)]
)
def test_the_note_is_as_long_as_there_is_room(
    width: int, note: str | None, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = Canvas("traces")
    qtbot.addWidget(canvas)
    canvas.apply_theme(system_theme())
    said: list[tuple[str, float]] = []
    monkeypatch.setattr(canvas, "write", lambda _, box, text, *a, **k: said.append((text, QRectF(box).width())))
    times = 100.0 + np.arange(600) / 100
    names = tuple(f"E{k}" for k in range(16))
    draw(canvas, QSize(width, 190), Clip(100, 106, eeg_times=times, eeg=np.zeros((600, 16)), ch_names=names), 50.0)
    notes = [text for text, _ in said if text not in names]
    assert notes == ([note] if note else [])
    metrics = QFontMetricsF(canvas.theme.font("small"))
    assert all(metrics.horizontalAdvance(text) <= room for text, room in said)
