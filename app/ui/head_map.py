"""Where electrodes lie on a head that is seen from above. No Qt."""

from __future__ import annotations

import numpy as np

from core.data import Array, StreamInfo
from core.montage import positions, template
from core.splines import unit_sphere

RIM = 1.06
"""How far out the outline of the head is: where T7 and T8 lie."""


def places(info: StreamInfo) -> Array:
    """Return where a stream's electrodes are, as the device says, else where 10-05 has their names.

    Returns
    -------
    places
        Array of shape (n_chans, 3), m, head coordinates; NaN where unknown.
    """
    standard = positions(info.ch_names)
    told = [info.channels[k].position for k in info.picks]
    rows = [row if place is None else place for place, row in zip(told, standard, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def project(places: Array) -> Array:
    """Return electrodes on a plane, x to the right, y to the front, array of shape (n_chans, 2).

    Azimuthal equidistant, with Cz in the middle: an electrode's distance from there is its angle, 1 for a right angle.
    """
    front = unit_sphere(places) @ _upright().T
    angle = np.arccos(np.clip(front[:, 2], -1.0, 1.0)) / (np.pi / 2)
    flat = front[:, :2] / np.maximum(np.linalg.norm(front[:, :2], axis=1, keepdims=True), 1e-9)
    return np.asarray(flat * angle[:, None])


def spacing(points: Array) -> float:
    """Return the distance of the two electrodes that lie closest, 1 if there are no two."""
    if len(points) < 2:
        return 1.0
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    # Two channels of one electrode lie on the same place: they must not make all others vanish.
    apart[apart < 1e-3] = np.inf
    return float(min(apart.min(), 1.0))


def _upright() -> Array:
    """Return the turn about the axis through the ears that brings Cz to the top; MNE's frame leans forward."""
    _, y, z = unit_sphere(np.array([template()["Cz"]]))[0]
    length = np.hypot(y, z)
    return np.array([[1.0, 0.0, 0.0], [0.0, z / length, -y / length], [0.0, y / length, z / length]])
