"""Recordings as something to learn from: their windows, through the live path, and the labels given for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from app.session.configuration import existing
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from app.study.recorded_answers import recorded_labels, session_of
from core.config import Config
from core.data import Label, Window
from core.errors import ConfigError
from core.predictor import Predictor
from training.own_recordings import Recording


def gather(
    paths: Sequence[str],
    config: Config,
    base: Path,
    report: Callable[[str], None],
    check: Callable[[Sequence[Label]], object] = lambda _: None,
) -> list[Recording]:
    """Replay recordings as fast as possible and return each with its windows and its own labels, oldest first.

    `check` may refuse the labels before anything is replayed, which can take an hour.

    Raises
    ------
    ConfigError
        A recording is missing, or two of them would be taken for the same one.
    """
    found = sorted((existing(name) for name in paths), key=_began)
    names = [recording_name(path) for path in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{', '.join(twice)} is given twice, or two recordings have that name. Give each once.")
    labels = [recorded_labels(path) for path in found]
    check(list(chain.from_iterable(labels)))
    config = dataclasses.replace(config, model=dataclasses.replace(config.model, path=str(base)))
    make_pipeline = pipelines(config, Predictor(base, config))
    out = []
    for number, (path, name, own) in enumerate(zip(found, names, labels, strict=True), start=1):
        report(f"replaying {path.name} ({number} of {len(found)})")
        replayed = replay(path, config, make_pipeline, tell=report)
        events = (event for _, events in replayed for event in events)
        windows = tuple(event for event in events if isinstance(event, Window))
        out.append(Recording(name, windows, tuple(own)))
    return out


def recording_name(path: Path) -> str:
    """Return by what a model's header knows a recording again, wherever it lies: its run and when that began.

    For a file of another recorder, its name and size.
    """
    session = session_of(path)
    if session is None:
        return f"{path.name}, {path.stat().st_size} bytes"
    return f"{session.stem}, {session.about().get('start', '')}".rstrip(", ")


def _began(path: Path) -> str:
    session = session_of(path)
    return str(session.about().get("start", "")) if session is not None else ""
