"""Questions that are known beforehand, where a session has its engine: takes answers, tells when they are on disk."""

from __future__ import annotations

import queue
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from app.log import logged
from app.session.deferred_pipeline import AnyPipeline
from app.session.engine import Ended, Keeper
from core.active.moments import MomentCutter, unpredicted
from core.active.query import OWN, Query
from core.data import Event, Item, Label, NeutralFace, Prediction, Rating, Segment, StreamInfo
from core.face_submit import Submit
from core.label_rules import standing


def with_known(moments: Sequence[Segment], labels: Iterable[Label], everywhere: bool = False) -> list[Segment]:
    """Return the moments of a session, and those marked, split or asked about before with the bounds of then.

    A label names its segment. One that is not among the moments, since a person marked it or other rules cut it, stands
    beside them: what an annotator's own answers cover they are not asked about again, but others are, and a moment that
    was split is asked about in its parts (`AnnotationSession`). What lies where nothing was predicted is there only
    with `everywhere`, where `moments` are all of a session.
    """
    labels = list(labels)
    found = {moment.uid: moment for moment in moments}
    left_out = _joined(labels) - {label.segment for label in standing(labels)}
    for label in labels:
        if not label.segment or label.segment in found or label.answer == "undo" or label.segment in left_out:
            continue
        nearest = _nearest(label, moments) or (_unpredicted(label) if everywhere else None)
        if nearest is None:
            continue

        found[label.segment] = replace(
            nearest, uid=label.segment, start=label.start, stop=label.stop,
            chosen="person" if label.answer == "marked" else "score",
        )  # fmt: skip
    return sorted(found.values(), key=lambda moment: (-moment.score, moment.start))


def _joined(labels: Sequence[Label]) -> set[str]:
    """Return the parts of moments that were split and are one again: nobody's mark of them stands."""
    marks = [label for label in labels if label.answer == "marked"]
    undone = {label.supersedes for label in labels if label.answer == "undo"}
    return {mark.segment for mark in marks} - {mark.segment for mark in marks if mark.uid not in undone}


def _nearest(label: Label, moments: Sequence[Segment]) -> Segment | None:
    """Return the moment in which a label's middle lies."""
    middle = (label.start + label.stop) / 2
    own = (moment for moment in moments if moment.participant == label.participant)
    return next((moment for moment in own if moment.start <= middle < moment.stop), None)


def _unpredicted(label: Label) -> Segment:
    nothing = unpredicted(label.participant, label.start, label.stop)
    return Segment(label.segment, label.participant, label.start, label.stop, 0.0, "marked", nothing)


def double_labelled(annotator: str, labels: Sequence[Label], share: float | None) -> Callable[[Segment], bool]:
    """Return which moments an annotator is asked about: all that nobody else has answered, and a share of the others.

    The share is drawn by the moment's name, so that it is the same for whoever comes next, and with any model. None for
    the share asks about everything. What the annotator has answered stays, to be taken back.
    """
    answers = standing(labels)
    others = {label.segment for label in answers if label.annotator != annotator}
    own = {label.segment for label in answers if label.annotator == annotator}

    def wants(moment: Segment) -> bool:
        if share is None or moment.uid in own or moment.uid not in others:
            return True
        return zlib.crc32(moment.uid.encode()) < share * 2**32

    return wants


class EveryMoment:
    """Asks about all moments of a recording that is read, in place of a live session's queue with its budget.

    Parameters
    ----------
    length : float
        Wanted length of a moment, s.
    known : sequence of Label
        What was answered or marked before: it is asked about with the bounds that it had then.
    wants : callable
        Which moments are asked about at all.
    query : Query
        What says how much each window is worth.
    """

    def __init__(
        self,
        length: float,
        known: Sequence[Label] = (),
        wants: Callable[[Segment], bool] = lambda _: True,
        query: Query = OWN,
    ) -> None:
        self._query = query
        self._length = length
        self._known = known
        self._wants = wants
        self._told: set[str] = set()
        """The moments that were asked about."""
        self._cutters: dict[str, MomentCutter] = {}

    def around(self, pipeline: AnyPipeline) -> AnyPipeline:
        """Return the pipeline with its questions replaced."""
        return _Asking(pipeline, self.follow)

    def follow(self, event: Event) -> list[Event]:
        """Return an event, but no question of the pipeline's own, and the moments that are known to be over with it."""
        if isinstance(event, Segment):
            return []
        if not isinstance(event, Prediction):
            return [event]
        cutter = self._cutters.setdefault(event.participant, MomentCutter(self._length, self._query))
        return [event, *self._tell(with_known(cutter.push(event), self._known))]

    def finish(self) -> list[Segment]:
        """Return the moments at the recording's end."""
        left = [moment for cutter in self._cutters.values() for moment in with_known(cutter.finish(), self._known)]
        told = self._tell(left)
        beside = with_known([], [label for label in self._known if label.segment not in self._told], everywhere=True)
        return [*told, *self._tell(beside)]

    def _tell(self, moments: Sequence[Segment]) -> list[Segment]:
        self._told.update(moment.uid for moment in moments)
        return [moment for moment in moments if self._wants(moment)]


class _Asking:
    def __init__(self, pipeline: AnyPipeline, follow: Callable[[Event], list[Event]]) -> None:
        self._pipeline = pipeline
        self._follow = follow

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        self._pipeline.look_at(items, submit)

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        return [[more for event in some for more in self._follow(event)] for some in self._pipeline.push_all(items)]


class OfflineQuestions:
    """Gives the window the questions of a recording, best first, and keeps the answers; no data is played.

    Parameters
    ----------
    questions : iterable of Segment
    infos : sequence of StreamInfo
        The streams that were recorded.
    keeper : Keeper
        Started and stopped here.
    """

    def __init__(self, questions: Iterable[Segment], infos: Sequence[StreamInfo], keeper: Keeper) -> None:
        self.outbox: queue.Queue[Any] = queue.Queue()
        self._keeper = keeper
        self._infos = infos
        for message in (*infos, *questions, Ended(0.0)):
            self.outbox.put(message)

    def __enter__(self) -> Self:
        self._keeper.start(self._infos, lambda message: self.outbox.put(logged(message)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.stop()

    def put(self, given: Label | Rating | NeutralFace) -> None:
        """Send a label or rating to be kept; the same again changes nothing. Of a recording nobody's face is asked."""
        if not isinstance(given, NeutralFace):
            self._keeper.put(given)
