"""DUAL-S on single modalities, with the dip in early training looked for; ``python -m benchmarks.dual``.

Its paper reports 10 to 15 points below the baseline before about epoch 40. Spoken and written digits, each alone, the
same epochs for all and none left out: the validation score by epoch, and the test accuracy of the best one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from benchmarks.fusion import interval
from training import metrics
from training.datasets.digits import load_digits
from training.fuse import FuseRecipe, only, said, teach_told

METHODS = {
    "plain": FuseRecipe("none", noisy=False),
    "DFUM": FuseRecipe("none", noisy=False, dfum=True, prior=1e-3),
    "DAM": FuseRecipe("none", noisy=False, dam=True),
    "DUAL-S (both)": FuseRecipe("none", noisy=False, dfum=True, dam=True, prior=1e-3),
}
LOOKED_AT = (1, 2, 4, 8, 16, 32, 64)


def main(argv: Sequence[str] | None = None) -> None:
    """Train and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=64)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    epochs = [one for one in LOOKED_AT if one <= options.epochs]
    print("| digits | method | " + " | ".join(f"epoch {one}" for one in epochs) + " | test | beside plain |")
    print("|---" * (len(epochs) + 4) + "|")
    for m, name in enumerate(("spoken", "written")):
        plain: list[float] = []
        for method, recipe in METHODS.items():
            curves, tests = [], []
            for seed in range(options.seeds):
                scores, test = run(m, recipe, options.epochs, seed)
                curves.append([scores[one - 1] for one in epochs])
                tests.append(test)
            plain = plain or tests
            cells = [f"{100 * one:.1f}" for one in np.mean(curves, axis=0)]
            for values, sign in ((tests, ""), ([a - b for a, b in zip(tests, plain, strict=True)], "+")):
                mean, half = interval(values)
                cells.append(f"{100 * mean:{sign}.1f} ± {100 * half:.1f}")
            print(f"| {name} | {method} | " + " | ".join(cells) + " |", flush=True)


def run(modality: int, recipe: FuseRecipe, epochs: int, seed: int) -> tuple[list[float], float]:
    """Return the validation score by epoch, and the test accuracy of the epoch that was best."""
    task = only(load_digits(seed), modality)
    recipe = replace(recipe, epochs=epochs, patience=epochs, progressive=False)
    network, scores = teach_told(task, recipe, seed)
    guess = said(network, task.test).logits.argmax(1).numpy()
    return scores, metrics.accuracy(task.test.label, guess)


if __name__ == "__main__":
    main()
