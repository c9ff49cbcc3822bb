"""What the command line says, and the configuration that follows from it."""

from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.log import about
from core.config import AnyStreamConfig, Config, LabelConfig, LslConfig, ParticipantConfig, StreamConfig, load, to_dict
from core.errors import ConfigError, FileFormatError
from core.files import FILM_ENDINGS, no_pipe
from core.reading import from_tree
from core.recording.session import Session


def configuration(args: argparse.Namespace) -> Config:
    """Return the defaults, the file of ``--config`` over them, and the command line's own words over that."""
    config = load(args.config) if getattr(args, "config", None) else Config()
    record = _given(args, study="study", session="session", task="task")
    if getattr(args, "participant", None):
        record["participant"] = args.participant[0]
    models = getattr(args, "model", None)
    model = {"path": models[0] if isinstance(models, list) else models} if models else {}
    markers = tuple(StreamConfig(name) for name in getattr(args, "markers", None) or ())
    streams = tuple(AnyStreamConfig.of(words) for words in getattr(args, "streams", None) or ())
    worn = [who_wears(text) for text in getattr(args, "worn", None) or ()]
    streams += tuple(stream for _, some in worn for stream in some)
    people = tuple(person for person, _ in worn) or config.participants
    check_participants(people)
    if people and not getattr(args, "participant", None):
        record["participant"] = people[0].name
    config = dataclasses.replace(
        config,
        markers=markers or config.markers,
        streams=streams or config.streams,
        participants=people,
        record=dataclasses.replace(config.record, **record),
        label=dataclasses.replace(config.label, **_given(args, annotator="annotator", role="role")),
        model=dataclasses.replace(config.model, **model),
        lsl=_lsl(args, config.lsl),
    )
    about("settings", settings_for_a_report(config))
    return config


def who_wears(text: str) -> tuple[ParticipantConfig, list[AnyStreamConfig]]:
    """Return what ``NAME=EEG,OTHER/TYPE,camera0`` says: the participant, and the other streams that they wear.

    The first stream is the EEG, ``none`` for none; which of the rest is what, the streams say themselves. A film may
    stand in the place of the camera, by its path.

    Raises
    ------
    ConfigError
        It says nothing of the kind.
    """
    name, is_there, worn = text.partition("=")
    words = [word.strip() for word in worn.split(",") if word.strip()]
    if not is_there or not words:
        raise ConfigError(f"--participants {text!r}: write NAME=STREAM,camera0, such as P001=Muse-1,camera0.")
    cameras = [word for word in words if _is_camera(word) or _is_film(word)]
    streams = [word for word in words if word not in cameras]
    if len(cameras) > 1:
        raise ConfigError(f"--participants {text!r}: one camera each, or one film in its place.")
    if missing := [word for word in cameras if _is_film(word) and not Path(word).is_file()]:
        raise ConfigError(f"--participants {text!r}: there is no file {missing[0]}. Give the film's path, or camera0.")
    camera = cameras[0] if cameras else "none"
    if _is_camera(camera):
        camera = camera.removeprefix("camera") or "0"
    person = ParticipantConfig(name.strip(), streams[0] if streams else "none", camera)
    others = [dataclasses.replace(AnyStreamConfig.of(word), participant=person.name) for word in streams[1:]]
    return person, others


def _is_camera(word: str) -> bool:
    return re.fullmatch(r"camera\d*", word) is not None


def _is_film(word: str) -> bool:
    """Return whether a word is the path of a film, by its ending: of one that is not there as well."""
    return Path(word).suffix.lower() in FILM_ENDINGS


def check_participants(people: Sequence[ParticipantConfig]) -> None:
    """Refuse participants who cannot be told apart, or who wear the same.

    Raises
    ------
    ConfigError
        With all that is wrong.
    """
    if trouble := participants_trouble(people):
        raise ConfigError(trouble)


def participants_trouble(people: Sequence[ParticipantConfig]) -> str:
    """Return what is wrong with who is said to wear what, ``""`` if nothing is."""
    wrong = [
        f"participant {each.name!r} is no name: BIDS wants letters and digits alone, such as P001"
        for each in people
        if not Session.names_well(each.name)
    ]
    wrong += [f"participant {each.name} wears neither EEG nor camera" for each in people if _bare(each)]
    for what in ("name", "eeg", "camera"):
        values = [getattr(each, what) for each in people if getattr(each, what) != "none"]
        twice = sorted({value for value in values if values.count(value) > 1})
        wrong += [f"{what} {value!r} is given to several participants" for value in twice]
    return "; ".join(wrong) + "." if wrong else ""


def _bare(person: ParticipantConfig) -> bool:
    return person.eeg == "none" and person.camera == "none"


def settings_for_a_report(config: Config) -> str:
    """Return what differs from the defaults: numbers and switches with their value, of a text only that it is set.

    Texts may be names of people, streams or folders.
    """
    changed = _changed(to_dict(config), to_dict(Config()), "")
    return ", ".join(changed) or "as they ship"


def asked_as_recorded(label: LabelConfig, session: Session) -> LabelConfig:
    """Return with which classes and scales of its own a session was recorded, unless others are configured now."""
    try:
        kept = from_tree(session.about(), _Kept, str(session.json)).config.label
    except FileFormatError:
        return label
    return dataclasses.replace(label, classes=label.classes or kept.classes, scales=label.scales or kept.scales)


def read_as_recorded(config: Config, path: Path) -> Config:
    """Return the configuration that reads a session on the CPU if it was read there live: its bits are others on a GPU.

    Where a device is asked for, or `path` is no session that says which it was, it stays as it is.
    """
    try:
        session = Session.open(path)
        was_cpu = from_tree(session.about(), _Kept, str(session.json)).device == "cpu"
    except FileFormatError:
        return config
    device = "cpu" if was_cpu and config.model.device == "auto" else config.model.device
    return dataclasses.replace(config, model=dataclasses.replace(config.model, device=device))


@dataclasses.dataclass
class _KeptLabel:
    classes: str = ""
    scales: str = ""


@dataclasses.dataclass
class _KeptConfig:
    label: _KeptLabel = dataclasses.field(default_factory=_KeptLabel)


@dataclasses.dataclass
class _Kept:
    """What ``session.json`` says of how it was labelled and read; older ones say nothing."""

    config: _KeptConfig = dataclasses.field(default_factory=_KeptConfig)
    device: str = ""


def existing(path: str) -> Path:
    """Return the path of a recording or folder that must be there."""
    if not Path(path).exists():
        raise ConfigError(f"{path} does not exist.")
    return no_pipe(Path(path))


def _changed(now: dict[str, Any], default: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in now.items():
        if isinstance(value, dict) and isinstance(default.get(key), dict) and default[key]:
            yield from _changed(value, default[key], f"{prefix}{key}.")
        elif value != default[key]:
            yield f"{prefix}{key} = {value!r}" if isinstance(value, int | float) else f"{prefix}{key} is set"


def _lsl(args: argparse.Namespace, config: LslConfig) -> LslConfig:
    publish = (config.publish or getattr(args, "publish", False)) and not getattr(args, "no_publish", False)
    scope = "machine" if getattr(args, "this_machine", False) else config.scope
    return dataclasses.replace(config, scope=scope, publish=publish)


def _given(args: argparse.Namespace, **names: str) -> dict[str, Any]:
    values = {field: getattr(args, name, None) for field, name in names.items()}
    return {field: value for field, value in values.items() if value is not None}
