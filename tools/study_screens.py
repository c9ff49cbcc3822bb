"""The screens round a session: the study's, the one after a session, and the window on what EEG tells by itself."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from acquisition.simulator.streams import SimulatedEeg
from acquisition.source import items
from app.home.end_window import EndWindow
from app.home.home_window import HomeWindow
from app.home.study_watch import StudySeen
from app.home.texts import END_WHERE
from app.panels.eeg_window import EegWindow
from app.study.sessions import SessionRow
from app.ui.command_job import CommandJob
from app.ui.theme import Theme
from core.config import Config, RecordConfig
from core.data import Chunk, Label, Window
from core.eeg_figures import EegFigures
from core.recording.labels import LabelStore
from core.recording.session import Session
from core.windowing import Windower

STUDY = Path("study")
_DAY = datetime(2026, 11, 28, 14, 5, tzinfo=UTC)
VERDICT = (
    "The EEG follows what the face shows, more than by chance. The new model reads it better. What it tells is not "
    "only the face's muscles. With your 24 answers the face is read better."
)


class StagedJob(CommandJob):
    """A command that does nothing but what it is told to say."""

    def start(self) -> None:
        """Do nothing."""


def home(theme: Theme) -> QWidget:
    """Show a study with sessions that have come differently far."""
    made = HomeWindow(STUDY, lambda _: None, StagedJob, theme)
    taught = STUDY / "models" / "P001_2026-11-28.safetensors"
    rows = (
        _row("P003", "film", 0, 754.0),
        _row("P002", "film", 1, 1290.0, ("operator", 31)),
        _row("P001", "film", 2, 1312.0, ("operator", 24), ("anna", 24)),
        _row("P001", "rest", 3, 305.0),
    )
    made._watch.seen = StudySeen(STUDY, True, False, rows, {"P001": [taught]})
    made._follow()
    made.table.selectRow(1)
    return made


def end(theme: Theme) -> QWidget:
    """Show how a session went whose participant has been taught from since."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session.create(RecordConfig(study=folder, participant="P001", task="film"))
        streams = [{"kind": "eeg"}, {"kind": "video"}]
        stop = _DAY + timedelta(seconds=1312)
        session.describe(
            {"participants": ["P001"], "start": _DAY.isoformat(), "stop": stop.isoformat(), "streams": streams}
        )
        session.xdf.touch()
        with LabelStore(session.labels) as store:
            for k in range(24):
                store.add(Label(f"l{k}", f"s{k}", "P001", 30.0 * k, 30.0 * k + 4.0, 30.0 * k + 9.0, label="happy"))
        jobs: list[StagedJob] = []
        made = EndWindow(session, Path(folder), lambda _: None, _keeping(jobs), theme)
        jobs[0].said.emit(json.dumps({"report": "report.html", "lost": "1.4 s in 1 gap"}))
        jobs[0].ended.emit(0, "")
        made.teach()
        jobs[1].said.emit(json.dumps({"model": "P001_2026-11-28.safetensors", "summary": VERDICT}))
        jobs[1].ended.emit(0, "")
    made.facts[END_WHERE].setText(str(STUDY / "sourcedata" / "sub-P001" / "ses-01"))
    return made


def eeg_by_itself(theme: Theme) -> QWidget:
    """Show what two minutes of a simulated participant's EEG tell."""
    figures = EegFigures()
    with SimulatedEeg("P001", 7, 700.0, duration=120.0, clock=None) as source:
        windower = Windower("P001", source.infos, Config())
        for item in items(source):
            if isinstance(item, Chunk):
                for event in windower.push(item):
                    if isinstance(event, Window):
                        figures.push(event)
    return EegWindow(figures, theme)


def _row(participant: str, task: str, days: int, seconds: float, *answers: tuple[str, int]) -> SessionRow:
    session = Session(STUDY / "sourcedata" / f"sub-{participant}", f"sub-{participant}_ses-01_task-{task}_run-001")
    began = _DAY - timedelta(days=days, minutes=17 * days)
    return SessionRow(session, (participant,), began, seconds, ("eeg", "video"), answers=answers)


def _keeping(jobs: list[StagedJob]) -> Callable[[Sequence[str]], StagedJob]:
    def make(words: Sequence[str]) -> StagedJob:
        jobs.append(StagedJob(words))
        return jobs[-1]

    return make


SCREENS: dict[str, Callable[[Theme], QWidget]] = {"home": home, "end": end, "eeg-by-itself": eeg_by_itself}
