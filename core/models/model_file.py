"""What a model file says of itself, read without torch: a window can be opened on it before the network is there.

The header tells what the model is, what it was taught on and how well it did; see docs/formats.md.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec

from core.conditions import conditions
from core.config import Config
from core.data import MODALITIES
from core.errors import CheckpointError, FileFormatError
from core.files import no_pipe
from core.plugins import installed
from core.quality import ELECTRODE_CHECKS
from core.reading import from_json, from_tree
from core.whose import participant_of_recording

FORMAT = "insula-checkpoint"
VERSION = 2
"""2: the student reads the last seconds beside the window."""
KEY = "insula"
_LARGEST = 65_536
_MOST_MODALITIES = 8
"""Each choice of them is calibrated by itself."""
CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
SHIPPED = Path(__file__).parents[2] / "assets" / "models" / "simulated.safetensors"


@dataclass(frozen=True, slots=True)
class Architecture:
    """What is needed to build the same network again."""

    classes: tuple[str, ...] = CLASSES
    sfreq: float = 128.0
    n_times: int = 256
    n_shared: int = 64
    n_eeg_features: int = 128
    n_absolute: int = 32
    n_virtual: int = 20
    width: int = 48
    dropout: float = 0.5
    n_embedding: int = 256
    n_blendshapes: int = 52
    """How many of what the face does are read; 0 in files from before there were any: the expression network alone."""
    fusion: str = "udml-noise"
    eeg_encoder: str = ""
    """Name of others' encoder (`core.plugins`); empty: Insula's own."""
    face_encoder: str = ""
    dfum: bool = False
    """Whether the uncertainty of each modality is DUAL's (DFUM), and not a variance head's."""
    face_signal: bool = False
    """Whether the face's variance head reads what noise leaves in embeddings, too; see `core.models.face_signal`."""
    further: tuple[str, ...] = ()
    """Names of the encoders of modalities beside EEG and face, which have the same names."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads, in the order of `Prediction.weights`."""
        return (*MODALITIES, *self.further)

    @property
    def encoders(self) -> tuple[str, ...]:
        """The names of others' encoders that it needs."""
        return tuple(name for name in (self.eeg_encoder, self.face_encoder, *self.further) if name)

    @property
    def compares_faces(self) -> bool:
        """Whether faces are compared with a neutral face; known for the expression network's own classes alone."""
        return self.n_blendshapes > 0 and self.classes == CLASSES and not self.face_encoder


@dataclass(frozen=True, slots=True)
class TaughtOn:
    """Whose EEG the student has learnt from."""

    simulated: bool = False
    """Simulated participants."""
    population: bool = False
    """Enough people that the student is held to be fit for anyone."""
    participants: tuple[str, ...] = ()
    """Real participants by name whose EEG the student was seen to read."""
    n_people: int = 0
    """How many people `population` rests on."""
    weight: float = 1.0
    """Of the EEG of those who are covered by `population` alone, 0 to 1: less where people differ."""
    source: str = ""
    """Where what the EEG of `participants` tells comes from, in words; see `training.muscle.Source`."""

    def covers(self, participant: str, simulated: bool) -> bool:
        """Return whether the student has learnt from this participant, or from enough others."""
        return self.simulated if simulated else self.population or participant in self.participants

    def weight_of(self, participant: str, simulated: bool) -> float:
        """Return the factor on the weight of a participant's EEG: 1 where it was seen to be read, 0 if not covered."""
        if not self.covers(participant, simulated):
            return 0.0
        return 1.0 if simulated or participant in self.participants else self.weight

    def note_on(self, participant: str, simulated: bool) -> str:
        """Return what a reader must know of how this participant's EEG is read, or ``""``."""
        if simulated:
            return ""
        if participant in self.participants:
            return f"brain or muscle: {self.source}" if self.source else ""
        return f"taught on {self.n_people} people, not on you" if self.population else ""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A stretch of a recording that no step has learnt from, for this step and all later ones to be judged on."""

    recording: str
    """Its name; see `app.study.training_material.recording_name`."""
    participant: str
    start: float
    stop: float
    """s, the recording's own LSL clock."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted on subjects that training never saw."""

    temperature: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on beta, by which modalities are there."""
    affect_gain: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on valence and arousal: a mean of two places lies nearer to the middle than either of them."""
    affect_spread: dict[str, float] = field(default_factory=lambda: {"eeg": 1.0, "face": 1.0, "both": 1.0})
    """Factor on their standard deviations."""
    scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Conformal scores by which modalities are there; see `core.calibration`."""
    untested: dict[str, dict[str, float]] = field(default_factory=dict)
    """By the same, classes that no score stands for, and the probability under which each may be left out of a set."""
    without_neutral: float = 1.0
    """Factor on the temperature of what a face says while nothing is known of the person's own neutral face."""
    untested_face: float = 1.0
    """The same where a real person's face alone says a class of `untested` first; above 1 its set holds all classes."""

    def doubt(self, known: float) -> float:
        """Return the factor on the temperature of a face whose neutral face is `known`, 0 not at all to 1."""
        return 1.0 + (1.0 - known) * (self.without_neutral - 1.0)


@dataclass(frozen=True, slots=True)
class Header:
    """Everything in a checkpoint but the weights."""

    architecture: Architecture
    taught_on: TaughtOn
    training_data: str
    """What it was trained on, in words."""
    step: float = 0.25
    """Seconds between windows that it was made for."""
    calibration: Calibration = field(default_factory=Calibration)
    metrics: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    """The recipe that made it."""
    held_out: tuple[HeldOut, ...] = ()
    """What every later step leaves out, too, and is judged on."""
    learnt_from: tuple[str, ...] = ()
    """Names of the recordings of which all the rest may have been learnt from."""
    electrode_checks: int = ELECTRODE_CHECKS
    """By which rules the electrodes of its windows are judged; see `core.quality.ELECTRODE_CHECKS`."""
    needs: tuple[str, ...] = ()
    """Packages of others that it was made with, such as ``insula-bands 0.1.0``."""

    @property
    def method(self) -> str:
        """The name of how it fuses and was taught (`training.methods`); "" where its recipe has none."""
        name = self.config.get("method")
        return name[:40] if isinstance(name, str) and name.isprintable() else ""

    @property
    def people(self) -> tuple[str, ...]:
        """All from whom it has learnt, by the names of the recordings; whose EEG it reads is in `taught_on`."""
        recorded = {participant_of_recording(name) for name in self.learnt_from} - {""}
        return tuple(sorted({*self.taught_on.participants, *(one.participant for one in self.held_out), *recorded}))


class _Metadata(msgspec.Struct):
    """What safetensors keeps beside the tensors."""

    of_file: dict[str, str] = msgspec.field(name="__metadata__")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file whose weights are still bytes."""

    path: Path
    header: Header
    blob: bytes = field(repr=False)
    sha256: str

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of `Prediction.probabilities`."""
        return self.header.architecture.classes

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads, in the order of `Prediction.weights`."""
        return self.header.architecture.modalities


def read_model(path: str | Path) -> ModelFile:
    """Return the model file at `path`; ``""`` is the one that ships.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, foreign or of another version.
    """
    where = Path(path) if str(path) else SHIPPED
    try:
        blob = no_pipe(where).read_bytes()
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = getattr(error, "strerror", None) or error
        text = f"Model {where} cannot be read: {reason}. Set model.path, or --model on the command line."
        raise CheckpointError(text) from error
    return ModelFile(where, read_header(blob, where), blob, hashlib.sha256(blob).hexdigest())


def read_header(blob: bytes, path: Path) -> Header:
    """Return the header of a checkpoint's bytes; `path` is for errors."""
    size = int.from_bytes(blob[:8], "little")
    try:
        metadata = from_json(blob[8 : 8 + size], _Metadata, "").of_file
        tree = from_json(metadata[KEY], dict[str, Any], "")
    except (KeyError, FileFormatError) as error:
        raise CheckpointError(
            f"Model {path} is damaged, or no Insula checkpoint. Give a file made by insula."
        ) from error
    found = (tree.pop("format", None), tree.pop("version", None))
    if found != (FORMAT, VERSION):
        raise CheckpointError(
            f"Model {path} is {found[0]!r} version {found[1]!r}, but this Insula reads {FORMAT!r} version {VERSION}."
        )
    try:
        if isinstance(architecture := tree.get("architecture"), dict):
            architecture.setdefault("n_blendshapes", 0)  # in files from before there were any
        tree.setdefault("electrode_checks", 1)  # likewise: they read windows as they always did
        header = from_tree(tree, Header, "its header")
    except FileFormatError as error:
        raise CheckpointError(f"Model {path} does not fit this version of Insula: {error}") from error
    if problem := _unknown(tree) or _impossible(header):
        raise CheckpointError(f"Model {path} is damaged, or of another version: {problem}.")
    return header


def _unknown(tree: dict[str, Any]) -> str:
    """Return what a header has that this version knows nothing of: it would change the network."""
    known = {
        "header": (tree, Header),
        "architecture": (tree["architecture"], Architecture),
        "taught_on": (tree["taught_on"], TaughtOn),
        "calibration": (tree.get("calibration", {}), Calibration),
    }
    found = {name: set(part) - {each.name for each in fields(kind)} for name, (part, kind) in known.items()}
    return next((f"{name} has {', '.join(sorted(more))}" for name, more in found.items() if more), "")


def _impossible(header: Header) -> str:
    """Return which value no model can have, in words, ``""`` if all can be."""
    a, c = header.architecture, header.calibration
    names = a.modalities
    if len({*names}) < len(names) or len(names) > _MOST_MODALITIES or not all(name.isidentifier() for name in names):
        return f"the modalities are {', '.join(map(repr, names[:20]))}"[:200]
    sizes = {f.name: getattr(a, f.name) for f in fields(a) if f.type == "int"}
    factors = {
        f"{name} of {condition}": part.get(condition, math.nan)
        for name, part in (("temperature", c.temperature), ("gain", c.affect_gain), ("spread", c.affect_spread))
        for condition in conditions(names)
    }
    scores = [score for own in c.scores.values() for score in own]
    wrong = [
        *(f"{name} is {value}" for name, value in sizes.items() if not (name != "n_blendshapes") <= value <= _LARGEST),
        *(f"the {name} is {value}" for name, value in factors.items() if not 0.0 <= value < _LARGEST),
        *(
            f"the factor {name} is {value}"
            for name, value in (
                ("without a neutral face", c.without_neutral),
                ("of an untested class", c.untested_face),
            )
            if not 1.0 <= value < _LARGEST
        ),
        *("a score is no number" for score in scores if not math.isfinite(score)),
    ]
    if not (2 <= len(a.classes) == len(set(a.classes)) and all(a.classes)):
        wrong.append(f"the classes are {', '.join(map(repr, a.classes[:20]))}")
    if not (1.0 <= a.sfreq <= _LARGEST and 0.0 <= a.dropout < 1.0 and 0.0 < header.step <= _LARGEST):
        wrong.append(f"rate, dropout and step are {a.sfreq:g}, {a.dropout:g} and {header.step:g}")
    if not 1 <= header.electrode_checks <= ELECTRODE_CHECKS:
        wrong.append(f"its electrodes are judged by rules {header.electrode_checks}, known are 1 to {ELECTRODE_CHECKS}")
    return wrong[0][:200] if wrong else ""


def read_fitting(path: str | Path, config: Config) -> ModelFile:
    """Return the model file at `path`, which reads windows such as the configuration cuts; see `read_model`."""
    model = read_model(path)
    check_fits(model.header, config, model.path)
    return model


def check_encoders(header: Header, path: Path) -> None:
    """Raise `CheckpointError` where an encoder of others is not installed, with the package that it came from."""
    missing = [name for name in header.architecture.encoders if name not in installed("insula.encoders")]
    if missing:
        raise CheckpointError(
            f"Model {path} reads by the encoder {' and '.join(map(repr, missing))}, which is not installed here. "
            f"It was made with {', '.join(header.needs) or 'a package that it does not name'}: install that."
        )


def check_fits(header: Header, config: Config, path: Path) -> None:
    """Raise `CheckpointError`, with both values, where the configuration cuts other windows than the model reads."""
    a = header.architecture
    check_encoders(header, path)
    problems = []
    if a.sfreq != config.eeg.sfreq:
        problems.append(f"eeg.sfreq is {config.eeg.sfreq:g} Hz but the model reads {a.sfreq:g} Hz")
    n_times = round(config.window.length * config.eeg.sfreq)
    if a.n_times != n_times:
        problems.append(f"window.length gives {n_times} samples but the model reads {a.n_times}")
    if problems:
        raise CheckpointError(f"Model {path}: {'; '.join(problems)}. Change the configuration or the model.")
