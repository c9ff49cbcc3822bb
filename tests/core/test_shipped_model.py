"""The model that ships, on real faces: without a taught student it tells a smile, and how sure it may be."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.assets import asset_path
from core.config import Config, FaceConfig, ModelConfig
from core.data import Chunk, FaceObservation, Neutral, StreamInfo, Window
from core.face_neutral import read_neutral
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
    assert p.valence > 0.25


def test_real_smiles_are_told_from_the_same_persons_neutral_face(
    predictor: Predictor, reader: FaceReader, shared_data: Path
):
    neutral = sorted((shared_data / "london-faces" / "neutral").glob("*.jpg"))[::5]
    assert len(neutral) > 10
    right, quiet, sure, unsure = [], [], [], []
    for path in neutral:
        smiling = path.parent.parent / "smiling" / path.name.replace("_03", "_08")
        at_rest, smile = (
            look(cv2.cvtColor(cv2.imread(str(one)), cv2.COLOR_BGR2RGB), reader) for one in (path, smiling)
        )
        own = read_neutral("P001", -1.0, 1.0, at_rest)
        known = Neutral(np.array(own.blendshapes, np.float32), np.array(own.log_odds, np.float32), 1.0)
        for faces, name in ((at_rest, "neutral"), (smile, "happy")):
            with_own, without = predictor.predict([replace(window(faces), neutral=known), window(faces)])
            right.append(with_own.label == name)
            quiet.append(with_own.noise[1])
            sure.append(max(with_own.probabilities))
            unsure.append(max(without.probabilities))
            assert (with_own.neutral, without.neutral) == ("own", "unknown")
    assert np.mean(right) > 0.9
    # Studio pictures of people it has never seen are hardly noise: 1 is clean, 2 the least that was taught as noise.
    assert np.median(quiet) < 2.0
    # Without a neutral face no picture makes it sure, however clear.
    assert np.mean(sure) > 0.9
    assert np.mean(unsure) < max(unsure) < 0.85
