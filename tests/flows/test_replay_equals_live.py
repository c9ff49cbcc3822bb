"""A recording gives the predictions of the session again, to the last bit, at any speed."""

import pytest

from acquisition.replay import recorded_predictions
from core.data import Label, Prediction, Segment
from tests.flows.conftest import PEOPLE, Recorded
from tests.flows.live import exact, replayed


def test_the_session_itself_predicted_from_both_sensors(recorded: Recorded):
    for person in PEOPLE:
        assert sum(p.participant == person for p in recorded.predictions) > 8
    both = [p for p in recorded.predictions if p.participant == "P001" and min(p.weights) > 0]
    assert len(both) > 5
    assert len({p.probabilities for p in both}) == len(both)


@pytest.mark.parametrize("speed", [float("inf"), 4.0, 1.0])
def test_replay_gives_the_same_bits(recorded: Recorded, speed: float):
    items, events = replayed(recorded.path, recorded.config, speed)
    again = [event for event in events if isinstance(event, Prediction)]
    assert [exact(p) for p in again] == [exact(p) for p in recorded.predictions]
    assert [i for i in items if isinstance(i, Label)] == recorded.live.all(Label)
    asked = [(s.participant, s.start, s.stop, s.score, s.reason) for s in events if isinstance(s, Segment)]
    assert asked == [(s.participant, s.start, s.stop, s.score, s.reason) for s in recorded.live.all(Segment)]


def test_what_was_recorded_of_the_predictions_is_what_they_were(recorded: Recorded):
    kept = recorded_predictions(recorded.path)
    assert [exact(p, feature=False) for p in kept] == [exact(p, feature=False) for p in recorded.predictions]


def test_other_pixels_would_be_noticed(recorded: Recorded, monkeypatch: pytest.MonkeyPatch):
    """The comparison has teeth: one grey level in the picture changes the bits."""
    from core.recording import video

    before = video._to_rgb
    monkeypatch.setattr(video, "_to_rgb", lambda frame: before(frame) ^ 1)
    again = [event for event in replayed(recorded.path, recorded.config)[1] if isinstance(event, Prediction)]
    assert [exact(p) for p in again] != [exact(p) for p in recorded.predictions]
