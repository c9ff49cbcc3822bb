"""Draws the picture of the README: the window of a real session with a simulated participant, while it asks.

``python -m tools.run_screenshot``; it takes a minute or two.
"""

from __future__ import annotations

import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app.cli import main
from app.window.main_window import MainWindow
from tools.screenshots import DOCS, reduced

_AT_LEAST = 60.0
"""Seconds of data, so that there is something to be seen over time."""


def look() -> None:
    """Draw the window once it asks for a label, and end the session."""
    for window in QApplication.topLevelWidgets():
        if not isinstance(window, MainWindow):
            continue
        window.resize(1280, 800)
        asked = window.labelling.annotation.current
        if asked is not None and min(asked.prediction.weights) <= 0:
            window.act("skip")  # a moment without a face makes a poor picture
        # What the model thinks is hidden as long as that would answer what is asked.
        elif asked is None or not window.plane.note() or not window.view.data_time - window.view.axis.zero > _AT_LEAST:
            continue
        elif "trusted" not in (said := window.status.sentence(window.participant)) or "alone" in said:
            continue  # both sensors are to be seen at work
        else:
            reduced(window.grab().toImage()).save(str(DOCS / "run.png"), "PNG", 0)
            QApplication.quit()


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(500)
    with tempfile.TemporaryDirectory() as study:
        sys.exit(main(["run", "--simulate", "--study", study, "--duration", "240"]))
