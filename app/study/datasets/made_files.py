"""EEG that is kept in arrays, written once as FIF files beside the table; and what is left out, with why."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import FileFormatError
from training.loop import Report

FOLDER = "eeg"
Trial = TypeVar("Trial")
GAP_S = 5.0
"""Between pieces that were cut out of a recording."""
_MADE = "insula import "
NOT_AS_TOLD = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, csv.Error)
"""What comes of reading a file that holds something else than it should: a text for a number, a rate of 0."""
_PAUSE = "BAD_ACQ_SKIP"
"""MNE's own word, which `acquisition.mne_signals` takes for a gap."""


def not_as_told(error: Exception) -> str:
    """Return in words what an error of `NOT_AS_TOLD` says; one of a missing name says the name alone."""
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)


class Made:
    """The files of a study that an import writes.

    Parameters
    ----------
    study : Path
    report : callable
        Gets lines of progress.
    """

    def __init__(self, study: Path, report: Report) -> None:
        self.study = study
        self.report = report
        self.skipped: list[tuple[str, str]] = []
        """(what, why) of all that is left out."""

    def skip(self, what: str, why: str) -> None:
        """Know that something is left out."""
        self.skipped.append((what, why))

    def attempt(self, what: str, trials: Iterable[Trial]) -> list[Trial]:
        """Return some trials, none if their files are not what they should be: that is left out, with why.

        One bad file of many is then told and costs itself alone; where all are bad the import says so and ends.
        """
        try:
            return list(trials)
        except FileFormatError as error:
            self.skip(what, str(error))
        except NOT_AS_TOLD as error:
            self.skip(what, f"it does not hold what this data set's files do: {not_as_told(error)}")
        return []

    def path(self, name: str) -> Path:
        """Return the path of a file beside the table's EEG, in a folder that is there."""
        folder = self.study / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def eeg(
        self, name: str, source: Path, ch_names: Sequence[str], sfreq: float, pieces: Sequence[NDArray[Any]]
    ) -> tuple[Path, list[tuple[float, float]]]:
        """Return a FIF file with pieces of EEG, and where each begins and ends in it, s.

        It is written if it is not there, or made of something else. Between two pieces the recording is marked as
        paused, so that no filter and no window reaches over a seam.

        Parameters
        ----------
        name : str
            Of the file, which begins with ``sub-`` and the participant, without ending.
        source : Path
            What it is made of.
        ch_names : sequence of str
        sfreq : float
            Hz.
        pieces : sequence of array of shape (n_chans, n_times)
            µV, in order of time.
        """
        path = self.path(f"{name}_eeg.fif")
        gap = round(GAP_S * sfreq)
        spans, at = [], 0
        for piece in pieces:
            if piece.ndim != 2 or len(piece) != len(ch_names):
                raise FileFormatError(f"{source}: {piece.shape} is not {len(ch_names)} channels over time.")
            check(source, np.isfinite(piece).all(), "it has samples that are no numbers")
            spans.append((at, at + piece.shape[1]))
            at += piece.shape[1] + gap
        state = _state(source, name, spans)
        if not path.exists() or _made_of(path) != state:
            _write(path, state, ch_names, sfreq, pieces, spans)
        return path, [(start / sfreq, stop / sfreq) for start, stop in spans]


def _write(
    path: Path,
    state: str,
    ch_names: Sequence[str],
    sfreq: float,
    pieces: Sequence[NDArray[Any]],
    spans: Sequence[tuple[int, int]],
) -> None:
    import mne

    data = np.zeros((len(ch_names), spans[-1][1]))
    for piece, (start, stop) in zip(pieces, spans, strict=True):
        data[:, start:stop] = piece
    info = mne.create_info(list(ch_names), sfreq, "eeg", verbose="error")
    info["description"] = _MADE + state
    raw = mne.io.RawArray(1e-6 * data, info, verbose="error")
    pauses = [(stop / sfreq, (start - stop) / sfreq) for (_, stop), (start, _) in pairwise(spans)]
    if pauses:
        onset, duration = zip(*pauses, strict=True)
        raw.set_annotations(mne.Annotations(onset, duration, _PAUSE), verbose="error")
    raw.save(path, overwrite=True, verbose="error")


def check(source: Path, holds: bool | np.bool_, otherwise: str) -> None:
    """Raise what tells a wrong copy from a right one.

    Raises
    ------
    FileFormatError
        `holds` is not true; `otherwise` says what is so instead.
    """
    if not holds:
        raise FileFormatError(f"{source}: {otherwise}. Is it a whole copy of this data set, as it is distributed?")


def check_ratings(source: Path, ratings: Any, low: float, high: float, what: str) -> None:
    """Raise if ratings lie outside of their scale; NaN is passed over."""
    known = np.asarray(ratings, np.float64)
    known = known[np.isfinite(known)]
    inside = bool(((known >= low) & (known <= high)).all())
    found = f"{known.min():g} to {known.max():g}" if len(known) else "none"
    check(source, inside, f"{what} runs from {found} and not within {low:g} to {high:g}")


def numbered(
    folder: Path, patterns: Sequence[str], what: str, is_one: Callable[[Path], bool] | None = None
) -> list[Path]:
    """Return the files that any of the patterns finds at any depth, in the order of their names, each name once.

    Of files of the same name in several folders the first is taken, or the first that `is_one` says is such a file.

    Raises
    ------
    FileFormatError
        There is none.
    """
    found: dict[str, Path] = {}
    for pattern in patterns:
        for path in sorted(folder.rglob(pattern)):
            if not path.is_file() or path.name.startswith("."):
                continue
            first = found.setdefault(path.name, path)
            if first != path and is_one is not None and not is_one(first) and is_one(path):
                found[path.name] = path
    if not found:
        raise FileFormatError(f"{folder} has no {what} ({', '.join(patterns)}). Give the folder of the data set.")
    return [found[name] for name in sorted(found)]


def _state(source: Path, name: str, spans: Sequence[tuple[int, int]]) -> str:
    stat = source.stat()
    told = f"{source.resolve()} {stat.st_size} {stat.st_mtime_ns} {name} {spans}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _made_of(path: Path) -> str:
    import mne

    try:
        description = str(mne.io.read_info(path, verbose="error")["description"] or "")
    except Exception:  # whatever MNE raises of a file that was cut short
        return ""
    return description.removeprefix(_MADE)
