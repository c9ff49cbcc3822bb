"""``insula label``: the labelling queue over a recording."""

from __future__ import annotations

import argparse
import dataclasses

from acquisition.lsl_config import configure_lsl
from app.display import why_no_window
from app.wiring import configuration, existing, one_thread_each, pipelines
from core.errors import ConfigError
from core.predictor import Predictor

_ROOM = 10_000
"""Segments that may wait: over a recording the annotator decides when to stop, not the queue."""


def run(args: argparse.Namespace) -> int:
    """Replay the recording as fast as possible into the window's queue; keep each answer in the session."""
    if reason := why_no_window():
        raise ConfigError(f"Labelling needs a window. {reason}")
    config = configuration(args)
    room = dataclasses.replace(config.queue, size=_ROOM, max_age=float("inf"))
    config = dataclasses.replace(config, queue=room)
    configure_lsl(config.lsl)
    one_thread_each()
    import pylsl

    from acquisition.pictures import RecordedPictures
    from acquisition.replay import Paced, open_recording
    from app.engine import Engine
    from app.keys import check
    from app.label_keeper import LabelKeeper
    from app.window import show
    from core.recording.labels import LabelStore
    from core.recording.session import Session

    session = Session.open(existing(args.recording))
    predictor = Predictor(config.model.path, config)
    check(predictor.classes, config.label)
    source = Paced(open_recording(session.xdf, config), float("inf"))
    keeper = LabelKeeper(session.labels)
    make_pipeline = pipelines(config, predictor)
    with LabelStore(session.labels) as store:
        known = store.all()
    with Engine([source], make_pipeline, config, pylsl.local_clock, keeper, lossless=True) as engine:
        again = RecordedPictures(session.xdf, config).read
        show(
            engine, predictor.classes, pylsl.local_clock, label=config.label, known=known, reading=source.span,
            pictures=again,
        )  # fmt: skip
    return 0
