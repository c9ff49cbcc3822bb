"""Recordings as something to learn from: their windows, through the live path, and the labels given for them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from app.session.configuration import existing
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from core.config import Config
from core.data import Label, Window
from core.errors import ConfigError, FileFormatError
from core.predictor import Predictor
from core.recording.label_reader import LabelReader
from core.recording.session import Session
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
    session = _session(path)
    if session is None:
        return f"{path.name}, {path.stat().st_size} bytes"
    return f"{session.stem}, {session.about().get('start', '')}".rstrip(", ")


def _began(path: Path) -> str:
    session = _session(path)
    return str(session.about().get("start", "")) if session is not None else ""


def recorded_labels(path: Path) -> list[Label]:
    """Return the answers that stand for the recording at `path`; none for a file of another recorder."""
    file = _labels_file(path)
    if file is None:
        return []
    with LabelReader(file, _say) as store:
        return store.current()


def recorded_ratings(path: Path) -> list[tuple[str | float, ...]]:
    """Return the samples of all continuous ratings of the recording at `path`, as `LabelReader.ratings` does."""
    file = _labels_file(path)
    if file is None:
        return []
    with LabelReader(file, _say) as store:
        return store.ratings()


def _labels_file(path: Path) -> Path | None:
    session = _session(path)
    return session.labels if session is not None and session.labels.exists() else None


def _session(path: Path) -> Session | None:
    try:
        return Session.open(path)
    except FileFormatError:
        return None


def _say(text: str) -> None:
    sys.stderr.write(f"! {text}\n")
