"""Looks at a study again and again, on a thread of its own: a large one takes longer than a window may stand still."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.study.sessions import SessionCache, SessionRow, learnt_models

_LOOK_S = 2.0


@dataclass(frozen=True)
class StudySeen:
    """What a study held when it was looked at."""

    study: Path
    exists: bool
    is_new: bool
    """The folder is not there but the one above it is, and no look has ever found it: nobody has recorded here yet."""
    rows: tuple[SessionRow, ...]
    """The newest first."""
    models: dict[str, list[Path]]
    """By participant, those that learnt from them."""


class StudyWatch:
    """Knows what a study holds; what has not changed is not read again.

    Parameters
    ----------
    study
        Its folder; `turn_to` another one.
    """

    def __init__(self, study: Path) -> None:
        self.seen: StudySeen | None = None
        """The newest look, a new value where something has changed; None before the first."""
        self.problem = ""
        """Why the last look came to nothing."""
        self._study = study
        self._found: set[Path] = set()
        self._cache = SessionCache()
        self._leaving = threading.Event()
        self._again = threading.Event()
        self._thread = threading.Thread(target=self._work, name="study")  # noqa: TID251

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving.set()
        self._again.set()
        if self._thread.ident is not None:
            self._thread.join()

    def turn_to(self, study: Path) -> None:
        """Look at another study from now on."""
        self._study = study
        self._again.set()

    def again(self) -> None:
        """Look again now."""
        self._again.set()

    def look(self) -> StudySeen:
        """Look now, on this thread, and return what there is; the same value as before where nothing has changed."""
        study = self._study
        exists = study.is_dir()
        if exists:
            self._found.add(study)
        is_new = not exists and study not in self._found and study.parent.is_dir()
        seen = StudySeen(study, exists, is_new, self._cache.rows(study), learnt_models(study))
        if seen != self.seen:
            self.seen = seen
        assert self.seen is not None
        return self.seen

    def _work(self) -> None:
        while not self._leaving.is_set():
            try:
                self.look()
                self.problem = ""
            except Exception as error:  # such as a folder without rights; it is looked for again
                self.problem = str(error)
            self._again.wait(_LOOK_S)
            self._again.clear()
