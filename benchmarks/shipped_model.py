"""The model that ships, as it is, on the simulated participants that its training left out for figures.

``python -m benchmarks.shipped_model`` (some four minutes) prints Markdown tables: the figures of the model card with
the face as it is read today, and the prediction sets that are used live by what a window was read from, with what
crepes (``pip install insula[bench]``) makes of a person's own answers alone beside them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.session.wiring import one_thread_each
from app.study.train_simulated import Plan, simulate_participant
from benchmarks.conformal import ANSWERS, COVERAGE, Stream, followed
from core.calibration import WITHOUT_NEUTRAL, AdaptiveSets, probabilities
from core.models.checkpoint import load
from core.models.model_file import SHIPPED, Calibration
from core.models.network import Network
from training.baselines import follow_baselines
from training.evaluation import judge, predict
from training.examples import Examples, split_participants
from training.simulated import SimulatedRecipe

_COLUMNS = ("accuracy", "macro_f1", "ccc_valence", "ccc_arousal", "ece_before_temperature", "ece", "set_coverage",
            "set_size", "windows")  # fmt: skip
_TEST = 3
"""Which of the parts of `SimulatedRecipe.shares` the figures are of."""
N_WINDOWS = 64
"""Of each person, drawn by lot, for the sets after answers."""


def main() -> None:
    """Print the tables."""
    one_thread_each()
    found, plan = load(SHIPPED), Plan()
    network, header = found.network.eval(), found.header
    names = [f"sim{number + 1:03d}" for number in range(plan.participants)]
    left_out = split_participants(names, SimulatedRecipe().shares, plan.seed)[_TEST]
    numbers = [names.index(name) for name in left_out]
    with ProcessPoolExecutor(plan.workers, get_context("spawn"), initializer=one_thread_each) as pool:
        each = pool.map(partial(simulate_participant, plan=plan), numbers)
        examples = Examples(
            (pair for pairs in each for pair in pairs), network.architecture.n_embedding, network.architecture.n_times
        )
    follow_baselines(network, examples)
    index = np.arange(len(examples.label))
    figures = judge(network, examples, index, header.calibration)
    print(f"{len(left_out)} simulated participants\n\n| read from | {' | '.join(_COLUMNS)} |")
    print(f"|---|{'---|' * len(_COLUMNS)}")
    for name, row in figures.items():
        if isinstance(row, dict):
            print(f"| {name} | {' | '.join(str(row.get(column, '')) for column in _COLUMNS)} |")
    print("\n" + "\n".join(f"{name}: {row}" for name, row in figures.items() if not isinstance(row, dict)))
    print(f"\n| read from | people | sets | {' | '.join(f'after {n}' for n in ANSWERS)} |")
    print(f"|---|---|---|{'---|' * len(ANSWERS)}")
    for name in ("face", WITHOUT_NEUTRAL, "eeg", "both"):
        make = partial(streams, network, header.calibration, examples, name)
        for method in ("these", "own answers alone", "crepes"):
            print(
                f"| {name} | {len(list(make()))} | {method} | {' | '.join(followed(list(make()), method))} |",
                flush=True,
            )


def streams(network: Network, calibration: Calibration, examples: Examples, condition: str) -> Iterator[Stream]:
    """Give a stream of each participant who has windows that are read so live, with the sets that ship."""
    whole = "face" if condition == WITHOUT_NEUTRAL else condition
    said = predict(network, examples, np.arange(len(examples.label)), whole, calibration=calibration)
    probability = probabilities(
        said.similarity, float(network.prototypes.beta().detach()), calibration.temperature[whole]
    )
    kept = examples.label[said.index] >= 0
    if whole == "face":
        known = examples.corrupted(
            said.index, np.zeros(len(said.index), np.int64), np.random.default_rng(0)
        ).inputs.known
        assert known is not None
        kept &= (known.numpy() >= 1.0) == (condition == "face")
    classes = network.architecture.classes
    untested = {name: {classes.index(one): p for one, p in some.items()} for name, some in calibration.untested.items()}
    for k, name in enumerate(np.unique(examples.participants)):
        own: NDArray[np.int64] = np.flatnonzero(kept & (examples.participants[said.index] == name))
        if len(own) >= N_WINDOWS:
            own = np.random.default_rng(k).permutation(own)[:N_WINDOWS]
            sets = AdaptiveSets(COVERAGE, calibration.scores, untested)
            yield sets, condition, probability[own], examples.label[said.index][own]


if __name__ == "__main__":
    main()
