"""What the command line says, and the configuration that follows from it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.log import about
from core.config import AnyStreamConfig, Config, LabelConfig, LslConfig, StreamConfig, load, to_dict
from core.errors import ConfigError, FileFormatError
from core.files import no_pipe
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
    config = dataclasses.replace(
        config,
        markers=markers or config.markers,
        streams=streams or config.streams,
        record=dataclasses.replace(config.record, **record),
        label=dataclasses.replace(config.label, **_given(args, annotator="annotator", role="role")),
        model=dataclasses.replace(config.model, **model),
        lsl=_lsl(args, config.lsl),
    )
    about("settings", settings_for_a_report(config))
    return config


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


@dataclasses.dataclass
class _KeptLabel:
    classes: str = ""
    scales: str = ""


@dataclasses.dataclass
class _KeptConfig:
    label: _KeptLabel = dataclasses.field(default_factory=_KeptLabel)


@dataclasses.dataclass
class _Kept:
    """What ``session.json`` says of how it was labelled; older ones say nothing."""

    config: _KeptConfig = dataclasses.field(default_factory=_KeptConfig)


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
