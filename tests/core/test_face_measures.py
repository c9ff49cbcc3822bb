"""What the face does against rest: the values, what a blink changes, and with what it is compared."""

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation, Neutral
from core.face_measures import MEASURES, measures, rest_of
from core.models.reading_file import fitted

NAMES = [measure.name for measure in MEASURES]


def face(time: float, rest: np.ndarray, **added: float) -> FaceObservation:
    values = rest.copy()
    for name, value in added.items():
        values[BLENDSHAPES.index(name)] += value
    return FaceObservation("P001", time, blendshapes=values.astype(np.float32))


def test_each_measure_is_what_raises_it_less_what_lowers_it():
    rest = np.linspace(0.0, 0.4, 52)
    smile = face(0.0, rest, mouthSmileLeft=0.5, mouthSmileRight=0.3, browDownLeft=0.4, eyeSquintLeft=0.2, jawOpen=0.1)
    np.testing.assert_allclose(measures([smile], rest), [0.4, -0.2, -0.05, 0.1], atol=1e-6)
    assert NAMES == ["mouth", "brows", "eyes", "jaw"]


def test_a_blink_of_two_pictures_in_five_changes_nothing():
    rest = np.full(52, 0.1)
    open_eyes = [face(t, rest) for t in (0.0, 0.3, 0.4)]
    blink = [face(t, rest, eyeBlinkLeft=0.8, eyeBlinkRight=0.8) for t in (0.1, 0.2)]
    assert measures([*open_eyes, *blink], rest)[NAMES.index("eyes")] == pytest.approx(0.0, abs=1e-6)
    assert measures(blink, rest)[NAMES.index("eyes")] == pytest.approx(-0.4, abs=1e-6)


def test_without_a_mesh_nothing_is_said():
    assert np.isnan(measures([FaceObservation("P001", 0.0)], np.zeros(52))).all()


def test_what_is_known_of_a_person_counts_as_far_as_it_is_known():
    general, own = np.array(fitted()["blendshapes"]), np.full(52, 0.5, np.float32)
    np.testing.assert_array_equal(rest_of(None), general)
    np.testing.assert_allclose(rest_of(Neutral(own, np.zeros(7, np.float32), 1.0)), own)
    np.testing.assert_allclose(rest_of(Neutral(own, np.zeros(7, np.float32), 0.25)), (general + own) / 2)
