"""What a running session says, heard over LSL."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import numpy as np
import pylsl

from acquisition.lsl_config import configure_lsl
from acquisition.lsl_search import full_info, search
from core.config import LslConfig
from core.data import MODALITIES
from core.errors import StreamNotFoundError
from core.plain_text import plain
from core.reading import from_json

_PREDICATE = "starts-with(source_id,'insula-') and (type='Affect' or (type='Markers' and contains(name,' Events')))"
_DESCRIBE_S = 5.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Affect:
    """What was predicted of one window, as a running session publishes it; single precision."""

    participant: str
    time: float
    """The window's end, s, on this machine's LSL clock."""
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    """Of `classes`; NaN where the session abstains."""
    valence: float
    """-1 unpleasant to 1 pleasant."""
    arousal: float
    """-1 calm to 1 excited."""
    uncertainty: float
    """nats, of which `aleatoric` and `epistemic` are parts."""
    epistemic: float
    aleatoric: float
    weights: tuple[float, ...]
    """How far each of `modalities` is trusted; they sum to 1."""
    modalities: tuple[str, ...] = MODALITIES
    """What the session's model reads."""

    @property
    def label(self) -> str:
        """The most probable class, ``""`` where the session abstains."""
        return "" if math.isnan(self.valence) else self.classes[int(np.argmax(self.probabilities))]


@dataclass(frozen=True, slots=True)
class Happening:
    """A moment that is asked about, an answer, or something that happened to a stream."""

    participant: str
    time: float
    """s, on this machine's LSL clock."""
    event: str
    """``segment``, ``label`` or ``notice``."""
    said: dict[str, Any] = field(default_factory=dict)
    """All that is known of it, as docs/formats.md has it."""


@dataclass(slots=True)
class _Stream:
    inlet: pylsl.StreamInlet
    participant: str
    labels: tuple[str, ...]
    """Of the channels of predictions; empty of events."""


class Listener:
    """Hears a running session; see `listen`. Open while it is entered."""

    def __init__(self, participant: str, wait: float) -> None:
        self._participant = participant
        self._wait = wait

    def __enter__(self) -> Self:
        configure_lsl(LslConfig())
        until = pylsl.local_clock() + self._wait
        self._streams: list[_Stream] = []
        while not self._streams and (left := until - pylsl.local_clock()) > 0.0:
            self._streams = [stream for found in search(_PREDICATE, left) if (stream := self._opened(found))]
        if not self._streams:
            of = f" of {self._participant}" if self._participant else ""
            raise StreamNotFoundError(
                f"No running session{of} is heard on LSL within {self._wait:g} s. "
                "Start one with `insula run --publish`."
            )
        self._waiting: list[Affect | Happening] = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams:
            stream.inlet.close_stream()

    @property
    def participants(self) -> tuple[str, ...]:
        """Who is heard."""
        return tuple(sorted({stream.participant for stream in self._streams}))

    def __iter__(self) -> Iterator[Affect | Happening]:
        """Give what is said as it comes, until the session has ended."""
        while self._waiting or self._streams:
            if (said := self.read(1.0)) is not None:
                yield said

    def read(self, timeout: float = 0.0) -> Affect | Happening | None:
        """Return the next that was said, None if nothing was within `timeout` seconds."""
        until = pylsl.local_clock() + timeout
        while not self._waiting:
            for stream in list(self._streams):
                self._take(stream)
            if not self._waiting and (not self._streams or pylsl.local_clock() >= until):
                return None
        self._waiting.sort(key=lambda said: said.time)
        return self._waiting.pop(0)

    def _take(self, stream: _Stream) -> None:
        """Take what has come of a stream; one whose program has ended is let go of."""
        try:
            first, stamp = stream.inlet.pull_sample(timeout=_LOOK_S)
            if first is None:
                return
            rows, stamps = stream.inlet.pull_chunk(timeout=0.0)
        except (pylsl.util.LostError, pylsl.util.InternalError):
            self._streams.remove(stream)
            return
        self._waiting += [_said(stream, *each) for each in zip([first, *rows], [stamp, *stamps], strict=True)]

    def _opened(self, found: pylsl.StreamInfo) -> _Stream | None:
        words = plain(found.name()).removeprefix("Insula ").rpartition(" ")
        if self._participant not in ("", words[0]) or words[2] not in ("Affect", "Events"):
            return None
        full = full_info(found, _DESCRIBE_S)
        labels = (full.get_channel_labels() or []) if full is not None and words[2] == "Affect" else []
        if words[2] == "Affect" and not labels:
            return None
        inlet = pylsl.StreamInlet(found, recover=False, processing_flags=pylsl.proc_clocksync)
        inlet.open_stream(_DESCRIBE_S)
        return _Stream(inlet, words[0], tuple(map(str, labels)))


def listen(participant: str = "", *, wait: float = 10.0) -> Listener:
    """Return what hears the predictions and events of running sessions on this machine and its network.

    The session publishes them with ``insula run --publish``, or ``lsl.publish = true``.

    Parameters
    ----------
    participant : str
        Whose; empty: everyone's.
    wait : float
        Seconds to look for a session.

    Returns
    -------
    Listener
        To be entered, which raises `StreamNotFoundError` where no session is heard.

    Examples
    --------
    >>> import insula
    >>> with insula.listen() as live:  # doctest: +SKIP
    ...     for said in live:
    ...         if isinstance(said, insula.Affect) and said.label:
    ...             print(f"{said.time:.2f} {said.participant} {said.label} {said.valence:+.2f}")
    """
    return Listener(participant, wait)


def _said(stream: _Stream, row: list[Any], time: float) -> Affect | Happening:
    if not stream.labels:
        said = from_json(str(row[0]), dict[str, Any], "An event")
        return Happening(str(said.pop("participant", stream.participant)), time, str(said.pop("event", "")), said)
    values = dict(zip(stream.labels, map(float, row), strict=True))
    chances = {name.removeprefix("p_"): value for name, value in values.items() if name.startswith("p_")}
    numbers = {name: values.get(name, math.nan) for name in ("valence", "arousal")}
    parts = {part: values.get(f"u_{key}", math.nan) for part, key in _PARTS.items()}
    weights = {name.removeprefix("rel_"): value for name, value in values.items() if name.startswith("rel_")}
    return Affect(
        stream.participant, time, tuple(chances), tuple(chances.values()), **numbers, **parts,
        weights=tuple(weights.values()), modalities=tuple(weights),
    )  # fmt: skip


_PARTS = {"uncertainty": "total", "epistemic": "epistemic", "aleatoric": "aleatoric"}
