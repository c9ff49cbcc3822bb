"""``insula evaluate``: how well a model reads labelled recordings, participant by participant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np

from app.commands.train import report
from app.offline import replay
from app.taught_from import recorded_labels
from app.wiring import configuration, existing, pipelines
from core.data import Label, Prediction
from core.errors import FileFormatError
from core.predictor import Predictor

_DRAWS = 2000


def run(args: argparse.Namespace) -> int:
    """Predict each labelled stretch of the recordings under ``--data`` and print a table with intervals."""
    config = configuration(args)
    predictor = Predictor(args.model, config)
    hits: dict[str, list[bool]] = {}
    in_set: list[bool] = []
    abstained = 0
    for path in sorted(existing(args.data).rglob("*_eeg.xdf")):
        labels = [label for label in recorded_labels(path) if label.label in predictor.classes]
        if not labels:
            continue
        report(f"replaying {path.name}")
        said = [
            e for _, es in replay(path, config, pipelines(config, predictor)) for e in es if isinstance(e, Prediction)
        ]
        for label in labels:
            answer = _answer(label, said)
            if answer is None:
                abstained += 1
                continue
            hits.setdefault(label.participant, []).append(answer[0] == label.label)
            in_set.append(label.label in answer[1])
    if not hits:
        raise FileFormatError(f"No labelled recording under {args.data}. Label some with `insula label` first.")
    _print(hits, in_set, abstained)
    return 0


def _answer(label: Label, said: Sequence[Prediction]) -> tuple[str, tuple[str, ...]] | None:
    """Return the class and the set of the mean over the windows whose middle lies in the label; None if it abstained.

    A label is one observation, however many overlapping windows it covers.
    """
    inside = [
        p
        for p in said
        if p.participant == label.participant
        and p.status == "ok"
        and label.start <= (p.start + p.stop) / 2 <= label.stop
    ]
    if not inside:
        return None
    mean = np.mean([p.probabilities for p in inside], axis=0)
    return inside[0].classes[int(mean.argmax())], max((p.prediction_set for p in inside), key=len)


def _print(hits: dict[str, list[bool]], in_set: list[bool], abstained: int) -> None:
    out = sys.stdout
    out.write(f"{'participant':<14}{'labels':>8}{'accuracy':>10}\n")
    for name, right in hits.items():
        out.write(f"{name:<14}{len(right):>8}{np.mean(right):>10.3f}\n")
    means = np.array([np.mean(right) for right in hits.values()])
    draws = np.random.default_rng(0).choice(means, (_DRAWS, len(means))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    out.write(f"{'mean':<14}{sum(map(len, hits.values())):>8}{means.mean():>10.3f}  95 % {low:.3f} to {high:.3f}\n")
    out.write("The interval is a bootstrap over participants; with fewer than five it says little.\n")
    out.write(f"In the prediction set: {np.mean(in_set):.3f}. Abstained on {abstained} labels.\n")
