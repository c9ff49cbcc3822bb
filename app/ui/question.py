"""A question over the window: two answers, of which the harmless one is the default. Nothing stops for it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import texts
from app.ui.plain import PlainLabel
from app.ui.theme import LIGHT, Theme

_WIDTH_PX = 420


class Question(QWidget):
    """Lies over the whole window while it is asked; Esc gives the harmless answer, Enter the one that has the focus.

    Parameters
    ----------
    parent
        The widget that it covers.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._act: Callable[[], object] = lambda: None
        self._before: QWidget | None = None
        """What had the focus."""
        self.words = PlainLabel()
        self.words.setObjectName("question")
        self.words.setWordWrap(True)
        self.stay, self.go = QPushButton(texts.NO), QPushButton(texts.YES)  # until something is asked
        self.stay.setObjectName("primary")
        self.go.setObjectName("plain")
        self.stay.clicked.connect(self.dismiss)
        self.go.clicked.connect(self.agree)
        self._box = QFrame(self)
        self._box.setObjectName("panel")
        self._column = QVBoxLayout(self._box)
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        self._row.addWidget(self.go)
        self._row.addWidget(self.stay)
        self._column.addWidget(self.words)
        self._column.addLayout(self._row)
        self.hide()

    def ask(self, words: str, stay: str, go: str, act: Callable[[], object]) -> None:
        """Ask; `act` is done if the answer is `go`, which may name the key that gives it (see `agree`)."""
        self._act = act
        self._before = QApplication.focusWidget()
        self.words.setText(words)
        self.stay.setText(f"{stay}  ↵")
        self.go.setText(go)
        self.fit()
        self.show()
        self.raise_()
        self.stay.setFocus()

    def dismiss(self) -> None:
        """Take the harmless answer."""
        self._leave()

    def agree(self) -> None:
        """Take the other answer."""
        self._leave()
        self._act()

    def press(self) -> None:
        """Give the answer that has the focus."""
        if self.go.hasFocus():
            self.agree()
        else:
            self.dismiss()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Give the answer that has the focus by Enter, as the space bar does."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.press()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _: bool) -> bool:  # noqa: N802 - Qt's name
        """Go from one answer to the other, and to nothing that lies under the question."""
        (self.stay if self.go.hasFocus() else self.go).setFocus()
        return True

    def fit(self) -> None:
        """Cover the window, the box in its middle."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._box.setFixedWidth(min(self.theme.px(_WIDTH_PX), self.width()))
        self._box.adjustSize()
        self._box.move((self.width() - self._box.width()) // 2, (self.height() - self._box.height()) // 2)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self.theme = theme
        self._column.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        self._column.setSpacing(theme.px(16))
        self._row.setSpacing(theme.px(10))
        self.fit()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Dim what is behind it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("ground", 0.8))
        painter.end()

    def _leave(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus()
