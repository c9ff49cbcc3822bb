"""What the session is in right now, in words: is it recording, which sensor is trusted, what needs a hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app import texts
from app.session.engine import Lag
from app.session.session_state import SessionState
from core.data import Fault, LabelRefused, Notice, Pace, Prediction, RecordingHealth, StreamHealth, StreamInfo

SILENT = 3.0
"""Seconds without a word from the recorder or a stream after which it is not believed any more."""
NOTICE_SHOWN = 8.0
RATE_TOLERANCE = 0.05
_ANOTHER_CLOCK_S = 60.0
LOW_DISK_BYTES = 500e6


Mode = Literal["recording", "looking", "replaying", "labelling"]
"""What the window is open for: a session, a session that nobody keeps, a recording, its questions alone."""
Level = Literal["recording", "attention", "idle", "problem"]
"""All is on disk and well; on disk, but something needs a hand; nothing is to be recorded; it should be and is not."""


@dataclass(frozen=True)
class Problem:
    """One thing that a person should know; `grave` when it needs a hand."""

    text: str
    grave: bool


class SessionStatus:
    """Gathers what the engine tells and puts it into words.

    Parameters
    ----------
    now
        The window's clock, s.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._infos: dict[str, StreamInfo] = {}
        self._health: dict[str, StreamHealth] = {}
        self._lost_at: dict[str, float] = {}
        self._losses: dict[str, tuple[float, float]] = {}
        """When each stream was last told to be lost and to be back, s, LSL clock."""
        self._recording: RecordingHealth | None = None
        self._recording_heard = 0.0
        self._began: float | None = None
        self.hides: Callable[[Prediction], bool] = lambda _: False
        """Whether what a prediction says is kept from whoever labels its moment."""
        self.zero = math.nan
        """From when times are counted, as on the time axis, s, LSL clock; NaN for the beginning of the recording."""
        self._predictions: dict[str, Prediction] = {}
        self._predicted: dict[str, float] = {}
        self._faults: list[Fault] = []
        self._missing: list[str] = []
        self._awaited: dict[str, str] = {}
        """Why streams that are wanted are not there yet, by their keys."""
        self._ended = False
        self.mode: Mode = "recording"
        self._reading: tuple[float, float] | None = None
        self.loading = False
        """Whether the model is still being loaded."""
        self._notices: list[tuple[float, str, str]] = []
        self._lag = (-math.inf, 0.0)
        self._told = (-math.inf, -math.inf)
        """When anything was last heard, and the newest moment that it was of."""
        self._passes_over = False

    @property
    def state(self) -> SessionState:
        """Where the session stands, as far as the window has been told."""
        if self._ended:
            return SessionState.ENDED
        return SessionState.STREAM_LOST if self._lost_at else SessionState.RUNNING

    @property
    def simulated(self) -> bool:
        """Whether any stream is simulated."""
        return any(info.simulated for info in self._infos.values())

    def stream_found(self, info: StreamInfo) -> None:
        """Take what a stream is."""
        self._infos[info.key] = info
        self._awaited.pop(info.key, None)

    def stream_measured(self, health: StreamHealth) -> None:
        """Take how a stream is doing."""
        self._health[health.stream] = health
        self._hear(health.time)
        if health.connected or health.ended:  # where reading it failed, a fault says so and how it comes back
            self._lost_at.pop(health.stream, None)
        elif self._is_regular(health.stream) and math.isfinite(health.last_sample_age):
            # It is told to be lost once it has been silent for a while.
            self._lost_at[health.stream] = health.time - health.last_sample_age
        else:
            self._lost_at.setdefault(health.stream, self._now())

    def lag_measured(self, lag: Lag) -> None:
        """Take by how much predictions are behind what has come."""
        self._lag = self._now(), lag.behind

    def pace_set(self, pace: Pace) -> None:
        """Take how many windows are predicted from here on."""
        self._passes_over = pace.windows >= 0

    def recording_measured(self, health: RecordingHealth) -> None:
        """Take how the recording is doing."""
        self._recording, self._recording_heard = health, self._now()
        if health.recording and self._began is None:
            self._began = health.time

    def prediction_made(self, prediction: Prediction) -> None:
        """Take the newest prediction."""
        self._predictions[prediction.participant] = prediction
        self._predicted[prediction.participant] = self._now()
        self._hear(prediction.stop)

    def recorded_s(self) -> float | None:
        """Return for how long it has been recorded, s; None if nothing is being recorded."""
        if self.mode != "recording" or self._ended or self._began is None:
            return None
        # As the sentence of the window counts it, while that is known.
        zero = self._began if math.isnan(self.zero) else self.zero
        now = self._recording.time if self._recording is not None and self._on_disk() else self._now()
        return now - zero

    def newest(self, participant: str) -> Prediction | None:
        """Return what was last predicted of a participant, None if nothing was."""
        return self._predictions.get(participant)

    def notice_given(self, notice: Notice) -> None:
        """Take a notice; that a stream is lost stays until it is back, the rest fades.

        Of a recording it is true of the place that is played: going elsewhere ends it. Markers are not played.
        """
        info = self._infos.get(notice.stream)
        if notice.kind == "seek":
            self._lost_at, self._notices = {}, []
        if self._past and notice.stream and info is None:
            return
        if info is not None and info.awaited:
            self._awaited[notice.stream] = notice.text
            return
        if notice.kind == "lost" and not notice.stream:
            self._missing.append(notice.text)
        elif notice.kind == "lost":
            if self._losses.get(notice.stream, (0.0, 0.0))[1] < math.inf:  # else it is told again that it is
                self._losses[notice.stream] = notice.time, math.inf
            self._lost_at.setdefault(notice.stream, self._now())
        elif notice.kind == "back":
            self._lost_at.pop(notice.stream, None)
            self._losses[notice.stream] = self._losses.get(notice.stream, (math.inf, 0.0))[0], notice.time
        since, until = self._losses.get(notice.stream, (math.inf, -math.inf))
        is_told = notice.kind == "gap" and since <= notice.time <= until  # with the loss that made it
        if notice.kind not in ("lost", "unit", "seek") and not is_told:
            self._show_for_a_while(notice.stream, notice.text)

    def label_refused(self, refused: LabelRefused) -> None:
        """Take that an answer is not on disk."""
        self._show_for_a_while("", refused.text)

    def fault_raised(self, fault: Fault) -> None:
        """Take an error that ended something; it stays on screen."""
        if fault.text not in {known.text for known in self._faults}:
            self._faults.append(fault)

    def stale(self, participant: str) -> str:
        """Return why what was last said of a participant does not hold any more, ``""`` while it does."""
        broken = {fault.where for fault in self._faults}
        if "engine" in broken:
            return texts.PREDICTIONS_STOPPED
        if "model" in broken:
            return texts.NO_PREDICTIONS
        live = self.mode in ("recording", "looking") and self.state is not SessionState.ENDED
        return texts.NO_NEWS if live and self._now() - self._predicted.get(participant, math.inf) > SILENT else ""

    def nothing_asked(self) -> str:
        """Return what who labels a recording is to know while nothing is asked."""
        done = self.state is SessionState.ENDED and not self.loading
        return self.stale("") or (texts.ALL_ANSWERED if done else texts.READING)

    def begin_labelling(self, reading: tuple[float, float] | None) -> None:
        """Take that a recording is only asked about, and from when to when it goes if it is read for that."""
        self.mode, self._reading = "labelling", reading

    def end(self) -> None:
        """Take that all sources have come to their end."""
        self._ended = True

    def level(self) -> Level:
        """Return ``recording`` only while data truly reaches the disk and nothing needs a hand."""
        if self._on_disk():
            return "attention" if any(problem.grave for problem in self.problems()) else "recording"
        if self._recording is None:
            return "problem" if self._faults else "idle"
        should = self._began is not None or bool(self._recording.problem)
        return "problem" if should else "idle"

    def sentence(self, participant: str = "", others: Sequence[str] = ()) -> str:
        """Return the state line for a participant; where `others` are recorded as well, it says who is meant."""
        if not self._infos and self._recording is None:
            return texts.WAITING if self.mode in ("recording", "looking") else f"{texts.DOING[self.mode]} …"
        everybody = ", ".join(dict.fromkeys(name for name in (participant, *others) if name))
        recording, first, parts = self._recording_words(everybody), "", []
        prediction = self._predictions.get(participant)
        stale = self.stale(participant)
        if stale:
            parts.append(stale)
        elif self.loading:
            parts.append(texts.LOADING)
        elif self.mode == "labelling":
            # Whoever answers blind need not know what the model makes of it.
            parts.append(self._read_words(prediction))
        elif prediction is not None:
            if prediction.status == "ok":
                first = "" if self.hides(prediction) else _said(prediction)
                parts.append(texts.bad_electrodes([name for name, _ in prediction.bad_channels]))
            else:
                parts.append(texts.no_statement(prediction.status))
        if everybody == participant:
            return " ".join(part for part in (first, recording, *parts) if part)
        own = " ".join(part for part in (first, *parts) if part)
        return f"{participant}: {own[0].lower()}{own[1:]} {recording}" if own else recording

    def problems(self) -> list[Problem]:
        """Return what a person should know, the gravest first."""
        grave = [texts.fault(fault) for fault in self._faults]
        grave += [*self._recording_problems(), *self._missing, *self._awaited.values()]
        if not self._past:
            grave += self._stream_problems()
        quiet = [
            texts.unit_assumed(self._name(info.key), texts.unit_words(info).split(",")[0])
            for info in self._infos.values()
            if info.kind == "eeg" and not info.unit_confirmed
        ]
        ended = self.state is SessionState.ENDED
        quiet += [texts.stream_was_lost(self._name(key)) for key in self._lost_at if self._past and not ended]
        quiet += [texts.PASSED_OVER] if self._passes_over and not (self._past or ended) else []
        quiet += [texts.ENDED if self._past else texts.ALL_ENDED] if ended and self.mode != "labelling" else []
        quiet += [
            texts.notice(self._infos, stream, text)
            for heard, stream, text in self._notices
            if self._now() - heard < NOTICE_SHOWN
        ]
        return [Problem(text, True) for text in grave] + [Problem(text, False) for text in quiet]

    def _show_for_a_while(self, stream: str, text: str) -> None:
        self._notices = [*self._notices[-2:], (self._now(), stream, text)]

    @property
    def _past(self) -> bool:
        """Whether a recording is shown: nothing can be done about it."""
        return self.mode in ("replaying", "labelling")

    def _on_disk(self) -> bool:
        """Return whether data truly reaches the disk, by a recorder that was heard of just now."""
        recording = self._recording
        return recording is not None and recording.recording and self._now() - self._recording_heard <= SILENT

    def _recording_words(self, participant: str) -> str:
        recording = self._recording
        who = f" {participant}" if participant else ""
        if recording is None or self._began is None or not self._on_disk():
            return f"{texts.DOING[self.mode]}{who}."
        return texts.recording(participant, self._clock(recording.time))

    def _clock(self, moment: float) -> str:
        zero = self._began if math.isnan(self.zero) else self.zero
        return "" if zero is None else texts.clock(moment - zero)

    def _read_words(self, newest: Prediction | None) -> str:
        if newest is None or self.state is SessionState.ENDED or self._reading is None:
            return ""
        start, stop = self._reading
        return texts.read_so_far(newest.stop - start, stop - start)

    def _recording_problems(self) -> list[str]:
        recording = self._recording
        if recording is None:
            return []
        found = []
        silent = self._now() - self._recording_heard
        if recording.problem:
            found.append(texts.recording_problem(recording.problem))
        elif self._began is not None and not recording.recording:
            found.append(texts.recording_stopped())
        elif recording.recording and silent > SILENT:
            found.append(texts.recording_silent(silent))
        if recording.recording and not recording.problem and 0 <= recording.free_bytes < LOW_DISK_BYTES:
            found.append(texts.disk_low(recording.free_bytes))
        if recording.recording and self._began is not None and recording.time - self._began > SILENT:
            found += [
                texts.nothing_on_disk(self._name(key)) for key, n in recording.samples if n == 0 and self._runs(key)
            ]
        return found

    def _stream_problems(self) -> list[str]:
        found: list[str] = []
        if self.state is SessionState.ENDED:
            return found
        if (behind := self._behind()) > SILENT:
            found.append(texts.behind(behind))
        for key, since in self._lost_at.items():
            info = self._infos.get(key)
            kind = info.kind if info else "eeg"
            found.append(texts.stream_lost(self._name(key), kind, self._now() - since, self._clock(since)))
        for key, health in self._health.items():
            info = self._infos.get(key)
            if key in self._lost_at or info is None or health.ended or not self._is_regular(key):
                continue
            if health.last_sample_age > SILENT and health.last_came > SILENT:
                found.append(texts.stream_silent(self._name(key), health.last_sample_age))
            elif info.kind == "eeg" and rate_is_off(health):
                rate = health.effective_sfreq, health.nominal_sfreq
                found.append(texts.rate_off(self._name(key), *rate, info.simulated))
        return found

    def _hear(self, moment: float) -> None:
        # A headset that starts anew may begin its clock anew.
        self._told = self._now(), max(moment, self._told[1]) if moment > self._told[1] - _ANOTHER_CLOCK_S else moment

    def _behind(self) -> float:
        """Return by how many seconds this computer is behind: in predicting, in reading the streams, or in showing."""
        heard, behind = self._lag
        told, of = self._told
        ages = [
            health.last_sample_age
            for key, health in self._health.items()
            if health.last_came <= SILENT < health.last_sample_age and not health.ended and self._is_regular(key)
        ]
        shown = told - of if self._now() - told <= SILENT else 0.0
        return max([behind if self._now() - heard <= SILENT else 0.0, shown, *ages])

    def _is_regular(self, key: str) -> bool:
        """Return whether data of a stream are due all the time."""
        info = self._infos.get(key)
        return info is not None and info.kind in ("eeg", "video")

    def _runs(self, key: str) -> bool:
        health, info = self._health.get(key), self._infos.get(key)
        if health is None or not health.connected or not health.n_samples:
            return False
        # A first marker may have come this moment.
        return info is None or info.is_due or health.last_sample_age > SILENT

    def _name(self, key: str) -> str:
        info = self._infos.get(key)
        return texts.persons(info.name, texts.whose_stream(self._infos, key)) if info else key


def _said(prediction: Prediction) -> str:
    """Return what is shown and which sensor says so."""
    shown = texts.expression(
        prediction.label, max(prediction.probabilities), prediction.prediction_set, len(prediction.classes)
    )
    return f"{shown} {texts.trusted(*prediction.weights, modalities=prediction.modalities)}"


def rate_is_off(health: StreamHealth) -> bool:
    """Return whether a stream runs at clearly another rate than it declares."""
    nominal, effective = health.nominal_sfreq, health.effective_sfreq
    return nominal > 0 and effective > 0 and abs(effective - nominal) > RATE_TOLERANCE * nominal
