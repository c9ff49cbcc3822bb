"""A participant's neutral face from session to session of a study, for each camera, where pictures may be kept.

It lies in the participant's own folder, beside the sessions: names mean the same person within a study alone, and what
erases a participant erases it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.assets import asset_path
from core.config import FaceConfig
from core.data import Event, NeutralFace, StreamInfo
from core.errors import FileFormatError
from core.face_reading import reading_of
from core.files import make_folder, private, write_whole
from core.reading import json_file


class NeutralKeeper:
    """Keeps what is read of a participant's neutral face, and gives it back; an outlet of the engine.

    Parameters
    ----------
    study : Path
    config : FaceConfig
        How faces are read: what was read otherwise is not taken up.
    """

    def __init__(self, study: Path, config: FaceConfig) -> None:
        self._study = study
        self._reading = reading_of(config)
        self.cameras: dict[str, str] = {}
        """Each participant's camera."""

    def know(self, infos: Iterable[StreamInfo]) -> None:
        """Take the streams of the session."""
        self.cameras |= {info.participant: info.source_id or info.name for info in infos if info.kind == "video"}

    def push(self, event: Event) -> None:
        """Keep a neutral face that was read in this session."""
        if isinstance(event, NeutralFace) and event.blendshapes and not event.kept_from:
            kept = dataclasses.replace(event, kept_from=datetime.now(UTC).isoformat(timespec="seconds"))
            with suppress(OSError):  # it is a convenience: the session has it all the same
                path = self._path(event.participant)
                make_folder(path.parent)
                write_whole(path, json.dumps(dataclasses.asdict(kept)), private)

    def kept(self, participant: str, now: float) -> NeutralFace | None:
        """Return what is kept of a participant and the camera, as taken up at `now`; None if there is nothing."""
        if participant not in self.cameras:
            return None
        try:
            found = json_file(self._path(participant), NeutralFace)
        except FileFormatError:
            return None
        return dataclasses.replace(found, participant=participant, start=now, stop=now)

    def _path(self, participant: str) -> Path:
        which = json.dumps([self.cameras.get(participant, ""), self._reading])
        name = f"sub-{participant}_neutral-face-{hashlib.sha256(which.encode()).hexdigest()[:16]}.json"
        return self._study / "sourcedata" / f"sub-{participant}" / name


def give_kept(
    people: Sequence[str],
    find: Callable[[str, float], NeutralFace | None],
    now: float,
    put: Callable[[NeutralFace], None],
) -> None:
    """Give the engine what is known of the participants' neutral faces before the session."""
    for person in people:
        if (face := find(person, now)) is not None:
            put(face)


def simulated_neutral(participant: str, now: float) -> NeutralFace:
    """Return the neutral face of the photograph that all simulated participants are."""
    found = json_file(asset_path("simulated/neutral.json"), NeutralFace)
    return dataclasses.replace(found, participant=participant, start=now, stop=now)
