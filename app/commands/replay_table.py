"""A recording without a window: to a table of predictions, or to lines on the terminal, by seconds of the session."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from acquisition.raw_outlet import Republished
from acquisition.replay import Paced
from app.session.headless import describe
from app.session.outlets import InReplayTime, open_outlets, people_of
from app.session.predictions_table import PredictionsTable
from app.session.wiring import one_thread_each, pipelines, predictor_of
from app.study.offline_replay import replay
from core.config import Config
from core.data import Event, Item, Notice, Prediction
from core.errors import ConfigError
from core.predictor import Predictor
from core.recording.session import models_beside


def predict(args: argparse.Namespace, config: Config, path: Path) -> int:
    """Predict on the whole recording, with each of the models in turn."""
    one_thread_each()
    predictors = [predictor_of(model, config) for model in args.model or [config.model.path]]
    if args.out and len({predictor.classes for predictor in predictors}) > 1:
        known = " and ".join(", ".join(predictor.classes) for predictor in predictors)
        raise ConfigError(f"The models have different classes ({known}): replay each into a table of its own.")
    count = 0
    begun: list[float] = []
    with contextlib.ExitStack() as stack:
        read = dict.fromkeys(name for predictor in predictors for name in predictor.modalities)
        table = stack.enter_context(PredictionsTable(args.out, predictors[0].classes, [*read])) if args.out else None
        for predictor in predictors:
            for event in _events(args, config, path, predictor, begun.append):
                count += 1
                if table is not None:
                    table.add(event)
                elif count % 4 == 0:
                    sys.stdout.write(f"{event.stop - begun[-1]:12.2f} s  {describe(event)}\n")
    why = (
        ""
        if count
        else f" One takes {config.window.length:g} s of EEG or pictures, and the recording has no such piece."
    )
    sys.stderr.write(f"{count} windows predicted.{why}\n")
    return 0


def _events(
    args: argparse.Namespace, config: Config, path: Path, predictor: Predictor, begins: Callable[[float], object]
) -> Iterable[Prediction]:
    made = pipelines(config, predictor, models_beside(path))
    if not args.publish:
        yield from _said(replay(path, config, made, args.speed, begins=begins))
        return
    sent: list[Republished] = []

    def publish(source: Paced) -> Republished:
        sent.append(Republished(source, waits=True, on_waiting=_tell_waiting))
        return sent[0]

    with contextlib.ExitStack() as stack:
        out: list[InReplayTime] | None = None
        for prediction in _said(replay(path, config, made, args.speed, publish=publish, begins=begins)):
            if out is None:
                people = people_of(sent[0].infos)
                out = [InReplayTime(each, sent[0].now) for each in open_outlets(stack, people, config, predictor)]
            for outlet in out:
                outlet.push(prediction)
            yield prediction


def _said(given: Iterable[tuple[Item, list[Event]]]) -> Iterator[Prediction]:
    """Give the predictions; what is noticed goes onto the terminal."""
    for item, events in given:
        for event in (item, *events):
            if isinstance(event, Notice):
                sys.stderr.write(f"! {event.text}\n")
            elif isinstance(event, Prediction):
                yield event


def _tell_waiting(n_streams: int) -> None:
    sys.stderr.write(f"{n_streams} streams are on LSL. The replay begins once one of them is listened to.\n")
