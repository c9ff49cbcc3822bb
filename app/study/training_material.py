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
from core.data import Event, Item, Label, ModelChange, Pace, Window
from core.errors import ConfigError, InsulaError
from core.faces import Submit
from core.pipeline import Pipeline
from core.predictor import Predictor
from training.own_recordings import Recording


def gather(
    paths: Sequence[str],
    config: Config,
    base: Path,
    report: Callable[[str], None],
    check: Callable[[Sequence[Label]], object] = lambda _: None,
    progress: Callable[[Path, float], object] = lambda *_: None,
    damaged: list[str] | None = None,
) -> list[Recording]:
    """Replay recordings as fast as possible and return each with its windows and its own labels, oldest first.

    Parameters
    ----------
    paths : sequence of str
    config : Config
    base : Path
        The model that is to learn.
    report : callable
        Takes what is done now.
    check : callable
        May refuse the labels before anything is replayed, which can take an hour.
    progress : callable
        Takes a recording and the share of it that lies behind.
    damaged : list of str, optional
        Takes, in words, what cannot be read, and the rest is read; without it that is raised.

    Raises
    ------
    ConfigError
        A recording is missing, or two of them would be taken for the same one.
    InsulaError
        One is damaged.
    """
    found = sorted((existing(name) for name in paths), key=_began)
    names = [recording_name(path) for path in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{', '.join(twice)} is given twice, or two recordings have that name. Give each once.")
    labels = [_labels_or_none(path, damaged) for path in found]
    check(list(chain.from_iterable(labels)))
    config = dataclasses.replace(config, model=dataclasses.replace(config.model, path=str(base)))
    make_pipeline = pipelines(config, Predictor(base, config))
    out = []
    for number, (path, name, own) in enumerate(zip(found, names, labels, strict=True), start=1):
        report(f"reading {path.name} ({number} of {len(found)})")
        try:
            replayed = replay(
                path, config, lambda infos: _WindowsAlone(make_pipeline(infos)), tell=report,
                progress=lambda share, path=path: progress(path, share),  # type: ignore[misc]
            )  # fmt: skip
            windows = tuple(event for _, events in replayed for event in events if isinstance(event, Window))
        except (InsulaError, OSError) as error:
            if damaged is None:
                raise
            damaged.append(f"{path.name}: {error}")
            continue
        out.append(Recording(name, windows, tuple(own)))
    return out


class _WindowsAlone:
    """A pipeline that predicts nothing: that takes as long as all the rest, and nothing is learnt from it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        pipeline.push(Pace(0.0, 0))

    def push_all(self, items: Sequence[Item], submit: Submit | None = None) -> list[list[Event]]:
        taken = [not isinstance(item, Pace | ModelChange) for item in items]
        said = iter(self._pipeline.push_all([item for item, one in zip(items, taken, strict=True) if one], submit))
        return [next(said) if one else [] for one in taken]


def _labels_or_none(path: Path, damaged: list[str] | None) -> list[Label]:
    try:
        return recorded_labels(path)
    except InsulaError as error:
        if damaged is None:
            raise
        damaged.append(f"The answers of {path.name}: {error}")
        return []


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
