"""The streams: one calm line each with a mark, and on demand a table of all that is measured of them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Literal, TypeVar

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from acquisition.lsl_found import FoundStream
from app import texts
from app.panels.session_status import SILENT, rate_is_off
from app.ui.keys import Act, hint
from app.ui.painted_button import PaintedButton
from app.ui.plain import PlainLabel, tip
from app.ui.remarks import fitting
from app.ui.theme import LIGHT, Size, Theme
from core.data import RecordingHealth, StreamHealth, StreamInfo
from core.sensors.reading import Reading

_Offer = TypeVar("_Offer", bound=Hashable)
Level = Literal["waiting", "well", "doubt", "trouble"]
_CHIP_WIDTH, _CHIP_HEIGHT, _ROW = 205, 38, 20


class StreamList(QWidget):
    """How all streams are doing: a summary at a glance, the details when asked for.

    Parameters
    ----------
    recorded
        False where nothing of them is kept.
    """

    resized = pyqtSignal()
    """The room that it needs has changed."""
    wanted = pyqtSignal(object)
    """A stream that is offered is to be recorded."""
    taken_back = pyqtSignal(str, object)
    """The stream of this key is to go on with another that is there."""

    def __init__(self, recorded: bool = True) -> None:
        super().__init__()
        self._recorded = recorded
        self._theme: Theme = LIGHT
        self._infos: dict[str, StreamInfo] = {}
        self._health: dict[str, StreamHealth] = {}
        self._on_disk: dict[str, int] | None = None
        self.zero = math.nan
        """From when times are counted, as on the time axis, s, LSL clock."""
        self._readings: dict[str, Reading] = {}
        self._gone: dict[str, float] = {}
        """Since when streams of markers are lost; of others their last sample tells."""
        self.chips: dict[str, StreamChip] = {}
        self.offers: dict[FoundStream, StreamChip] = {}
        """Streams that are there and not recorded; they come after those of the session."""
        self.returns: dict[tuple[str, FoundStream], StreamChip] = {}
        """What may be a lost stream, by its key; they come last."""
        self.table = _Table()
        self._empty = PlainLabel(texts.NO_STREAMS)
        self._empty.setObjectName("note")
        summary = QWidget()
        self._grid = QGridLayout(summary)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._empty)
        self._pages = QStackedWidget()
        self._pages.addWidget(summary)
        self._pages.addWidget(self.table)
        self.button = QPushButton()
        self.button.setObjectName("tool")
        self.button.setToolTip(texts.STREAMS_DETAILS_TIP)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.toggle)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._pages, 1)
        self._layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(texts.STREAMS)
        self._name_button()

    @property
    def detailed(self) -> bool:
        """Whether the details are shown."""
        return self._pages.currentIndex() == 1

    def toggle(self) -> None:
        """Show the details, or the summary again."""
        self._pages.setCurrentIndex(0 if self.detailed else 1)
        self._name_button()
        self.resized.emit()

    def show_stream(self, info: StreamInfo) -> None:
        """Take what a stream is."""
        new = info.key not in self._infos
        self._infos[info.key] = info
        if new:
            self._empty.hide()
            chip = self.chips[info.key] = StreamChip()
            chip.clicked.connect(self.toggle)
            chip.apply_theme(self._theme)
            self._arrange()
        for key in self._infos if new else (info.key,):  # whose each is has to be said once there are several people
            self._fill(key)

    def offer(self, found: Sequence[FoundStream]) -> None:
        """Show streams that are there and not recorded, each to be pressed, and no others."""
        for stream in self._exchange(self.offers, found):
            chip = self.offers[stream]
            chip.show_stream("doubt", stream.name, texts.OFFERED, texts.OFFERED_TIP)
            chip.clicked.connect(lambda _=False, stream=stream: self._want(stream))

    def offer_back(self, offers: Sequence[tuple[StreamInfo, FoundStream]]) -> None:
        """Show what may be a lost stream, each to be pressed, and no others; the key takes the first."""
        known = {(info.key, candidate): info for info, candidate in offers}
        for key, candidate in self._exchange(self.returns, list(known)):
            chip = self.returns[key, candidate]
            chip.clicked.connect(lambda _=False, key=key, candidate=candidate: self._take_back(key, candidate))
        for k, (key, candidate) in enumerate(self.returns):
            lost = known[key, candidate]
            words = texts.take_back(lost, hint(Act.TAKE_BACK) if k == 0 else "")
            told = texts.take_back_tip(lost, candidate)
            self.returns[key, candidate].show_stream("trouble", candidate.name, words, told)

    def take_back(self) -> None:
        """Go on with the first of those that may be a lost stream."""
        for key, candidate in list(self.returns)[:1]:
            self._take_back(key, candidate)

    def _take_back(self, key: str, candidate: FoundStream) -> None:
        self.taken_back.emit(key, candidate)

    def _exchange(self, chips: dict[_Offer, StreamChip], wanted: Sequence[_Offer]) -> list[_Offer]:
        """Have one chip for each that is wanted; return those that are new."""
        if chips.keys() == set(wanted):
            return []
        for gone in chips.keys() - set(wanted):
            chip = chips.pop(gone)
            self._grid.removeWidget(chip)
            chip.deleteLater()
        new = [each for each in wanted if each not in chips]
        for each in new:
            chips[each] = StreamChip()
            chips[each].apply_theme(self._theme)
        self._arrange()
        self.resized.emit()
        return new

    def show_health(self, health: StreamHealth) -> None:
        """Take how a stream is doing."""
        self._health[health.stream] = health
        if health.connected:
            self._gone.pop(health.stream, None)
        else:
            self.show_lost(health.stream, health.time)
        if health.stream in self._infos:
            self._fill(health.stream)

    def show_reading(self, key: str, reading: Reading) -> None:
        """Take what a stream says of the body."""
        self._readings[key] = reading
        if key in self.chips:
            self._fill(key)

    def show_lost(self, key: str, moment: float) -> None:
        """Take since when a stream is lost, s, LSL clock."""
        if key in self._infos and self._infos[key].kind == "markers":
            self._gone.setdefault(key, moment)

    def show_recording(self, health: RecordingHealth) -> None:
        """Take how much of each stream is on disk."""
        self._on_disk = dict(health.samples)
        for key in self._infos:
            self._fill(key)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's sizes and colours."""
        self._theme = theme
        self._layout.setSpacing(theme.px(10))
        self._grid.setSpacing(theme.px(6))
        self.table.apply_theme(theme)
        for key, chip in self.chips.items():
            chip.apply_theme(theme)
            self._fill(key)
        for chip in (*self.offers.values(), *self.returns.values()):
            chip.apply_theme(theme)
        self._arrange()
        self.resized.emit()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for all streams in the summary, for up to eight in the table."""
        px = self._theme.px
        if self.detailed:
            return QSize(px(600), px(24) + px(_ROW) * min(max(len(self._infos), 2), 8))
        rows = -(-self._n_chips() // self._n_columns())
        return QSize(px(600), rows * px(_CHIP_HEIGHT) + (rows - 1) * px(6))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Put as many streams beside each other as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    @property
    def _are_several(self) -> bool:
        return len({info.participant for info in self._infos.values()} - {""}) > 1

    def _n_columns(self) -> int:
        room = max(self.width() - self.button.sizeHint().width(), 1)
        n_streams = self._n_chips()
        n_rows = -(-n_streams // max(1, room // self._theme.px(_CHIP_WIDTH)))
        return -(-n_streams // n_rows)

    def _n_chips(self) -> int:
        return max(len(self.chips) + len(self.offers) + len(self.returns), 1)

    def _want(self, stream: FoundStream) -> None:
        self.wanted.emit(stream)
        self.offer([other for other in self.offers if other != stream])

    def _arrange(self) -> None:
        n_columns = self._n_columns()
        chips = (*self.chips.values(), *self.offers.values(), *self.returns.values())
        places = {chip: divmod(k, n_columns) for k, chip in enumerate(chips)}
        known = {chip: self._grid.indexOf(chip) for chip in places}
        if all(at >= 0 and self._grid.getItemPosition(at)[:2] == places[chip] for chip, at in known.items()):
            return
        for chip in places:
            self._grid.removeWidget(chip)
        for chip, (row, column) in places.items():
            self._grid.addWidget(chip, row, column)
        self.resized.emit()

    def _fill(self, key: str) -> None:
        info, health = self._infos[key], self._health.get(key)
        disk = texts.on_disk(None if self._on_disk is None else self._on_disk.get(key, 0), self._recorded)
        cells = texts.stream_cells(info, health, disk)
        lost = health is not None and not health.connected
        self.table.fill(list(self._infos).index(key), cells, lost)
        is_due = info.sfreq > 0 and info.kind != "markers"
        runs = health is not None and not health.ended
        silent = health is not None and runs and is_due and health.last_sample_age > SILENT
        off = health is not None and runs and info.kind == "eeg" and rate_is_off(health)
        since = self._gone.get(key, math.nan) - self.zero
        gone_at = "" if math.isnan(since) else texts.clock(since)
        trouble = texts.stream_trouble(info, health, silent, off, gone_at)
        said = texts.reading(self._readings[key]) if key in self._readings else ""
        level: Level = "trouble" if lost or silent or off else "doubt" if trouble else "well"
        self.chips[key].show_stream(
            "waiting" if health is None or info.awaited else level,
            texts.persons(texts.stream_name(info), info.participant if self._are_several else ""),
            trouble or said or texts.stream_line(info, health),
            texts.stream_tip(cells),
        )

    def _name_button(self) -> None:
        word = texts.STREAMS_SUMMARY if self.detailed else texts.STREAMS_DETAILS
        self.button.setText(f"{word}  {hint(Act.STREAMS)}")


class StreamChip(PaintedButton):
    """One stream in two lines with a mark that tells by its shape: tick, ring, exclamation mark."""

    def __init__(self) -> None:
        super().__init__()
        self.level: Level = "waiting"
        self.line = ""

    def show_stream(self, level: Level, name: str, line: str, more: str) -> None:
        """Show how the stream is doing; the tip begins with both lines, of which there may be room for a part alone."""
        self.setToolTip("\n".join((name, line, more)))
        if (level, name, line) != (self.level, self.text(), self.line):
            self.level, self.line = level, line
            self.setText(name)
            self.setAccessibleName(f"{name}: {line}")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return room for two lines."""
        return QSize(self.theme.px(200), self.theme.px(_CHIP_HEIGHT))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return less width: what does not fit is cut."""
        return QSize(self.theme.px(120), self.theme.px(_CHIP_HEIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Paint the stream."""
        theme, painter, box = self.theme, self.painter(), self.box()
        troubled = self.level == "trouble"
        painter.setBrush(theme.color("warn_ground" if troubled else "raised"))
        painter.setPen(theme.color("bad" if troubled else "edge"))
        painter.drawRoundedRect(box, theme.px(6), theme.px(6))
        self.paint_focus(painter, theme.px(6))
        self._paint_mark(painter, theme.px(18), self.height() / 2, theme.px(7))
        left = theme.px(34)
        half = self.height() / 2
        width = self.width() - left - theme.px(8)
        self._write(painter, QRectF(left, theme.px(3), width, half - theme.px(2)), self.text(), "text", "normal")
        color = "bad" if troubled else "dim"
        self._write(painter, QRectF(left, half, width, half - theme.px(3)), self.line, color, "small")

    def _write(self, painter: QPainter, box: QRectF, text: str, color: str, size: Size) -> None:
        font = self.theme.font(size, size == "normal")
        painter.setFont(font)
        painter.setPen(self.theme.color(color))
        cut = fitting(text, QFontMetricsF(font), box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_mark(self, painter: QPainter, x: float, y: float, radius: float) -> None:
        theme = self.theme
        color = theme.color({"well": "ok", "doubt": "warn", "trouble": "bad"}.get(self.level, "faint"))
        pen = painter.pen()
        pen.setColor(color)
        pen.setWidthF(2 * theme.scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.level == "well":
            tick = [(-0.75, 0.05), (-0.2, 0.6), (0.8, -0.6)]
            painter.drawPolyline(QPolygonF([QPointF(x + radius * dx, y + radius * dy) for dx, dy in tick]))
        elif self.level == "waiting":
            painter.drawEllipse(QPointF(x, y), 0.7 * radius, 0.7 * radius)
        else:
            painter.drawLine(QPointF(x, y - radius), QPointF(x, y + 0.2 * radius))
            painter.drawPoint(QPointF(x, y + 0.9 * radius))


class _Table(QTableWidget):
    """All that is measured, one line a stream."""

    def __init__(self) -> None:
        super().__init__(0, len(texts.STREAM_COLUMNS))
        self._theme: Theme = LIGHT
        self.setAccessibleName(texts.STREAMS)
        self.setHorizontalHeaderLabels(list(texts.STREAM_COLUMNS))
        for column, words in enumerate(texts.STREAM_TIPS):
            head = self.horizontalHeaderItem(column)
            assert head is not None
            head.setToolTip(words)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's row height and colours."""
        self._theme = theme
        rows = self.verticalHeader()
        assert rows is not None
        rows.setMinimumSectionSize(theme.px(12))
        rows.setDefaultSectionSize(theme.px(_ROW))

    def fill(self, row: int, cells: tuple[str, ...], lost: bool) -> None:
        """Write one stream's line."""
        if row >= self.rowCount():
            self.setRowCount(row + 1)
        for column, text in enumerate(cells):
            item = self.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                self.setItem(row, column, item)
            color = "bad" if lost and column < 2 else "text" if column < 3 else "dim"
            item.setText(text)
            item.setToolTip(tip(text))
            item.setForeground(QColor(getattr(self._theme, color)))
