"""The model that ships, on real faces: without a taught student it must read a face as its pretrained network does."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.assets import asset_path
from core.config import Config, FaceConfig, ModelConfig
from core.data import Chunk, FaceObservation, StreamInfo, Window
from core.faces import FaceStage
from core.models.face import FaceReader
from core.predictor import Predictor

INFO = StreamInfo("cam", "video", "P001", "cam", sfreq=8.0, width_px=512, height_px=512)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor("", Config(model=ModelConfig(device="cpu")))


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader()


def look(picture: np.ndarray, reader: FaceReader) -> tuple[FaceObservation, ...]:
    """Return what is seen of two seconds of one picture."""
    (face,) = FaceStage(INFO, FaceConfig(), reader).push(Chunk("cam", np.zeros(1), picture[None]))
    return (face,) * 16


def window(faces: tuple[FaceObservation, ...]) -> Window:
    return Window("P001", 0.0, 2.0, eeg_problem="missing", faces=faces)


def test_the_model_and_the_face_model_are_of_one_make(predictor: Predictor, reader: FaceReader):
    np.testing.assert_array_equal(predictor._network.face.classifier.weight.numpy(force=True), reader.classifier_weight)


def test_a_photograph_is_read_as_the_expression_network_reads_it(predictor: Predictor, reader: FaceReader):
    picture = cv2.cvtColor(cv2.imread(str(asset_path("simulated/astronaut.png"))), cv2.COLOR_BGR2RGB)
    faces = look(picture, reader)
    assert faces[0].expression is not None
    (p,) = predictor.predict([window(faces)])
    assert p.status == "ok"
    assert p.weights == (0.0, 1.0)
    assert p.label == predictor.classes[int(faces[0].expression.argmax())] == "happy"
    assert p.valence > 0.3


def test_real_faces_are_read_as_the_expression_network_reads_them(
    predictor: Predictor, reader: FaceReader, shared_data: Path
):
    paths = sorted((shared_data / "london-faces").glob("*/*.jpg"))[::5]
    assert len(paths) > 15
    agree, quiet, told = [], [], []
    for path in paths:
        faces = look(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), reader)
        if faces[0].problem or faces[0].expression is None:
            continue
        (p,) = predictor.predict([window(faces)])
        agree.append(int(np.argmax(p.probabilities)) == int(faces[0].expression.argmax()))
        quiet.append(p.noise[1])
        told.append((path.parent.name == "smiling") == (p.valence > 0.3))
    assert np.mean(agree) == 1.0
    # Studio pictures of people it has never seen are no noise.
    assert np.median(quiet) < 2.0
    assert np.mean(told) > 0.8
