"""Windows to tensors, the same way in training and in prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.blendshapes import BLENDSHAPES
from core.data import Window
from core.errors import CheckpointError
from core.face_movement import mouth_movement
from core.models.face_sequence import N_FACES
from core.models.model_file import Architecture
from core.models.network import Batch
from core.status import eeg_problem, face_problem, further_problem

MAX_SCALED = 20.0
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def eeg_input(window: Window, out: Floats | None = None) -> tuple[Floats, Floats, Bools]:
    """Return scaled EEG (n_chans, n_times), positions (n_chans, 3) and mask (n_chans,) of a window that has EEG.

    A channel whose place is unknown cannot enter the attention over positions; it is masked. With `out`, of the EEG's
    shape, this is written there.
    """
    if window.eeg is None or window.eeg_mask is None or window.positions is None:
        raise ValueError("the window has no EEG")
    known: Bools = np.asarray(np.isfinite(window.positions).all(axis=1))
    mask = np.asarray(window.eeg_mask, dtype=bool) & known
    positions = np.where(known[:, None], window.positions, 0.0).astype(np.float32)
    scaled: Floats = np.empty(window.eeg.shape, np.float32) if out is None else out
    np.divide(window.eeg, window.eeg_scale, out=scaled)
    np.minimum(np.maximum(scaled, -MAX_SCALED, out=scaled), MAX_SCALED, out=scaled)
    scaled[~mask] = 0.0
    return scaled, positions, mask


def face_input(window: Window, n_embedding: int) -> tuple[Floats, Floats, Bools]:
    """Return embeddings (N_FACES, n_embedding), quality (N_FACES,) and mask (N_FACES,), newest last."""
    embeddings = np.zeros((N_FACES, n_embedding), np.float32)
    quality = np.zeros(N_FACES, np.float32)
    mask = np.zeros(N_FACES, bool)
    seen = window.faces[-N_FACES:]
    for slot, face in enumerate(seen, start=N_FACES - len(seen)):
        if face.problem or face.embedding is None:
            continue
        if face.embedding.shape != (n_embedding,):
            raise CheckpointError(
                f"The checkpoint reads face embeddings of size {n_embedding}, but the face model gives "
                f"{face.embedding.shape[0]}. Use the checkpoint that was trained with this face model."
            )
        embeddings[slot], quality[slot], mask[slot] = face.embedding, face.quality, True
    return embeddings, quality, mask


def face_comparison(window: Window, n_classes: int) -> tuple[Floats, Bools, Floats, Floats, Floats]:
    """Return what faces are compared by and with, and how much the mouth moves.

    Blendshapes (N_FACES, 52) and where there are any (N_FACES,), newest last; the neutral face (52 + n_classes,); how
    far it is known and how much the mouth goes to and fro, each of shape ().
    """
    blendshapes = np.zeros((N_FACES, len(BLENDSHAPES)), np.float32)
    meshed = np.zeros(N_FACES, bool)
    seen = window.faces[-N_FACES:]
    for slot, face in enumerate(seen, start=N_FACES - len(seen)):
        if not face.problem and face.blendshapes is not None:
            blendshapes[slot], meshed[slot] = face.blendshapes, True
    neutral, known = np.zeros(len(BLENDSHAPES) + n_classes, np.float32), 0.0
    if window.neutral is not None:
        neutral = np.concatenate([window.neutral.blendshapes, window.neutral.log_odds]).astype(np.float32)
        known = window.neutral.weight
    movement = mouth_movement(window.faces)
    return blendshapes, meshed, neutral, np.asarray(known, np.float32), np.asarray(movement, np.float32)


def numbers_input(window: Window, sizes: Mapping[str, int]) -> Floats:
    """Return the numbers of further modalities one behind the other, 0 for those that are missing.

    Parameters
    ----------
    window : Window
    sizes : mapping of str to int
        How many of each modality, by name and in order.
    """
    found = {one.modality: one.values for one in window.further if not one.problem and one.values is not None}
    parts = [found.get(name, np.zeros(size, np.float32)) for name, size in sizes.items()]
    for part, (name, size) in zip(parts, sizes.items(), strict=True):
        if part.shape != (size,):
            raise CheckpointError(f"The checkpoint reads {size} numbers of {name!r}, but the window has {part.shape}.")
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def collate(
    windows: Sequence[Window],
    architecture: Architecture,
    use: Bools,
    baseline: Floats,
    device: torch.device,
    power: Floats | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Batch:
    """Return the batch of windows.

    Parameters
    ----------
    windows : sequence of Window
    architecture : Architecture
    use : array of shape (n_windows, M), bool
        What may enter the fusion.
    baseline : array of shape (n_windows, 2, n_power), float32
        Each person's log power so far and in the last seconds.
    device : device
    power : array of shape (n_windows, n_power), float32, optional
        Log power of the EEG where it is known already; then the EEG is not read. Zeros where there is no EEG.
    sizes : mapping of str to int, optional
        See `numbers_input`.

    Raises
    ------
    CheckpointError
        The windows were cut at another length or rate than the checkpoint was made for.
    """
    with_eeg = [not eeg_problem(one) for one in windows]
    with_face = [not face_problem(one) for one in windows]
    eeg: tuple[Tensor | None, Tensor | None, Tensor | None] = (None, None, None)
    faces: tuple[Tensor | None, Tensor | None, Tensor | None] = (None, None, None)
    if any(with_eeg) and power is None:
        eeg = pad_eeg(windows, with_eeg, architecture.n_times, device)
    if any(with_face):
        inputs = [face_input(one, architecture.n_embedding) for one in windows]
        faces = _tensors(*(np.stack(part) for part in zip(*inputs, strict=True)), device=device)
    more: dict[str, Tensor] = {}
    if any(with_face) and architecture.compares_faces:
        parts = zip(*(face_comparison(one, len(architecture.classes)) for one in windows), strict=True)
        names = ("blendshapes", "meshed", "neutral", "known", "movement")
        more = {name: torch.tensor(np.stack(part), device=device) for name, part in zip(names, parts, strict=True)}
    elif any(with_face) and architecture.face_encoder:
        shapes = [face_comparison(one, len(architecture.classes))[0] for one in windows]
        more = {"blendshapes": torch.tensor(np.stack(shapes), device=device)}
    with_more = [[not further_problem(one, name) for one in windows] for name in architecture.further]
    if any(map(any, with_more)):
        numbers = np.stack([numbers_input(one, sizes or {}) for one in windows])
        more["numbers"] = torch.tensor(numbers, device=device)
    allowed = use & np.stack([with_eeg, with_face, *with_more], axis=1)
    past = torch.tensor(baseline, device=device) if any(with_eeg) else None
    known = torch.tensor(power, device=device) if any(with_eeg) and power is not None else None
    return Batch(*eeg, past, *faces, use=torch.from_numpy(allowed).to(device), power=known, **more)


def pad_eeg(
    windows: Sequence[Window], with_eeg: Sequence[bool], n_times: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Return EEG (n, n_chans, n_times), positions (n, n_chans, 3) and mask (n, n_chans), padded to the largest montage.

    Zeros where `with_eeg` is False.
    """
    shapes = [one.eeg.shape for one, there in zip(windows, with_eeg, strict=True) if there and one.eeg is not None]
    if wrong := [shape[1] for shape in shapes if shape[1] != n_times]:
        raise CheckpointError(
            f"The checkpoint reads windows of {n_times} samples, but these have {wrong[0]}. "
            "Set window.length and eeg.sfreq to what the checkpoint was made with, or train another."
        )
    n, n_chans = len(windows), max(shape[0] for shape in shapes)
    # Written where torch has its memory: its alignment is always the same, and so are the bits that come out.
    eeg = torch.zeros(n, n_chans, n_times)
    positions, mask = torch.zeros(n, n_chans, 3), torch.zeros(n, n_chans, dtype=torch.bool)
    to_eeg, to_positions, to_mask = eeg.numpy(), positions.numpy(), mask.numpy()
    for row, (one, there) in enumerate(zip(windows, with_eeg, strict=True)):
        if there and one.eeg is not None:
            size = len(one.eeg)
            _, to_positions[row, :size], to_mask[row, :size] = eeg_input(one, to_eeg[row, :size])
    return eeg.to(device), positions.to(device), mask.to(device)


def _tensors(*arrays: NDArray[np.generic], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    # A copy into memory that torch allocates: its alignment is always the same, and so are the bits that come out.
    first, second, third = (torch.tensor(array, device=device) for array in arrays)
    return first, second, third
