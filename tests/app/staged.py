"""A staged session: made-up messages such as the engine sends, for tests of the window and for its screenshots."""

from __future__ import annotations

import queue
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.signal import lfilter

from core.blendshapes import BLENDSHAPES
from core.data import (
    Array,
    Channel,
    ChannelQuality,
    Chunk,
    FaceObservation,
    Neutral,
    Prediction,
    RecordingHealth,
    Segment,
    StreamHealth,
    StreamInfo,
    Window,
    frozen,
)
from core.montage import position, template
from tests.montages import TEN_TWENTY

CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
_OTHERS = {"A1", "A2", "M1", "M2", "T3", "T4", "T5", "T6"}
T0 = 5000.0
STEP = 0.25
BAD = (("T7", "flat"), ("O2", "line noise"))


@dataclass
class Clock:
    """A clock that a test moves by hand."""

    time: float = T0

    def __call__(self) -> float:
        return self.time


def _fineness(name: str) -> tuple[bool, bool, str]:
    """Sort the names of the 10-10 system before those of the 10-5 system."""
    row = name.rstrip("0123456789zh")
    return name.endswith("h"), row not in ("Fp", "AF", "F", "FC", "FT", "C", "T", "CP", "TP", "P", "PO", "O", "I"), name


def eeg_info(n_chans: int = 19, sfreq: float = 256.0, participant: str = "P001", simulated: bool = False) -> StreamInfo:
    names = [*TEN_TWENTY, *sorted(set(template()) - set(TEN_TWENTY) - _OTHERS, key=_fineness)][:n_chans]
    return StreamInfo(
        key=f"eeg-{participant}",
        kind="eeg",
        participant=participant,
        name="Simulated EEG" if simulated else "LiveAmp",
        sfreq=sfreq,
        channels=tuple(Channel(name, name, "eeg", "microvolts", position=position(name)) for name in names),
        simulated=simulated,
    )


def video_info(participant: str = "P001", simulated: bool = False) -> StreamInfo:
    return StreamInfo(
        key=f"video-{participant}",
        kind="video",
        participant=participant,
        name="Camera 0",
        type="VideoRaw",
        sfreq=30.0,
        dtype="int8",
        width_px=320,
        height_px=240,
        simulated=simulated,
    )


def prediction(stop: float, status: str = "ok", **changes: Any) -> Prediction:
    angle = 2 * np.pi * (stop - T0) / 50
    happy = float(0.35 + 0.25 * np.sin(angle))
    weight = float(np.clip(0.65 + 0.25 * np.sin(angle / 1.7), 0, 1))
    rest = (1 - happy) * np.array([0.45, 0.06, 0.26, 0.05, 0.1, 0.08])
    made = Prediction(
        participant="P001",
        start=stop - 2.0,
        stop=stop,
        status=status,
        classes=CLASSES,
        probabilities=(float(rest[0]), happy, *(float(p) for p in rest[1:])),
        valence=float(0.35 + 0.4 * np.sin(angle)),
        arousal=float(0.2 + 0.4 * np.cos(angle * 1.3)),
        valence_sd=float(0.14 + 0.08 * np.sin(angle / 3) ** 2),
        arousal_sd=float(0.2 + 0.08 * np.cos(angle / 2) ** 2),
        uncertainty=0.9,
        aleatoric=0.7,
        epistemic=0.2,
        vacuity=0.2,
        disagreement=0.3,
        weights=(weight, 1 - weight),
        noise=(1.2, 2.6),
        prediction_set=("happy", "neutral"),
        coverage=0.9,
        bad_channels=BAD,
        model="0" * 64,
    )
    if status != "ok":
        changes = {"weights": (0.0, 0.0), "prediction_set": (), "noise": (float("nan"), float("nan"))} | changes
    return replace(made, **changes)


def blendshapes(**shown: float) -> Array:
    """Return blendshapes of a face at rest but for what is shown, by names without a side."""
    values = np.full(len(BLENDSHAPES), 0.05, np.float32)
    for name, value in shown.items():
        values[[k for k, one in enumerate(BLENDSHAPES) if one in (name, f"{name}Left", f"{name}Right")]] = value
    return frozen(values)


OWN_NEUTRAL = Neutral(blendshapes(), frozen(np.zeros(len(CLASSES), np.float32)), 1.0)


def window(
    info: StreamInfo,
    made: Prediction,
    eeg_problem: str = "",
    face_problem: str = "",
    neutral: Neutral | None = OWN_NEUTRAL,
) -> Window:
    """Return the window that a prediction was made from, with plausible qualities."""
    n_chans = len(info.ch_names)
    k = np.arange(n_chans)
    line, muscle = 0.25 + 0.2 * np.sin(k), 0.2 + 0.25 * np.cos(1.7 * k + made.stop / 9)
    score = 0.95 - 0.5 * np.maximum(line, muscle)
    bad = {name for name, _ in made.bad_channels}
    for j, name in enumerate(info.ch_names):
        if name in bad:
            score[j] = 0.0
    quality = ChannelQuality(*(frozen(np.clip(part, 0, 1).astype(np.float32)) for part in (score, line, muscle)))
    return Window(
        made.participant,
        made.start,
        made.stop,
        ch_names=info.ch_names,
        bad_channels=made.bad_channels,
        quality=quality,
        eeg_problem=eeg_problem,
        face_problem=face_problem,
        neutral=neutral,
    )


def segment(uid: str, start: float, score: float = 0.8) -> Segment:
    asked = prediction(start + 4.0, prediction_set=("sad", "neutral", "fear"))
    return Segment(uid, "P001", start, start + 4.0, score, "EEG and face disagree", asked)


@dataclass
class Stage:
    """Plays a participant into a queue, second by second of data time.

    The picture is a drawn head, no person.
    """

    n_chans: int = 19
    sfreq: float = 256.0
    simulated: bool = False
    n_samples: int = 0
    n_frames: int = 0
    outbox: queue.Queue[Any] = field(default_factory=queue.Queue)
    answers: list[Any] = field(default_factory=list)
    participant: str = "P001"

    def __post_init__(self) -> None:
        self.eeg = eeg_info(self.n_chans, self.sfreq, self.participant, self.simulated)
        self.video = video_info(self.participant, self.simulated)
        self.rng = np.random.default_rng(7)
        self.walk = np.zeros((1, self.n_chans))

    @property
    def time(self) -> float:
        return T0 + self.n_samples / self.sfreq

    def open(self) -> None:
        self.outbox.put(self.eeg)
        self.outbox.put(self.video)

    def play(
        self, seconds: float, status: str = "ok", picture: bool = True, face: str = "", eeg: str = "", **changes: Any
    ) -> None:
        """Put messages for this long.

        `status` and `changes` go into each prediction; `face` and `eeg` are why these cannot be used.
        """
        for _ in range(round(seconds / STEP)):
            if eeg == "missing":
                self.n_samples += round(STEP * self.sfreq)
            else:
                self.outbox.put(self.eeg_chunk(round(STEP * self.sfreq), changes.get("bad_channels", BAD)))
            if picture:
                self.outbox.put(self.video_chunk(face != "no face"))
                self.outbox.put(self.observation(face))
            made = prediction(self.time, status, **{"participant": self.participant} | changes)
            self.outbox.put(window(self.eeg, made, eeg, face if picture else "missing"))
            self.outbox.put(made)

    def observation(self, problem: Any) -> FaceObservation:
        if problem == "no face":
            return FaceObservation(self.participant, self.time, problem)
        box = (106.0, 52.0, 214.0, 190.0)
        smile = 0.35 + 0.3 * np.sin(2 * np.pi * (self.time - T0) / 50)
        shown = blendshapes(mouthSmile=smile, eyeSquint=0.2 + 0.5 * smile, browInnerUp=0.12)
        mesh = None if problem else shown
        return FaceObservation(
            self.participant, self.time, problem, box, self.landmarks(), blendshapes=mesh, quality=0.8
        )

    def health(self, recording: bool = True, lost: str = "", only: str = "", **changes: Any) -> None:
        """Put how streams and recording are; `lost` is the kind that went 7 s ago, `only` the one that is there."""
        streams = [pair for pair in ((self.eeg, self.sfreq), (self.video, 30.0)) if only in ("", pair[0].kind)]
        for info, rate in streams:
            gone = lost == info.kind
            age = 7.0 if gone else 0.02
            self.outbox.put(
                StreamHealth(info.key, self.time, not gone, age, 0.0 if gone else rate - 0.1, rate, 9000, 0, 0, 0.0003)
            )
        samples = tuple((info.key, 9000 if info.kind == "eeg" else 1020) for info, _ in streams)
        told: dict[str, Any] = {"bytes_written": 10**7, "free_bytes": 10**11, "samples": samples} | changes
        self.outbox.put(RecordingHealth(self.time, "study/sub-P001", recording, **told))

    def eeg_chunk(self, n_times: int, bad: Iterable[tuple[str, str]] = BAD) -> Chunk:
        times = self.time + np.arange(n_times) / self.sfreq
        self.n_samples += n_times
        noise = self.rng.standard_normal((n_times, self.n_chans))
        data, self.walk = lfilter([6.0], [1.0, -0.97], noise, axis=0, zi=self.walk)
        back = np.linspace(0.1, 1.2, self.n_chans)
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.2 * times)
        data += (14 * swell * np.sin(2 * np.pi * 10.2 * times))[:, None] * back
        blink = 90 * np.exp(-(((times % 4.3) - 2) ** 2) / 0.012)
        data[:, :2] += blink[:, None]
        for name, why in bad:
            if name in self.eeg.ch_names:
                at = self.eeg.ch_names.index(name)
                data[:, at] = 0.01 if why == "flat" else data[:, at] + 45 * np.sin(2 * np.pi * 50 * times)
        return Chunk(self.eeg.key, frozen(times), frozen((data + 4000).astype(np.float32)))

    def video_chunk(self, there: bool = True) -> Chunk:
        self.n_frames += 1
        # Its eyes and mouth move within two seconds: so few pictures are drawn, and again and again.
        frame = head(round(self.time % 2.0, 2), there)
        return Chunk(self.video.key, frozen(np.array([self.time])), frozen(frame[None]), frame_index=self.n_frames)

    def landmarks(self) -> Array:
        return np.array([[140, 112], [180, 112], [160, 130], [146, 154], [174, 154]], dtype=np.float32)


@lru_cache(maxsize=64)
def head(time: float, there: bool = True) -> Array:
    """Return a picture of a drawn head, or of the wall behind it, array of shape (240, 320, 3), uint8, RGB."""
    y, x = np.mgrid[0:240, 0:320].astype(np.float32)
    frame = np.empty((240, 320, 3), dtype=np.float32)
    frame[:] = np.array([96, 108, 122]) + (y * 0.12 - x * 0.08)[:, :, None]

    if not there:
        return np.clip(frame, 0, 255).astype(np.uint8)

    def ellipse(cx: float, cy: float, rx: float, ry: float, color: tuple[int, int, int]) -> None:
        inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
        frame[inside] = color

    ellipse(160, 262, 96, 66, (58, 74, 96))
    ellipse(160, 110, 58, 68, (74, 56, 44))
    ellipse(160, 125, 48, 62, (214, 178, 154))
    for eye in (140, 180):
        ellipse(eye, 112, 7, 4, (250, 250, 250))
        ellipse(eye + 2 * np.sin(np.pi * time), 112, 3, 3, (40, 40, 50))
    ellipse(160, 154, 17, 5 + 2 * np.sin(np.pi * time), (156, 84, 84))
    return np.clip(frame, 0, 255).astype(np.uint8)
