"""The window over a recording, at the pace that was asked for."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pylsl

from acquisition.footage import Footage
from acquisition.replay import Paced, open_recording, recorded_events
from app.course import Said
from app.engine import Engine, Keeper
from app.keys import check
from app.label_keeper import LabelKeeper
from app.live import open_outlets
from app.replay_bar import Replay
from app.window import show as show_window
from app.wiring import pipelines, predictor_of
from core.config import Config
from core.data import Label, StreamInfo
from core.errors import FileFormatError, RecordingError
from core.pipeline import Pipeline
from core.predictor import Predictor
from core.recording.labels import LabelStore
from core.recording.session import Session
from core.side_by_side import SideBySide


def show(args: argparse.Namespace, config: Config, path: Path) -> int:
    """Show the replay until the window is closed; labels given meanwhile are kept in the session."""
    predictors = [predictor_of(model, config) for model in (args.model or [config.model.path])[:2]]
    if len({predictor.sha256 for predictor in predictors}) == 1:
        del predictors[1:]  # a model beside itself shows nothing
    check(predictors[0].classes, config.label)
    source = Paced(open_recording(path, config), args.speed, stays=True)
    keeper: Keeper | None = None
    footage: Footage | None = None
    known: list[Label] = []
    with contextlib.suppress(FileFormatError):  # a file of another recorder has no place for labels
        session = Session.open(path)
        labels, footage = session.labels, Footage(session.xdf, config)
        keeper = LabelKeeper(labels)
        if labels.exists():
            # Looking at a recording needs no rights to write beside it.
            with contextlib.suppress(RecordingError), LabelStore(labels) as store:
                known = store.all()
    with contextlib.ExitStack() as stack:
        people = [config.record.participant]
        out = open_outlets(stack, people, config, predictors[0]) if args.publish else []
        engine = Engine([source], _make(predictors, config), config, pylsl.local_clock, keeper, out, lossless=True)
        stack.enter_context(engine)
        if footage is not None:
            stack.enter_context(footage)
        rival = predictors[1].sha256 if len(predictors) > 1 else ""
        replay = Replay(_Player(source, engine), path, args.speed, lambda: _said(path), predictors[0].sha256, rival)
        show_window(
            engine, predictors[0].classes, pylsl.local_clock, label=config.label, known=known, replay=replay,
            footage=footage,
        )  # fmt: skip
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


def _make(predictors: Sequence[Predictor], config: Config) -> Callable[[Sequence[StreamInfo]], Pipeline | SideBySide]:
    first, *others = (pipelines(config, predictor) for predictor in predictors)
    return lambda infos: SideBySide(first(infos), others[0](infos)) if others else first(infos)


def _said(path: Path) -> Iterator[Said]:
    """Give what was said when a session was recorded; nothing for files of other programs."""
    if path.is_dir() or path.suffix.lower() == ".xdf":
        yield from recorded_events(path)
