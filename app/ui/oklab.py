"""A scale of colours on which equal steps look equal: blended in OKLab (Ottosson 2020)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.data import Array

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def blend(first: str, second: str, share: float) -> str:
    """Return the colour that lies `share` of the way from one to another, all as ``#RRGGBB``."""
    share = min(max(share, 0.0), 1.0)
    lab = (1 - share) * coordinates(first) + share * coordinates(second)
    linear = np.linalg.inv(_TO_CONES) @ (np.linalg.inv(_TO_LAB) @ lab) ** 3
    linear = np.clip(linear, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(part)):02X}" for part in srgb)


@lru_cache(maxsize=64)
def ink(color: str) -> str:
    """Return black or white, whichever stands out more from a colour: by a contrast of 4.58 at least (WCAG 2.2)."""
    luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ _linear(color))
    return "#FFFFFF" if (luminance + 0.05) ** 2 < 1.05 * 0.05 else "#000000"


def coordinates(color: str) -> Array:
    """Return lightness, green to red and blue to yellow of a colour ``#RRGGBB``, array of shape (3,)."""
    return np.asarray(_TO_LAB @ np.cbrt(_TO_CONES @ _linear(color)))


def _linear(color: str) -> Array:
    """Return how much light of each of red, green and blue there is, array of shape (3,), 0 to 1."""
    srgb = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4))
