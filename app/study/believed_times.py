"""Which samples can be laid on one grid of time: a stamp that is hours off would ask for hours of zeros."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from core.data import Array
from core.errors import FileFormatError
from core.stamps import StampMender, are_times

__all__ = ["believed", "measured_rate"]

_FEW_S, _FAR_S = 0.5, 10.0
"""Less than so many seconds of samples, with nothing as near as that, have strayed."""
_LONGEST_GAP_S = 6 * 3600.0
"""A longer gap, or a longer step back, is none of a session: another clock begins."""
_MOST_EMPTY = 100
"""By which factor the grid may be longer than its samples."""
_OFF = 2.0
_MANY = 0.5
"""Share of samples with the stamp of the one before from which on a device is taken to stamp packets."""
_USUAL = 0.05
"""By how much stretches of as many samples may differ in length from most of them."""


def believed(
    times: Array, data: Array, sfreq: float, max_gap: float, tell: Callable[[str], object]
) -> tuple[Array, Array]:
    """Return the samples that can be laid on one grid, and tell of those that are left out.

    Single stamps that are no times, or far from those around them, are put between these.

    Parameters
    ----------
    times : array of shape (n_times,), s
    data : array of shape (n_times, n_chans)
    sfreq : float
        Nominal rate, Hz; 0 if there is none.
    max_gap : float
        Seconds by which times may step without it being a gap.
    tell : callable
        Takes a sentence.

    Raises
    ------
    FileFormatError
        Nothing is left, or it is too far apart.
    """
    mender = StampMender(sfreq, max_gap)
    pieces = (mender.push(times, data), mender.flush(data))
    times, data = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    if mender.n_mended:
        tell(f"{mender.n_mended} stamps are no times or far off; their samples are placed between those around them.")
    keep = _not_strayed(times, max_gap, _FEW_S * (sfreq or 100.0))
    keep[keep] = _of_one_clock(times[keep])
    if not keep.all():
        tell(f"{np.sum(~keep)} samples are stamped hours from the others, or alone: they are left out.")
    times, data = times[keep], data[keep]
    if len(times) < 2:
        raise FileFormatError("The EEG of the recording has no two samples whose stamps are times.")
    if (span := float(np.ptp(times))) * (sfreq or 1.0) > _MOST_EMPTY * len(times) + 3600.0 * (sfreq or 1.0):
        raise FileFormatError(
            f"The EEG of the recording has {len(times)} samples in {span / 3600:.0f} h: nearly all of it is gaps. "
            "Export the parts one by one, or --to tsv."
        )
    return times, data


def measured_rate(times: Array, sfreq: float, max_gap: float) -> float:
    """Return the rate that the times show, Hz; the nominal one where they show none.

    Stretches of about a second are compared, so that a device that stamps packets shows the rate of its samples, and
    those that last as long as most do are believed: stamps may stand still for a while, and then catch up.
    """
    steps = np.diff(times)
    n = min(max(1, round(sfreq or 100.0)), max(1, len(steps) // 2))
    odd = (steps <= -max_gap) | (steps >= max_gap)
    if len(steps) and np.mean(steps == 0.0) < _MANY:  # no packets: two alike are a clock that stands still
        odd |= steps == 0.0
    n_odd = np.concatenate([[0], np.cumsum(odd)])
    spans = (times[n:] - times[:-n])[n_odd[n:] == n_odd[:-n]]
    usual = float(np.median(spans)) if len(spans) else 0.0
    rate = n / float(np.mean(spans[np.abs(spans - usual) < _USUAL * usual])) if usual > 0 else 0.0
    if sfreq and not 1 / _OFF < rate / sfreq < _OFF:
        rate = sfreq
    if not rate:
        raise FileFormatError("The stamps of the EEG stand still, and its stream declares no rate.")
    return float(rate)


def _not_strayed(times: Array, max_gap: float, few: float) -> Array:
    """Return which samples are not of a short piece that is far from everything."""
    keep = are_times(times)
    ends = [0, *(np.flatnonzero(np.abs(np.diff(times)) > max_gap) + 1).tolist(), len(times)]
    for start, stop in itertools.pairwise(ends):
        before = abs(times[start] - times[start - 1]) if start else np.inf
        after = abs(times[stop] - times[stop - 1]) if stop < len(times) else np.inf
        if stop - start < few and min(before, after) > _FAR_S and stop - start < len(times):
            keep[start:stop] = False
    return keep if keep.any() else are_times(times)


def _of_one_clock(times: Array) -> Array:
    """Return which samples are of the longest part without a step that no session has."""
    ends = [0, *(np.flatnonzero(np.abs(np.diff(times)) > _LONGEST_GAP_S) + 1).tolist(), len(times)]
    start, stop = max(itertools.pairwise(ends), key=lambda pair: pair[1] - pair[0])
    keep = np.zeros(len(times), dtype=bool)
    keep[start:stop] = True
    return keep
