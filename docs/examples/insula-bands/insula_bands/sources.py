"""Sources: a file format that Insula does not read, and a device that is not on LSL."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

import mne
import numpy as np

from insula import Channel, Chunk, StreamInfo, local_clock


def read_csv(path: Path) -> mne.io.BaseRaw:
    """Return the EEG of a table whose first column is seconds and whose others are channels in µV."""
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")[1:]
        rows = np.loadtxt(file, delimiter=",", ndmin=2)
    sfreq = (len(rows) - 1) / (rows[-1, 0] - rows[0, 0])
    info = mne.create_info(names, round(float(sfreq), 3), "eeg", verbose="error")
    return mne.io.RawArray(1e-6 * rows[:, 1:].T, info, verbose="error")


class Sine:
    """Four electrodes with 20 µV at 10 Hz: a stand-in for an amplifier that has a library of its own.

    Insula makes it with the participant's name, enters it on a thread of its own, and reads it until it is left.

    Parameters
    ----------
    participant : str
    sfreq : float
        Hz.
    """

    def __init__(self, participant: str, sfreq: float = 250.0) -> None:
        channels = tuple(
            Channel(name, name, "eeg", "uV", position=place)
            for name, place in (
                ("Fp1", (-0.029, 0.083, 0.005)), ("Fp2", (0.029, 0.084, 0.006)),
                ("C3", (-0.065, 0.005, 0.064)), ("C4", (0.067, 0.006, 0.063)),
            )
        )  # fmt: skip
        self.infos = (
            StreamInfo(
                key=f"sine/{participant}", kind="eeg", participant=participant, name="Sine", sfreq=sfreq,
                channels=channels, source_id="sine", simulated=True,
            ),
        )  # fmt: skip
        self._sfreq = sfreq
        self._wait = threading.Event().wait

    def __enter__(self) -> Self:
        """Connect to the device."""
        self._begin, self._n_given = local_clock(), 0
        return self

    def __exit__(self, *exc: object) -> None:
        """Let go of it."""

    def read(self, timeout: float) -> Chunk | None:
        """Return what has come, None if that is nothing within `timeout` seconds.

        Stamps are seconds on the LSL clock (`insula.local_clock`), samples as the device gives them, time first.
        """
        n_due = int((local_clock() - self._begin) * self._sfreq)
        if n_due <= self._n_given:
            self._wait(min(timeout, 0.02))
            return None
        index = np.arange(self._n_given, n_due)
        self._n_given = n_due
        wave = 20.0 * np.sin(2.0 * np.pi * 10.0 * index / self._sfreq)
        data = np.repeat(wave[:, None], len(self.infos[0].channels), axis=1).astype(np.float32)
        return Chunk(self.infos[0].key, self._begin + index / self._sfreq, data)
