"""How much a prediction is worth a label: the thesis' consistency-guided acquisition, per window."""

import math

from core.data import Prediction


def score(prediction: Prediction) -> float:
    """Return how much a label would help here, 0 not at all to 1 most.

    The mean of the entropy of the class probabilities over log K and the disagreement between the modalities, as in
    consistency-guided active learning (arXiv 2511.15741, section 4.6). With one modality there is no consistency to
    ask about and the entropy stands alone. A window without a usable signal scores 0: no label can teach from it.
    """
    if not prediction.probabilities or math.isnan(prediction.uncertainty):
        return 0.0
    entropy = prediction.uncertainty / math.log(len(prediction.classes))
    if math.isnan(prediction.disagreement):
        return min(1.0, entropy)
    return min(1.0, (entropy + prediction.disagreement) / 2)


def reason(prediction: Prediction) -> str:
    """Return in words why a label is wanted here: the strongest part of the uncertainty."""
    if not math.isnan(prediction.disagreement) and prediction.disagreement > 0.3:
        return "EEG and face disagree"
    if prediction.epistemic > prediction.aleatoric:
        return "unlike what the model has learnt from"
    return "several classes fit"
