"""What the pipeline costs per second of data, against channels, rate and participants.

``python -m benchmarks.scaling`` prints the table of `docs/performance.md`; ``--quick`` is a smoke run. From raw chunk
to prediction and queue, EEG alone; reading from LSL is in `benchmarks/latency.py`, the face in `benchmarks/faces.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from statistics import median

from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, table
from benchmarks.material import simulated_eeg
from core.config import Config
from core.data import Chunk, StreamInfo
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor

_USUAL = (32, 250.0, 1)
Cell = tuple[int, float, int]
"""Channels, rate in Hz, participants."""
_SERIES: dict[str, tuple[Cell, ...]] = {
    "channels": tuple((n, 250.0, 1) for n in (4, 8, 16, 32, 64, 128, 256)),
    "rate": tuple((32, rate, 1) for rate in (125.0, 250.0, 500.0, 1000.0, 2048.0)),
    "participants": tuple((32, 250.0, n) for n in (1, 2, 4, 8)),
}
_QUICK: dict[str, tuple[Cell, ...]] = {"channels": ((4, 250.0, 1), _USUAL), "participants": (_USUAL, (32, 250.0, 2))}


@dataclass(frozen=True, slots=True)
class Material:
    """What one cell of the table is measured on."""

    infos: Sequence[StreamInfo]
    chunks: Sequence[Chunk]
    n_chans: int


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of the pipeline against channels, rate and participants.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of data in each cell")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    one_thread_each()
    series, seconds, repeats = _SERIES, args.seconds, args.repeats
    if args.quick:
        series, seconds, repeats = _QUICK, 8.0, 1
    print(describe_machine())
    print(
        f"Simulated participants, seeds 1 to 8, {seconds:g} s of data in each cell, {repeats} repeats, in each "
        "all cells in turn; windows of 2 s every 0.25 s. Median, and lowest and highest of the repeats.\n"
    )
    spent = measure(dict.fromkeys(cell for cells in series.values() for cell in cells), seconds, repeats)
    head = ("against", "channels", "rate, Hz", "participants", "CPU ms per s of data", "range", "of the usual")
    rows = [row for name, cells in series.items() for row in _rows(name, cells, spent)]
    print(table((*head, "of linear", "x real time"), rows))
    print("\n`of linear`: the cost over what it would be if it grew from the first row of its kind as the size does.")


def measure(cells: Iterable[Cell], seconds: float, repeats: int) -> dict[Cell, list[float]]:
    """Return processor seconds for each second of data, one value for each repeat.

    Other programs slow down one minute more than the next: so each repeat takes the cells in turn, and what is a
    ratio in the table was measured side by side.
    """
    material = {cell: _material(*cell, seconds) for cell in cells}
    spent: dict[Cell, list[float]] = {cell: [] for cell in material}
    for _ in range(repeats):
        for cell, one in material.items():
            spent[cell].append(_run(one) / seconds)
    return spent


def _material(n_chans: int, sfreq: float, people: int, seconds: float) -> Material:
    streams = [simulated_eeg(f"P{k + 1:03d}", k + 1, seconds, n_chans, sfreq) for k in range(people)]
    # As they would come: a chunk of each participant in turn.
    chunks = [chunk for together in zip(*(chunks for _, chunks in streams), strict=True) for chunk in together]
    return Material([info for info, _ in streams], chunks, n_chans)


def _run(material: Material) -> float:
    """Return the processor seconds that a session of this takes, from the first chunk to the last prediction."""
    config = Config()
    predictor = Predictor(config.model.path, config)
    predictor.warm_up(material.n_chans)
    pipeline = Pipeline(material.infos, predictor, config, FaceReader())
    watch = Stopwatch()
    for chunk in material.chunks:
        pipeline.push(chunk)
    return watch.read()[1]


def _rows(name: str, cells: Sequence[Cell], spent: Mapping[Cell, Sequence[float]]) -> list[tuple[str, ...]]:
    usual, first = median(spent[_USUAL]), median(spent[cells[0]])
    rows: list[tuple[str, ...]] = []
    for cell in cells:
        ms = [1000 * value for value in spent[cell]]
        middle = median(ms)
        # In each series one of the three grows, so their products are as the sizes are.
        linear = first * prod(cell) / prod(cells[0])
        rows.append(
            (
                *(name, str(cell[0]), f"{cell[1]:g}", str(cell[2])),
                *(f"{middle:.1f}", f"{min(ms):.1f} to {max(ms):.1f}"),
                *(f"{middle / 1000 / usual:.2f}", f"{middle / 1000 / linear:.2f}", f"{1000 / middle:.0f}"),
            )
        )
    return rows


if __name__ == "__main__":
    main()
