"""What the pipeline costs per second of data, against channels, rate and participants.

``python -m benchmarks.scaling`` prints the table of `docs/performance.md`; ``--quick`` is a smoke run. From raw chunk
to prediction and queue, EEG alone; reading from LSL is in `benchmarks/latency.py`, the face in `benchmarks/faces.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, table
from benchmarks.material import simulated_eeg
from core.config import Config
from core.data import Prediction
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor

_USUAL = (32, 250.0, 1)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one cell of the table costs."""

    per_second: tuple[float, ...]
    """Processor seconds for each second of data, one value for each repeat."""
    n_predictions: int


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of the pipeline against channels, rate and participants.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of data in each cell")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    one_thread_each()
    cells = [(n, 250.0, 1) for n in (4, 8, 16, 32, 64, 128)]
    cells += [(32, rate, 1) for rate in (125.0, 500.0, 1000.0, 2048.0)]
    cells += [(32, 250.0, n) for n in (2, 4, 8)]
    seconds, repeats = args.seconds, args.repeats
    if args.quick:
        cells, seconds, repeats = [(4, 250.0, 1), _USUAL, (32, 250.0, 2)], 8.0, 1
    print(describe_machine())
    print(
        f"Simulated participants, seeds 1 to 8, {seconds:g} s of data in each cell, {repeats} repeats; windows of 2 s "
        "every 0.25 s. Median, and lowest and highest of the repeats.\n"
    )
    costs = {cell: measure(*cell, seconds, repeats) for cell in cells}
    usual = median(costs[_USUAL].per_second)
    head = ("channels", "rate, Hz", "participants", "CPU ms per s of data", "range", "of the usual", "x real time")
    rows = []
    for (n_chans, sfreq, people), cost in costs.items():
        ms = [1000 * value for value in cost.per_second]
        middle = median(ms)
        rows.append(
            (
                *(str(n_chans), f"{sfreq:g}", str(people), f"{middle:.1f}", f"{min(ms):.1f} to {max(ms):.1f}"),
                *(f"{middle / 1000 / usual:.2f}", f"{1000 / middle:.0f}"),
            )
        )
    print(table(head, rows))


def measure(n_chans: int, sfreq: float, people: int, seconds: float, repeats: int) -> Cost:
    """Return what a session of `seconds` with so many channels, samples a second and participants costs."""
    config = Config()
    face_reader = FaceReader()
    streams = [simulated_eeg(f"P{k + 1:03d}", k + 1, seconds, n_chans, sfreq) for k in range(people)]
    infos = [info for info, _ in streams]
    # As they would come: a chunk of each participant in turn.
    chunks = [chunk for together in zip(*(chunks for _, chunks in streams), strict=True) for chunk in together]
    spent, n_predictions = [], 0
    for _ in range(repeats):
        predictor = Predictor(config.model.path, config)
        predictor.warm_up(n_chans)
        pipeline = Pipeline(infos, predictor, config, face_reader)
        watch = Stopwatch()
        events = [event for chunk in chunks for event in pipeline.push(chunk)]
        spent.append(watch.read()[1] / seconds)
        n_predictions = sum(isinstance(event, Prediction) for event in events)
    return Cost(tuple(spent), n_predictions)


if __name__ == "__main__":
    main()
