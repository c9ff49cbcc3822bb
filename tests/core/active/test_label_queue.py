import math
from dataclasses import replace

import numpy as np
import pytest

from core.active.label_queue import LabelQueue
from core.active.moments import moments
from core.config import QueueConfig
from core.data import Label, Prediction, Segment
from tests.core.active.test_query import SURE

CONFIG = QueueConfig(size=2, length=4.0, most_per_minute=3.0, least_every=1e6, random_share=0.0, max_age=100.0)
CALM = 0.05


def window(k: int, score: float, feature: int = 0) -> Prediction:
    """The k-th window of the grid with a given query score; `feature` chooses its direction."""
    direction = np.zeros(8, np.float32)
    direction[feature % 8] = 1.0
    entropy = score * math.log(2)
    return replace(
        SURE, start=0.25 * k, stop=0.25 * k + 2.0, uncertainty=entropy, disagreement=float("nan"), feature=direction
    )


def feed(queue: LabelQueue, *bumps: tuple[int, float, int], last: int = 0) -> list[Segment]:
    """Calm windows with bumps of 32 unsure ones; each bump is (first window, score, feature)."""
    queued = []
    for k in range(last or max(bump[0] for bump in bumps) + 200):
        inside = [bump for bump in bumps if bump[0] <= k < bump[0] + 32]
        segment = queue.offer(window(k, *(inside[0][1:] if inside else (CALM, 0))))
        if segment is not None:
            queued.append(segment)
    return queued


def answer(segment: Segment, **changes: object) -> Label:
    label = Label(
        uid="answer-1", segment=segment.uid, participant="P001", start=segment.start, stop=segment.stop, time=0.0
    )
    return replace(label, **changes)  # type: ignore[arg-type]


def test_the_least_sure_moment_of_a_turn_is_asked_about():
    queue = LabelQueue(CONFIG)
    asked = feed(queue, (240, 0.9, 1))
    assert max(asked, key=lambda moment: moment.score).score == pytest.approx(0.9)
    assert 60.0 <= queue.waiting[0].start < 68.0
    assert queue.waiting[0].chosen == "score"


def test_no_more_are_asked_about_than_the_budget_has():
    rng = np.random.default_rng(0)
    queue = LabelQueue(QueueConfig(size=1000, min_distance=0.0, random_share=0.0, max_age=math.inf))
    asked = [queue.offer(window(k, float(rng.random()), k)) for k in range(2400)]
    times = np.array([0.25 * k + 2.0 for k, moment in enumerate(asked) if moment is not None])
    assert 15 <= len(times) <= 30  # of ten minutes
    assert np.diff(times).min() >= 20.0


def test_one_is_asked_about_now_and_then_however_sure_the_model_is():
    queue = LabelQueue(replace(CONFIG, size=100, least_every=120.0, max_age=math.inf))
    asked = [queue.offer(window(k, CALM)) for k in range(2400)]
    times = [0.25 * k + 2.0 for k, moment in enumerate(asked) if moment is not None]
    assert len(times) >= 4
    assert max(np.diff(times)) <= 140.0


def test_a_moment_without_a_signal_is_never_asked_about():
    queue = LabelQueue(replace(CONFIG, least_every=10.0, random_share=1.0))
    assert not any(queue.offer(replace(window(k, 0.5), uncertainty=float("nan"))) for k in range(800))


def test_a_share_is_drawn_at_random_and_the_same_again_in_a_replay():
    def lots(share: float) -> list[Segment]:
        queue = LabelQueue(QueueConfig(size=1000, random_share=share, max_age=math.inf))
        scores = np.random.default_rng(1).random(4800)
        found = [queue.offer(window(k, float(scores[k]), k // 16)) for k in range(4800)]
        return [moment for moment in found if moment is not None]

    assert {moment.chosen for moment in lots(0.0)} == {"score"}
    assert {moment.chosen for moment in lots(1.0)} == {"random"}
    some = lots(0.3)
    assert 9 <= sum(moment.chosen == "random" for moment in some) <= 27  # of 60 turns
    assert [moment.uid for moment in some] == [moment.uid for moment in lots(0.3)]
    everything = np.mean([moment.score for moment in moments((window(k, s) for k, s in _scores()), 4.0)])
    assert np.mean([moment.score for moment in lots(1.0)]) == pytest.approx(everything, abs=0.05)


def _scores() -> list[tuple[int, float]]:
    return list(enumerate(np.random.default_rng(1).random(4800).tolist()))


def test_a_near_duplicate_is_not_asked_twice():
    assert len(feed(LabelQueue(CONFIG), (160, 0.9, 1), (320, 0.9, 1))) == 1
    assert len(feed(LabelQueue(CONFIG), (160, 0.9, 1), (320, 0.9, 2))) == 2


def test_a_full_queue_lets_its_lowest_go_for_a_higher_one():
    queue = LabelQueue(replace(CONFIG, max_age=1e6))
    asked = feed(queue, (160, 0.7, 1), (320, 0.8, 2), (480, 0.95, 3), (640, 0.6, 4))
    assert [round(moment.score, 2) for moment in asked] == [0.7, 0.8, 0.95]
    assert queue.waiting == (asked[2], asked[1])


def test_an_answer_leaves_and_undo_brings_it_back():
    queue = LabelQueue(replace(CONFIG, max_age=1e6))
    (segment,) = feed(queue, (160, 0.9, 1))
    queue.answer(answer(segment))
    assert queue.waiting == ()
    queue.answer(answer(segment, uid="undo-1", answer="undo", supersedes="answer-1"))
    assert queue.waiting == (segment,)


def test_old_segments_leave():
    queue = LabelQueue(CONFIG)
    feed(queue, (160, 0.9, 1))
    queue.offer(window(2000, CALM))
    assert queue.waiting == ()


def test_what_is_asked_about_live_is_a_moment_of_the_whole_session_too():
    said = [window(k, 0.9 if 160 <= k < 192 else CALM, 1) for k in range(400)]
    queue = LabelQueue(CONFIG)
    live = [moment for moment in map(queue.offer, said) if moment is not None]
    assert live
    assert {moment.uid for moment in live} <= {moment.uid for moment in moments(said, CONFIG.length)}
