"""What ``session.json`` says of a run, with the types that it should have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.reading import from_tree
from core.recording.session import Session


@dataclass(frozen=True, slots=True)
class StreamAbout:
    """One stream that was recorded."""

    kind: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class SessionAbout:
    """A run; what it does not say, since it was killed or another version made it, has its default."""

    participants: tuple[str, ...] = ()
    task: str | None = None
    start: str | None = None
    stop: str | None = None
    seconds: float | None = None
    """From the first sample of EEG or face to the last: LSL had kept some while the session opened, before `start`."""
    streams: tuple[StreamAbout, ...] = ()
    consent: dict[str, bool | None] | None = None
    """What was agreed to; None where nobody was asked."""
    versions: dict[str, str] = field(default_factory=dict)
    lost: int | None = None
    """Things that could not be kept."""

    @property
    def may_train(self) -> bool | None:
        """Whether models may learn from it; None where nobody was asked."""
        return (self.consent or {}).get("train")


def read_about(session: Session) -> SessionAbout:
    """Return what a run says of itself.

    Raises
    ------
    FileFormatError
        It is damaged, or says something of another type.
    """
    return from_tree(session.about(), SessionAbout, str(session.json))


def moment(text: str | None) -> datetime | None:
    """Return a time of day by this machine's clock; None of none, or of a text that is none."""
    try:
        return datetime.fromisoformat(text).astimezone() if text else None
    except (ValueError, OverflowError):
        return None
