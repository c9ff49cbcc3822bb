"""The states of a session, from the first screen to the last byte on the disk."""

from __future__ import annotations

from enum import Enum


class SessionState(Enum):
    """Where a session stands; docs/architecture.md draws what follows what.

    The first screen knows choosing and opening (`app.start.start_flow.StartFlow.state`), the engine opening to ended
    (`app.session.engine.Engine.state`), and what a window shows is told from messages alone: running, a stream lost, or
    ended (`app.panels.session_status.SessionStatus.state`).
    """

    CHOOSING = "choosing"
    """The first screen asks who, with which devices, which model."""
    OPENING = "opening"
    """Streams are looked for and the model is loaded; nothing is on the disk yet."""
    RUNNING = "running"
    """What comes is recorded, predicted on and shown."""
    STREAM_LOST = "a stream lost"
    """As running, with the gap marked; it goes on as running when the stream is back."""
    STOPPING = "stopping"
    """Nothing is taken in any more; what came is written."""
    ENDED = "ended"
    """All that came is on the disk, or a recording has been played to its end."""
