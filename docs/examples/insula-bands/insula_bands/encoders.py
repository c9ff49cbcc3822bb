"""Encoders: a model that was taught with one names it in its file, and asks for this package where it is missing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from insula import BLENDSHAPES

BANDS_HZ = ((4.0, 8.0), (8.0, 13.0), (13.0, 30.0), (30.0, 44.0))
_SMILE = [BLENDSHAPES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]


class BandPower(nn.Module):
    """Log power in four bands over the left and the right half of the head.

    Insula makes it once, with the rate and the length of a window, and calls it with windows.

    Parameters
    ----------
    sfreq : float
        Rate of the windows, Hz.
    n_times : int
        Their length in samples.
    """

    def __init__(self, sfreq: float, n_times: int) -> None:
        super().__init__()
        hertz = torch.fft.rfftfreq(n_times, 1.0 / sfreq)
        self.register_buffer(
            "bands", torch.stack([((low <= hertz) & (hertz < high)).float() for low, high in BANDS_HZ])
        )
        self.n_numbers = 2 * len(BANDS_HZ)
        """How many numbers it gives of a window: Insula asks for this."""

    def forward(self, eeg: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Return numbers on a scale on which a change of 1 is much, such as that of natural logarithms.

        Parameters
        ----------
        eeg : Tensor
            (batch, n_chans, n_times), in units of the participant's running scale.
        positions : Tensor
            (batch, n_chans, 3), m, x to the right.
        mask : Tensor
            (batch, n_chans), bool: which channels may be trusted.

        Returns
        -------
        Tensor
            (batch, n_numbers).
        """
        power = torch.fft.rfft(eeg).abs().square() @ self.bands.T / eeg.shape[-1]
        right = positions[..., 0] > 0.0
        halves = [_mean(power, mask & side) for side in (~right, right)]
        return (torch.cat(halves, dim=-1) + 1e-3).log()


class Smile(nn.Module):
    """Says of each frame that its class is ``happy`` as far as the mouth smiles, else ``neutral``.

    Parameters
    ----------
    classes : tuple of str
        Those of the model.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__()
        self.register_buffer("happy", torch.tensor([float(name == "happy") for name in classes]))
        self.register_buffer("neutral", torch.tensor([float(name == "neutral") for name in classes]))

    def forward(self, embeddings: Tensor, blendshapes: Tensor) -> Tensor:
        """Return log odds, (batch, n_faces, n_classes).

        Parameters
        ----------
        embeddings : Tensor
            (batch, n_faces, 256): what the expression network made of each frame.
        blendshapes : Tensor
            (batch, n_faces, 52), 0 to 1, in the order of `insula.BLENDSHAPES`.
        """
        smile = blendshapes[..., _SMILE].mean(dim=-1, keepdim=True)
        return 6.0 * (smile * self.happy + (0.3 - smile) * self.neutral)


def _mean(power: Tensor, chosen: Tensor) -> Tensor:
    """Return the mean over the chosen channels, (batch, n_bands); zeros where there are none."""
    share = chosen.unsqueeze(-1).float()
    return (power * share).sum(dim=1) / share.sum(dim=1).clamp(min=1.0)
