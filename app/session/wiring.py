"""What several commands join up in the same way: models and pipelines."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import cv2
import threadpoolctl
import torch

from core.config import Config
from core.data import ModelChange, StreamInfo
from core.errors import CheckpointError
from core.faces import FaceStage
from core.models.face import FaceReader
from core.models.model_file import SHIPPED, read_fitting
from core.pipeline import Pipeline
from core.predictor import Predictor
from core.side_by_side import SideBySide

_TRIES = 5


def one_thread_each() -> None:
    """Keep torch and BLAS to one thread: reader threads need the other cores more (see app/cli.py)."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpoolctl.threadpool_limits(1)


def predictor_of(model: str, config: Config) -> Predictor:
    """Return the predictor of one of several models, warm."""
    predictor = Predictor(model, dataclasses.replace(config, model=dataclasses.replace(config.model, path=model)))
    predictor.warm_up()
    return predictor


def live_predictor(
    model: str, config: Config, people: int, clock: Callable[[], float] = time.perf_counter
) -> Predictor:
    """Return a model's predictor, warm, on the device that is done sooner with a window of each participant.

    Where a device is asked for, or there is no GPU, nothing is measured.
    """
    is_choice = config.model.device == "auto" and torch.cuda.is_available()
    devices = ("cpu", "cuda") if is_choice else (config.model.device,)
    made = [predictor_of(model, _on(config, device)) for device in devices]
    return made[0] if len(made) == 1 else min(made, key=lambda one: _takes(one, people, clock))


def _takes(predictor: Predictor, people: int, clock: Callable[[], float]) -> float:
    """Return how long windows of all participants take, s, as they are predicted live: one by one on the CPU."""
    n_together, n_times = (1, people) if predictor.device.type == "cpu" else (people, 1)
    predictor.warm_up(n_windows=n_together)  # the first of a batch of another size is slow
    spent = []
    for _ in range(_TRIES):
        begun = clock()
        predictor.warm_up(n_windows=n_together)
        spent.append(clock() - begun)
    return n_times * median(spent)


def _on(config: Config, device: str) -> Config:
    return dataclasses.replace(config, model=dataclasses.replace(config.model, device=device))


class Pipelines:
    """Makes pipelines of one model, once the streams are known, and what looks at faces beside them.

    Each pipeline begins anew: nothing that the predictor has learnt of a person before goes into it.

    Parameters
    ----------
    config : Config
    predictor : Predictor
        The one that reads first.
    models : Path, optional
        Folder in which models are looked for that read later when a session was recorded.
    """

    def __init__(self, config: Config, predictor: Predictor, models: Path | None = None) -> None:
        self.device = predictor.device.type
        self._config = _on(config, self.device)  # models that read later do so there as well
        self._predictor = predictor
        self._models = models
        self._known = {predictor.sha256: predictor}
        self._face_reader = FaceReader(predictor.device)

    def __call__(self, infos: Sequence[StreamInfo]) -> Pipeline:
        """Return a pipeline for these streams."""
        self._predictor.forget()
        return Pipeline(infos, self._predictor, self._config, self._face_reader, self._find)

    def among(self, models: Path | None) -> Pipelines:
        """Return the same where models that read later are looked for in another folder; None for in none."""
        same = copy.copy(self)
        same._models = models
        return same

    def add(self, path: Path) -> str:
        """Load one more model that may read a session that runs, warm; return its sha256.

        Any thread may, while another one predicts.

        Raises
        ------
        CheckpointError
            It cannot be read, or reads other windows.
        """
        model = read_fitting(path, self._config)
        if model.sha256 not in self._known:
            made = Predictor(path, self._config)
            made.prepare_like(self._predictor)
            self._known[made.sha256] = made
        return model.sha256

    def _find(self, change: ModelChange) -> Predictor | None:
        for path in self._candidates(change):
            if change.model in self._known:
                break
            try:
                if read_fitting(path, self._config).sha256 == change.model:
                    self.add(path)
            except CheckpointError:
                continue
        found = self._known.get(change.model)
        read = self._predictor
        fits = found is not None and (found.classes, found.modalities) == (read.classes, read.modalities)
        return found if fits else None

    def _candidates(self, change: ModelChange) -> Iterator[Path]:
        """Give where the model that is meant may lie: under its name, or another one since."""
        if self._models is not None:
            yield self._models / Path(change.file).name
            yield from sorted(self._models.glob("*.safetensors"))
        yield SHIPPED

    def warm_up(self) -> None:
        """Run the face model once, so that the first faces of a live session are not passed over."""
        self._face_reader.warm_up()

    def look(self, info: StreamInfo) -> FaceStage:
        """Return what looks at the frames of a camera."""
        return FaceStage(info, self._config.face, self._face_reader)


def pipelines(config: Config, predictor: Predictor, models: Path | None = None) -> Pipelines:
    """Return what makes pipelines of a predictor, see `Pipelines`; the face model is loaded now."""
    return Pipelines(config, predictor, models)


class SideBySides:
    """What `Pipelines` is for one model, for two whose predictions are shown side by side."""

    def __init__(self, first: Pipelines, second: Pipelines) -> None:
        self._first = first
        self._second = second
        self.device = first.device
        self.look = first.look
        self.add = first.add

    def __call__(self, infos: Sequence[StreamInfo]) -> SideBySide:
        """Return a pipeline of both for these streams."""
        return SideBySide(self._first(infos), self._second(infos))


def pipelines_of(
    models: Sequence[str], config: Config, folder: Path | None = None, people: int = 0
) -> Pipelines | SideBySides:
    """Return what `pipelines` does for one model, or for two side by side; warm.

    `people` is how many take part in a live session, which chooses its device; 0 for a recording.
    """
    made = (live_predictor(one, config, people) if people else predictor_of(one, config) for one in models)
    first, *others = (pipelines(config, predictor, folder) for predictor in made)
    first.warm_up()
    return SideBySides(first, others[0]) if others else first
