import math
from dataclasses import replace

import numpy as np

from core.data import Label, NeutralFace, Notice, Prediction, Rating, RunningNeutral, Segment
from core.recording.outputs import (
    RUNNING_SIGN,
    RunningTold,
    event_from_text,
    event_to_text,
    prediction_from_row,
    prediction_to_row,
    running_from_text,
    running_to_text,
)
from tests.core.active.test_query import SURE


def test_a_prediction_comes_back_to_the_last_bit():
    p = replace(
        SURE,
        valence=0.1 + 0.2,
        disagreement=float("nan"),
        prediction_set=("a",),
        notes=("student not taught on this person",),
        bad_channels=(("T7", "flat"),),
        model="ab" * 32,
        neutral="running",
        feature=np.ones(4, np.float32),
    )
    numbers, words = prediction_to_row(p)
    again = prediction_from_row(numbers[0], words[0, 1])
    for name in Prediction.__slots__:
        ours, theirs = getattr(p, name), getattr(again, name)
        if name == "feature":
            assert theirs is None
        elif isinstance(ours, float) and math.isnan(ours):
            assert math.isnan(theirs)
        else:
            assert ours == theirs, name


def test_what_came_from_outside_comes_back_and_what_was_derived_does_not():
    marks = {"valence": 0.5, "arousal": 0.1, "confidence": 0.75, "response_time": 2.5}
    label = Label("u", "s", "P001", 1.0, 2.0, 3.0, role="expert", label="happy", note="naïve", n_plays=2, **marks)
    rating = Rating("r", "P001", "valence", (1.0, 1.04), (0.1, 0.2), 3.0)
    assert event_from_text(event_to_text(rating, "rating")) is None
    notice = Notice("k", 1.5, "lost", "gone")
    assert event_from_text(event_to_text(label, "label")) == label
    assert event_from_text(event_to_text(notice, "notice")) == notice
    assert event_from_text(event_to_text(notice, "derived")) is None
    assert event_from_text(event_to_text(notice, "derived"), derived=True) == notice
    assert event_from_text(event_to_text(Segment("u", "P001", 0.0, 4.0, 0.9, "why", SURE), "segment")) is None
    assert event_from_text("not ours") is None


def test_a_neutral_face_comes_back_to_the_last_bit_and_what_was_read_of_it_does_not_go_in_twice():
    values = np.random.default_rng(0).random(59).tolist()
    face = NeutralFace("P001", 1.0, 11.0, tuple(values[:52]), tuple(values[52:]), 80, "2026-01-01T00:00:00+00:00")
    asked = NeutralFace("P001", 1.0, 11.0)
    assert event_from_text(event_to_text(face, "neutral")) == face
    assert event_from_text(event_to_text(asked, "neutral")) == asked
    assert event_from_text(event_to_text(face, "neutral read")) is None
    assert event_from_text(event_to_text(face, "neutral read"), derived=True) == face


def test_where_a_running_estimate_stood_comes_back_to_the_last_bit_and_is_no_item():
    values = np.random.default_rng(0).random(59)
    text = running_to_text(RunningNeutral("P001", values, 12.3, 70.1, ()), 71.2, 1)
    assert text.startswith(RUNNING_SIGN)
    assert running_from_text(text) == RunningTold("P001", 71.2, tuple(values.tolist()), 12.3, 70.1, 1)
    assert event_from_text(text, derived=True) is None
    nothing = running_to_text(RunningNeutral("P001", None, 0.0, 0.0, ()), 71.2, 1)
    assert running_from_text(nothing) == RunningTold("P001", 71.2, (), 0.0, 0.0, 1)
    for damaged in (text[:-5], text.replace("12.3", "NaN"), text.replace("12.3", '"a"'), "not ours"):
        assert running_from_text(damaged) is None
