"""What a running session publishes is heard from Python, value by value."""

from dataclasses import replace

import pytest

import insula
from acquisition.outlet import AffectOutlet, EventOutlet
from core.data import Label, Notice
from tests.acquisition.test_outlet import CLASSES, _prediction


def test_predictions_and_events_of_a_session_are_heard_until_it_ends():
    with AffectOutlet("P 1", CLASSES, "0" * 64, 2.0, 0.25) as affect, EventOutlet("P 1") as events:
        with insula.listen("P 1") as live:
            assert live.participants == ("P 1",)
            for status in ("ok", "gap"):
                affect.push(replace(_prediction(100.0, status), participant="P 1"))
            events.push(Label("u1", "", "P 1", 1.0, 3.0, 104.0, label="happy", valence=0.5))
            events.push(Notice("amp", 105.0, "lost", "gone"))
            said = [live.read(30.0) for _ in range(4)]
            assert live.read(0.0) is None
            del affect._outlet, events._outlet
            assert list(live) == []
        affect._outlet = events._outlet = None
    heard = [each for each in said if isinstance(each, insula.Affect)]
    sure, silent = sorted(heard, key=lambda each: each.label, reverse=True)
    assert (sure.participant, sure.classes, sure.label, silent.label) == ("P 1", CLASSES, "happy", "")
    assert sure.probabilities == (0.25, 0.5, 0.25)
    assert (sure.valence, sure.arousal, sure.weights) == (0.5, -0.25, (0.75, 0.25))
    assert (sure.uncertainty, sure.epistemic, sure.aleatoric) == (1.0, 0.125, 0.75)
    assert sure.time == pytest.approx(100.0, abs=0.01)
    answer, notice = sorted((each for each in said if isinstance(each, insula.Happening)), key=lambda each: each.event)
    assert (answer.event, answer.participant, answer.said["label"], answer.said["valence"]) == (
        "label",
        "P 1",
        "happy",
        0.5,
    )
    assert answer.time == pytest.approx(104.0, abs=0.01)
    assert (notice.event, notice.said["text"], notice.said["kind"]) == ("notice", "gone", "lost")


def test_of_several_only_who_is_meant_is_heard_and_nobody_is_told():
    with AffectOutlet("P1", CLASSES, "0" * 64, 2.0, 0.25) as first, AffectOutlet("P2", CLASSES, "0" * 64, 2.0, 0.25):
        with insula.listen("P1") as live:
            first.push(replace(_prediction(100.0), participant="P1"))
            assert live.read(30.0).participant == "P1"
            assert live.participants == ("P1",)
        with pytest.raises(insula.StreamNotFoundError, match=r"No running session of P3 .*`insula run --publish`"):
            insula.listen("P3", wait=0.5).__enter__()
