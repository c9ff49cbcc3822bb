"""Markers of other programs, out of the samples in which they came."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data import Array, Marker

__all__ = ["markers_in"]


def markers_in(stream: str, times: Array, data: Array) -> list[Marker]:
    """Return the markers among samples: one for each that says something at a moment.

    Parameters
    ----------
    stream : str
        Name of the stream.
    times : array of shape (n_times,), float64, s, LSL clock
    data : array of shape (n_times, n_chans), texts or numbers
        What cannot stand in one line is left out; several channels become one text.
    """
    said = (" ".join(" ".join(map(_word, row)).split()) for row in data)
    return [
        Marker(float(time), text, stream) for time, text in zip(times, said, strict=True) if text and np.isfinite(time)
    ]


def _word(value: Any) -> str:
    text = str(int(value) if isinstance(value, np.floating) and value.is_integer() else value)
    return "".join(letter if letter.isprintable() else " " for letter in text)
