"""The buttons under the moment: picture by picture, speed, face or EEG alone."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app import texts
from app.labelling.clip_view import ClipView
from app.ui.keys import Act, Key, hint
from app.ui.painted_button import PaintedButton
from app.ui.theme import Theme


class FlatButton(PaintedButton):
    """A small button without a frame: an icon of our own, or a word; its key is in the tip.

    Parameters
    ----------
    icon
        ``play``, ``stand``, ``back``, ``on``, or any word, which is written.
    key
        A key that is printed beside an icon.
    """

    def __init__(self, icon: str, checkable: bool = False, key: str = "") -> None:
        super().__init__()
        self.icon_name = icon
        self._key = key
        self.setCheckable(checkable)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def explain(self, text: str, key: str) -> None:
        """Say what it does and by which key."""
        words = f"{text}  ({key})" if key else text
        self.setToolTip(words)
        self.setAccessibleName(words)

    def show_icon(self, icon: str) -> None:
        """Carry another icon or word."""
        if icon != self.icon_name:
            self.icon_name = icon
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for the icon or the word."""
        px, metrics = self.theme.px, QFontMetricsF(self.theme.font("small"))
        if self.icon_name in _ICONS:
            return QSize(px(35) + round(metrics.horizontalAdvance(self._key)), px(26))
        return QSize(round(metrics.horizontalAdvance(self.icon_name)) + px(12), px(26))

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint ground, focus, and icon or word."""
        theme = self.theme
        painter, box = self.painter(), self.box()
        filled = self.isChecked() or self.isDown() or self.underMouse()
        painter.setBrush(theme.color("raised") if filled else Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, theme.px(5), theme.px(5))
        self.paint_focus(painter, theme.px(5))
        ink = theme.color("text" if self.isChecked() or self.underMouse() else "dim")
        if self.icon_name in _ICONS:
            painter.setFont(theme.font("small"))
            painter.setPen(ink)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box.adjusted(0, 0, -theme.px(5), 0), right, self._key)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.translate(theme.px(14) if self._key else box.center().x(), box.center().y())
            painter.scale(theme.scale, theme.scale)
            _ICONS[self.icon_name](painter)
        else:
            painter.setPen(ink)
            painter.setFont(theme.font("small", self.isChecked()))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.icon_name)


def _play(painter: QPainter) -> None:
    painter.drawPolygon(QPolygonF([QPointF(-4, -6), QPointF(6, 0), QPointF(-4, 6)]))


def _stand(painter: QPainter) -> None:
    painter.drawRect(QRectF(-5, -6, 3.5, 12))
    painter.drawRect(QRectF(1.5, -6, 3.5, 12))


def _back(painter: QPainter) -> None:
    painter.drawPolygon(QPolygonF([QPointF(1, -5), QPointF(-6, 0), QPointF(1, 5)]))
    painter.drawRect(QRectF(3, -5, 2, 10))


def _on(painter: QPainter) -> None:
    painter.drawPolygon(QPolygonF([QPointF(-1, -5), QPointF(6, 0), QPointF(-1, 5)]))
    painter.drawRect(QRectF(-5, -5, 2, 10))


_ICONS: dict[str, Callable[[QPainter], None]] = {"play": _play, "stand": _stand, "back": _back, "on": _on}


class PlaybackButtons(QWidget):
    """Moves the playback.

    Parameters
    ----------
    playback
        What it moves.
    keys
        The keys that do the same.
    """

    def __init__(self, playback: ClipView, keys: tuple[Key, ...]) -> None:
        super().__init__()
        self._playback = playback
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._slower, self._faster = hint(Act.SLOWER, keys), hint(Act.FASTER, keys)
        self.buttons = {
            "frame back": FlatButton("back", key=hint(Act.FRAME_BACK, keys)),
            "play": FlatButton("play"),
            "frame on": FlatButton("on", key=hint(Act.FRAME_ON, keys)),
            "faster": FlatButton(self._pace()),
            "only face": FlatButton(f"{texts.FACE_SHORT}  {hint(Act.ONLY_FACE, keys)}", checkable=True),
            "only eeg": FlatButton(f"{texts.EEG}  {hint(Act.ONLY_EEG, keys)}", checkable=True),
        }
        for name, button in self.buttons.items():
            key = next(key for key in keys if key.act == name)
            button.explain(key.text, key.hint)
            button.clicked.connect(lambda _, name=name: self.act(name, by_mouse=True))
            if name == "only face":
                self._row.addStretch(1)
            self._row.addWidget(button)
        playback.changed.connect(self._show_state)
        self._show_state()

    def act(self, name: str, by_mouse: bool = False) -> None:
        """Do what a key or button stands for."""
        playback = self._playback
        if name == "faster" and by_mouse and playback.speed == 2.0:
            playback.set_speed(0.5)  # one button goes round all speeds
            return
        acts: dict[str, Callable[[], None]] = {
            Act.PLAY: playback.toggle,
            Act.FRAME_BACK: lambda: playback.step(-1),
            Act.FRAME_ON: lambda: playback.step(1),
            Act.SLOWER: lambda: playback.change_speed(-1),
            Act.FASTER: lambda: playback.change_speed(1),
            Act.ONLY_FACE: lambda: playback.show_only("face"),
            Act.ONLY_EEG: lambda: playback.show_only("eeg"),
        }
        acts[name]()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._row.setSpacing(theme.px(2))

    def _pace(self) -> str:
        return f"{self._slower}  {texts.speed(self._playback.speed)}  {self._faster}".strip()

    def _show_state(self) -> None:
        self.buttons["play"].show_icon("stand" if self._playback.playing else "play")
        self.buttons["faster"].show_icon(self._pace())
        for name, shown in (("only face", "face"), ("only eeg", "eeg")):
            self.buttons[name].setChecked(self._playback.shown == shown)
