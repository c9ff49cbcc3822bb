"""Windows in, predictions out: the one place where the live path meets torch."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.conditions import condition_name
from core.config import Config
from core.data import Prediction, Window, frozen
from core.errors import ConfigError
from core.forked import compute_alone_when_forked
from core.models.baseline import Baseline
from core.models.batch import collate, pad_eeg
from core.models.checkpoint import load
from core.models.eeg import EegEncoder
from core.models.model_file import SHIPPED, check_fits
from core.models.network import Batch, Network
from core.models.own_encoders import FurtherEncoder
from core.models.traced_network import TracedNetwork
from core.status import NEUTRAL_NOTES, Reading, evidence_status, neutral_of, read_window
from core.uncertainty import concentration, disagreement, take_apart

Floats = NDArray[np.floating[Any]]
_NAN = float("nan")
_FRONT_END = ("attention.", "filters", "population")
"""What log power, and where its baseline begins, hang on; see `core.models.eeg.EegEncoder`."""
_BLOCK = 32
"""Windows that go through the network together on the CPU, where there are several."""
_FEWEST = 4
"""Of so many windows on a block is filled up; fewer are taken one by one."""
_PAYS = 128
"""So many windows of a kind are taken one by one: to record a network of blocks takes as long as these lose by it."""
_MOST_MIXINGS = 256


class _Numbers(NamedTuple):
    """The network's output for some windows, arrays of shape (n_windows, ...)."""

    similarity: Floats
    each: Floats
    affect: Floats
    affect_log_variance: Floats
    weights: Floats
    noise: Floats
    feature: Floats
    familiarity: Floats


class Predictor:
    """A checkpoint, ready to predict.

    It keeps one thing from window to window: each participant's EEG baseline (`core.models.baseline`), which follows
    the past alone and begins anew when a participant's windows begin anew. So windows of a participant are given in
    order, and a recording gives the same predictions as the session did.

    Windows that are given together go through the network together, so a recording is read far faster than it was
    recorded. On the CPU each has the same bits as alone (`core.models.each_window`), whoever else takes part. On a GPU
    they are read in half precision.

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
        compute_alone_when_forked()
        where = Path(path) if str(path) else SHIPPED
        checkpoint = load(where)
        check_fits(checkpoint.header, config, where)
        self.sha256 = checkpoint.sha256
        self.header = checkpoint.header
        self.device = choose_device(config.model.device)
        self._precision = precision or (torch.float16 if self.device.type == "cuda" else torch.float32)
        self._network = checkpoint.network.to(self.device)
        self._architecture = checkpoint.header.architecture
        eeg = self._network.eeg
        self._mixing = TracedNetwork(_Mixing(eeg))
        self._mixings: dict[bytes, Tensor] = {}
        self._power = TracedNetwork(_Power(eeg), each_window=True)
        self._forwards: dict[tuple[bool, ...], TracedNetwork] = {}
        self._n_of_kind: Counter[Hashable] = Counter()
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
    def modalities(self) -> tuple[str, ...]:
        """What it reads, in the order of `Prediction.weights`."""
        return self._architecture.modalities

    @property
    def further(self) -> dict[str, FurtherEncoder]:
        """What makes numbers of the streams of modalities beside EEG and face."""
        return self._network.further_encoders

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

    @property
    def opens_untested(self) -> bool:
        """Whether a set holds all classes where a real face says first what no score stands for."""
        return self.header.calibration.untested_face > 1.0

    def warm_up(self, n_chans: int = 32, n_windows: int = 1) -> None:
        """Run on zeros, so that the first true windows are not the slow ones."""
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
            ours = self._forward_of(there)
            if self.device.type == "cpu":
                ours.prepare_like(forward)
        if self.device.type == "cpu" and _reads_alike(self._network, other._network):
            self._mixing.prepare_like(other._mixing)
            self._power.prepare_like(other._power)

    def take_over(self, other: Predictor) -> None:
        """Go on in the place of another: with each participant's baseline, if both read log power in the same way."""
        self._baselines = dict(other._baselines) if _reads_alike(self._network, other._network) else {}

    def forget(self) -> None:
        """Begin anew with everyone: what was learnt of their EEG belongs to another recording, or place in it."""
        self._baselines.clear()

    def predict(self, windows: Sequence[Window]) -> list[Prediction]:
        """Return one prediction per window, in order; the windows of each participant are in order of time."""
        taught = self.header.taught_on
        people = [(one.participant, one.simulated) for one in windows]
        readings = [
            read_window(window, taught.covers(*one), taught.note_on(*one), self._architecture.further)
            for window, one in zip(windows, people, strict=True)
        ]
        seen = [k for k, reading in enumerate(readings) if any(reading.there)]
        powers = self._read_powers(windows, [k for k in seen if readings[k].there[0]])
        past = {}
        for k in seen:
            baseline = self._baseline(windows[k])
            past[k] = baseline.before(windows[k].start)
            if k in powers:
                baseline.follow(windows[k].start, powers[k])
        said: dict[int, Prediction] = {}
        for rows, numbers in self._forward(windows, readings, past, powers):
            said |= zip(rows, self._say([windows[k] for k in rows], [readings[k] for k in rows], numbers), strict=True)
        unseen = (_NAN,) * len(self.modalities)
        return [
            said[k] if k in said else self._abstention(window, readings[k], unseen) for k, window in enumerate(windows)
        ]

    def _read_powers(self, windows: Sequence[Window], seen: Sequence[int]) -> dict[int, Floats]:
        """Return the log power of the EEG of the windows whose numbers are `seen`, each of shape (n_power,)."""
        a = self._architecture
        found: dict[int, Floats] = {}
        sizes = {k: 0 if (eeg := windows[k].eeg) is None else len(eeg) for k in seen}
        for rows, filled in self._blocks(seen, sizes):
            signal, positions, mask = pad_eeg(
                [windows[k] for k in filled], [True] * len(filled), a.n_times, self.device
            )
            with self._in_precision():
                if self._network.eeg.own is not None:
                    (power,) = self._power(signal, positions, mask)
                else:
                    (power,) = self._power(signal, self._weights(positions, mask))
            found |= zip(rows, power.float().cpu().numpy(), strict=False)
        return found

    def _weights(self, positions: Tensor, mask: Tensor) -> Tensor:
        """Return how the channels of each window are mixed; they hang on places and mask alone, which seldom change."""
        found = []
        for k, key in enumerate(_keys(positions, mask)):
            if key not in self._mixings:
                if len(self._mixings) >= _MOST_MIXINGS:
                    self._mixings.clear()
                (self._mixings[key],) = self._mixing(positions[k : k + 1], mask[k : k + 1])
            found.append(self._mixings[key])
        return torch.cat(found)

    def _forward(
        self,
        windows: Sequence[Window],
        readings: Sequence[Reading],
        past: dict[int, Floats],
        powers: dict[int, Floats],
    ) -> Iterator[tuple[list[int], _Numbers]]:
        """Give the network's numbers of the windows that have a past, some at a time, with which they are of."""
        a, n_power = self._architecture, len(self._population)
        nothing = np.zeros(n_power, np.float32)
        alike = {k: (readings[k].there, self._factor(windows[k]) == 1.0) for k in past}
        n_classes, m = len(a.classes), len(a.modalities)
        sizes = (n_classes, m * n_classes, 2, 2, m, m, a.n_shared, 1)
        for rows, filled in self._blocks(tuple(past), alike):
            some = [windows[k] for k in filled]
            use = np.array([readings[k].use for k in filled], dtype=bool)
            power = np.stack([powers.get(k, nothing) for k in filled])
            before = np.stack([past[k] for k in filled])
            batch = collate(some, a, use, before, self.device, power, self._network.further_sizes)
            batch = batch._replace(trust=self._trust(some))
            forward = self._forward_of(tuple(part is not None for part in batch))
            with self._in_precision():
                (output,) = forward(*(part for part in batch if part is not None))
            yield rows, _Numbers(*np.split(output.cpu().numpy()[: len(rows)], np.cumsum(sizes)[:-1], axis=1))

    def _forward_of(self, there: tuple[bool, ...]) -> TracedNetwork:
        if there not in self._forwards:
            self._forwards[there] = TracedNetwork(_Forward(self._network, there), each_window=True)
        return self._forwards[there]

    def _in_precision(self) -> contextlib.AbstractContextManager[object]:
        is_half = self._precision is not torch.float32
        return torch.autocast(self.device.type, self._precision) if is_half else contextlib.nullcontext()

    def _blocks(self, numbers: Iterable[int], alike: Mapping[int, Hashable]) -> Iterator[tuple[list[int], list[int]]]:
        """Give windows that are alike, some at a time: their numbers, and these filled up to the size of a block.

        On a GPU all of them, so that nothing waits.
        """
        kinds: defaultdict[Hashable, list[int]] = defaultdict(list)
        for k in numbers:
            kinds[alike[k]].append(k)
        for what, kind in kinds.items():
            self._n_of_kind[what] += len(kind)
            pays = self._n_of_kind[what] > _PAYS
            size = _BLOCK if self.device.type == "cpu" else len(kind)
            for first in range(0, len(kind), size):
                rows = kind[first : first + size]
                if (len(rows) >= _FEWEST and pays) or self.device.type != "cpu":
                    yield rows, rows + rows[-1:] * (size - len(rows))
                else:
                    yield from (([k], [k]) for k in rows)

    def _trust(self, windows: Sequence[Window]) -> Tensor | None:
        """Return the factor on the weight of each modality of each window; None where it is 1 for all of them.

        EEG that may not be used at all has no weight already, but its noise is told.
        """
        weights = [self._factor(one) for one in windows]
        if all(one == 1.0 for one in weights):
            return None
        others = (1.0,) * (len(self.modalities) - 1)
        return torch.tensor([(one, *others) for one in weights], device=self.device)

    def _factor(self, window: Window) -> float:
        return self.header.taught_on.weight_of(window.participant, window.simulated) or 1.0

    def _baseline(self, window: Window) -> Baseline:
        return self._baselines.setdefault(window.participant, Baseline(self._population))

    def _say(self, windows: Sequence[Window], readings: Sequence[Reading], of: _Numbers) -> Iterator[Prediction]:
        """Give what is said of windows of which the network has given its numbers."""
        calibration, n_classes = self.header.calibration, len(self.classes)
        conditions = [condition_name(reading.use, self.modalities) or "both" for reading in readings]
        doubt = np.array([self._doubt(*pair) for pair in zip(windows, readings, strict=True)])[:, None]
        doubt = np.maximum(doubt, self._untested_doubt(windows, readings, of.similarity))
        alpha = self._concentration(of.similarity / doubt, conditions, of.familiarity.astype(np.float64))
        parts = take_apart(alpha)
        probabilities = alpha / alpha.sum(axis=-1, keepdims=True)
        alone = []
        for k, name in enumerate(self.modalities):
            similarity = of.each[:, k * n_classes : (k + 1) * n_classes] / (doubt if name == "face" else 1.0)
            each = self._concentration(similarity, [name] * len(windows))
            alone.append(each / each.sum(axis=-1, keepdims=True))
        pairs = list(itertools.combinations(range(len(alone)), 2))
        conflicts = [disagreement(alone[first], alone[second]) for first, second in pairs]
        gain = np.array([calibration.affect_gain[name] for name in conditions], np.float32)[:, None]
        affect = np.clip(gain * of.affect, -1.0, 1.0)
        usual = np.array([calibration.affect_spread[name] for name in conditions], np.float32)[:, None]
        spread = usual * np.exp(0.5 * of.affect_log_variance)
        for k, (window, reading) in enumerate(zip(windows, readings, strict=True)):
            noise = tuple(
                float(level) if there else _NAN for level, there in zip(of.noise[k], reading.there, strict=True)
            )
            if reading.status != "ok":
                yield self._abstention(window, reading, noise)
                continue
            neutral = neutral_of(window) if reading.use[1] and self._architecture.compares_faces else ""
            epistemic = float(parts.epistemic[k])
            read = [float(c[k]) for c, pair in zip(conflicts, pairs, strict=True) if all(reading.use[m] for m in pair)]
            yield Prediction(
                participant=window.participant,
                start=window.start,
                stop=window.stop,
                status=evidence_status(epistemic, self._max_epistemic),
                classes=self.classes,
                probabilities=tuple(probabilities[k].tolist()),
                valence=float(affect[k, 0]),
                arousal=float(affect[k, 1]),
                valence_sd=float(spread[k, 0]),
                arousal_sd=float(spread[k, 1]),
                uncertainty=float(parts.total[k]),
                aleatoric=float(parts.aleatoric[k]),
                epistemic=epistemic,
                vacuity=float(parts.vacuity[k]),
                disagreement=max(read, default=_NAN),
                weights=tuple(of.weights[k].tolist()),
                noise=noise,
                prediction_set=(),
                coverage=self._coverage,
                bad_channels=window.bad_channels,
                notes=(*reading.notes, *NEUTRAL_NOTES.get(neutral, ())),
                model=self.sha256,
                feature=frozen(of.feature[k].copy()),
                neutral=neutral,
                modalities=self.modalities,
            )

    def _doubt(self, window: Window, reading: Reading) -> float:
        """Return the factor on the temperature of a window that its face's neutral face asks for."""
        if not (reading.use[1] and self._architecture.compares_faces):
            return 1.0
        return self.header.calibration.doubt(window.neutral.weight if window.neutral is not None else 0.0)

    def _untested_doubt(
        self, windows: Sequence[Window], readings: Sequence[Reading], similarity: Floats
    ) -> NDArray[np.float64]:
        """Return the factor on the temperature, (n_windows, 1), where a face says first what no real one has tested."""
        calibration = self.header.calibration
        found = np.ones((len(windows), 1))
        if calibration.untested_face == 1.0:
            return found
        untested = self.untested.get("face", {})
        for k, (window, reading) in enumerate(zip(windows, readings, strict=True)):
            alone = condition_name(reading.use, self.modalities) == "face" and not window.simulated
            if alone and int(similarity[k].argmax()) in untested:
                found[k] = calibration.untested_face
        return found

    def _concentration(
        self, similarity: Floats, conditions: Sequence[str], familiarity: float | Floats = 1.0
    ) -> Floats:
        widths = np.array([self._beta * self._temperature[name] for name in conditions])[:, None]
        return concentration(similarity.astype(np.float64), widths, familiarity)

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
            weights=(0.0,) * len(self.modalities),
            noise=noise,
            prediction_set=(),
            coverage=self._coverage,
            bad_channels=window.bad_channels,
            notes=reading.notes,
            model=self.sha256,
            modalities=self.modalities,
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
            *(fused.feature, output.familiarity),
        )
        return (torch.cat([part.float().reshape(n_windows, -1) for part in parts], dim=1),)


class _Mixing(nn.Module):
    """How the channels of a montage are mixed, as a network of its own."""

    def __init__(self, eeg: EegEncoder) -> None:
        super().__init__()
        self.eeg = eeg

    def forward(self, positions: Tensor, mask: Tensor) -> tuple[Tensor]:
        return (self.eeg.attention.weights(positions, mask),)


class _Power(nn.Module):
    """The log power of EEG, of which nothing before the window is asked."""

    def __init__(self, eeg: EegEncoder) -> None:
        super().__init__()
        self.eeg = eeg

    def forward(self, eeg: Tensor, *how: Tensor) -> tuple[Tensor]:
        if self.eeg.own is not None:
            return (self.eeg.log_power(eeg, *how),)
        (weights,) = how
        return (self.eeg.mixed_power(weights, eeg),)


def _keys(positions: Tensor, mask: Tensor) -> list[bytes]:
    both = zip(positions.cpu().numpy(), mask.cpu().numpy(), strict=True)
    return [places.tobytes() + good.tobytes() for places, good in both]


def _reads_alike(one: Network, other: Network) -> bool:
    """Return whether log power is read in the same way by both."""
    ours, theirs = one.eeg.state_dict(), other.eeg.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours if name.startswith(_FRONT_END)
    )


def choose_device(name: str) -> torch.device:
    """Return the device that ``model.device`` asks for."""
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"model.device is {name!r}; it must be auto, cpu or cuda.")
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise ConfigError("model.device is 'cuda', but PyTorch finds no CUDA device here. Set it to auto or cpu.")
    return torch.device("cuda" if there and name != "cpu" else "cpu")
