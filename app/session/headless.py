"""A session without a window: one plain line a second, on any terminal or into any log."""

from __future__ import annotations

import math
import queue
import sys
from collections.abc import Callable
from threading import Event as Waiter

from app.session.engine import Ended, Engine, Lag
from app.texts import modality_name, notice
from core.data import Fault, LabelRefused, Notice, Prediction, RecordingHealth, Segment, StreamInfo

_LATE_S = 1.0
"""Seconds by which predictions may be behind without a word of it."""
_LOOK_S = 0.1
"""Seconds until an empty outbox is looked at again: woken by each message, this would be in the way of the next."""


class Headless:
    """Reads the engine's outbox until the time is up or all sources have ended; says what it sees."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock
        self._latest: dict[str, Prediction] = {}
        self._infos: dict[str, StreamInfo] = {}
        self._recording: RecordingHealth | None = None
        self._windows = 0
        self._behind = 0.0

    def run(self, duration: float | None, is_over: Callable[[], bool] = lambda: False) -> int:
        """Return the number of predictions made; `duration` in seconds, None until the sources end or it `is_over`."""
        start = self._clock()
        line_due = start + 1.0
        pause = Waiter()
        while (duration is None or self._clock() - start < duration) and not is_over():
            try:
                message = self._engine.outbox.get_nowait()
            except queue.Empty:
                message = None
                pause.wait(_LOOK_S)
            if isinstance(message, Ended):
                break
            self._take(message)
            if self._clock() >= line_due:
                line_due += 1.0
                _say(self._line(self._clock() - start))
        return self._windows

    def _take(self, message: object) -> None:
        if isinstance(message, Prediction):
            self._windows += 1
            self._latest[message.participant] = message
        elif isinstance(message, RecordingHealth):
            if message.problem and (self._recording is None or self._recording.problem != message.problem):
                _say(f"! {message.problem}")
            self._recording = message
        elif isinstance(message, Lag):
            self._behind = message.behind
        elif isinstance(message, StreamInfo):
            self._infos[message.key] = message
        elif isinstance(message, Notice):
            _say(f"! {notice(self._infos, message.stream, message.text)}")
        elif isinstance(message, LabelRefused):
            _say(f"! {message.text}")
        elif isinstance(message, Fault):
            _say(f"!! {message.where}: {message.text}{f' Details are in {message.log}' if message.log else ''}")
        elif isinstance(message, Segment):
            _say(f"? worth a label: {message.participant}, {message.stop - message.start:.0f} s, {message.reason}")

    def _line(self, elapsed: float) -> str:
        state = "recording" if self._recording is not None and self._recording.recording else "not recording"
        people = "  |  ".join(describe(p) for p in self._latest.values()) or "no window yet"
        behind = f"  ! {self._behind:.0f} s behind" if self._behind > _LATE_S else ""
        return f"{elapsed:6.0f} s  {state}  {people}{behind}"


def describe(p: Prediction) -> str:
    """Return one prediction in one line of plain words."""
    if p.status != "ok":
        return f"{p.participant}: abstains, {p.status}"
    best = max(p.probabilities)
    chosen = "/".join(p.prediction_set) or p.label
    each = zip(p.modalities, p.weights, strict=True)
    trust = " ".join(f"{modality_name(name)} {'-' if math.isnan(weight) else f'{weight:.2f}'}" for name, weight in each)
    text = (
        f"{p.participant}: {p.label} {best:.2f} (set {chosen}), valence {p.valence:+.2f} ±{p.valence_sd:.2f}, "
        f"arousal {p.arousal:+.2f} ±{p.arousal_sd:.2f}, trust {trust}"
    )
    return f"{text} ({'; '.join(p.notes)})" if p.notes else text


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
