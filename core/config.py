"""The configuration: one tree of frozen dataclasses, TOML laid over the defaults written here.

Every key has its unit in its name or is in seconds, Hz or µV. Unknown keys and wrong types are told together, each
with its dotted key, so that a file is mended in one go.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.config_limits import CHOICES, LIMITS
from core.errors import ConfigError
from core.files import no_pipe

_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """Which LSL stream, by what stays the same when it is started anew."""

    name: str = ""
    """Take the stream of this name; empty: any. For EEG ``none`` goes without."""
    source_id: str = ""
    """Take the stream with this source_id; empty: any."""
    hostname: str = ""
    """Take the stream from this host; empty: any."""

    def means(self, name: str, source_id: str, hostname: str, of_type: str = "") -> bool:
        """Return whether a stream is the one that is meant; what is left open may be anything."""
        wanted = (self.name, self.source_id, self.hostname, getattr(self, "type", ""))
        pairs = tuple(zip(wanted, (name, source_id, hostname, of_type), strict=True))
        return any(each for each, _ in pairs) and all(each in ("", found) for each, found in pairs)


@dataclass(frozen=True, slots=True)
class AnyStreamConfig(StreamConfig):
    """Which stream of any kind is recorded beside EEG and face: PPG, gaze, acceleration, texts, a second EEG."""

    type: str = ""
    """Take the stream of this type; empty: any. A Muse gives several streams of one name."""
    participant: str = ""
    """Who wears it; empty: it is nobody's alone, as a photodiode."""

    @property
    def words(self) -> str:
        """What it is called, for a person."""
        name = self.name or self.source_id or self.hostname
        return f"{name}/{self.type}" if name and self.type else name or self.type

    @classmethod
    def of(cls, words: str) -> AnyStreamConfig:
        """Return the stream that ``NAME`` or ``NAME/TYPE`` means."""
        name, _, of_type = words.rpartition("/")
        return cls(name=name, type=of_type) if name else cls(name=of_type)


@dataclass(frozen=True, slots=True)
class ParticipantConfig:
    """What one of several participants wears, by name: nothing follows from which stream is found first."""

    name: str = ""
    """The participant."""
    eeg: str = "none"
    """Name or source_id of the participant's EEG stream; ``none`` for none."""
    camera: str = "none"
    """Camera number, or ``none``."""


@dataclass(frozen=True, slots=True)
class EegConfig(StreamConfig):
    """Which EEG stream, and how it becomes model input."""

    source: str = ""
    """Read this device of another package (``insula.sources``) instead of LSL, such as an amplifier's own library."""
    predicate: str = ""
    """An LSL XPath predicate that overrides the three above, such as ``type='EEG' and channel_count>4``."""
    unit: str = ""
    """Confirms or overrides the stream's unit: ``uV``, ``mV``, ``V`` or ``nV``."""
    wait: float = 10.0
    """Seconds to look for the stream before giving up."""
    grace: float = 30.0
    """Seconds that a lost stream is looked for before it is told to be gone; it is looked for after that too."""
    highpass: float = 0.5
    lowpass: float = 45.0
    notch: float = -1.0
    """Line frequency: 50, 60, 0 for none, -1 to find it in the signal."""
    sfreq: float = 128.0
    """Rate of the model's input."""
    max_gap: float = 0.15
    """A jump of the stamps by more than this breaks the signal: filters start anew, the gap is marked."""
    min_channels: int = 2
    """Fewer good channels than this and the EEG abstains."""


@dataclass(frozen=True, slots=True)
class FaceConfig:
    """Which camera, and how often the face is looked at."""

    camera: str = "0"
    """Camera number, the path of a video file, or ``none``."""
    width_px: int = 640
    height_px: int = 480
    fps: float = 30.0
    rate: float = 8.0
    """Faces are looked for on this fixed grid of data time."""
    min_size_px: int = 60
    max_yaw_deg: float = 45.0
    min_light: float = 40.0
    """Mean grey level of the face, 0 to 255, under which it is too dark."""


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """The grid on which windows are cut, in data time."""

    length: float = 2.0
    step: float = 0.25
    patience: float = 0.5
    """A stream that is this far behind the furthest one counts as missing in the window."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model, and where it runs."""

    path: str = ""
    """Checkpoint; empty: the one that ships with Insula."""
    device: str = "auto"
    """``auto``, ``cpu`` or ``cuda``."""
    coverage: float = 0.9
    """The coverage that prediction sets promise."""
    eeg_encoder: str = ""
    """For ``insula train people``: an encoder that another package offers (``insula.encoders``); empty: our own."""
    face_encoder: str = ""
    max_epistemic: float = 0.3
    """Mutual information (nats) above which it abstains as unlike anything it has learnt from; with seven classes and
    no evidence at all it is 0.35."""


@dataclass(frozen=True, slots=True)
class MethodConfig:
    """How ``insula train people`` teaches: a method by name, and what is to be otherwise than it has it."""

    name: str = ""
    """A method by name, as ``--method``; empty: UDML as it is live."""
    stages: int | None = None
    """Of UDML: 1 has noise and weights in all epochs, 2 in the second half of them alone."""
    dfum: bool | None = None
    """Of DUAL, its three parts."""
    dam: bool | None = None
    ucrl: bool | None = None
    similarity: float | None = None
    """Of the thesis, here and below: the weight of L_sim; 0 leaves it out, as it does the next three."""
    uncertainty: float | None = None
    """Of L_unc."""
    distillation: float | None = None
    """Of L_kd."""
    imitation: float | None = None
    """Of what the EEG imitates of the face's classes."""
    reliability: str | None = None
    """What L_unc follows: ``literal`` as it is worded, or ``margin``."""
    teacher: str | None = None
    """Who teaches by L_kd: ``cross-fitted`` teachers that were taught before and are held still, or the ``own`` face
    branch as it learns."""
    layer: int | None = None
    """Layers of the teacher's head that the EEG's feature skips in L_kd: 0, 1 or 2."""
    temperature: float | None = None
    """T of L_kd by teachers that were taught before."""
    reweigh_distillation: bool | None = None
    """Whether a window counts in L_kd by how sure the student is of it."""
    reweigh_task: bool | None = None
    """Whether it does in what the EEG alone is taught of the labels."""


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """The moments most worth a label: how many of them are asked about while a session runs."""

    size: int = 12
    """So many wait at most."""
    length: float = 4.0
    """Seconds of a moment where nothing changes; it ends where something does."""
    most_per_minute: float = 3.0
    """At most so many are asked about in a minute."""
    least_every: float = 120.0
    """At least one is asked about in so many seconds, however sure the model is."""
    random_share: float = 0.65
    """In this share of the turns the moment is drawn at random: then about a third of the answers are of what is least
    sure, estimates from them stay honest, and what is learnt from them holds elsewhere too."""
    min_distance: float = 0.15
    """Moments nearer than this in feature space to one that waits or is answered are not asked again."""
    max_age: float = 600.0
    """Moments older than this leave the queue."""
    query: str = ""
    """What says how much a label would help, of what other packages offer (``insula.queries``); empty: our own."""


@dataclass(frozen=True, slots=True)
class RecordConfig:
    """Where and how a session is kept."""

    study: str = "insula-study"
    participant: str = "P001"
    session: str = "01"
    task: str = "live"
    acquisition: str = ""
    flush: float = 0.5
    """Seconds between a boundary and flush of the files."""
    min_free_mb: float = 500.0
    """Free space under which the disk is told to be nearly full."""
    video: bool = True
    """False keeps no pixels: faces are read and then forgotten."""
    crf: int = 23
    """x264 quality, lower is better."""


@dataclass(frozen=True, slots=True)
class LabelConfig:
    """Who labels, on which scales, with which keys."""

    annotator: str = "operator"
    role: str = "observer"
    """``self``, ``observer`` or ``expert``."""
    scale: str = "slider"
    """For valence and arousal: ``slider`` (stepless), ``sam`` (nine pictures each), ``grid`` (both), ``none``."""
    blind: bool = True
    """The model's view of a moment stays hidden until it is answered."""
    auto_advance: bool = True
    """The next moment comes by itself once the answer is on disk."""
    context: float = 1.0
    """Seconds that are shown before and after a moment."""
    rating_rate: float = 25.0
    """Samples of a continuous rating in a second of data."""
    joystick: str = ""
    """Joystick for continuous ratings: a part of its name, or its device under Linux, such as ``/dev/input/js0``;
    empty: the first one, if any."""
    classes: str = ""
    """Classes to be asked for in place of those that the model knows, such as ``calm, stressed, bored``."""
    scales: str = ""
    """Scales of the study's own, such as ``stress 1 to 7, effort 0 to 10``."""
    keys: dict[str, str] = field(default_factory=dict)
    """Other keys, such as ``happy = "H"`` or ``skip = "S"``; two acts on one key are refused."""


@dataclass(frozen=True, slots=True)
class LslConfig:
    """How far Insula looks for streams, and whether it sends any."""

    scope: str = "link"
    """Where streams are looked for: ``machine`` is this one alone, ``link`` the local network as well. What else liblsl
    knows, ``site`` to ``global``, asks further networks."""
    publish: bool = False
    """Send what is predicted of a person out on LSL. Whoever can reach this machine's ports can then read it: liblsl
    knows no password and listens on all network cards, whatever the scope."""
    publish_face: bool = False
    """With `publish`, send what is read of each frame of the face as well: box, pose, quality, 52 blendshapes."""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole tree."""

    eeg: EegConfig = field(default_factory=EegConfig)
    markers: tuple[StreamConfig, ...] = ()
    """Streams of markers from other programs that are recorded beside the signals, one ``[[markers]]`` each."""
    streams: tuple[AnyStreamConfig, ...] = ()
    """Streams of any kind that are recorded beside EEG and face, one ``[[streams]]`` each."""
    participants: tuple[ParticipantConfig, ...] = ()
    """Several participants and who wears what, one ``[[participants]]`` each; empty: one, as ``eeg`` and ``face`` say.
    """
    face: FaceConfig = field(default_factory=FaceConfig)
    window: WindowConfig = field(default_factory=WindowConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    method: MethodConfig = field(default_factory=MethodConfig)
    queue: QueueConfig = field(default_factory=QueueConfig)
    record: RecordConfig = field(default_factory=RecordConfig)
    label: LabelConfig = field(default_factory=LabelConfig)
    lsl: LslConfig = field(default_factory=LslConfig)


_GONE = {
    "queue.min_score": "queue.min_score is gone: queue.most_per_minute and queue.least_every say how much is asked",
    "distil": "the table distil is gone: what is learnt is weighed on held-out time (`insula teach`)",
}
"""Keys of earlier versions, and what stands in their place."""


def load(path: str | Path) -> Config:
    """Return the defaults with the TOML file at `path` laid over them.

    Raises
    ------
    ConfigError
        The file cannot be read, or it has unknown keys or wrong types; all of them are named.
    """
    try:
        tree = tomllib.loads(no_pipe(Path(path)).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"Configuration {path} cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise ConfigError(f"Configuration {path} is nested without end.") from error
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise ConfigError(f"Configuration {path} is not valid TOML: {error}. Save it as UTF-8.") from error
    return from_dict(tree, where=str(path))


def from_dict(tree: dict[str, Any], where: str = "configuration") -> Config:
    """Return the defaults with `tree` laid over them; `where` names the origin in errors."""
    problems: list[str] = []
    config: Config = _lay(Config(), tree, "", problems)
    if problems:
        raise ConfigError(f"{where}: " + "; ".join(problems) + ".")
    return config


def to_dict(config: Config) -> dict[str, Any]:
    """Return the tree as plain dictionaries, fit for JSON."""
    return dataclasses.asdict(config)


def _lay(node: Any, tree: dict[str, Any], prefix: str, problems: list[str]) -> Any:
    hints = typing.get_type_hints(type(node))
    changes: dict[str, Any] = {}
    for key, value in tree.items():
        dotted = prefix + key
        if key not in hints:
            gone = _GONE.get(dotted)
            problems.append(gone or f"unknown key {dotted} (known: {', '.join(sorted(hints))})")
        elif typing.get_origin(hints[key]) is dict:
            changes[key] = _texts(value, dotted, problems)
        elif typing.get_origin(hints[key]) is tuple:
            changes[key] = _tables(typing.get_args(hints[key])[0](), value, dotted, problems)
        elif dataclasses.is_dataclass(hints[key]):
            if isinstance(value, dict):
                changes[key] = _lay(getattr(node, key), value, dotted + ".", problems)
            else:
                problems.append(f"{dotted} must be a table, not {value!r}")
        else:
            changes[key] = _check(hints[key], value, dotted, problems)
    return dataclasses.replace(node, **changes)


def _check(hint: Any, value: Any, dotted: str, problems: list[str]) -> Any:
    optional = isinstance(hint, types.UnionType)
    if optional and value is None:  # as a session keeps it: TOML has no such thing
        return None
    (wanted,) = [one for one in typing.get_args(hint) if one is not types.NoneType] if optional else [hint]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if type(value) is not wanted and not (wanted is float and is_number):
        problems.append(f"{dotted} must be {wanted.__name__}, not {value!r}")
    elif is_number:
        low, high = LIMITS.get(dotted, (-_LARGEST, _LARGEST))
        if not low <= value <= high:
            problems.append(f"{dotted} must lie between {low:g} and {high:g}, not be {str(value)[:40]}")
        elif wanted is float:
            return float(value)
    elif isinstance(value, str) and "\0" in value:
        problems.append(f"{dotted} has a NUL in it, which no name or path has")
    elif dotted in CHOICES and value not in CHOICES[dotted]:
        problems.append(f"{dotted} must be one of {', '.join(CHOICES[dotted])}, not {value!r}")
    return value


def _tables(fresh: Any, value: Any, dotted: str, problems: list[str]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, dict) for each in value):
        problems.append(f"{dotted} must be tables, each under [[{dotted}]], not {value!r}")
        return ()
    laid = tuple(_lay(fresh, each, f"{dotted}[{k}].", problems) for k, each in enumerate(value))
    problems.extend(
        f"{dotted}[{k}] must have a name, source_id or hostname"
        for k, each in enumerate(laid)
        if not any(getattr(each, name, "") for name in ("name", "source_id", "hostname", "type"))
    )
    return laid


def _texts(value: Any, dotted: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        problems.append(f"{dotted} must be a table of texts, not {value!r}")
        return {}
    for key, text in value.items():
        _check(str, text, f"{dotted}.{key}", problems)
    return value
