"""The person's own neutral face: what a face is compared with.

Faces differ at rest by more than an expression moves them, so one picture is read badly and its difference from the
same person's neutral face well. That face is read from some seconds in which the person was asked to relax it; until
there are any, a running estimate from the past stands in, with less weight. Everything here follows from the
observations and the items alone, so that a replay comes to the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from core.blendshapes import BLENDSHAPES
from core.data import Array, FaceObservation, Neutral, NeutralFace, RunningNeutral, frozen
from core.face_movement import mouth_movement
from core.models.model_file import CLASSES

PERIOD_S = 10.0
"""Seconds for which somebody is asked to relax the face."""
MIN_FRAMES = 10
"""Usable pictures from which on a neutral face is read; a period of 10 s has 80."""
MIN_QUALITY, MAX_YAW_DEG, MAX_BLINK, MAX_MOVEMENT = 0.3, 20.0, 0.5, 0.5
"""What a picture must be like to be part of it: well seen, from the front, eyes open, mouth still."""
PRIOR_S = 30.0
"""Seconds of usable past that give the running estimate half of the weight that it comes to."""
RUNNING_WEIGHT = 0.6
MEMORY_S = 300.0
"""Older past fades from the running estimate."""
RUNNING_CODE = 1
"""Changes with how the running estimate comes about: recordings tell where it stood, which holds for the same alone."""
MAX_STEP_S = 1.0
MAX_BLENDSHAPE, MAX_LOG_ODDS = 0.1, 3.0
"""How far from the running estimate a picture counts: one that is further, such as a smile, counts no more."""
_LIMIT = np.array([MAX_BLENDSHAPE] * len(BLENDSHAPES) + [MAX_LOG_ODDS] * len(CLASSES))
_KEPT_S = 60.0
_BLINKS = [BLENDSHAPES.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]
_N = len(BLENDSHAPES)
_LEAST = 1e-12
LOOK_BACK_S = 1.0
"""Seconds of faces that tell whether the mouth moves."""


def log_odds(expression: Array) -> Array:
    """Return the log odds of each class against the first one, shape and order of `expression`, float64, nats."""
    logs: Array = np.log(np.maximum(np.asarray(expression, np.float64), _LEAST))
    return logs - logs[..., :1]


def usable(face: FaceObservation, before: Sequence[FaceObservation]) -> bool:
    """Return whether a picture may be part of a neutral face.

    Parameters
    ----------
    face : FaceObservation
    before : sequence of FaceObservation
        Those of the second before, oldest first: they tell whether the mouth moves.
    """
    if face.problem or face.blendshapes is None or face.expression is None:
        return False
    if face.quality < MIN_QUALITY or abs(face.yaw_deg) > MAX_YAW_DEG:
        return False
    left, right = (face.blendshapes[blink] for blink in _BLINKS)
    return bool((left + right) / 2 <= MAX_BLINK) and mouth_movement([*before, face]) <= MAX_MOVEMENT


def read_neutral(participant: str, start: float, stop: float, faces: Sequence[FaceObservation]) -> NeutralFace:
    """Return the neutral face that observations show between `start` and `stop`, without values if too few are usable.

    It is the median of each value, so that a smile or a word within the period changes little.
    """
    inside = [(face, _lately(faces[:k], face.time)) for k, face in enumerate(faces) if start <= face.time < stop]
    chosen = [face for face, before in inside if usable(face, before)]
    if len(chosen) < MIN_FRAMES:
        return NeutralFace(participant, start, stop, n_frames=len(chosen))
    values = np.median([_values(face) for face in chosen], axis=0)
    blendshapes, odds = tuple(values[:_N].tolist()), tuple(values[_N:].tolist())
    bright = float(np.median([face.burnt for face in chosen]))
    return NeutralFace(participant, start, stop, blendshapes, odds, len(chosen), burnt=bright)


class NeutralTracker:
    """The neutral face of one participant, as it is known at each moment."""

    def __init__(self, participant: str) -> None:
        self._participant = participant
        self._recent: deque[FaceObservation] = deque()
        self._asked: NeutralFace | None = None
        self._own: Neutral | None = None
        self.burnt: float | None = None
        """How much of the person's own neutral face was burnt out by light, 0 to 1; None where that is not known."""
        self._running = RunningEstimate()

    def current(self) -> Neutral | None:
        """Return what a window that begins now is to be compared with; None while nothing is known."""
        return self._own or self._running.current()

    def take(self, given: NeutralFace) -> NeutralFace | None:
        """Take a neutral face, or the period in which it is shown; return what was read, once the period is over."""
        if given.blendshapes:
            if not _is_whole(given):
                return None
            self._own, self._asked, self.burnt = _own(given), None, given.burnt
            return given
        self._asked = given
        return self._read()

    def see(self, faces: Sequence[FaceObservation]) -> NeutralFace | None:
        """Take new observations; return the neutral face if the period that was asked for is over with them."""
        self._recent.extend(faces)
        while self._recent and self._recent[0].time < self._recent[-1].time - _KEPT_S:
            self._recent.popleft()
        return self._read()

    def follow(self, face: FaceObservation) -> None:
        """Let the running estimate follow an observation that is past."""
        self._running.follow(face)

    def resume(self, known: RunningNeutral) -> None:
        """Let the running estimate go on from where it was."""
        self._running = RunningEstimate(known)

    def forget(self) -> None:
        """Begin the running estimate anew; the person's own neutral face stays."""
        self._running = RunningEstimate()
        self._recent.clear()

    def _read(self) -> NeutralFace | None:
        asked = self._asked
        if asked is None or not self._recent or self._recent[-1].time < asked.stop:
            return None
        self._asked = None
        found = read_neutral(self._participant, asked.start, asked.stop, tuple(self._recent))
        if found.blendshapes:
            self._own, self.burnt = _own(found), found.burnt
        return found


class RunningEstimate:
    """A mean over the past that no single picture moves far.

    Parameters
    ----------
    known : RunningNeutral, optional
        Where it goes on from.
    """

    def __init__(self, known: RunningNeutral | None = None) -> None:
        self._mean: Array | None = None
        self._seconds = 0.0
        self._time = 0.0
        self._before: deque[FaceObservation] = deque()
        if known is not None:
            self._mean, self._seconds, self._time = known.values, known.seconds, known.time
            self._before.extend(known.lately)

    def state(self, participant: str) -> RunningNeutral:
        """Return where it stands, to go on from there."""
        return RunningNeutral(participant, self._mean, self._seconds, self._time, tuple(self._before))

    def follow(self, face: FaceObservation) -> None:
        """Take the next face; faces come in their order."""
        before = _lately(self._before, face.time)
        self._before.append(face)
        while self._before[0].time < face.time - LOOK_BACK_S:
            self._before.popleft()
        if not usable(face, before):
            return
        values = _values(face)
        if self._mean is None:
            self._mean, self._time = values, face.time
            return
        seconds = min(max(face.time - self._time, 0.0), MAX_STEP_S)
        self._time = face.time
        self._seconds = min(self._seconds + seconds, MEMORY_S)
        step = np.minimum(np.maximum(values - self._mean, -_LIMIT), _LIMIT)
        self._mean = self._mean + min(1.0, seconds / max(self._seconds, seconds, 1e-9)) * step

    def current(self) -> Neutral | None:
        """Return what a window is to be compared with; None while nothing is known."""
        if self._mean is None or not self._seconds:
            return None
        weight = RUNNING_WEIGHT * self._seconds / (self._seconds + PRIOR_S)
        return _neutral(self._mean[:_N], self._mean[_N:], weight)


def _is_whole(face: NeutralFace) -> bool:
    """Return whether the values can be a face's: what stands in a file may be damaged."""
    sizes = len(face.blendshapes), len(face.log_odds)
    return sizes == (_N, len(CLASSES)) and bool(np.isfinite([*face.blendshapes, *face.log_odds]).all())


def _own(face: NeutralFace) -> Neutral:
    return _neutral(np.asarray(face.blendshapes), np.asarray(face.log_odds), 1.0)


def _neutral(blendshapes: Array, odds: Array, weight: float) -> Neutral:
    return Neutral(frozen(blendshapes.astype(np.float32)), frozen(odds.astype(np.float32)), weight)


def _values(face: FaceObservation) -> Array:
    assert face.blendshapes is not None
    assert face.expression is not None
    return np.concatenate([face.blendshapes.astype(np.float64), log_odds(face.expression)])


def _lately(faces: Sequence[FaceObservation], time: float) -> list[FaceObservation]:
    return [face for face in faces if time - LOOK_BACK_S <= face.time < time]
