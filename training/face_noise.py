"""What noise in the picture does to what is read of a face, at known levels, for the noise estimator to learn from.

Pictures are not kept, and of many recordings there are none: what is corrupted are the embeddings of the frames, in
units of their spread over the faces that are learnt from. A mixture of kinds, as for EEG (`training.corruption`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.corruption import LOST, STRENGTH

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
FADED = (1.0, 0.85, 0.7, 0.5, 0.3, 0.1)
"""What is left of how far an embedding lies from the usual one, by level."""


class UsualFace(NamedTuple):
    """What embeddings are of clean faces."""

    mean: Floats
    """(n_embedding,)."""
    spread: Floats
    """(n_embedding,)."""

    @classmethod
    def of(cls, embeddings: NDArray[np.floating], faces: Bools) -> UsualFace:
        """Return it of frames (n_windows, n_faces, n_embedding), where `faces` (n_windows, n_faces) has one."""
        seen = embeddings[faces].astype(np.float32)
        if not len(seen):
            return cls(np.zeros(embeddings.shape[2], np.float32), np.ones(embeddings.shape[2], np.float32))
        return cls(seen.mean(axis=0), seen.std(axis=0) + 1e-3)


def corrupt_faces(
    embeddings: Floats, faces: Bools, level: int, usual: UsualFace, rng: np.random.Generator
) -> tuple[Floats, Bools]:
    """Return a corrupted copy of the frames of one window, and which are still there.

    Parameters
    ----------
    embeddings : array of shape (n_faces, n_embedding), float32
    faces : array of shape (n_faces,), bool
    level : int
        0 clean to 5.
    usual : UsualFace
    rng : Generator
    """
    if level == 0 or not faces.any():
        return embeddings, faces
    kind = rng.integers(4)
    if kind == 0:  # grain: each frame by itself
        noise = rng.standard_normal(embeddings.shape)
    elif kind == 1:  # a veil, light or a hand: all frames alike
        noise = np.broadcast_to(rng.standard_normal(embeddings.shape[1]), embeddings.shape)
    elif kind == 2:  # blur and darkness take away
        faded = usual.mean + FADED[level] * (embeddings - usual.mean)
        return np.where(faces[:, None], faded, embeddings).astype(np.float32), faces
    else:  # frames that are not used, and some grain in the others
        noise, there = 0.5 * rng.standard_normal(embeddings.shape), faces & (rng.random(len(faces)) >= LOST[level])
        faces = there if there.any() else faces
    noisy = embeddings + STRENGTH[level] * usual.spread * noise
    return np.where(faces[:, None], noisy, 0.0).astype(np.float32), faces
