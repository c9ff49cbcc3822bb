"""Electrodes that are loud, quiet, bridged, drift or pop: how often it is seen, and how often said of good ones.

``python -m benchmarks.electrodes`` goes on where it stopped and prints the table; ``--data`` is the folder with eegmat
and eegmmidb-S001. Faults are put into one electrode (two for a bridge) of real or simulated EEG, which then goes
through the live chain. The limits were chosen on the first nine people of EEGMAT; the others are in a column of their
own. PyPREP (``pip install "insula[bench]"``) is asked about the same recordings as wholes, for which it was made.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from acquisition.eeg_file import EegFile
from acquisition.simulator.eeg import CAP_32, EegGenerator
from acquisition.simulator.streams import SimulatedEeg
from acquisition.simulator.trajectory import Trajectory, subject_seed
from acquisition.source import items
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import data_folder
from benchmarks.machine import describe_machine, one_thread_each, table
from core.config import Config, EegConfig, WindowConfig
from core.data import Array, Chunk, Window
from core.montage import positions
from core.quality import ELECTRODE_CHECKS
from core.splines import unit_sphere
from core.windowing import Windower

SECONDS = 60.0
STEP_S = 1.0
LENGTH_S = 2.0
N_ELECTRODES = 2
"""In which each fault is put, one after the other."""
N_CHOSEN = 9
"""People of EEGMAT on whom the limits were chosen."""
MUSE, MUSE_LIKE = ("TP9", "AF7", "AF8", "TP10"), ("T7", "Fp1", "Fp2", "T8")
BRIDGE_NOISE_UV = 0.5
DRIFT_UV, DRIFT_PERIOD_S = 300.0, (10.0, 20.0)
POP_UV, POP_DECAY_S, POP_EVERY_S = (100.0, 400.0), (0.05, 0.3), 4.0
_EDGE_S = 0.1
"""A pop nearer than this to the ends of a window need not be seen in it."""
_CHUNK_S = 2.0
PYPREP = 9
"""What stands for PyPREP among the rules by which electrodes are judged."""
RULES = {1: "before", 2: "now", PYPREP: "PyPREP"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording."""

    samples: Array
    """Array of shape (n_chans, n_times), µV."""
    sfreq: float
    ch_names: tuple[str, ...]
    line: float


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A recording with a fault in it."""

    samples: Array
    rows: tuple[int, ...]
    """The electrodes that are faulty,"""
    at: Array
    """and when, s; empty where they always are."""


def times(kind: float, taken: Taken, row: int, rng: np.random.Generator) -> Spoilt:
    """Return the recording with one electrode `kind` times as large."""
    x = taken.samples.copy()
    x[row] = x[row].mean() + kind * (x[row] - x[row].mean())
    return Spoilt(x, (row,), np.zeros(0))


def bridged(taken: Taken, row: int, rng: np.random.Generator) -> Spoilt:
    """Return the recording with an electrode and the nearest one at one potential, and noise of each amplifier."""
    x = taken.samples.copy()
    unit = unit_sphere(positions(taken.ch_names))
    away = np.linalg.norm(unit - unit[row], axis=1)
    away[row] = np.inf
    pair = [row, int(away.argmin())]
    x[pair] = x[pair].mean(axis=0) + BRIDGE_NOISE_UV * rng.standard_normal((2, x.shape[1]))
    return Spoilt(x, tuple(pair), np.zeros(0))


def drifting(taken: Taken, row: int, rng: np.random.Generator) -> Spoilt:
    """Return the recording with one electrode that swings by `DRIFT_UV` to either side."""
    x = taken.samples.copy()
    t = np.arange(x.shape[1]) / taken.sfreq
    x[row] += DRIFT_UV * np.sin(2 * np.pi * (t / rng.uniform(*DRIFT_PERIOD_S) + rng.random()))
    return Spoilt(x, (row,), np.zeros(0))


def popping(taken: Taken, row: int, rng: np.random.Generator) -> Spoilt:
    """Return the recording with one electrode that jumps now and then and comes back."""
    x = taken.samples.copy()
    t = np.arange(x.shape[1]) / taken.sfreq
    at = np.arange(POP_EVERY_S, t[-1], POP_EVERY_S)
    at = at + rng.uniform(-1, 1, len(at))
    for one in at:
        size = np.exp(rng.uniform(*np.log(POP_UV))) * rng.choice((-1, 1))
        since = np.maximum(t - one, 0.0)
        x[row] += np.where(t >= one, size * np.exp(-since / rng.uniform(*POP_DECAY_S)), 0.0)
    return Spoilt(x, (row,), at)


FAULTS: dict[str, Callable[[Taken, int, np.random.Generator], Spoilt]] = {
    "amplitude x 5": partial(times, 5.0),
    "amplitude x 0.1": partial(times, 0.1),
    "bridged": bridged,
    "drift": drifting,
    "pops": popping,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the table of what is there."""
    args = arguments(__doc__, data_folder().parent).parse_args(argv)
    one_thread_each()
    folder, found = args.work / "electrodes", dict(recordings(args.data))
    cells = {
        f"{group}-{name}-{rules}": partial(one_recording, take, rules, number)
        for number, ((group, name), take) in enumerate(found.items())
        for rules in RULES
        if rules == ELECTRODE_CHECKS or (group == "others" and (rules != PYPREP or _has_pyprep()))
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(report(folder, list(found)))


def recordings(data: Path) -> Iterator[tuple[tuple[str, str], Callable[[], Taken]]]:
    """Give the group and name of each recording, and what reads it."""
    for number, rest in enumerate(sorted((data / "eegmat").glob("Subject*_1.edf"))):
        name = rest.stem[:9]
        yield ("chosen" if number < N_CHOSEN else "others", name), partial(read, rest)
        yield ("eegmat 4", name), partial(read, rest, MUSE_LIKE)
    for path in sorted((data / "eegmmidb-S001").glob("*.edf"))[:4]:
        yield ("64", path.stem), partial(read, path, line=60.0)
    for number in range(4):
        yield ("sim 32", str(number)), partial(simulate, number, CAP_32)
        yield ("sim Muse", str(number)), partial(simulate, number, MUSE)


GROUPS = {
    "chosen": "EEGMAT, 19 electrodes, the 9 people that limits were chosen on",
    "others": "9 other people",
    "eegmat 4": "T7 Fp1 Fp2 T8 of all 18",
    "64": "EEGMMIDB S001, 64",
    "sim 32": "simulator, 32",
    "sim Muse": "simulator, Muse",
}


def read(path: Path, ch_names: Sequence[str] = (), line: float = 50.0) -> Taken:
    """Return the first minute of a file, or of some of its electrodes."""
    with EegFile(path, "one") as source:
        info = next(info for info in source.infos if info.kind == "eeg")
        chunks = (one for one in items(source, 0.0) if isinstance(one, Chunk) and one.stream == info.key)
        data = np.concatenate([one.data for one in chunks])
    scale = np.array([info.channels[k].scale_uv for k in info.picks])
    x = (data[: round(SECONDS * info.sfreq), list(info.picks)] * scale).T
    rows = [info.ch_names.index(name) for name in ch_names or info.ch_names]
    return Taken(x[rows], info.sfreq, tuple(ch_names) or info.ch_names, line)


def simulate(number: int, ch_names: Sequence[str]) -> Taken:
    """Return a minute of a simulated participant, with all artefacts that the simulator has by default."""
    seed = subject_seed(902, number)
    generator = EegGenerator(seed, ch_names, 250.0, Trajectory(seed))
    return Taken(generator.block(0, round(SECONDS * 250.0)).T.astype(float), 250.0, tuple(ch_names), 50.0)


def one_recording(take: Callable[[], Taken], rules: int, number: int) -> Arrays:
    """Return counts of one recording by fault, the first of which is none: see `_count`."""
    taken = take()
    asked: Callable[[Taken, Array], tuple[Array, Array]] = whole if rules == PYPREP else partial(live, rules=rules)
    start, bad = asked(taken, taken.samples)
    nothing = Spoilt(taken.samples, (), np.zeros(0))
    rows = [_count(start, bad, nothing)]
    rng = np.random.default_rng([number, 1])
    chosen = rng.permutation(len(taken.ch_names))[:N_ELECTRODES]
    for spoil in FAULTS.values():
        counts = []
        for row in chosen:
            spoilt = spoil(taken, int(row), np.random.default_rng([number, int(row), 2]))
            counts.append(_count(*asked(taken, spoilt.samples), spoilt))
        rows.append(np.sum(counts, axis=0))
    return {"counts": np.stack(rows)}


def live(taken: Taken, samples: Array, rules: int) -> tuple[Array, Array]:
    """Return when each window of the live chain begins, s, and which channels it masks, (n_windows, n_chans)."""
    info = SimulatedEeg("one", 0, 0.0, taken.ch_names, taken.sfreq, clock=None).infos[0]
    config = Config(eeg=EegConfig(notch=taken.line), window=WindowConfig(length=LENGTH_S, step=STEP_S))
    windower = Windower("one", [info], config, rules)
    starts, bad = [], []
    size = round(_CHUNK_S * taken.sfreq)
    for first in range(0, samples.shape[1], size):
        part = samples[:, first : first + size].T
        chunk = Chunk(info.key, (first + np.arange(len(part))) / taken.sfreq, part.astype(np.float32))
        for event in windower.push(chunk):
            if isinstance(event, Window) and event.eeg_mask is not None:
                starts.append(event.start)
                bad.append(~event.eeg_mask)
    return np.array(starts), np.stack(bad)


def whole(taken: Taken, samples: Array) -> tuple[Array, Array]:
    """Return which channels PyPREP takes for bad, as if of one window: arrays of shape (1,) and (1, n_chans)."""
    import mne
    from pyprep.find_noisy_channels import NoisyChannels

    info = mne.create_info(list(taken.ch_names), taken.sfreq, "eeg")
    with contextlib.redirect_stdout(None), warnings.catch_warnings(), mne.utils.use_log_level("error"):
        warnings.simplefilter("ignore")
        raw = mne.io.RawArray(samples * 1e-6, info)
        raw.set_montage("standard_1005")
        found = NoisyChannels(raw, random_state=0)
        found.find_all_bads(ransac=True)
    return np.zeros(1), np.isin(taken.ch_names, found.get_bads())[None]


def _count(start: Array, bad: Array, spoilt: Spoilt) -> Array:
    """Return hits, faulty ones, false alarms, good ones, windows with a false alarm, windows; of channels' windows."""
    faulty = np.zeros(bad.shape, bool)
    faulty[:, list(spoilt.rows)] = True
    if len(spoilt.at) and len(start) > 1:
        into = spoilt.at[None] - start[:, None]
        seen = np.any((into >= _EDGE_S) & (into < LENGTH_S - _EDGE_S), axis=1)
        faulty[~seen] = False
    good = np.ones(bad.shape, bool)
    good[:, list(spoilt.rows)] = False
    alarms = bad & good
    return np.array([
        (bad & faulty).sum(), faulty.sum(), alarms.sum(), good.sum(), alarms.any(axis=1).sum(), len(bad),
    ])  # fmt: skip


def report(folder: Path, found: Sequence[tuple[str, str]]) -> str:
    """Return the table of hits, and of false alarms."""
    columns, head = [], []
    for group, words in GROUPS.items():
        for rules, name in RULES.items():
            kept = [read_cell(folder, f"{one}-{who}-{rules}") for one, who in found if one == group]
            there = [one["counts"] for one in kept if one is not None]
            if there:
                head.append(f"{words}: {name}")
                columns.append(np.sum(there, axis=0))
    rows = [
        [f"hits, {name}", *(_share(counts[k, 0], counts[k, 1]) for counts in columns)]
        for k, name in enumerate(FAULTS, start=1)
    ]
    rows.append(["false alarms, nothing wrong", *(_share(counts[0, 2], counts[0, 3]) for counts in columns)])
    rows.append(["windows with one", *(_share(counts[0, 4], counts[0, 5]) for counts in columns)])
    rows += [
        [f"false alarms, {name} elsewhere", *(_share(counts[k, 2], counts[k, 3]) for counts in columns)]
        for k, name in enumerate(FAULTS, start=1)
    ]
    return table(["", *head], rows)


def _share(some: float, of: float) -> str:
    return f"{some / of:.3f}" if of else ""


def _has_pyprep() -> bool:
    try:
        import pyprep  # noqa: F401
    except ImportError:
        print("PyPREP is not there; `pip install pyprep` for its columns.")
        return False
    return True


if __name__ == "__main__":
    main()
