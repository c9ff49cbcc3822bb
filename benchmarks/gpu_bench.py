"""The steps that are timed on a GPU and on the CPU: one window, many, the bare network, faces, a training step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np
import torch
from torch import Tensor

from app.session.wiring import live_predictor
from benchmarks.gpu_agreement import Agreement, compare, compare_faces
from benchmarks.gpu_material import examples_of, pictures, play, session, together
from benchmarks.gpu_ways import Step, compiled, finish, graphed, milliseconds
from benchmarks.machine import in_use_mb, quantiles
from core.config import Config
from core.data import Window
from core.models.batch import collate
from core.models.checkpoint import load
from core.models.face import FaceReader
from core.models.model_file import SHIPPED
from core.models.network import Network
from core.predictor import Predictor
from training.baselines import fit_population
from training.examples import Examples
from training.loop import fit
from training.losses import Weights
from training.objective import Objective

_CPU = torch.device("cpu")
_HALF = torch.float16
_BATCH = 64


class Bench:
    """What all the measurements share.

    Parameters
    ----------
    device : device
        What is measured beside the CPU.
    seconds : float
        For which each step is repeated.
    """

    def __init__(self, device: torch.device, people: int, data_seconds: float, seconds: float) -> None:
        self.device = device
        self.seconds = seconds
        self.config = Config()
        self.reader = FaceReader()
        self.played = session(self.config, self.reader, people, data_seconds)
        self.windows, self.said = play(self.played, self.predictor(_CPU), self.config, self.reader)
        self.full = [one for one in self.windows if one.eeg is not None and one.faces]

    def predictor(self, device: torch.device, precision: torch.dtype | None = None) -> Predictor:
        """Return the shipped model on a device."""
        config = replace(self.config, model=replace(self.config.model, device=device.type))
        return Predictor("", config, precision)

    def agreements(self) -> list[Agreement]:
        """Return how far the device says what the CPU says: predictions in both precisions, and faces."""
        found = []
        for precision in (torch.float32, _HALF):
            _, said = play(self.played, self.predictor(self.device, precision), self.config, self.reader)
            found.append(compare(self.said, said, precision))
        found.append(compare_faces(self.reader, FaceReader(self.device), pictures(self.reader)))
        return found

    def latency(self) -> list[tuple[str, ...]]:
        """Return rows of one window with a face: the first one after `warm_up`, and the usual one."""
        rows: list[tuple[str, ...]] = []
        for name, device, precision in self._sides():
            predictor = self.predictor(device, precision)
            predictor.warm_up()
            begun = time.perf_counter()
            predictor.predict(self.full[:1])
            first = 1000 * (time.perf_counter() - begun)
            spent = milliseconds(partial(predictor.predict, self.full[-1:]), device, self.seconds)
            rows.append((name, f"{first:.1f}", *(f"{value:.2f}" for value in quantiles(spent)), str(len(spent))))
        return rows

    def batches(self, sizes: Sequence[int]) -> list[tuple[str, ...]]:
        """Return rows of windows of many participants at once: ms for all, and which device is sooner."""
        cpu, other = self.predictor(_CPU), self.predictor(self.device)
        rows: list[tuple[str, ...]] = []
        for n in sizes:
            windows = together(self.full, n)
            a, b = (self._median(partial(one.predict, windows), one.device) for one in (cpu, other))
            rows.append((str(n), f"{a:.2f}", f"{b:.2f}", f"{a / b:.2f}", "CPU" if a <= b else other.device.type))
        return rows

    def live_devices(self, sizes: Sequence[int]) -> list[str]:
        """Return the device that a live session of so many participants chooses where it may, for each number."""
        return [live_predictor("", self.config, n).device.type for n in sizes]

    def forwards(self, sizes: Sequence[int], compiles: bool, until: float = float("inf")) -> list[tuple[str, ...]]:
        """Return rows of the bare network in each way to run it, and how far from the first way its answer is.

        Nothing may be measured after it, see `compiled`. After `until` (`time.perf_counter`) nothing more is compiled.
        """
        network = load(SHIPPED).network.to(self.device).eval()
        steps = {n: self._forward(network, together(self.full, n)) for n in sizes}
        said = {n: step().clone() for n, step in steps.items()}
        rows: list[tuple[str, ...]] = []

        def show(n: int, name: str, way: Step | str) -> None:
            if isinstance(way, str):
                rows.append((str(n), name, "skipped: " + way, ""))
                return
            spent, off = self._median(way, self.device), float((way() - said[n]).abs().max())
            rows.append((str(n), name, f"{spent:.2f}", f"{off:.1e}"))

        for n, step in steps.items():
            show(n, "as it is", step)
            show(n, "CUDA graph", graphed(step, self.device))
        why_not = "" if compiles else "a rehearsal"
        for n, step in steps.items():
            why_not = why_not or ("no time is left" if time.perf_counter() > until else "")
            made = why_not or compiled(step)
            why_not = made if isinstance(made, str) else ""
            show(n, "torch.compile", made)
        return rows

    def faces(self, sizes: Sequence[int]) -> list[tuple[str, ...]]:
        """Return rows of the face path: one look at a frame, and faces in batches, ms."""
        frame, crop, head = pictures(self.reader)
        readers = (self.reader, FaceReader(self.device))
        steps: list[tuple[str, int, list[Callable[[], object]]]] = [
            ("look for a face in a frame", 1, [partial(one.detect, frame) for one in readers])
        ]
        for n in sizes:
            crops, heads = (np.repeat(part[None], n, axis=0) for part in (crop, head))
            steps.append(("expression", n, [partial(one.embed, crops) for one in readers]))
            steps.append(("mesh and blendshapes", n, [partial(one.mesh, heads) for one in readers]))
        rows: list[tuple[str, ...]] = []
        for name, n, both in steps:
            a, b = (self._median(step, one.device) for step, one in zip(both, readers, strict=True))
            rows.append((name, str(n), f"{a:.2f}", f"{b:.2f}", f"{a / b:.2f}"))
        return rows

    def training(self, n_steps: int) -> list[tuple[str, float, float]]:
        """Return device, ms a step on 64 windows and mean loss of the CPU and of the device, as `fit` steps on it."""
        rows: list[tuple[str, float, float]] = []
        for device in (_CPU, self.device):
            torch.manual_seed(0)
            network = load(SHIPPED).network
            a = network.architecture
            examples = examples_of(self.full, _BATCH, a.n_times, a.n_embedding, len(a.classes))
            fit_population(network, examples, np.arange(_BATCH))
            objective = Objective(network.to(device), Weights()).to(device)
            optimiser = torch.optim.AdamW([*network.parameters(), *objective.parameters()], lr=1e-5)
            losses = partial(_losses, objective, examples, device, network)
            fit(network, optimiser, 1, partial(losses, 2))
            finish(device)
            begun = time.perf_counter()
            (loss,) = fit(network, optimiser, 1, partial(losses, n_steps)).losses
            finish(device)
            rows.append((device.type, 1000 * (time.perf_counter() - begun) / n_steps, loss))
        return rows

    def growth(self, n: int) -> float:
        """Return by how many MB what is in use on the device grows over `n` predictions, after as many."""
        predictor = self.predictor(self.device)
        for _ in range(n):
            predictor.predict(self.full[-1:])
        before = self._in_use()
        for _ in range(n):
            predictor.predict(self.full[-1:])
        return self._in_use() - before

    def _in_use(self) -> float:
        finish(self.device)
        return torch.cuda.memory_allocated(self.device) / 1e6 if self.device.type == "cuda" else in_use_mb()

    def _median(self, step: Callable[[], object], device: torch.device) -> float:
        return median(milliseconds(step, device, self.seconds))

    def _forward(self, network: Network, windows: Sequence[Window]) -> Step:
        """Return the network on these windows as the live path runs it: same tensors each time, in half on a GPU."""
        n = len(windows)
        past = np.tile(network.eeg.population.cpu().numpy(), (n, 2, 1))
        batch = collate(windows, network.architecture, np.ones((n, 2), bool), past, self.device)
        is_half = self.device.type == "cuda"

        def step() -> Tensor:
            with torch.no_grad(), torch.autocast(self.device.type, _HALF, enabled=is_half):
                similarity: Tensor = network(batch).similarity
                return similarity.float()

        return step

    def _sides(self) -> list[tuple[str, torch.device, torch.dtype]]:
        other = self.device.type
        return [
            ("CPU, float32", _CPU, torch.float32),
            (f"{other}, float32", self.device, torch.float32),
            (f"{other}, float16", self.device, _HALF),
        ]


def _losses(
    objective: Objective, examples: Examples, device: torch.device, network: Network, n: int, _: int
) -> Iterator[Tensor]:
    rng = np.random.default_rng(0)
    for _ in range(n):
        yield objective(network, examples.batch(np.arange(_BATCH), rng).to(device), noisy=True)
