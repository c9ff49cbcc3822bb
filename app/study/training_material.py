"""Recordings as something to learn from: their windows, through the live path, and the labels given for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.session.configuration import existing
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from core.config import Config
from core.data import Label, Window
from core.errors import FileFormatError
from core.predictor import Predictor
from core.recording.labels import LabelStore
from core.recording.session import Session


@dataclass(frozen=True, slots=True)
class Material:
    """What recordings have to teach."""

    sessions: tuple[tuple[Window, ...], ...]
    """The windows of each recording, in order."""
    labels: tuple[Label, ...]
    """The answers that stand, of all recordings."""


def gather(
    paths: Sequence[str],
    config: Config,
    base: Path,
    report: Callable[[str], None],
    check: Callable[[Sequence[Label]], object] = lambda _: None,
) -> Material:
    """Replay recordings as fast as possible and return their windows and labels.

    Windows of different recordings never share a time: each recording's participant keeps its own. `check` may refuse
    the labels before anything is replayed, which can take an hour.
    """
    recordings = [existing(name) for name in paths]
    labels = [label for path in recordings for label in recorded_labels(path)]
    check(labels)
    config = dataclasses.replace(config, model=dataclasses.replace(config.model, path=str(base)))
    make_pipeline = pipelines(config, Predictor(base, config))
    sessions = []
    for number, (name, path) in enumerate(zip(paths, recordings, strict=True), start=1):
        report(f"replaying {name} ({number} of {len(paths)})")
        events = (event for _, events in replay(path, config, make_pipeline) for event in events)
        sessions.append(tuple(event for event in events if isinstance(event, Window)))
    return Material(tuple(sessions), tuple(labels))


def recorded_labels(path: Path) -> list[Label]:
    """Return the answers that stand for the recording at `path`; none for a file of another recorder."""
    file = _labels_file(path)
    if file is None:
        return []
    with LabelStore(file) as store:
        return store.current()


def recorded_ratings(path: Path) -> list[tuple[str | float, ...]]:
    """Return the samples of all continuous ratings of the recording at `path`, as `LabelStore.ratings` does."""
    file = _labels_file(path)
    if file is None:
        return []
    with LabelStore(file) as store:
        return store.ratings()


def _labels_file(path: Path) -> Path | None:
    try:
        file = Session.open(path).labels
    except FileFormatError:
        return None
    return file if file.exists() else None
