import numpy as np

from core.face_track import largest, same
from core.models.face import Detection


def face(left, top, size):
    return Detection((left, top, left + size, top + size), np.zeros((6, 2), np.float32), 0.9)


PERSON, STRANGER = face(200, 100, 150), face(500, 90, 170)


def test_the_largest_is_chosen_at_the_start():
    assert largest([PERSON, STRANGER]) is STRANGER
    assert largest([]) is None


def test_the_same_place_is_the_same_person():
    moved = face(230, 110, 145)
    assert same([STRANGER, moved], PERSON.box, 0.125) is moved


def test_a_stranger_does_not_take_over():
    assert same([STRANGER], PERSON.box, 0.125) is None
    assert same([face(210, 110, 60)], PERSON.box, 0.125) is None


def test_one_who_was_away_longer_may_be_further_off():
    further = face(400, 100, 150)
    assert same([further], PERSON.box, 0.125) is None
    assert same([further], PERSON.box, 1.9) is further
