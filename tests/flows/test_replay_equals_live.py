"""A recording gives the predictions of the session again, to the last bit, at any speed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from acquisition.replay import recorded_predictions
from core.data import NOT_LOOKED_AT, FaceObservation, Label, Prediction, Segment
from core.recording import face_stream, video
from tests.core.recording.test_face_stream import bits
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


def test_another_face_would_be_noticed(recorded: Recorded, monkeypatch: pytest.MonkeyPatch):
    """The comparison has teeth: another last bit in what was read of a face changes the bits."""
    kept = face_stream.FaceRows.faces

    def nudged(self: face_stream.FaceRows, times: Any, rows: Any) -> Iterator[FaceObservation]:
        return kept(self, times, np.nextafter(rows, np.float32(9)))

    monkeypatch.setattr(face_stream.FaceRows, "faces", nudged)
    again = [event for event in replayed(recorded.path, recorded.config)[1] if isinstance(event, Prediction)]
    assert [exact(p) for p in again] != [exact(p) for p in recorded.predictions]


def test_the_pictures_say_what_was_read_of_them_live(recorded: Recorded, monkeypatch: pytest.MonkeyPatch):
    live = {face.time: bits(face) for face in recorded.live.all(FaceObservation)}
    monkeypatch.setattr("acquisition.replay.reading_of", lambda _: "another")
    again = [event for event in replayed(recorded.path, recorded.config)[1] if isinstance(event, FaceObservation)]
    assert len(again) > 20
    # Whom a look follows hangs on the looks before: they are compared up to the first that was passed over.
    passed = min(
        (face.time for face in recorded.live.all(FaceObservation) if face.problem == NOT_LOOKED_AT), default=9e9
    )
    compared = [face for face in again if face.time < passed]
    assert compared
    assert [bits(face) for face in compared] == [live[face.time] for face in compared if face.time in live]


def test_other_pixels_would_be_noticed(recorded: Recorded, monkeypatch: pytest.MonkeyPatch):
    """And this comparison has them: one grey level in the picture changes what is read."""
    before = video.to_rgb
    monkeypatch.setattr("acquisition.replay.reading_of", lambda _: "another")
    monkeypatch.setattr(video, "to_rgb", lambda frame: before(frame) ^ 1)
    live = {face.time: bits(face) for face in recorded.live.all(FaceObservation)}
    again = [event for event in replayed(recorded.path, recorded.config)[1] if isinstance(event, FaceObservation)]
    assert [bits(face) for face in again] != [live[face.time] for face in again if face.time in live]
