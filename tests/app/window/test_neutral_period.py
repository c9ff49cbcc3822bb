"""Asking for a neutral face, in data time: when it begins, what is said, what is sent, and that it can be skipped."""

import numpy as np
import pytest

from app.window.neutral_period import READY_S, NeutralPeriod
from core.data import FaceObservation, FaceProblem, NeutralFace
from core.face_neutral import PERIOD_S


def feed(period: NeutralPeriod, start: float, stop: float, unasked: bool = True, problem: FaceProblem = "") -> None:
    for time in np.arange(start, stop, 1 / 8):
        period.see(FaceObservation("P001", float(time), problem), unasked)


@pytest.fixture
def sent() -> list[NeutralFace]:
    return []


@pytest.fixture
def period(sent: list[NeutralFace]) -> NeutralPeriod:
    return NeutralPeriod(sent.append)


def test_it_begins_with_the_first_good_picture_and_tells_once(period: NeutralPeriod, sent: list[NeutralFace]):
    feed(period, 0, 5, problem="too dark")
    assert not period.running
    feed(period, 5, 6)
    assert period.running
    feed(period, 6, 30)
    assert sent == [NeutralFace("P001", 5 + READY_S, 5 + READY_S + PERIOD_S)]


def test_the_card_counts_down_and_is_the_participants_alone(period: NeutralPeriod):
    assert period.card("P001") is None
    feed(period, 0, 1)
    first = period.card("P001")
    assert first is not None
    assert "10 s" in first[0]
    assert period.card("P002") is None
    feed(period, 1, 8)
    later = period.card("P001")
    assert later is not None
    assert "4 s" in later[0]


def test_skipped_it_sends_nothing_and_does_not_begin_again_by_itself(period: NeutralPeriod, sent: list[NeutralFace]):
    feed(period, 0, 3)
    period.skip()
    feed(period, 3, 40)
    assert (sent, period.running) == ([], False)


def test_it_can_be_asked_for_again_at_any_time(period: NeutralPeriod, sent: list[NeutralFace]):
    feed(period, 0, 20)
    assert period.begin("P001")
    feed(period, 20, 40)
    assert len(sent) == 2
    assert sent[1].start > sent[0].stop


def test_who_is_known_is_not_asked_unasked_and_nobody_without_a_picture(period: NeutralPeriod, sent: list[NeutralFace]):
    period.know("P001")
    feed(period, 0, 20)
    assert sent == []
    assert not period.begin("P002")
    feed(period, 20, 21, unasked=False)
    assert period.begin("P001")
