"""Keeping to the same person: which of the faces in a picture is the one that was followed so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.models.face import Box, Detection

MEMORY_S = 2.0
"""Seconds for which a lost face is waited for before another one may take its place."""
MAX_STEP = 1.0
"""Face widths by which a face may move from one look to the next; for a lost one, also each second."""
MAX_ZOOM = 1.6
"""How much larger or smaller it may have become."""


def largest(faces: Sequence[Detection]) -> Detection | None:
    """Return the largest face, None if there is none."""
    return max(faces, key=lambda face: _size(face.box), default=None)


def same(faces: Sequence[Detection], last: Box, since: float) -> Detection | None:
    """Return the face that can be the one that was at `last`, None if none can.

    Parameters
    ----------
    faces : sequence of Detection
    last : box
        Where it was.
    since : float
        Seconds since then.
    """
    reach = MAX_STEP * max(1.0, since) * _size(last)
    zoom = {id(face): _size(face.box) / _size(last) for face in faces}
    possible = [
        face for face in faces if _distance(face.box, last) <= reach and 1 / MAX_ZOOM <= zoom[id(face)] <= MAX_ZOOM
    ]
    return min(possible, key=lambda face: _distance(face.box, last), default=None)


def _size(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1], 1.0)


def _distance(one: Box, other: Box) -> float:
    return float(np.hypot(one[0] + one[2] - other[0] - other[2], one[1] + one[3] - other[1] - other[3]) / 2)
