"""Which sessions a study holds, and how far each has come: recorded, labelled, learnt from."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from app.study.session_about import moment, read_about
from core.errors import CheckpointError, InsulaError
from core.models.model_file import read_model
from core.recording.label_reader import LabelReader
from core.recording.session import MODELS, Session

_STILL_S = 10.0
"""A recording is flushed twice a second; one that has not grown for so long is not being made."""


@dataclass(frozen=True)
class SessionRow:
    """One recorded run of a study."""

    session: Session
    participants: tuple[str, ...]
    began: datetime | None
    """By this machine's clock; None if the run does not say."""
    seconds: float
    """NaN if it broke off."""
    streams: tuple[str, ...]
    """What was recorded, such as ``eeg`` and ``video``."""
    simulated: bool = False
    running: bool = False
    """Whether it may be being recorded: it has no end yet, and its file was written to a moment ago."""
    grown: bool = False
    """Whether its file was seen to grow while it ran: one that was just copied does not."""
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


class SessionCache:
    """The sessions of a study; of those whose description and labels have not changed only that is looked at."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], SessionRow]] = {}

    def rows(self, study: Path) -> tuple[SessionRow, ...]:
        """Return the sessions of a study, the newest first; one that is damaged is among them, with what is wrong."""
        known, self._known = self._known, {}
        for path in (study / "sourcedata").rglob("*_session.json"):
            session = Session.described_by(path)
            # New answers stand in a log beside the labels until their window closes, or for good if it was killed.
            log = session.labels.with_name(f"{session.labels.name}-wal")
            stamps = tuple(_changed(file) for file in (session.json, session.labels, log, session.xdf))
            before = known.get(path)
            # Whether one runs is told by its file, which may stop growing without another stamp.
            fresh = before is not None and before[0] == stamps and not before[1].running
            if before is not None and fresh:
                self._known[path] = before
                continue
            row = session_row(session)
            has_grown = before is not None and (before[1].grown or before[0][-1] != stamps[-1])
            self._known[path] = stamps, replace(row, grown=row.running and has_grown)
        rows = (row for _, row in self._known.values())
        return tuple(sorted(rows, key=lambda row: row.began.timestamp() if row.began else -math.inf, reverse=True))


def study_sessions(study: Path) -> list[SessionRow]:
    """Return the sessions of a study, the newest first; see `SessionCache.rows`."""
    return list(SessionCache().rows(study))


def learnt_models(study: Path) -> dict[str, list[Path]]:
    """Return by participant the models of the study that learnt from them, the newest first."""
    found: dict[str, list[Path]] = {}
    changed = {path: when for path in (study / MODELS).glob("*.safetensors") if (when := _changed(path))}
    for path in sorted(changed, key=lambda path: changed[path], reverse=True):
        for participant in _learnt_from(path, changed[path]):
            found.setdefault(participant, []).append(path)
    return found


@lru_cache(maxsize=1024)
def _learnt_from(path: Path, _: int) -> tuple[str, ...]:
    """Return of whom a model has learnt; read again only where it was changed."""
    try:
        return read_model(path).header.people
    except CheckpointError:
        return ()


def session_row(session: Session) -> SessionRow:
    """Return how far a session has come; one that is damaged says what is wrong."""
    named = session.folder.parent.name.removeprefix("sub-")
    try:
        about = read_about(session)
        problem = "" if session.xdf.exists() else f"{session.xdf.name} is missing."
    except (InsulaError, OSError) as error:
        return SessionRow(session, (named,), None, math.nan, (), problem=str(error))
    answers: Counter[str] = Counter()
    if session.labels.exists():
        try:
            with LabelReader(session.labels) as reader:
                answers.update(label.annotator for label in reader.current())
        except InsulaError as error:
            problem = problem or str(error)
    began, ended = moment(about.start), moment(about.stop)
    return SessionRow(
        session=session,
        participants=about.participants or (named,),
        began=began,
        seconds=_length(about.seconds, began, ended),
        streams=tuple(dict.fromkeys(stream.kind for stream in about.streams)),
        simulated=any(stream.simulated for stream in about.streams),
        answers=tuple(answers.most_common()),
        running=ended is None and _grows(session.xdf),
        may_train=about.may_train,
        problem=problem,
    )


def _length(seconds: float | None, began: datetime | None, ended: datetime | None) -> float:
    """Return how long a session was, s, NaN if it has no end; one of before says when it began and ended alone."""
    if seconds is not None:
        return seconds
    return (ended - began).total_seconds() if began and ended else math.nan


def _changed(path: Path) -> int:
    """Return when a file was changed, 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _grows(path: Path) -> bool:
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime)
    except OSError:
        return False
    return abs((datetime.now() - written).total_seconds()) < _STILL_S
