"""Where what was computed of a data set is kept: `derivatives/insula` beside its table, with the person in the name.

`insula erase` finds it by that name.
"""

from __future__ import annotations

from pathlib import Path

from core.whose import file_part
from training.loop import Report

FOLDER = Path("derivatives") / "insula"


class Derivatives:
    """The folder of a data set for what was computed of it.

    Parameters
    ----------
    root : Path
        Of the data set.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    @classmethod
    def of(cls, root: Path, report: Report) -> Derivatives | None:
        """Return the folder of a data set, made if need be; None, told, where it may not be written."""
        made = cls(root)
        try:
            made._folder.mkdir(parents=True, exist_ok=True)
            (made._folder / ".gitignore").write_text("*\n", encoding="utf-8")
        except OSError as error:
            report(f"Nothing is kept for the next time: {made._folder} cannot be written ({error.strerror}).")
            return None
        return made

    def path(self, participant: str, name: str) -> Path:
        """Return the path of a file of a participant."""
        return self._folder / f"sub-{file_part(participant)}_{name}"
