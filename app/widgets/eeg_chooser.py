"""Which EEG stream: those on LSL, found by themselves, and what is heard of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from acquisition.finder import FoundStream
from app import texts
from app.choices import NONE
from app.mapping import doubts
from app.preview import Preview
from app.theme import LIGHT, Theme
from app.widgets.choice import Choice
from app.widgets.traces import Traces
from core.config import StreamConfig
from core.data import StreamInfo

_ROW, _MOST_ROWS = 44, 3


class EegChooser(QWidget):
    """The streams, the signal of the one that is chosen, and the door to its channels and unit.

    Parameters
    ----------
    choice
        The stream that is wanted at first.
    listen
        Opens a stream to look at it.
    """

    changed = pyqtSignal()
    channels_wanted = pyqtSignal()

    def __init__(self, choice: StreamConfig, listen: Callable[[FoundStream], Preview]) -> None:
        super().__init__()
        self.choice = choice
        self.preview: Preview | None = None
        self._listen = listen
        self._heard = self._doubt = ""
        self._by_hand = bool(choice.name)
        self._theme: Theme = LIGHT
        self._found: dict[str, FoundStream] = {}
        self.rows: dict[str, Choice] = {}
        self._group = QButtonGroup(self)
        self.traces = Traces()
        self.traces.hide()
        self.status = QLabel(texts.START_LOOKING)
        self.status.setObjectName("note")
        self.status.setWordWrap(True)
        self.channels = QPushButton(texts.START_CHANNELS)
        self.channels.setObjectName("plain")
        self.channels.hide()
        self.channels.clicked.connect(self.channels_wanted)
        self._lay_out()
        self._add(NONE, Choice(texts.START_WITHOUT_EEG, one_of=True))
        self._show()

    @property
    def stream(self) -> FoundStream | None:
        """The stream that is chosen, None if it is not there."""
        return next((found for found in self._found.values() if found.is_meant_by(self.choice)), None)

    @property
    def doubtful(self) -> bool:
        """Whether channels or unit of the stream that is heard are a guess."""
        return self.preview is not None and bool(self._doubt)

    def problem(self) -> str:
        """Return what is wrong with what is chosen, in words."""
        wanted = self.choice.name not in ("", NONE)
        return texts.START_STREAM_GONE if wanted and self.stream is None else ""

    def show_found(self, streams: Sequence[FoundStream]) -> None:
        """Take the streams that there are now."""
        found = {stream.uid: stream for stream in streams if _may_be_eeg(stream)}
        eeg = [stream for stream in found.values() if stream.kind == "eeg"]
        if found == self._found and not (self.choice.name == "" and len(eeg) == 1):
            return
        self._found = found
        if not self._by_hand:
            self.choice = eeg[0].choice if len(eeg) == 1 else StreamConfig()
        self._show()
        self.changed.emit()

    def choose(self, uid: str) -> None:
        """Choose a stream; ``none`` goes on without EEG."""
        self._by_hand = True
        if uid == NONE:
            self.choice = StreamConfig(NONE)
        elif uid in self._found:
            self.choice = self._found[uid].choice
        self._show()
        self.changed.emit()

    def focus(self) -> None:
        """Give the focus to what is chosen, else to the first that could be."""
        row = self._group.checkedButton() or next((row for uid, row in self.rows.items() if uid != NONE), None)
        (row or self.rows[NONE]).setFocus()

    def poll(self) -> None:
        """Take what has come of the stream that is chosen."""
        if self.preview is None:
            return
        known = self.preview.info
        chunks = self.preview.poll()
        info = self.preview.info
        if info is not None and known is None:
            self.traces.show_stream(info)
            self.traces.show()
            self._tell_doubts(info)
            self.changed.emit()
        for chunk in chunks:
            self.traces.push(chunk)
        self.channels.setVisible(info is not None)
        if self.preview.error:
            self.status.setText(self.preview.error)
        elif info is not None:
            heard = texts.start_heard(info, self.preview.health)
            self.status.setText(f"{heard}\n{self._doubt}" if self._doubt else heard)

    def listen_again(self) -> None:
        """Open the stream anew, as after its channels were named; it stays chosen whatever else shows up."""
        self._by_hand = self._by_hand or bool(self.choice.name)
        self.let_go()
        self._show()

    def let_go(self, wait: float = 0.0) -> None:
        """Listen no more."""
        if self.preview is not None:
            self.preview.close(wait)
        self.preview, self._heard = None, ""
        self.traces.clear()
        self.traces.hide()
        self.channels.hide()

    def wear(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        self._column.setSpacing(theme.px(6))
        self._list.setSpacing(theme.px(2))
        self.traces.wear(theme)
        for row in self.rows.values():
            row.wear(theme)
        self._fit()

    def _tell_doubts(self, info: StreamInfo) -> None:
        found = doubts(info)
        self._doubt = texts.doubt(len(info.picks), found.n_unknown, found.guessed, found.unit)
        self.channels.setObjectName("primary" if found else "plain")
        self.channels.setStyleSheet(self.channels.styleSheet())

    def _show(self) -> None:
        for uid in [uid for uid in self.rows if uid != NONE and uid not in self._found and uid != _GONE]:
            self._remove(uid)
        for uid, stream in self._found.items():
            if uid not in self.rows:
                self._add(uid, Choice(stream.name, one_of=True, tall=True))
            words = texts.start_stream(stream.n_chans, stream.sfreq, stream.type, stream.hostname)
            self.rows[uid].tell(stream.name, words)
        gone = self.choice.name not in ("", NONE) and self.stream is None
        if _GONE in self.rows and not gone:
            self._remove(_GONE)
        if gone:
            if _GONE not in self.rows:
                self._add(_GONE, Choice(self.choice.name, one_of=True, tall=True))
            self.rows[_GONE].tell(self.choice.name, texts.START_GONE)
        self._tick(_GONE if gone else NONE if self.choice.name == NONE else self.stream.uid if self.stream else "")
        self._fit()
        self._hear()

    def _hear(self) -> None:
        stream = self.stream
        if stream is None:
            self.let_go()
            empty = "" if self.choice.name == NONE else texts.START_NO_STREAM_FOUND
            self.status.setText(empty if len(self.rows) == 1 else "")
        elif stream.uid != self._heard:
            self.let_go()
            self._heard = stream.uid
            self.preview = self._listen(stream)
            self.status.setText(texts.START_LISTENING)

    def _tick(self, uid: str) -> None:
        if uid in self.rows:
            self.rows[uid].setChecked(True)
        elif (checked := self._group.checkedButton()) is not None:
            # A group with one button ticked lets go of it only when it is not exclusive.
            self._group.setExclusive(False)
            checked.setChecked(False)
            self._group.setExclusive(True)

    def _add(self, uid: str, row: Choice) -> None:
        self.rows[uid] = row
        row.wear(self._theme)
        row.clicked.connect(lambda: self.choose(uid))
        self._group.addButton(row)
        self._list.insertWidget(
            0 if uid == _GONE else self._list.count() - (2 if NONE in self.rows and uid != NONE else 1), row
        )

    def _remove(self, uid: str) -> None:
        row = self.rows.pop(uid)
        self._group.removeButton(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _fit(self) -> None:
        n_tall = min(len(self.rows) - 1, _MOST_ROWS)
        self._scroll.setFixedHeight(self._theme.px(n_tall * _ROW + 30))

    def _lay_out(self) -> None:
        held = QWidget()
        self._list = QVBoxLayout(held)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(held)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        heard = QHBoxLayout()
        heard.addWidget(self.status, 1)
        heard.addWidget(self.channels)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._scroll)
        self._column.addLayout(heard)
        self._column.addWidget(self.traces, 10)
        self._column.addStretch(1)


_GONE = "gone"


def _may_be_eeg(stream: FoundStream) -> bool:
    """Return whether a stream may carry EEG: Unicorn calls it Data, MNE-LSL's player nothing at all."""
    return stream.kind == "eeg" or (stream.kind == "other" and stream.sfreq > 0)
