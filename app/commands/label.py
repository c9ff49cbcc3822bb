"""``insula label``: the labelling queue over a recording."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from dataclasses import replace

import pylsl

from acquisition.footage import Footage
from acquisition.lsl_config import configure_lsl
from acquisition.replay import Paced, open_recording, recorded_events
from app import texts
from app.display import why_no_window
from app.log import log_beside
from app.session.configuration import asked_as_recorded, configuration, existing, read_as_recorded
from app.session.engine import Engine
from app.session.label_keeper import LabelKeeper
from app.session.model_loading import ModelLoading
from app.session.offline_questions import EveryMoment, OfflineQuestions, double_labelled, with_known
from app.study.adjudication import to_be_decided
from core.active.moments import moments
from core.active.query import query_of
from core.config import Config
from core.data import Label, Marker, Prediction, Segment
from core.errors import ConfigError
from core.models.model_file import ModelFile, read_fitting
from core.recording.label_reader import LabelReader
from core.recording.session import Session

_UNPREDICTED_S = 60.0
"""Seconds at a session's end that may lack predictions; if it is more, they broke off before the data did."""


def run(args: argparse.Namespace) -> int:
    """Ask about a session's moments, those first that a model was least sure of, and keep each answer in the session.

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
    config = replace(config, label=asked_as_recorded(config.label, session))
    config = read_as_recorded(config, session.json)
    log_beside(session.log)
    keeper = LabelKeeper(session.labels)
    with contextlib.ExitStack() as stack:
        footage = stack.enter_context(Footage(session.xdf, config))
        wanted = read_fitting(config.model.path, config) if config.model.path else None
        events = list(recorded_events(session.xdf))
        predictions = _live_predictions([e for e in events if isinstance(e, Prediction)], footage, wanted)
        known: list[Label] = []
        if session.labels.exists():
            with LabelReader(session.labels) as reader:
                known = reader.all()
        engine: OfflineQuestions | Engine
        loading: ModelLoading | None = None
        said: dict[str, str] = {}
        wants = double_labelled(config.label.annotator, known, args.double)
        if predictions:
            asking, classes = "", predictions[0].classes
        else:
            wanted = wanted or read_fitting("", config)
            asking, classes = wanted.path.name, wanted.classes
        if args.adjudicate:
            config = replace(config, label=replace(config.label, role="adjudicator"))
            asked, said = to_be_decided(known)
            engine = OfflineQuestions(asked, footage.infos, keeper)
        elif predictions:
            found = moments(predictions, config.queue.length, query_of(config.queue.query))
            asked = [one for one in with_known(found, known, everywhere=True) if wants(one)]
            engine = OfflineQuestions(asked, footage.infos, keeper)
        else:
            assert wanted is not None
            loading = ModelLoading([str(wanted.path)], config)
            engine = _predicting_anew(session, config, loading, keeper, known, wants)
        check(classes, config.label)
        stack.enter_context(engine)
        if loading is not None:
            stack.enter_context(loading)
        asked_by = texts.DECIDING if said else texts.asked_by(asking)
        show(engine, ShownSession(
            classes, engine.put, pylsl.local_clock, config.label, known=known, footage=footage, asked_by=asked_by,
            reading=None if loading is None else footage.span, loading=loading, said=said,
            mark_s=config.queue.length,
            markers=[event.time for event in events if isinstance(event, Marker)],
        ))  # fmt: skip
    if loading is not None:
        loading.check()
    return 0


def _live_predictions(recorded: list[Prediction], footage: Footage, wanted: ModelFile | None) -> list[Prediction]:
    """Return what was predicted when the session was recorded, if the model that is asked for predicted all of it.

    Where none is asked for, another model may have read from some moment on.
    """
    if not recorded or recorded[-1].stop < footage.span[1] - _UNPREDICTED_S:
        return []
    return recorded if wanted is None or {wanted.sha256} == {prediction.model for prediction in recorded} else []


def _predicting_anew(
    session: Session,
    config: Config,
    loading: ModelLoading,
    keeper: LabelKeeper,
    known: list[Label],
    wants: Callable[[Segment], bool],
) -> Engine:
    """Return an engine that reads the recording as fast as it goes."""
    every = EveryMoment(config.queue.length, known, wants, query_of(config.queue.query))
    source = Paced(open_recording(session.xdf, config), float("inf"))
    engine = Engine(
        [source], lambda infos: every.around(loading.make(infos)), config, pylsl.local_clock, keeper, lossless=True,
        is_ready=loading.is_done, at_end=every.finish,
    )  # fmt: skip
    loading.when_done(engine.model_loaded)
    return engine
