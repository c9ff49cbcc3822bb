"""How a session of hours is labelled by hand: until the first question, from each answer to the next, and in memory.

``python -m benchmarks.label_session`` writes a session of two hours (see `benchmarks/seek.py`), opens it with ``insula
label`` itself in a process of its own and answers by keys, each moment after a second and a half, which is sooner than
anybody does who looks at it. ``--london`` films the people of the Face Research Lab London Set instead (DeBruine &
Jones 2017, CC BY 4.0; see `benchmarks.face_people`), one after another, each neutral and then smiling, beside a
simulated EEG. ``--quick`` is a smoke run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks.face_people import KINDS, SEED, add_data, london_faces, webcam_frame
from benchmarks.machine import describe_machine, one_thread_each, quantiles, resident_mb, table

if TYPE_CHECKING:
    from core.config import Config
    from core.recording.session import Session

_SHOWN_S, _FADE_S = 4.0, 0.5
"""Seconds for which each photograph is shown, the fade into the next one among them."""
_PAUSE_MS = 1500
_WATCH_MS = 2


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table, or be the process that is measured."""
    parser = argparse.ArgumentParser(description="Labelling a long session by hand.")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--london", action="store_true", help="film real people, 8 s each; --hours does not count then")
    add_data(parser)
    parser.add_argument("--session", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.session:
        label(Path(args.session), args.began, args.answers)
        return
    from benchmarks.seek import write
    from core.config import Config, FaceConfig

    hours, n = (0.02, 3) if args.quick else (args.hours, args.answers)
    faces = london_faces(args) if args.london else None
    if args.london and faces is None:
        return
    one_thread_each()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        config = Config(face=FaceConfig(fps=8.0 if args.quick or args.london else 30.0))
        config = replace(config, record=replace(config.record, study=folder))
        if faces is not None:
            session, hours = film(config, faces, 4 if args.quick else round(1.3 * n))
        else:
            session = write(config, 3600 * hours)
        words = ["--session", str(session.xdf), "--began", repr(time.time()), "--answers", str(n)]
        env = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.label_session", *words],
            check=True, capture_output=True, text=True, timeout=600, env=env,
        )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    print(table(("insula label, a session of " + f"{hours:.3g} h with face", ""), rows(told)))


def film(config: Config, faces: Path, n_pictures: int) -> tuple[Session, float]:
    """Return a session in whose film people show a neutral face and then a smile, and how long it is, h.

    All is predicted as it would have been live.
    """
    from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
    from app.session.recording_files import RecordingFiles
    from app.session.wiring import pipelines
    from benchmarks.material import T0, in_time
    from core.data import Prediction, frozen
    from core.predictor import Predictor
    from core.recording.session import Session
    from core.recording.video import VideoCoder

    paths = list(photographs(faces))[:n_pictures]
    seconds = _SHOWN_S * len(paths)
    eeg = SimulatedEeg("P001", 1, T0, duration=seconds, clock=None)
    drawn = SimulatedFace("P001", 1, T0, config.face, duration=seconds, clock=None)
    drawn.infos = (replace(drawn.infos[0], name="London faces", simulated=False),)
    infos = (*eeg.infos, *drawn.infos)
    predictor = Predictor("", config)
    pipeline = pipelines(config, predictor)(infos)
    session = Session.create(config.record)
    files = RecordingFiles(session, infos, ["P001"], predictor.classes, "2000-01-01T00:00:00+00:00", video=True)
    coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps, config.record.crf)
    frames = shown(paths, config.face.fps)
    for chunk in in_time([eeg, drawn]):
        item = chunk
        if chunk.stream == drawn.infos[0].key:
            time_ = float(chunk.times[0])
            packet, frame = coder.code(next(frames), time_)
            item = replace(chunk, data=frozen(frame[None]), packets=(packet,))
        files.write(item, derived=False)
        for event in pipeline.push(item):
            if isinstance(event, Prediction):
                files.write(event, derived=True)
    files.close()
    session.describe({"participants": ["P001"]})
    return session, seconds / 3600


def photographs(faces: Path) -> Iterator[Path]:
    """Give each person's neutral photograph and then the smiling one."""
    for path in sorted((faces / KINDS[0]).glob("*.jpg")):
        smiling = next((faces / KINDS[1]).glob(f"{path.name[:3]}_*.jpg"), None)
        if smiling is not None:
            yield from (path, smiling)


def shown(paths: Sequence[Path], fps: float) -> Iterator[np.ndarray]:
    """Give the frames of a film of photographs, each fading into the next."""
    rng = np.random.default_rng(SEED)
    n, n_fade = round(_SHOWN_S * fps), round(_FADE_S * fps)
    width, turn, light = 200.0, 0.0, 1.0
    pictures = [np.ascontiguousarray(np.asarray(cv2.imread(str(path)))[..., ::-1]) for path in paths]
    for picture, following in zip(pictures, [*pictures[1:], pictures[-1]], strict=True):
        for k in range(n):
            share = max(0.0, (k - n + n_fade + 1) / (n_fade + 1))
            mixed = cv2.addWeighted(picture, 1.0 - share, following, share, 0.0)
            yield webcam_frame(mixed, rng, width, turn, light)


def rows(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what was measured, in words."""
    p50, p95, longest = *quantiles(told["next"], (0.5, 0.95)), max(told["next"])
    return [
        ("from the start of its process: all is imported", f"{told['imported']:.1f} s"),
        ("its window is shown", f"{told['window']:.1f} s"),
        ("the first moment's EEG is drawn", f"{told['eeg']:.1f} s"),
        ("its pictures are there", f"{told['pictures']:.1f} s"),
        ("moments worth asking", str(told["questions"])),
        (
            "key to next moment drawn, p50 / p95 / longest",
            f"{1000 * p50:.0f} / {1000 * p95:.0f} / {1000 * longest:.0f} ms",
        ),
        ("of so many answers", str(len(told["next"]))),
        ("moments that were whole when they were asked", str(told["whole"])),
        ("memory with the first moment, and at the end", f"{told['mb'][0]:.0f}, {told['mb'][1]:.0f} MB"),
    ]


def label(session: Path, began: float, n_answers: int) -> None:
    """Run the command, answer, and print what was seen as JSON."""
    from PyQt6.QtCore import Qt, QTimer
    from PyQt6.QtTest import QTest
    from PyQt6.QtWidgets import QApplication

    import app.commands.label
    import app.window.run_window
    from app.cli import main as insula
    from app.window.main_window import MainWindow

    told: dict[str, Any] = {"imported": time.time() - began, "next": [], "whole": 0, "mb": []}
    press: Any = QTest.keyClick  # its type stubs do not say that it is static

    class Answered(MainWindow):
        def __init__(self, *args: object, **settings: object) -> None:
            super().__init__(*args, **settings)  # type: ignore[arg-type]
            self._asked: object = None
            self._pressed = 0.0
            self._watch = QTimer(self)
            self._watch.timeout.connect(self._look)
            self._watch.start(_WATCH_MS)

        def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
            super().showEvent(event)  # type: ignore[arg-type]
            told.setdefault("window", time.time() - began)

        def _look(self) -> None:
            annotation, clip = self.labelling.annotation, self.labelling.playback._clip
            if annotation.current is None or clip is None:
                return
            if clip.has_eeg:
                told.setdefault("eeg", time.time() - began)
            if not told["next"] and not self._pressed:
                if clip.frames and not clip.lost:
                    told["pictures"], told["questions"] = time.time() - began, annotation.n_waiting
                    told["mb"].append(resident_mb())
                    self._answer()
            elif self._pressed and annotation.current is not self._asked:
                self.labelling.repaint()
                told["next"].append(time.perf_counter() - self._pressed)
                told["whole"] += bool(clip.frames) and not clip.lost
                self._pressed = 0.0
                if len(told["next"]) < min(n_answers, told["questions"] - 1):
                    QTimer.singleShot(_PAUSE_MS, self._answer)
                else:
                    told["mb"].append(resident_mb())
                    QApplication.quit()
            elif self._pressed and annotation.pending is None:  # it was not taken: the pictures were not there yet
                press(self, Qt.Key.Key_1)

        def _answer(self) -> None:
            self._asked, self._pressed = self.labelling.annotation.current, time.perf_counter()
            press(self, Qt.Key.Key_1)

    app.window.run_window.MainWindow = Answered  # type: ignore[attr-defined]
    insula(["label", str(session)])
    print(json.dumps(told))


if __name__ == "__main__":
    main()
