"""The thesis' teacher for the live network: reads faces, is taught before the student, held still and cross-fitted.

It reads the mean of what was seen of a face in a window: embeddings of the expression network, and blendshapes. What a
window is taught comes from a teacher that has seen none of its person, or trial (see `training.teacher`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from training.examples import UNKNOWN, Examples, Ints
from training.losses import softened_divergence
from training.splits import SplitBy, deal_people, deal_trials
from training.teacher import N_FOLDS, NOBODY, TaskHead, Teachers, cross_fit

STEPS, BATCH, RATE, DROPOUT = 200, 128, 1e-3, 0.3
N_RATED = 2
"""Valence and arousal, behind the classes."""


class FaceTeacher(NamedTuple):
    """Teachers, what they read of each window, and which of them may teach it."""

    teachers: Teachers
    feature: Tensor
    """(n_windows, n_features), standardised by the windows that are learnt from."""
    fold: Tensor
    """(n_windows,), int64: the teacher that has not seen it; `NOBODY` where there is no face to be taught by."""
    rated: tuple[bool, ...]
    """Of valence and arousal, whether the teacher has learnt it."""

    def to(self, device: torch.device) -> FaceTeacher:
        """Return the same on another device."""
        teachers = Teachers([head.to(device) for head in self.teachers.heads])
        return FaceTeacher(teachers, self.feature.to(device), self.fold.to(device), self.rated)


def fit_face_teacher(
    examples: Examples, train: Ints, n_classes: int, split_by: SplitBy, seed: int
) -> FaceTeacher | None:
    """Return teachers cross-fitted on the windows at `train` that have a face; None where these are of one unit.

    People are what is left out of each where people are tested on new, else trials; with fewer people than folds, too.
    The CPU's random numbers go on as if nothing had been taught.
    """
    seen = train[examples.has_face[train]]
    people = "subject" in split_by and len(np.unique(examples.participants[seen])) >= N_FOLDS
    fold = np.full(len(examples), NOBODY, np.int64)
    part = (deal_people if people else deal_trials)(examples, seen, N_FOLDS, seed) if len(seen) else seen
    if len(np.unique(part)) < 2:
        return None
    fold[seen] = np.unique(part, return_inverse=True)[1]
    feature = torch.from_numpy(_summary(examples))
    mean, spread = feature[seen].mean(dim=0), feature[seen].std(dim=0, correction=0)
    feature = (feature - mean) / (spread + 1e-3)
    label, affect = torch.from_numpy(examples.label), torch.from_numpy(examples.affect)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        teachers = cross_fit(lambda index: _fit(feature, label, affect, index, n_classes, seed), fold)
    rated = tuple(bool(one) for one in affect[seen].isfinite().any(dim=0))
    return FaceTeacher(teachers, feature, torch.from_numpy(fold), rated)


def divergence(said: Tensor, taught: Tensor, softening: float, rated: tuple[bool, ...], weight: Tensor) -> Tensor:
    """Return L_kd of outputs (batch, n_classes + 2): softened KL of the classes, squared error of what was rated.

    Methods, eq. 8; `weight` is (batch,).
    """
    loss = softened_divergence(said[:, :-N_RATED], taught[:, :-N_RATED], softening, weight)
    scales = [k - N_RATED for k, known in enumerate(rated) if known]
    if scales:
        loss = loss + (weight.unsqueeze(1) * (said[:, scales] - taught[:, scales].detach()).square()).mean()
    return loss


def _summary(examples: Examples) -> np.ndarray:
    share = examples.faces / np.maximum(examples.faces.sum(axis=1, keepdims=True), 1)
    meshed = examples.meshed / np.maximum(examples.meshed.sum(axis=1, keepdims=True), 1)
    parts = [
        (weight[:, None].astype(np.float32) @ seen.astype(np.float32))[:, 0]
        for weight, seen in ((share, examples.embeddings), (meshed, examples.blendshapes))
    ]
    return np.concatenate(parts, axis=1)


def _fit(feature: Tensor, label: Tensor, affect: Tensor, index: Ints, n_classes: int, seed: int) -> TaskHead:
    head = TaskHead(feature.shape[1], n_classes + N_RATED)
    known = (label[index] != UNKNOWN) | affect[index].isfinite().any(dim=1)
    index = index[known.numpy()]
    if not len(index):
        return head
    rng = np.random.default_rng([seed, 13])
    # Each class as often as another, and windows of none as one more.
    _, member, count = np.unique(label[index].numpy(), return_inverse=True, return_counts=True)
    share = 1.0 / count[member]
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=1e-2)
    for _ in range(STEPS):
        some = torch.from_numpy(rng.choice(index, BATCH, p=share / share.sum()))
        said = head(nn.functional.dropout(feature[some], DROPOUT))
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(_error(said, label[some], affect[some]))
        optimiser.step()
    return head


def _error(said: Tensor, label: Tensor, affect: Tensor) -> Tensor:
    loss = said.sum() * 0.0
    if bool((label != UNKNOWN).any()):
        loss = loss + nn.functional.cross_entropy(said[:, :-N_RATED], label, ignore_index=UNKNOWN)
    known = affect.isfinite()
    if bool(known.any()):
        loss = loss + (said[:, -N_RATED:] - affect)[known].square().mean()
    return loss
