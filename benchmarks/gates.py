"""How often the gate claims what is not there, and how often it finds what is: hundreds of runs of each kind.

``python -m benchmarks.gates`` goes on where it stopped and prints the tables; ``--minutes`` says for how long. People
are read once (`benchmarks.learning_people`), and each run goes through the very functions of `insula distil` and
`insula personalise`. In the null kinds the EEG cannot know what it is asked: it was made beside another face, or the
labels are drawn by lot. Intervals of shares are Clopper and Pearson's, 95 %, both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.trajectory import CLASSES, Trajectory
from benchmarks.cells import Arrays, arguments, read_cell, run_cells, say_missing
from benchmarks.eegmat import data_folder
from benchmarks.learning_people import (
    Plan,
    Shown,
    between,
    examples,
    faces_along,
    looks,
    network,
    read_real,
    seed_of,
    simulate,
)  # fmt: skip
from benchmarks.machine import describe_machine, one_thread_each, table
from core.models.model_file import SHIPPED, read_model
from training.distil import fit_student
from training.gate import Tells, Verdict
from training.muscle import Source
from training.personalise import fit_labels

NOISE = Plan("noise", 106, 20, EegKnobs(effect=0.0))
MUSCLE = Plan("muscle", 200, 10, EegKnobs(brain=0.0), 2000)
BOTH = Plan("both", 30, 20, EegKnobs(), 1000)
HEARD_UV = 40.0
"""Muscle that a student hears: at the simulator's default of 2.5 µV it explains next to nothing of any band."""
MUSCLE_HEARD = Plan("muscle40", 12, 20, EegKnobs(brain=0.0, facial_emg_uv=HEARD_UV), 2000)
BOTH_HEARD = Plan("both40", 12, 20, EegKnobs(facial_emg_uv=HEARD_UV), 1000)
BRAIN = {
    1.0: Plan("brain1", 54, 40, EegKnobs(facial_emg_uv=0.0), 1000),
    0.5: Plan("brain05", 30, 20, EegKnobs(effect=0.5, facial_emg_uv=0.0), 1000),
    0.25: Plan("brain025", 30, 20, EegKnobs(effect=0.25, facial_emg_uv=0.0), 1000),
}
PLANS = (NOISE, MUSCLE, BOTH, MUSCLE_HEARD, BOTH_HEARD, *BRAIN.values())
N_NULL = 212
N_REAL = 18
BLOCKS = (45.0, 75.0)
"""Seconds that a mood is held, as in films."""
MOODS = (8.0, 20.0)
LABELS = (8, 16, 32, 64)
LABEL_S = 4.0
SKEWED = 0.7
"""Share of one class among skewed labels."""
POWER = ((1.0, 5), (1.0, 10), (1.0, 20), (1.0, 40), (0.5, 10), (0.5, 20), (0.25, 10), (0.25, 20))
"""Brain effect and minutes."""
PER_CELL = 10
_TELLS, _SOURCES = tuple(Tells), tuple(Source)
Ints = NDArray[np.int64]


class Kind(NamedTuple):
    """One kind of run."""

    words: str
    runs: int
    run: Callable[[int], Arrays]


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    parser = arguments(__doc__, data_folder())
    parser.add_argument("--only", nargs="*", default=None, help="kinds, by name")
    args = parser.parse_args(argv)
    one_thread_each()
    people, folder = args.work / "learning-people", args.work / "gates"
    left = looks(people, args.minutes) + read_real(people, args.data, args.minutes)
    left += sum(simulate(people, plan, args.minutes) for plan in PLANS)
    if left:
        say_missing(left)
        return
    every = kinds(people)
    names = args.only or list(every)
    cells = {
        cell(name, first): partial(several, every[name], first)
        for name in names
        for first in range(0, every[name].runs, PER_CELL)
    }
    say_missing(run_cells(folder, cells, args.minutes))
    print(describe_machine())
    print(report(folder, every))


def cell(kind: str, first: int) -> str:
    """Return the name of a cell's file."""
    return f"{kind}-{first:03d}"


def several(kind: Kind, first: int) -> Arrays:
    """Return the figures of some runs of a kind, one row each."""
    rows = [kind.run(k) for k in range(first, min(first + PER_CELL, kind.runs))]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def kinds(people: Path) -> dict[str, Kind]:
    """Return all kinds of runs by name."""
    out = {
        "noise-moods": Kind(
            "simulated noise, 20 min, independent moods of 8 to 20 s", N_NULL, partial(_noise, people, MOODS)
        ),
        "noise-blocks": Kind(
            "simulated noise, 20 min, independent blocks of 45 to 75 s", N_NULL, partial(_noise, people, BLOCKS)
        ),
        "noise-short": Kind(
            "simulated noise, 4 min, independent moods", N_NULL, partial(_noise, people, MOODS, minutes=4)
        ),
        "real-moods": Kind(
            "real EEG, three people's 4 min as three sessions, independent moods",
            12 * N_REAL,
            partial(_real, people, MOODS),
        ),
        "real-blocks": Kind(
            "real EEG, the same, independent blocks of 45 to 75 s", 12 * N_REAL, partial(_real, people, BLOCKS)
        ),
        "muscle": Kind("muscle alone, 10 min", MUSCLE.people, partial(_own_face, people, MUSCLE, 10)),
        "both": Kind("brain and muscle, 20 min", BOTH.people, partial(_own_face, people, BOTH, 20)),
        "muscle-heard": Kind(
            f"muscle of {HEARD_UV:g} µV alone, 20 min",
            MUSCLE_HEARD.people,
            partial(_own_face, people, MUSCLE_HEARD, 20),
        ),
        "both-heard": Kind(
            f"brain and muscle of {HEARD_UV:g} µV, 20 min",
            BOTH_HEARD.people,
            partial(_own_face, people, BOTH_HEARD, 20),
        ),
    }
    for k in LABELS:
        for skewed in (False, True):
            name = f"labels-{k}-{'skewed' if skewed else 'uniform'}"
            words = f"{k} labels drawn by lot, {'skewed' if skewed else 'uniform'}, EEG alone"
            out[name] = Kind(words, N_NULL, partial(_lots, people, k, skewed))
    for effect, minutes in POWER:
        plan = BRAIN[effect]
        words = f"brain effect {effect:g}, no muscle, {minutes} min"
        per_person = max(1, min(2, int(plan.minutes // minutes)))
        run = partial(_own_face, people, plan, minutes)
        out[f"brain-{effect:g}-{minutes}"] = Kind(words, per_person * plan.people, run)
    return out


@cache
def _person(people: Path, name: str) -> Arrays:
    arrays = read_cell(people, name)
    if arrays is None:
        raise FileNotFoundError(f"{people} has no {name}.npz.")
    return arrays


def _noise(people: Path, hold: tuple[float, float], run: int, minutes: float = 20.0) -> Arrays:
    """Return what comes of EEG that knows nothing beside a face; from the 107th run on with another face."""
    eeg = between(_person(people, f"noise-{run % NOISE.people:03d}"), 0.0, 60.0 * minutes)
    return _distilled(people, [eeg], [Trajectory(50_000 + run, hold)], run)


def _real(people: Path, hold: tuple[float, float], run: int) -> Arrays:
    turn = 1 + run // N_REAL
    numbers = [(run + k * turn) % N_REAL for k in range(3)]
    trajectories = [Trajectory(60_000 + 3 * run + k, hold) for k in range(3)]
    return _distilled(people, [_person(people, f"real-{k:03d}") for k in numbers], trajectories, run)


def _own_face(people: Path, plan: Plan, minutes: float, run: int) -> Arrays:
    number, half = run % plan.people, run // plan.people
    begin = 60.0 * minutes * half
    eeg = between(_person(people, f"{plan.name}-{number:03d}"), begin, begin + 60.0 * minutes)
    return _distilled(people, [eeg], [Later(Trajectory(seed_of(plan, number)), begin)], number)


class Later(NamedTuple):
    """A trajectory from some time on."""

    trajectory: Trajectory
    begin: float

    def expression(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the intensity of each class; see `Trajectory.expression`."""
        return self.trajectory.expression(t + self.begin)


def _distilled(people: Path, eeg: Sequence[Arrays], along: Sequence[Shown], look: int) -> Arrays:
    faces = [faces_along(people, look, one, arrays["start"], look) for one, arrays in zip(along, eeg, strict=True)]
    made = examples(eeg, faces)
    names = [f"recording {k}" for k in range(len(eeg))]
    away = np.concatenate([arrays["central"] for arrays in eeg])
    taught = fit_student(network(), read_model(SHIPPED).header, made, names, away)
    return {
        **_figures(taught.together),
        "source": np.array(_SOURCES.index(taught.source)),
        "written": np.array(taught.is_better),
    }


def _lots(people: Path, k: int, skewed: bool, run: int) -> Arrays:
    """Return what comes of `k` moments of four seconds whose labels are drawn by lot."""
    eeg = _person(people, f"noise-{run % NOISE.people:03d}")
    rng = np.random.default_rng([run, k, int(skewed)])
    made = examples([eeg])
    slots = rng.choice(int(1190 // LABEL_S), k, replace=False)
    share = np.full(len(CLASSES), (1 - SKEWED) / (len(CLASSES) - 1) if skewed else 1 / len(CLASSES))
    share[0] = 1.0 - share[1:].sum()
    label = rng.choice(len(CLASSES), k, p=share)
    label[:2] = (0, 1)  # one class alone is refused before anything is learnt
    for trial, (slot, one) in enumerate(zip(slots, label, strict=True), start=1):
        middle = made.start + 1.0
        inside = (middle >= LABEL_S * slot) & (middle < LABEL_S * (slot + 1))
        made.label[inside], made.trial[inside] = one, trial
    made.settle()
    personal = fit_labels(network(), read_model(SHIPPED).header, made, ["recording"])
    return {
        **_figures(personal.verdicts["eeg"]),
        "source": np.array(0),
        "written": np.array(personal.changes["eeg"].is_change),
    }


def _figures(verdict: Verdict) -> Arrays:
    return {
        "tells": np.array(_TELLS.index(verdict.tells)),
        "better": np.array(verdict.better),
        "episodes": np.array(verdict.episodes),
        "gain": np.array(verdict.gain),
        "over_base": np.array(verdict.gain_over_base),
    }


def share(count: int, among: int) -> str:
    """Return a share with its interval, in percent."""
    low = beta.ppf(0.025, count, among - count + 1) if count else 0.0
    high = beta.ppf(0.975, count + 1, among - count) if count < among else 1.0
    return f"{count}/{among} = {count / max(among, 1):.1%} [{low:.1%}, {high:.1%}]"


def report(folder: Path, every: dict[str, Kind]) -> str:
    """Return the tables of what is there."""
    rows: dict[str, list[list[str]]] = {"null": [], "power": [], "source": []}
    for name, kind in every.items():
        kept = [read_cell(folder, cell(name, first)) for first in range(0, kind.runs, PER_CELL)]
        there = [one for one in kept if one is not None]
        if not there:
            continue
        found = {key: np.concatenate([one[key] for one in there]) for key in there[0]}
        yes, little = (found["tells"] == _TELLS.index(one) for one in (Tells.YES, Tells.TOO_LITTLE))
        n = len(yes)
        gain = f"{np.nanmean(found['gain']):+.3f}" if np.isfinite(found["gain"]).any() else ""
        row = [kind.words, share(int(yes.sum()), n), f"{little.mean():.0%}", f"{found['written'].mean():.0%}"]
        row += [f"{found['episodes'].mean():.0f}", gain, f"{found['over_base'].mean():+.3f}"]
        is_null = name.startswith(("noise", "real", "labels"))
        rows["null" if is_null else "power"].append(row)
        if not is_null:
            counts = [int((yes & (found["source"] == k)).sum()) for k in range(len(_SOURCES))]
            rows["source"].append([kind.words, str(n), *(share(count, n) for count in counts)])
    head = ["runs", "said to tell", "too little", "learnt is written", "held-out episodes", "gain", "over base"]
    return "\n\n".join([
        "Nothing to tell: how often it is said to tell\n\n" + table(head, rows["null"]),
        "Something to tell: how often it is found\n\n" + table(head, rows["power"]),
        "Brain or muscle\n\n" + table(["runs", "n", *_SOURCES], rows["source"]),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
