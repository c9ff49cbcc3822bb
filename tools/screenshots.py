"""Draws every screen and every state of the window, without a display, from staged sessions of a simulated participant.

``python -m tools.screenshots`` draws the screens of `docs/screens`; ``python -m tools.screenshots FOLDER [NAME ...]``
draws all of them, or those that are named, in light and dark and three sizes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QWidget

from app.ui.theme import DARK, LIGHT, Theme, system_theme
from tools.screen_states import STATES, Scene
from tools.start_screens import SCREENS

DOCS = Path("docs/screens")
SIZES = {"small": (1280, 720), "laptop": (1280, 800), "desk": (1440, 900), "wide": (2560, 1440), "wall": (3840, 2160)}
KEPT = {name: state.kept for name, state in STATES.items()} | {
    "start": ("light", "dark"),
    "start-nothing-found": ("light",),
    "channels": ("light",),
    "home": ("light", "dark"),
    "end": ("light",),
    "eeg-by-itself": ("light", "dark"),
}
"""In which themes the documentation has them."""
_N_COLORS = 256


def main(folder: str = "", *wanted: str) -> None:
    """Draw the kept screens into the documentation, or the wanted ones, all if none is named, into a folder."""
    application = QApplication([])
    into = Path(folder) if folder else DOCS
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as settings:
        os.environ["INSULA_CONFIG_DIR"] = settings  # nothing that this machine remembers of devices is to be seen
        for name in [*SCREENS, *STATES]:
            for theme in (LIGHT, DARK):
                if name in (wanted or [*SCREENS, *STATES]) and (folder or theme.name in KEPT.get(name, ())):
                    for size in SIZES if folder else ("laptop",):
                        draw(name, theme, SIZES[size], into / f"{name}-{theme.name}{f'-{size}' if folder else ''}.png")
    application.quit()


def draw(name: str, theme: Theme, size: tuple[int, int], path: Path) -> None:
    """Draw one screen into a file."""
    theme = replace(theme, family=system_theme().family)
    with _start(name, theme, size) if name in SCREENS else _window(name, theme, size) as widget:
        reduced(widget.grab().toImage()).save(str(path), "PNG", 0)
    sys.stdout.write(f"{path} {path.stat().st_size // 1000} kB\n")


@contextmanager
def _window(name: str, theme: Theme, size: tuple[int, int]) -> Iterator[QWidget]:
    scene = Scene(theme, size, STATES[name])
    STATES[name].play(scene)
    scene.settle()
    yield scene.window
    scene.close()


@contextmanager
def _start(name: str, theme: Theme, size: tuple[int, int]) -> Iterator[QWidget]:
    widget = SCREENS[name](theme)
    widget.resize(*size)
    widget.show()
    for _ in range(3):
        QApplication.processEvents()
    yield widget
    widget.close()


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
