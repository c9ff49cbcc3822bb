"""The windows of recordings through the live path, once: those of a study's sessions are kept for the next time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

from app.session.wiring import Pipelines, pipelines
from app.study.derivatives import Derivatives, made_by
from app.study.kept_windows import Placed, keep_windows, kept_windows
from app.study.offline_replay import replay
from app.study.recorded_answers import session_of
from core.config import Config
from core.data import Event, Item, ModelChange, Pace, StreamInfo, Window
from core.face_reading import reading_of
from core.face_submit import Submit
from core.pipeline import Pipeline
from core.predictor import Predictor
from core.recording.session import Session
from training.loop import Report

_NOT_READ = ("_labels.sqlite", "_insula.log", "_report.html")
"""How files of a run are called on which its windows do not hang."""


class RecordedWindows:
    """Reads the windows of recordings; nothing is predicted, which takes as long as all the rest.

    Parameters
    ----------
    model : str or Path
        Whose rules say which electrodes are good, and which further modalities are read; empty: the one that ships.
    config : Config
    report : callable
        Hears what is to be known of a recording.

    Raises
    ------
    CheckpointError
        The model cannot be read, or reads other windows.
    """

    def __init__(self, model: str | Path, config: Config, report: Report) -> None:
        self._predictor = Predictor(model, config)
        self._config = config
        self._report = report

    def of(self, path: Path, progress: Callable[[float], object] = lambda _: None) -> tuple[Window, ...]:
        """Return the windows of a recording, in the order in which they are cut.

        Parameters
        ----------
        path : Path
        progress : callable
            Takes the share of the recording that lies behind.
        """
        session = session_of(path)
        kept = None
        if session is not None and session.study is not None:
            kept = Derivatives.of(session.study, self._report)
        if session is None or kept is None:
            return self._read(path, self._report, progress)
        hangs_on = self._hangs_on(kept, session)
        found = _kept(kept, session, hangs_on, self._report)
        if found is not None:
            return found
        told: list[str] = []

        def tell(text: str) -> None:
            told.append(text)
            self._report(text)

        found = self._read(path, tell, progress)
        if hangs_on == self._hangs_on(kept, session):  # else it went on meanwhile
            _keep(kept, session, hangs_on, found, told)
        return found

    def _hangs_on(self, kept: Derivatives, session: Session) -> list[object]:
        """Return all that decides what the windows are."""
        files = sorted(one for one in session.folder.rglob(f"{session.stem}_*") if not one.name.endswith(_NOT_READ))
        further = [repr(one) for one in self._predictor.header.architecture.further]
        parts = (self._config.window, self._config.eeg, self._config.face)
        return [
            made_by(), self._predictor.electrode_checks, further, *(dataclasses.asdict(part) for part in parts),
            reading_of(self._config.face), self._config.record.participant, [kept.state(one) for one in files],
        ]  # fmt: skip

    @cached_property
    def _make(self) -> Pipelines:
        return pipelines(self._config, self._predictor)

    def _read(self, path: Path, tell: Report, progress: Callable[[float], object]) -> tuple[Window, ...]:
        replayed = replay(path, self._config, self._pipeline, tell=tell, progress=progress)
        return tuple(event for _, events in replayed for event in events if isinstance(event, Window))

    def _pipeline(self, infos: Sequence[StreamInfo]) -> _WindowsAlone:
        return _WindowsAlone(self._make(infos))


class _WindowsAlone:
    """A pipeline that predicts nothing."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        pipeline.push(Pace(0.0, 0))

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        self._pipeline.look_at(items, submit)

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        taken = [not isinstance(item, Pace | ModelChange) for item in items]
        said = iter(self._pipeline.push_all([item for item, one in zip(items, taken, strict=True) if one]))
        return [next(said) if one else [] for one in taken]


def _kept(kept: Derivatives, session: Session, hangs_on: object, report: Report) -> tuple[Window, ...] | None:
    """Return the windows of a session of everyone who took part; None if those of someone are missing."""
    paths = kept.of_everyone("windows", session.stem, hangs_on)
    files = [one for path in paths if (one := kept_windows(path)) is not None]
    placed = sorted((each for one in files for each in one.placed), key=lambda each: each[0])
    if not files or any(one.n_windows != len(placed) for one in files):
        return None
    for path in paths:
        Derivatives.used(path)
    for text in files[0].told:
        report(text)
    return tuple(window for _, _, window in placed)


def _keep(
    kept: Derivatives, session: Session, hangs_on: object, windows: Sequence[Window], told: Sequence[str]
) -> None:
    """Keep the windows, those of each person in a file of their own, which erasing a person finds."""
    for name in dict.fromkeys(window.participant for window in windows):
        mine: list[Placed] = [(k, 0.0, window) for k, window in enumerate(windows) if window.participant == name]
        path = kept.path(name, "windows", session.stem, hangs_on)
        kept.keep(path, partial(keep_windows, placed=mine, told=told, n_windows=len(windows)))
