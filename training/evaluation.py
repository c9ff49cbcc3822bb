"""What a network says of windows whose truth is known, and how good that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.calibration import AdaptiveSets, fit_temperature, lac_scores, probabilities
from core.conditions import conditions
from core.models.model_file import Calibration
from core.models.network import Network
from training import metrics
from training.examples import Examples, Ints

Floats = NDArray[np.float64]
CONDITIONS = conditions()
"""Of networks that read EEG and face alone; see `conditions_of`."""
N_SCORES = 300
CORRUPTED = 3
"""The level of corruption that stands for a bad moment in calibration."""


@dataclass(frozen=True, slots=True)
class WindowOutputs:
    """What the network says of some windows."""

    index: Ints
    """Which windows of the examples."""
    similarity: Floats
    affect: Floats
    affect_log_variance: Floats
    weights: Floats
    noise: Floats


def conditions_of(network: Network) -> dict[str, tuple[bool, ...]]:
    """Return each choice of what a network reads by its name: which of its modalities."""
    return conditions(network.architecture.modalities)


@torch.inference_mode()
def predict(
    network: Network,
    examples: Examples,
    index: Ints,
    condition: str = "both",
    level: int = 0,
    calibration: Calibration | None = None,
) -> WindowOutputs:
    """Return what the network says with only the modalities of `condition`, on windows that have them.

    Parameters
    ----------
    network : Network
    examples : Examples
    index : array of shape (n,), int64
    condition : str
        ``eeg``, ``face``, ``both`` or another of `conditions_of`.
    level : int
        The EEG is corrupted at this level, always the same way.
    calibration : Calibration, optional
        Its doubt of a face whose own neutral face is not known is taken into the similarity.
    """
    network.eval()
    device = network.eeg.population.device
    use = np.array(conditions_of(network)[condition])
    there = examples.has
    index = index[(there[index] | ~use).all(axis=1)]
    rng = np.random.default_rng(level)
    parts: list[tuple[Floats, ...]] = []
    for start in range(0, len(index), 256):
        some = index[start : start + 256]
        inputs = examples.corrupted(some, np.full(len(some), level), rng).inputs
        output = network(inputs._replace(use=inputs.use & torch.from_numpy(use)).to(device))
        doubt = torch.ones(len(some))
        if calibration is not None and use[1] and inputs.known is not None:
            doubt = torch.tensor([calibration.doubt(known) for known in inputs.known.tolist()])
        tensors = (
            output.similarity.cpu() / doubt[:, None],
            output.affect,
            output.affect_log_variance,
            output.fused.weights,
            output.fused.noise,
        )
        parts.append(tuple(one.double().cpu().numpy() for one in tensors))
    if not parts:
        k = len(network.architecture.classes)
        return WindowOutputs(index, np.zeros((0, k)), *(np.zeros((0, n)) for n in (2, 2, len(use), len(use))))
    return WindowOutputs(index, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def calibrate(network: Network, examples: Examples, index: Ints, calibration: Calibration | None = None) -> Calibration:
    """Return temperatures, affect gains and conformal scores, from windows of participants held out for it.

    `calibration` says how much a face is doubted whose own neutral face is not known, and of what else nothing.
    """
    beta = float(network.prototypes.beta().detach())
    by_condition = {}
    for condition, (reads_eeg, *_) in conditions_of(network).items():
        # Half clean, half not: fitted on clean windows alone it was too sure where the EEG's weight falls.
        levels = (0, CORRUPTED) if reads_eeg else (0,)
        by_condition[condition] = together(
            [predict(network, examples, index, condition, level, calibration) for level in levels]
        )
    return calibrate_predicted(by_condition, examples, beta)


def calibrate_predicted(by_condition: Mapping[str, WindowOutputs], examples: Examples, beta: float) -> Calibration:
    """Return the calibration by what was said of held-out windows under each condition."""
    fitted: dict[str, dict[str, float]] = {"temperature": {}, "affect_gain": {}, "affect_spread": {}}
    scores: dict[str, tuple[float, ...]] = {}
    for condition, predicted in by_condition.items():
        known = examples.label[predicted.index] >= 0
        similarity, truth = predicted.similarity[known], examples.label[predicted.index][known]
        temperature = fit_temperature(similarity, truth, beta)
        gain, spread = _fit_affect(predicted, examples.affect[predicted.index])
        for name, value in zip(fitted, (temperature, gain, spread), strict=True):
            fitted[name][condition] = round(value, 6)
        if len(truth):
            score = np.sort(lac_scores(probabilities(similarity, beta, temperature), truth))
            quantiles = np.quantile(score, (np.arange(N_SCORES) + 0.5) / N_SCORES)
            scores[condition] = tuple(round(float(one), 6) for one in quantiles)
    return Calibration(fitted["temperature"], fitted["affect_gain"], fitted["affect_spread"], scores)


def together(parts: Sequence[WindowOutputs]) -> WindowOutputs:
    """Return what was said of several lots of windows as of one."""
    return WindowOutputs(*(np.concatenate([getattr(part, name) for part in parts]) for name in WindowOutputs.__slots__))


def _fit_affect(predicted: WindowOutputs, truth: NDArray[np.float32]) -> tuple[float, float]:
    """Return the factor on valence and arousal that errs least, and the one that makes their spread true."""
    rated = np.isfinite(truth)
    if rated.any(axis=1).sum() < 10:
        return 1.0, 1.0
    y, m = truth[rated].astype(np.float64), predicted.affect[rated]
    gain = float(np.clip((y * m).sum() / (m * m).sum(), 0.25, 4.0))
    spread = float(np.sqrt(np.mean((y - np.clip(gain * m, -1, 1)) ** 2 / np.exp(predicted.affect_log_variance[rated]))))
    return gain, max(spread, 1e-2)


def judge(
    network: Network,
    examples: Examples,
    index: Ints,
    calibration: Calibration,
    coverage: float = 0.9,
) -> dict[str, Any]:
    """Return the figures of merit on windows that nothing was fitted on, fit for JSON."""
    figures: dict[str, Any] = {}
    beta = float(network.prototypes.beta().detach())
    for condition in conditions_of(network):
        predicted = predict(network, examples, index, condition, calibration=calibration)
        if len(predicted.index):
            figures[condition] = _figures(predicted, examples, beta, calibration, condition, coverage)
    for level in (CORRUPTED, 5):
        predicted = predict(network, examples, index, "both", level, calibration)
        if len(predicted.index):
            name = f"both_eeg_corrupted_{level}"
            figures[name] = _figures(predicted, examples, beta, calibration, "both", coverage)
    figures.update(_noise_figures(network, examples, index))
    return figures


def _figures(
    predicted: WindowOutputs, examples: Examples, beta: float, calibration: Calibration, condition: str, coverage: float
) -> dict[str, float]:
    label = examples.label[predicted.index]
    known = label >= 0
    raw, calibrated = (
        probabilities(predicted.similarity[known], beta, t) for t in (1.0, calibration.temperature[condition])
    )
    label = label[known]
    guess = calibrated.argmax(axis=1)
    sets = AdaptiveSets(coverage, calibration.scores)
    held, size = metrics.set_coverage([sets.sets(p, condition) for p in calibrated], label)
    affect = examples.affect[predicted.index]
    out = {
        "windows": float(len(label)),
        "accuracy": metrics.accuracy(label, guess),
        "macro_f1": metrics.macro_f1(label, guess),
        "ece_before_temperature": metrics.calibration_error(raw, label),
        "ece": metrics.calibration_error(calibrated, label),
        "set_coverage": held,
        "set_size": size,
    }
    guessed = np.clip(calibration.affect_gain[condition] * predicted.affect, -1.0, 1.0)
    for k, name in enumerate(("ccc_valence", "ccc_arousal")):
        rated = np.isfinite(affect[:, k])
        if rated.any():
            out[name] = metrics.ccc(affect[rated, k], guessed[rated, k])
    return {name: round(value, 4) for name, value in out.items()}


def _noise_figures(network: Network, examples: Examples, index: Ints) -> dict[str, Any]:
    """Return how the estimated noise and the weight of the EEG follow the level of its corruption."""
    face_clean = index[examples.face_level[index] == 0]
    predicted = [predict(network, examples, face_clean, "both", level) for level in range(6)]
    if not len(predicted[0].index):
        return {}
    noise = np.concatenate([one.noise[:, 0] for one in predicted])
    level = np.repeat(np.arange(6), [len(one.index) for one in predicted])
    out: dict[str, Any] = {
        "eeg_noise_spearman": round(metrics.rank_correlation(noise, level), 4),
        "eeg_noise_by_level": [round(float(np.median(one.noise[:, 0])), 3) for one in predicted],
        "eeg_weight_by_level": [round(float(one.weights[:, 0].mean()), 3) for one in predicted],
        "kappa": [round(float(k), 3) for k in network.fusion.state_dict().get("kappa", [])],
    }
    clean = predict(network, examples, index, "both")
    by_level = examples.face_level[clean.index]
    out["face_noise_spearman"] = round(metrics.rank_correlation(clean.noise[:, 1], by_level), 4)
    for name, values in (("noise", clean.noise[:, 1]), ("weight", clean.weights[:, 1])):
        out[f"face_{name}_by_level"] = [round(float(values[by_level == k].mean()), 3) for k in np.unique(by_level)]
    return out
