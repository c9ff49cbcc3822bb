"""Which other streams on LSL: markers and sensors of any kind, found by themselves; any number of them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import markers_meant, streams_meant
from app import texts
from app.ui.choice_list import ChoiceList, scrolling
from app.ui.theme import Theme
from core.config import AnyStreamConfig, StreamConfig

_ROW, _MOST_ROWS = 28, 4


class StreamChooser(QWidget):
    """The streams that there are beside the EEG that is read, and those that are wanted and not there.

    Parameters
    ----------
    markers, streams
        The streams that are wanted at first: of markers, and of any kind.
    """

    changed = pyqtSignal()

    def __init__(self, markers: tuple[StreamConfig, ...], streams: tuple[AnyStreamConfig, ...] = ()) -> None:
        super().__init__()
        self._choice: tuple[StreamConfig, ...] = (*markers, *streams)
        self._found: dict[str, FoundStream] = {}
        self.list = ChoiceList(one_of=False)
        self.list.chosen.connect(self.toggle)
        self._scroll = scrolling(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self._show()

    @property
    def markers(self) -> tuple[StreamConfig, ...]:
        """The streams of markers that are chosen."""
        return tuple(each for each in self._choice if not isinstance(each, AnyStreamConfig))

    @property
    def streams(self) -> tuple[AnyStreamConfig, ...]:
        """The other streams that are chosen."""
        return tuple(each for each in self._choice if isinstance(each, AnyStreamConfig))

    def give(self, streams: tuple[AnyStreamConfig, ...]) -> None:
        """Take who wears which of the other streams."""
        self._choice = (*self.markers, *streams)
        self._show()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not self.list.rows

    @property
    def there(self) -> tuple[tuple[StreamConfig, ...], tuple[AnyStreamConfig, ...]]:
        """The streams of markers, and the others, that are chosen and there."""
        gone = self._gone()
        return (
            tuple(each for each in self.markers if each not in gone),
            tuple(each for each in self.streams if each not in gone),
        )

    def bytes_per_second(self, one: float) -> float:
        """Return about how many bytes a second those that are chosen give, `one` for each sample beside its values."""
        chosen = {found.uid: found for each in self._choice for found in self._meant(each)}
        return sum(found.sfreq * (4 * found.n_chans + one) for found in chosen.values())

    def show_found(self, streams: Sequence[FoundStream], eeg: FoundStream | None = None) -> None:
        """Take the streams that there are now; the EEG that is read, if any, is none of them."""
        shown = sorted(streams, key=lambda each: (each.kind != "markers", each))
        found = {each.uid: each for each in shown if eeg is None or each.uid != eeg.uid}
        if found != self._found:
            self._found = found
            if eeg is not None:
                self._choice = tuple(
                    each for each in self._choice if not (isinstance(each, AnyStreamConfig) and eeg.is_meant_by(each))
                )
            self._show()
            self.changed.emit()

    def toggle(self, key: str) -> None:
        """Choose a stream by its uid, or let go of it; one that is not there, by its place among those, is let go."""
        stream = self._found.get(key)
        if stream is None:
            self._choice = tuple(each for k, each in enumerate(self._choice) if _gone_key(k) != key)
        else:
            kept = tuple(each for each in self._choice if stream not in self._meant(each))
            chosen = stream.choice if stream.kind == "markers" else stream.any_choice
            self._choice = kept if len(kept) < len(self._choice) else (*kept, chosen)
        self._show()
        self.changed.emit()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self.list.apply_theme(theme)
        self._scroll.setFixedHeight(theme.px(max(1, min(len(self.list.rows), _MOST_ROWS)) * _ROW))

    def _gone(self) -> list[StreamConfig]:
        return [each for each in self._choice if not self._meant(each)]

    def _meant(self, choice: StreamConfig) -> list[FoundStream]:
        meant = streams_meant if isinstance(choice, AnyStreamConfig) else markers_meant
        return meant(choice, list(self._found.values()), self._choice)

    def _show(self) -> None:
        gone = self._gone()
        wanted = {
            _gone_key(k): (_name(each), texts.START_MARKERS_AWAITED)
            for k, each in enumerate(self._choice)
            if each in gone
        }
        worn = {found.uid: each.participant for each in self.streams for found in self._meant(each)}
        ticked = {*wanted, *(stream.uid for each in self._choice for stream in self._meant(each))}
        for uid, stream in self._found.items():
            words = texts.start_markers(stream.type, stream.hostname)
            if stream.kind != "markers":
                words = texts.start_other(stream.type, stream.n_chans, stream.sfreq, stream.hostname)
                words = texts.worn_by(words, worn.get(uid, ""))
            wanted[uid] = (stream.name, words)
        self.list.show_choices(wanted, ticked)


def _gone_key(place: int) -> str:
    return f"gone {place}"


def _name(choice: StreamConfig) -> str:
    return choice.words if isinstance(choice, AnyStreamConfig) else choice.name or choice.source_id or choice.hostname
