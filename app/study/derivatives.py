"""Where what was computed of recordings is kept: `derivatives/insula` of the data set or study, the person in the name.

`insula erase` finds it by that name. All of it can be made again, so the folder may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from app.study.file_state import FileState, file_state
from core.errors import FileFormatError
from core.files import make_folder, private, write_whole
from core.reading import json_file
from core.whose import file_part
from training.loop import Report

FOLDER = Path("derivatives") / "insula"
STATES = "files.json"
"""In which state files were when they were last read, so that none is read whole again for having been touched."""
N_KEPT = 3
"""Files of one kind, person and recording that are kept, those used last: windows under so many settings, say."""
_READS = ("insula.sources", "insula.encoders")
"""Entry points of packages that read files, or make of a stream the numbers that a window holds."""
_LETTERS = 16
DAMAGED = (OSError, ValueError, LookupError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What comes of bytes in a file of arrays that are not what they should be; all that is kept can be made again."""


class Derivatives:
    """The folder of a data set or study for what was computed of it.

    Parameters
    ----------
    root : Path
        Of the data set, or the study.
    report : callable
        Hears what cannot be kept.
    """

    def __init__(self, root: Path, report: Report) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._report = report

    @classmethod
    def of(cls, root: Path, report: Report) -> Derivatives | None:
        """Return the folder of a data set, made if need be; None, told, where it may not be written."""
        made = cls(root, report)
        try:
            make_folder(made._folder)
            (made._folder / ".gitignore").write_text(f"*.npz\n{STATES}\n", encoding="utf-8")
        except OSError as error:
            made._tell(error)
            return None
        return made

    def place(self, path: Path) -> str:
        """Return where a file lies, from the root on if it lies below: the same from wherever a command is given."""
        whole, root = path.resolve(), self._root.resolve()
        return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole)

    def state(self, path: Path) -> list[str | int]:
        """Return what tells a file from what it was before, or from another one: place, size, content."""
        (state,) = self.file_states([(path, None)])
        return [self.place(path), state.size, state.digest]

    def file_states(self, files: Iterable[tuple[Path, FileState | None]]) -> list[FileState]:
        """Return what tells files from what they were; their content is read once, and again where size or time differ.

        With each stands what was noted of it elsewhere, if anything was, for where nothing can be kept.
        """
        found, is_new = [], False
        for path, elsewhere in files:
            # A person's name may stand in a path.
            name = hashlib.sha256(self.place(path).encode()).hexdigest()[:_LETTERS]
            known = self._states.get(name)
            found.append(file_state(path, known or (elsewhere if elsewhere is not None and elsewhere.digest else None)))
            is_new |= found[-1] != known
            self._states[name] = found[-1]
        if is_new:
            self._note_states()
        return found

    @cached_property
    def _states(self) -> dict[str, FileState]:
        """What was noted of files, by their places."""
        try:
            noted = json_file(self._folder / STATES, dict[str, str])
        except FileFormatError:
            return {}
        found = {name: FileState.of_words(words) for name, words in noted.items()}
        return {name: state for name, state in found.items() if state is not None}

    def _note_states(self) -> None:
        if not self._folder.is_dir():
            return
        noted = {name: state.words for name, state in self._states.items()}
        with contextlib.suppress(OSError):
            write_whole(self._folder / STATES, json.dumps(noted, indent=1), private)

    def path(self, participant: str, kind: str, of: Any, hangs_on: Any) -> Path:
        """Return the path of a file of a participant.

        Parameters
        ----------
        participant : str
        kind : str
            Such as ``windows``.
        of : JSON
            Which recording it was computed of.
        hangs_on : JSON
            All else that decides what is in it.
        """
        return self._folder / f"sub-{file_part(participant)}_{_ending(kind, of, hangs_on)}"

    def of_everyone(self, kind: str, of: Any, hangs_on: Any) -> list[Path]:
        """Return the paths of the files of all participants that are there."""
        return sorted(self._folder.glob(f"sub-*_{_ending(kind, of, hangs_on)}"))

    def keep(self, path: Path, write: Callable[[Path], object]) -> None:
        """Write a file; the others of its kind and recording go that were not used for longest, see `N_KEPT`.

        That it cannot be written is told, and nothing more comes of it.
        """
        try:
            write(path)
        except OSError as error:
            self._tell(error)
            return
        alike = f"{glob.escape(path.name[: -len('.npz') - _LETTERS])}{'?' * _LETTERS}.npz"
        with contextlib.suppress(OSError):  # another process may tidy up as well
            for old in sorted(self._folder.glob(alike), key=_when_used, reverse=True)[N_KEPT:]:
                old.unlink(missing_ok=True)

    @staticmethod
    def used(path: Path) -> None:
        """Say that a file was of use just now."""
        with contextlib.suppress(OSError):
            os.utime(path)

    def _tell(self, error: OSError) -> None:
        self._report(f"Nothing is kept for the next time: {self._folder} cannot be written ({error.strerror}).")


@cache
def made_by() -> str:
    """Return what windows were cut by: a hash of Insula's code that reads files and cuts, and of packages that may.

    Whatever else that code is tomorrow, it reads anew; so nobody has to remember to count a version.
    """
    found = hashlib.sha256()
    home = Path(__file__).parents[2]
    for room in (home / "core", home / "acquisition", home / "app" / "session", Path(__file__).parent):
        for path in sorted(room.rglob("*.py")):
            found.update(path.read_bytes())
    points = (one for group in _READS for one in metadata.entry_points(group=group))
    others = {one.dist.name for one in points if one.dist is not None}
    for name in sorted({"insula", "mne", "scipy", *others}):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.update(f"{name} {metadata.version(name)}".encode())
    return found.hexdigest()


def _ending(kind: str, of: Any, hangs_on: Any) -> str:
    return f"{kind}-{_short(of)[:8]}-{_short(hangs_on)}.npz"


def _short(told: Any) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:_LETTERS]


def _when_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
