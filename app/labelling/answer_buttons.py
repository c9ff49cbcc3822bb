"""All that can be said of a moment, each with its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.labelling.affect_scales import AffectScales
from app.labelling.own_scale_row import OwnScaleRow
from app.labelling.playback_buttons import FlatButton
from app.ui.face_icon import Scale
from app.ui.key_button import KeyButton
from app.ui.keys import Act
from app.ui.theme import Theme
from core.data import Label
from core.label_rules import soft
from core.label_scheme import OwnScale

_REFUSALS = ("artefact", "no face", "skip")
NAN = float("nan")


class AnswerButtons(QWidget):
    """Classes, refusals, scales and confidence.

    Parameters
    ----------
    classes
        The answers on the digits.
    scale
        How valence and arousal are asked for.
    hint
        From an act to the key printed for it.
    own_scales
        The study's own.
    """

    asked = pyqtSignal(str)
    """The act or class of a button that was pressed."""
    changed = pyqtSignal()
    """A scale or the confidence was set."""

    def __init__(
        self, classes: tuple[str, ...], scale: str, hint: Callable[[str], str], own_scales: Sequence[OwnScale] = ()
    ) -> None:
        super().__init__()
        self.own = [OwnScaleRow(each) for each in own_scales]
        for row in self.own:
            row.moved.connect(self.changed)
        self._confidence = 0
        self._classes = classes
        self.mixes = False
        """Whether a class that is pressed is given one more share of a soft answer, in place of answering."""
        self._mixture: Counter[str] = Counter()
        self.scales = AffectScales(scale, hint)
        self.scales.moved.connect(self.changed)
        self.buttons: dict[str, KeyButton | FlatButton] = {}
        for act, text in (
            *((name, name) for name in classes),
            ("cannot tell", texts.CANNOT_TELL),
            ("artefact", texts.ARTEFACT),
            ("no face", texts.NO_FACE),
            ("skip", texts.SKIP),
            ("confidence", texts.CONFIDENCE),
            ("save", texts.SAVE),
        ):
            self._add(act, KeyButton(hint(act), text))
        for act, text in (("undo", texts.UNDO), ("redo", texts.REDO), ("unskip", texts.UNSKIP), ("note", texts.NOTE)):
            button = FlatButton(f"{text} {hint(act)}".replace("⇧ ", "⇧"))
            button.explain(text, hint(act))
            self._add(act, button)
        self.buttons["save"].setToolTip(texts.SAVE_TIP)
        # It stands where there is room for it: among what is rarely needed.
        mixture = FlatButton(f"{texts.MIXTURE} {hint(Act.MIXTURE)}".replace("⇧ ", "⇧"), checkable=True)
        mixture.explain(texts.MIXTURE_TEXT, hint(Act.MIXTURE))
        self._add("mixture", mixture)
        self._add("more", FlatButton(f"{texts.MORE} {hint(Act.MORE)}", checkable=True))
        self.buttons["more"].setAccessibleName(texts.MORE)
        self._lay_out(classes)

    @property
    def confidence(self) -> float:
        """0 a guess to 1 certain, NaN where it was not set."""
        return (self._confidence - 1) / (len(texts.CONFIDENCE_STEPS) - 1) if self._confidence else NAN

    @property
    def own_values(self) -> tuple[tuple[str, float], ...]:
        """What is set on the study's own scales."""
        return tuple((row.own.name, row.answer) for row in self.own if row.answer == row.answer)

    @property
    def is_set(self) -> bool:
        """Whether there is something to be kept without a class."""
        return self.scales.is_set or bool(self.own_values) or bool(self.first)

    @property
    def first(self) -> str:
        """The class that has most of the mixture, ``""`` without any."""
        return next((name for name, _ in self._mixture.most_common(1)), "")

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """How much of the mixture is each class, the most first; empty unless there are two or more."""
        return soft(self._mixture)

    def set_mixes(self, mixes: bool) -> None:
        """Begin a mixture of classes, or let it go."""
        self.mixes = mixes
        self._mixture.clear()
        self._show_mixture()
        self.changed.emit()

    def add_share(self, label: str) -> None:
        """Give a class one more share of the mixture."""
        self._mixture[label] += 1
        self._show_mixture()
        self.changed.emit()

    def more_confident(self) -> None:
        """Go to the next step of confidence, round and round."""
        self._confidence = (self._confidence + 1) % (len(texts.CONFIDENCE_STEPS) + 1)
        self.changed.emit()

    def nudge(self, scale: Scale, steps: int) -> None:
        """Move a scale by a step."""
        self.scales.nudge(scale, steps)

    def show_answer(self, label: Label | None) -> None:
        """Stand as in an answer that is to be mended; None for empty."""
        self.scales.show_values(*((label.valence, label.arousal) if label is not None else (NAN, NAN)))
        values = dict(label.scales) if label is not None else {}
        for row in self.own:
            row.show_own(values.get(row.own.name, NAN))
        steps = len(texts.CONFIDENCE_STEPS) - 1
        known = label is not None and label.confidence == label.confidence
        self._confidence = round(cast(Label, label).confidence * steps) + 1 if known else 0
        self._mixture = Counter()
        if label is not None and label.shares:  # in hundredths, so that another press still counts
            self._mixture.update({name: round(100 * share) for name, share in label.shares})
        self.mixes = bool(self._mixture)
        self._show_mixture()

    def enable(self, ready: bool, can: dict[str, bool]) -> None:
        """Say which buttons can be pressed: all while `ready`, but those that `can` decides."""
        for name, button in self.buttons.items():
            button.setEnabled(can.get(name, ready))
        for name in (Act.REDO, Act.UNSKIP):  # rarely possible, and there is no room for all at all times
            self.buttons[name].setVisible(can.get(name, False))
        for row in (self.scales, *self.own):
            row.setEnabled(ready)
        word = texts.CONFIDENCE_STEPS[self._confidence - 1] if self._confidence else texts.NOT_SET
        self.buttons["confidence"].setText(f"{texts.CONFIDENCE}  {word}")

    def _show_mixture(self) -> None:
        total = self._mixture.total()
        for name in self._classes:
            share = f"  {self._mixture[name] / total:.0%}" if self._mixture[name] else ""
            self.buttons[name].setText(f"{name}{share}")
        self.buttons["mixture"].setChecked(self.mixes)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(8))
        self._grid.setSpacing(theme.px(6))
        self._rows[0].setSpacing(theme.px(6))
        self._rows[1].setSpacing(theme.px(6))
        self._rows[2].setSpacing(theme.px(2))

    def _add(self, act: str, button: KeyButton | FlatButton) -> None:
        button.clicked.connect(lambda _=False, act=act: self.asked.emit(act))
        self.buttons[act] = button

    def _lay_out(self, classes: tuple[str, ...]) -> None:
        self._grid = QGridLayout()
        for k, name in enumerate((*classes, "cannot tell")):
            self._grid.addWidget(self.buttons[name], k // 2, k % 2)
        self._rows = [QHBoxLayout() for _ in range(3)]
        for name in _REFUSALS:
            self._rows[0].addWidget(self.buttons[name], 1)
        self._rows[1].addWidget(self.buttons["confidence"], 1)
        self._rows[1].addWidget(self.buttons["save"])
        for name in (Act.UNDO, Act.REDO, Act.UNSKIP):
            self._rows[2].addWidget(self.buttons[name])
        self._rows[2].addStretch(1)
        for name in (Act.NOTE, Act.MORE):
            self._rows[2].addWidget(self.buttons[name])
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._grid)
        self._column.addLayout(self._rows[0])
        for row in (self.scales, *self.own):
            self._column.addWidget(row)
        self._column.addLayout(self._rows[1])
        self._column.addLayout(self._rows[2])
