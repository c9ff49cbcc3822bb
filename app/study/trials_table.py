"""``trials.tsv`` as people write it: what can only be meant in one way is taken, everything else told with its line."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.study.rating_scale import UNIT, Scale
from core.errors import TableError
from core.files import no_pipe

__all__ = ["ROUNDED_S", "Trial", "check_apart", "read_trials"]

_NEEDED = ("participant", "file", "start", "stop", "label")
RATED = ("valence", "arousal", "dominance", "liking", "familiarity", "control", "predictability")
"""Scales that are checked whether or not they are learnt; another column is a scale once it is asked for."""
_FILM = ("video", "video_offset", "video_fps")
_WORDS = ("stimulus", "group", "scale", "continuous")
_LONGEST = 10_000
"""Letters of a cell; a longer one is no word of a person."""
_NOTHING = {"", "n/a", "na", "nan"}
_ZEROS_BEFORE = re.compile(r"(?<![\d.])0+(?=\d)")
_WHOLE = re.compile(r"\d+\.0+")
ROUNDED_S = 1.0
"""By so much trials may reach over each other, and over the ends of their file: people round."""
_LINE_END = re.compile("\r\n|\r|\n")
_UNSEEN = "\ufeff\u200b\u200e\u200f\x00"
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_SAVE = (
    "Save it as UTF-8 with tabs between the columns: in LibreOffice as Text CSV, in Excel as CSV UTF-8, where tabs are "
    "then put in place of the commas."
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One labelled stretch of a file."""

    line: int
    """Of the table, from 1."""
    participant: str
    file: str
    start: float
    """s of the file."""
    stop: float
    label: str
    """``""`` where only ratings were given."""
    valence: float
    """-1 to 1; NaN where it was not rated."""
    arousal: float
    video: str = ""
    """File with the face; ``""``: none."""
    video_offset: float = 0.0
    """s of the video at the EEG file's first sample; negative where the video begins later."""
    video_fps: float = 0.0
    """Pictures in a second where the video file lies about it, Hz; 0: the file's own times hold."""
    stimulus: str = ""
    """What was shown, the same for everyone who saw it."""
    group: str = ""
    """What may not be parted by a split, such as people who sat together."""
    scale: Scale = UNIT
    """From where to where ratings run as they stand in the table."""
    continuous: str = ""
    """File of samples of ratings, see `app.study.rating_samples`."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Cells of the other columns, by the column's name in small letters."""

    def rated(self, table: Path, name: str) -> float:
        """Return a rating, -1 to 1; NaN where it was not given.

        Raises
        ------
        TableError
            The cell is no number, or lies outside of the scale.
        """
        if name in ("valence", "arousal"):
            return self.valence if name == "valence" else self.arousal
        return _rating(f"{table}, line {self.line}", name, self.others.get(name, ""), self.scale)


def read_trials(table: Path) -> list[Trial]:
    """Return the rows of a table of trials.

    A byte-order mark, spaces round a cell, quotes, empty lines and ``n/a`` are what programs and people write, and are
    passed over: ``S2`` with a space behind it is no other person.

    Raises
    ------
    TableError
        It is no UTF-8, or has no such columns, or a row cannot be read: with its line, and what to do.
    """
    lines = _lines(table)
    names = [name.lower() for name in _cells(lines[0])]
    if missing := [name for name in _NEEDED if name not in names]:
        raise TableError(
            f"{table} lacks the columns {', '.join(missing)}; it has {', '.join(names)[:200]}. The columns are "
            "separated by tabs."
        )
    if twice := [name for name in names if name and names.count(name) > 1]:
        raise TableError(f"{table} has two columns {twice[0]}. Leave one.")
    rows = [(number, cells) for number, line in enumerate(lines[1:], start=2) if any(cells := _cells(line))]
    trials = [_trial(table, number, names, cells) for number, cells in rows]
    for what in ("participant", "label", "stimulus", "group"):
        _check_alike(table, what, ((getattr(trial, what), trial.line) for trial in trials))
    if any(trial.label for trial in trials):
        _check_no_label(
            table, ((number, cells[at]) for number, cells in rows if len(cells) > (at := names.index("label")))
        )
    trials = _in_one_spelling(table, trials)
    _check_whose(table, trials)
    return trials


def _lines(table: Path) -> Sequence[str]:
    try:
        content = no_pipe(table).read_bytes()
    except OSError as error:
        raise TableError(f"{table} cannot be read: {error.strerror}.") from error
    coding = _MARKS.get(content[:2], "UTF-16" if b"\0" in content[:200] else "")
    if coding:
        raise TableError(f"{table} is written in {coding}. {_SAVE}")
    try:
        return _LINE_END.split(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TableError(f"{table}, line {line}: it is not written in UTF-8 but perhaps in Latin-1. {_SAVE}") from error


def _cells(line: str) -> list[str]:
    return [_cell(cell) for cell in line.split("\t")]


def _cell(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip().strip(_UNSEEN).strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('""', '"').strip()
    return text


def _trial(table: Path, line: int, names: Sequence[str], cells: Sequence[str]) -> Trial:
    where = f"{table}, line {line}"
    if any(cells[len(names) :]) or max(map(len, cells)) > _LONGEST:
        raise TableError(f"{where}: it has more in it than the columns hold. Is a line end or a tab missing?")
    row = dict(zip(names, cells, strict=False))
    for name in ("participant", "file"):
        if row.get(name, "").lower() in _NOTHING:
            raise TableError(f"{where}: it has no {name}.")
    start, stop = (_number(where, name, row.get(name, "")) for name in ("start", "stop"))
    if not start < stop:
        raise TableError(f"{where}: it goes from {start:g} to {stop:g} s. Its stop must come after its start.")
    cell = {name: "" if text.lower() in _NOTHING else text for name, text in row.items()}
    scale = Scale.read(where, cell.get("scale", ""))
    rated = {name: _rating(where, name, cell.get(name, ""), scale) for name in RATED}
    offset, fps = (_number(where, name, cell.get(name, ""), may_lack=True) for name in _FILM[1:])
    if fps <= 0.0:
        raise TableError(f"{where}: video_fps is {fps:g}. Give pictures in a second, or nothing where the file tells.")
    known = (*_NEEDED, *_FILM, *_WORDS, "valence", "arousal", "")
    return Trial(
        line, row["participant"], row["file"], start, stop, cell.get("label", ""), rated["valence"], rated["arousal"],
        cell.get("video", ""), 0.0 if math.isnan(offset) else offset, 0.0 if math.isnan(fps) else fps,
        cell.get("stimulus", ""), cell.get("group", ""), scale, cell.get("continuous", ""),
        {name: text for name, text in cell.items() if name not in known},
    )  # fmt: skip


def _rating(where: str, name: str, text: str, scale: Scale) -> float:
    return scale.mapped(where, name, _number(where, name, text, may_lack=True))


def _number(where: str, name: str, text: str, may_lack: bool = False) -> float:
    if may_lack and text.lower() in _NOTHING:
        return math.nan
    try:
        value = float(text) if "_" not in text else math.nan  # Python alone takes 1_0 for 10
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        comma = " Write decimals with a point." if "," in text else ""
        raise TableError(f"{where}: {name} is {text[:40]!r}, which is no number.{comma}")
    return value


def _check_alike(table: Path, what: str, found: Iterable[tuple[str, int]]) -> None:
    """Refuse two names that differ as one does that is typed twice: a person would be taught on and tested on as two.

    By capitals, by kinds and numbers of spaces, and by zeros that spreadsheets take away (``01``) or put (``1.0``).
    """
    seen: dict[str, tuple[str, int]] = {}
    for name, line in found:
        first, where = seen.setdefault(_bare(name), (name, line))
        if first != name:
            raise TableError(
                f"{table}, line {line}: the {what} {name!r} is {first!r} in line {where}. Write it in one way; two of "
                "them need names that differ in more than capitals, spaces and zeros."
            )


def _bare(name: str) -> str:
    text = " ".join(name.casefold().split())
    return _ZEROS_BEFORE.sub("", text.rstrip("0").rstrip(".") if _WHOLE.fullmatch(text) else text)


def _check_no_label(table: Path, found: Iterable[tuple[int, str]]) -> None:
    """Refuse the label ``NA`` among others: R writes it for none, people for negative affect."""
    for line, label in found:
        if label.lower() == "na":
            raise TableError(
                f"{table}, line {line}: the label {label!r} may be none, or a class that is called so. Leave it empty "
                "where there is none, or give the class another name."
            )


def _in_one_spelling(table: Path, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials with each file and film by the name that it has first: by two it would be read as two."""
    first: dict[object, str] = {}

    def spelt(name: str) -> str:
        return first.setdefault(_identity(table.parent / name), name) if name else name

    return [replace(trial, file=spelt(trial.file), video=spelt(trial.video)) for trial in trials]


def _identity(path: Path) -> object:
    """Return what two names of one file have in common."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return path
    return (stat.st_dev, stat.st_ino) if stat.st_ino else path.resolve()


def _check_whose(table: Path, trials: Iterable[Trial]) -> None:
    """Refuse a file, or a film, that is two people's: both would be taught and tested on the same EEG, or face."""
    seen: dict[str, Trial] = {}
    for trial in trials:
        for name, what in ((trial.file, "EEG"), (trial.video, "face")):
            first = seen.setdefault(name, trial)
            if name and first.participant != trial.participant:
                raise TableError(
                    f"{table}, line {trial.line}: {name} is of {trial.participant} here and of {first.participant} in "
                    f"line {first.line}. A file holds one person's {what}: give each their own."
                )


def check_apart(table: Path, trials: Iterable[Trial]) -> None:
    """Refuse trials that lie over each other: one of the two would count, and the other not be missed."""
    before: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda trial: (trial.start, trial.line)):
        last = before.get(trial.file)
        if last is not None and min(last.stop, trial.stop) - trial.start > ROUNDED_S:
            later, other = (trial, last) if trial.line > last.line else (last, trial)
            raise TableError(
                f"{table}, line {later.line}: it goes from {later.start:g} to {later.stop:g} s, and line {other.line} "
                f"from {other.start:g} to {other.stop:g} s of the same file. Only one row may tell of a moment: mend "
                "the times, or delete one."
            )
        if last is None or trial.stop > last.stop:
            before[trial.file] = trial
