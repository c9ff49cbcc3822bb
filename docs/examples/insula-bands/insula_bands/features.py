"""Features: numbers of a window by name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insula import Window

_PAIRS = (("F3", "F4"), ("AF7", "AF8"), ("Fp1", "Fp2"))
_RATE_HZ = 128.0


def asymmetry(window: Window) -> Mapping[str, float]:
    """Return frontal alpha asymmetry, the log power at 8 to 13 Hz on the right less that on the left, nats.

    The first pair of electrodes is taken of which both may be trusted; nothing is said where there is none.
    """
    if window.eeg is None or window.eeg_mask is None:
        return {}
    good = [name for name, is_good in zip(window.ch_names, window.eeg_mask, strict=True) if is_good]
    pair = next((pair for pair in _PAIRS if set(pair) <= set(good)), None)
    if pair is None:
        return {}
    left, right = (_alpha(window.eeg[window.ch_names.index(name)]) for name in pair)
    return {"alpha_asymmetry": float(np.log(right / left))}


def _alpha(signal: np.ndarray) -> float:
    hertz = np.fft.rfftfreq(len(signal), 1.0 / _RATE_HZ)
    return float((np.abs(np.fft.rfft(signal))[(hertz >= 8.0) & (hertz < 13.0)] ** 2).mean())
