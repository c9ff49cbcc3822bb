"""The window over a recording, at the pace that was asked for."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pylsl

from acquisition.footage import Footage
from acquisition.raw_outlet import Republished
from acquisition.replay import Paced, open_recording, recorded_events, samples_of
from app.session.configuration import asked_as_recorded
from app.session.engine import Engine, Keeper, Outlet
from app.session.label_keeper import LabelKeeper
from app.session.model_loading import ModelLoading
from app.session.model_swap import ModelSwap
from app.session.outlets import InReplayTime, open_outlets, people_of
from app.timeline.session_overview import OverviewEvent
from app.ui.keys import check
from app.window.replay_bar import Replay
from app.window.run_window import show as show_window
from app.window.shown_session import ShownSession
from app.window.teach_bar import Teaching
from core.config import Config
from core.data import Label, ModelChange, Notice
from core.errors import FileFormatError, RecordingError
from core.models.model_file import read_fitting
from core.recording.label_reader import LabelReader
from core.recording.session import MODELS, Session


def show(args: argparse.Namespace, config: Config, path: Path) -> int:
    """Show the replay until the window is closed; labels given meanwhile are kept in the session."""
    models = [read_fitting(model, config) for model in (args.model or [config.model.path])[:2]]
    if len({model.sha256 for model in models}) == 1:
        del models[1:]  # a model beside itself shows nothing
    with contextlib.suppress(FileFormatError):
        config = replace(config, label=asked_as_recorded(config.label, Session.open(path)))
    check(models[0].classes, config.label)
    source = Paced(open_recording(path, config), args.speed, config=config, stays=True)
    keeper: Keeper | None = None
    footage: Footage | None = None
    known: list[Label] = []
    study: Path | None = None
    with contextlib.suppress(FileFormatError):  # a file of another recorder has no place for labels
        session = Session.open(path)
        labels, footage, study = session.labels, Footage(session.xdf, config), session.study
        keeper = LabelKeeper(labels)
        if labels.exists():
            # What cannot be read of it keeps nobody from looking at the recording.
            with contextlib.suppress(RecordingError), LabelReader(labels) as reader:
                known = reader.all()
    with contextlib.ExitStack() as stack:
        out: list[Outlet] = []
        sent = Republished(source) if args.publish else None
        learnt = study / MODELS if study is not None else None
        loading = ModelLoading([str(model.path) for model in models], config, learnt)
        rival = models[1].sha256 if len(models) > 1 else ""
        read_by = _ReadBy(models[0].sha256)
        engine = Engine(
            [sent or source], loading.make, config, pylsl.local_clock, keeper, out, lossless=True,
            is_ready=loading.is_done, model_at=read_by.at if not rival else lambda _: None,
        )  # fmt: skip
        loading.when_done(engine.model_loaded)
        stack.enter_context(engine)
        if sent is not None:  # who takes part is known once the recording is open
            outlets = open_outlets(stack, people_of(engine.infos), config, models[0])
            out += [InReplayTime(each, sent.now) for each in outlets]
        # It may be waiting for the first model: that is let go of before.
        swap = stack.enter_context(ModelSwap(engine, loading, models[0], config, pylsl.local_clock, recorded=True))
        stack.enter_context(loading)
        if footage is not None:
            stack.enter_context(footage)
        recorded = partial(_recorded_events, path, source, read_by)
        replay = Replay(_Player(source, engine), path, args.speed, recorded, read_by.models, rival)
        show_window(engine, ShownSession(
            models[0].classes, engine.put, pylsl.local_clock, config.label, known=known, replay=replay,
            footage=footage, loading=loading, mark_s=config.queue.length, method=models[0].header.method,
            teaching=Teaching(swap, study, config=args.config or "") if len(models) == 1 else None,
        ))  # fmt: skip
    loading.check()
    return 0


class _Player:
    """The recording with the engine behind it, which need not work through what is left behind."""

    def __init__(self, source: Paced, engine: Engine) -> None:
        self._source = source
        self._engine = engine
        self.span = source.span
        self.set_speed = source.set_speed

    def seek(self, time: float) -> None:
        self._engine.skip_to_seek()
        self._source.seek(time)


class _ReadBy:
    """Which models read when a session was recorded, as far as that has been read; known by the window's thread.

    Nothing is known where the recording began with another model than the one that reads now.
    """

    def __init__(self, first: str) -> None:
        self.models = [first]
        """In the order in which they came."""
        self._changes: tuple[ModelChange, ...] = ()

    def know(self, change: ModelChange) -> None:
        """Take a change that was recorded."""
        if change.before == self.models[-1]:
            self.models.append(change.model)
            self._changes = (*self._changes, change)

    def at(self, time: float) -> ModelChange | None:
        """Return the change that holds at a moment; any thread may ask."""
        return next((change for change in reversed(self._changes) if change.time <= time), None)


def _recorded_events(path: Path, source: Paced, read_by: _ReadBy) -> Iterator[OverviewEvent]:
    """Give what was said when a session was recorded; nothing for files of other programs.

    That markers or a truth broke off is left out: it is no gap in what is read from a person.
    """
    signals = {info.key for info in source.infos if info.kind in ("eeg", "video")}
    if samples_of(path).suffix.lower() == ".xdf":
        for event in recorded_events(path):
            if isinstance(event, ModelChange):
                read_by.know(event)
            elif not isinstance(event, Notice) or not event.stream or event.stream in signals:
                yield event
