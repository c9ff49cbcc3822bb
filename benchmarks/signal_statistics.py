"""What a signal looks like, whatever it says: numbers that noise of any kind moves, for pictures and for EEG."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

FLOOR = 1e-3
SMOOTH = 1e-3
"""Neighbours that differ by less than this, in spreads, are taken for the same."""
FAR = 2.5
RINGS = (0.0, 0.06, 0.12, 0.2, 0.3, 0.4, 0.8)
"""Edges of the bands of spatial frequency, cycles per pixel."""
BLOCK = 32
"""Samples of an EEG window that make a block, a quarter of a second."""
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)


def picture_statistics(pictures: Tensor) -> Tensor:
    """Return what pictures or spectrograms look like, shape (n, n_statistics).

    Size, how neighbours differ, how much is flat, how much is far out, skewness and kurtosis, power of small parts,
    and power in rings of spatial frequency.

    Parameters
    ----------
    pictures : Tensor
        (n, height, width), in units of the spread of clean ones, 0 the mean.
    """
    flat = pictures.flatten(1)
    found = [_log(flat.square().mean(1))]
    for axis in (1, 2):
        step = pictures.diff(dim=axis).flatten(1)
        bend = pictures.diff(n=2, dim=axis).flatten(1)
        found += [_log(step.square().mean(1)), _log(step.abs().mean(1)), _log(step.abs().median(1).values)]
        found += [(step.abs() < SMOOTH).float().mean(1)]
        found += [_log(bend.square().mean(1)), _log(bend.abs().median(1).values)]
    found += [(flat.abs() < SMOOTH).float().mean(1), flat.abs().amax(1).clamp(max=20.0), _share_far(flat)]
    unit = (flat - flat.mean(1, keepdim=True)) / (flat.std(1, keepdim=True) + 0.01)
    found += [unit.pow(3).mean(1).clamp(-20.0, 20.0), unit.pow(4).mean(1).clamp(max=50.0).log1p()]
    parts = nn.functional.avg_pool2d(pictures.square().unsqueeze(1), 4, 2).flatten(1)
    found += [_log(torch.quantile(parts, q, dim=1)) for q in QUANTILES]
    return torch.stack(found + _rings(pictures), dim=1)


def eeg_statistics(eeg: Tensor, mask: Tensor) -> Tensor:
    """Return what windows of EEG look like, whatever the montage, shape (n, n_statistics).

    Of each channel: power, how fast and how slow it is, its peak and kurtosis, how power and speed change within the
    window, its largest step. What is kept are the quantiles of these over the channels, and how alike channels are.

    Parameters
    ----------
    eeg : Tensor
        (n, n_chans, n_times), in units of the person's running scale.
    mask : Tensor
        (n, n_chans), bool: True where the channel may be trusted.
    """
    x = eeg - eeg.mean(-1, keepdim=True)
    step, bend = x.diff(dim=-1), x.diff(n=2, dim=-1)
    power, fast = _log(x.square().mean(-1)), _log(step.square().mean(-1))
    slow = nn.functional.avg_pool1d(x, BLOCK).square().mean(-1)
    each = [
        power,
        fast - power,
        _log(bend.square().mean(-1)) - fast,
        _log(slow) - power,
        _log(x.abs().amax(-1)) - 0.5 * power,
        _log(x.pow(4).mean(-1)) - 2.0 * power,
        _change(x, BLOCK),
        _change(step, BLOCK // 2),
        _log(step.abs().amax(-1)) - 0.5 * fast,
    ]
    spread = _quantiles(torch.stack(each, dim=-1), mask, QUANTILES)
    return torch.nan_to_num(torch.cat([spread, _alike(x, mask)], dim=1))


def _log(value: Tensor) -> Tensor:
    return (value + FLOOR).log()


def _share_far(flat: Tensor) -> Tensor:
    return (flat.abs() > FAR).float().mean(1)


def _rings(pictures: Tensor) -> list[Tensor]:
    _, height, width = pictures.shape
    power = torch.fft.fft2(pictures).abs().square() / (height * width)
    radius = (torch.fft.fftfreq(height)[:, None].square() + torch.fft.fftfreq(width).square()).sqrt()
    bands = [power[:, (radius >= low) & (radius < high)] for low, high in pairwise(RINGS)]
    return [_log(some) for band in bands for some in (band.mean(1), band.amax(1))]


def _change(signal: Tensor, size: int) -> Tensor:
    parts = nn.functional.avg_pool1d(signal.square(), size)
    return _log(parts.amax(-1)) - _log(parts.amin(-1))


def _quantiles(each: Tensor, mask: Tensor, at: Sequence[float]) -> Tensor:
    known = each.masked_fill(~mask.unsqueeze(-1), float("nan"))
    return torch.nanquantile(known, torch.tensor(at), dim=1).permute(1, 0, 2).flatten(1)


def _alike(x: Tensor, mask: Tensor) -> Tensor:
    """Return the mean squared correlation of channels, and quantiles of each one's with the channel most like it."""
    unit = x / (x.square().mean(-1, keepdim=True).sqrt() + 0.01) * mask.unsqueeze(-1)
    correlation = unit @ unit.transpose(1, 2) / x.shape[-1]
    others = correlation - torch.diag_embed(torch.diagonal(correlation, dim1=1, dim2=2))
    n = mask.sum(1)
    mean = others.square().sum((1, 2)) / (n * (n - 1)).clamp(min=1)
    nearest = _quantiles(others.amax(2).unsqueeze(-1), mask, QUANTILES[:3])
    return torch.cat([mean.unsqueeze(1), nearest], dim=1)
