import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from core.active.label_queue import LabelQueue, questions
from core.config import QueueConfig
from core.data import Label, Prediction, Segment
from tests.core.active.test_query import SURE

CONFIG = QueueConfig(size=2, length=4.0, min_score=0.5, min_distance=0.15, max_age=100.0)


def window(k: int, score: float, feature: int = 0) -> Prediction:
    """The k-th window of the grid with a given query score; `feature` chooses its direction."""
    direction = np.zeros(8, np.float32)
    direction[feature % 8] = 1.0
    entropy = score * math.log(2)
    return replace(
        SURE, start=0.25 * k, stop=0.25 * k + 2.0, uncertainty=entropy, disagreement=float("nan"), feature=direction
    )


def feed(queue: LabelQueue, *bumps: tuple[int, float, int]) -> list[Segment]:
    """Quiet windows with bumps of 16 unsure ones; each bump is (first window, score, feature)."""
    queued = []
    for k in range(max(bump[0] for bump in bumps) + 60):
        inside = [bump for bump in bumps if bump[0] <= k < bump[0] + 16]
        segment = queue.offer(window(k, *(inside[0][1:] if inside else (0.0, 0))))
        if segment is not None:
            queued.append(segment)
    return queued


def answer(segment: Segment, **changes: object) -> Label:
    label = Label(
        uid="answer-1", segment=segment.uid, participant="P001", start=segment.start, stop=segment.stop, time=0.0
    )
    return replace(label, **changes)  # type: ignore[arg-type]


def test_a_bump_of_uncertainty_becomes_one_segment_at_its_peak():
    queue = LabelQueue(CONFIG)
    (segment,) = feed(queue, (40, 0.9, 1))
    assert segment.stop - segment.start == pytest.approx(4.0)
    assert segment.start < 40 * 0.25 + 4 < segment.stop
    assert queue.waiting == (segment,)


def test_a_sure_stretch_is_not_asked():
    assert feed(LabelQueue(CONFIG), (40, 0.3, 1)) == []


def test_segments_of_one_queue_never_overlap():
    queue = LabelQueue(QueueConfig(size=50, length=4.0, min_score=0.2, min_distance=0.0))
    rng = np.random.default_rng(0)
    for k in range(600):
        queue.offer(window(k, float(rng.random()), k))
    spans = sorted((s.start, s.stop) for s in queue.waiting)
    assert len(spans) > 5
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_a_near_duplicate_is_not_asked_twice():
    assert len(feed(LabelQueue(CONFIG), (40, 0.9, 1), (100, 0.9, 1))) == 1
    assert len(feed(LabelQueue(CONFIG), (40, 0.9, 1), (100, 0.9, 2))) == 2


def test_a_full_queue_lets_its_lowest_go_for_a_higher_one():
    queue = LabelQueue(CONFIG)
    segments = feed(queue, (40, 0.7, 1), (100, 0.8, 2), (160, 0.95, 3), (220, 0.6, 4))
    assert len(segments) == 3
    assert queue.waiting == (segments[2], segments[1])


def test_an_answer_leaves_and_undo_brings_it_back():
    queue = LabelQueue(CONFIG)
    (segment,) = feed(queue, (40, 0.9, 1))
    queue.answer(answer(segment))
    assert queue.waiting == ()
    queue.answer(answer(segment, uid="undo-1", answer="undo", supersedes="answer-1"))
    assert queue.waiting == (segment,)


def test_what_was_answered_is_not_asked_again():
    queue = LabelQueue(CONFIG)
    (segment,) = feed(queue, (40, 0.9, 1))
    queue.answer(answer(segment))
    assert not queue._admits(replace(segment, uid="again"))


def test_old_segments_leave():
    queue = LabelQueue(CONFIG)
    feed(queue, (40, 0.9, 1))
    queue.offer(window(1000, 0.0))
    assert queue.waiting == ()


def test_the_same_recording_asks_for_the_same_segments():
    first, second = feed(LabelQueue(CONFIG), (40, 0.9, 1)), feed(LabelQueue(CONFIG), (40, 0.9, 1))
    assert [s.uid for s in first] == [s.uid for s in second]


def test_a_whole_session_is_asked_about_best_first_however_long_it_was_and_whoever_was_in_it():
    bumps = {40 + 600 * k: 0.6 + 0.05 * k for k in range(5)}

    def said(k: int, participant: str) -> Prediction:
        score = next((score for first, score in bumps.items() if first <= k < first + 16), 0.0)
        return replace(window(k, score), participant=participant)

    asked = questions((said(k, name) for k in range(3100) for name in ("P001", "P002")), CONFIG)
    assert len(asked) == 10
    assert [segment.score for segment in asked] == sorted((segment.score for segment in asked), reverse=True)
    assert asked[0].start > asked[-1].start
    live = feed(LabelQueue(CONFIG), (2440, bumps[2440], 1))
    assert live[0].uid in {segment.uid for segment in asked}  # so that an answer given then holds now
