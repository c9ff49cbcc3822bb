"""``insula export``: a recording in the formats of other tools."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.session.configuration import configuration, existing
from app.study.export_mne import read_eeg, write_bids, write_fif
from app.study.export_tables import write_tables
from app.study.staged_files import Wrote
from core.config import Config
from core.errors import FileFormatError
from core.recording.session import Session


def run(args: argparse.Namespace) -> int:
    """Write the recording as BIDS, as tables, or as an MNE file, and say where it is and what is not in it."""
    path = existing(args.recording)
    config = configuration(args)
    out = Path(args.out) if args.out else None
    to = {"bids": to_bids, "tsv": to_tsv, "fif": to_fif}[args.to]
    written: list[Path] = []
    place = to(path, config, out, args.overwrite, args.person or "", written.append)
    folder = place if place.is_dir() else place.parent
    files = (f"  {file.relative_to(folder)}" for file in written if file != place)
    sys.stdout.write("".join(f"{line}\n" for line in (place, *files)))
    return 0


def to_tsv(
    path: Path,
    config: Config,
    out: Path | None,
    overwrite: bool = False,
    person: str = "",
    wrote: Wrote = lambda _: None,
) -> Path:
    """Write predictions, labels, faces, ratings and markers of all people as tables, and return their folder.

    It is one of the recording's own: the next run of a session lies beside it and has tables of the same names.
    """
    folder = out or _beside(path) / f"{_stem(path)}_tables"
    return write_tables(
        path, config, folder, overwrite, is_own=out is None, tell=lambda text: _say((text,)), wrote=wrote
    )


def to_fif(
    path: Path,
    config: Config,
    out: Path | None,
    overwrite: bool = False,
    person: str = "",
    wrote: Wrote = lambda _: None,
) -> Path:
    """Write the EEG with gaps, markers and labels as annotations, and return the file."""
    exported = read_eeg(path, config, person)
    _say(exported.left_out)
    name = f"{_stem(path)}_{person}_raw.fif" if person else f"{_stem(path)}_raw.fif"
    return write_fif(exported, (out or _beside(path)) / name, overwrite, wrote)


def to_bids(
    path: Path,
    config: Config,
    out: Path | None,
    overwrite: bool = False,
    person: str = "",
    wrote: Wrote = lambda _: None,
) -> Path:
    """Write the EEG as BrainVision in a BIDS data set, and return its folder."""
    session = Session.open(path)
    exported = read_eeg(path, config, person, as_misc=False)
    _say(exported.left_out)
    root = out or session.folder.parents[2]
    return write_bids(exported, session, root, config, overwrite, lambda text: _say((text,)), wrote)


def _say(sentences: tuple[str, ...]) -> None:
    sys.stderr.write("".join(f"! {sentence}\n" for sentence in sentences))


def _beside(path: Path) -> Path:
    try:
        return Session.open(path).xdf.parent
    except FileFormatError:
        return path.parent


def _stem(path: Path) -> str:
    try:
        return Session.open(path).stem
    except FileFormatError:
        return path.stem
