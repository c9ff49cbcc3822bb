"""The window: everything of one participant's session at a glance, and the queue beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from app import texts
from app.bridge import Bridge
from app.clips import Clip, FrameStore
from app.desk import Desk
from app.keys import KEYS, hint
from app.situation import Situation
from app.theme import Theme, fitting_scale, other, system_theme
from app.widgets.affect import AffectPlane, ClassBars, overlaps
from app.widgets.canvas import Canvas
from app.widgets.key_button import KeyButton
from app.widgets.key_sheet import KeySheet
from app.widgets.labelling import Labelling
from app.widgets.panel import Panel
from app.widgets.reliability import Trust
from app.widgets.state import StateLine
from app.widgets.streams import Streams
from app.widgets.timeline import Timeline
from app.widgets.traces import Traces
from app.widgets.video import Video
from core.data import (
    Chunk,
    FaceObservation,
    Label,
    Notice,
    Prediction,
    RecordingHealth,
    Segment,
    StreamHealth,
    StreamInfo,
)

_STATE_MS = 250
_CONTEXT = 0.5
"""Seconds shown before and after a segment in its clip."""


class MainWindow(QMainWindow):
    """Shows what the bridge brings and sends the answers; it knows nothing of how either is done.

    Parameters
    ----------
    bridge
        Where the messages come from.
    answer
        Sends a label to be kept; it is acknowledged through `Bridge.label_kept`.
    classes
        The classes, in the order of the keys.
    annotator
        Who answers.
    now
        The clock that stamps answers, s, LSL clock.
    theme
        How it looks; None takes what the system has.
    """

    closed = pyqtSignal()

    def __init__(
        self,
        bridge: Bridge,
        answer: Callable[[Label], None],
        classes: Sequence[str],
        annotator: str = "operator",
        now: Callable[[], float] = time.monotonic,
        theme: Theme | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle(texts.TITLE)
        self.theme = theme or system_theme()
        self.participant = ""
        self._infos: dict[str, StreamInfo] = {}
        self._frames = FrameStore()
        self.situation = Situation(now)
        self.state = StateLine()
        self.plane, self.bars, self.trust = AffectPlane(), ClassBars(tuple(classes)), Trust()
        self.timeline, self.traces, self.video, self.streams = Timeline(), Traces(), Video(), Streams()
        scheme = f"expressions-{len(classes)}"
        self.labelling = Labelling(Desk(annotator, scheme, now), tuple(classes), answer, self._cut)
        self.labelling.asked.connect(self._hide_asked)
        self._lay_out()
        self.sheet = KeySheet(self._whole, tuple(classes))
        self._make_tools()
        self._make_shortcuts(classes)
        self._connect(bridge)
        self.resize(1440, 900)
        self.setMinimumSize(1080, 680)
        self._wear()
        timer = QTimer(self)
        timer.timeout.connect(self.tell_state)
        timer.start(_STATE_MS)
        self.tell_state()

    def tell_state(self) -> None:
        """Bring the state line and the panels' notes up to date."""
        situation = self.situation
        self.state.show_state(
            situation.level(), situation.sentence(self.participant), situation.problems(), situation.simulated
        )
        self._traces_panel.note(self.traces.note())
        self._classes_panel.note(self.bars.words())
        self._face_panel.note(self.video.words())
        desk = self.labelling.desk
        self._labelling_panel.note(texts.waiting(desk.n_waiting, desk.n_done))

    def set_theme(self, theme: Theme) -> None:
        """Wear another theme."""
        self.theme = theme
        self._wear()

    def act(self, name: str) -> None:
        """Do what a key stands for."""
        acts: dict[str, Callable[[], object]] = {
            "larger": lambda: self.traces.zoom(1),
            "smaller": lambda: self.traces.zoom(-1),
            "shorter": lambda: self.traces.stretch(-1),
            "longer": lambda: self.traces.stretch(1),
            "earlier channels": lambda: self.traces.scroll_channels(-1),
            "later channels": lambda: self.traces.scroll_channels(1),
            "private": self._private_button.toggle,
            "blind": self._blind_button.toggle,
            "theme": lambda: self.set_theme(other(self.theme)),
            "keys": self.sheet.toggle,
            "full screen": self._toggle_full_screen,
            "escape": self._escape,
        }
        focus = self.focusWidget()
        if name in acts:
            acts[name]()
            self.tell_state()
        elif name == "play" and isinstance(focus, QAbstractButton):
            focus.click()  # the shortcut has taken the space bar from the button that has the focus
        elif not self.sheet.isVisible():
            self.labelling.act(name)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Grow the type with the window, in steps."""
        super().resizeEvent(event)
        scale = fitting_scale(self.width(), self.height())
        if scale != self.theme.scale:
            self.set_theme(replace(self.theme, scale=scale))
        if self.sheet.isVisible():
            self.sheet.setGeometry(self._whole.rect())

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Tell that the window is closed; the session is not the window's to end."""
        super().closeEvent(event)
        self.closed.emit()

    def _connect(self, bridge: Bridge) -> None:
        bridge.stream_found.connect(self._show_stream)
        bridge.chunk_arrived.connect(self._show_chunk)
        bridge.face_observed.connect(self._show_face)
        bridge.prediction_made.connect(self._show_prediction)
        bridge.segment_asked.connect(self._show_segment)
        bridge.label_kept.connect(self._show_label)
        bridge.notice_given.connect(self._show_notice)
        bridge.stream_measured.connect(self._show_health)
        bridge.recording_measured.connect(self._show_recording)
        bridge.fault_raised.connect(self.situation.fault_raised)
        bridge.session_ended.connect(lambda _: self.situation.end())

    def _show_stream(self, info: StreamInfo) -> None:
        self._infos[info.key] = info
        self.situation.stream_found(info)
        self.streams.show_stream(info)
        self._fit_streams()
        if info.participant and self._people.findText(info.participant) < 0:
            self._people.addItem(info.participant)
            self._people.setVisible(self._people.count() > 1)
        if info.participant == self.participant and info.kind == "eeg" and not self.traces.key:
            self.traces.show_stream(info)

    def _show_chunk(self, chunk: Chunk) -> None:
        info = self._infos.get(chunk.stream)
        if info is None or info.participant != self.participant:
            return
        if info.kind == "eeg":
            self.traces.push(chunk)
        elif info.kind == "video":
            self.video.push(chunk)
            if not self.video.private:
                self._frames.push(chunk)

    def _show_face(self, face: FaceObservation) -> None:
        if face.participant == self.participant:
            self.video.show_face(face)

    def _show_prediction(self, prediction: Prediction) -> None:
        self.situation.prediction_made(prediction)
        if prediction.participant != self.participant:
            return
        for widget in (self.plane, self.bars, self.timeline):
            widget.show_prediction(prediction)
        asked = self.labelling.desk.current
        hidden = self.labelling.desk.blind and asked is not None and overlaps(prediction, (asked.start, asked.stop))
        if not hidden:
            self.trust.show_prediction(prediction)
        self.traces.show_bad(prediction.bad_channels)
        self.traces.advance(prediction.stop)
        self.tell_state()

    def _show_segment(self, segment: Segment) -> None:
        self.labelling.offer(segment)

    def _show_label(self, label: Label) -> None:
        self.labelling.kept(label)
        if label.participant == self.participant:
            self.timeline.show_label(label)

    def _show_notice(self, notice: Notice) -> None:
        self.situation.notice_given(notice)
        info = self._infos.get(notice.stream)
        if info is None or info.participant == self.participant:
            self.timeline.show_notice(notice)

    def _show_health(self, health: StreamHealth) -> None:
        self.situation.stream_measured(health)
        self.streams.show_health(health)
        if health.stream == self.traces.key:
            self.traces.show_lost(not health.connected)

    def _show_recording(self, health: RecordingHealth) -> None:
        self.situation.recording_measured(health)
        self.streams.show_recording(health)

    def _show_participant(self, participant: str) -> None:
        self.participant = participant
        self._frames.clear()
        for widget in (self.plane, self.bars, self.trust, self.timeline, self.traces, self.video):
            widget.clear()
        for info in self._infos.values():
            if info.participant == participant and info.kind == "eeg":
                self.traces.show_stream(info)
                break

    def _hide_asked(self, segment: Segment | None) -> None:
        hidden = self.labelling.desk.blind and segment is not None and segment.participant == self.participant
        span = (segment.start, segment.stop) if hidden and segment is not None else None
        for widget in (self.plane, self.bars, self.timeline):
            widget.hide_span(span)

    def _cut(self, segment: Segment) -> Clip:
        start, stop = segment.start - _CONTEXT, segment.stop + _CONTEXT
        if segment.participant != self.participant:
            return Clip(start, stop)
        frame_times, frames = self._frames.cut(start, stop)
        ring = self.traces.ring
        if ring is None:
            return Clip(start, stop, frame_times, frames)
        times, samples = ring.between(start, stop)
        good = [k for k, name in enumerate(ring.ch_names) if name not in self.traces.bad]
        names = tuple(ring.ch_names[k] for k in good)
        return Clip(start, stop, frame_times, frames, times.copy(), samples[:, good], names, self.traces.scale_uv)

    def _choose(self, label: str) -> None:
        if not self.sheet.isVisible():
            self.labelling.choose(label)

    def _set_private(self, private: bool) -> None:
        self.video.set_private(private)
        self.labelling.playback.set_private(private)

    def _escape(self) -> None:
        if self.sheet.isVisible():
            self.sheet.hide()
        elif self.isFullScreen():
            self.showNormal()

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _make_tools(self) -> None:
        self._people = QComboBox()
        self._people.setAccessibleName(texts.PARTICIPANT)
        self._people.hide()
        self._people.currentTextChanged.connect(self._show_participant)
        self._blind_button = _tool(f"{texts.BLIND}  {hint('blind')}", texts.BLIND_TIP, checkable=True)
        self._blind_button.setChecked(True)
        self._blind_button.toggled.connect(self.labelling.set_blind)
        self._private_button = _tool(f"{texts.PRIVATE_BUTTON}  {hint('private')}", texts.PRIVATE_TEXT, checkable=True)
        self._private_button.toggled.connect(self._set_private)
        theme = _tool(f"{texts.THEME_BUTTON}  {hint('theme')}", texts.THEME_TEXT)
        theme.clicked.connect(lambda: self.act("theme"))
        keys = _tool(f"{texts.KEYS_TITLE}  {hint('keys')}", texts.KEYS_TEXT)
        keys.clicked.connect(lambda: self.act("keys"))
        for widget in (self._people, self._private_button, self._blind_button, theme, keys):
            self.state.tools.addWidget(widget)

    def _make_shortcuts(self, classes: Sequence[str]) -> None:
        for key in KEYS:
            for sequence in key.sequences:
                self._shortcut(sequence, lambda act=key.act: self.act(act))
        for k, name in enumerate(classes, start=1):
            self._shortcut(str(k), lambda name=name: self._choose(name))

    def _shortcut(self, sequence: str, slot: Callable[..., Any]) -> None:
        QShortcut(QKeySequence(sequence), self).activated.connect(slot)

    def _lay_out(self) -> None:
        self._traces_panel = Panel(texts.TRACES, self.traces)
        self._classes_panel = Panel(texts.CLASSES, self.bars)
        self._face_panel = Panel(texts.FACE, self.video)
        self._labelling_panel = Panel(texts.LABELLING, self.labelling)
        self._streams_panel = Panel(texts.STREAMS, self.streams)
        self._now = QHBoxLayout()
        self._now.addWidget(Panel(texts.AFFECT, self.plane), 13)
        self._now.addWidget(self._classes_panel, 15)
        self._now.addWidget(Panel(texts.TRUST, self.trust), 9)
        self._now.addWidget(self._face_panel, 15)
        self._left = QVBoxLayout()
        self._left.addLayout(self._now, 10)
        self._left.addWidget(Panel(texts.TIME, self.timeline), 8)
        self._left.addWidget(self._traces_panel, 9)
        self._left.addWidget(self._streams_panel)
        self._body = QHBoxLayout()
        self._body.addLayout(self._left, 1)
        self._body.addWidget(self._labelling_panel)
        self._whole = QWidget()
        self._whole.setObjectName("window")
        self._outer = QVBoxLayout(self._whole)
        self._outer.addWidget(self.state)
        self._outer.addLayout(self._body, 1)
        self.setCentralWidget(self._whole)
        # No button has the focus at first: keys act on the queue until someone tabs to a button.
        self._whole.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._whole.setFocus()

    def _wear(self) -> None:
        theme = self.theme
        self.setStyleSheet(theme.stylesheet())
        for layout in (self._now, self._left, self._body, self._outer):
            layout.setSpacing(theme.px(10))
        self._outer.setContentsMargins(theme.px(14), theme.px(12), theme.px(14), theme.px(14))
        self._labelling_panel.setFixedWidth(theme.px(330))
        for widget in self.findChildren(QWidget):
            if isinstance(widget, Canvas | Panel | KeyButton | StateLine | Labelling | Streams):
                widget.wear(theme)
        self._fit_streams()

    def _fit_streams(self) -> None:
        self._streams_panel.setFixedHeight(self.streams.sizeHint().height() + self.theme.px(44))


def _tool(text: str, tip: str, checkable: bool = False) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName("tool")
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
