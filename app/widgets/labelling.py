"""The labelling queue: one moment at a time, every answer by one key, on disk before the next one shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from app import texts
from app.clips import Clip
from app.desk import Answer, Desk, Marks
from app.keys import hint
from app.theme import Theme
from app.widgets.key_button import KeyButton
from app.widgets.playback import Playback
from app.widgets.slider import AffectSlider
from core.data import Label, Segment

_SECOND_LOOK_MS = 250


class Labelling(QWidget):
    """What is asked, the moment itself, and the answers with their keys.

    Parameters
    ----------
    desk
        Which segment is asked and what was answered.
    classes
        The answers on the keys 1, 2, ...
    answer
        Sends a label to be kept; it must come back through `kept`.
    cut
        Gives the clip of a segment.
    """

    asked = pyqtSignal(object)
    """The segment that is shown from now on, None if there is none."""

    def __init__(
        self, desk: Desk, classes: tuple[str, ...], answer: Callable[[Label], None], cut: Callable[[Segment], Clip]
    ) -> None:
        super().__init__()
        self.desk = desk
        self.playback = Playback()
        self._classes = classes
        self._answer = answer
        self._cut = cut
        self._clips: dict[str, Clip] = {}
        self._shown: Segment | None = None
        self._confidence = 0
        self._question = _label("question", texts.QUESTIONS)
        self._because = _label("note")
        self._message = _label("note")
        self._empty = _label("note", texts.NOTHING_TO_LABEL)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.valence = AffectSlider("valence", f"{hint('valence down')}   {hint('valence up')}")
        self.arousal = AffectSlider("arousal", f"{hint('arousal down')}   {hint('arousal up')}")
        self.buttons: dict[str, KeyButton] = {}
        self._make_buttons()
        self._lay_out()
        timer = QTimer(self)
        timer.timeout.connect(self._tell)
        timer.start(_SECOND_LOOK_MS)
        self.refresh()

    def offer(self, segment: Segment) -> None:
        """Take a segment, with what can be shown again of it."""
        self._clips.setdefault(segment.uid, self._cut(segment))
        self.desk.offer(segment)
        self.refresh()

    def kept(self, label: Label) -> None:
        """Take a label that is on disk; the next segment shows now."""
        if self.desk.kept(label):
            self._shown = None
        self.refresh()

    def act(self, name: str) -> None:
        """Do what a key or button stands for."""
        acts: dict[str, Callable[[], None]] = {
            "undo": self._undo,
            "save": self._save,
            "confidence": self._more_confident,
            "play": self.playback.toggle,
            "blind": lambda: self.set_blind(not self.desk.blind),
            "valence down": lambda: self._nudge(self.valence, -1),
            "valence up": lambda: self._nudge(self.valence, 1),
            "arousal down": lambda: self._nudge(self.arousal, -1),
            "arousal up": lambda: self._nudge(self.arousal, 1),
        }
        if name in acts:
            acts[name]()
        elif name in ("cannot tell", "artefact", "no face", "skip"):
            self._give(cast(Answer, name))

    def choose(self, label: str) -> None:
        """Answer with a class."""
        self._give("label", label)

    def set_blind(self, blind: bool) -> None:
        """Hide what the model thinks of a moment until it is answered, or show it."""
        self.desk.blind = blind
        self.asked.emit(self.desk.current)
        self._tell()

    def refresh(self) -> None:
        """Show the segment that is on the desk."""
        segment = self.desk.current
        self._stack.setCurrentIndex(0 if segment is None else 1)
        if segment is not self._shown or segment is None:
            self._shown = segment
            self.valence.reset()
            self.arousal.reset()
            self._confidence = 0
            self.playback.show_clip(self._clips.get(segment.uid) if segment is not None else None)
            self.asked.emit(segment)
        self._tell()

    def wear(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._column.setSpacing(theme.px(8))
        for grid in (self._class_grid, self._other_grid):
            grid.setSpacing(theme.px(6))
        self.playback.setMinimumHeight(theme.px(90))
        self.playback.setMaximumHeight(theme.px(270))

    def _give(self, answer: Answer, label: str = "") -> None:
        steps = len(texts.CONFIDENCE_STEPS) - 1
        confidence = (self._confidence - 1) / steps if self._confidence else float("nan")
        marks = Marks(self.valence.value, self.arousal.value, confidence)
        self._send(self.desk.answer(answer, label, marks))

    def _save(self) -> None:
        if math.isfinite(self.valence.value) or math.isfinite(self.arousal.value):
            self._give("label")

    def _undo(self) -> None:
        self._send(self.desk.undo())

    def _send(self, label: Label | None) -> None:
        if label is not None:
            self._answer(label)
        self._tell()

    def _nudge(self, slider: AffectSlider, steps: int) -> None:
        if self.desk.ready:
            slider.nudge(steps)

    def _more_confident(self) -> None:
        if self.desk.ready:
            self._confidence = (self._confidence + 1) % (len(texts.CONFIDENCE_STEPS) + 1)
            self._tell()

    def _tell(self) -> None:
        """Bring words and buttons up to date."""
        desk = self.desk
        segment = desk.current
        if desk.late:
            self._message.setText(texts.label_late(desk.late))
        elif desk.pending is not None:
            self._message.setText(texts.KEEPING)
        else:
            self._message.setText(self._last_words())
        self._because.setVisible(segment is not None)
        if segment is not None:
            self._because.setText(
                texts.BLIND_TIP
                if desk.blind
                else texts.model_said(segment.prediction.label, segment.prediction.prediction_set)
                + " "
                + texts.asked_because(segment.reason)
            )
        for name, button in self.buttons.items():
            ready = desk.last is not None and desk.pending is None if name == "undo" else desk.ready
            button.setEnabled(ready)
        word = texts.CONFIDENCE_STEPS[self._confidence - 1] if self._confidence else texts.NOT_SET
        self.buttons["confidence"].setText(f"{texts.CONFIDENCE}  {word}")
        sliders = math.isfinite(self.valence.value) or math.isfinite(self.arousal.value)
        self.buttons["save"].setEnabled(desk.ready and sliders)
        self.valence.setEnabled(desk.ready)
        self.arousal.setEnabled(desk.ready)

    def _last_words(self) -> str:
        if self.desk.last is None:
            return ""
        segment, label = self.desk.last
        words = texts.label_of(label.answer, label.label)
        if self.desk.blind and label.answer != "skip":
            words += f". {texts.model_said(segment.prediction.label, segment.prediction.prediction_set)}"
        return words

    def _make_buttons(self) -> None:
        for k, name in enumerate(self._classes, start=1):
            button = KeyButton(str(k), name)
            button.clicked.connect(lambda _, name=name: self.choose(name))
            self.buttons[name] = button
        for act, text in (
            ("cannot tell", texts.CANNOT_TELL),
            ("artefact", texts.ARTEFACT),
            ("no face", texts.NO_FACE),
            ("skip", texts.SKIP),
            ("confidence", texts.CONFIDENCE),
            ("save", texts.SAVE),
            ("undo", texts.UNDO),
        ):
            button = KeyButton(hint(act), text)
            button.clicked.connect(lambda _, act=act: self.act(act))
            self.buttons[act] = button
        self.valence.moved.connect(self._tell)
        self.arousal.moved.connect(self._tell)

    def _lay_out(self) -> None:
        self._class_grid, self._other_grid = QGridLayout(), QGridLayout()
        for k, name in enumerate((*self._classes, "cannot tell")):
            self._class_grid.addWidget(self.buttons[name], k // 2, k % 2)
        for k, name in enumerate(("artefact", "no face")):
            self._other_grid.addWidget(self.buttons[name], 0, k)
        self._other_grid.addWidget(self.buttons["skip"], 1, 0)
        self._other_grid.addWidget(self.buttons["undo"], 1, 1)
        asking = QWidget()
        self._column = QVBoxLayout(asking)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._question)
        self._column.addWidget(self.playback, 1)
        self._column.addLayout(self._class_grid)
        self._column.addLayout(self._other_grid)
        self._column.addWidget(self.valence)
        self._column.addWidget(self.arousal)
        self._column.addWidget(self.buttons["confidence"])
        self._column.addWidget(self.buttons["save"])
        self._column.addWidget(self._because)
        self._column.addStretch(0)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(asking)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(self._stack, 1)
        whole.addWidget(self._message)


def _label(name: str, text: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
