"""Which sessions a study holds, and how far each has come: recorded, labelled, learnt from."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import CheckpointError, InsulaError
from core.models.model_file import read_model
from core.recording.label_reader import LabelReader
from core.recording.session import Session

MODELS = "models"
"""The folder of a study in which what was learnt from its sessions lies."""


@dataclass(frozen=True)
class SessionRow:
    """One recorded run of a study."""

    session: Session
    participants: tuple[str, ...]
    began: datetime | None
    """By this machine's clock; None if the run does not say."""
    seconds: float
    """NaN if it did not end by itself."""
    streams: tuple[str, ...]
    """What was recorded, such as ``eeg`` and ``video``."""
    simulated: bool = False
    answers: tuple[tuple[str, int], ...] = ()
    """(annotator, answers that stand) of each who gave any."""
    may_train: bool | None = None
    """Whether the participant agreed to have models learn from it; None where nobody was asked."""
    problem: str = ""
    """Why it cannot be read, ``""`` if it can."""

    @property
    def n_answers(self) -> int:
        """The answers of all annotators that stand."""
        return sum(count for _, count in self.answers)


def study_sessions(study: Path) -> list[SessionRow]:
    """Return the sessions of a study, the newest first; one that is damaged is among them, with what is wrong."""
    rows = [_row(path) for path in (study / "sourcedata").rglob("*_session.json")]
    return sorted(rows, key=lambda row: row.began.timestamp() if row.began else -math.inf, reverse=True)


def learnt_models(study: Path) -> dict[str, list[Path]]:
    """Return by participant the models of the study that learnt from them, the newest first."""
    found: dict[str, list[Path]] = {}
    paths = sorted((study / MODELS).glob("*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths:
        with contextlib.suppress(CheckpointError):
            for participant in read_model(path).header.taught_on.participants:
                found.setdefault(participant, []).append(path)
    return found


def _row(path: Path) -> SessionRow:
    named = path.parent.parent.name.removeprefix("sub-")
    try:
        session = Session.open(path)
        about = session.about()
    except InsulaError as error:
        unread = Session(path.parent, path.name.removesuffix("_session.json"))
        return SessionRow(unread, (named,), None, math.nan, (), problem=str(error))
    problem = "" if session.xdf.exists() else f"{session.xdf.name} is missing."
    answers: Counter[str] = Counter()
    if session.labels.exists():
        try:
            with LabelReader(session.labels) as reader:
                answers.update(label.annotator for label in reader.current())
        except InsulaError as error:
            problem = problem or str(error)
    began, ended = _moment(about.get("start")), _moment(about.get("stop"))
    streams = [stream for stream in about.get("streams") or () if isinstance(stream, dict)]
    return SessionRow(
        session=session,
        participants=tuple(about.get("participants") or (named,)),
        began=began,
        seconds=(ended - began).total_seconds() if began and ended else math.nan,
        streams=tuple(dict.fromkeys(str(stream.get("kind")) for stream in streams)),
        simulated=any(stream.get("simulated") for stream in streams),
        answers=tuple(answers.most_common()),
        may_train=_agreed(about.get("consent")),
        problem=problem,
    )


def _agreed(consent: Any) -> bool | None:
    given = consent.get("train") if isinstance(consent, dict) else None
    return given if isinstance(given, bool) else None


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone() if text else None
    except (TypeError, ValueError):
        return None
