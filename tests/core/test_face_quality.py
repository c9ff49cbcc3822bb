from pathlib import Path

import cv2
import numpy as np
import pytest

from core.config import FaceConfig
from core.face_quality import burnt, judge

CROP = np.load(Path(__file__).parent / "models" / "face_reference.npz")["crops"][0]
CONFIG = FaceConfig()


def test_a_good_view_is_good():
    quality = judge(CROP, 150, 0, CONFIG)
    assert quality.problem == ""
    assert quality.value > 0.8


@pytest.mark.parametrize(
    ("crop", "width", "yaw", "problem"),
    [
        (CROP, 50, 0, "too small"),
        (CROP // 6, 150, 0, "too dark"),
        (CROP, 150, 50, "turned away"),
        (CROP, 150, -50, "turned away"),
        (cv2.GaussianBlur(CROP, (0, 0), 5), 150, 0, "blurred"),
    ],
)
def test_what_is_wrong_is_told(crop, width, yaw, problem):
    quality = judge(crop, width, yaw, CONFIG)
    assert (quality.problem, quality.value) == (problem, 0.0)


def test_worse_views_are_worth_less():
    softer = cv2.GaussianBlur(CROP, (0, 0), 1.7)
    best = judge(CROP, 150, 0, CONFIG).value
    for worse in (judge(CROP, 75, 0, CONFIG), judge(CROP, 150, 30, CONFIG), judge(softer, 150, 0, CONFIG)):
        assert 0 < worse.value < best


def test_noise_in_the_dark_is_not_taken_for_sharpness():
    blurred = cv2.GaussianBlur(CROP, (0, 0), 5)
    noisy = np.clip(blurred + np.random.default_rng(0).normal(0, 3, CROP.shape), 0, 255).astype(np.uint8)
    assert judge(noisy, 150, 0, CONFIG).problem == "blurred"


def test_what_is_burnt_out_is_the_share_of_the_face_that_is_as_bright_as_can_be():
    assert burnt(CROP // 2) == 0.0
    half = CROP // 2
    half[28:104, 20:56, 0] = 253  # one of its colours is enough
    assert burnt(half) == pytest.approx(0.5)
    half[28:104, 20:56, 0] = 252
    assert burnt(half) == 0.0
    assert burnt(np.full_like(CROP, 255)) == 1.0
