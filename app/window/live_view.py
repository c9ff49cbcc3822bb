"""What is seen live of one participant: affect, trust, face, EEG and streams, each fed by the bridge's messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.labelling.clips import Clip
from app.panels.affect_plane import AffectPlane
from app.panels.class_bars import ClassBars
from app.panels.electrode_map import ElectrodeMap
from app.panels.face_measures import FaceMeasures
from app.panels.people_row import PeopleRow
from app.panels.reliability import ReliabilityPanel
from app.panels.stream_list import StreamList
from app.panels.video import Video
from app.session.late_markers import LateMarkers
from app.session.lost_streams import LostStreams
from app.timeline.span import Span, overlaps
from app.timeline.time_column import TimeColumn
from app.ui.keys import Act
from app.ui.panel import Panel
from app.ui.people import People
from app.ui.theme import LIGHT, Theme
from app.window.bridge import Bridge
from app.window.neutral_period import NeutralPeriod
from app.window.person_signals import APART_S, PersonSignals
from core.data import (
    Chunk,
    FaceObservation,
    Label,
    NeutralFace,
    Notice,
    Prediction,
    RecordingHealth,
    Segment,
    StreamHealth,
    StreamInfo,
    Window,
)
from core.eeg_figures import EegFigures
from core.markers import markers_in
from core.sensors.reader_of import reader_of
from core.sensors.reading import Reader
from core.stamps import LATEST_S

_ONE, _PEOPLE = (0.36, 290), (0.42, 360)
"""What affect now has of the height, of one person and of several, and how much at most: the rest is over time."""
_FACE_PX, _CLASSES_PX, _ELECTRODES_PX = 560, 680, 760
"""Widths from which on there is room for these; below, affect and trust and what is over time stay."""
_TILE_PX = 190
"""The least width of a person's tile: with less, one person at a time is shown."""
_EVER = (float("-inf"), float("inf"))
_BEHIND_S = 0.5
"""EEG this far behind the picture is missing."""


class LiveView(QWidget):
    """Hands each message to the widgets that show it; of several participants it shows one.

    Parameters
    ----------
    classes
        The classes, in their order.
    recorded
        False where nothing is kept.
    context
        Seconds shown before and after a segment in its clip.
    rival
        Hash of a second model whose predictions are shown beside the first one's.
    """

    participant_found = pyqtSignal(str)
    person_wanted = pyqtSignal(str)
    """A participant who is to be shown."""
    clip_grown = pyqtSignal(object)
    """A segment of which more can be cut now than before."""
    figures_changed = pyqtSignal()
    drawn = pyqtSignal(float, float)
    """A stretch that a hand has drawn on the time line, s, LSL clock."""
    neutral_shown = pyqtSignal(NeutralFace)
    """When a participant's face was relaxed, as a `NeutralFace` that is still to be read."""

    def __init__(self, classes: Sequence[str], recorded: bool = True, context: float = 1.0, rival: str = "") -> None:
        super().__init__()
        self.participant = ""
        self.theme: Theme = LIGHT
        self._infos: dict[str, StreamInfo] = {}
        self._readers: dict[str, Reader] = {}
        """What reads the body from the streams that have a lane, by their keys."""
        self._rival = rival
        self._hidden: Span | None = None
        self._back: Notice | None = None
        """What tells that the EEG is back, until its first samples come."""
        self._no_picture, self._no_camera = texts.NO_VIDEO, texts.NO_CAMERA
        self._cameras_over: dict[str, bool] = {}
        """Whose camera gives nothing any more: True where it was a film that is at its end."""
        self.data_time = float("nan")
        """The newest moment of data of the participant who is shown, s, LSL clock."""
        self.plane, self.bars, self.trust = AffectPlane(), ClassBars(tuple(classes)), ReliabilityPanel()
        self._over_time = over = TimeColumn()
        self.axis, self.marks, self.timeline, self.traces = over.axis, over.marks, over.timeline, over.traces
        self.sensors = over.sensors
        self._context = context
        self._persons: dict[str, PersonSignals] = {}
        self._has_streams = True
        self._is_eeg_alone = self._is_one_whole = False
        """Whether one of several people has all the room."""
        self.video, self.measures, self.streams = Video(), FaceMeasures(), StreamList(recorded)
        self.people = People()
        """Who takes part."""
        self.people_row = PeopleRow(self.people)
        self.people_row.chosen.connect(self.person_wanted)
        self.neutral = NeutralPeriod(self.neutral_shown.emit)
        self.asks_neutral = False
        """Whether a participant is asked for a neutral face unasked, with the first good picture."""
        self._nearby: LateMarkers | None = None
        self._lost: LostStreams | None = None
        self.electrodes = ElectrodeMap()
        self.acts: dict[str, Callable[[], object]] = {
            **over.acts,
            Act.PEOPLE: self.next_person,
            Act.STREAMS: self.streams.toggle,
            Act.TAKE_BACK: self.streams.take_back,
            Act.EEG_ALONE: self.toggle_eeg_alone,
            Act.LANDMARKS: self._toggle_landmarks,
        }
        self._lay_out()
        self.streams.resized.connect(self._fit_streams)
        over.drag.drawn.connect(self.drawn)

    def refresh(self) -> None:
        """Bring the panels' notes up to date."""
        self._time_panel.note(self._over_time.note(bool(self._rival)))
        self.timeline.describe()
        self._classes_panel.note(self.bars.words())
        self._face_panel.note(self.video.words())
        self.measures.show_time(self.data_time)
        self._affect_panel.note(self.plane.note())
        self._electrodes_panel.note(self.electrodes.note())
        if self._nearby is not None:
            self.streams.offer(self._nearby.markers())
        if self._lost is not None:
            self.streams.offer_back(self._lost.offers())

    def offer(self, nearby: LateMarkers) -> None:
        """Offer the streams of markers that are there and not recorded."""
        self._nearby = nearby
        self.streams.wanted.connect(nearby.take_in)

    def offer_back(self, lost: LostStreams) -> None:
        """Offer what may be a stream that is lost."""
        self._lost = lost
        self.streams.taken_back.connect(lost.take_back)

    def toggle_eeg_alone(self) -> None:
        """Give the EEG all the room, or show everything again."""
        self._is_eeg_alone = not self._is_eeg_alone
        self._over_time.show_eeg_alone(self._is_eeg_alone)
        self._show_people()

    def next_person(self) -> None:
        """Show each of several people whole, one after the other, then all of them side by side again."""
        names = self.people.names
        if not self.people.are_several:
            return
        shown = names.index(self.participant) if self._is_one_whole and self.participant in names else -1
        self._is_one_whole = shown + 1 < len(names)
        if self._is_one_whole:
            self.person_wanted.emit(names[shown + 1])
        self._show_people()

    def set_private(self, private: bool) -> None:
        """Show no pixels of anybody, or show them again."""
        for video in (self.video, *(tile.video for tile in self.people_row.of())):
            video.set_private(private)

    def go_elsewhere(self, moment: float) -> None:
        """Forget what was, of everybody: a recording is played from another moment on, s, LSL clock."""
        for person in self._persons.values():
            person.forget(moment)
        self.choose(self.participant)
        self.data_time = moment

    def choose(self, participant: str) -> None:
        """Show another participant from now on, with what has been of them."""
        self.participant = participant
        self.people_row.show_chosen(participant)
        now = (self.plane, self.bars, self.trust, self.video, self.measures, self.electrodes)
        for widget in (*now, self._over_time):
            widget.clear()
        self._readers.clear()
        for info in self._infos.values():
            self._show_sensor(info)
        for info in self._infos.values():
            if info.participant == participant and info.kind == "eeg":
                self._show_eeg(info)
                break
        self._expect_face()
        if (person := self._persons.get(participant)) is not None:
            self.traces.show_bad(person.bad_channels)
            self.show_recorded(list(person.predictions))
            for mark in person.marks:
                self._show_mark(mark)
        self._name_person()

    def hide_streams(self) -> None:
        """Leave the streams out: those of a recording cannot fail, and the room is for how it went over time."""
        self._has_streams = False
        self._show_people()
        self.trust.recorded = self.video.recorded = True
        self.people_row.show_recording()
        self._no_picture, self._no_camera = texts.NO_PICTURE_KEPT, texts.NO_CAMERA_RECORDED

    def mark_asked(self, segment: Segment | None, blind: bool) -> None:
        """Mark the segment that is asked about, and show nothing of it if it is labelled blind."""
        span = None
        if segment is not None and segment.participant == self.participant:
            span = (segment.start, segment.stop)
        self.marks.show_asked(span)
        self.hide_span(span if blind else None)
        if segment is not None and blind:
            self.people_row.hide_span(segment.participant, (segment.start, segment.stop))

    def hides(self, prediction: Prediction) -> bool:
        """Return whether a prediction is of a stretch of which nothing is shown."""
        return overlaps(prediction, self._hidden)

    def hide_span(self, span: Span | None = _EVER) -> None:
        """Show nothing of what the model says of a stretch, by default of any; None shows all."""
        self._hidden = span
        self.people_row.hide_span("", span if span == _EVER else None)
        for widget in (self.plane, self.bars, self.measures, self.timeline):
            widget.hide_span(self._hidden)

    @property
    def hidden(self) -> Span | None:
        """The stretch of which nothing that the model says is shown."""
        return self._hidden

    def cut(self, segment: Segment) -> Clip:
        """Return what can be shown again of a segment."""
        person = self._persons.get(segment.participant)
        if person is not None:
            return person.cut(segment)
        start, stop = segment.start, segment.stop
        return Clip(start - self._context, stop + self._context, asked=(start, stop))

    def listen(self, bridge: Bridge) -> None:
        """Take the messages of a bridge, but for the health of streams: those of a recording have none."""
        bridge.stream_found.connect(self.show_stream)
        bridge.chunk_arrived.connect(self.show_chunk)
        bridge.face_observed.connect(self.show_face)
        bridge.window_cut.connect(self.show_window)
        bridge.prediction_made.connect(self.show_prediction)
        bridge.label_kept.connect(self.show_label)
        bridge.notice_given.connect(self.show_notice)
        bridge.recording_measured.connect(self.show_recording)

    def show_stream(self, info: StreamInfo) -> None:
        """Take a stream that was found."""
        self._infos[info.key] = info
        self.streams.show_stream(info)
        if info.kind in ("eeg", "video"):
            self._person(info.participant)
        if info.kind == "eeg":
            self._person(info.participant).show_stream(info)
        if info.participant:
            self.participant_found.emit(info.participant)
        if info.kind in ("eeg", "video") and self.people.know(info.participant):
            self.people_row.add(info.participant)
            self._show_people()
        for tile in self.people_row.of(info.participant) if info.participant else ():
            tile.show_stream(info)
            tile.video.private, tile.video.landmarks = self.video.private, self.video.landmarks
        self._show_sensor(info)
        if info.participant == self.participant and info.kind == "eeg" and not self.traces.key:
            self._show_eeg(info)
        self._expect_face()

    def show_chunk(self, chunk: Chunk) -> None:
        """Take samples or frames; markers are everybody's."""
        info = self._infos.get(chunk.stream)
        if info is not None and info.kind == "markers":
            for marker in markers_in(info.name, chunk.times, chunk.data):
                self.marks.show_marker(marker)
            return
        if info is not None and info.kind == "other":
            self._push_sensor(chunk)
            return
        if info is None or info.participant not in self._persons:
            return
        if info.participant == self.participant:
            self._show_chunk(info, chunk)
        if info.kind == "video" and self.people.are_several:
            for tile in self.people_row.of(info.participant):
                tile.push(chunk)
        for segment in self._persons[info.participant].push(chunk, self.video.private):
            self.clip_grown.emit(segment)

    def show_face(self, face: FaceObservation) -> None:
        """Take what a frame says of the face."""
        cameras = [one for one in self._infos.values() if (one.kind, one.participant) == ("video", face.participant)]
        is_simulated = any(camera.simulated for camera in cameras)
        self.neutral.see(face, unasked=self.asks_neutral and not is_simulated)
        if face.participant == self.participant:
            self.video.show_face(face)
            self.measures.show_face(face)
            self.video.ask(self.neutral.card(self.participant))
        for tile in self.people_row.of(face.participant):
            tile.show_face(face, self.neutral.card(face.participant))

    def show_window(self, window: Window) -> None:
        """Take what is known of the signals of the newest window."""
        for tile in self.people_row.of(window.participant):
            tile.show_window(window)
        person = self._person(window.participant)
        person.bad_channels = window.bad_channels
        is_new = person.figures.push(window)
        if window.participant == self.participant:
            self.electrodes.show_window(window)
            if is_new:
                self.figures_changed.emit()
            self.trust.show_window(window)
            self.measures.show_neutral(window.neutral)
            self.traces.show_bad(window.bad_channels)

    def show_prediction(self, prediction: Prediction) -> None:
        """Take the newest prediction."""
        if prediction.model != self._rival:
            for tile in self.people_row.of(prediction.participant):
                tile.show_prediction(prediction)
            self._person(prediction.participant).predictions.append(prediction)
        if prediction.participant != self.participant:
            return
        if prediction.model == self._rival:
            self.plane.show_rival(prediction)
            self.timeline.show_rival(prediction)
            return
        for widget in (self.plane, self.bars, self.timeline):
            widget.show_prediction(prediction)
        if not self.hides(prediction):
            self.trust.show_prediction(prediction)
        self.traces.show_bad(prediction.bad_channels)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Show what there is room for."""
        super().resizeEvent(event)
        self._show_people()

    def go_stale(self, why: str) -> None:
        """Take what was last said of the participant away: it does not hold any more."""
        self.plane.go_stale(why)
        self.bars.clear()
        self.trust.clear()

    def show_recorded(self, predictions: Sequence[Prediction]) -> None:
        """Take what was said before a moment that is gone to, in order; it stands until something is said anew."""
        for prediction in predictions:
            self.timeline.show_prediction(prediction)
        for last in predictions[-1:]:
            self.plane.show_prediction(last)
            self.bars.show_prediction(last)
            if not self.hides(last):
                self.trust.show_prediction(last)

    def show_label(self, label: Label) -> None:
        """Take a label that is on disk."""
        self._mark(label.participant, label)

    def show_notice(self, notice: Notice) -> None:
        """Take something that happened to a stream."""
        if notice.kind == "lost":
            self.streams.show_lost(notice.stream, notice.time)
        info = self._infos.get(notice.stream)
        if notice.kind == "lost" and notice.stream == self.traces.key and self.traces.ring is not None:
            # It is told once it has been silent for a while; what is missing is missing since its last sample.
            notice = replace(notice, time=float(np.fmin(notice.time, self.traces.ring.newest)))
        if notice.kind == "back" and notice.stream == self.traces.key:
            self._back = notice
            return
        if info is None:
            self.marks.show_notice(notice)
        elif info.kind != "truth":
            self._mark(info.participant, notice)

    def show_health(self, health: StreamHealth) -> None:
        """Take how a stream is doing."""
        self.streams.zero = self.axis.zero
        self.streams.show_health(health)
        if health.stream == self.traces.key:
            self.traces.show_lost(not health.connected)
            self.electrodes.show_lost(not health.connected)
        info = self._infos.get(health.stream)
        if info is None:
            return
        if info.kind == "video" and health.ended:
            self._cameras_over[info.participant] = health.connected
            self._expect_face()
        if info.kind == "video" and info.participant == self.participant:
            self.video.show_health(health)
        for tile in self.people_row.of(info.participant):
            tile.show_health(info.kind, health)

    def show_recording(self, health: RecordingHealth) -> None:
        """Take how the recording is doing."""
        self.streams.show_recording(health)

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing; the widgets within take theirs from the window."""
        self.theme = theme
        for layout in (self._now, self._rows, self._then):
            layout.setSpacing(theme.px(10))
        self._electrodes_panel.setFixedWidth(theme.px(250))
        self._face.setSpacing(theme.px(10))
        self.measures.setFixedWidth(theme.px(112))

    @property
    def figures(self) -> EegFigures:
        """What the EEG of who is shown tells by itself."""
        return self._person(self.participant).figures

    def _person(self, name: str) -> PersonSignals:
        if name not in self._persons:
            self._persons[name] = PersonSignals(self.traces, self._context)
        return self._persons[name]

    def _show_chunk(self, info: StreamInfo, chunk: Chunk) -> None:
        """Take what the participant who is shown sends, but for the EEG itself."""
        if len(chunk.timestamps):
            newest = float(chunk.times[-1])
            if not self.data_time - APART_S < newest < self.data_time:
                self.data_time = newest
        if info.kind == "eeg":
            self._close_gap(chunk)
        elif info.kind == "video":
            self._go_on_without_eeg()
            if not chunk.is_bare:
                self.video.push(chunk)

    def _mark(self, participant: str, mark: Label | Notice) -> None:
        self._person(participant).marks.append(mark)
        if participant == self.participant:
            self._show_mark(mark)

    def _show_mark(self, mark: Label | Notice) -> None:
        if isinstance(mark, Label):
            self.marks.show_label(mark)
        else:
            self.marks.show_notice(mark)

    def _toggle_landmarks(self) -> None:
        for video in (self.video, *(tile.video for tile in self.people_row.of())):
            video.toggle_landmarks()

    def _name_person(self) -> None:
        """Say above what is over time whose it is, where several people are seen."""
        whose = self.participant if self.people.are_several else ""
        self._time_panel.name(texts.of_person(texts.TRACES if self._is_eeg_alone else texts.TIME, whose))

    def _close_gap(self, chunk: Chunk) -> None:
        """End the gap with the first sample that came back, which is older than the word that it is back."""
        if self._back is not None and chunk.stream == self._back.stream and len(chunk.timestamps):
            self._mark(self.participant, replace(self._back, time=float(chunk.times[0])))
            self._back = None

    def _go_on_without_eeg(self) -> None:
        """Move time on with the pictures where no EEG comes: in a recording no clock does."""
        ring = self.traces.ring
        if ring is not None and self.data_time > ring.newest + _BEHIND_S:
            self.axis.advance(self.data_time)

    def _show_sensor(self, info: StreamInfo) -> None:
        """Have a lane for a stream that the participant who is shown wears, or nobody alone."""
        if info.kind == "other" and not info.awaited and info.participant in ("", self.participant):
            self.sensors.show_stream(info)
            if (reader := reader_of(info)) is not None:
                self._readers[info.key] = reader

    def _push_sensor(self, chunk: Chunk) -> None:
        self.sensors.push(chunk)
        reader = self._readers.get(chunk.stream)
        if reader is not None and (reading := reader.push(chunk.times, chunk.data)) is not None:
            self.streams.show_reading(chunk.stream, reading)
            self.sensors.show_reading(chunk.stream, reading)
        alone = not any(info.kind in ("eeg", "video") for info in self._infos.values())
        if alone and len(chunk.timestamps) and abs(float(chunk.times[-1])) < LATEST_S:
            self.axis.begin(float(chunk.times[0]))
            self.axis.advance(float(chunk.times[-1]))

    def _show_people(self) -> None:
        """Show several people side by side, or all panels of one."""
        shown, tiled = not self._is_eeg_alone, self.people.are_several and not self._is_one_whole
        tiled = tiled and self.width() >= self.theme.px(_TILE_PX) * len(self.people_row.tiles)
        self.people_row.setVisible(shown and tiled)
        for panel, least in (
            (self._affect_panel, 0),
            (self._trust_panel, 0),
            (self._face_panel, _FACE_PX),
            (self._classes_panel, _CLASSES_PX),
        ):
            panel.setVisible(shown and not tiled and self.width() >= self.theme.px(least))
        self._electrodes_panel.setVisible(not tiled and self.width() >= self.theme.px(_ELECTRODES_PX))
        self._streams_panel.setVisible(self._has_streams and self.width() >= self.theme.px(_FACE_PX))
        self._share_height(_PEOPLE if tiled else _ONE)
        self._name_person()

    def _share_height(self, now: tuple[float, int]) -> None:
        shown = 0 if self._streams_panel.isHidden() else self._streams_panel.height()
        whole = max(self.height() - shown, 2)
        upper = 0 if self._is_eeg_alone else max(1, min(round(now[0] * whole), self.theme.px(now[1])))
        self._rows.setStretch(0, upper)
        self._rows.setStretch(1, whole - upper)

    def _expect_face(self) -> None:
        """Say of a camera that is not there what is true: it may come, has ended, or the session has none."""
        has_camera, over = self.has_camera(self.participant), self._cameras_over.get(self.participant)
        self.trust.no_face = "" if has_camera else texts.NO_CAMERA_SHORT
        if over is not None:
            self.trust.no_face = texts.no_picture_any_more(over)
        self.video.set_empty_text(self._why_no_picture(self.participant))
        self.measures.setVisible(has_camera)
        for name, tile in self.people_row.tiles.items():
            tile.video.set_empty_text(self._why_no_picture(name))

    def _why_no_picture(self, participant: str) -> str:
        if participant in self._cameras_over:
            return "\n".join(texts.camera_over(self._cameras_over[participant]))
        return self._no_picture if self.has_camera(participant) else self._no_camera

    def has_camera(self, participant: str) -> bool:
        """Return whether there is a camera on a participant, or may be: before any stream of theirs is known."""
        own = {info.kind for info in self._infos.values() if info.participant == participant}
        return not own or "video" in own

    def _show_eeg(self, info: StreamInfo) -> None:
        self.traces.show_stream(info, self._person(info.participant).ring)
        self.electrodes.show_stream(info)

    def _lay_out(self) -> None:
        self._classes_panel = Panel(texts.CLASSES, self.bars)
        face = QWidget()
        self._face = QHBoxLayout(face)
        self._face.setContentsMargins(0, 0, 0, 0)
        self._face.addWidget(self.video, 1)
        self._face.addWidget(self.measures)
        self._face_panel = Panel(texts.FACE, face)
        self._streams_panel = Panel(texts.STREAMS, self.streams)
        self._affect_panel = Panel(texts.AFFECT, self.plane)
        self._trust_panel = Panel(texts.TRUST, self.trust)
        self._time_panel = Panel(texts.TIME, self._over_time)
        self._electrodes_panel = Panel(texts.ELECTRODES, self.electrodes)
        self._now, self._then = QHBoxLayout(), QHBoxLayout()
        self._now.addWidget(self.people_row, 1)
        for panel, share in (
            (self._affect_panel, 12),
            (self._classes_panel, 15),
            (self._trust_panel, 8),
            (self._face_panel, 19),
        ):
            self._now.addWidget(panel, share)
        self._then.addWidget(self._time_panel, 1)
        self._then.addWidget(self._electrodes_panel)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addLayout(self._now)
        self._rows.addLayout(self._then)
        self._rows.addWidget(self._streams_panel)

    def _fit_streams(self) -> None:
        self._streams_panel.setFixedHeight(self.streams.sizeHint().height() + self.theme.px(44))
        self._show_people()
