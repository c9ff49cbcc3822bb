"""The folder of a session: where each file of a run lies, and ``session.json``, which says what the run was."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import RecordConfig
from core.errors import ConfigError, FileFormatError, RecordingError
from core.files import make_folder, no_pipe, private, write_whole
from core.reading import json_file

MODELS = "models"
"""The folder of a study in which what was learnt from its sessions lies."""
_PART = re.compile(r"[A-Za-z0-9]+")
_MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one session, named as LabRecorder does: ``sub-P001_ses-01_task-live_run-001_eeg.xdf``.

    Several runs share the session's folder, so each file carries the run in its name.
    """

    folder: Path
    """``STUDY/sourcedata/sub-P001/ses-01``."""
    stem: str
    """``sub-P001_ses-01_task-live_run-001``."""

    @classmethod
    def create(cls, record: RecordConfig) -> Session:
        """Make the folder and take the next free run; two programs that do so at once get different runs.

        Raises
        ------
        ConfigError
            Participant, session, task or acquisition are not letters and digits, as BIDS wants them.
        RecordingError
            The folder cannot be made or written.
        """
        folder, head = cls._place(record)
        try:
            for part in ("eeg", "beh"):
                make_folder(folder / part)
            return cls._claim(folder, head)
        except OSError as error:
            raise RecordingError(f"Cannot record in {folder}: {error.strerror}. Choose another --study.") from error

    @classmethod
    def next_run(cls, record: RecordConfig) -> Session:
        """Return the run that `create` would take now, without making anything.

        Raises
        ------
        ConfigError
            The names are not letters and digits.
        """
        folder, head = cls._place(record)
        return next((run for run in cls._runs(folder, head) if not run._is_taken()), cls(folder, head))

    @staticmethod
    def names_well(value: str) -> bool:
        """Return whether BIDS takes `value` for the name of a participant, session, task or acquisition."""
        return _PART.fullmatch(value) is not None

    @classmethod
    def _place(cls, record: RecordConfig) -> tuple[Path, str]:
        names = {name: getattr(record, name) for name in ("participant", "session", "task", "acquisition")}
        for name, value in names.items():
            if not cls.names_well(value) and (value or name != "acquisition"):
                raise ConfigError(f"record.{name} is {value!r}. BIDS wants letters and digits alone, such as P001.")
        folder = Path(record.study) / "sourcedata" / f"sub-{record.participant}" / f"ses-{record.session}"
        acquisition = f"_acq-{record.acquisition}" if record.acquisition else ""
        return folder, f"sub-{record.participant}_ses-{record.session}_task-{record.task}{acquisition}"

    @classmethod
    def _runs(cls, folder: Path, head: str) -> Iterator[Session]:
        return (cls(folder, f"{head}_run-{run:03d}") for run in range(1, _MOST_RUNS))

    def _is_taken(self) -> bool:
        return any(any(self.folder.glob(f"{place}{self.stem}_*")) for place in ("", "eeg/", "beh/"))

    @classmethod
    def _claim(cls, folder: Path, head: str) -> Session:
        for session in cls._runs(folder, head):
            if session._is_taken():
                continue
            try:
                # Exclusive creation is what makes the run ours: it fails if another program was quicker. It is of a
                # file of its own, so that whoever is killed at once leaves no session.json that says nothing.
                os.close(os.open(session._claim_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                continue
            if session.json.exists():  # another program took the run and has described it in between
                session._claim_file.unlink()
                continue
            return session
        raise RecordingError(f"{folder} already has {_MOST_RUNS - 1} runs of {head}. Choose another --session.")

    @classmethod
    def described_by(cls, json: Path) -> Session:
        """Return the run whose ``_session.json`` this is."""
        return cls(json.parent, json.name.removesuffix("_session.json"))

    @classmethod
    def open(cls, path: Path) -> Session:
        """Return the run that a path means: its XDF, its JSON, its video, or a folder that holds just one run.

        Raises
        ------
        FileFormatError
            There is no run of Insula's, or more than one.
        """
        if path.is_file():
            stem = path.name
            for ending in ("_eeg.xdf", "_session.json", "_labels.sqlite", "_recording-face_video.mkv"):
                stem = stem.removesuffix(ending)
            session = cls(path.parent.parent if path.parent.name in ("eeg", "beh") else path.parent, stem)
            if not session.json.exists():
                raise FileFormatError(f"{path} is not part of a session that Insula recorded.")
            return session
        found = sorted(path.rglob("*_session.json"))
        if len(found) != 1:
            names = ", ".join(str(each.relative_to(path)) for each in found[:5]) or "none"
            raise FileFormatError(f"{path} must hold one recorded run, but has {names}. Name the run's .xdf file.")
        return cls.open(found[0])

    @property
    def study(self) -> Path | None:
        """The folder of its study, None if it lies in none."""
        parts = self.folder.absolute().parents
        return parts[2] if len(parts) > 2 and parts[1].name == "sourcedata" else None

    @property
    def xdf(self) -> Path:
        """Streams, predictions and events."""
        return self.folder / "eeg" / f"{self.stem}_eeg.xdf"

    @property
    def video(self) -> Path:
        """The face of the first participant; see `video_of` for others."""
        return self.video_of(0)

    def video_of(self, number: int) -> Path:
        """Return the video file of camera `number`, from 0."""
        name = "face" if number == 0 else f"face{number + 1}"
        return self.folder / "beh" / f"{self.stem}_recording-{name}_video.mkv"

    @property
    def json(self) -> Path:
        """What the run was."""
        return self.folder / f"{self.stem}_session.json"

    @property
    def _claim_file(self) -> Path:
        """What says that the run is taken, until ``session.json`` does."""
        return self.folder / f"{self.stem}_session.claim"

    @property
    def labels(self) -> Path:
        """The labels given for it."""
        return self.folder / f"{self.stem}_labels.sqlite"

    @property
    def log(self) -> Path:
        """What went wrong while it was recorded or labelled, if anything did."""
        return self.folder / f"{self.stem}_insula.log"

    def describe(self, about: dict[str, Any]) -> None:
        """Write ``session.json``: whole or not at all."""
        try:
            write_whole(self.json, json.dumps(about, indent=2, ensure_ascii=False) + "\n", private)
            self._claim_file.unlink(missing_ok=True)
        except OSError as error:
            raise RecordingError(f"{self.json} cannot be written: {error.strerror}.") from error

    def about(self) -> dict[str, Any]:
        """Return what ``session.json`` says; empty if the run was killed before it was written.

        Raises
        ------
        FileFormatError
            It is damaged. Nothing that was recorded hangs on it.
        """
        if not self.json.exists() or (self.json.is_file() and not self.json.stat().st_size):
            return {}
        return json_file(no_pipe(self.json), dict[str, Any])


def models_beside(path: Path) -> Path | None:
    """Return the folder of models of the study that a recording lies in; None if it lies in none."""
    with contextlib.suppress(FileFormatError):
        study = Session.open(path).study
        return None if study is None else study / MODELS
    return None
