import cv2
import numpy as np
import pytest

from core.face_geometry import CROP_PX, EYE_DISTANCE, EYES_Y, align, roll_deg, yaw_deg

# Right eye, left eye, nose, mouth, right ear, left ear of a frontal face with the eyes 60 pixels apart.
FRONTAL = np.array([[-30, 0], [30, 0], [0, 30], [0, 61], [-61, 18], [61, 18]], np.float32)


def turned(points, degrees):
    a = np.deg2rad(degrees)
    return (points @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])).astype(np.float32)


@pytest.mark.parametrize("degrees", [-30, 0, 30, 80])
def test_roll_is_the_turn_in_the_picture(degrees):
    assert roll_deg(turned(FRONTAL, degrees) + 200) == pytest.approx(degrees, abs=1e-3)


def test_yaw_follows_the_nose_and_not_the_roll():
    face = FRONTAL.copy()
    assert yaw_deg(face) == pytest.approx(0, abs=1e-6)
    face[2, 0] += 20
    left = yaw_deg(face)
    assert 10 < left < 20
    assert yaw_deg(turned(face, 40) + 99) == pytest.approx(left, abs=1e-3)
    face[2, 0] -= 40
    assert yaw_deg(face) == pytest.approx(-left, abs=1e-6)


def test_points_on_one_another_are_no_error():
    nothing = np.zeros((6, 2), np.float32)
    assert np.isfinite([yaw_deg(nothing), roll_deg(nothing)]).all()
    assert align(np.zeros((20, 20, 3), np.uint8), nothing).shape == (CROP_PX, CROP_PX, 3)


@pytest.mark.parametrize(("degrees", "scale"), [(0, 1.0), (25, 0.6), (-40, 2.0)])
def test_eyes_come_to_the_same_place_however_the_face_lies(degrees, scale):
    points = turned(FRONTAL * scale, degrees) + np.float32([320, 240])
    frame = np.zeros((480, 640, 3), np.uint8)
    for eye in points[:2]:
        cv2.circle(frame, tuple(int(v) for v in eye.round()), round(6 * scale), (255, 255, 255), -1)
    crop = align(frame, points)[..., 0].astype(float)
    columns = np.arange(CROP_PX)
    for side, place in ((slice(0, 56), 0.5 - EYE_DISTANCE / 2), (slice(56, CROP_PX), 0.5 + EYE_DISTANCE / 2)):
        part = crop[:, side]
        assert (part.sum(axis=1) @ columns) / part.sum() == pytest.approx(EYES_Y * CROP_PX, abs=2)
        assert (part.sum(axis=0) @ columns[side]) / part.sum() == pytest.approx(place * CROP_PX, abs=2)
