import math
from dataclasses import replace

import pytest

from core.active.query import reason, score
from core.data import Prediction

NAN = float("nan")
SURE = Prediction(
    participant="P001", start=0.0, stop=2.0, status="ok", classes=("a", "b"), probabilities=(1.0, 0.0),
    valence=0.0, arousal=0.0, valence_sd=0.1, arousal_sd=0.1, uncertainty=0.0, aleatoric=0.0, epistemic=0.0,
    vacuity=0.0, disagreement=0.0, weights=(0.5, 0.5), noise=(1.0, 1.0), prediction_set=(), coverage=0.9,
)  # fmt: skip


def test_a_sure_window_is_not_worth_asking():
    assert score(SURE) == 0.0


def test_a_label_is_wanted_where_nothing_is_sure_or_two_sure_modalities_contradict():
    unsure = replace(SURE, uncertainty=math.log(2))
    assert score(unsure) == score(replace(unsure, disagreement=1.0)) == pytest.approx(1.0)
    assert score(replace(SURE, disagreement=1.0)) == pytest.approx(1.0)
    half = replace(SURE, uncertainty=0.5 * math.log(2))
    assert score(half) == score(replace(half, disagreement=NAN)) == pytest.approx(0.5)
    assert score(replace(half, disagreement=0.5)) == pytest.approx(0.75)


def test_entropy_stands_alone_with_one_modality():
    assert score(replace(SURE, uncertainty=math.log(2), disagreement=NAN)) == pytest.approx(1.0)


def test_a_window_without_signal_is_never_asked():
    nothing = replace(SURE, status="no usable signal", probabilities=(NAN, NAN), uncertainty=NAN, disagreement=NAN)
    assert score(nothing) == 0.0


def test_the_reason_names_the_strongest_part():
    assert reason(replace(SURE, disagreement=0.5)) == "EEG and face disagree"
    assert reason(replace(SURE, disagreement=0.5, uncertainty=0.6 * math.log(2))) == "several classes fit"
    assert reason(replace(SURE, epistemic=0.4, aleatoric=0.1)) == "unlike what the model has learnt from"
    assert reason(replace(SURE, epistemic=0.1, aleatoric=0.4, disagreement=NAN)) == "several classes fit"
