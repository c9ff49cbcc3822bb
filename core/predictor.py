"""Windows in, predictions out: the one place where the live path meets torch."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.config import Config
from core.data import Prediction, Window, frozen
from core.errors import ConfigError
from core.models.baseline import Baseline
from core.models.batch import collate
from core.models.checkpoint import load
from core.models.model_file import SHIPPED, check_fits
from core.models.network import Batch, Network
from core.models.traced_network import TracedNetwork
from core.status import NEUTRAL_NOTES, Reading, evidence_status, neutral_of, read_window
from core.uncertainty import concentration, disagreement, take_apart

Floats = NDArray[np.floating[Any]]
_NAN = float("nan")
_FRONT_END = ("attention.", "filters", "population")
"""What log power, and where its baseline begins, hang on; see `core.models.eeg.EegEncoder`."""
_CONDITIONS = {(True, False): "eeg", (False, True): "face", (True, True): "both"}


class _Row(NamedTuple):
    """The network's output for one window, as arrays."""

    similarity: Floats
    each: Floats
    affect: Floats
    affect_log_variance: Floats
    weights: Floats
    noise: Floats
    feature: Floats
    power: Floats
    familiarity: Floats


class Predictor:
    """A checkpoint, ready to predict.

    It keeps one thing from window to window: each participant's EEG baseline (`core.models.baseline`), which follows
    the past alone and begins anew when a participant's windows begin anew. So windows of a participant are given in
    order, and a recording gives the same predictions as the session did.

    On the CPU each window goes through the network on its own: matrix products round differently in batches of other
    sizes, and a window must give the same bits whoever else takes part. On a GPU all windows go in one batch, in half
    precision.

    Parameters
    ----------
    path : str or Path
        Checkpoint; empty: the one that ships with Insula.
    config : Config
    precision : torch.dtype, optional
        What matrices are multiplied in; else float32 on the CPU and float16 on a GPU.

    Raises
    ------
    CheckpointError
        The checkpoint cannot be read or does not fit the configuration.
    """

    def __init__(self, path: str | Path, config: Config, precision: torch.dtype | None = None) -> None:
        where = Path(path) if str(path) else SHIPPED
        checkpoint = load(where)
        check_fits(checkpoint.header, config, where)
        self.sha256 = checkpoint.sha256
        self.header = checkpoint.header
        self.device = choose_device(config.model.device)
        self._precision = precision or (torch.float16 if self.device.type == "cuda" else torch.float32)
        self._network = checkpoint.network.to(self.device)
        self._architecture = checkpoint.header.architecture
        self._forwards: dict[tuple[bool, ...], TracedNetwork] = {}
        self._beta = float(checkpoint.network.prototypes.beta().detach())
        self._temperature = checkpoint.header.calibration.temperature
        self._population = checkpoint.network.eeg.population.cpu().numpy()
        self._baselines: dict[str, Baseline] = {}
        self._max_epistemic = config.model.max_epistemic
        self._coverage = config.model.coverage

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of `Prediction.probabilities`."""
        return self._architecture.classes

    @property
    def electrode_checks(self) -> int:
        """By which rules the electrodes of its windows are to be judged."""
        return self.header.electrode_checks

    @property
    def calibration_scores(self) -> dict[str, tuple[float, ...]]:
        """Scores by condition to start `core.calibration.AdaptiveSets` from."""
        return self.header.calibration.scores

    @property
    def untested(self) -> dict[str, dict[int, float]]:
        """Classes that no calibration score stands for, by condition; see `core.calibration.AdaptiveSets`."""
        given = self.header.calibration.untested
        return {how: {self.classes.index(name): p for name, p in classes.items()} for how, classes in given.items()}

    def warm_up(self, n_chans: int = 32, n_windows: int = 1) -> None:
        """Run once on zeros, so that the first true window is not the slow one."""
        a = self._architecture
        window = Window(
            participant="",
            start=0.0,
            stop=1.0,
            eeg=np.zeros((n_chans, a.n_times), np.float32),
            eeg_mask=np.ones(n_chans, bool),
            positions=np.zeros((n_chans, 3), np.float32),
            simulated=True,
        )
        for _ in range(3):
            self.predict([window] * n_windows)
        self.forget()

    def prepare_like(self, other: Predictor) -> None:
        """Run once on inputs such as another predictor has had, so that taking its place makes no window late."""
        for there, forward in tuple(other._forwards.items()):
            if there not in self._forwards:
                self._forwards[there] = TracedNetwork(_Forward(self._network, there))
            if self.device.type == "cpu":
                self._forwards[there].prepare_like(forward)

    def take_over(self, other: Predictor) -> None:
        """Go on in the place of another: with each participant's baseline, if both read log power in the same way."""
        ours, theirs = (one._network.eeg.state_dict() for one in (self, other))
        same = ours.keys() == theirs.keys() and all(
            torch.equal(ours[name], theirs[name]) for name in ours if name.startswith(_FRONT_END)
        )
        self._baselines = dict(other._baselines) if same else {}

    def forget(self) -> None:
        """Begin anew with everyone: what was learnt of their EEG belongs to another recording, or place in it."""
        self._baselines.clear()

    def predict(self, windows: Sequence[Window]) -> list[Prediction]:
        """Return one prediction per window, in order."""
        if self.device.type == "cpu":
            return [self._predict([window])[0] for window in windows]
        return self._predict(windows) if windows else []

    def _predict(self, windows: Sequence[Window]) -> list[Prediction]:
        taught = self.header.taught_on
        people = [(one.participant, one.simulated) for one in windows]
        readings = [
            read_window(window, taught.covers(*one), taught.note_on(*one))
            for window, one in zip(windows, people, strict=True)
        ]
        seen = [k for k, reading in enumerate(readings) if any(reading.there)]
        rows = self._forward([windows[k] for k in seen], [readings[k].use for k in seen]) if seen else ()
        for k, row in zip(seen, rows, strict=True):
            if readings[k].there[0]:
                self._baseline(windows[k]).follow(windows[k].start, row.power)
        place = dict(zip(seen, rows, strict=True))
        return [self._prediction(one, readings[k], place.get(k)) for k, one in enumerate(windows)]

    def _forward(self, windows: Sequence[Window], use: Sequence[tuple[bool, bool]]) -> list[_Row]:
        past = np.stack([self._baseline(window).before(window.start) for window in windows])
        is_half = self._precision is not torch.float32
        half = torch.autocast(self.device.type, self._precision) if is_half else contextlib.nullcontext()
        batch = collate(windows, self._architecture, np.asarray(use, dtype=bool), past, self.device)
        batch = batch._replace(trust=self._trust(windows))
        there = tuple(part is not None for part in batch)
        if there not in self._forwards:
            self._forwards[there] = TracedNetwork(_Forward(self._network, there))
        with half:
            (output,) = self._forwards[there](*(part for part in batch if part is not None))
        a = self._architecture
        n_classes, n_power = len(a.classes), len(self._population)
        sizes = (n_classes, 2 * n_classes, 2, 2, 2, 2, a.n_shared, n_power, 1)
        return [_row(np.split(numbers, np.cumsum(sizes)[:-1])) for numbers in output.cpu().numpy()]

    def _trust(self, windows: Sequence[Window]) -> Tensor | None:
        """Return the factor on the weight of EEG and face of each window; None where it is 1 for all of them.

        EEG that may not be used at all has no weight already, but its noise is told.
        """
        taught = self.header.taught_on
        weights = [taught.weight_of(one.participant, one.simulated) or 1.0 for one in windows]
        if all(one == 1.0 for one in weights):
            return None
        return torch.tensor([(one, 1.0) for one in weights], device=self.device)

    def _baseline(self, window: Window) -> Baseline:
        return self._baselines.setdefault(window.participant, Baseline(self._population))

    def _prediction(self, window: Window, reading: Reading, row: _Row | None) -> Prediction:
        noise = (_NAN, _NAN)
        if row is not None:
            noise = (
                float(row.noise[0]) if reading.there[0] else _NAN,
                float(row.noise[1]) if reading.there[1] else _NAN,
            )
        if reading.status != "ok" or row is None:
            return self._abstention(window, reading, noise)
        condition, calibration = _CONDITIONS[reading.use], self.header.calibration
        neutral = neutral_of(window) if reading.use[1] and self._architecture.compares_faces else ""
        alpha = self._concentration(row.similarity, condition, float(row.familiarity))
        parts = take_apart(alpha)
        conflict = _NAN
        if all(reading.use):
            eeg, face = self._concentration(row.each[0], "eeg"), self._concentration(row.each[1], "face")
            conflict = float(disagreement(eeg / eeg.sum(), face / face.sum()))
        affect = np.clip(calibration.affect_gain[condition] * row.affect, -1.0, 1.0)
        spread = calibration.affect_spread[condition] * np.exp(0.5 * row.affect_log_variance)
        return Prediction(
            participant=window.participant,
            start=window.start,
            stop=window.stop,
            status=evidence_status(parts.epistemic, self._max_epistemic),
            classes=self.classes,
            probabilities=tuple((alpha / alpha.sum()).tolist()),
            valence=float(affect[0]),
            arousal=float(affect[1]),
            valence_sd=float(spread[0]),
            arousal_sd=float(spread[1]),
            uncertainty=parts.total,
            aleatoric=parts.aleatoric,
            epistemic=parts.epistemic,
            vacuity=parts.vacuity,
            disagreement=conflict,
            weights=tuple(row.weights.tolist()),
            noise=noise,
            prediction_set=(),
            coverage=self._coverage,
            bad_channels=window.bad_channels,
            notes=(*reading.notes, *NEUTRAL_NOTES.get(neutral, ())),
            model=self.sha256,
            feature=frozen(row.feature.copy()),
            neutral=neutral,
        )

    def _concentration(self, similarity: Floats, condition: str, familiarity: float = 1.0) -> Floats:
        return concentration(similarity.astype(np.float64), self._beta * self._temperature[condition], familiarity)

    def _abstention(self, window: Window, reading: Reading, noise: tuple[float, ...]) -> Prediction:
        nothing: dict[str, Any] = dict.fromkeys(
            ("valence", "arousal", "valence_sd", "arousal_sd", "uncertainty", "aleatoric", "epistemic", "vacuity"), _NAN
        )
        return Prediction(
            participant=window.participant,
            start=window.start,
            stop=window.stop,
            status=reading.status,
            classes=self.classes,
            probabilities=(_NAN,) * len(self.classes),
            **nothing,
            disagreement=_NAN,
            weights=(0.0, 0.0),
            noise=noise,
            prediction_set=(),
            coverage=self._coverage,
            bad_channels=window.bad_channels,
            notes=reading.notes,
            model=self.sha256,
        )


class _Forward(nn.Module):
    """The network as a function of the tensors that a batch has, giving all its numbers as one (batch, n_numbers)."""

    def __init__(self, network: Network, there: Sequence[bool]) -> None:
        super().__init__()
        self.network = network
        self._there = there

    def forward(self, *tensors: Tensor) -> tuple[Tensor]:
        given = iter(tensors)
        parts_of_batch: list[Any] = [next(given) if there else None for there in self._there]
        output = self.network(Batch(*parts_of_batch))
        fused, n_windows = output.fused, len(tensors[-1])
        parts = (
            *(output.similarity, output.each, output.affect, output.affect_log_variance, fused.weights, fused.noise),
            *(fused.feature, output.power, output.familiarity),
        )
        return (torch.cat([part.float().reshape(n_windows, -1) for part in parts], dim=1),)


def _row(parts: Sequence[Floats]) -> _Row:
    similarity, each, affect, log_variance, weights, noise, feature, power, familiarity = parts
    two = each.reshape(2, -1)
    return _Row(similarity, two, affect, log_variance, weights, noise, feature, power, familiarity[0])


def choose_device(name: str) -> torch.device:
    """Return the device that ``model.device`` asks for."""
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"model.device is {name!r}; it must be auto, cpu or cuda.")
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise ConfigError("model.device is 'cuda', but PyTorch finds no CUDA device here. Set it to auto or cpu.")
    return torch.device("cuda" if there and name != "cpu" else "cpu")
