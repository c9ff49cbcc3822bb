"""Draws the window in its states, without a display, from a staged session: ``python -m tools.screenshots FOLDER``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtWidgets import QApplication

from app.bridge import Bridge
from app.main_window import MainWindow
from app.theme import DARK, LIGHT, Theme, system_theme
from core.config import LabelConfig
from core.data import Notice
from tests.app.staged import CLASSES, Clock, Stage, prediction, segment


class Scene:
    """A window on a staged session.

    Parameters
    ----------
    theme
        How it looks.
    size
        Width and height, pixels.
    n_chans
        EEG channels of the staged participant.
    """

    def __init__(self, theme: Theme, size: tuple[int, int], n_chans: int = 19) -> None:
        self.clock = Clock()
        self.stage = Stage(n_chans, simulated=True)
        self.bridge = Bridge(self.stage.outbox, interval_ms=3_600_000)
        theme = replace(theme, family=system_theme().family)
        self.window = MainWindow(self.bridge, self.stage.answers.append, CLASSES, LabelConfig(), self.clock, theme)
        self.window.resize(*size)
        self.window.show()

    def settle(self) -> None:
        """Hand on all messages and draw."""
        self.clock.time = self.stage.time
        while self.bridge.drain():
            pass
        self.window.traces.draw_new()
        self.window.tell_state()
        QApplication.processEvents()
        self.window.traces.draw_new()

    def record(self, seconds: float = 70.0) -> None:
        """Play a healthy recorded session."""
        self.stage.open()
        self.stage.health()
        self.stage.play(seconds)
        self.stage.health()
        self.settle()

    def save(self, path: Path) -> None:
        """Draw it into a file."""
        self.settle()
        self.window.grab().save(str(path))
        sys.stdout.write(f"{path}\n")
        self.window.close()
        self.bridge.stop()


def empty(scene: Scene) -> None:
    """Leave the window without a stream."""


def recording(scene: Scene) -> None:
    """Play while all is well and nothing is asked."""
    scene.record()


def labelling(scene: Scene) -> None:
    """Ask for a segment after one was answered."""
    scene.record()
    scene.stage.outbox.put(segment("a", scene.stage.time - 12))
    scene.settle()
    scene.window.labelling.choose("sad")
    scene.stage.outbox.put(scene.stage.answers[-1])
    scene.stage.outbox.put(segment("b", scene.stage.time - 5))
    scene.stage.outbox.put(segment("c", scene.stage.time - 30, 0.4))
    scene.stage.play(3)
    scene.stage.health()
    scene.settle()
    for act in ("valence up", "valence up", "arousal down", "confidence", "confidence"):
        scene.window.act(act)
    scene.window.labelling.playback.toggle()


def abstaining(scene: Scene) -> None:
    """Play a stretch without a statement."""
    scene.record(50)
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "gap", "0.42 s of samples are missing; " * 8))
    scene.stage.play(8, "no usable signal: EEG flat, face turned away")
    scene.stage.health()


def not_taught(scene: Scene) -> None:
    """Play a person whom the EEG student does not know."""
    scene.record(2)
    note = ("student not taught on this person",)
    scene.stage.play(60, weights=(0.0, 1.0), notes=note, bad_channels=())
    scene.stage.health()


def stream_lost(scene: Scene) -> None:
    """Lose the headset."""
    scene.record(50)
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "lost", "lost"))
    scene.settle()
    for _ in range(48):
        scene.stage.n_samples += 64
        scene.stage.outbox.put(scene.stage.video_chunk())
        scene.stage.outbox.put(
            prediction(scene.stage.time, weights=(0.0, 1.0), noise=(float("nan"), 2.0), bad_channels=())
        )
    scene.stage.health(lost=True)


def disk_full(scene: Scene) -> None:
    """Fill the disk."""
    scene.record(50)
    scene.stage.health(False, problem="the disk is full. Free some space and start a new run.", free_bytes=0)


def keys(scene: Scene) -> None:
    """Show the sheet of all keys."""
    scene.record()
    scene.window.act("keys")


def private(scene: Scene) -> None:
    """Hide the person's picture."""
    labelling(scene)
    scene.window.act("private")


STATES: dict[str, Callable[[Scene], None]] = {
    "empty": empty,
    "recording": recording,
    "labelling": labelling,
    "abstaining": abstaining,
    "not-taught": not_taught,
    "stream-lost": stream_lost,
    "disk-full": disk_full,
    "keys": keys,
    "private": private,
}
SIZES = {"laptop": (1280, 720), "desk": (1440, 900), "wall": (2560, 1440)}


def main(folder: Path, wanted: list[str]) -> None:
    """Draw the wanted states, all if none is named, as light and dark, and the main one in every size."""
    application = QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for name, play in STATES.items():
        if wanted and name not in wanted:
            continue
        for theme in (LIGHT, DARK):
            for size_name, size in SIZES.items():
                if size_name != "desk" and name not in ("labelling", "empty", "abstaining"):
                    continue
                scene = Scene(theme, size, 64 if size_name == "wall" else 19)
                play(scene)
                scene.save(folder / f"{name}-{theme.name}-{size_name}.png")
    application.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screens"), sys.argv[2:])
