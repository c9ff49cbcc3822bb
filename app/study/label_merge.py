"""Label files of one recording brought together: each answer once, by its uid, and nothing lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data import Label, Rating
from core.errors import ConfigError
from core.recording.label_reader import FIELDS, LabelReader
from core.recording.labels import RATED, LabelStore

_WITH_TIME_GIVEN = (*RATED, "given")


@dataclass(frozen=True)
class Merged:
    """What came of it."""

    answers: int
    """Rows that are new, undone and superseded ones too."""
    samples: int
    """Samples of continuous ratings that are new."""
    there: int
    """Rows that were there already."""


def merge(into: Path, others: Sequence[Path], span: tuple[float, float]) -> Merged:
    """Add what other label files of the same recording hold, in their order, to one.

    Parameters
    ----------
    into : Path
        Made if it is not there.
    others : sequence of Path
        Are only read.
    span : (float, float)
        When the recording begins and ends, s, LSL clock.

    Raises
    ------
    ConfigError
        Two files hold different answers under one uid, or a file has an answer of a time that was not recorded: it
        belongs to another recording, whose clock is another. Nothing is added.
    RecordingError
        A file cannot be read or written.
    """
    there: dict[str, Label] = {}
    if into.exists():
        with LabelReader(into) as reader:
            there = {label.uid: label for label in reader.all()}
    labels: list[Label] = []
    ratings: list[Rating] = []
    n_known = 0
    for path in others:
        with LabelReader(path, _refuse) as reader:
            for label in reader.all():
                _check(label, there.get(label.uid), path, into, span)
                n_known += label.uid in there
                if label.uid not in there:
                    there[label.uid] = label
                    labels.append(label)
            ratings += [_piece(row) for row in reader.ratings(_WITH_TIME_GIVEN)]
    with LabelStore(into) as store:
        before = len(store.ratings())
        for label in labels:
            store.add(label)
        for piece in ratings:
            store.add(piece)
        added = len(store.ratings()) - before
    return Merged(len(labels), added, n_known + len(ratings) - added)


def _check(label: Label, known: Label | None, path: Path, into: Path, span: tuple[float, float]) -> None:
    if not span[0] - 1.0 <= (label.start + label.stop) / 2 <= span[1] + 1.0:
        raise ConfigError(
            f"{path} has an answer of {label.start:.1f} s, but the recording goes from {span[0]:.1f} to "
            f"{span[1]:.1f} s: it belongs to another one. Nothing was added."
        )
    if known is not None and any(not _same(getattr(label, name), getattr(known, name)) for name in FIELDS):
        raise ConfigError(
            f"{path} and {into} have different answers under one uid, {label.uid} (of {label.annotator} and "
            f"{known.annotator}). Nothing was added."
        )


def _same(a: object, b: object) -> bool:
    return a == b or (a != a and b != b)


def _piece(row: Sequence[str | float]) -> Rating:
    """Return one sample of a rating as the piece that it is of."""
    told = dict(zip(_WITH_TIME_GIVEN, row, strict=True))
    times, values, given = (told.pop(name) for name in ("time", "value", "given"))
    return Rating(times=(times,), values=(values,), time=given, **told)  # type: ignore[arg-type]


def _refuse(text: str) -> None:
    raise ConfigError(f"{text} Nothing was added.")
