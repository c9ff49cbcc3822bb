"""Valence and arousal on one of three scales: stepless sliders, nine pictures each, or one grid for both."""

from __future__ import annotations

import math
from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.labelling.affect_grid import AffectGrid
from app.labelling.affect_slider import AffectSlider
from app.labelling.picture_row import PictureRow
from app.ui.face_icon import Scale
from app.ui.keys import Act
from app.ui.theme import Theme

NAN = float("nan")


class AffectScales(QWidget):
    """Asks for valence and arousal on the chosen scale.

    Parameters
    ----------
    kind
        ``slider``, ``sam``, ``grid`` or ``none``.
    hint
        From an act to the key printed for it.
    """

    moved = pyqtSignal()

    def __init__(self, kind: str, hint: Callable[[str], str]) -> None:
        super().__init__()
        self.rows: dict[Scale, AffectSlider | PictureRow] = {}
        self.grid: AffectGrid | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        sideways = f"{hint(Act.VALENCE_DOWN)}   {hint(Act.VALENCE_UP)}"
        upright = f"{hint(Act.AROUSAL_DOWN)}   {hint(Act.AROUSAL_UP)}"
        if kind == "grid":
            self.grid = AffectGrid(
                f"{hint(Act.VALENCE_DOWN)} {hint(Act.VALENCE_UP)}\n{hint(Act.AROUSAL_DOWN)} {hint(Act.AROUSAL_UP)}"
            )
            self.grid.moved.connect(self.moved)
            self._column.addWidget(self.grid)
        elif kind != "none":
            row = AffectSlider if kind == "slider" else PictureRow
            self.rows = {"valence": row("valence", sideways), "arousal": row("arousal", upright)}
            for each in self.rows.values():
                each.moved.connect(self.moved)
                self._column.addWidget(each)

    @property
    def values(self) -> tuple[float, float]:
        """Valence and arousal, NaN where nothing is set."""
        if self.grid is not None:
            return self.grid.valence, self.grid.arousal
        if self.rows:
            return self.rows["valence"].value, self.rows["arousal"].value
        return NAN, NAN

    @property
    def is_set(self) -> bool:
        """Whether at least one of the two is set."""
        return any(math.isfinite(value) for value in self.values)

    def nudge(self, scale: Scale, steps: int) -> None:
        """Move one of the two by a step."""
        if self.grid is not None:
            self.grid.nudge(steps if scale == "valence" else 0, steps if scale == "arousal" else 0)
        elif scale in self.rows:
            self.rows[scale].nudge(steps)

    def show_values(self, valence: float, arousal: float) -> None:
        """Stand at two values without telling; NaN for empty."""
        if self.grid is not None:
            self.grid.show_values(valence, arousal)
        elif self.rows:
            self.rows["valence"].show_value(valence)
            self.rows["arousal"].show_value(arousal)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(4))
