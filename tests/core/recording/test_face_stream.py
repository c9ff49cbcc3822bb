"""What was read of a face, into a row and back, to the bit."""

from dataclasses import fields, replace
from typing import Any, get_args

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation, FaceProblem, StreamInfo
from core.models.face_expression import N_EMBEDDING as OF_THE_NETWORK
from core.recording.face_stream import FIELDS, N_EMBEDDING, FaceRows, face_info, face_to_row
from core.recording.stream_header import from_xml, to_xml

CAMERA = StreamInfo("cam", "video", "P001", "cam", face_reading="abc")


def face(seed: int = 0, **changes: Any) -> FaceObservation:
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    left, top, right, bottom = (float(value) for value in some(4))
    full = FaceObservation(
        "P001", 12.3456789012345, box=(left, top, right, bottom), landmarks=some(6, 2), embedding=some(N_EMBEDDING),
        expression=some(7), blendshapes=some(len(BLENDSHAPES)), quality=float(some()), yaw_deg=-3.5, roll_deg=2.25,
        burnt=0.125,
    )  # fmt: skip
    return replace(full, **changes)


def there_and_back(given: FaceObservation) -> FaceObservation:
    info = from_xml(to_xml(face_info(CAMERA)), len(face_info(CAMERA).channels))
    assert info is not None
    return next(FaceRows(info).faces(np.array([given.time]), face_to_row(given)))


def bits(face: FaceObservation | None) -> dict[str, Any]:
    assert face is not None
    found = {}
    for each in fields(face):
        value = getattr(face, each.name)
        array = isinstance(value, np.ndarray)
        found[each.name] = (value.shape, value.dtype, value.tobytes()) if array else value
    return found


def test_everything_comes_back_to_the_bit():
    given = face()
    assert bits(there_and_back(given)) == bits(given)


@pytest.mark.parametrize("problem", get_args(FaceProblem))
def test_each_problem_comes_back_in_words(problem: FaceProblem):
    given = FaceObservation("P001", 1.0, problem)
    assert bits(there_and_back(given)) == bits(given)


def test_what_a_bad_view_lacks_is_lacking_again():
    given = face(problem="too dark", embedding=None, expression=None, blendshapes=None)
    assert bits(there_and_back(given)) == bits(given)


def test_every_field_of_an_observation_has_its_channels():
    kept = {"participant", "time", "problem", *(field.name for field in FIELDS)}
    assert kept == {each.name for each in fields(FaceObservation)}
    assert N_EMBEDDING == OF_THE_NETWORK
    names = [channel.label for channel in face_info(CAMERA).channels]
    assert len(set(names)) == len(names) == face_to_row(face()).shape[1]


def test_a_recording_with_fewer_channels_is_read_as_far_as_it_goes():
    """As one is that was made before a field was added."""
    given, info = face(), face_info(CAMERA)
    known = [k for k, channel in enumerate(info.channels) if channel.label not in BLENDSHAPES]
    old = replace(info, channels=tuple(info.channels[k] for k in known))
    (read,) = FaceRows(old).faces(np.array([given.time]), face_to_row(given)[:, known])
    assert bits(read) == bits(replace(given, blendshapes=None))


def test_a_damaged_row_is_no_face():
    rows = FaceRows(face_info(CAMERA))
    for code in (np.nan, -1.0, 1e9):
        row = face_to_row(face())
        row[0, 0] = code
        assert list(rows.faces(np.array([1.0]), row)) == []


def test_rows_that_were_read_together_are_those_one_by_one_without_the_damaged():
    reader = FaceRows(face_info(CAMERA))
    given = [face(k, time=1.5 * k) for k in range(4)]
    given[1] = FaceObservation("P001", 1.5, "no face")
    rows = np.concatenate([face_to_row(one) for one in given])
    rows[2, 0] = np.nan
    found = list(reader.faces(np.array([one.time for one in given]), rows))
    assert [bits(one) for one in found] == [bits(given[k]) for k in (0, 1, 3)]
