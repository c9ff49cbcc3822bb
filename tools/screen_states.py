"""The states of the window that are worth a look, each played from the messages that the engine would send."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PyQt6.QtWidgets import QApplication

from app import texts
from app.session.engine import Ended
from app.timeline.session_overview import OverviewEvent
from app.ui.theme import Theme
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.replay_bar import Replay
from app.window.shown_session import ShownSession
from app.window.teach_bar import Teaching
from core.config import LabelConfig
from core.data import Channel, Chunk, Fault, Label, Marker, ModelChange, Notice, StreamInfo, frozen
from core.models.model_file import SHIPPED
from core.status import NOT_TAUGHT
from tests.app.staged import BAD, CLASSES, STEP, T0, Clock, Stage, prediction, segment
from tools.study_screens import VERDICT, StagedJob

RIVAL = "f" * 64
TAUGHT = "P001_2026-11-28.safetensors"
SENSORS = (
    ("Shimmer EDA", "EDA", "microsiemens", 8.0),
    ("Muse IR Red", "PPG", "a.u.", 64.0),
    ("Belt chest", "Respiration", "%", 25.0),
    ("Tobii x y", "Gaze", "pixels", 60.0),
    ("Watch x y z", "Accelerometer", "g", 50.0),
)
"""Name and channels, type, unit and rate, Hz."""
WHOLE = 600.0
"""Seconds of the recording that is replayed."""


class Player:
    """A recording that stands where it is."""

    span = (T0, T0 + WHOLE)

    def seek(self, time: float) -> None:
        """Stay."""

    def set_speed(self, speed: float) -> None:
        """Stay."""


def events() -> Iterator[OverviewEvent]:
    """Give what was said while the recording was made."""
    for k in range(2, int(WHOLE)):
        doubt = 0.4 + 0.25 * math.sin(k / 37) + (0.8 if 300 <= k < 318 or 420 <= k < 431 else 0.0)
        yield prediction(T0 + k, "no face" if 200 <= k < 216 else "ok", uncertainty=doubt, valence_sd=0.1 + doubt / 5)
    for at, text in ((12.0, "film 1"), (190.0, "film 2"), (400.0, "film 3")):
        yield Marker(T0 + at, text)
    yield Notice("eeg-P001", T0 + 340.0, "lost", "lost")
    yield Notice("eeg-P001", T0 + 352.0, "back", "back")
    for k, (at, name) in enumerate(((60.0, "happy"), (304.0, "sad"), (423.0, "surprise"))):
        yield Label(f"l{k}", f"s{k}", "P001", T0 + at, T0 + at + 4, T0 + at + 9, label=name)


class _Swap:
    """Stays with the model that reads."""

    first = SimpleNamespace(path=SHIPPED, sha256=prediction(T0).model)

    def use(self, path: Path) -> None:
        """Stay."""


class Scene:
    """A window on a staged session.

    Parameters
    ----------
    theme
        How it looks.
    size
        Width and height, pixels.
    state
        What it is built for.
    """

    def __init__(self, theme: Theme, size: tuple[int, int], state: State | None = None) -> None:
        state = state or State(recording)
        self.clock = Clock()
        self.stage = Stage(state.n_chans, simulated=True)
        self.bridge = Bridge(self.stage.outbox, interval_ms=3_600_000)
        models = (prediction(T0).model,)
        replay = Replay(Player(), Path("session"), 1.0, events, models, RIVAL) if state.replay else None
        self.window = MainWindow(
            self.bridge,
            ShownSession(
                CLASSES,
                self.stage.answers.append,
                self.clock,
                state.label,
                replay=replay,
                asked_by=texts.asked_by("") if state.alone else "",
                teaching=Teaching(_Swap(), Path("study"), running=True),  # type: ignore[arg-type]
            ),
            theme,
        )
        self.window.teach_bar._make_job = StagedJob
        self.window.resize(*size)
        self.window.show()

    def settle(self) -> None:
        """Hand on all messages and draw."""
        self.clock.time = self.stage.time
        while self.bridge.drain():
            pass
        for _ in range(2):  # a new layout comes with the events, and the notes go by it
            self.window.view.axis.move()
            self.window.refresh()
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
    ask_and_answer(scene)
    scene.stage.health()


def ask_and_answer(scene: Scene) -> None:
    """Ask for a segment, answer it, and half answer the next."""
    scene.stage.outbox.put(segment("a", scene.stage.time - 12))
    scene.settle()
    scene.window.labelling.choose("sad")
    scene.stage.outbox.put(scene.stage.answers[-1])
    scene.stage.outbox.put(segment("b", scene.stage.time - 5))
    scene.stage.outbox.put(segment("c", scene.stage.time - 30, 0.4))
    scene.stage.play(3)
    scene.settle()
    for act in ("valence up", "valence up", "arousal down", "confidence", "confidence"):
        scene.window.act(act)
    scene.window.labelling.playback.toggle()


def other_streams(scene: Scene) -> None:
    """Record what a person wears beside the EEG: skin, pulse, breath, gaze, and how a hand moves."""
    for name, of_type, unit, sfreq in SENSORS:
        channels = tuple(Channel(each, each, "misc", unit) for each in name.split()[1:])
        info = StreamInfo(of_type, "other", "P001", name.split()[0], of_type, sfreq, channels, "double64")
        scene.stage.outbox.put(info)
    for second in range(30):
        scene.record(1.0) if second in (0, 29) else scene.stage.play(1.0)
        for k, (name, of_type, _, sfreq) in enumerate(SENSORS):
            times = T0 + second + np.arange(sfreq) / sfreq
            wave = 2 + np.sin(2 * np.pi * times * (0.1, 1.2, 0.25, 0.7, 0.4)[k])
            data = frozen(np.repeat(wave[:, None], len(name.split()) - 1, axis=1) * (1, 400, 30, 200, 1)[k])
            scene.stage.outbox.put(Chunk(of_type, frozen(times), data))
        scene.settle()


def people(scene: Scene, n: int = 2) -> None:
    """Record several people, with a moment of the second one asked about."""
    others = [Stage(19, simulated=True, outbox=scene.stage.outbox, participant=f"P{k:03d}") for k in range(2, n + 1)]
    for stage in (scene.stage, *others):
        stage.open()
    for each, stage in enumerate((scene.stage, *others)):
        turned = 0.6 * each  # each one feels something else
        for _ in range(40):
            made = prediction(stage.time + STEP + 11 * each)
            stage.play(STEP, valence=made.valence - turned, arousal=made.arousal, bad_channels=BAD[each % 2 :])
        stage.health()
    scene.settle()
    scene.stage.outbox.put(replace(segment("a", scene.stage.time - 6), participant="P002"))
    scene.settle()


def four_people(scene: Scene) -> None:
    """Record as many people as stand side by side."""
    people(scene, 4)


def one_of_two(scene: Scene) -> None:
    """Show the second of two people whole."""
    people(scene)
    for _ in range(2):
        scene.window.act("people")


def labelling_alone(scene: Scene) -> None:
    """Label a recording, with nothing beside it."""
    scene.stage.open()
    scene.stage.play(70)
    ask_and_answer(scene)


def labelling_over(scene: Scene) -> None:
    """Come to the end of what is worth asking."""
    scene.stage.open()
    scene.stage.play(20)
    for uid, key in (("a", "sad"), ("b", "skip")):
        scene.stage.outbox.put(segment(uid, scene.stage.time - 12))
        scene.settle()
        scene.window.act(key)
        scene.stage.outbox.put(scene.stage.answers[-1])
        scene.settle()
    scene.stage.outbox.put(Ended(scene.stage.time))


def replaying(scene: Scene) -> None:
    """Replay a recording, five minutes in."""
    scene.window.status.mode = "replaying"
    bar = scene.window.replay_bar
    assert bar is not None
    while bar._recorded is not None:
        QApplication.processEvents()
    scene.stage.open()
    scene.stage.n_samples = round(250 * scene.stage.sfreq)
    scene.stage.play(60)
    for k in range(240):
        made = prediction(T0 + 250 + k / 4, model=RIVAL)
        scene.stage.outbox.put(replace(made, valence=0.6 * made.valence - 0.2, arousal=0.7 * made.arousal))


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
    file = "/home/lab/study/sourcedata/sub-P001/ses-01/eeg/sub-P001_ses-01_task-film_run-001_eeg.xdf"
    problem = f"The disk is full. Make room: what waits is written then, without a new start. ({file})"
    scene.stage.health(False, problem=problem, free_bytes=0)


def error(scene: Scene) -> None:
    """End the engine's thread with an error."""
    scene.record(50)
    text = "Predictions have stopped: index 19 is out of bounds. The raw data are still recorded. Start Insula again."
    log = "study/sourcedata/sub-P001/ses-01/sub-P001_ses-01_task-film_run-001_insula.log"
    scene.stage.outbox.put(Fault("engine", scene.stage.time, text, log=f"/home/lab/{log}", recording_continues=True))


def streams(scene: Scene) -> None:
    """Show all that is measured of the streams."""
    scene.record()
    scene.window.act("streams")


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


def teaching(scene: Scene) -> None:
    """Teach beside the session, a third of the way."""
    scene.record()
    teach(scene).said.emit(json.dumps({"stage": "reading sub-P001_ses-01_task-film_run-001_eeg.xdf", "share": 0.34}))


def taught(scene: Scene) -> None:
    """Come to a verdict: something holds."""
    scene.record()
    job = teach(scene)
    job.said.emit(json.dumps({"model": TAUGHT, "summary": VERDICT}))
    job.ended.emit(0, "")


def not_yet(scene: Scene) -> None:
    """Come to a verdict: not yet."""
    scene.record()
    job = teach(scene)
    told = "No better than chance yet: 6 more minutes with changing expression would be needed to tell."
    job.said.emit(json.dumps({"model": None, "summary": f"{told} So the model stays as it was."}))
    job.ended.emit(0, "")


def in_use(scene: Scene) -> None:
    """Use what was learnt."""
    taught(scene)
    scene.stage.outbox.put(ModelChange(scene.stage.time, "b" * 64, "a" * 64, TAUGHT))


def teach(scene: Scene) -> StagedJob:
    """Begin to teach, half a minute ago."""
    jobs: list[StagedJob] = []
    bar = scene.window.teach_bar
    bar._make_job = lambda words: jobs.append(StagedJob(words)) or jobs[-1]  # type: ignore[func-returns-value]
    scene.window.act("teach")
    bar._began -= 30.0
    return jobs[0]


@dataclass(frozen=True, slots=True)
class State:
    """How a state is played, in which window, and in which themes its picture is kept beside the documentation."""

    play: Callable[[Scene], None]
    n_chans: int = 19
    kept: tuple[str, ...] = ()
    replay: bool = False
    alone: bool = False
    """Nothing but the questions of a recording."""
    label: LabelConfig = field(default_factory=LabelConfig)


LIGHT_ALONE, BOTH = ("light",), ("light", "dark")
STATES: dict[str, State] = {
    "no-streams": State(no_streams, kept=LIGHT_ALONE),
    "one-stream": State(one_stream, kept=LIGHT_ALONE),
    "recording": State(recording, kept=BOTH),
    "labelling": State(labelling, kept=BOTH),
    "labelling-pictures": State(labelling, label=LabelConfig(scale="sam")),
    "labelling-grid": State(labelling, label=LabelConfig(scale="grid")),
    "labelling-alone": State(labelling_alone, alone=True, kept=LIGHT_ALONE),
    "labelling-over": State(labelling_over, alone=True),
    "rating": State(rating, kept=LIGHT_ALONE),
    "replay": State(replaying, kept=BOTH, replay=True),
    "teaching": State(teaching, kept=LIGHT_ALONE),
    "not-yet": State(not_yet, kept=LIGHT_ALONE),
    "taught": State(taught, kept=LIGHT_ALONE),
    "in-use": State(in_use, kept=LIGHT_ALONE),
    "abstaining": State(abstaining, kept=LIGHT_ALONE),
    "no-face": State(no_face, kept=LIGHT_ALONE),
    "not-taught": State(not_taught, kept=LIGHT_ALONE),
    "stream-lost": State(stream_lost, kept=LIGHT_ALONE),
    "camera-lost": State(camera_lost, kept=LIGHT_ALONE),
    "disk-nearly-full": State(disk_nearly_full, kept=LIGHT_ALONE),
    "disk-full": State(disk_full, kept=LIGHT_ALONE),
    "error": State(error, kept=LIGHT_ALONE),
    "streams": State(streams),
    "keys": State(keys, kept=LIGHT_ALONE),
    "private": State(private),
    "eeg-alone": State(eeg_alone, 64, kept=("dark",)),
    "eeg-128": State(eeg_alone, 128),
    "sweeping": State(sweeping, 32),
    "other-streams": State(other_streams),
    "two-people": State(people, kept=LIGHT_ALONE),
    "four-people": State(four_people),
    "one-of-two": State(one_of_two),
}
