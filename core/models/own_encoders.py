"""Others' encoders in the place of Insula's own, where the path is narrowest, so that all the rest stays as it is.

An EEG encoder gives numbers of a window in place of its log powers. What is made of these, the person's own baseline,
the reader of change, how familiar it is, and what is learnt of a person, is the same as with Insula's own. A face
encoder says for each frame how likely each class is, in place of the expression network; the average over the window
and how far it is trusted stay. Both are taken as they are and never taught: train them elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn

from core.errors import PluginError
from core.plugins import load_plugin

__all__ = ["EegNumbers", "FaceFrames", "eeg_encoder", "face_encoder"]

_MOST = 65_536


class _Called(nn.Module):
    """A module, or a callable that is none, without gradients; its weights, if it has any, go into the model file."""

    def __init__(self, call: Callable[..., Any], name: str) -> None:
        super().__init__()
        if isinstance(call, nn.Module):
            with contextlib.suppress(NotImplementedError):  # what torch.export wrote has no modes
                call.eval()
        self.call = call
        self._name = name
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Do nothing: it is never taught, whatever is round it."""
        return self

    def _checked(self, numbers: Any, shape: tuple[int, ...]) -> Tensor:
        found = torch.as_tensor(numbers, dtype=torch.float32)
        if torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call] # it was looked at before
            return found
        if tuple(found.shape) != shape:
            raise PluginError(f"Encoder {self._name!r} gives an array of shape {tuple(found.shape)}, not {shape}.")
        return found


class EegNumbers(_Called):
    """``(eeg, positions, mask) -> numbers``, ``n_numbers`` of them, on a scale on which a change of 1 is much."""

    def __init__(self, call: Callable[..., Any], name: str) -> None:
        super().__init__(call, name)
        size = getattr(call, "n_numbers", None)
        if not isinstance(size, int) or not 0 < size < _MOST:
            raise PluginError(f"Encoder {name!r} has no n_numbers that says how many numbers it gives of a window.")
        self.n_numbers = size

    def forward(self, eeg: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return the numbers, (batch, n_numbers)."""
        return self._checked(self.call(eeg, positions, mask), (eeg.shape[0], self.n_numbers))


class FaceFrames(_Called):
    """``(embeddings, blendshapes) -> log odds``, a row of classes for each frame."""

    def __init__(self, call: Callable[..., Any], name: str, n_classes: int) -> None:
        super().__init__(call, name)
        self._n_classes = n_classes

    def forward(self, embeddings: Tensor, blendshapes: Tensor) -> Tensor:
        """Return class probabilities, (batch, n_faces, n_classes)."""
        shape = (*embeddings.shape[:2], self._n_classes)
        return self._checked(self.call(embeddings, blendshapes), shape).softmax(dim=-1)


def eeg_encoder(name: str, sfreq: float, n_times: int) -> EegNumbers | None:
    """Return the EEG encoder of that name, None for ``""``: Insula's own."""
    if not name:
        return None
    return EegNumbers(load_plugin("insula.encoders", name)(sfreq, n_times), name)


def face_encoder(name: str, classes: tuple[str, ...]) -> FaceFrames | None:
    """Return the face encoder of that name, None for ``""``: Insula's own."""
    if not name:
        return None
    return FaceFrames(load_plugin("insula.encoders", name)(classes), name, len(classes))
