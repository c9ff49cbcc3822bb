"""The rebuilt face networks say what the originals say, and the reader finds a real face."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.blendshapes import BLENDSHAPES
from core.errors import CheckpointError
from core.models.face import FaceReader, cut_square
from core.models.face_detector import INPUT_PX, anchors

REFERENCE = Path(__file__).with_name("face_reference.npz")
MESH_REFERENCE = Path(__file__).with_name("face_mesh_reference.npz")


@pytest.fixture(scope="module")
def reader():
    torch.set_num_threads(1)  # as in the live process; several threads only get in each other's way here
    return FaceReader()


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as file:
        return dict(file)


@pytest.fixture(scope="module")
def mesh_reference():
    with np.load(MESH_REFERENCE) as file:
        return dict(file)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x.astype(float), -80, 80)))


def test_expression_network_equals_the_original(reader, reference):
    embeddings, probabilities = reader.embed(reference["crops"])
    np.testing.assert_allclose(embeddings, reference["embeddings"], atol=1e-4)
    np.testing.assert_allclose(probabilities, reference["probabilities"], atol=1e-4)


def test_detector_equals_the_original(reader, reference):
    places, logits = reader._detector(reference["scene"][None])
    np.testing.assert_allclose(places[0] / INPUT_PX, reference["places"] / INPUT_PX, atol=1e-5)
    np.testing.assert_allclose(sigmoid(logits[0]), sigmoid(reference["scores"]), atol=1e-4)


def test_the_last_layer_applied_to_the_embedding_is_the_networks_own_word(reader, reference):
    embeddings, probabilities = reader.embed(reference["crops"])
    logits = torch.from_numpy(embeddings @ reader.classifier_weight.T + reader.classifier_bias)
    np.testing.assert_allclose(logits.softmax(dim=-1).numpy(), probabilities, atol=1e-6)


def test_a_batch_gives_what_one_at_a_time_gives(reader, reference):
    together, _ = reader.embed(reference["crops"])
    alone = np.concatenate([reader.embed(crop[None])[0] for crop in reference["crops"]])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_mesh_equals_the_original(reader, mesh_reference):
    points, _, presence = reader.mesh(mesh_reference["crops"])
    np.testing.assert_allclose(points / 256, mesh_reference["points"] / 256, atol=1e-4)
    np.testing.assert_allclose(sigmoid(presence), sigmoid(mesh_reference["presence"]), atol=1e-4)
    assert (mesh_reference["presence"] > 0).tolist() == [True, True, False]  # the last one is noise


def test_blendshapes_equal_the_original(reader, mesh_reference):
    _, blendshapes, _ = reader.mesh(mesh_reference["crops"])
    np.testing.assert_allclose(blendshapes, mesh_reference["blendshapes"], atol=1e-4)
    smile = [BLENDSHAPES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]
    assert blendshapes[0, smile].min() > 0.9
    assert blendshapes[0, BLENDSHAPES.index("jawOpen")] < 0.2


def test_finds_the_face_and_where_its_parts_are(reader, reference):
    (face,) = reader.detect(reference["scene"])
    right_eye, left_eye, nose, mouth, right_ear, left_ear = face.keypoints
    assert face.score > 0.8
    assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
    assert right_eye[1] < nose[1] < mouth[1] < face.box[3]


def test_looking_near_finds_the_same_face(reader, reference):
    (far,) = reader.detect(reference["scene"])
    moved = tuple(value + 8 for value in far.box)
    (near,) = reader.detect(reference["scene"], near=moved)
    width = far.box[2] - far.box[0]
    np.testing.assert_allclose(near.keypoints, far.keypoints, atol=0.08 * width)


def test_no_face_in_noise_or_in_the_dark(reader):
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    assert reader.detect(noise) == []
    assert reader.detect(np.zeros_like(noise)) == []
    assert reader.detect(noise, near=(-500.0, -500.0, -400.0, -400.0)) == []


def test_keypoints_are_in_pixels_of_the_frame(reader, reference):
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[100:356, 300:556] = reference["scene"]
    (alone,), (placed,) = reader.detect(reference["scene"]), reader.detect(frame)
    np.testing.assert_allclose(placed.keypoints - [300, 100], alone.keypoints, atol=6)


def test_same_frame_same_bits(reader, reference):
    first, second = reader.detect(reference["scene"]), reader.detect(reference["scene"].copy())
    assert first[0].keypoints.tobytes() == second[0].keypoints.tobytes()


def test_anchors_of_a_smaller_picture_are_the_first_cells_of_the_full_one():
    assert anchors().shape == (896, 2)
    assert anchors(128).shape == (224, 2)
    assert anchors(128).max() < 128


def test_a_square_over_the_edge_is_black_outside():
    square = cut_square(np.full((10, 10, 3), 200, np.uint8), -10, -10, 20, 40)
    assert square[:20, :20].max() == 0
    assert square[20:, 20:].min() == 200


def test_faces_of_another_size_are_refused(reader):
    with pytest.raises(ValueError, match="112"):
        reader.embed(np.zeros((1, 96, 96, 3), np.uint8))


def test_heads_of_another_size_are_refused(reader):
    with pytest.raises(ValueError, match="256"):
        reader.mesh(np.zeros((1, 112, 112, 3), np.uint8))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 1), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((1, 480, 640, 3), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((480, 640, 3), np.int64),
        np.zeros((15, 640, 3), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_told_and_not_read(reader, picture):
    with pytest.raises(ValueError, match=rf"RGB, 0 to 255, uint8.*not {picture.dtype} of shape") as told:
        reader.detect(picture)
    assert str(picture.shape) in str(told.value)


def test_cuts_of_other_numbers_are_told_and_not_read(reader):
    with pytest.raises(ValueError, match="not float32"):
        reader.embed(np.zeros((1, 112, 112, 3), np.float32))
    with pytest.raises(ValueError, match="not float64"):
        reader.mesh(np.zeros((1, 256, 256, 3)))
    with pytest.raises(ValueError, match=r"not uint8 of shape \(112, 112, 3\)"):
        reader.embed(np.zeros((112, 112, 3), np.uint8))


def test_missing_or_damaged_weights_are_told(monkeypatch, tmp_path):
    monkeypatch.setattr("core.models.face.asset_path", lambda name: tmp_path / name)
    with pytest.raises(CheckpointError, match="Install Insula again"):
        FaceReader()
    (tmp_path / "face").mkdir()
    (tmp_path / "face" / "detector.safetensors").write_bytes(b"no such thing")
    with pytest.raises(CheckpointError, match="detector"):
        FaceReader()
