"""Answers on their way to the disk: sent, sent again while they are overdue, and what is to be said of the last one."""

from __future__ import annotations

from collections.abc import Callable

from app import texts
from app.labelling.annotation_session import AnnotationSession
from core.data import Label, Rating, Segment

_AGAIN_S = 2.0
"""Seconds after which an answer that has not come back is sent once more; who has it already lets it be."""


class AnswerOutbox:
    """Sends what was answered.

    Parameters
    ----------
    annotation
        Knows which answer is on its way, and since when.
    answer
        Takes a label to be kept.
    """

    def __init__(self, annotation: AnnotationSession, answer: Callable[[Label | Rating], None]) -> None:
        self._annotation = annotation
        self._answer = answer
        self._why = ""
        self._sent_again = 0.0
        self._is_of_today = False
        """Whether anything was sent by this window."""
        self.recorded = True
        """False where answers are given for practice and nobody keeps them."""

    def send(self, label: Label | None) -> None:
        """Send an answer, if there is one."""
        if label is not None:
            self._sent_again, self._is_of_today = 0.0, True
            self._answer(label)

    def send_overdue(self) -> None:
        """Send what is overdue once more: it may not have been taken."""
        if self._annotation.pending is not None and self._annotation.late > self._sent_again + _AGAIN_S:
            self._sent_again = self._annotation.late
            self._answer(self._annotation.pending)

    def kept(self) -> None:
        """Know that what was sent is on disk."""
        self._why = ""

    def refused(self, why: str) -> None:
        """Know why an answer is not on disk, as long as one is missing there."""
        if self._annotation.pending is not None:
            self._why = why

    def words(self) -> str:
        """Return what became of the last answer."""
        if self._annotation.late:
            return self._why or texts.label_late(self._annotation.late)
        if self._annotation.pending is not None:
            return texts.KEEPING
        if self._annotation.last is None or not self._is_of_today:
            return ""  # what was answered in another window is no news
        segment, label = self._annotation.last
        told = texts.label_of if self.recorded else texts.label_not_recorded
        words = told(label.answer, label.label, label.shares)
        tells = self._annotation.blind and label.answer != "skip" and label.role != "adjudicator"
        return f"{words}. {models_view(segment)}" if tells else words


def models_view(segment: Segment) -> str:
    """Return what the model thought of a segment, and why it asked."""
    said = texts.model_said(segment.prediction.label, segment.prediction.prediction_set)
    return f"{said} {texts.asked_because(segment.reason)}."
