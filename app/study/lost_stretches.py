"""When streams were lost: for how long, and once each, where samples are missing as well."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.data import Notice

Lost = tuple[float, float, str]
"""(start, stop, stream), s, LSL clock."""


def lost_stretches(notices: Iterable[Notice], until: float, missing: Collection[Lost]) -> list[Lost]:
    """Return when streams were told to be lost, one that is not back until the end included, in order of coming back.

    Where samples are `missing` while a stream was lost, that says it more exactly: it is left out here.
    """
    lost: dict[str, float] = {}
    found: list[Lost] = []
    for notice in notices:
        if notice.kind == "lost":
            lost.setdefault(notice.stream, notice.time)
        elif notice.kind == "back" and notice.stream in lost:
            found.append((lost.pop(notice.stream), notice.time, notice.stream))
    found += [(start, max(start, until), stream) for stream, start in lost.items()]
    return [stretch for stretch in found if not any(_overlap(stretch, one) for one in missing)]


def _overlap(stretch: Lost, other: Lost) -> bool:
    return stretch[2] == other[2] and stretch[0] < other[1] and other[0] < stretch[1]
