"""A session that is to be run: from the command line, or from what was chosen on the first screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.session.session_choices import SessionChoices, configured, problems
from core.config import Config, RecordConfig

SIMULATED_PERSON = "SIM"


@dataclass(frozen=True)
class SessionPlan:
    """What is to be run."""

    config: Config
    people: tuple[str, ...]
    simulate: bool = False
    record: bool = True
    about: Mapping[str, Any] = field(default_factory=dict)
    """What more ``session.json`` is to say."""


def on_this_machine(config: Config) -> Config:
    """Return the configuration for simulated data: nobody else's recorder should pick it up."""
    return dataclasses.replace(config, lsl=dataclasses.replace(config.lsl, scope="machine"))


def planned(choices: SessionChoices, config: Config) -> SessionPlan:
    """Return the session that was chosen; a simulated participant never goes under a real one's name."""
    if not choices.simulated:
        about = {
            "consent": dataclasses.asdict(choices.consent),
            "annotator": {"name": choices.annotator, "role": choices.role},
        }
        people = tuple(each.name for each in choices.participants) or (choices.participant,)
        return SessionPlan(configured(choices, config), people, False, choices.record, about)
    wrong = problems(choices, config)
    usual = RecordConfig()
    choices = dataclasses.replace(
        choices,
        participant=SIMULATED_PERSON,
        acquisition="",
        session=usual.session if "session" in wrong else choices.session,
        task=usual.task if "task" in wrong else choices.task,
        model="" if "model" in wrong else choices.model,
    )
    config = on_this_machine(configured(choices, config))
    # liblsl has been asked to look on the network by now: what is published would be seen there.
    config = dataclasses.replace(config, lsl=dataclasses.replace(config.lsl, publish=False))
    return SessionPlan(config, (SIMULATED_PERSON,), True, "study" not in wrong)
