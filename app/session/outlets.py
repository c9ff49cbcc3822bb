"""The LSL outlets of a session's participants."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol

from acquisition.outlet import AffectOutlet, EventOutlet, FaceOutlet
from core.config import Config
from core.data import Event, StreamInfo


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

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads, in the order of the weights."""
        ...


class InReplayTime:
    """An outlet whose events are stamped when the samples that they are about go out again.

    Parameters
    ----------
    outlet
        Takes what is said.
    now
        Gives an event with its times those of now.
    """

    def __init__(self, outlet: AffectOutlet | EventOutlet | FaceOutlet, now: Callable[[Event], Event]) -> None:
        self._outlet = outlet
        self._now = now

    def push(self, event: Event) -> None:
        """Publish an event of a recording."""
        self._outlet.push(self._now(event))


def people_of(infos: Sequence[StreamInfo]) -> list[str]:
    """Return the participants of whom there is EEG or a face."""
    return sorted({info.participant for info in infos if info.kind in ("eeg", "video")})


def open_outlets(
    stack: contextlib.ExitStack, people: Sequence[str], config: Config, model: Model
) -> list[AffectOutlet | EventOutlet | FaceOutlet]:
    """Return the outlets of each participant, open until `stack` is left; none if the configuration says so."""
    if not config.lsl.publish:
        return []
    window = config.window
    out: list[AffectOutlet | EventOutlet | FaceOutlet] = []
    for person in people:
        affect = AffectOutlet(person, model.classes, model.sha256, window.length, window.step, model.modalities)
        out += [stack.enter_context(affect), stack.enter_context(EventOutlet(person))]
        if config.lsl.publish_face:
            out.append(stack.enter_context(FaceOutlet(person)))
    return out
