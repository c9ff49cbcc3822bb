"""Which camera, with its picture, so that the face is in it before the session begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.panels.video import Video
from app.session.session_choices import NONE
from app.start.device_preview import DevicePreview
from app.ui.choice import Choice
from app.ui.choice_list import ChoiceList
from app.ui.plain import PlainLabel
from app.ui.theme import Theme

_RETRY = 20
"""Looks after which a camera that could not be opened is tried again."""


class CameraChooser(QWidget):
    """The cameras and the picture of the one that is chosen.

    Parameters
    ----------
    camera
        The camera that is wanted at first; ``""`` takes the first that there is.
    look
        Opens a camera to look through it.
    """

    changed = pyqtSignal()

    def __init__(self, camera: str, look: Callable[[str], DevicePreview]) -> None:
        super().__init__()
        self.camera = camera
        self.preview: DevicePreview | None = None
        self._look = look
        self._seen = ""
        self._waited = 0
        self._by_hand = bool(camera)
        self._found: dict[str, str] | None = None
        self.list = ChoiceList(one_of=True)
        self.list.chosen.connect(self.choose)
        self.video = Video()
        self.video.hide()
        self.status = PlainLabel(texts.START_LOOKING)
        self.status.setObjectName("note")
        self.status.setWordWrap(True)
        self._lay_out()
        self._show()

    @property
    def found(self) -> dict[str, str]:
        """What each camera that there is is called."""
        return dict(self._found or {})

    @property
    def rows(self) -> dict[str, Choice]:
        """The lines, by camera."""
        return self.list.rows

    @property
    def choice(self) -> str:
        """The camera that is chosen; ``""`` where there is none and nobody has said to go on without."""
        return "" if self.camera == NONE and not self._by_hand else self.camera

    def problem(self) -> str:
        """Return what is wrong with what is chosen, in words."""
        there = self._found is None or self.camera in ("", NONE, *self._found) or not self.camera.isdigit()
        return "" if there else texts.start_camera_gone(self.camera)

    def show_found(self, cameras: tuple[str, ...] | None) -> None:
        """Take the cameras that there are now, ``number: name``; None while nobody has looked."""
        if cameras is None:
            return
        found = {number: name.strip() for number, _, name in (each.partition(":") for each in cameras)}
        if found == self._found:
            return
        self._found = found
        if not self._by_hand:
            self.camera = next(iter(found), NONE)
        self._show()
        self.changed.emit()

    def choose(self, camera: str) -> None:
        """Choose a camera; ``none`` goes on without."""
        self._by_hand, self.camera = True, camera
        self._show()
        self.changed.emit()

    def focus(self) -> None:
        """Give the focus to what is chosen."""
        (self.list.ticked or self.rows[NONE]).setFocus()

    def poll(self) -> None:
        """Take the newest picture."""
        if self.preview is None:
            return
        for chunk in self.preview.poll():
            self.video.push(chunk)
        if self.preview.error:
            self._waited += 1
            if self._waited > _RETRY:
                self.let_go()
                self._watch()
                return
        self.status.setText(self.preview.error)

    def look_again(self) -> None:
        """Open the camera anew, as after a session that could not be opened."""
        self.let_go()
        self._show()

    def let_go(self, wait: float = 0.0) -> None:
        """Look no more, so that the camera is free for the session."""
        if self.preview is not None:
            self.preview.close(wait)
        self.preview, self._seen, self._waited = None, "", 0
        self.video.clear()
        self.video.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._row.setSpacing(theme.px(12))
        self._column.setSpacing(theme.px(2))
        self.list.apply_theme(theme)
        self.video.apply_theme(theme)
        self.video.setMinimumSize(theme.px(220), theme.px(150))

    def _show(self) -> None:
        wanted = {number: texts.start_camera(number, name) for number, name in (self._found or {}).items()}
        if self.camera not in ("", NONE, *wanted):
            is_file = not self.camera.isdigit()
            words = (Path(self.camera).name, self.camera) if is_file else (f"Camera {self.camera}", texts.START_GONE)
            wanted[self.camera] = words
        tall = tuple(wanted)
        wanted[NONE] = (texts.START_WITHOUT_FACE, "")
        self.list.show_choices(wanted, (self.camera,), tall)
        if self._found is not None and len(self.rows) == 1:
            self.status.setText(texts.START_NO_CAMERA_FOUND)
        elif self._found is not None:
            self.status.setText("")
        if self._seen != self.camera:
            self.let_go()
            self._watch()

    def _watch(self) -> None:
        if self.camera not in ("", NONE) and not self.problem() and self._found is not None:
            self._seen = self.camera
            self.video.show()
            self.preview = self._look(self.camera)

    def _lay_out(self) -> None:
        self._column = QVBoxLayout()
        self._column.addWidget(self.list)
        self._column.addWidget(self.status)
        self._column.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(self._column, 1)
        self._row.addWidget(self.video, 1)
