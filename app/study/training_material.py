"""Recordings as something to learn from: their windows, through the live path, and the labels given for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from app.session.configuration import existing
from app.study.recorded_answers import recorded_labels, session_of
from app.study.recorded_windows import RecordedWindows
from core.config import Config
from core.data import Label
from core.errors import ConfigError, InsulaError
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
    """Read recordings as fast as possible and return each with its windows and its own labels, oldest first.

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
    reader = RecordedWindows(base, config, report)
    out = []
    for number, (path, name, own) in enumerate(zip(found, names, labels, strict=True), start=1):
        report(f"reading {path.name} ({number} of {len(found)})")
        try:
            windows = reader.of(path, partial(progress, path))
        except (InsulaError, OSError) as error:
            if damaged is None:
                raise
            damaged.append(f"{path.name}: {error}")
            continue
        out.append(Recording(name, windows, tuple(own)))
    return out


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
