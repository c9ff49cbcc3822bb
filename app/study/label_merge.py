"""Label files of one recording brought together: each answer once, by its uid, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data import Label, Rating
from core.errors import ConfigError
from core.recording.label_reader import FIELDS, LabelReader
from core.recording.labels import RATED, LabelStore

_WITH_TIME_GIVEN = (*RATED, "given")


_ROUND_S = 2.0
"""By so much a moment may reach over the ends of its recording, as a window may."""


@dataclass(frozen=True)
class Merged:
    """What came of it."""

    answers: int
    """Rows that are new, undone and superseded ones too."""
    samples: int
    """Samples of continuous ratings that are new."""
    there: int
    """Rows that were there already."""


def check_are_of(path: Path, given: Iterable[Label | Rating], people: Sequence[str], span: tuple[float, float]) -> None:
    """Refuse answers and ratings that are not of a recording, whose clock or participants are others.

    Parameters
    ----------
    path : Path
        Where they come from, for the error.
    given : iterable of Label or Rating
    people : sequence of str
        The participants of the recording.
    span : (float, float)
        When it begins and ends, s, LSL clock.

    Raises
    ------
    ConfigError
        One is of a time that was not recorded, or of somebody else.
    """
    for one in given:
        start, stop = (one.times[0], one.times[-1]) if isinstance(one, Rating) else (one.start, one.stop)
        times = f"from {start - span[0]:.1f} to {stop - span[0]:.1f} s"
        what = f"{path} has an answer of {one.participant or 'nobody'} {times}"
        if not span[0] - _ROUND_S <= start <= stop <= span[1] + _ROUND_S:
            raise ConfigError(
                f"{what} of a recording that lasts {span[1] - span[0]:.1f} s: it is of another one. Nothing was added."
            )
        if one.participant not in people:
            raise ConfigError(f"{what}, but the recording is of {', '.join(people)}. Nothing was added.")


def merge(into: Path, others: Sequence[Path], people: Sequence[str], span: tuple[float, float]) -> Merged:
    """Add what other label files of the same recording hold, in their order, to one.

    Parameters
    ----------
    into : Path
        Made if it is not there.
    others : sequence of Path
        Are only read.
    people : sequence of str
        The participants of the recording.
    span : (float, float)
        When the recording begins and ends, s, LSL clock.

    Raises
    ------
    ConfigError
        Two files hold different answers under one uid, or a file has an answer that is not of this recording; see
        `check_are_of`. Nothing is added.
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
                check_are_of(path, (label,), people, span)
                _check(label, there.get(label.uid), path, into)
                n_known += label.uid in there
                if label.uid not in there:
                    there[label.uid] = label
                    labels.append(label)
            pieces = [_piece(row) for row in reader.ratings(_WITH_TIME_GIVEN)]
            check_are_of(path, pieces, people, span)
            ratings += pieces
    with LabelStore(into) as store:
        before = len(store.ratings())
        for label in labels:
            store.add(label)
        for piece in ratings:
            store.add(piece)
        added = len(store.ratings()) - before
    return Merged(len(labels), added, n_known + len(ratings) - added)


def _check(label: Label, known: Label | None, path: Path, into: Path) -> None:
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
