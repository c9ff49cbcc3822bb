"""Where electrodes lie on a head that is seen from above. No Qt."""

from __future__ import annotations

import numpy as np

from core.data import Array
from core.montage import template
from core.splines import unit_sphere

RIM = 1.06
"""How far out the outline of the head is: where T7 and T8 lie."""


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
