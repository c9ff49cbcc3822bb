"""Which EEG stream: those on LSL, found by themselves, and what is heard of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from acquisition.lsl_found import FoundStream
from app import texts
from app.session.session_choices import NONE
from app.start.channel_mapping import doubts
from app.start.device_preview import DevicePreview
from app.timeline.traces import Traces
from app.ui.choice import Choice
from app.ui.choice_list import ChoiceList, scrolling
from app.ui.plain import PlainLabel
from app.ui.theme import LIGHT, Theme
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

    def __init__(self, choice: StreamConfig, listen: Callable[[FoundStream], DevicePreview]) -> None:
        super().__init__()
        self.choice = choice
        self.preview: DevicePreview | None = None
        self._listen = listen
        self._heard = self._doubt = ""
        self._by_hand = bool(choice.name)
        self._theme: Theme = LIGHT
        self._found: dict[str, FoundStream] = {}
        self._simulated: dict[str, bool] = {}
        """Of the streams that were heard, by their uids, whether they are simulated."""
        self.list = ChoiceList(one_of=True)
        self.list.chosen.connect(self.choose)
        self.traces = Traces()
        self.traces.hide()
        self.status = PlainLabel(texts.START_LOOKING)
        self.status.setObjectName("note")
        self.status.setWordWrap(True)
        self.channels = QPushButton(texts.START_CHANNELS)
        self.channels.setObjectName("plain")
        self.channels.hide()
        self.channels.clicked.connect(self.channels_wanted)
        self._lay_out()
        self._show()

    @property
    def rows(self) -> dict[str, Choice]:
        """The lines, by the uid of their stream."""
        return self.list.rows

    @property
    def stream(self) -> FoundStream | None:
        """The stream that is chosen, None if it is not there."""
        return next((found for found in self._found.values() if found.is_meant_by(self.choice)), None)

    @property
    def heard(self) -> FoundStream | None:
        """The stream that is listened to: the chosen one, else the only one, before it is chosen by itself."""
        return self.stream if self.choice.name or self._by_hand else self._alone()

    @property
    def found(self) -> list[FoundStream]:
        """The streams that there are."""
        return list(self._found.values())

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
        if found == self._found:
            return
        self._found = found
        self._choose_by_itself()
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
        row = self.list.ticked or next((row for uid, row in self.rows.items() if uid != NONE), None)
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
            self._show_doubts(info)
            self._simulated[self._heard] = info.simulated
            self._choose_by_itself()
            self._show()
            self.changed.emit()
            if self.preview is None:
                return
        for chunk in chunks:
            self.traces.push(chunk)
        self.channels.setVisible(info is not None)
        if self.preview.error and self._heard not in self._simulated:
            self._simulated[self._heard] = False  # what keeps it from being heard is told of the one that is chosen
            self._choose_by_itself()
            self._show()
            self.changed.emit()
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

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        self._column.setSpacing(theme.px(6))
        self.list.apply_theme(theme)
        self.traces.apply_theme(theme)
        self._fit()

    def _alone(self) -> FoundStream | None:
        """Return the only stream of EEG, beside such as are known to be simulated."""
        eeg = [each for uid, each in self._found.items() if each.kind == "eeg" and not self._simulated.get(uid, False)]
        return eeg[0] if len(eeg) == 1 else None

    def _choose_by_itself(self) -> None:
        """Choose the only stream, once it is known not to be a simulated one: somebody's try-out is nobody's EEG."""
        if not self._by_hand:
            alone = self._alone()
            is_real = alone is not None and self._simulated.get(alone.uid) is False
            self.choice = alone.choice if alone is not None and is_real else StreamConfig()

    def _show_doubts(self, info: StreamInfo) -> None:
        found = doubts(info)
        self._doubt = texts.doubt(len(info.picks), found.n_unknown, found.guessed, found.unit)
        self.channels.setObjectName("primary" if found else "plain")
        self.channels.setStyleSheet(self.channels.styleSheet())

    def _show(self) -> None:
        stream, name = self.stream, self.choice.name
        gone = name not in ("", NONE) and stream is None
        wanted = {_GONE: (name, texts.START_GONE)} if gone else {}
        for uid, found in self._found.items():
            words = texts.start_stream(found.n_chans, found.sfreq, found.type, found.hostname)
            wanted[uid] = (found.name, texts.start_simulated(words) if self._simulated.get(uid, False) else words)
        tall = tuple(wanted)
        wanted[NONE] = (texts.START_WITHOUT_EEG, "")
        self.list.show_choices(wanted, (_GONE if gone else stream.uid if stream is not None else name,), tall)
        self._fit()
        self._hear()

    def _hear(self) -> None:
        stream = self.heard
        if stream is None:
            self.let_go()
            empty = "" if self.choice.name == NONE else texts.START_NO_STREAM_FOUND
            only_simulated = not self.choice.name and any(self._simulated.get(uid, False) for uid in self._found)
            other = texts.START_ONLY_SIMULATED if only_simulated else ""
            self.status.setText(empty if len(self.rows) == 1 else other)
        elif stream.uid != self._heard:
            self.let_go()
            self._heard = stream.uid
            self.preview = self._listen(stream)
            self.status.setText(texts.START_LISTENING)

    def _fit(self) -> None:
        n_tall = min(len(self.rows) - 1, _MOST_ROWS)
        self._scroll.setFixedHeight(self._theme.px(n_tall * _ROW + 30))

    def _lay_out(self) -> None:
        self._scroll = scrolling(self.list)
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
