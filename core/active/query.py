"""How much a prediction is worth a label: the thesis' consistency-guided acquisition, per window."""

import math

from core.data import Prediction


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


def _entropy(prediction: Prediction) -> float:
    return prediction.uncertainty / math.log(len(prediction.classes))


def _conflict(prediction: Prediction) -> float:
    return 0.0 if math.isnan(prediction.disagreement) else prediction.disagreement
