"""The window: everything of one participant's session at a glance, and the queue beside it."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from app import texts
from app.labelling.affect_scales import AffectScales
from app.labelling.annotation_session import AnnotationSession, Order
from app.labelling.answer_buttons import AnswerButtons
from app.labelling.labelling_panel import LabellingPanel
from app.labelling.more_options import MoreOptions
from app.labelling.playback_buttons import FlatButton, PlaybackButtons
from app.labelling.rating_panel import RatingPanel
from app.panels.people_row import PeopleRow
from app.panels.session_status import SessionStatus
from app.panels.state_line import StateLine
from app.panels.stream_list import StreamList
from app.panels.toolbar import Toolbar
from app.timeline.time_axis import DURATIONS
from app.ui.canvas import Canvas
from app.ui.key_button import KeyButton
from app.ui.key_sheet import KeySheet
from app.ui.keys import Act, asked, hint, keymap, scheme, usable
from app.ui.panel import Panel
from app.ui.question import Question
from app.ui.theme import Theme, other, roomy_scale, system_theme
from app.window.bridge import Bridge
from app.window.live_view import LiveView
from app.window.replay_bar import ReplayBar
from app.window.save_files import ask_where_to_save, save_numbers, save_view
from app.window.shown_session import ShownSession
from app.window.teach_bar import TeachBar
from core.active.moments import unpredicted
from core.data import Label, NeutralFace, Notice, Prediction, Rating, Role, Segment
from core.neutral_watch import REMEDY

if TYPE_CHECKING:
    from app.panels.eeg_window import EegWindow

_STATE_MS = 250
_NEWS_S = 10.0
"""Seconds for which it is told that a neutral face was read: those of a model that was still loading included."""
_LEAST_PX, _NARROW_PX = (460, 640), 1000
"""The least size, and the width from which on there is room for the queue beside the view."""
_LABEL_PX, _USUAL_PX, _LABEL_SHARE = 340, 1440, 6
"""Width of the queue, and what it has of what the window is wider than usual."""
_REST_MS = 150
"""The type grows with the window once that has kept its size for so long: each step is a style for every widget."""
_DRESSED = (
    *(Canvas, Panel, KeyButton, FlatButton, StateLine, LiveView, StreamList, ReplayBar, Question, PeopleRow),
    *(LabellingPanel, AnswerButtons, MoreOptions, RatingPanel, AffectScales, Toolbar, PlaybackButtons, TeachBar),
)
"""What takes the theme."""


class MainWindow(QMainWindow):
    """Shows what the bridge brings and sends the answers; it knows nothing of how either is done.

    Parameters
    ----------
    bridge
        Where the messages come from.
    shown
        What it is opened on.
    theme
        How it looks; None takes what the system has.
    """

    closed = pyqtSignal()
    _styled = pyqtSignal(str)

    def __init__(self, bridge: Bridge, shown: ShownSession, theme: Theme | None = None) -> None:
        super().__init__()
        self.setWindowTitle(texts.titled(shown.method))
        self.theme = theme or system_theme()
        self._worn: Theme | None = None
        # From the event loop Qt styles hundreds of widgets without holding Python, which the engine needs meanwhile.
        self._styled.connect(self.setStyleSheet, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._fit_type)
        self.status = SessionStatus(shown.clock)
        self.state = StateLine()
        self._zen = self._is_narrow = False
        self._asked_by, self._mark_s = shown.asked_by, shown.mark_s
        label, replay = shown.label, shown.replay
        rival = replay.rival if replay is not None else ""
        self.view = view = LiveView(shown.classes, shown.recorded, label.context, rival)
        self.plane, self.bars, self.trust, self.timeline = view.plane, view.bars, view.trust, view.timeline
        self.status.hides = view.hides
        self.traces, self.electrodes, self.video, self.streams = view.traces, view.electrodes, view.video, view.streams
        known = keymap(asked(shown.classes, label), label.keys)
        self.keys = usable(known, replay is not None, bool(shown.asked_by))
        view.axis.clock = shown.clock if replay is None else None
        self._replay = replay
        self.replay_bar = ReplayBar(replay, self.keys) if replay is not None else None
        self.labelling = self._make_labelling(shown)
        self.labelling.outbox.recorded = shown.recorded
        self.labelling.people = view.people
        view.asks_neutral = replay is None and not shown.asked_by
        view.neutral_shown.connect(shown.answer)
        view.drawn.connect(self.mark_stretch)
        self.labelling.playback.drawn.connect(self.mark_stretch)
        playback = self.labelling.playback
        self._acts_alone = {"larger": lambda: playback.zoom(1), "smaller": lambda: playback.zoom(-1)}
        self.eeg_window: EegWindow | None = None
        self.teach_bar = TeachBar(shown.teaching, self.keys, self._show_notice)
        self._lay_out()
        self.sheet = KeySheet(self._whole, self.keys)
        self.question = Question(self._whole)
        self._stops = False
        """True once somebody has said that the recording is to stop."""
        self._tools = self._make_tools()
        self._make_shortcuts()
        self._connect(bridge)
        self.resize(1440, 900)
        self.setMinimumSize(*_LEAST_PX)
        self._apply_theme()
        self._begin(shown)
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(_STATE_MS)
        self.refresh()

    @property
    def participant(self) -> str:
        """The participant who is shown."""
        return self.view.participant

    def refresh(self) -> None:
        """Bring the state line and the panels' notes up to date."""
        status, annotation = self.status, self.labelling.annotation
        status.zero = self.view.axis.zero
        if self.question.isVisible() and (recorded := status.recorded_s()) is not None:
            self.question.words.setText(texts.stop_question(self.participant, recorded))  # time goes on meanwhile
        who = annotation.current.participant if self._asked_by and annotation.current is not None else self.participant
        sentence = status.sentence(who, self.view.people.names)
        self.state.show_state(status.level(), sentence, status.problems(), status.simulated)
        if stale := status.stale(self.participant):
            self.view.go_stale(stale)
        if status.mode == "labelling":
            self.labelling.set_empty_text(status.nothing_asked())
        self.view.refresh()
        if self.replay_bar is not None:
            self.replay_bar.show_time(self.view.data_time)
            self.replay_bar.overview.show_seen(self.view.axis.span)
            self._replay_panel.note(self.replay_bar.note())
        counts = annotation.n_waiting, annotation.n_done, annotation.n_others, annotation.n_skipped
        waiting = texts.waiting(*counts, annotation.time_left)
        self._tools.show_waiting(annotation.n_waiting)
        self._labelling_panel.note(" · ".join(part for part in (self._asked_by, waiting) if part))

    def set_theme(self, theme: Theme) -> None:
        """Wear another theme."""
        self.theme = theme
        self._apply_theme()

    def act(self, name: str) -> None:
        """Do what a key stands for."""
        acts: dict[str, Callable[[], object]] = {
            **self.view.acts,
            **(self.replay_bar.acts if self.replay_bar is not None else {}),
            Act.SAVE_VIEW: self._save_view,
            Act.SAVE_NUMBERS: self._save_numbers,
            Act.PRIVATE: self._tools.private.toggle,
            Act.BLIND: self._tools.toggle_blind,
            Act.MARK: self.mark,
            Act.NEUTRAL_FACE: self.ask_for_neutral,
            Act.EEG_FIGURES: self.show_eeg_figures,
            Act.TEACH: lambda: self.teach_bar.teach(self.participant),
            Act.SWAP: lambda: self.teach_bar.swap(self.participant),
            Act.STOP: self.close_if_agreed,
            Act.THEME: lambda: self.set_theme(other(self.theme)),
            Act.KEYS: self.sheet.toggle,
            Act.FULL_SCREEN: self._toggle_full_screen,
            Act.ZEN: lambda: self.set_zen(not self._zen),
            **(self._acts_alone if self._zen else {}),
            Act.ESCAPE: self._escape,
        }
        focus = self.focusWidget()
        if self.question.isVisible():
            self._answer_question(name)
            return
        if name in (Act.SAVE, Act.ESCAPE) and self.labelling.leave_field():
            return
        if name in acts:
            acts[name]()
            self.refresh()
        elif name == "play" and isinstance(focus, QAbstractButton):
            focus.click()  # the shortcut has taken the space bar from the button that has the focus
        elif not self.sheet.isVisible():
            self.labelling.act(name)

    def _answer_question(self, name: str) -> None:
        """Give the answer that a key stands for; what lies under the question is not done by accident."""
        if name == Act.ESCAPE:
            self.question.dismiss()
        elif name in (Act.SAVE, Act.PLAY):
            self.question.press()
        elif name == Act.STOP:
            self.question.agree()

    def mark(self) -> None:
        """Keep the last seconds, of whoever is shown or of the moment that plays, as a moment to be labelled."""
        stop = self.labelling.playback.time if self._asked_by else self.view.data_time
        self.mark_stretch(stop - self._mark_s, stop)

    def mark_stretch(self, start: float, stop: float) -> None:
        """Keep a stretch as a moment that is to be labelled, s, LSL clock."""
        asked = self.labelling.annotation.current
        who = self.participant if not self._asked_by else asked.participant if asked is not None else ""
        if not who or math.isnan(stop):
            self._show_notice(texts.NOTHING_TO_MARK)
            return
        prediction = self.status.newest(who) or unpredicted(who, start, stop)
        self.labelling.mark(Segment(uuid.uuid4().hex, who, start, stop, 0.0, "marked", prediction, chosen="person"))
        self._show_notice(texts.marked(stop - start))

    def show_eeg_figures(self) -> None:
        """Open the window on what EEG tells by itself, or close it."""
        if self.eeg_window is None:
            from app.panels.eeg_window import EegWindow  # pyqtgraph: a window without it opens sooner

            key = next(key for key in self.keys if key.act == Act.EEG_FIGURES)
            self.eeg_window = EegWindow(self.view.figures, self.theme, key.sequences, key.hint)
            self.view.figures_changed.connect(self._refresh_figures)
        if self.eeg_window.isVisible():
            self.eeg_window.close()
        else:
            self.eeg_window.figures = self.view.figures
            self.eeg_window.refresh()
            self.eeg_window.show()
            self.eeg_window.activateWindow()

    def _refresh_figures(self) -> None:
        if self.eeg_window is not None and self.eeg_window.isVisible():
            self.eeg_window.figures = self.view.figures  # of whoever is shown now
            self.eeg_window.refresh()

    def ask_for_neutral(self) -> None:
        """Ask the participant who is shown to relax the face, anew if it was asked before."""
        if self._replay is None and not self.view.neutral.begin(self.participant):
            self._show_notice(texts.NO_FACE_TO_RELAX)

    def _tell(self, notice: Notice) -> None:
        """Show a notice; of a neutral face that is to be shown anew also by which key, where one is asked for it."""
        if self._replay is None and notice.text.endswith(REMEDY):
            notice = replace(notice, text=texts.by_key(notice.text, hint(Act.NEUTRAL_FACE, self.keys)))
        self.status.notice_given(notice)

    def _show_neutral(self, face: NeutralFace) -> None:
        self.view.neutral.know(face.participant)
        is_old = face.stop < self.view.data_time - _NEWS_S  # as behind a moment of a recording that one goes to
        are_several = self.view.people.are_several
        if not (is_old or face.kept_from) and (are_several or face.participant == self.participant):
            key = hint(Act.NEUTRAL_FACE, self.keys) if self._replay is None else ""
            self._show_notice(texts.neutral_read(face, key, are_several))

    def set_zen(self, zen: bool) -> None:
        """Show the labelling alone, large, or everything."""
        self._zen = zen
        self._show_parts()

    def _show_parts(self) -> None:
        """Show the view and the queue beside each other; one of them alone where there is no room for both."""
        self.view.setVisible(not self._zen)
        self._labelling_panel.setVisible(self._zen or not self._is_narrow)
        self.labelling.set_wide(self._zen and not self._is_narrow)
        self._fit_labelling()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Grow the type with the window, in steps, once it rests."""
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW_PX
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self.state.set_narrow(is_narrow)
            self._tools.set_narrow(is_narrow)
            self._show_parts()
        if self.isVisible():
            self._rest.start()
        else:
            self._fit_type()
        if self.sheet.isVisible():
            self.sheet.setGeometry(self._whole.rect())
        self.question.fit()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Ask first if somebody closes a window that records; the session is not the window's to end."""
        if event is not None and event.spontaneous() and not self._may_stop():
            event.ignore()
            return
        super().closeEvent(event)
        self.teach_bar.stop()
        if self.eeg_window is not None:
            self.eeg_window.close()
        self.closed.emit()

    @property
    def was_stopped(self) -> bool:
        """Whether somebody has said that the recording is to stop."""
        return self._stops

    def close_if_agreed(self) -> None:
        """Close the window, and with it the session, unless whoever is asked would rather keep recording."""
        if self._may_stop():
            self.close()

    def _may_stop(self) -> bool:
        """Return whether the window may close now; ask if it records, and close it if the answer is to stop."""
        if self._stops or (recorded := self.status.recorded_s()) is None:
            return True
        asked = texts.stop_question(self.participant, recorded)
        self.question.ask(asked, texts.KEEP_GOING, f"{texts.STOP}  {hint(Act.STOP, self.keys)}", self._stop)
        return False

    def _stop(self) -> None:
        self._stops = True
        self.close()

    def _begin(self, shown: ShownSession) -> None:
        """Show what is known before the first message comes."""
        self.labelling.annotation.remember(shown.known)
        self.labelling.annotation.markers = shown.markers
        self.labelling.said_of = shown.said
        if shown.nearby is not None:
            self.view.offer(shown.nearby)
        if shown.lost is not None:
            self.view.offer_back(shown.lost)
        if shown.footage is not None:
            self.labelling.clips.read_from(shown.footage)
        self.status.loading = shown.loading is not None
        if shown.asked_by:
            tools = self._tools  # there is no view to go to, nor anyone to be shown in it
            tools.leave_out(tools.eeg, tools.people, tools.one, tools.label)
        if shown.asked_by or shown.teaching is None:
            self._tools.leave_out(self._tools.teach)
        if shown.replay is not None or not shown.recorded:
            self._tools.offer_to_close(texts.CLOSE, texts.CLOSE_TEXT)
        if self.replay_bar is not None:
            self.status.mode = "replaying"
            for answer in shown.known:
                self.replay_bar.show_label(answer)
        elif not shown.recorded:
            self.status.mode = "looking"
        if shown.asked_by:  # open for the questions of a recording, and for nothing else
            self._tools.offer_to_close(texts.DONE, texts.DONE_TEXT)
            self.status.begin_labelling(shown.reading)
            self.labelling.arrange(Order.SCORE if shown.said else Order.MIXED)
            self.view.axis.clock = None
            self.set_zen(True)

    def _connect(self, bridge: Bridge) -> None:
        # The status first, the view second, the sentence last: it tells of what the others have taken.
        bridge.stream_found.connect(self.status.stream_found)
        bridge.notice_given.connect(self._tell)
        if self._replay is None:  # a recording that stands still, or has come to its end, has lost nothing
            bridge.stream_measured.connect(self.status.stream_measured)
            bridge.stream_measured.connect(self.view.show_health)
            bridge.lag_measured.connect(self.status.lag_measured)
            bridge.pace_set.connect(self.status.pace_set)
        bridge.recording_measured.connect(self.status.recording_measured)
        bridge.fault_raised.connect(self.status.fault_raised)
        bridge.session_ended.connect(lambda _: self._end())
        self.view.participant_found.connect(self._tools.add_participant)
        self.view.person_wanted.connect(self._tools.people.setCurrentText)
        bridge.model_loaded.connect(self._know_loaded)
        self.view.listen(bridge)
        bridge.prediction_made.connect(self._show_prediction)
        bridge.segment_asked.connect(self.labelling.offer)
        bridge.label_kept.connect(self.labelling.kept)
        bridge.rating_kept.connect(self.labelling.rating_kept)
        bridge.neutral_read.connect(self._show_neutral)
        bridge.model_changed.connect(self.teach_bar.show_change)
        bridge.model_changed.connect(lambda _: self.setWindowTitle(texts.TITLE))  # it named the model before
        bridge.notice_given.connect(self._go_where_sought)
        bridge.label_refused.connect(self.status.label_refused)
        bridge.label_refused.connect(self.labelling.refused)
        if self.replay_bar is not None:
            bridge.label_kept.connect(self.replay_bar.show_label)
            bridge.notice_given.connect(self.replay_bar.show_notice)
            self.replay_bar.marker_found.connect(self.view.marks.show_marker)
            self.replay_bar.wanted.connect(self.act)
            self.replay_bar.sought.connect(bridge.skip_to_seek)

    def _end(self) -> None:
        self.status.end()
        self.view.axis.clock = None
        self.refresh()

    def _know_loaded(self, _: object) -> None:
        self.status.loading = False
        self.refresh()

    def _show_prediction(self, prediction: Prediction) -> None:
        if self._replay is None or prediction.model != self._replay.rival:
            self.status.prediction_made(prediction)
        if self.replay_bar is not None:
            self.replay_bar.show_prediction(prediction)
        if prediction.participant == self.participant:
            self.refresh()

    def _go_where_sought(self, notice: Notice) -> None:
        if notice.kind == "seek" and self.replay_bar is not None and self._replay is not None:
            self.view.go_elsewhere(notice.time)
            for label in self.replay_bar.session_overview.labels:
                self.view.marks.show_label(label)
            for start, stop in self.replay_bar.session_overview.gaps:
                self.view.marks.show_gap(start, stop)
            recorded = self.replay_bar.before(notice.time, DURATIONS[-1])
            self.view.show_recorded(recorded)
            for last in recorded[-1:]:
                self.status.prediction_made(last)
            if notice.time > self._replay.player.span[0]:
                self.view.marks.show_seam(notice.time)

    def _hide_asked(self, segment: Segment | None) -> None:
        blind = self.labelling.annotation.blind
        self.view.mark_asked(segment, blind)
        if blind and self.labelling.rating.running:
            self.view.hide_span()
        if self.replay_bar is not None:
            self.replay_bar.overview.hide_span(self.view.hidden)

    def _save_view(self) -> None:
        save = lambda path: save_view(self._whole, path)  # noqa: E731
        self._show_notice(ask_where_to_save(self, texts.SAVE_VIEW_TITLE, "insula.png", texts.PICTURES, save))

    def _save_numbers(self) -> None:
        if (bar := self.replay_bar) is not None:
            save = lambda path: save_numbers(bar.numbers(), path)  # noqa: E731
            self._show_notice(ask_where_to_save(self, texts.SAVE_NUMBERS_TITLE, "predictions.tsv", texts.TABLES, save))

    def _show_notice(self, text: str) -> None:
        """Say something that was asked for, for some seconds."""
        if text:
            self.status.notice_given(Notice("", math.nan, "info", text))

    def _set_private(self, private: bool) -> None:
        self.view.set_private(private)
        self.labelling.clips.set_private(private)

    def _escape(self) -> None:
        if self.sheet.isVisible():
            self.sheet.hide()
        elif self.view.neutral.running:
            self.view.neutral.skip()
            self.video.ask(None)
        elif self.labelling.rating.running:
            self.labelling.toggle_rating()
        elif self.isFullScreen():
            self.showNormal()

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _make_tools(self) -> Toolbar:
        tools = Toolbar(self.keys, self.labelling.annotation.blind)
        tools.chosen.connect(self.view.choose)
        tools.chosen.connect(lambda _: self._hide_asked(self.labelling.annotation.current))
        tools.chosen.connect(self.teach_bar.offer)
        if self._replay is not None and self.replay_bar is not None:
            tools.chosen.connect(self.replay_bar.choose)
            self.view.axis.zero = self._replay.player.span[0]
        tools.blinded.connect(self.labelling.set_blind)
        tools.private.toggled.connect(self._set_private)
        tools.wanted.connect(self.act)
        self.state.tools.addWidget(tools)
        return tools

    def _make_labelling(self, shown: ShownSession) -> LabellingPanel:
        label, classes, now = shown.label, asked(shown.classes, shown.label), shown.clock
        answer = shown.answer if shown.recorded else self._let_go
        annotation = AnnotationSession(label.annotator, scheme(classes, label), now, cast(Role, label.role))
        annotation.blind, annotation.auto_advance = label.blind, label.auto_advance
        view = self.view
        live = lambda: (view.participant, view.data_time, self.replay_bar.speed if self.replay_bar is not None else 1.0)  # noqa: E731
        labelling = LabellingPanel(annotation, classes, answer, view.cut, self.keys, label, live, now)
        labelling.asked.connect(self._hide_asked)
        labelling.rating_changed.connect(lambda _: self._hide_asked(labelling.annotation.current))
        labelling.has_face = view.has_camera
        view.clip_grown.connect(labelling.clips.cut_again)
        return labelling

    def _let_go(self, given: Label | Rating) -> None:
        """Go on after an answer that nobody keeps, which `AnswerOutbox.recorded` says of it."""
        # Later, as from a disk: the desk is still giving it out.
        if isinstance(given, Label):
            QTimer.singleShot(0, lambda: self.labelling.kept(given))
        else:
            QTimer.singleShot(0, lambda: self.labelling.rating_kept(given))

    def _make_shortcuts(self) -> None:
        for key in self.keys:
            for sequence in key.sequences:
                shortcut = QShortcut(QKeySequence(sequence), self)
                shortcut.setAutoRepeat(key.act != Act.STOP)  # held down it would answer its own question
                shortcut.activated.connect(lambda act=key.act: self.act(act))

    def _lay_out(self) -> None:
        self._labelling_panel = Panel(texts.LABELLING, self.labelling)
        self._body = QHBoxLayout()
        self._body.addWidget(self.view, 1)
        self._body.addWidget(self._labelling_panel)
        self._whole = QWidget()
        self._whole.setObjectName("window")
        self._outer = QVBoxLayout(self._whole)
        self._outer.addWidget(self.state)
        self._outer.addWidget(self.teach_bar)
        self._outer.addLayout(self._body, 1)
        if self.replay_bar is not None:
            self.view.hide_streams()
            self._replay_panel = Panel(texts.SESSION, self.replay_bar)
            self._outer.addWidget(self._replay_panel)
        self.setCentralWidget(self._whole)
        # No button has the focus at first: keys act on the queue until someone tabs to a button.
        self._whole.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._whole.setFocus()

    def _fit_type(self) -> None:
        scale, headline = roomy_scale(self.width(), self.height())
        self.set_theme(replace(self.theme, scale=scale, headline=headline))
        self._fit_labelling()

    def _apply_theme(self) -> None:
        theme = self.theme
        if theme == self._worn:
            return
        if self._worn is None:
            self.setStyleSheet(theme.stylesheet())
        else:
            self._styled.emit(theme.stylesheet())
        self._worn = theme
        if self.eeg_window is not None:
            self.eeg_window.apply_theme(theme)
        for layout in (self._body, self._outer):
            layout.setSpacing(theme.px(10))
        self._outer.setContentsMargins(theme.px(14), theme.px(12), theme.px(14), theme.px(14))
        self._fit_labelling()
        if self.replay_bar is not None:
            self._replay_panel.setFixedHeight(theme.px(158))
        for widget in self.findChildren(QWidget):
            if isinstance(widget, _DRESSED):
                widget.apply_theme(theme)

    def _fit_labelling(self) -> None:
        if self._is_narrow:
            self._labelling_panel.setMinimumWidth(0)
            self._labelling_panel.setMaximumWidth(16_777_215)
            return
        wide = self.theme.px(_LABEL_PX) + max(0, self.width() - self.theme.px(_USUAL_PX)) // _LABEL_SHARE
        self._labelling_panel.setMinimumWidth(wide)
        self._labelling_panel.setMaximumWidth(16_777_215 if self._zen else wide)
