import numpy as np
import pytest

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation
from core.face_movement import mouth_movement


def faces(jaw, smile=None):
    seen = []
    for k, opened in enumerate(jaw):
        blendshapes = np.zeros(52, np.float32)
        blendshapes[BLENDSHAPES.index("jawOpen")] = opened
        blendshapes[BLENDSHAPES.index("mouthSmileLeft")] = 0.0 if smile is None else smile[k]
        seen.append(FaceObservation("P", k / 8, blendshapes=blendshapes))
    return seen


def test_a_jaw_that_goes_to_and_fro_moves():
    syllables = 0.15 + 0.15 * np.sin(np.arange(16) * 2 * np.pi * 3 / 8 + 0.4)
    assert mouth_movement(faces(syllables)) == 1.0


def test_an_expression_that_comes_or_goes_does_not():
    astonished = np.clip(np.linspace(-0.5, 1.0, 16), 0, 0.7)
    assert mouth_movement(faces(astonished)) == 0.0
    assert mouth_movement(faces(np.zeros(16), smile=np.linspace(0, 1, 16))) == 0.0


def test_the_noise_of_a_still_face_does_not():
    noise = 0.01 * np.random.default_rng(0).random(16)
    assert mouth_movement(faces(0.02 + noise)) == 0.0


@pytest.mark.parametrize("n", [0, 1, 3])
def test_of_too_few_pictures_nothing_is_said(n):
    assert mouth_movement(faces([0.0, 0.5, 0.0][:n])) == 0.0


def test_pictures_without_a_mesh_are_left_out():
    seen = [FaceObservation("P", k / 8, problem="no face") for k in range(16)]
    assert mouth_movement(seen) == 0.0
