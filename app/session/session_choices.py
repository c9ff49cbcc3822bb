"""What a person chooses before a session: kept from one to the next, checked in words, turned into a configuration."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from acquisition.user_folder import user_folder, write_setting
from app import texts
from core.config import AnyStreamConfig, Config, FaceConfig, ParticipantConfig, RecordConfig, StreamConfig
from core.errors import CheckpointError, ConfigError, FileFormatError
from core.files import no_pipe
from core.label_scheme import own_classes, own_scales
from core.models.model_file import SHIPPED, Header, check_fits, read_header
from core.reading import json_file
from core.recording.session import Session

Role = Literal["self", "observer", "expert"]
ROLES: tuple[Role, ...] = ("observer", "self", "expert")
NONE = "none"
_PICTURE_BYTES = 150e3
"""About what a second of video takes on disk."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the participant has agreed to; the names are those in ``session.json``."""

    record_eeg: bool = False
    record_video: bool = False
    keep_video: bool = False
    share: bool = False
    train: bool = False


@dataclass(frozen=True, slots=True)
class SessionChoices:
    """All that the start screen asks for."""

    study: str = ""
    participant: str = ""
    session: str = ""
    task: str = ""
    acquisition: str = ""
    annotator: str = "operator"
    role: Role = "observer"
    classes: str = ""
    """See `LabelConfig.classes`."""
    scales: str = ""
    consent: Consent = field(default_factory=Consent)
    eeg: StreamConfig = field(default_factory=StreamConfig)
    """Without a name: not chosen yet."""
    markers: tuple[StreamConfig, ...] = ()
    streams: tuple[AnyStreamConfig, ...] = ()
    participants: tuple[ParticipantConfig, ...] = ()
    """Several participants and who wears what; then `participant`, `eeg` and `camera` do not say it."""
    camera: str = ""
    """Number of the camera, path of a video, or ``none``; ``""``: the first that there is."""
    model: str = ""
    """``""``: the one that ships."""
    record: bool = True
    simulated: bool = False
    """A simulated participant instead of devices."""
    this_machine: bool = False
    """LSL neither asks nor answers the network."""
    publish: bool = False
    """Predictions are sent out on LSL; to be asked for each time."""


def first_choices(config: Config, given: dict[str, str]) -> SessionChoices:
    """Return what the start screen opens with: what was chosen last, the configuration where there is nothing yet.

    Parameters
    ----------
    config : Config
    given : dict
        What the command line says; it beats what was chosen last.
    """
    record = config.record
    fresh = SessionChoices(
        study=str(Path(record.study).absolute()), participant=record.participant, session=record.session,
        task=record.task, acquisition=record.acquisition, camera=_camera(config), model=config.model.path,
        eeg=_plain(config.eeg), annotator=config.label.annotator, markers=config.markers, streams=config.streams,
        classes=config.label.classes, scales=config.label.scales,
        participants=config.participants,
        role=next((role for role in ROLES if role == config.label.role), "observer"),
    )  # fmt: skip
    if "study" in given:
        given = {**given, "study": str(Path(given["study"]).absolute())}
    last = _recall()
    lsl = config.lsl
    fresh = dataclasses.replace(fresh, this_machine=lsl.scope == "machine", publish=lsl.publish)
    if last is not None:
        last = dataclasses.replace(last, this_machine=fresh.this_machine, publish=fresh.publish)
    if last is None:
        return dataclasses.replace(fresh, **given)  # type: ignore[arg-type]
    if config.model.path:
        last = dataclasses.replace(last, model=config.model.path)
    if any((config.eeg.name, config.eeg.source_id, config.eeg.hostname)):
        last = dataclasses.replace(last, eeg=fresh.eeg)
    if config.markers:
        last = dataclasses.replace(last, markers=config.markers)
    if config.streams:
        last = dataclasses.replace(last, streams=config.streams)
    if config.participants:
        last = dataclasses.replace(last, participants=config.participants)
    if config.label.classes or config.label.scales:
        last = dataclasses.replace(last, classes=config.label.classes, scales=config.label.scales)
    return dataclasses.replace(last, **given)  # type: ignore[arg-type]


def remember(choices: SessionChoices) -> None:
    """Keep the choices for the next time; where that is not possible it is no reason not to start."""
    try:
        write_setting(_path(), json.dumps(dataclasses.asdict(choices), indent=2, ensure_ascii=False) + "\n")
    except OSError:
        return


def forget_participant(name: str, config: Config) -> bool:
    """Forget that a participant was the last one, with what they agreed to; return whether they were."""
    last = _recall()
    if last is None or name not in (last.participant, last.annotator):
        return False
    own, label = config.record.participant, config.label.annotator
    last = dataclasses.replace(last, annotator=label if last.annotator == name else last.annotator)
    if last.participant == name:
        last = dataclasses.replace(last, participant=own, consent=Consent())
    remember(last)
    return True


def choose_model(config: Config, path: str) -> None:
    """Keep which model the next session is read with; ``""`` is the one that ships."""
    remember(dataclasses.replace(first_choices(config, {}), model=path))


def kept_to_this_machine(config: Config) -> Config:
    """Return the configuration with LSL kept to this machine if that was chosen last."""
    last = _recall()
    if last is None or last.this_machine is not True:
        return config
    return dataclasses.replace(config, lsl=dataclasses.replace(config.lsl, scope="machine"))


def configured(choices: SessionChoices, config: Config) -> Config:
    """Return the configuration with the choices laid over it."""
    record = dataclasses.replace(
        config.record, study=choices.study, participant=choices.participant, session=choices.session,
        task=choices.task, acquisition=choices.acquisition,
        video=config.record.video and (choices.consent.keep_video or choices.simulated),
    )  # fmt: skip
    eeg, face = config.eeg, config.face
    if not choices.simulated:
        eeg = dataclasses.replace(eeg, **dataclasses.asdict(choices.eeg))
        face = dataclasses.replace(face, camera=choices.camera or NONE)
    model = dataclasses.replace(config.model, path=choices.model)
    label = dataclasses.replace(
        config.label, annotator=choices.annotator, role=choices.role, classes=choices.classes, scales=choices.scales
    )
    lsl = dataclasses.replace(config.lsl, publish=choices.publish)
    return dataclasses.replace(
        config, record=record, eeg=eeg, markers=choices.markers, streams=choices.streams,
        participants=() if choices.simulated else choices.participants, face=face, model=model,
        label=label, lsl=lsl,
    )  # fmt: skip


def problems(choices: SessionChoices, config: Config) -> dict[str, str]:
    """Return what keeps the session from starting, in words, by the name of the choice it is about."""
    found: dict[str, str] = {}
    if choices.record:
        for name in ("participant", "session", "task", "acquisition"):
            value = getattr(choices, name)
            if not value and name != "acquisition":
                found[name] = texts.start_empty(name)
            elif value and not Session.names_well(value):
                found[name] = texts.start_letters(name, value)
        if trouble := _folder_trouble(choices.study):
            found["study"] = trouble
        found |= _not_agreed(choices)
    if choices.participants:
        return found | ({"model": trouble} if (trouble := _model_trouble(choices, config)) else {})
    if not choices.eeg.name:
        found["eeg"] = texts.START_NO_EEG
    elif choices.eeg.name == NONE and choices.camera in ("", NONE):
        found["eeg"] = texts.START_NOTHING
    for name, read in (("classes", own_classes), ("scales", own_scales)):
        try:
            read(getattr(choices, name))
        except ConfigError as error:
            found[name] = str(error)
    if trouble := _model_trouble(choices, config):
        found["model"] = trouble
    return found


def place(choices: SessionChoices) -> tuple[str, int]:
    """Return the stem of the files that the session will have, and its run; ``("", 0)`` while that cannot be said."""
    record = RecordConfig(choices.study, choices.participant, choices.session, choices.task, choices.acquisition)
    try:
        run = Session.next_run(record)
        return run.stem, int(run.stem.rsplit("-", 1)[1])
    except (ConfigError, OSError, ValueError):
        return "", 0


def free_bytes(study: str) -> int | None:
    """Return the room that is left where the study lies, None if that cannot be found out."""
    try:
        return shutil.disk_usage(_nearest(Path(study))).free
    except OSError:
        return None


def bytes_per_second(n_chans: int, sfreq: float, video: bool) -> float:
    """Return about what a session writes: samples with their stamps, and pictures."""
    return sfreq * (4 * n_chans + 9) + (_PICTURE_BYTES if video else 0.0) + 2e3


def header_of(model: str) -> Header:
    """Return what a model file says of itself; ``""`` is the one that ships.

    Raises
    ------
    CheckpointError
        It cannot be read, or it is none of Insula's.
    """
    path = Path(model) if model else SHIPPED
    try:
        blob = no_pipe(path).read_bytes()
    except OSError as error:
        raise CheckpointError(f"Model {path} cannot be read: {error.strerror}. Choose another file.") from error
    return read_header(blob, path)


def _model_trouble(choices: SessionChoices, config: Config) -> str:
    try:
        check_fits(header_of(choices.model), config, Path(choices.model) if choices.model else SHIPPED)
    except (CheckpointError, FileFormatError) as error:
        return str(error)
    return ""


def _not_agreed(choices: SessionChoices) -> dict[str, str]:
    found = {}
    people = choices.participants
    has_eeg = any(each.eeg != NONE for each in people) if people else choices.eeg.name not in ("", NONE)
    has_face = any(each.camera != NONE for each in people) if people else choices.camera not in ("", NONE)
    if has_eeg and not choices.consent.record_eeg:
        found["consent"] = texts.START_EEG_NOT_AGREED
    elif has_face and not choices.consent.record_video:
        found["consent"] = texts.START_FACE_NOT_AGREED
    return found


def _folder_trouble(study: str) -> str:
    if not study.strip():
        return texts.START_NO_STUDY
    try:
        nearest = _nearest(Path(study))
        if not nearest.is_dir():
            return texts.start_is_file(str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            return texts.start_not_writable(str(nearest))
    except OSError as error:
        return texts.start_unusable(study, error.strerror or str(error))
    return ""


def _nearest(folder: Path) -> Path:
    """Return the folder itself if it exists, else the nearest above it that does."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if each.exists()), folder)


def _camera(config: Config) -> str:
    return "" if config.face.camera == FaceConfig().camera else config.face.camera


def _plain(config: StreamConfig) -> StreamConfig:
    return StreamConfig(config.name, config.source_id, config.hostname)


def _path() -> Path:
    return user_folder() / "start.json"


def _recall() -> SessionChoices | None:
    try:
        fresh = dataclasses.replace(json_file(_path(), SessionChoices), simulated=False)
    except FileFormatError:
        return None  # what was chosen last is a convenience: a damaged file is as good as none
    texts_in_it = [value for value in dataclasses.asdict(fresh).values() if isinstance(value, str)]
    if not fresh.participant:
        return None
    return None if any("\0" in text for text in texts_in_it) else fresh  # a path with a NUL cannot even be asked after
