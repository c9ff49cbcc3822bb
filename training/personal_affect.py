"""What ratings change: how far, and from where, a person's valence and arousal go, if held-out ratings bear it out.

People use a scale in their own way: one rates a smile .3, another .9. So of valence and arousal each the head's line is
stretched and shifted, two numbers pulled to "no change", and either is kept only where it errs less on ratings that
nothing was learnt from: less than the base, and less than the mean of the ratings, for else they tell nothing of what
is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize

from core.models.heads import AffectHead
from core.models.model_file import Header
from core.models.network import Network
from training.evaluation import Floats, conditions_of, predict
from training.examples import Examples
from training.gate import MIN_EPISODES, mean_over_episodes
from training.held_out import Split

DIMENSIONS = ("valence", "arousal")
PULL = 3.0
"""On the stretch's logarithm and on the shift, in units of independent ratings."""
CERTAIN = 1.64
"""Standard errors over ratings by which what was learnt must be better."""
LEAST_SD = 0.1
"""A rating is at least this uncertain."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a person uses the scale of valence or of arousal, and what held-out ratings say of that."""

    stretch: float
    shift: float
    better: bool
    """Whether it errs less on held-out ratings than the base and than the mean, and is written."""
    held_out: int
    """Ratings that nothing was learnt from."""
    error_before: float
    """Root mean square on these; NaN where there are none."""
    error_after: float


def fit_scales(network: Network, header: Header, examples: Examples, split: Split) -> dict[str, Scale]:
    """Return what the ratings of examples teach of each dimension; baselines are followed as `split` says.

    Each window is read with the sensors that a session would use, by the header.
    """
    said = _said(network, header, examples)
    return {name: _fit(said[:, k], examples, split, k) for k, name in enumerate(DIMENSIONS)}


@torch.no_grad()
def write_scales(scales: dict[str, Scale], head: AffectHead) -> None:
    """Make what holds part of a head."""
    for k, name in enumerate(DIMENSIONS):
        if (one := scales[name]).better:
            head.mean.weight[k] *= one.stretch
            head.mean.bias[k] = one.stretch * head.mean.bias[k] + one.shift


def _said(network: Network, header: Header, examples: Examples) -> Floats:
    """Return the head's line by valence and arousal, and the gain behind it, (n_windows, 2, 2); NaN where unread."""
    covered = np.array([
        header.taught_on.covers(str(name), bool(simulated))
        for name, simulated in zip(examples.participants, examples.simulated, strict=True)
    ])  # fmt: skip
    has = examples.has
    has[:, 0] &= covered
    said = np.full((len(examples), 2, 2), np.nan)
    for condition, used in conditions_of(network).items():
        out = predict(network, examples, np.flatnonzero((has == used).all(axis=1)), condition)
        said[out.index, :, 0] = np.arctanh(np.clip(out.affect, -0.9999, 0.9999))
        said[out.index, :, 1] = header.calibration.affect_gain[condition]
    return said


def _fit(said: Floats, examples: Examples, split: Split, k: int) -> Scale:
    rated = np.isfinite(examples.affect[:, k]) & np.isfinite(said[:, 0])
    train, test = split.train[rated[split.train]], split.test[rated[split.test]]
    n_held_out = len(np.unique(examples.group[test]))
    if not len(train) or n_held_out < MIN_EPISODES:
        return Scale(1.0, 0.0, False, n_held_out, float("nan"), float("nan"))
    _, member, count = np.unique(examples.group[train], return_inverse=True, return_counts=True)
    weight, truth = 1.0 / count[member], examples.affect[train, k].astype(float)
    variance = max(float(np.average((truth - _read(said[train])) ** 2, weights=weight)), LEAST_SD**2)

    def loss(x: Floats) -> float:
        errors = truth - _read(said[train], float(np.exp(x[0])), float(x[1]))
        return float(0.5 * (weight @ errors**2) / variance + 0.5 * PULL * (x @ x))

    x = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-1.5, 1.5), (-1.5, 1.5)]).x
    stretch, shift = float(np.exp(x[0])), float(x[1])
    constant = float(np.average(truth, weights=weight))
    truth = examples.affect[test, k].astype(float)
    before, after = ((truth - _read(said[test], *how)) ** 2 for how in ((1.0, 0.0), (stretch, shift)))
    group = examples.group[test]
    gains = [mean_over_episodes(other - after, group) for other in (before, (truth - constant) ** 2)]
    rms = float(np.sqrt(before.mean())), float(np.sqrt(after.mean()))
    return Scale(
        round(stretch, 4), round(shift, 4), all(gain > CERTAIN * error for gain, error in gains), n_held_out, *rms
    )


def _read(said: Floats, stretch: float = 1.0, shift: float = 0.0) -> Floats:
    return np.asarray(np.clip(said[:, 1] * np.tanh(stretch * said[:, 0] + shift), -1.0, 1.0))


def scale_figures(scales: dict[str, Scale]) -> dict[str, dict[str, float | bool | None]]:
    """Return the scales fit for JSON."""
    return {
        name: {
            "better": one.better, "held_out": one.held_out, "stretch": one.stretch, "shift": one.shift,
            "error_before": _known(one.error_before), "error_after": _known(one.error_after),
        }
        for name, one in scales.items()
    }  # fmt: skip


def _known(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
