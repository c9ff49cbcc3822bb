"""Which streams of markers: those of other programs on LSL, found by themselves; any number of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import markers_meant
from app import texts
from app.ui.choice_list import ChoiceList, scrolling
from app.ui.theme import Theme
from core.config import StreamConfig

_ROW, _MOST_ROWS = 28, 3


class MarkerChooser(QWidget):
    """The streams of markers that there are, and those that are wanted and not there.

    Parameters
    ----------
    choice
        The streams that are wanted at first.
    """

    changed = pyqtSignal()

    def __init__(self, choice: tuple[StreamConfig, ...]) -> None:
        super().__init__()
        self.choice = choice
        self._found: dict[str, FoundStream] = {}
        self.list = ChoiceList(one_of=False)
        self.list.chosen.connect(self.toggle)
        self._scroll = scrolling(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._show()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not self.list.rows

    @property
    def there(self) -> tuple[StreamConfig, ...]:
        """The streams that are chosen and there."""
        gone = self._gone()
        return tuple(each for each in self.choice if each not in gone)

    def show_found(self, streams: Sequence[FoundStream]) -> None:
        """Take the streams that there are now."""
        found = {stream.uid: stream for stream in streams if stream.kind == "markers"}
        if found != self._found:
            self._found = found
            self._show()
            self.changed.emit()

    def toggle(self, key: str) -> None:
        """Choose a stream by its uid, or let go of it; one that is not there, by its place among those, is let go."""
        stream = self._found.get(key)
        if stream is None:
            self.choice = tuple(each for k, each in enumerate(self.choice) if _gone_key(k) != key)
        else:
            kept = tuple(each for each in self.choice if stream not in self._meant(each))
            self.choice = kept if len(kept) < len(self.choice) else (*kept, stream.choice)
        self._show()
        self.changed.emit()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self.list.apply_theme(theme)
        self._scroll.setFixedHeight(theme.px(max(1, min(len(self.list.rows), _MOST_ROWS)) * _ROW))

    def _gone(self) -> list[StreamConfig]:
        return [each for each in self.choice if not self._meant(each)]

    def _meant(self, choice: StreamConfig) -> list[FoundStream]:
        return markers_meant(choice, list(self._found.values()), self.choice)

    def _show(self) -> None:
        gone = self._gone()
        wanted = {
            _gone_key(k): (_name(each), texts.START_MARKERS_AWAITED)
            for k, each in enumerate(self.choice)
            if each in gone
        }
        ticked = {*wanted, *(stream.uid for each in self.choice for stream in self._meant(each))}
        for uid, stream in self._found.items():
            wanted[uid] = (stream.name, texts.start_markers(stream.type, stream.hostname))
        self.list.show_choices(wanted, ticked)


def _gone_key(place: int) -> str:
    return f"gone {place}"


def _name(choice: StreamConfig) -> str:
    return choice.name or choice.source_id or choice.hostname
