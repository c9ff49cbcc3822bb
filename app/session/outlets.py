"""The LSL outlets of a session's participants."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Protocol

from acquisition.outlet import AffectOutlet, EventOutlet, FaceOutlet
from core.config import Config


class Model(Protocol):
    """What is said of a model in its outlets."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""
        ...

    @property
    def sha256(self) -> str:
        """Its hash."""
        ...


def open_outlets(
    stack: contextlib.ExitStack, people: Sequence[str], config: Config, model: Model
) -> list[AffectOutlet | EventOutlet | FaceOutlet]:
    """Return the outlets of each participant, open until `stack` is left; none if the configuration says so."""
    if not config.lsl.publish:
        return []
    window = config.window
    out: list[AffectOutlet | EventOutlet | FaceOutlet] = []
    for person in people:
        affect = AffectOutlet(person, model.classes, model.sha256, window.length, window.step)
        out += [stack.enter_context(affect), stack.enter_context(EventOutlet(person))]
        if config.lsl.publish_face:
            out.append(stack.enter_context(FaceOutlet(person)))
    return out
