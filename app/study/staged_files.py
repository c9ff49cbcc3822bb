"""Files that are written whole or not at all, and replace only what Insula wrote."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import ConfigError, RecordingError

__all__ = ["Wrote", "refuse_others", "staged"]

Wrote = Callable[[Path], object]
"""Takes each file that was written."""

_PASSING = (".lock",)
"""Endings of files that serve only while others are written."""


@contextlib.contextmanager
def staged(
    folder: Path, is_kept: Callable[[Path], bool] = lambda _: False, wrote: Wrote = lambda _: None
) -> Iterator[Path]:
    """Give an empty folder to write in; what is in it at the end goes to `folder`, in the place of files of its name.

    Where writing fails, `folder` is as it was before.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    is_kept : callable
        Tells of a file, relative to `folder`, that stays as it is where it exists.
    wrote : callable
        Takes each file that is there.

    Raises
    ------
    RecordingError
        The disk is full, or `folder` cannot be written.
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".insula-export-", dir=folder))
        try:
            yield draft
            for file in _settle(draft, folder, is_kept):
                wrote(file)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except BaseException as error:
        with contextlib.suppress(OSError):
            for each in made:
                each.rmdir()
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise RecordingError(
                f"Nothing was exported: {folder} cannot be written ({reason}). Free the disk, or choose another --out."
            ) from error
        raise


def refuse_others(there: Path, is_own: bool, overwrite: bool) -> None:
    """Refuse to replace a file or folder that Insula did not write, unless that is wanted.

    Raises
    ------
    ConfigError
        It was written by another program, or by a person.
    """
    if there.exists() and not is_own and not overwrite:
        raise ConfigError(
            f"{there} is there already and was not exported by Insula. Add --overwrite to replace it, or choose "
            "another --out."
        )


def _settle(draft: Path, folder: Path, is_kept: Callable[[Path], bool]) -> list[Path]:
    files = [file.relative_to(draft) for file in sorted(draft.rglob("*")) if file.is_file()]
    files = [file for file in files if file.suffix not in _PASSING]
    files = [file for file in files if not (is_kept(file) and (folder / file).exists())]
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        (draft / file).replace(folder / file)
    return [folder / file for file in files]
