"""How fast `insula train people` learns beside a bare loop, how fast it prepares, and what two cores bring.

``python -m benchmarks.training`` prints three tables; ``--only`` takes some of them. *loop*: all that
`training.people.fit_network` does (drawing, corrupting, the run's folder, TensorBoard's curves where that is installed)
beside a loop of the same network, losses and optimiser over the very same batches, which lie ready; in turns, by
processor time. *prepare*: the same files of a table and the same recorded session read for the first and for the second
time, as another run would. *folds*: the same folds on one core and on two, in turns, by wall time: **two cores must be
free for that**; processor time tells what several processes cost beside one. What is learnt from is noise, for time
does not hang on what it says; what is prepared is simulated EEG.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import mne
import numpy as np
import torch

from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.trajectory import Trajectory
from app.study.derivatives import made_by
from app.study.labelled_data import TABLE, read_labelled
from app.study.recorded_windows import RecordedWindows
from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, table
from benchmarks.material import record
from core.blendshapes import BLENDSHAPES
from core.config import Config, EegConfig, WindowConfig
from core.data import FaceObservation, Window
from core.models.model_file import Architecture
from core.models.network import Network
from core.montage import position
from training.baselines import fit_population
from training.cross_validation import FOLDS, WINDOWS, leave_out, windows_of
from training.examples import Examples, TrainingBatch, Truth
from training.folds import run_folds
from training.kept_examples import digest, keep
from training.loop import MAX_NORM, silent
from training.objective import Objective
from training.people import PeopleRecipe, Setting, fit_network, learns_noise
from training.run import Run
from training.splits import Sides

CLASSES = ("calm", "load")
CAP = (
    *("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz"),
    *("C4", "T8", "P7", "P3", "Pz", "P4", "P8", "O1", "O2"),
)
SETTING = Setting(10)
ARCHITECTURE = Architecture(classes=CLASSES)
RECIPES = {
    "EEG alone, --noise none": PeopleRecipe(ARCHITECTURE, "eeg", settings=(SETTING,), noise="none"),
    "EEG alone": PeopleRecipe(ARCHITECTURE, "eeg", settings=(SETTING,)),
    "EEG and face, --noise none": PeopleRecipe(ARCHITECTURE, settings=(SETTING,), noise="none"),
    "EEG and face": PeopleRecipe(ARCHITECTURE, settings=(SETTING,)),
}
CONFIG = Config(eeg=EegConfig(notch=50.0), window=WindowConfig(step=1.0))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    people: int = 8
    trials: int = 8
    trial_s: int = 20
    recording_s: float = 180.0
    turns: int = 3


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts: dict[str, Callable[[Path, Size], str]] = {"loop": loop, "prepare": prepare, "folds": folds}
    parser.add_argument("--only", nargs="*", choices=parts, default=list(parts))
    parser.add_argument("--turns", type=int, default=Size().turns)
    args = parser.parse_args(argv)
    one_thread_each()
    print(describe_machine())
    with tempfile.TemporaryDirectory(prefix="insula-training-") as folder:
        for name in args.only:
            print(f"\n{parts[name](Path(folder) / name, Size(turns=args.turns))}", flush=True)


def windows(size: Size) -> Iterator[tuple[Window, Truth]]:
    """Give windows of noise of some people, a second apart, with a face in each."""
    rng = np.random.default_rng(0)
    places = [position(name) for name in CAP]
    positions = np.array(places, np.float32)
    for person in range(size.people):
        for k in range(size.trials * size.trial_s):
            trial = k // size.trial_s
            faces = tuple(
                FaceObservation(
                    f"P{person}", k + n / 8, quality=0.9,
                    embedding=rng.standard_normal(ARCHITECTURE.n_embedding, np.float32),
                    blendshapes=rng.random(len(BLENDSHAPES), np.float32),
                )
                for n in range(16)
            )  # fmt: skip
            eeg = 10.0 * rng.standard_normal((len(CAP), ARCHITECTURE.n_times), np.float32)
            window = Window(
                f"P{person}", float(k), k + 2.0, eeg, np.ones(len(CAP), bool), CAP, positions, 10.0, faces=faces
            )
            yield window, Truth(trial % 2, trial=trial)


def kept_windows(folder: Path, size: Size) -> Path:
    """Return the file of the windows, as a run's folder has it."""
    path = folder / WINDOWS
    if not path.exists():
        folder.mkdir(parents=True)
        keep(Examples(windows(size), ARCHITECTURE.n_embedding, ARCHITECTURE.n_times), path)
    return path


def loop(folder: Path, size: Size) -> str:
    """Return the table of the loop beside a bare one."""
    rows = []
    for name, recipe in RECIPES.items():
        examples = windows_of(kept_windows(folder, size), recipe.sensors, recipe.architecture)
        batches = drawn(examples, recipe)
        ours, bare = [], []
        for turn in range(size.turns):
            run = Run(folder / f"{name} {turn}", {"turn": turn})
            ours.append(processor_s(taught, examples, recipe, run))
            bare.append(processor_s(*bare_loop(examples, recipe, batches)))
        share = [b / a for a, b in zip(ours, bare, strict=True)]
        rows.append([
            name, str(len(batches)), f"{median(ours):.2f}", f"{median(bare):.2f}", f"{median(share):.2f}",
            f"{min(share):.2f} to {max(share):.2f}",
        ])  # fmt: skip
    head = ["learns from", "batches", "fit_network, s", "bare loop, s", "share of its speed", "lowest and highest turn"]
    return "The loop, by processor time\n\n" + table(head, rows)


def processor_s(work: Callable[..., object], *more: object) -> float:
    """Return the processor seconds that something takes."""
    watch = Stopwatch()
    work(*more)
    return watch.read()[1]


def taught(examples: Examples, recipe: PeopleRecipe, run: Run | None = None) -> Network:
    """Return a network as a fold teaches it."""
    return fit_network(examples, Sides(np.arange(len(examples)), None), recipe, SETTING, "all", run)


def drawn(examples: Examples, recipe: PeopleRecipe) -> list[TrainingBatch]:
    """Return the batches that a fold learns from, in order."""
    batches: list[TrainingBatch] = []
    give = examples.batch

    def batch(*asked: object) -> TrainingBatch:
        batches.append(give(*asked))  # type: ignore[arg-type]
        return batches[-1]

    examples.batch = batch  # type: ignore[method-assign, assignment]
    try:
        taught(examples, recipe)
    finally:
        del examples.batch
    return batches


def bare_loop(
    examples: Examples, recipe: PeopleRecipe, batches: Sequence[TrainingBatch]
) -> tuple[Callable[[], Network]]:
    """Return a loop over the batches with nothing round it, for a network and an optimiser that are made before."""
    torch.manual_seed(recipe.seed)
    network = Network(recipe.architecture)
    for part in network.eeg.front_end():
        part.requires_grad_(False)
    fit_population(network, examples, np.arange(len(examples)))
    objective = Objective(network, recipe.weights, len(examples))
    parameters = [p for p in (*network.parameters(), *objective.parameters()) if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=SETTING.learning_rate, weight_decay=recipe.weight_decay)
    reader, each = network.eeg.reader, len(batches) // SETTING.epochs
    has_noise = learns_noise(examples, np.arange(len(examples)), recipe)

    def run() -> Network:
        network.train()
        for number, batch in enumerate(batches):
            epoch = number // each
            noisy = has_noise and epoch >= SETTING.epochs // 2  # as the stages go; with --noise none on clean windows
            optimiser.param_groups[0]["lr"] = SETTING.learning_rate * (1.0 - 0.95 * epoch / SETTING.epochs)
            weights = [one.weight.square().sum() for one in (reader.line, reader.hidden, reader.out)]
            loss = objective(network, batch, noisy, (epoch + 1) / SETTING.epochs)
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss + recipe.shrink * torch.stack(weights).sum())
            torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)
            optimiser.step()
        return network

    return (run,)


def prepare(folder: Path, size: Size) -> str:
    """Return the table of what is read for the first and the second time."""
    data = folder / "table"
    data.mkdir(parents=True)
    rows = ["participant\tfile\tstart\tstop\tlabel\n"]
    for person in range(4):
        name = f"P{person}_raw.fif"
        generator = EegGenerator(person, CAP, 250.0, Trajectory(person))
        volts = 1e-6 * generator.block(0, round(250 * size.recording_s)).T
        mne.io.RawArray(volts, mne.create_info(list(CAP), 250.0, "eeg"), verbose="error").save(
            data / name, verbose="error"
        )
        half = size.recording_s / 2
        rows += [f"P{person}\t{name}\t0\t{half}\tcalm\n", f"P{person}\t{name}\t{half}\t{size.recording_s}\tload\n"]
    (data / TABLE).write_text("".join(rows), encoding="utf-8")
    session = record(folder / "study", CONFIG, 0, size.recording_s, 32, 250.0, face=False)

    def read_table() -> None:
        read_labelled(data, CONFIG, silent)

    def read_session() -> None:
        RecordedWindows("", CONFIG, silent).of(session.xdf)

    made_by()  # of a process, once
    told = []
    for name, read in (
        (f"a table, 4 people of {size.recording_s:.0f} s, 19 channels", read_table),
        (f"a session of {size.recording_s:.0f} s, 32 channels", read_session),
    ):
        first, second = processor_s(read), processor_s(read)
        told.append([name, f"{first:.2f}", f"{second:.2f}", f"{first / second:.0f}"])
    return "Preparing, processor seconds\n\n" + table(["what", "first run", "second run", "times as fast"], told)


def folds(folder: Path, size: Size) -> str:
    """Return the table of folds on one core and on two."""
    path = kept_windows(folder, size)
    names = [f"P{person}" for person in range(size.people)]
    recipe = PeopleRecipe(ARCHITECTURE, "eeg", windows=digest(path))
    wall: dict[int, list[float]] = {1: [], 2: []}
    cpu: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(size.turns):
        for workers in wall:
            home = folder / f"{turn} {workers}"
            home.mkdir()
            (home / WINDOWS).hardlink_to(path)
            watch, before = Stopwatch(), of_children()
            run_folds(leave_out, recipe, names, home / FOLDS, workers)
            elapsed, own = watch.read()
            wall[workers].append(elapsed)
            cpu[workers].append(own + of_children() - before)
    faster = [one / two for one, two in zip(wall[1], wall[2], strict=True)]
    dearer = [two / one for one, two in zip(cpu[1], cpu[2], strict=True)]
    row = [
        f"{median(wall[1]):.1f}", f"{median(wall[2]):.1f}", f"{median(faster):.2f}",
        f"{min(faster):.2f} to {max(faster):.2f}", f"{median(cpu[1]):.1f}", f"{median(cpu[2]):.1f}",
        f"{median(dearer):.2f}",
    ]  # fmt: skip
    head = ["one core, s", "two cores, s", "times as fast", "lowest and highest turn", "processor, one, s",
            "processor, two, s", "dearer"]  # fmt: skip
    return f"Folds: {len(names)} people left out, ten trainings each, as the command has it\n\n{table(head, [row])}"


def of_children() -> float:
    """Return the processor seconds of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
