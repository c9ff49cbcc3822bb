"""Draws the window in its states, without a display, from staged sessions of a simulated participant.

``python -m tools.screenshots`` draws the screens of `docs/screens`; ``python -m tools.screenshots FOLDER [STATE ...]``
draws every state, or those that are named, in light and dark and three sizes.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from app.theme import DARK, LIGHT, Theme, system_theme
from tools.screen_states import STATES, Scene, State

DOCS = Path("docs/screens")
SIZES = {"laptop": (1280, 800), "desk": (1440, 900), "wall": (1920, 1080)}
_N_COLORS = 256


def main(folder: str = "", *wanted: str) -> None:
    """Draw the kept states into the documentation, or the wanted ones, all if none is named, into a folder."""
    application = QApplication([])
    into = Path(folder) if folder else DOCS
    into.mkdir(parents=True, exist_ok=True)
    for name, state in STATES.items():
        if (wanted and name not in wanted) or (not folder and not state.kept):
            continue
        for theme in (LIGHT, DARK):
            for size in SIZES if folder else ("desk",):
                draw(state, theme, SIZES[size], into / f"{name}-{theme.name}{f'-{size}' if folder else ''}.png")
    application.quit()


def draw(state: State, theme: Theme, size: tuple[int, int], path: Path) -> None:
    """Draw one state into a file."""
    scene = Scene(replace(theme, family=system_theme().family), size, state.n_chans)
    state.play(scene)
    scene.settle()
    reduced(scene.window.grab().toImage()).save(str(path), "PNG", 0)
    sys.stdout.write(f"{path} {path.stat().st_size // 1000} kB\n")
    scene.close()


def reduced(image: QImage) -> QImage:
    """Return a picture in 256 colours: a third of the size, and no difference to the eye."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    memory = image.constBits()
    assert memory is not None
    memory.setsize(image.sizeInBytes())
    pixels = np.frombuffer(cast(memoryview, memory), np.uint8).reshape(-1, 4)[:, :3].astype(np.int32)
    codes = pixels @ np.array([1, 256, 65536])
    colors, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    parts = np.stack([colors & 255, colors >> 8 & 255, colors >> 16], axis=1)
    chosen = _palette(parts, counts)
    near = np.array([int(((parts[chosen] - part) ** 2).sum(axis=1).argmin()) for part in parts])
    indices = np.ascontiguousarray(near[place].astype(np.uint8).reshape(image.height(), image.width()))
    made = QImage(indices.tobytes(), image.width(), image.height(), image.width(), QImage.Format.Format_Indexed8)
    made.setColorTable([0xFF000000 | int(color) for color in colors[chosen]])
    return made.copy()


def _palette(parts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the most frequent colours, and then those that are least like what there is already."""
    chosen = list(np.argsort(-counts, kind="stable")[: _N_COLORS // 2])
    away = np.min([((parts - parts[k]) ** 2).sum(axis=1) for k in chosen], axis=0)
    while len(chosen) < min(_N_COLORS, len(parts)):
        chosen.append(int(np.argmax(away * np.log1p(counts))))
        away = np.minimum(away, ((parts - parts[chosen[-1]]) ** 2).sum(axis=1))
    return np.asarray(chosen)


if __name__ == "__main__":
    main(*sys.argv[1:])
