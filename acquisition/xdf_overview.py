"""An XDF file looked through before it is read: which streams there are, and what of it cannot be believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.data import Array, StreamInfo
from core.errors import FileFormatError
from core.recording.stream_header import from_xml
from core.recording.xdf_reader import Damage, Footer, Header, Offset, Samples, read_xdf

__all__ = ["XdfOverview", "look_over", "own_info"]

_FEW = 64
"""Samples that may be too many; if more are, the count is wrong."""
_AGREE_S = 1.0
"""Two clock offsets of a stream in a row that differ by less are of the same clock."""


@dataclass(slots=True)
class XdfOverview:
    """What was seen on the way through a file."""

    headers: dict[int, Header] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    """Samples of each stream."""
    first: dict[int, float] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)
    """Stamps of the first and of the last of them."""
    is_own: bool = False
    """Whether Insula recorded it."""
    is_whole: bool = True
    """Whether all of it was seen."""
    offsets: dict[int, list[Offset]] = field(default_factory=dict)
    uncounted: dict[int, Array] = field(default_factory=dict)
    """Stamps of the samples that a stream has beyond those that its recorder counted: written as it was closed."""
    garbage: set[Offset] = field(default_factory=set)
    """Clock offsets that fit neither the one before nor the one after them."""
    damaged: list[str] = field(default_factory=list)
    """What could not be read."""

    def counted(self, part: Samples) -> Array:
        """Return which of these samples its recorder counted: array of shape (n_times,), bool."""
        return ~np.isin(part.stamps, self.uncounted.get(part.number, part.stamps[:0]))

    def first_offset(self, number: int) -> float:
        """Return the clock offset that a stream begins with, s."""
        return next((o.value for o in self.offsets.get(number, ()) if o not in self.garbage), 0.0)

    def last_offset(self, number: int) -> float:
        """Return the clock offset that a stream ends with, s, as far as was looked."""
        return next((o.value for o in reversed(self.offsets.get(number, ())) if o not in self.garbage), 0.0)


def own_info(header: Header) -> tuple[StreamInfo | None, str]:
    """Return the stream as Insula described it, None if it did not, and what is wrong with what it wrote."""
    try:
        return from_xml(header.xml, header.n_chans), ""
    except FileFormatError as error:
        return None, str(error)


def look_over(
    path: Path, wanted: Callable[[Header], bool] = lambda _: True, own_parts: float = math.inf
) -> XdfOverview:
    """Return what stands in a file; of Insula's own only the first `own_parts` chunks are looked at, 0: to know it.

    Insula's own clock offsets are obeyed as they stand; those of other recorders are compared with one another.
    """
    found = XdfOverview()
    footers: list[Footer] = []
    latest: dict[int, Array] = {}
    for n_parts, part in enumerate(read_xdf(path, wanted)):
        if isinstance(part, Header):
            found.headers[part.number] = part
            found.is_own = found.is_own or own_info(part) != (None, "")
        elif isinstance(part, Offset):
            found.offsets.setdefault(part.number, []).append(part)
        elif isinstance(part, Samples) and len(part.stamps):
            found.first.setdefault(part.number, float(part.stamps[0]))
            found.last[part.number] = float(part.stamps[-1])
            found.counts[part.number] = found.counts.get(part.number, 0) + len(part.stamps)
            latest[part.number] = np.concatenate([latest.get(part.number, part.stamps[:0]), part.stamps])[-_FEW:]
        elif isinstance(part, Damage):
            found.damaged.append(part.text)
        elif isinstance(part, Footer):
            footers.append(part)
        # All but the headers of what came late stand before the first sample: two hours need not be read for them.
        if found.is_own and n_parts >= own_parts and (found.counts or not own_parts):
            found.is_whole = False
            break
    if not found.is_own:
        found.garbage = {offset for own in found.offsets.values() for offset in _garbage(own)}
        for footer in footers:
            n_more = found.counts.get(footer.number, 0) - footer.n_samples
            if footer.n_samples > 0 and 0 < n_more < _FEW:
                found.uncounted[footer.number] = latest[footer.number][-n_more:]
    return found


def _garbage(offsets: Sequence[Offset]) -> Iterable[Offset]:
    """Give the offsets that no neighbour bears out; if none is borne out, all but the first, which was measured."""
    agree = [abs(one.value - other.value) < _AGREE_S for one, other in pairwise(offsets)]
    borne_out = [before or after for before, after in zip([False, *agree], [*agree, False], strict=True)]
    if not any(borne_out):
        return offsets[1:]
    return (offset for offset, good in zip(offsets, borne_out, strict=True) if not good)
