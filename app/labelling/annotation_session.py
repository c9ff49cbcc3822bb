"""One annotator's labelling: which segment is shown, what was answered, and what is on disk. No Qt."""

from __future__ import annotations

import statistics
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from core.active.moments import is_part, part_of
from core.data import Label, Role, Segment
from core.label_rules import covers, standing

Answer = Literal["label", "cannot tell", "artefact", "no face", "skip"]
Act = Answer | Literal["undo", "marked"]
SHORTEST_S = 0.5
"""No moment is trimmed or split to less: nothing could be seen of it."""
PATIENCE = 2.0
"""Seconds after which an answer that has not come back as kept is told to be late."""
_PACE = 20
"""The last so many answers tell how long the rest will take."""


class Order(StrEnum):
    """Which of the segments that wait comes next; one that a person marked always does."""

    MIXED = "mixed"
    """In turn the one most worth a label and two by lot, as a session asks while it runs: what is learnt from those
    most worth it alone need not hold for the others."""
    SCORE = "score"
    """The one most worth a label."""
    TIME = "time"
    """The earliest."""
    RANDOM = "random"
    """One drawn by lot, the same for every annotator."""
    MARKERS = "markers"
    """The one nearest to a marker of another program."""


@dataclass(frozen=True)
class Marks:
    """What goes with an answer besides its class; NaN where the annotator set nothing."""

    valence: float = float("nan")
    arousal: float = float("nan")
    confidence: float = float("nan")
    note: str = ""
    n_plays: int = 0
    shares: tuple[tuple[str, float], ...] = ()
    """Of a soft answer, the most first."""
    scales: tuple[tuple[str, float], ...] = ()
    """Values on the study's own scales."""


class AnnotationSession:
    """Hands out one segment at a time and goes on only when the answer has come back from the disk.

    Answers of other annotators do not count: a session can be labelled by several people. What an annotator's own
    answer covers is not asked about again, though it may be called a moment of its own.

    Parameters
    ----------
    annotator
        Who answers.
    scheme
        Name of the set of classes and of the scales.
    now
        The clock that stamps answers, s, LSL clock.
    role
        As what the annotator answers.
    """

    def __init__(self, annotator: str, scheme: str, now: Callable[[], float], role: Role = "observer") -> None:
        self.annotator = annotator
        self.role: Role = role
        self._scheme = scheme
        self._now = now
        self._seen: dict[str, Segment] = {}
        self._known: dict[str, Label] = {}
        """All answers of all annotators, in the order in which they were kept."""
        self._rank: dict[str, int] = {}
        self._pending_since = 0.0
        self._shown_since = 0.0
        self.pending: Label | None = None
        self._marked: dict[str, Label] = {}
        """From a segment that a person marked or split off to the label that says so."""
        self.order = Order.SCORE
        self.markers: Sequence[float] = ()
        """When other programs said something, s, LSL clock; for `Order.MARKERS`."""
        self.blind = True
        self.auto_advance = True
        self._clear()

    def _clear(self) -> None:
        """Begin with nothing to show."""
        self._queue: list[Segment] = []
        self._covered: dict[str, Segment] = {}
        """What an own answer to another segment covers."""
        self._split: dict[str, Segment] = {}
        """What is asked about in its parts."""
        self._stands: dict[str, Label] = {}
        self._gone: set[str] = set()
        self._done: list[tuple[Segment, Label]] = []
        self._undone: list[Label] = []
        self._upcoming: Segment | None = None
        self._n_others: int | None = None
        """None once an answer has come: it is counted when asked for."""
        self._knows_upcoming = False
        """False once what waits, or its order, may have changed: it is looked for again when asked for."""
        self.current: Segment | None = None
        self.resting: tuple[Segment, Label] | None = None
        """Without `auto_advance`: the segment that is answered and still shown, until `advance`."""
        self.draft: Label | None = None
        """The answer that was taken back for the segment that is shown, to be corrected."""

    @property
    def n_waiting(self) -> int:
        """How many segments wait, the one that is shown included."""
        return len(self._queue) + (self.current is not None)

    @property
    def n_done(self) -> int:
        """How many segments are answered and kept, those that are not offered yet included, skipped ones not."""
        return sum(label.answer != "skip" for label in self._stands.values())

    @property
    def n_others(self) -> int:
        """How many answers of others stand, or of the same person in another role."""
        if self._n_others is None:
            self._n_others = sum(not self._is_own(label) for label in standing(self._known.values()))
        return self._n_others

    @property
    def n_skipped(self) -> int:
        """How many segments were skipped and can be brought back."""
        return sum(label.answer == "skip" for _, label in self._done)

    @property
    def upcoming(self) -> Segment | None:
        """The segment that comes next; None if no other waits."""
        if not self._knows_upcoming:
            self._upcoming = min(self._queue, key=self._place, default=None)
            self._knows_upcoming = True
        return self._upcoming

    @property
    def n_undone(self) -> int:
        """How many answers that were taken back can be given again."""
        return len(self._undone)

    @property
    def last(self) -> tuple[Segment, Label] | None:
        """The last segment with the answer that was kept for it."""
        return self._done[-1] if self._done else None

    @property
    def time_left(self) -> float:
        """Seconds that the waiting segments take at the pace of the last answers; NaN before the third."""
        times = [label.response_time for _, label in self._done[-_PACE:] if label.response_time >= 0]
        return statistics.median(times) * self.n_waiting if len(times) > 2 else float("nan")

    @property
    def shown_for(self) -> float:
        """Seconds since the segment that is shown came."""
        return self._now() - self._shown_since

    @property
    def late(self) -> float:
        """Seconds that the answer is overdue from the disk; 0 while it is not."""
        waited = self._now() - self._pending_since
        return waited if self.pending is not None and waited > PATIENCE else 0.0

    @property
    def ready(self) -> bool:
        """Whether an answer can be given: a segment is there and no answer is on its way, or it is overdue."""
        return self.current is not None and (self.pending is None or self.late > 0)

    def hand_over(self, annotator: str) -> bool:
        """Let another annotator go on, with what they have not answered; return False while an answer is on its way."""
        if self.pending is not None:
            return False
        self.annotator = annotator
        segments, self._seen = list(self._seen.values()), {}
        self._clear()
        self.remember(list(self._known.values()))
        for segment in segments:
            self._lay(segment)
        self._next()
        return True

    def remember(self, labels: Iterable[Label]) -> None:
        """Take all answers from before, in their order: what this annotator has answered is not asked again."""
        for label in labels:
            self._kept_elsewhere(label)

    def offer(self, segment: Segment) -> None:
        """Take a segment that the model asks about; one that was seen before is not taken again."""
        if segment.uid in self._seen:
            return
        self._lay(segment)
        if self._queue and self.current is None and self.pending is None and self.resting is None:
            self._next()

    def answer(self, answer: Answer, label: str = "", marks: Marks | None = None) -> Label | None:
        """Return the label to be kept for the segment that is shown; None while an answer is on its way."""
        if not self.ready or self.current is None:
            return None
        # An answer that never came back may yet reach the disk: the new one says that it stands in its place.
        mark = self._marked.get(self.current.uid)
        replaced = self.pending.uid if self.pending is not None else mark.uid if mark is not None else ""
        self._gone.add(replaced)
        return self._send(self._made(self.current, answer, label, marks or Marks(), replaced))

    def undo(self) -> Label | None:
        """Return a label that takes the last answer back; None if there is none or an answer is on its way."""
        return self._take_back(self._done[-1]) if self._done else None

    def unskip(self) -> Label | None:
        """Return a label that brings the segment that was skipped last back; None if none was."""
        skipped = [pair for pair in self._done if pair[1].answer == "skip"]
        return self._take_back(skipped[-1]) if skipped else None

    def redo(self) -> Label | None:
        """Return a label that gives the answer again that was taken back last; None if none was."""
        if not self._undone or self.pending is not None:
            return None
        again = self._undone[-1]
        return self._send(replace(again, uid=uuid.uuid4().hex, time=self._now(), annotator=self.annotator))

    def advance(self) -> bool:
        """Leave the answered segment that is still shown; return whether there was one."""
        if self.resting is None:
            return False
        self.resting = None
        self._next()
        return True

    def arrange(self, order: Order) -> None:
        """Take up another order; the segment that is shown waits again unless an answer to it is on its way."""
        self.order = order
        self._knows_upcoming = False
        if self.current is not None and self.pending is None:
            self._wait(self.current)
            self._next()

    def trim(self, start: float, stop: float) -> bool:
        """Have the segment that is shown begin and end elsewhere; return whether it does now."""
        shown = self.current
        if shown is None or self.pending is not None or not stop - start >= SHORTEST_S:
            return False
        self.current = self._seen[shown.uid] = replace(shown, start=start, stop=stop)
        return True

    def split(self, at: float) -> tuple[Segment, Segment] | None:
        """Return the two parts of the segment that is shown, None where one would be too short; see `leave`."""
        shown = self.current
        if shown is None or self.pending is not None or min(at - shown.start, shown.stop - at) < SHORTEST_S:
            return None
        return part_of(shown, shown.start, at), part_of(shown, at, shown.stop)

    def leave(self, segment: Segment) -> None:
        """Ask no more about a segment whose parts are offered in its place; they come next."""
        self._split[segment.uid] = segment
        self._take_off(segment)
        if self.current is segment and self.pending is None:
            self._next()

    @property
    def whole(self) -> Segment | None:
        """The moment that the segment which is shown was split off; None if it was not."""
        mark = self._marked.get(self.current.uid) if self.current is not None else None
        wholes = (whole for whole in self._split.values() if mark is not None and is_part(mark, whole))
        return next(wholes, None)

    def join(self) -> list[Label]:
        """Return labels that take back that the moment of which a part is shown was split; see `join_up`.

        There are none while an answer to one of the parts stands, whoever gave it: that is taken back first.
        """
        shown, whole = self.current, self.whole
        if shown is None or whole is None or self.pending is not None:
            return []
        marks = self._parts(whole)
        if {mark.segment for mark in marks} & {label.segment for label in standing(self._known.values())}:
            return []
        parts = [replace(shown, uid=mark.segment, start=mark.start, stop=mark.stop) for mark in marks]
        return [self._made(part, "undo", "", Marks(), mark.uid) for part, mark in zip(parts, marks, strict=True)]

    def join_up(self, whole: Segment) -> None:
        """Ask about a moment again in place of its parts, once `join`'s labels are on disk."""
        for mark in self._parts(whole):
            del self._marked[mark.segment]
            part = self._seen.pop(mark.segment, None)
            self._split.pop(mark.segment, None)
            self._take_off(part)
            if part is not None and self.current is not None and self.current.uid == part.uid:
                self.current = None
        if self._split.pop(whole.uid, None) is not None:
            if self.current is not None:
                self._wait(self.current)
            self._show(whole)

    def _parts(self, whole: Segment) -> list[Label]:
        """Return the labels that split a moment, its parts' own parts included: they have no whole without it."""
        found, wholes = [], [whole]
        while wholes:
            each = wholes.pop()
            marks = [mark for mark in self._marked.values() if is_part(mark, each)]
            found += marks
            wholes += [self._split[mark.segment] for mark in marks if mark.segment in self._split]
        return found

    def mark(self, segment: Segment) -> Label:
        """Return a label that keeps a segment as one that a person wants to be asked about."""
        made = self._marked[segment.uid] = self._made(segment, "marked", "", Marks(), "")
        return made

    def kept(self, label: Label) -> bool:
        """Take a label that is on disk; return whether another segment is shown by it."""
        if label.answer == "marked":
            return False
        self._note(label)
        if label.answer == "undo" and label.supersedes in {mark.uid for mark in self._marked.values()}:
            return False  # see `join_up`
        if self.pending is None or label.uid != self.pending.uid:
            return self._kept_elsewhere(label)
        self.pending = None
        if label.answer == "undo":
            self._bring_back(label.supersedes)
            return True
        segment = self._seen[label.segment]
        self._file(segment, label)
        self._undone = [undone for undone in self._undone if undone.segment != label.segment]
        self._knows_upcoming = False
        if segment is not self.current:
            self._take_off(segment)
            return True
        self.current = None
        if self.auto_advance:
            self._next()
        else:
            self.resting = (segment, label)
        return True

    def _place(self, segment: Segment) -> tuple[bool, bool, float, float]:
        """Return where a segment stands among those that wait, lowest first."""
        # What was taken back comes first: who goes back over several answers goes forward over them again.
        was_undone = segment.uid in {label.segment for label in self._undone[-1:]}
        return not was_undone, segment.chosen != "person", self._rank_of(segment), segment.start

    def _rank_of(self, segment: Segment) -> float:
        if self.order is Order.MIXED:
            turn = (len(self._stands) + (self.current is not None)) % 3
            return float(zlib.crc32(segment.uid.encode())) if turn else -segment.score
        if self.order is Order.TIME:
            return segment.start
        if self.order is Order.RANDOM:
            return float(zlib.crc32(segment.uid.encode()))
        if self.order is Order.MARKERS:
            middle = (segment.start + segment.stop) / 2
            return min((abs(middle - marker) for marker in self.markers), default=0.0)
        return -segment.score

    def _wait(self, segment: Segment) -> None:
        """Put a segment with those that wait."""
        self._queue.append(segment)
        # Thousands are offered at once when a recording is opened: each is compared with the first alone.
        if self._knows_upcoming:
            self._upcoming = segment if self._upcoming is None else min(self._upcoming, segment, key=self._place)

    def _take_off(self, segment: Segment | None) -> None:
        """Take a segment from those that wait."""
        self._queue = [waiting for waiting in self._queue if waiting is not segment]
        self._knows_upcoming = False

    def _note(self, label: Label) -> None:
        """Know an answer, whoever gave it, and its place in the order of giving."""
        self._known.setdefault(label.uid, label)
        self._n_others = None
        self._rank.setdefault(label.uid, len(self._rank))

    def _lay(self, segment: Segment) -> None:
        """Put a segment with those that wait, with those that are answered, or with those that an answer covers."""
        self._seen[segment.uid] = segment
        if segment.uid in self._stands:
            self._file(segment, self._stands[segment.uid])
        elif self._parts(segment) and segment.uid not in {label.segment for label in standing(self._known.values())}:
            self._split[segment.uid] = segment
        elif any(self._says_all_of(label, segment) for label in self._stands.values()):
            self._covered[segment.uid] = segment
        else:
            self._wait(segment)

    def _says_all_of(self, label: Label, segment: Segment) -> bool:
        """Return whether an answer leaves nothing to ask of another segment, unless a person wants that asked."""
        is_other = label.segment != segment.uid and segment.chosen != "person"
        return is_other and label.answer != "skip" and covers(label, segment)

    def _cover(self, label: Label) -> None:
        """Wait no more with what an answer covers to a segment that a person marked or split off."""
        for segment in [waiting for waiting in self._queue if self._says_all_of(label, waiting)]:
            self._covered[segment.uid] = segment
            self._take_off(segment)

    def _uncover(self) -> None:
        """Wait again with what no own answer covers any more."""
        for uid, segment in list(self._covered.items()):
            if not any(self._says_all_of(label, segment) for label in self._stands.values()):
                self._wait(self._covered.pop(uid))

    def _take_back(self, pair: tuple[Segment, Label]) -> Label | None:
        if self.pending is not None:
            return None
        segment, label = pair
        return self._send(self._made(segment, "undo", "", Marks(), label.uid))

    def _bring_back(self, uid: str) -> None:
        """Show the segment whose answer was taken back again, and the one that was shown after it."""
        segment, label = next(pair for pair in self._done if pair[1].uid == uid)
        self._done = [pair for pair in self._done if pair[1].uid != uid]
        self._stands.pop(segment.uid, None)
        self._uncover()
        self._gone.add(uid)
        self._undone.append(label)
        # As it was trimmed then.
        segment = self._seen[segment.uid] = replace(segment, start=label.start, stop=label.stop)
        if self.current is not None:
            self._wait(self.current)
        self.resting = None
        self._show(segment)
        self.draft = label

    def _file(self, segment: Segment, label: Label) -> None:
        """Put an answer where it belongs in the order of giving; clocks begin anew with each start of the machine."""
        self._stands[segment.uid] = label
        if segment.chosen == "person":
            self._cover(label)
        self._done.append((segment, label))
        self._done.sort(key=lambda pair: self._rank[pair[1].uid])

    def _kept_elsewhere(self, label: Label) -> bool:
        """Take an answer of an earlier time or of another window."""
        if label.answer == "marked":
            self._marked.setdefault(label.segment, label)
            return False
        self._note(label)
        if label.answer == "undo":
            self._marked = {uid: mark for uid, mark in self._marked.items() if mark.uid != label.supersedes}
        stands = self._stands.get(label.segment)
        if not self._is_own(label) or not label.segment or label.uid in self._gone:
            return False
        if label.supersedes:
            self._gone.add(label.supersedes)
        if stands is not None and stands.uid in (label.uid, label.supersedes):
            if stands.uid == label.uid:
                return False
            self._done = [pair for pair in self._done if pair[1].uid != stands.uid]
            del self._stands[label.segment]
        segment = self._seen.get(label.segment)
        if label.answer == "undo":
            if stands is None or segment is None or stands.uid != label.supersedes:
                return False
            self._wait(segment)
            return True
        self._stands[label.segment] = label
        if segment is None:
            return False
        self._file(segment, label)
        if segment is not self.current:
            self._take_off(segment)
        elif self.pending is None:
            self._next()
        return True

    def _is_own(self, label: Label) -> bool:
        """Return whether the annotator gave an answer as what is answered now: who decides has answered nothing."""
        decides = [role == "adjudicator" for role in (label.role, self.role)]
        return label.annotator == self.annotator and decides[0] == decides[1]

    def _made(self, segment: Segment, answer: Act, label: str, marks: Marks, old: str) -> Label:
        now = self._now()
        return Label(
            uid=uuid.uuid4().hex,
            segment=segment.uid,
            participant=segment.participant,
            start=segment.start,
            stop=segment.stop,
            time=now,
            annotator=self.annotator,
            role=self.role,
            scheme=self._scheme,
            answer=answer,
            label=label,
            valence=marks.valence,
            arousal=marks.arousal,
            confidence=marks.confidence,
            note=marks.note,
            model=segment.prediction.model,
            prediction_shown=not self.blind,
            supersedes=old,
            response_time=now - self._shown_since if answer not in ("undo", "marked") else float("nan"),
            n_plays=marks.n_plays,
            shares=marks.shares,
            scales=marks.scales,
        )

    def _send(self, label: Label) -> Label:
        self._pending_since = self._now()
        self.pending = label
        return label

    def _next(self) -> None:
        self._show(self.upcoming)

    def _show(self, segment: Segment | None) -> None:
        self.current = segment
        self.draft = None
        self._shown_since = self._now()
        self._take_off(segment)
