"""What can go wrong with a picture or a spectrogram, at levels 0 clean to 5 destroyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from training.view_noise import STRENGTH, Levels
from training.views import Floats, Part

SHARE = (0.0, 0.1, 0.25, 0.45, 0.7, 1.0)
"""Of the picture that is covered, or of the contrast that is lost, by level."""
SALTED = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
WIDTH = (0.0, 0.6, 1.0, 1.6, 2.6, 6.0)
"""Standard deviation of the blur, pixels."""
Kind = Callable[[Floats, int, np.random.Generator], Floats]


def grain(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return pictures, (n, height, width) in units of their spread, with Gaussian noise."""
    noise = rng.standard_normal(pictures.shape, dtype=np.float32)
    return np.asarray(pictures + STRENGTH[level] * noise, np.float32)


def cover(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return pictures with a rectangle of each replaced by the mean picture."""
    _, height, width = pictures.shape
    side = np.sqrt(SHARE[level])
    rows, columns = round(side * height), round(side * width)
    top = rng.integers(0, height - rows + 1, (len(pictures), 1, 1))
    left = rng.integers(0, width - columns + 1, (len(pictures), 1, 1))
    y, x = np.arange(height)[None, :, None], np.arange(width)[None, None, :]
    hidden = (y >= top) & (y < top + rows) & (x >= left) & (x < left + columns)
    return np.asarray(np.where(hidden, 0.0, pictures), np.float32)


def blur(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return blurred pictures."""
    return np.asarray(gaussian_filter(pictures, (0.0, WIDTH[level], WIDTH[level])), np.float32)


def salt(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return pictures with single pixels set to plus or minus three spreads."""
    hit = rng.random(pictures.shape) < SALTED[level]
    return np.asarray(np.where(hit, 3.0 * rng.choice([-1.0, 1.0], pictures.shape), pictures), np.float32)


def stripes(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return pictures with a wave of any direction over them, as hum lies over a spectrogram."""
    _, height, width = pictures.shape
    angle, phase = rng.uniform(0.0, np.pi, (2, len(pictures), 1, 1))
    y, x = np.arange(height)[None, :, None], np.arange(width)[None, None, :]
    along = np.cos(angle) * y + np.sin(angle) * x
    wave = np.sqrt(2.0) * np.sin(2 * np.pi * along / rng.uniform(3.0, 8.0, (len(pictures), 1, 1)) + 2 * phase)
    return np.asarray(pictures + STRENGTH[level] * wave, np.float32)


def fade(pictures: Floats, level: int, rng: np.random.Generator) -> Floats:
    """Return pictures that lose their contrast, down to the mean picture."""
    return np.asarray((1.0 - SHARE[level]) * pictures, np.float32)


KINDS: dict[str, Kind] = {
    "grain": grain,
    "cover": cover,
    "blur": blur,
    "salt": salt,
    "stripes": stripes,
    "fade": fade,
}


class PictureNoise:
    """Corrupts each sample's pictures at its levels, each in one of some kinds drawn at random.

    Parameters
    ----------
    kinds : sequence of str
    sides : sequence of (int, int)
        Height and width of each modality's picture, which the views hold flattened.
    """

    def __init__(self, kinds: Sequence[str], sides: Sequence[tuple[int, int]]) -> None:
        self.kinds, self.sides = tuple(kinds), tuple(sides)

    def __call__(self, part: Part, levels: Levels, rng: np.random.Generator) -> list[Floats]:
        """Return the corrupted views; `levels` is (n_samples, n_modalities), 0 to 5."""
        out = []
        for m, (view, (height, width)) in enumerate(zip(part.views, self.sides, strict=True)):
            pictures = view.reshape(-1, height, width).copy()
            kind = rng.integers(0, len(self.kinds), len(pictures))
            for k, name in enumerate(self.kinds):
                for level in range(1, len(STRENGTH)):
                    hit = (kind == k) & (levels[:, m] == level)
                    if hit.any():
                        pictures[hit] = KINDS[name](pictures[hit], level, rng)
            out.append(pictures.reshape(len(view), -1))
        return out
