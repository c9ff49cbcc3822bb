"""Others' encoders in the place of Insula's own, where the path is narrowest, so that all the rest stays as it is.

An EEG encoder gives numbers of a window in place of its log powers. What is made of these, the person's own baseline,
the reader of change, how familiar it is, and what is learnt of a person, is the same as with Insula's own. A face
encoder says for each frame how likely each class is, in place of the expression network; the average over the window
and how far it is trusted stay. Both are taken as they are and never taught: train them elsewhere.

An encoder of a further modality is made without anything. It says which stream it reads, makes numbers of that stream's
last seconds, and is a module that gives a feature of these numbers: what is behind that, its place in the shared space,
noise, weight and calibration, is as for EEG and face. It is taught with the network.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from core.data import Array, StreamInfo, frozen
from core.errors import PluginError
from core.plugins import load_plugin

__all__ = ["EegNumbers", "FaceFrames", "FurtherEncoder", "eeg_encoder", "face_encoder", "further_encoder"]

_MOST = 65_536
_LONGEST_S = 600.0


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


class FurtherEncoder(nn.Module):
    """An encoder of a further modality, checked.

    Attributes
    ----------
    n_numbers, n_features : int
        How many numbers it reads of a window, and how many it gives.
    seconds : float
        How far back from a window's end it looks at its stream.
    """

    n_numbers: int
    n_features: int
    encoder: Any

    def __init__(self, encoder: Any, name: str) -> None:
        super().__init__()
        lacks = [
            each for each in ("n_numbers", "n_features", "seconds", "reads", "numbers") if not hasattr(encoder, each)
        ]
        told: Any = encoder  # a module's attributes are tensors to a type checker
        if lacks or not isinstance(encoder, nn.Module):
            what = f"has no {' and no '.join(lacks)}" if lacks else "is no torch module"
            raise PluginError(f"Encoder {name!r} of a further modality {what}.")
        self.n_numbers, self.n_features = int(told.n_numbers), int(told.n_features)
        self.seconds = float(told.seconds)
        if not (0 < self.n_numbers < _MOST and 0 < self.n_features < _MOST and 0.0 < self.seconds < _LONGEST_S):
            raise PluginError(
                f"Encoder {name!r} has n_numbers {self.n_numbers}, n_features {self.n_features} and seconds "
                f"{self.seconds:g}; they must be above 0 and below {_MOST}, and {_LONGEST_S:g} s."
            )
        self.encoder = encoder
        self._name = name

    def reads(self, info: StreamInfo) -> bool:
        """Return whether it reads this stream."""
        return bool(self.encoder.reads(info))

    def numbers(self, info: StreamInfo, times: Array, samples: Array) -> Array | None:
        """Return the numbers of samples, array of shape (n_numbers,), float32; None where they cannot be told.

        Parameters
        ----------
        info : StreamInfo
            The stream.
        times : array of shape (n_times,), s
            Rising, from minus `seconds` to 0, the window's end.
        samples : array of shape (n_times, n_chans)
            In the stream's own units.
        """
        found = self.encoder.numbers(info, times, samples)
        if found is None:
            return None
        values = np.asarray(found, np.float32)
        if values.shape != (self.n_numbers,):
            raise PluginError(f"Encoder {self._name!r} gives numbers of shape {values.shape}, not {(self.n_numbers,)}.")
        return frozen(values.copy()) if np.isfinite(values).all() else None

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the feature, (batch, n_features), of numbers, (batch, n_numbers)."""
        feature: Tensor = self.encoder(numbers)
        shape = (numbers.shape[0], self.n_features)
        traced = torch.jit.is_tracing()  # type: ignore[attr-defined,no-untyped-call] # it was looked at before
        if not traced and tuple(feature.shape) != shape:
            raise PluginError(f"Encoder {self._name!r} gives an array of shape {tuple(feature.shape)}, not {shape}.")
        return feature


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


def further_encoder(name: str) -> FurtherEncoder:
    """Return the encoder of a further modality, by the modality's name."""
    return FurtherEncoder(load_plugin("insula.encoders", name)(), name)
