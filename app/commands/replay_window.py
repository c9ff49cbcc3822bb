"""The window over a recording, at the pace that was asked for."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

import pylsl

from acquisition.replay import Paced, open_recording
from app.engine import Engine, Keeper
from app.label_keeper import LabelKeeper
from app.live import open_outlets
from app.window import show as show_window
from app.wiring import pipelines
from core.config import Config
from core.data import Label
from core.errors import FileFormatError, RecordingError
from core.predictor import Predictor
from core.recording.labels import LabelStore
from core.recording.session import Session


def show(args: argparse.Namespace, config: Config, path: Path) -> int:
    """Show the replay until the window is closed; labels given meanwhile are kept in the session."""
    predictor = Predictor(config.model.path, config)
    source = Paced(open_recording(path, config), args.speed)
    keeper: Keeper | None = None
    known: list[Label] = []
    with contextlib.suppress(FileFormatError):  # a file of another recorder has no place for labels
        labels = Session.open(path).labels
        keeper = LabelKeeper(labels)
        if labels.exists():
            # Looking at a recording needs no rights to write beside it.
            with contextlib.suppress(RecordingError), LabelStore(labels) as store:
                known = store.all()
    with contextlib.ExitStack() as stack:
        people = [config.record.participant]
        out = open_outlets(stack, people, config, predictor) if args.publish else []
        lossless = args.speed == float("inf")
        engine = Engine([source], pipelines(config, predictor), config, pylsl.local_clock, keeper, out, lossless)
        with engine:
            show_window(engine, predictor.classes, pylsl.local_clock, label=config.label, known=known)
    return 0
