"""Teachers that read faces, taught before the student and held still, and cross-fitted ones among them.

A teacher that has learnt from the very windows it teaches on knows their labels by heart: it is sure and right there,
and its answers then say nothing that the labels do not. Cross-fitted, what a window is taught comes from a teacher that
has not seen it, nor any other of its unit, a person or a trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Ints = NDArray[np.int64]
N_LAYERS = 3
N_HIDDEN = 128
N_FOLDS = 3
"""Few, so that a batch has many windows of each: what enters a teacher's head takes on their mean and spread."""
NOBODY = -1


class TaskHead(nn.Module):
    """Hidden layers and an output, entered at any depth (methods, eq. 7).

    Parameters
    ----------
    n_in : int
    n_outputs : int
        Classes, or numbers of the continuous task.
    n_hidden, n_layers : int
    """

    def __init__(self, n_in: int, n_outputs: int, n_hidden: int = N_HIDDEN, n_layers: int = N_LAYERS) -> None:
        super().__init__()
        sizes = [n_in, *[n_hidden] * n_layers]
        self.sizes = tuple(sizes)
        """Size of what enters at each depth."""
        self.hidden = nn.ModuleList(nn.Sequential(nn.Linear(a, b), nn.ReLU()) for a, b in pairwise(sizes))
        self.out = nn.Linear(n_hidden, n_outputs)

    def steps(self) -> Sequence[nn.Module]:
        """Return what is done one after the other: lines, rectifiers, and the output."""
        return [*(step for layer in self.hidden for step in layer.children()), self.out]

    @staticmethod
    def step_at(layer: int) -> int:
        """Return the step at which a feature enters at this depth: before the rectifier of the layer skipped last.

        CrossKD injects there, so that what enters is rectified as the teacher's own feature is.
        """
        return max(2 * layer - 1, 0)

    def before(self, feature: Tensor, step: int) -> Tensor:
        """Return what enters a step."""
        for one in self.steps()[:step]:
            feature = one(feature)
        return feature

    def forward(self, feature: Tensor) -> Tensor:
        """Return the outputs, shape (batch, n_outputs)."""
        return self.before(feature, len(self.steps()))


class Teachers:
    """Trained heads that are moved by nothing, and which of them may teach which window.

    Not a module, so that no optimiser finds its weights and no call of `train` wakes its dropout.

    Parameters
    ----------
    heads : sequence of TaskHead
        Of the same sizes.
    """

    def __init__(self, heads: Sequence[TaskHead]) -> None:
        self.heads = tuple(head.eval().requires_grad_(False) for head in heads)
        self.sizes = self.heads[0].sizes

    def __call__(self, feature: Tensor) -> Tensor:
        """Return the mean of what all say, (batch, n_outputs), of windows that none of them has seen."""
        return torch.stack([head(feature) for head in self.heads]).mean(dim=0)

    def each(self, fold: Tensor | None, n_windows: int) -> Iterator[tuple[Tensor, TaskHead]]:
        """Give each head and the windows that it teaches, as indices into the batch.

        Parameters
        ----------
        fold : Tensor or None
            (batch,), int64: which head has not seen a window; None: the first teaches all.
        n_windows : int
            Of the batch.
        """
        if fold is None:
            yield torch.arange(n_windows), self.heads[0]
            return
        for number, head in enumerate(self.heads):
            rows = torch.nonzero(fold == number).squeeze(1)
            if len(rows):
                yield rows, head


def deal(unit: Ints, among: Ints, n_folds: int, seed: int) -> Ints:
    """Return which fold each window is of, `NOBODY` for those that are not `among`; a unit is never parted.

    Raises
    ------
    ValueError
        There are fewer units than folds.
    """
    units = np.unique(unit[among])
    if len(units) < n_folds:
        raise ValueError(f"{len(units)} units cannot be dealt into {n_folds} folds")
    order = np.random.default_rng([seed, 12]).permutation(units)
    place = dict(zip(order.tolist(), (np.arange(len(order)) % n_folds).tolist(), strict=True))
    fold = np.full(len(unit), NOBODY, np.int64)
    fold[among] = [place[one] for one in unit[among].tolist()]
    return fold


def cross_fit(fit: Callable[[Ints], TaskHead], fold: Ints) -> Teachers:
    """Return a head for each fold, fitted to the windows of all other folds.

    Parameters
    ----------
    fit : callable
        Gives the head that has learnt from the windows at some indices.
    fold : array of shape (n_windows,), int64
        See `deal`.
    """
    return Teachers([fit(np.flatnonzero((fold != k) & (fold != NOBODY))) for k in range(int(fold.max()) + 1)])
