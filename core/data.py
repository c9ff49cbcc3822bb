"""The values that flow through Insula: frozen, arrays read-only, safe to hand from thread to thread.

Two array orders only: time first while it streams, ``(n_times, n_chans)``; channels first for models,
``(n_chans, n_times)``. Units: seconds on the LSL clock, Hz, µV, nats; any other unit stands in the name.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.plain_text import plain

Array = NDArray[Any]
Kind = Literal["eeg", "video", "truth", "markers", "other"]
ChannelKind = Literal["eeg", "eog", "ecg", "emg", "acc", "gyro", "counter", "trigger", "timestamp", "quality", "misc"]
FaceProblem = Literal["", "no face", "turned away", "too dark", "blurred", "too small", "not looked at"]
NOT_LOOKED_AT: FaceProblem = "not looked at"
"""Of a frame that was passed over, since the computer did not keep up."""
Role = Literal["self", "observer", "expert", "adjudicator"]
"""As what somebody answers; an adjudicator decides between the answers of others, which stay."""
MODALITIES = ("eeg", "face")
"""Those that every model has, in this order; others of a model stand behind them (`Architecture.modalities`)."""


def frozen(array: Array) -> Array:
    """Return `array` with its write flag down, so that no thread can change what another one reads."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a stream, as the device named it and as Insula understands it."""

    name: str
    """Canonical 10-05 name such as ``T7``; the device's own label where it is no electrode."""
    label: str
    """The label as the device wrote it, ``""`` if it wrote none."""
    kind: ChannelKind = "eeg"
    unit: str = ""
    """The unit as the device wrote it, ``""`` if it wrote none."""
    scale_uv: float = 1.0
    """Factor from the device's unit to µV; NaN for what is no voltage."""
    position: tuple[float, float, float] | None = None
    """Metres in MNE head coordinates (x right, y front, z up); None if unknown."""
    bad: bool = False
    """Marked as unusable by whoever recorded or looked through it."""

    def __post_init__(self) -> None:
        for name in ("name", "label", "unit"):
            object.__setattr__(self, name, plain(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What one stream is. Travels with the source, into the recording, and back out of it in replay.

    Anyone on the network may announce a stream under any name. So its texts are made plain here, where every stream is
    made, and fit for a terminal, a window and a file; what the stream announced stands in `announced` and `desc`.
    """

    key: str
    """Unique within a session: host, name, type, source_id and, where these repeat, uid."""
    kind: Kind
    participant: str
    name: str
    type: str = "EEG"
    sfreq: float = 0.0
    """Nominal rate; 0 for an irregular stream."""
    channels: tuple[Channel, ...] = ()
    dtype: str = "float32"
    """float32, double64, int8, int16, int32, int64 or string, in LSL's words."""
    hostname: str = ""
    source_id: str = ""
    uid: str = ""
    width_px: int = 0
    height_px: int = 0
    simulated: bool = False
    clock: Literal["lsl", "rebased"] = "lsl"
    """``rebased`` when the device stamps with another clock and Insula moved it onto LSL's."""
    unit_confirmed: bool = True
    """False while the unit is a guess from the magnitude of the signal."""
    desc: str = ""
    """The stream's own ``<desc>...</desc>`` XML, verbatim; empty if none."""
    face_reading: str = ""
    """Video only: hash of what reads the face (`core.face_reading`) where its observations come as items of their own
    behind the frames; empty where whoever wants to know looks at the pictures."""
    awaited: bool = False
    """True of a stream that is wanted and not there yet; once it is, it is told of again under the same key."""
    prompt: bool = True
    """EEG and video: whether a window is cut as soon as all that it holds is known; in recordings of before 0.2, which
    are False, it waited for a sample, or a frame, beyond that."""
    announced: tuple[tuple[str, str], ...] = ()
    """(field, text) as the stream announced it, of each of its texts that is not plain."""

    def __post_init__(self) -> None:
        texts = {name: getattr(self, name) for name in ("name", "type", "hostname", "source_id")}
        odd = tuple((name, text) for name, text in texts.items() if text != plain(text))
        for name, text in odd:
            object.__setattr__(self, name, plain(text))
        if odd:
            object.__setattr__(self, "announced", odd)

    @property
    def is_due(self) -> bool:
        """Whether samples are due all the time; markers and irregular streams come when they will."""
        return self.kind in ("eeg", "video") or (self.kind != "markers" and self.sfreq > 0.0)

    @property
    def picks(self) -> tuple[int, ...]:
        """Indices of the EEG channels among all channels of the stream."""
        return tuple(i for i, channel in enumerate(self.channels) if channel.kind == "eeg")

    @property
    def ch_names(self) -> tuple[str, ...]:
        """Canonical names of the EEG channels, in the order of `picks`."""
        return tuple(self.channels[i].name for i in self.picks)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples or frames of one stream, raw: every channel, the device's own unit and stamps."""

    stream: str
    """The `StreamInfo.key` it belongs to."""
    timestamps: Array
    """Array of shape (n_times,), float64, s: the stamps as the device gave them."""
    data: Array
    """(n_times, n_chans) in the stream's dtype; video (n_times, height, width, 3) uint8, RGB."""
    clock_offset: float = 0.0
    """Seconds to add to `timestamps` to be on this machine's LSL clock."""
    packets: tuple[bytes, ...] = ()
    """Video only: the coded packets that hold these frames, for the recording to keep as they are."""
    frame_index: int = 0
    """Video only: number of the first frame since the camera was opened, lost frames counted."""

    @property
    def is_bare(self) -> bool:
        """Whether these are frames without pixels: when they were taken is known, what they show is not."""
        return self.data.ndim == 4 and not self.data.size

    def bare(self) -> Chunk:
        """Return these frames without their pixels."""
        empty = frozen(np.empty((len(self.timestamps), 0, 0, 3), np.uint8))
        return dataclasses.replace(self, data=empty, packets=())

    @property
    def times(self) -> Array:
        """Array of shape (n_times,), float64: stamps on this machine's LSL clock."""
        return self.timestamps + self.clock_offset


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to a stream and that a person should see and the recording keep."""

    stream: str
    time: float
    kind: Literal["opened", "lost", "back", "gap", "jump", "rate", "clock", "unit", "dropped", "info", "seek"]
    text: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How many windows of each participant are predicted from here on, because this computer did not keep up."""

    time: float
    """When that was decided, s, LSL clock."""
    windows: int = -1
    """So many are predicted, the rest is passed over until the next `Pace`; -1: all again."""


@dataclass(frozen=True, slots=True)
class ModelChange:
    """From here on another model reads, between two windows and for everyone of the session."""

    time: float
    """When that was decided, s, LSL clock."""
    model: str
    """sha256 of the checkpoint that reads from here on."""
    before: str = ""
    """sha256 of the one that reads until here: where another one does, nothing changes; ``""``: whichever it is."""
    file: str = ""
    """Name of its file, without a folder: a study's are in its own."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What another program said at a moment, such as that a film began."""

    time: float
    """s, LSL clock."""
    text: str
    stream: str = ""
    """Name of the stream it came by."""


@dataclass(frozen=True, slots=True)
class FaceObservation:
    """What one video frame says of the face, on the face grid (8 Hz by default); made once per frame."""

    participant: str
    time: float
    """Capture time of the frame, s, LSL clock."""
    problem: FaceProblem = ""
    """Why it cannot be used, or ``""``."""
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in pixels of the frame."""
    landmarks: Array | None = None
    """Array of shape (n_points, 2), float32, pixels."""
    embedding: Array | None = None
    """Array of shape (n_features,), float32: the frozen expression network's embedding."""
    expression: Array | None = None
    """Array of shape (n_classes,), float32: the expression network's own class probabilities."""
    blendshapes: Array | None = None
    """Array of shape (52,), float32, 0 to 1: what the face does, in the order of `core.blendshapes.BLENDSHAPES`; None
    where the mesh finds no face."""
    quality: float = 0.0
    """0 unusable to 1 good, from pose, size, blur and light."""
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    burnt: float = 0.0
    """Share of the face, 0 to 1, on which light is as bright as the picture can tell; 0 in recordings from before."""


@dataclass(frozen=True, slots=True)
class NeutralFace:
    """A participant's own neutral face: when it was shown and, once it has been read, what it is.

    Without values it goes into the pipeline and says that the face was relaxed between `start` and `stop`; with them it
    comes out again, or is one that was kept from an earlier session and goes in.
    """

    participant: str
    start: float
    stop: float
    """s, LSL clock; of one that was kept from an earlier session, when it was taken up, twice."""
    blendshapes: tuple[float, ...] = ()
    """The 52 of `FaceObservation.blendshapes`; empty: to be read from the pictures of that time."""
    log_odds: tuple[float, ...] = ()
    """nats: what the expression network says of each class against the first one, neutral."""
    n_frames: int = 0
    """How many pictures it was read from."""
    kept_from: str = ""
    """When it was read, ISO 8601, if in an earlier session."""
    burnt: float | None = None
    """`FaceObservation.burnt` of those pictures; None of one that was read before this was kept."""


@dataclass(frozen=True, slots=True)
class RunningNeutral:
    """How far the running estimate of a participant's neutral face had come at a place in a recording that one goes to.

    It goes into the pipeline in the place of all faces before (`core.face_neutral.RunningEstimate`).
    """

    participant: str
    values: Array | None
    """Array of shape (52 + n_classes,), float64: blendshapes and log odds, nats; None while no face was usable."""
    seconds: float
    """How much usable past it is of."""
    time: float
    """When the last usable face was, s, LSL clock."""
    lately: tuple[FaceObservation, ...]
    """Those of the second before, oldest first."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """What a window's face is to be compared with."""

    blendshapes: Array
    """Array of shape (52,), float32."""
    log_odds: Array
    """Array of shape (n_classes,), float32, nats; see `NeutralFace.log_odds`."""
    weight: float
    """0 says nothing of the person, 1 is the person's own neutral face; between them, a running estimate."""


@dataclass(frozen=True, slots=True)
class ChannelQuality:
    """How clean each EEG channel of a window is: for a person to see, the mask decides. Arrays of shape (n_chans,)."""

    score: Array
    """float32: 0 unusable to 1 clean."""
    line: Array
    """float32: line noise, 0 none to 1 as much as makes a channel unusable."""
    muscle: Array
    """float32: muscle, 0 none to 1 as much as makes a channel unusable."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the stream of a modality beside EEG and face says of a window; see `core.models.own_encoders`."""

    modality: str
    values: Array | None = None
    """Array of shape (n_numbers,), float32, finite; None if there are none."""
    problem: str = ""
    """Why there are none (``missing``, ``not enough``), or ``""``."""


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of data on the window grid, ready for the models. Each modality may be absent."""

    participant: str
    start: float
    stop: float
    eeg: Array | None = None
    """Array of shape (n_chans, n_times), float32, µV, filtered, re-referenced, at the model's rate; None if absent."""
    eeg_mask: Array | None = None
    """Array of shape (n_chans,), bool: True where the channel may be trusted."""
    ch_names: tuple[str, ...] = ()
    positions: Array | None = None
    """Array of shape (n_chans, 3), float32, m, head coordinates; NaN where unknown."""
    eeg_scale: float = 1.0
    """Running scale of this participant's EEG, µV, from past data only (see `core.windowing`)."""
    eeg_problem: str = ""
    """Why the EEG cannot be used (``missing``, ``gap``, ``flat``, ``settling``, ``few channels``), or ``""``."""
    bad_channels: tuple[tuple[str, str], ...] = ()
    """(name, reason) for each channel whose mask is False."""
    quality: ChannelQuality | None = field(default=None, repr=False, compare=False)
    """How clean each channel is; None where no EEG could be judged."""
    simulated: bool = False
    """True if the EEG comes from a simulated participant."""
    faces: tuple[FaceObservation, ...] = ()
    """Usable and unusable observations whose time lies in [start, stop), oldest first."""
    face_problem: str = ""
    """Why the face cannot be used (``missing``, ``no face``, ...), or ``""``."""
    neutral: Neutral | None = None
    """The participant's neutral face as it was known before the window began; None while nothing is."""
    further: tuple[Numbers, ...] = ()
    """What further modalities say, those of the model for which the window was cut, in its order."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says of one window, how sure it is, and which sensor it trusted."""

    participant: str
    start: float
    stop: float
    status: str
    """``ok`` or, in words, why it abstains."""
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]
    """Calibrated class probabilities; NaN when nothing could be computed."""
    valence: float
    """-1 unpleasant to 1 pleasant."""
    arousal: float
    """-1 calm to 1 excited."""
    valence_sd: float
    arousal_sd: float
    uncertainty: float
    """Total: entropy of the expected class probabilities, nats."""
    aleatoric: float
    """Expected entropy under the Dirichlet, nats."""
    epistemic: float
    """Mutual information between class and Dirichlet, nats."""
    vacuity: float
    """K / S: lack of evidence, 0 to 1."""
    disagreement: float
    """How far the modalities contradict each other as far as both are sure, 0 to 1; NaN with one modality. Of more
    than two it is that of the pair that does so most."""
    weights: tuple[float, ...]
    """Reliability weight per modality in the order of `modalities`; they sum to 1 (or 0 when none is used)."""
    noise: tuple[float, ...]
    """Estimated noise level per modality, 1 is clean; NaN when the modality is absent."""
    prediction_set: tuple[str, ...]
    """The classes that together keep the promised coverage."""
    coverage: float
    """The promised coverage of `prediction_set`."""
    bad_channels: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know of this prediction, such as ``student not taught on this person``."""
    model: str = ""
    """sha256 of the checkpoint."""
    feature: Array | None = field(default=None, repr=False, compare=False)
    """Array of shape (n_features,), float32: the fused feature, for the queue to tell near-duplicates."""
    neutral: Literal["", "own", "running", "unknown"] = ""
    """What the face was compared with: the person's own neutral face, a running estimate of it, or that of people in
    general; ``""`` without a face, and from models that do not compare."""
    modalities: tuple[str, ...] = MODALITIES
    """What the model reads; see `weights`."""

    @property
    def label(self) -> str:
        """The most probable class, ``""`` when it abstains."""
        return self.classes[int(np.argmax(self.probabilities))] if self.status == "ok" else ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that the model asks a person to label."""

    uid: str
    participant: str
    start: float
    stop: float
    score: float
    """0 not worth asking to 1 most worth asking."""
    reason: str
    """Why it is asked, in words."""
    prediction: Prediction
    chosen: Literal["score", "random", "person"] = "score"
    """For its score, by lot, or by a person who marked it."""


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of one annotator. Append-only: a correction is a new label that names the old one."""

    uid: str
    segment: str
    """`Segment.uid`, or ``""`` for a stretch that the annotator chose."""
    participant: str
    start: float
    stop: float
    time: float
    """When it was answered, s, LSL clock."""
    annotator: str = "operator"
    role: Role = "observer"
    scheme: str = "expressions-7"
    answer: Literal["label", "cannot tell", "artefact", "no face", "skip", "undo", "marked"] = "label"
    """``marked`` is a moment that a person wants to be asked about; the answer that it gets supersedes it."""
    label: str = ""
    """The class chosen; ``""`` if only the sliders were used."""
    valence: float = float("nan")
    arousal: float = float("nan")
    confidence: float = float("nan")
    note: str = ""
    model: str = ""
    """sha256 of the model that asked."""
    prediction_shown: bool = False
    supersedes: str = ""
    response_time: float = float("nan")
    """Seconds from when the segment was shown to the answer."""
    n_plays: int = 0
    """How often the segment was played before the answer, the first time included."""
    shares: tuple[tuple[str, float], ...] = ()
    """Of a soft answer, how much of it is each class, together 1, the most first; `label` is that first one."""
    scales: tuple[tuple[str, float], ...] = ()
    """Values on scales of the study's own, each in its own unit."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A piece of a continuous rating: where an annotator held valence or arousal while a stretch was played."""

    uid: str
    """The same for all pieces of one uninterrupted run."""
    participant: str
    scale: Literal["valence", "arousal"]
    times: tuple[float, ...]
    """The moments that are rated, s, on the session's LSL clock, on a grid of data time."""
    values: tuple[float, ...]
    """-1 to 1, one for each of `times`."""
    time: float
    """When the last of them was given, s, LSL clock."""
    annotator: str = "operator"
    role: Literal["self", "observer", "expert"] = "observer"
    device: Literal["mouse", "keys", "joystick"] = "mouse"
    speed: float = 1.0
    """Seconds of data played in a second."""
    segment: str = ""
    """`Segment.uid` if only that was played."""


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """How one stream is doing, told about once a second."""

    stream: str
    time: float
    """When it was measured, s, LSL clock."""
    connected: bool
    last_sample_age: float
    """Seconds since the newest sample by its own stamp; since the newest marker came."""
    effective_sfreq: float
    nominal_sfreq: float
    n_samples: int
    n_dropped: int
    """Frames that the camera lost; samples that are missing in the gaps of a stream of regular rate, and one by one
    where its stamps are even enough to tell."""
    n_gaps: int
    clock_offset: float
    jitter: float = float("nan")
    """Standard deviation of the steps between stamps in the last seconds, gaps left out, s; NaN if irregular."""
    missing: float = 0.0
    """Seconds that all gaps together lack."""
    last_came: float = float("inf")
    """Seconds since anything came of it: much less than `last_sample_age` where this computer is behind."""
    ended: bool = False
    """Nothing more comes of it: it is at its end, as a film is, or, where it is not `connected`, reading it failed."""


@dataclass(frozen=True, slots=True)
class RecordingHealth:
    """How the recording is doing, told about once a second."""

    time: float
    path: str
    recording: bool
    """True only while data truly reaches the disk."""
    bytes_written: int
    free_bytes: int
    problem: str = ""
    samples: tuple[tuple[str, int], ...] = ()
    """(stream key, samples on disk) for each stream."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that ended a thread: shown, written to the log, never swallowed."""

    where: str
    time: float
    text: str
    detail: str = field(default="", repr=False)
    """Where in the code it arose, as `core.error_trace` says it."""
    log: str = ""
    """The file in which it is written with all this, ``""`` if none."""
    recording_continues: bool = False
    """What comes in is recorded all the same."""


@dataclass(frozen=True, slots=True)
class LabelRefused:
    """An answer is not on disk: its annotator sees why, and that it is tried again."""

    time: float
    """s, LSL clock."""
    text: str


Item = (
    Chunk | FaceObservation | Notice | Label | Rating | Pace | StreamInfo | NeutralFace | RunningNeutral | ModelChange
)
"""What goes into the pipeline, live and in replay alike; a stream is told of where it begins after the others."""
Event = FaceObservation | Window | Prediction | Segment | Notice | Label | NeutralFace
"""What comes out of the pipeline."""
