"""A model on arrays and on recordings, through the same path as a live session."""

from __future__ import annotations

import contextlib
import logging
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace as replaced
from pathlib import Path
from types import TracebackType
from typing import Literal

import cv2
import numpy as np
import threadpoolctl
import torch
from numpy.typing import ArrayLike

from acquisition.devices import Device
from acquisition.eeg_description import describe_eeg
from app.session.wiring import pipelines
from app.study.offline_replay import replay as replay_file
from core.config import Config
from core.config import load as load_config
from core.data import Array, Chunk, Event, Item, Notice, Prediction, StreamInfo, frozen
from core.errors import ConfigError
from core.predictor import Predictor as Model
from core.recording.session import models_beside
from insula._session import Session, load

_CHUNK_S = 0.25
_BLOCK = 32
"""Chunks that are read together."""
_KEY = "array"
_log = logging.getLogger("insula")


class Predictor:
    """A model that predicts on arrays of EEG, bit for bit as a replay of the same samples does.

    Parameters
    ----------
    model : path-like
        A model file; empty: the one that ships.
    config : path-like
        A TOML file such as ``--config`` takes; empty: the defaults, or what a `Session` was loaded with.

    Raises
    ------
    CheckpointError
        The file is no model, or reads other windows than the configuration cuts.

    Examples
    --------
    >>> import insula, numpy as np
    >>> p = insula.Predictor()
    >>> p.classes
    ('neutral', 'happy', 'sad', 'surprise', 'fear', 'disgust', 'anger')
    >>> times = np.arange(10 * 250) / 250  # ten seconds at 250 Hz
    >>> eeg = 20.0 * np.sin(20 * np.pi * times + np.arange(4)[:, None])  # µV, array of shape (4, 2500)
    >>> said = p.predict(eeg, 250.0, ["Fp1", "Fp2", "T7", "T8"], unit="uV")
    >>> said[-1].status  # the model that ships reads the EEG of simulated participants alone
    'student not taught on this person, face missing'
    """

    def __init__(self, model: str | os.PathLike[str] = "", *, config: str | os.PathLike[str] | Config = "") -> None:
        if not isinstance(config, Config):
            config = load_config(Path(config)) if os.fspath(config) else Config()
        path = os.fspath(model) or config.model.path
        self._config = replaced(config, model=replaced(config.model, path=path))
        self._model = Model(path, self._config)
        self._make_pipeline = pipelines(self._config, self._model)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, in the order of ``Prediction.probabilities``."""
        return self._model.classes

    @property
    def sha256(self) -> str:
        """Of the model file, as it stands in each prediction."""
        return self._model.sha256

    def predict(
        self,
        data: ArrayLike,
        sfreq: float,
        ch_names: Sequence[str],
        *,
        unit: Literal["V", "mV", "uV", "nV"],
        start: float = 0.0,
        times: ArrayLike | None = None,
        participant: str = "",
        simulated: bool = False,
    ) -> list[Prediction]:
        """Return what the model says of EEG, a prediction for each window, oldest first.

        Everything is done here that is done to a live stream: filters, re-reference, quality of each channel, and
        baselines that follow the past alone. So give the signal as it was recorded, in one piece, and unfiltered. Each
        call begins anew.

        Parameters
        ----------
        data : array of shape (n_chans, n_times)
            In `unit`; NaN where samples are missing.
        sfreq : float
            Hz.
        ch_names : sequence of str
            10-05 names, or those of a known device. What is no electrode's name is not read.
        unit : str
            Of `data`. MNE's ``raw.get_data()`` is in ``"V"``, Insula's own files mostly in ``"uV"``.
        start : float
            When the first sample was taken, s. Windows stop at multiples of a quarter of a second of this time.
        times : array of shape (n_times,), optional
            When each sample was taken, s, instead of `start` and `sfreq`: a step of over 0.15 s is a gap.
        participant : str
            Whose it is: models that learnt from single people read only these. Empty: as in the configuration.
        simulated : bool
            Whether it is no person's.

        Returns
        -------
        list of Prediction
            ``start`` and ``stop`` in the time of `start` or `times`. Where the model does not read this person's EEG,
            or the EEG cannot be used, ``status`` says so.

        Raises
        ------
        ConfigError
            Shape, names, times or unit do not fit together.
        """
        samples, stamps = _checked(data, sfreq, ch_names, start, times)
        config = replaced(self._config.eeg, unit=unit)
        nothing = ("",) * len(ch_names)
        device = Device(
            "array", "EEG", "", "", tuple(ch_names), nothing, (unit,) * len(ch_names), (None,) * len(ch_names)
        )
        n_look = max(2, round(10.0 * sfreq))
        told = describe_eeg(device, config, sfreq, stamps[:n_look], samples[:n_look])
        for _, text in told.notices:
            _log.warning(text)
        if not any(channel.kind == "eeg" for channel in told.channels):
            raise ConfigError(f"None of {', '.join(ch_names)} is an electrode. Give 10-05 names, such as Fp1 or T7.")
        info = StreamInfo(
            _KEY, "eeg", participant or self._config.record.participant, "array", sfreq=sfreq, channels=told.channels,
            dtype=str(samples.dtype), simulated=simulated,
        )  # fmt: skip
        size = max(1, round(_CHUNK_S * sfreq))
        chunks = [
            Chunk(_KEY, frozen(stamps[k : k + size].copy()), frozen(samples[k : k + size].copy()))
            for k in range(0, len(stamps), size)
        ]
        with _OneThread():
            pipeline = self._make_pipeline([info])
            blocks = (pipeline.push_all(chunks[k : k + _BLOCK]) for k in range(0, len(chunks), _BLOCK))
            events = [event for block in blocks for some in block for event in some]
        return list(_predictions(events))

    def replay(self, path: Path) -> Iterator[Prediction]:
        """Give what the model says of a recording; use `insula.replay`."""
        return _predictions(self.events(path))

    def events(self, path: Path) -> Iterator[Item | Event]:
        """Give all that is in a recording, and what follows from each, in order; for Insula's own use."""
        one_thread = _OneThread()
        make = self._make_pipeline.among(models_beside(path))
        with contextlib.closing(replay_file(path, self._config, make)) as played:
            while True:
                with one_thread:
                    step = next(played, None)
                if step is None:
                    return
                item, events = step
                yield item
                yield from events


def replay(
    session: Session | str | os.PathLike[str], model: Predictor | str | os.PathLike[str] = ""
) -> Iterator[Prediction]:
    """Give what a model says of a recording, window by window, as ``insula replay`` does, as fast as it can.

    Where the session began with this model and another one took over while it ran, that one takes over here as well, at
    the same window, as long as it is among the study's models; `Prediction.model` says which.

    Parameters
    ----------
    session : Session or path-like
        What `insula.load` returns or takes.
    model : Predictor or path-like
        Empty: the model that ships.

    Yields
    ------
    Prediction
        Of all participants, in order. ``start`` and ``stop`` are on the LSL clock of the recording;
        `Session.start` taken off, they are seconds of the session, as `insula.as_records` does.

    Examples
    --------
    >>> import insula
    >>> session = insula.load(recording)
    >>> table = insula.as_records(insula.replay(session), session.start)
    >>> len(table), table["stop"][:2].tolist()
    (40, [2.0, 2.25])
    """
    if not isinstance(session, Session):
        session = load(session)
    if not isinstance(model, Predictor):
        model = Predictor(model, config=session.config)
    return model.replay(session.path)


def _checked(
    data: ArrayLike, sfreq: float, ch_names: Sequence[str], start: float, times: ArrayLike | None
) -> tuple[Array, Array]:
    """Return samples, time first, and stamps, both arrays of shape (n_times, ...)."""
    samples = np.asarray(data)
    if samples.ndim != 2 or samples.dtype.kind not in "fiu":
        raise ConfigError(
            f"EEG must be numbers in an array of shape (n_chans, n_times), not {samples.dtype} of shape "
            f"{samples.shape}."
        )
    if len(samples) != len(ch_names):
        raise ConfigError(f"The array has {len(samples)} channels, but {len(ch_names)} names are given.")
    if not (math.isfinite(sfreq) and sfreq > 0.0 and math.isfinite(start)):
        raise ConfigError(f"sfreq is {sfreq} Hz and start {start} s. Give a rate above 0 and a time.")
    n_times = samples.shape[1]
    stamps = start + np.arange(n_times) / sfreq if times is None else np.asarray(times, dtype=np.float64)
    if stamps.shape != (n_times,):
        raise ConfigError(f"There are {n_times} samples of each channel, but times of shape {stamps.shape}.")
    return samples.T, stamps


def _predictions(events: Iterable[Item | Event]) -> Iterator[Prediction]:
    """Give the predictions among events, and log what is to be known of the streams."""
    for event in events:
        if isinstance(event, Notice) and event.text:
            _log.warning(event.text)
        elif isinstance(event, Prediction):
            yield event


class _OneThread:
    """Keeps torch, OpenCV and BLAS to one thread while it is entered: with more, sums round differently.

    What was set before is set again: it is the caller's program.
    """

    def __init__(self) -> None:
        self._libraries = threadpoolctl.ThreadpoolController()

    def __enter__(self) -> None:
        self._before = torch.get_num_threads(), cv2.getNumThreads()
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self._limits = self._libraries.limit(limits=1)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limits.restore_original_limits()
        torch.set_num_threads(self._before[0])
        cv2.setNumThreads(self._before[1])
