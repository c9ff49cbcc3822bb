"""The labelling queue: one moment at a time, every answer by one key, on disk before the next one shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app import texts
from app.labelling.annotation_session import AnnotationSession, Answer, Marks, Order
from app.labelling.answer_buttons import AnswerButtons
from app.labelling.answer_outbox import AnswerOutbox, models_view
from app.labelling.clip_player import ClipPlayer
from app.labelling.clip_view import ClipView
from app.labelling.clips import Clip
from app.labelling.more_options import MoreOptions
from app.labelling.nothing_asked import NothingAsked
from app.labelling.playback_buttons import PlaybackButtons
from app.labelling.queue_progress import QueueProgress
from app.labelling.rating_panel import RatingPanel
from app.ui.keys import Act, Key, hint
from app.ui.people import People
from app.ui.plain import PlainLabel
from app.ui.theme import Theme
from core.config import LabelConfig
from core.data import Label, LabelRefused, Rating, Role, Segment
from core.label_scheme import own_scales

_SECOND_LOOK_MS = 250
_PLAYING = (Act.PLAY, Act.FRAME_BACK, Act.FRAME_ON, Act.SLOWER, Act.FASTER, Act.ONLY_FACE, Act.ONLY_EEG)
_FOR_PICTURES_S = 1.0
"""An answer by the face is not taken before its pictures are there, but nobody waits for them longer than this."""
_REPLY_PX = 420
"""Width of the answers where they stand beside the moment."""


class LabellingPanel(QWidget):
    """What is asked, the moment itself, and the answers with their keys.

    Parameters
    ----------
    annotation
        Which segment is asked and what was answered.
    classes
        The answers on the keys 1, 2, ...
    answer
        Sends a label or rating to be kept; it must come back through `kept` or `rating_kept`.
    cut
        Gives the clip of a segment.
    keys
        The keys that are printed.
    config
        How it begins.
    live
        Gives participant, newest data time and speed of what plays in the window, for continuous ratings.
    now
        The clock that stamps ratings, s, LSL clock.
    """

    asked = pyqtSignal(object)
    """The segment that is shown from now on, None if there is none."""
    rating_changed = pyqtSignal(bool)
    """Whether a continuous rating is under way."""

    def __init__(
        self,
        annotation: AnnotationSession,
        classes: tuple[str, ...],
        answer: Callable[[Label | Rating], None],
        cut: Callable[[Segment], Clip],
        keys: tuple[Key, ...],
        config: LabelConfig,
        live: Callable[[], tuple[str, float, float]],
        now: Callable[[], float],
    ) -> None:
        super().__init__()
        self.annotation = annotation
        self.playback = ClipView()
        self.outbox = AnswerOutbox(annotation, answer)
        self.clips = ClipPlayer(self.playback, cut)
        self._answer = answer
        self.has_face: Callable[[str], bool] = lambda _: True
        """Whether there is a camera on a participant."""
        self.people = People()
        """Who takes part: of several it is said whom a moment is of, in their colour and by name."""
        self._marks: dict[str, Segment] = {}
        """What was marked and is not on disk yet, by the label that says so."""
        self._split: dict[str, Segment] = {}
        """What was split into parts that are not all on disk yet, by the label that says so of a part."""
        self._join: dict[str, Segment] = {}
        """What is to be one again, by the label that takes a part back."""
        self._shown: Segment | None = None
        self._said = ""
        """What was done to the moment that is shown."""
        self._was_early = False
        """Whether an answer to it was not taken, since its pictures were not there yet."""
        self._role: Role = annotation.role
        """As what is answered where there is a face to be seen."""
        self._chose_role = annotation.role == "adjudicator"
        self.said_of: Mapping[str, str] = {}
        """From a segment to what others said of it, where somebody decides between them."""
        printed = partial(hint, keys=keys)
        self.progress = QueueProgress()
        self.transport = PlaybackButtons(self.playback, keys)
        self._classes = classes
        self.answers = AnswerButtons(classes, config.scale, printed, own_scales(config.scales))
        self.more = MoreOptions(
            annotation.annotator, annotation.role, annotation.auto_advance, printed, self.answers.buttons["mixture"]
        )
        self.rating = RatingPanel(config, annotation, self.playback, answer, live, now, printed)
        self.more.role.setEnabled(annotation.role != "adjudicator")
        self._question = _label("question", texts.QUESTIONS)
        self._because = _label("note")
        self._message = _label("note")
        self.nothing = NothingAsked(printed)
        self._theme, self._wide = self.playback.theme, False
        self._watch, self._reply = QWidget(), QWidget()
        self._outer, self._asking = QVBoxLayout(self), QVBoxLayout()
        self._watching, self._replying = QVBoxLayout(self._watch), QVBoxLayout()
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._pages, self._whole = QStackedLayout(self._reply), QStackedLayout()
        self._connect()
        self._lay_out()
        timer = QTimer(self)
        timer.timeout.connect(self._show_progress)
        timer.start(_SECOND_LOOK_MS)
        self.refresh()

    @property
    def buttons(self) -> dict[str, QWidget]:
        """Every button that answers, by its act or class."""
        return dict(self.answers.buttons)

    def offer(self, segment: Segment) -> None:
        """Take a segment, with what can be shown again of it."""
        shown = self.annotation.current
        self.people.know(segment.participant)
        self.clips.offer(segment)
        self.annotation.offer(segment)
        if self.annotation.current is not shown:
            self.refresh()
        elif self.annotation.upcoming is segment:
            self.clips.expect(segment)

    def mark(self, segment: Segment) -> None:
        """Have a segment kept that a person marked; it is asked about once that is on disk."""
        label = self.annotation.mark(segment)
        self._marks[label.uid] = segment
        self._answer(label)

    def arrange(self, order: Order) -> None:
        """Have the moments come in another order."""
        self.annotation.arrange(order)
        self.more.order.choose(order)
        self._shown = None
        self.refresh()

    def set_empty_text(self, text: str) -> None:
        """Say what there is to know while nothing is asked and nothing plays that could be rated."""
        self.nothing.words.setText(text)
        self.nothing.can_rate = False
        self._show_progress()

    def kept(self, label: Label) -> None:
        """Take a label that is on disk; the next segment shows now."""
        if (marked := self._marks.pop(label.uid, None)) is not None:
            self.offer(marked)
            self._leave_split(label)
            return
        if (whole := self._join.pop(label.uid, None)) is not None:
            self._end_join(label, whole)
            return
        self.outbox.kept()
        self.clips.done(label.segment)
        if self.annotation.kept(label) and self.annotation.resting is None:
            self._shown = None
        self.refresh()

    def rating_kept(self, piece: Rating) -> None:
        """Take a piece of a rating that is on disk."""
        self.rating.kept(piece)

    def refused(self, refused: LabelRefused) -> None:
        """Say why an answer is not on disk, as long as one is missing there."""
        self.outbox.refused(refused.text)
        self._show_progress()

    def act(self, name: str) -> None:
        """Do what a key or button stands for: an `Act`, or a class that is the answer.

        Raises
        ------
        ValueError
            It is neither. Nothing is answered.
        """
        acts: dict[str, Callable[[], object]] = {
            Act.UNDO: lambda: self._send(self.annotation.undo()),
            Act.REDO: lambda: self._send(self.annotation.redo()),
            Act.UNSKIP: lambda: self._send(self.annotation.unskip()),
            Act.SAVE: self._save,
            Act.CONFIDENCE: self._more_confident,
            Act.NOTE: self._write_note,
            Act.MORE: lambda: self._open_more(not self.more.isVisible()),
            Act.RATE: self.toggle_rating,
            Act.ORDER: self._next_order,
            Act.MIXTURE: self._mix,
            Act.SPLIT: self.split,
            Act.JOIN: self.join,
            Act.BEGINS: lambda: self.trim(start=self.playback.time),
            Act.ENDS: lambda: self.trim(stop=self.playback.time),
            Act.BLIND: lambda: self.set_blind(not self.annotation.blind),
            Act.VALENCE_DOWN: lambda: self._nudge("valence", -1),
            Act.VALENCE_UP: lambda: self._nudge("valence", 1),
            Act.AROUSAL_DOWN: lambda: self._nudge("arousal", -1),
            Act.AROUSAL_UP: lambda: self._nudge("arousal", 1),
        }
        if name in _PLAYING:
            self.transport.act(name)
        elif self.rating.running and name not in ("rate", "blind"):
            return  # a hand that holds the mark must not answer by accident
        elif name in acts:
            acts[name]()
        elif name in (Act.CANNOT_TELL, Act.ARTEFACT, Act.NO_FACE, Act.SKIP):
            self._give(cast(Answer, name))
        elif name in self._classes:
            self.choose(name)
        else:
            Act(name)  # an act that is done elsewhere, or not now; what is none raises

    def choose(self, label: str) -> None:
        """Answer with a class, or give it one more share of a mixture."""
        if not self.answers.mixes:
            self._give("label", label)
        elif self.annotation.ready:
            self.answers.add_share(label)

    def trim(self, start: float | None = None, stop: float | None = None) -> None:
        """Have the moment that is shown begin or end elsewhere, s, LSL clock."""
        shown = self.annotation.current
        if shown is None:
            return
        first, last = shown.start if start is None else start, shown.stop if stop is None else stop
        if self.annotation.trim(first, last):
            self._shown = self.annotation.current
            self.playback.show_asked((first, last))
            self._said = texts.trimmed(last - first)
            self.asked.emit(self._shown)
        else:
            self._said = texts.TOO_SHORT
        self._show_progress()

    def split(self) -> None:
        """Make two moments of the one that is shown, where the playback is; both are kept before they are asked."""
        whole, parts = self.annotation.current, self.annotation.split(self.playback.time)
        if whole is None or parts is None:
            self._said = texts.TOO_SHORT if whole is not None else ""
            self._show_progress()
            return
        for part in parts:
            label = self.annotation.mark(part)
            self._marks[label.uid], self._split[label.uid] = part, whole
            self._answer(label)

    def join(self) -> None:
        """Make the moment of which a part is shown one again; that is kept before it is asked."""
        whole, labels = self.annotation.whole, self.annotation.join()
        self._said = "" if labels else texts.PART_ANSWERED if whole is not None else texts.NOT_SPLIT
        if whole is not None and whole not in self._join.values():
            for label in labels:
                self._join[label.uid] = whole
                self._answer(label)
        self._show_progress()

    def _end_join(self, label: Label, whole: Segment) -> None:
        """Ask about the whole in place of its parts, once all that takes them back is on disk."""
        self.annotation.kept(label)
        if whole not in self._join.values():
            self.annotation.join_up(whole)
            self.clips.offer(whole)
            self._shown = None
            self.refresh()
            self._said = texts.JOINED
            self._show_progress()

    def _leave_split(self, label: Label) -> None:
        """Ask about the parts in place of the whole, once all of them are on disk."""
        whole = self._split.pop(label.uid, None)
        if whole is not None and whole not in self._split.values():
            self.annotation.leave(whole)
            self._shown = None
            self.refresh()
            self._said = texts.SPLIT_DONE
            self._show_progress()

    def _mix(self) -> None:
        if self.annotation.ready:
            self.answers.set_mixes(not self.answers.mixes)

    def set_blind(self, blind: bool) -> None:
        """Hide what the model thinks of a moment until it is answered, or show it."""
        self.annotation.blind = blind
        self.asked.emit(self.annotation.current)
        self._show_progress()

    def set_wide(self, wide: bool) -> None:
        """Stand the answers beside the moment, where there is room, or under it."""
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._wide = wide
        self._open_more(wide)
        self._fit()

    def toggle_rating(self) -> None:
        """Begin a continuous rating, or end it."""
        if self.rating.running:
            self.rating.stop()
        elif not self.nothing.can_rate and self.annotation.current is None and self.annotation.resting is None:
            return
        else:
            self._pages.setCurrentIndex(1)
            self.rating.start()
        self.rating_changed.emit(self.rating.running)
        self.refresh()

    def _asks_about(self, segment: Segment | None) -> str:
        """Return what is asked: EEG shows nobody what a person feels, so without a face they are asked themselves."""
        if self.annotation.role == "adjudicator":
            return texts.QUESTION_ADJUDICATE
        unseen = segment is not None and not self.has_face(segment.participant)
        if self.annotation.role == "self":
            return texts.QUESTION_FELT_UNSEEN if unseen else texts.QUESTION_FELT
        return texts.QUESTION_UNSEEN if unseen else texts.QUESTIONS

    def _show_question(self, segment: Segment | None) -> None:
        """Show what is asked, of several people with the name and colour of whom it is about."""
        asked, band = self._asks_about(segment), ""
        if segment is not None and self.people.are_several:
            asked = texts.of_whom(segment.participant, asked)
            color, wide = self.people.color(segment.participant, self._theme), self._theme.px(6)
            band = f"QLabel#question {{ border-left: {wide}px solid {color}; padding-left: {wide}px; }}"
        self._question.setText(asked)
        if self._question.styleSheet() != band:
            self._question.setStyleSheet(band)

    def _fit_role(self, segment: Segment) -> None:
        """Have a person who is not seen answer for themselves, and others as before, until somebody says otherwise."""
        wanted: Role = self._role if self.has_face(segment.participant) else "self"
        if wanted != self.annotation.role and not self._chose_role:
            self.annotation.role = wanted
            self.more.role.choose(wanted)

    def refresh(self) -> None:
        """Show the segment that is asked about."""
        segment = self.annotation.current
        resting = self.annotation.resting is not None
        something = segment is not None or resting
        if segment is not None and segment is not self._shown:
            self._fit_role(segment)
        self._whole.setCurrentIndex(1 if something or self.rating.running else 0)
        self._pages.setCurrentIndex(1 if self.rating.running else 0)
        self._watch.setVisible(something)
        self._show_question(segment)
        roomy = self.rating.running and not self._wide  # the field of a rating takes what the moment leaves
        self._columns.setStretch(0, 2 if roomy else 1)
        self._columns.setStretch(1, 3 if roomy else 0)
        if not resting and (segment is not self._shown or segment is None):
            self._shown = segment
            self.answers.show_answer(self.annotation.draft)
            self.more.note.setText(self.annotation.draft.note if self.annotation.draft is not None else "")
            self._said, self._was_early = "", False
            self.playback.expects_picture = segment is not None and self.has_face(segment.participant)
            self.clips.show(segment, self.annotation.upcoming)
            self.playback.show_asked((segment.start, segment.stop) if segment is not None else None)
            self.asked.emit(segment)
        elif resting:
            self.asked.emit(None)
        self._show_progress()

    def leave_field(self) -> bool:
        """Leave a line of text that has the focus; return whether one had it."""
        if not (self.more.note.hasFocus() or self.more.annotator.hasFocus()):
            return False
        self.setFocus()
        return True

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._theme = theme
        for layout in (self._outer, self._asking, self._watching, self._replying):
            layout.setSpacing(theme.px(8))
        self._columns.setSpacing(theme.px(8))
        self.nothing.apply_theme(theme)
        self._fit()

    def _fit(self) -> None:
        theme, wide = self._theme, self._wide
        self.playback.setMinimumHeight(theme.px(90))
        self.playback.setMaximumHeight(16_777_215 if wide else theme.px(560))
        self._reply.setFixedWidth(theme.px(_REPLY_PX)) if wide else self._reply.setMinimumWidth(0)
        if not wide:
            self._reply.setMaximumWidth(16_777_215)
        self._columns.setSpacing(theme.px(24 if wide else 8))
        self._message.setMinimumHeight(theme.px(34))

    @property
    def _waits_for_pictures(self) -> bool:
        """Whether what is to be judged by the face cannot be seen yet, and soon can."""
        segment = self.annotation.current
        is_by_face = segment is not None and self.annotation.role != "self" and self.has_face(segment.participant)
        return is_by_face and self.playback.awaits_picture and self.annotation.shown_for < _FOR_PICTURES_S

    def _give(self, answer: Answer, label: str = "") -> None:
        if answer != "skip" and self._waits_for_pictures:
            self._was_early = True
            self._show_progress()
            return
        note = self.more.note.text().strip()
        shares = self.answers.shares if answer == "label" else ()
        marks = Marks(
            *self.answers.scales.values,
            confidence=self.answers.confidence,
            note=note,
            n_plays=self.playback.n_plays,
            shares=shares,
            scales=self.answers.own_values,
        )
        self._send(self.annotation.answer(answer, label, marks))

    def _save(self) -> None:
        if self.annotation.advance():
            self._shown = None
            self.refresh()
        elif self.answers.is_set:
            self._give("label", self.answers.first)

    def _send(self, label: Label | None) -> None:
        self.outbox.send(label)
        self._show_progress()

    def _answer_as(self, role: str) -> None:
        self.annotation.role, self._chose_role = cast(Role, role), True
        self._show_question(self.annotation.current)

    def _next_order(self) -> None:
        orders = list(Order)
        self.arrange(orders[(orders.index(self.annotation.order) + 1) % len(orders)])

    def _nudge(self, scale: str, steps: int) -> None:
        if self.annotation.ready:
            self.answers.nudge("valence" if scale == "valence" else "arousal", steps)

    def _more_confident(self) -> None:
        if self.annotation.ready:
            self.answers.more_confident()

    def _open_more(self, open_: bool) -> None:
        self.more.setVisible(open_)
        self.answers.buttons["more"].setChecked(open_)

    def _write_note(self) -> None:
        self._open_more(True)
        self.more.note.setFocus()
        self.more.note.selectAll()

    def _rename(self) -> None:
        name = self.more.annotator.text().strip()
        if name and name != self.annotation.annotator and self.annotation.hand_over(name):
            self._shown = None
            self.refresh()
        self.more.annotator.setText(self.annotation.annotator)

    def _show_progress(self) -> None:
        """Bring words and buttons up to date."""
        annotation = self.annotation
        self.outbox.send_overdue()
        early = texts.PICTURES_COME if self._was_early and self._waits_for_pictures else ""
        self._message.setText(early or self._said or self.outbox.words())
        segment = annotation.current
        said = self.said_of.get(segment.uid, "") if segment is not None else ""
        view = models_view(segment) if segment is not None and not annotation.blind and not said else said
        self._because.setVisible(bool(view))
        if segment is not None:
            self._because.setText(view)
        free = annotation.pending is None
        resting = annotation.resting is not None
        self.answers.buttons["save"].setText(texts.NEXT if resting else texts.SAVE)
        can = {
            "undo": free and annotation.last is not None,
            "redo": free and annotation.n_undone > 0,
            "unskip": free and annotation.n_skipped > 0,
            "save": resting or (annotation.ready and self.answers.is_set),
            "more": True,
        }
        self.answers.enable(annotation.ready, can)
        self.nothing.show_acts(can)
        self.progress.show_progress(annotation.n_done, annotation.n_waiting)

    def _connect(self) -> None:
        self.answers.asked.connect(self.act)
        self.answers.changed.connect(self._show_progress)
        self.more.rate.clicked.connect(self.toggle_rating)
        self.nothing.asked.connect(self.act)
        self.rating.left.connect(self.toggle_rating)
        self.more.asked.connect(self.act)
        self.playback.edges_moved.connect(self.trim)
        for field in (self.more.note, self.more.annotator):
            field.returnPressed.connect(self.leave_field)
        self.more.annotator.editingFinished.connect(self._rename)
        self.more.role.changed.connect(self._answer_as)
        self.more.order.changed.connect(lambda order: self.arrange(Order(order)))
        self.more.advance.changed.connect(lambda how: setattr(self.annotation, "auto_advance", how == "itself"))

    def _lay_out(self) -> None:
        for widget in (self._question, self.playback, self.transport):
            self._watching.addWidget(widget, int(widget is self.playback))
        for each in (self._because, self.answers, self.more):
            self._replying.addWidget(each)
        self._replying.addStretch(1)
        self.more.hide()
        answering, asking = QWidget(), QWidget()
        answering.setLayout(self._replying)
        asking.setLayout(self._asking)
        self._pages.addWidget(answering)
        self._pages.addWidget(self.rating)
        self._columns.addWidget(self._watch, 1)
        self._columns.addWidget(self._reply)
        self._asking.addWidget(self.progress)
        self._asking.addLayout(self._columns, 1)
        self._whole.addWidget(self.nothing)
        self._whole.addWidget(asking)
        self._outer.addLayout(self._whole, 1)
        self._outer.addWidget(self._message)
        for layout in (self._outer, self._watching, self._replying, self._asking):
            layout.setContentsMargins(0, 0, 0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)


def _label(name: str, text: str = "") -> PlainLabel:
    label = PlainLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
