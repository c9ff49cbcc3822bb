"""``insula label``: the labelling queue over a recording."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses

import pylsl

from acquisition.footage import Footage
from acquisition.lsl_config import configure_lsl
from acquisition.replay import Paced, open_recording, recorded_predictions
from app import texts
from app.display import why_no_window
from app.log import log_beside
from app.session.configuration import configuration, existing
from app.session.engine import Engine
from app.session.label_keeper import LabelKeeper
from app.session.model_loading import ModelLoading
from app.session.offline_questions import OfflineQuestions
from core.active.label_queue import boundless, questions
from core.config import Config
from core.data import Label, Prediction
from core.errors import ConfigError
from core.models.model_file import ModelFile, read_fitting
from core.recording.label_reader import LabelReader
from core.recording.session import Session

_UNPREDICTED_S = 60.0
"""Seconds at a session's end that may lack predictions; if it is more, they broke off before the data did."""


def run(args: argparse.Namespace) -> int:
    """Ask about what a model was unsure of, and keep each answer in the session.

    What was predicted live tells it of the whole session at once. Only where nothing was, or another model is to ask,
    is the recording read through that model, and asked about as far as it has come.
    """
    if reason := why_no_window():
        raise ConfigError(f"Labelling needs a window. {reason}")
    from app.ui.keys import check
    from app.window.run_window import show
    from app.window.shown_session import ShownSession

    config = configuration(args)
    configure_lsl(config.lsl)
    session = Session.open(existing(args.recording))
    log_beside(session.log)
    keeper = LabelKeeper(session.labels)
    with contextlib.ExitStack() as stack:
        footage = stack.enter_context(Footage(session.xdf, config))
        wanted = read_fitting(config.model.path, config) if config.model.path else None
        predictions = _live_predictions(session, footage, wanted)
        engine: OfflineQuestions | Engine
        loading: ModelLoading | None = None
        if predictions:
            model, classes = predictions[0].model, predictions[0].classes
            engine = OfflineQuestions(questions(predictions, config.queue), footage.infos, keeper)
        else:
            wanted = wanted or read_fitting("", config)
            model, classes = wanted.sha256, wanted.classes
            loading = ModelLoading([str(wanted.path)], config)
            engine = _predicting_anew(session, config, loading, keeper)
        check(classes, config.label)
        known: list[Label] = []
        if session.labels.exists():
            with LabelReader(session.labels) as reader:
                known = reader.all()
        stack.enter_context(engine)
        if loading is not None:
            stack.enter_context(loading)
        asked_by = texts.asked_by(model, live=bool(predictions))
        show(engine, ShownSession(
            classes, engine.put, pylsl.local_clock, config.label, known=known, footage=footage, asked_by=asked_by,
            reading=None if predictions else footage.span, loading=loading,
        ))  # fmt: skip
    if loading is not None:
        loading.check()
    return 0


def _live_predictions(session: Session, footage: Footage, wanted: ModelFile | None) -> list[Prediction]:
    """Return what was predicted when the session was recorded, by the model that is asked for, if any is."""
    predictions = recorded_predictions(session.xdf)
    models = {prediction.model for prediction in predictions}
    if len(models) != 1 or predictions[-1].stop < footage.span[1] - _UNPREDICTED_S:
        return []
    return predictions if wanted is None or wanted.sha256 in models else []


def _predicting_anew(session: Session, config: Config, loading: ModelLoading, keeper: LabelKeeper) -> Engine:
    """Return an engine that reads the recording as fast as it goes."""
    config = dataclasses.replace(config, queue=boundless(config.queue))
    source = Paced(open_recording(session.xdf, config), float("inf"))
    engine = Engine([source], loading.make, config, pylsl.local_clock, keeper, lossless=True, is_ready=loading.is_done)
    loading.when_done(engine.model_loaded)
    return engine
