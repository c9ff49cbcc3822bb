"""The states of the window that are worth a look, each played from the messages that the engine would send."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PyQt6.QtWidgets import QApplication

from app.bridge import Bridge
from app.main_window import MainWindow
from app.theme import Theme
from core.config import LabelConfig
from core.data import Fault, Notice
from tests.app.staged import CLASSES, Clock, Stage, segment

NOT_TAUGHT = "student not taught on this person"


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
        self.window = MainWindow(self.bridge, self.stage.answers.append, CLASSES, LabelConfig(), self.clock, theme)
        self.window.resize(*size)
        self.window.show()

    def settle(self) -> None:
        """Hand on all messages and draw."""
        self.clock.time = self.stage.time
        while self.bridge.drain():
            pass
        for _ in range(2):  # a new layout comes with the events, and the notes go by it
            self.window.traces.draw_new()
            self.window.tell_state()
            QApplication.processEvents()

    def record(self, seconds: float = 70.0, **changes: Any) -> None:
        """Play a recorded session, healthy unless `changes` say otherwise."""
        self.stage.open()
        self.stage.health()
        self.stage.play(seconds, **changes)
        self.stage.health()
        self.settle()

    def close(self) -> None:
        """End it."""
        self.window.close()
        self.bridge.stop()


def no_streams(scene: Scene) -> None:
    """Leave the window without a stream."""


def one_stream(scene: Scene) -> None:
    """Play EEG without a camera, of a person whom the student does not know."""
    scene.stage.outbox.put(scene.stage.eeg)
    scene.stage.health(only="eeg")
    scene.stage.play(30, f"{NOT_TAUGHT}, face missing", picture=False, notes=(NOT_TAUGHT,), noise=(1.3, math.nan))
    scene.stage.health(only="eeg")


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


def labelling_alone(scene: Scene) -> None:
    """Label with nothing beside it, as over a recording."""
    labelling(scene)
    scene.window.act("zen")


def rating(scene: Scene) -> None:
    """Hold the mark while the moment plays."""
    labelling(scene)
    window = scene.window
    window.act("rate")
    window.labelling.rating.stop()
    for k in range(200):
        window.labelling.rating.field.hold(0.6 * math.sin(k / 30) + 0.1 * math.sin(k / 7), "mouse")
        window.labelling.rating.field.trace(k / 25)


def abstaining(scene: Scene) -> None:
    """Play a stretch without a statement."""
    scene.record(50)
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "gap", "no samples for 0.42 s"))
    flat = tuple((name, "flat") for name in scene.stage.eeg.ch_names)
    status = "no usable signal: EEG flat, face turned away"
    scene.stage.play(8, status, eeg="flat", face="turned away", bad_channels=flat)
    scene.stage.health()


def no_face(scene: Scene) -> None:
    """Lose the face, with a student that does not know the person."""
    scene.record(50, weights=(0.0, 1.0), notes=(NOT_TAUGHT,))
    scene.stage.play(6, f"{NOT_TAUGHT}, no face", face="no face", noise=(1.2, math.nan), notes=(NOT_TAUGHT,))
    scene.stage.health()


def not_taught(scene: Scene) -> None:
    """Play a person whom the EEG student does not know."""
    scene.record(60, weights=(0.0, 1.0), notes=(NOT_TAUGHT,), bad_channels=())


def stream_lost(scene: Scene) -> None:
    """Lose the headset."""
    scene.record(50)
    scene.stage.outbox.put(Notice(scene.stage.eeg.key, scene.stage.time, "lost", "lost"))
    scene.settle()
    scene.stage.play(7, eeg="missing", weights=(0.0, 1.0), noise=(math.nan, 2.0), bad_channels=())
    scene.stage.health(lost="eeg")


def camera_lost(scene: Scene) -> None:
    """Lose the camera."""
    scene.record(50)
    scene.stage.outbox.put(Notice(scene.stage.video.key, scene.stage.time, "lost", "lost"))
    scene.settle()
    scene.stage.play(7, picture=False, weights=(1.0, 0.0), noise=(1.2, math.nan))
    scene.stage.health(lost="video")


def disk_nearly_full(scene: Scene) -> None:
    """Leave little room."""
    scene.record(50)
    scene.stage.health(free_bytes=int(3e8), problem="The disk is nearly full: less than 500 MB are left. Make room.")


def disk_full(scene: Scene) -> None:
    """Fill the disk."""
    scene.record(50)
    scene.stage.health(False, problem="the disk is full. Free some space and start a new run.", free_bytes=0)


def error(scene: Scene) -> None:
    """End the engine's thread with an error."""
    scene.record(50)
    text = "The engine stopped: index 19 is out of bounds. The recording is kept; restart Insula."
    scene.stage.outbox.put(Fault("engine", scene.stage.time, text))


def keys(scene: Scene) -> None:
    """Show the sheet of all keys."""
    scene.record()
    scene.window.act("keys")


def private(scene: Scene) -> None:
    """Hide the person's picture."""
    labelling(scene)
    scene.window.act("private")


def eeg_alone(scene: Scene) -> None:
    """Give the EEG all the room."""
    scene.record(20)
    scene.window.act("eeg alone")


def sweeping(scene: Scene) -> None:
    """Sweep instead of scrolling."""
    scene.record(24)
    scene.window.act("sweep")


@dataclass(frozen=True, slots=True)
class State:
    """How a state is played, with how many channels, and whether its picture is kept beside the documentation."""

    play: Callable[[Scene], None]
    n_chans: int = 19
    kept: bool = False


STATES: dict[str, State] = {
    "no-streams": State(no_streams),
    "one-stream": State(one_stream),
    "recording": State(recording, kept=True),
    "labelling": State(labelling, kept=True),
    "labelling-alone": State(labelling_alone),
    "rating": State(rating),
    "abstaining": State(abstaining, kept=True),
    "no-face": State(no_face),
    "not-taught": State(not_taught),
    "stream-lost": State(stream_lost, kept=True),
    "camera-lost": State(camera_lost),
    "disk-nearly-full": State(disk_nearly_full),
    "disk-full": State(disk_full),
    "error": State(error),
    "keys": State(keys),
    "private": State(private),
    "eeg-alone": State(eeg_alone, 64, kept=True),
    "eeg-128": State(eeg_alone, 128),
    "sweeping": State(sweeping, 32),
}
