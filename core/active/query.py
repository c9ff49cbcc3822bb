"""How much a prediction is worth a label: the thesis' consistency-guided acquisition, per window, or another's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.data import Prediction
from core.plugins import load_plugin


def score(prediction: Prediction) -> float:
    """Return how much a label would help here, 0 not at all to 1 most.

    ``H + (1 - H) C``: H, the entropy of the class probabilities over log K, and as far as it is sure all the same, C,
    how far two sure modalities contradict each other (consistency-guided active learning, arXiv 2511.15741, section
    4.6). So a modality that tells nothing asks as little as one that is not there. A window without a usable signal
    scores 0: no label can teach from it.
    """
    if not prediction.probabilities or math.isnan(prediction.uncertainty):
        return 0.0
    entropy = min(1.0, _entropy(prediction))
    return entropy + (1.0 - entropy) * _conflict(prediction)


def reason(prediction: Prediction) -> str:
    """Return in words why a label is wanted here: the strongest part of the score."""
    if _conflict(prediction) > _entropy(prediction):
        return "EEG and face disagree"
    if prediction.epistemic > prediction.aleatoric:
        return "unlike what the model has learnt from"
    return "several classes fit"


@dataclass(frozen=True, slots=True)
class Query:
    """What moments are chosen by."""

    score: Callable[[Prediction], float] = score
    reason: Callable[[Prediction], str] = reason


OWN = Query()


def query_of(name: str) -> Query:
    """Return what ``queue.query`` names: Insula's own for ``""``, else what another package offers.

    That is a callable ``prediction -> score``, 0 not worth asking to 1 most; what lies beyond is cut, and what is no
    number counts 0. It may have an attribute ``reason``, ``prediction -> words``.

    Raises
    ------
    PluginError
        No installed package offers it.
    """
    if not name:
        return OWN
    asked = load_plugin("insula.queries", name, "queue.query")

    def bounded(prediction: Prediction) -> float:
        value = float(asked(prediction))
        return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0

    return Query(bounded, getattr(asked, "reason", lambda _: f"chosen by {name}"))


def _entropy(prediction: Prediction) -> float:
    return prediction.uncertainty / math.log(len(prediction.classes))


def _conflict(prediction: Prediction) -> float:
    return 0.0 if math.isnan(prediction.disagreement) else prediction.disagreement
