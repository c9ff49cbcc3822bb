"""What a window is opened on: one value, made by the command and not changed by anyone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.labelling.clip_reader import Footage
from app.session.late_markers import LateMarkers
from app.session.lost_streams import LostStreams
from app.session.model_loading import ModelLoading
from app.timeline.span import Span
from app.window.replay_bar import Replay
from app.window.teach_bar import Teaching
from core.config import LabelConfig, QueueConfig
from core.data import Label, NeutralFace, Rating


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session as a window shows it: live, a replay, or the questions of a recording."""

    classes: Sequence[str]
    """In the order of the keys."""
    answer: Callable[[Label | Rating | NeutralFace], None]
    """Sends a label or rating to be kept, which `Bridge.label_kept` or `rating_kept` acknowledges, or when a neutral
    face was shown: `Bridge.neutral_read` tells what was read."""
    clock: Callable[[], float] = time.monotonic
    """Stamps answers, s, LSL clock."""
    label: LabelConfig = field(default_factory=LabelConfig)
    """Who answers, on which scales, with which keys."""
    recorded: bool = True
    """False where nothing is kept, labels included."""
    known: Sequence[Label] = ()
    """All answers given before, in their order."""
    markers: Sequence[float] = ()
    """When other programs marked a moment, s, LSL clock."""
    replay: Replay | None = None
    """The recording that is played."""
    footage: Footage | None = None
    """Gives any moment of a recording."""
    asked_by: str = ""
    """Who asks, in words, where only the questions of a recording are shown."""
    reading: Span | None = None
    """The span of the recording that is read for questions first."""
    mark_s: float = QueueConfig().length
    """Seconds before the key that a mark means."""
    said: Mapping[str, str] = field(default_factory=dict)
    """Where somebody adjudicates: from a moment to what others said of it."""
    loading: ModelLoading | None = None
    """The model that is not there yet."""
    nearby: LateMarkers | None = None
    """Knows the streams that may be recorded as well."""
    lost: LostStreams | None = None
    """Knows what may be a stream that is lost."""
    method: str = ""
    """The name of how the model that reads at first fuses and was taught."""
    teaching: Teaching | None = None
    """How it is taught from and other models used; None where neither can be."""
