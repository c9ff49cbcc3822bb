"""Windows with what is known of them, kept small in memory and handed out as batches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.blendshapes import BLENDSHAPES
from core.data import Window
from core.models.batch import MAX_SCALED, eeg_input, face_comparison, face_input
from core.models.face_sequence import N_FACES
from core.models.model_file import CLASSES
from core.models.network import Batch
from core.status import eeg_problem, face_problem
from training.corruption import N_LEVELS, corrupt_in_place
from training.face_noise import UsualFace, corrupt_faces

UNKNOWN = -1
_LARGEST_UV = 6e4
"""What half precision holds."""
_COMPARED = ("meshed", "neutral", "known", "movement")
"""What a face is compared with, by its name in a batch."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one window."""

    label: int = UNKNOWN
    """Index of the class."""
    valence: float = float("nan")
    arousal: float = float("nan")
    trial: int = 0
    """Windows of one trial are no negatives of each other, and never lie on both sides of a split."""
    face_level: int = 0
    """Level of corruption that the face frames carry, 0 clean to 5."""
    recording: int = 0
    """A person's past begins anew with each."""
    shares: tuple[float, ...] = ()
    """How much of it is each class, together 1, where that is known; `label` is then the one with the most."""
    stimulus: int = UNKNOWN
    """What was seen or heard, the same number for everyone; `UNKNOWN` where that is not told."""
    together: int = UNKNOWN
    """Windows of the same number, whoever's, are never on two sides of a split; `UNKNOWN`: of no group."""


class TrainingBatch(NamedTuple):
    """A batch and what is known of it."""

    inputs: Batch
    label: Tensor
    """(batch,), int64; `UNKNOWN` where it is not known."""
    affect: Tensor
    """(batch, 2); NaN where it is not known."""
    group: Tensor
    """(batch,), int64: equal for windows of the same participant and trial."""
    level: Tensor
    """(batch, M), float: noise level of each modality, 1 is clean; of those beside EEG and face always 1."""
    window: Tensor
    """(batch,), int64: which windows of the examples these are."""

    def to(self, device: torch.device) -> TrainingBatch:
        """Return the same on another device."""
        return TrainingBatch(self.inputs.to(device), *(part.to(device) for part in self[1:]))


class KeptEeg(NamedTuple):
    """The EEG of a window, small."""

    data: NDArray[np.float16]
    """(n_chans, n_times), µV; 0 where the mask is False."""
    positions: Floats
    mask: NDArray[np.bool_]

    def padded(self, n_chans: int) -> KeptEeg:
        """Return the same with so many channels; those that are put to it are masked."""
        more = ((0, n_chans - len(self.mask)), (0, 0))
        return KeptEeg(np.pad(self.data, more), np.pad(self.positions, more), np.pad(self.mask, more[0]))


class Examples:
    """Windows and truths of some participants.

    `training.baselines.follow_baselines` must have seen them before they are handed out.

    Parameters
    ----------
    pairs : iterable of (Window, Truth)
        Read once.
    n_embedding : int
        Size of a face embedding.
    n_times : int
        Samples of an EEG window.
    """

    def __init__(self, pairs: Iterable[tuple[Window, Truth]], n_embedding: int, n_times: int) -> None:
        self.n_times = n_times
        self.eeg: list[KeptEeg | None] = []
        embeddings, quality, faces, truths, names, starts, simulated = [], [], [], [], [], [], []
        compared, scales, further = [], [], []
        self.length_s = 0.0
        """Seconds of a window."""
        for window, truth in pairs:
            there = not eeg_problem(window)
            self.eeg.append(_half(window) if there else None)
            scales.append(window.eeg_scale)
            seen = face_input(window, n_embedding)
            embeddings.append(seen[0].astype(np.float16))
            quality.append(seen[1])
            compared.append(face_comparison(window, len(CLASSES)))
            further.append({one.modality: one.values for one in window.further if not one.problem})
            faces.append(seen[2] if not face_problem(window) else np.zeros(N_FACES, bool))
            truths.append(truth)
            names.append(window.participant)
            starts.append(window.start)
            simulated.append(window.simulated)
            self.length_s = window.stop - window.start
        self.embeddings = np.asarray(embeddings, np.float16).reshape(-1, N_FACES, n_embedding)
        self.quality = np.asarray(quality, np.float32).reshape(-1, N_FACES)
        self.faces = np.asarray(faces, bool).reshape(-1, N_FACES)
        blendshapes, meshed, neutral, known, movement = zip(*compared, strict=True) if compared else ((),) * 5
        n_shapes = len(BLENDSHAPES)
        self.blendshapes = np.asarray(blendshapes, np.float16).reshape(-1, N_FACES, n_shapes)
        self.meshed = np.asarray(meshed, bool).reshape(-1, N_FACES)
        self.neutral = np.asarray(neutral, np.float32).reshape(-1, n_shapes + len(CLASSES))
        self.known = np.asarray(known, np.float32)
        self.movement = np.asarray(movement, np.float32)
        self.take_further(further)
        self.label = np.asarray([t.label for t in truths], np.int64)
        self.affect = np.asarray([(t.valence, t.arousal) for t in truths], np.float32).reshape(-1, 2)
        self.trial = np.asarray([t.trial for t in truths], np.int64)
        self.face_level = np.asarray([t.face_level for t in truths], np.int64)
        self.recording = np.asarray([t.recording for t in truths], np.int64)
        n_shares = max((len(t.shares) for t in truths), default=0)
        self.shares = np.asarray([t.shares or (0.0,) * n_shares for t in truths], np.float32).reshape(
            len(truths), n_shares
        )
        """(n_windows, n_classes), zeros where only a class is known; (n_windows, 0) where that is so of all."""
        self.stimulus = np.asarray([t.stimulus for t in truths], np.int64)
        self.together = np.asarray([t.together for t in truths], np.int64)
        self.scale = np.asarray(scales, np.float32)
        """(n_windows,): what the EEG is divided by, µV: the running scale."""
        self.simulated: Bools = np.asarray(simulated, bool)
        self.start = np.asarray(starts, np.float64)
        self.baseline: Floats = np.zeros((len(starts), 2, 0), np.float32)
        """(n_windows, 2, n_power), from `training.baselines`."""
        self.power: Floats | None = None
        """(n_windows, n_power): log power of the clean EEG, where the front end is held still and it need not be read
        again; see `training.baselines.hold_front_end`."""
        self.participants = np.asarray(names, dtype=str)
        self.side: Ints | None = None
        """Whose past each window's inputs follow, see `training.own_side`; None: as it was live."""
        self.readings: OrderedDict[str, Floats] = OrderedDict()
        """`power` under other sides."""
        self.settle()

    def take_further(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Take the numbers of further modalities of each window, by name, in the order in which they first come."""
        sizes = {name: len(values) for one in found for name, values in one.items()}
        nothing = {name: np.zeros(size, np.float32) for name, size in sizes.items()}
        rows = [np.concatenate([[], *({**nothing, **one}[name] for name in sizes)]) for one in found]
        self.further_sizes = sizes
        """How many numbers there are of each further modality."""
        self.numbers: Floats = np.asarray(rows, np.float32).reshape(len(found), sum(sizes.values()))
        """(n_windows, n_numbers), of all of them one behind the other; 0 where one is missing."""
        self.has_further: Bools = np.asarray([[name in one for name in sizes] for one in found], bool)
        self.has_further = self.has_further.reshape(len(found), len(sizes))
        """(n_windows, how many there are)."""

    def settle(self) -> None:
        """Follow from the columns whose trial each window is of, and what it has."""
        _, person = np.unique(self.participants, return_inverse=True)
        self.group: Ints = np.asarray(person * (int(self.trial.max(initial=0)) + 1) + self.trial, np.int64)
        """Equal for windows of the same participant and trial."""
        self.has_eeg: Bools = np.asarray([one is not None for one in self.eeg], bool)
        self.has_face: Bools = np.asarray(self.faces.any(axis=1))
        further = self.has_further.T if self.further_sizes else ()
        self.has: Bools = np.stack([self.has_eeg, self.has_face, *further], axis=1)
        """Which modalities each window has, (n_windows, M), in the order of `Batch.use`."""
        self.live_scale, self.live_known, self.live_neutral = self.scale, self.known, self.neutral
        """As they were live, whatever `side` is."""

    def __len__(self) -> int:
        return len(self.eeg)

    def of(self, participants: Iterable[str]) -> Ints:
        """Return the indices of the windows of these participants."""
        return np.flatnonzero(np.isin(self.participants, list(participants)))

    def target(self, index: Ints, n_classes: int) -> NDArray[np.float64]:
        """Return what should be said of windows whose truth is known, (n, n_classes): shares, or one class."""
        target = np.eye(n_classes)[self.label[index]]
        if self.shares.shape[1]:
            is_soft = self.shares[index].any(axis=1)
            target[is_soft] = self.shares[index][is_soft]
        return target

    def seconds(self, index: Ints) -> float:
        """Return for how long the windows at `index` last together, counting overlaps once."""
        total = 0.0
        for name in np.unique(self.participants[index]):
            starts = np.sort(self.start[index[self.participants[index] == name]])
            total += float(np.minimum(np.diff(starts), self.length_s).clip(min=0.0).sum()) + self.length_s
        return total

    def batch(
        self, index: Ints, rng: np.random.Generator | None = None, share: float = 0.5, faces: UsualFace | None = None
    ) -> TrainingBatch:
        """Return the windows at `index`.

        Parameters
        ----------
        index : array of shape (n,), int64
        rng : Generator, optional
            Given, the EEG of this `share` of the windows is corrupted, afresh at each call.
        share : float
            See `rng`.
        faces : UsualFace, optional
            Given, the faces of as many windows are corrupted, too, whatever their EEG is, if they were clean.
        """
        level, face_level = np.zeros(len(index), np.int64), np.zeros(len(index), np.int64)
        if rng is not None:
            level = np.where(rng.random(len(index)) < share, rng.integers(1, N_LEVELS, len(index)), 0)
        if rng is not None and faces is not None:
            face_level = np.where(rng.random(len(index)) < share, rng.integers(1, N_LEVELS, len(index)), 0)
        batch = self.corrupted(index, level, rng)
        return batch if rng is None or faces is None else self.with_noisy_faces(batch, face_level, faces, rng)

    def with_noisy_faces(
        self, batch: TrainingBatch, face_level: Ints, usual: UsualFace, rng: np.random.Generator
    ) -> TrainingBatch:
        """Return the batch with the faces of its clean windows corrupted at these levels."""
        index = batch.window.numpy()
        face_level = np.where(self.has_face[index] & (self.face_level[index] == 0), face_level, 0)
        embeddings, faces = _single(self.embeddings[index]), self.faces[index].copy()
        for row, level in enumerate(face_level):
            embeddings[row], faces[row] = corrupt_faces(embeddings[row], faces[row], int(level), usual, rng)
        inputs = batch.inputs._replace(
            embeddings=torch.from_numpy(embeddings),
            faces=torch.from_numpy(faces),
            meshed=torch.from_numpy(self.meshed[index] & faces),
        )
        level = batch.level.clone()
        level[:, 1] += torch.from_numpy(face_level)
        return batch._replace(inputs=inputs, level=level)

    def corrupted(self, index: Ints, eeg_level: Ints, rng: np.random.Generator | None) -> TrainingBatch:
        """Return the windows at `index`, each with its EEG corrupted at its `eeg_level`, 0 clean to 5."""
        known = None if self.power is None else _rows(self.power, index)
        anew = np.arange(len(index)) if known is None else np.flatnonzero(eeg_level)
        eeg: tuple[Tensor | None, Tensor | None, Tensor | None] = (None, None, None)
        if len(anew):
            eeg = self.read_eeg(index[anew], eeg_level[anew], rng)
        inputs = Batch(
            *eeg,
            _rows(self.baseline, index),
            self._frames(self.embeddings, index),
            _rows(self.quality, index),
            _rows(self.faces, index),
            _rows(self.has, index),
            known,
            blendshapes=self._frames(self.blendshapes, index),
            **{name: _rows(getattr(self, name), index) for name in _COMPARED},
            numbers=_rows(self.numbers, index) if self.further_sizes else None,
            anew=torch.from_numpy(anew) if known is not None and len(anew) else None,
        )
        level = np.ones(inputs.use.shape, np.float32)
        level[:, 0] += eeg_level
        level[:, 1] += self.face_level[index]
        return TrainingBatch(
            inputs,
            _rows(self.label, index),
            _rows(self.affect, index),
            _rows(self.group, index),
            torch.from_numpy(level),
            torch.from_numpy(index),
        )

    def _frames(self, column: NDArray[np.float16], index: Ints) -> Tensor:
        """Return what the frames of the windows at `index` hold, in single precision; zeros if none has a face."""
        if not self.has_face[index].any():
            return torch.zeros(len(index), *column.shape[1:])
        return _rows(column, index).float()

    def read_eeg(
        self, index: Ints, eeg_level: Ints | None = None, rng: np.random.Generator | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return EEG (n, n_chans, n_times), positions (n, n_chans, 3) and mask (n, n_chans) of the windows at `index`.

        With a generator, the EEG of each is corrupted at its level.
        """
        none = KeptEeg(np.zeros((0, self.n_times), np.float16), np.zeros((0, 3), np.float32), np.zeros(0, bool))
        kept = [self.eeg[k] or none for k in index.tolist()]
        n_chans = max([1, *(len(one.mask) for one in kept)])
        kept = [one if len(one.mask) == n_chans else one.padded(n_chans) for one in kept]
        data, positions, mask = (np.concatenate(column) for column in zip(none, *kept, strict=True))
        mask, positions = mask.reshape(len(index), n_chans), positions.reshape(len(index), n_chans, 3)
        eeg = _single(data).reshape(len(index), n_chans, self.n_times)
        eeg /= np.where(mask.any(axis=1), self.scale[index], np.float32(1.0))[:, None, None]
        np.clip(eeg, -MAX_SCALED, MAX_SCALED, out=eeg)
        if rng is not None and eeg_level is not None:
            corrupt_in_place(eeg, positions, mask, eeg_level, rng)
        return torch.from_numpy(eeg), torch.from_numpy(positions), torch.from_numpy(mask)


def batches(index: Ints, size: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Give `index` in shuffled batches; a last one of fewer than two windows is left out."""
    order = rng.permutation(index)
    for start in range(0, len(order), size):
        if len(order) - start >= 2:
            yield order[start : start + size]


def split_participants(names: Sequence[str], shares: Sequence[float], seed: int) -> list[tuple[str, ...]]:
    """Return the participants in disjoint parts of about the given shares, at least one in each part."""
    order = [str(name) for name in np.random.default_rng(seed).permutation(sorted(set(names)))]
    if len(order) < len(shares):
        raise ValueError(f"{len(order)} participants cannot be split in {len(shares)} parts")
    edges = np.round(np.cumsum(shares) / np.sum(shares) * len(order)).astype(int)
    edges = np.maximum(edges, np.arange(1, len(shares) + 1))
    edges = np.minimum(edges, len(order) - np.arange(len(shares))[::-1])
    return [tuple(order[a:b]) for a, b in zip([0, *edges[:-1]], edges, strict=True)]


def _rows(column: NDArray[Any], index: Ints) -> Tensor:
    """Return some rows of a column; to take them is quicker than to index it."""
    return torch.from_numpy(column.take(index, axis=0))


def _single(half: NDArray[np.float16]) -> Floats:
    """Return the same numbers in single precision; torch turns them several times as fast as numpy."""
    single: Floats = torch.from_numpy(half).float().numpy()
    return single


def _half(window: Window) -> KeptEeg:
    _, positions, mask = eeg_input(window)
    data = np.where(mask[:, None], np.clip(np.asarray(window.eeg), -_LARGEST_UV, _LARGEST_UV), 0.0)
    return KeptEeg(data.astype(np.float16), positions, mask)
