"""The one door between the engine's threads and the window: a queue, drained by a timer, turned into Qt signals."""

from __future__ import annotations

import queue
import time
from typing import Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.session.engine import Ended, Lag, Loaded
from core.data import (
    Chunk,
    FaceObservation,
    Fault,
    Label,
    LabelRefused,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Rating,
    RecordingHealth,
    Segment,
    StreamHealth,
    StreamInfo,
    Window,
)

_DRAWN = (Chunk, FaceObservation, Window, Prediction)
_LONGEST_S = 0.05
"""A key that is pressed during a look may wait for so long without being felt."""


class Bridge(QObject):
    """Drains the engine's outbox on the window's thread and emits one signal per kind of message.

    It only ever takes from the queue and never waits for it, so a window that stalls holds up nobody: the engine
    drops what is for drawing only when the outbox is full.

    Parameters
    ----------
    outbox
        The engine's queue of messages.
    interval_ms
        Time between two looks into the queue.
    max_messages
        At most this many messages are handed on at one look.
    budget_ms
        A look ends when it has computed for so long, or for as long as the window has since the last look; what is left
        waits for the next one, so that keys stay quick. A window that is short of the processor so paints less often
        before it falls behind. Waiting for the processor does not count: a look that ended for that would take a
        message or two.
    """

    stream_found = pyqtSignal(StreamInfo)
    chunk_arrived = pyqtSignal(Chunk)
    face_observed = pyqtSignal(FaceObservation)
    window_cut = pyqtSignal(Window)
    prediction_made = pyqtSignal(Prediction)
    segment_asked = pyqtSignal(Segment)
    label_kept = pyqtSignal(Label)
    label_refused = pyqtSignal(LabelRefused)
    rating_kept = pyqtSignal(Rating)
    notice_given = pyqtSignal(Notice)
    stream_measured = pyqtSignal(StreamHealth)
    recording_measured = pyqtSignal(RecordingHealth)
    fault_raised = pyqtSignal(Fault)
    neutral_read = pyqtSignal(NeutralFace)
    session_ended = pyqtSignal(Ended)
    model_loaded = pyqtSignal(Loaded)
    lag_measured = pyqtSignal(Lag)
    pace_set = pyqtSignal(Pace)
    model_changed = pyqtSignal(ModelChange)

    def __init__(
        self, outbox: queue.Queue[Any], interval_ms: int = 20, max_messages: int = 400, budget_ms: float = 8.0
    ) -> None:
        super().__init__()
        self._outbox = outbox
        self._max_messages = max_messages
        self._budget = budget_ms / 1000.0
        self._computed = time.thread_time()
        self._skipping = False
        self._emit = {
            StreamInfo: self.stream_found.emit,
            Chunk: self.chunk_arrived.emit,
            FaceObservation: self.face_observed.emit,
            Window: self.window_cut.emit,
            Prediction: self.prediction_made.emit,
            Segment: self.segment_asked.emit,
            Label: self.label_kept.emit,
            LabelRefused: self.label_refused.emit,
            Rating: self.rating_kept.emit,
            NeutralFace: self.neutral_read.emit,
            Notice: self.notice_given.emit,
            StreamHealth: self.stream_measured.emit,
            RecordingHealth: self.recording_measured.emit,
            Fault: self.fault_raised.emit,
            Ended: self.session_ended.emit,
            Loaded: self.model_loaded.emit,
            Lag: self.lag_measured.emit,
            Pace: self.pace_set.emit,
            ModelChange: self.model_changed.emit,
        }
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._timer.start(interval_ms)

    def skip_to_seek(self) -> None:
        """Let go of what is only drawn, up to the notice that a replay has gone elsewhere."""
        self._skipping = True

    def drain(self) -> int:
        """Return how many messages were taken from the outbox and handed on, within the limits of one look."""
        began = time.thread_time()
        deadline = began + max(self._budget, min(began - self._computed, _LONGEST_S))
        try:
            return self._hand_on(deadline)
        finally:
            self._computed = time.thread_time()

    def stop(self) -> None:
        """Take no more messages."""
        self._timer.stop()

    def _hand_on(self, deadline: float) -> int:
        for taken in range(self._max_messages):
            try:
                message = self._outbox.get_nowait()
            except queue.Empty:
                return taken
            if self._skipping and isinstance(message, _DRAWN):
                continue
            if isinstance(message, Notice) and message.kind == "seek":
                self._skipping = False
            emit = self._emit.get(type(message))
            if emit is not None:
                emit(message)
            if time.thread_time() > deadline:
                return taken + 1
        return self._max_messages
