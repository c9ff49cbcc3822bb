"""What Insula 0.1.0 recorded, and the model that it shipped: both are read as they were.

Six simulated channels at 128 Hz and four pictures a second for twelve seconds, with the predictions and the label of
then.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from acquisition.replay import recorded_predictions
from core.config import Config, ModelConfig
from core.data import Label, Prediction
from core.models.model_file import read_model
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.flows.live import replayed

BEFORE = Path(__file__).with_name("recorded_0_1")
MODEL = BEFORE / "model.safetensors"
_SAME = 1e-3
"""Far below what anyone sees. Where it was recorded the bits are the same; other processors add in another order: what
an AMD recorded, an Intel repeated to 1.9e-4."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session.open(Path(shutil.copytree(BEFORE, tmp_path_factory.mktemp("before") / "study")))


def test_the_model_of_then_gives_the_predictions_of_then(session: Session):
    then = recorded_predictions(session.xdf)
    now = [e for e in replayed(session.xdf, Config(model=ModelConfig(path=str(MODEL))))[1] if isinstance(e, Prediction)]
    assert len(now) == len(then) == 40
    for before, again in zip(then, now, strict=True):
        for name in ("participant", "start", "stop", "status", "classes", "label", "prediction_set", "model"):
            assert getattr(again, name) == getattr(before, name), name
        for name in (
            "probabilities",
            "valence",
            "arousal",
            "valence_sd",
            "arousal_sd",
            "weights",
            "noise",
            "epistemic",
        ):
            np.testing.assert_allclose(getattr(again, name), getattr(before, name), atol=_SAME, err_msg=name)
    assert any(min(prediction.weights) > 0 for prediction in then), "both sensors were read"


def test_the_model_of_then_says_what_it_is():
    model = read_model(MODEL)
    assert model.classes == ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
    assert model.sha256[:8] == "fac46d63"


def test_the_label_of_then_is_there_in_both_files(session: Session):
    with LabelStore(session.labels) as store:
        (label,) = store.all()
    assert (label.uid, label.label, label.valence, label.annotator) == ("u1", "happy", 0.5, "anna")
    (in_xdf,) = (item for item in replayed(session.xdf, Config())[0] if isinstance(item, Label))
    assert repr(in_xdf) == repr(label)  # NaN is not itself
