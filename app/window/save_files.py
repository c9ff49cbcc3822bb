"""Puts what the window shows into files: the view as a picture, a session's predictions as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QPainter
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QFileDialog, QWidget

from app import texts
from app.session.predictions_table import PredictionsTable
from core.data import Prediction
from core.errors import RecordingError


def ask_where_to_save(parent: QWidget, title: str, suggested: str, kinds: str, save: Callable[[Path], object]) -> str:
    """Ask for a file and save it; return in words what became of it, ``""`` if nobody wants one."""
    name, _ = QFileDialog.getSaveFileName(parent, title, suggested, kinds)
    if not name:
        return ""
    try:
        save(Path(name))
    except RecordingError as error:
        return str(error)
    return texts.saved(name)


def save_view(view: QWidget, path: Path) -> None:
    """Write what `view` shows: ``.svg`` as lines and letters, anything else as the pixels of the screen.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    if path.suffix.lower() == ".svg":
        drawn = QSvgGenerator()
        drawn.setFileName(str(path))
        drawn.setSize(view.size())
        # Letters are measured for the screen; at another resolution they would be of another size than their boxes.
        drawn.setResolution(view.logicalDpiX())
        drawn.setViewBox(QRect(0, 0, view.width(), view.height()))
        drawn.setTitle(texts.TITLE)
        painter = QPainter()
        done = painter.begin(drawn)
        if done:
            view.render(painter)
            painter.end()
    else:
        done = view.grab().save(str(path))
    if not done or not path.exists():
        raise RecordingError(f"{path} cannot be written. Choose another folder, and a name that ends in .png or .svg.")


def save_numbers(predictions: Sequence[Prediction], path: Path) -> None:
    """Write predictions, a row a window.

    Raises
    ------
    RecordingError
        There are none, models with other classes are among them, or it cannot be written.
    """
    if not predictions:
        raise RecordingError("Nothing has been predicted yet, so nothing was saved. Play the recording first.")
    if len({p.classes for p in predictions}) > 1:
        raise RecordingError("The models have different classes, so nothing was saved. Replay with one --model.")
    read = dict.fromkeys(name for p in predictions for name in p.modalities)
    with PredictionsTable(path, predictions[0].classes, [*read]) as table:
        for prediction in predictions:
            table.add(prediction)
