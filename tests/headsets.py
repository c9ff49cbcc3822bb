"""Outlets that imitate how real headsets look on LSL, for tests and benchmarks on machines without one.

The signal is simulated; the names, labels, units, rates and stamps are those of the devices and programs they are named
after, oddities included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import pylsl
from scipy.signal import lfilter

from core.data import Array

__all__ = ["HEADSETS", "FakeOutlet", "Headset"]

_UNIX_EPOCH = 1_700_000_000.0
_ALPHA_HZ, _ALPHA_UV, _BACKGROUND_UV, _CORNER_HZ = 10.0, 12.0, 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One channel of a headset: what it says of it and what it carries."""

    label: str
    """``""`` if it writes none."""
    kind: Literal["eeg", "counter", "unix", "acc", "zero", "one"] = "eeg"
    type: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Headset:
    """How one headset, or the program that serves it, looks on LSL."""

    name: str
    type: str
    source_id: str
    sfreq: float
    parts: tuple[Part, ...]
    per_uv: float = 1.0
    """What it writes for one µV."""
    offset_uv: float = 0.0
    stamps: Literal["lsl", "unix"] = "lsl"
    dtype: Literal["float32", "double64"] = "float32"
    chunk: int = 1
    """Samples it sends at a time."""
    manufacturer: str = ""
    declares_rate: bool = True


def _eeg(names: str, type: str = "EEG", unit: str = "microvolts") -> tuple[Part, ...]:
    return tuple(Part(name, "eeg", type, unit) for name in names.split())


def _silent(n_chans: int) -> tuple[Part, ...]:
    return tuple(Part("") for _ in range(n_chans))


_ACC = tuple(Part(f"ACC_{axis}", "acc", "ACC", "mg") for axis in "XYZ")
_EMOTIV = "AF3 F7 F3 FC5 T7 P7 O1 O2 P8 T8 FC6 F4 F8 AF4"
_CGX = "AF7 Fpz F7 Fz T7 FC6 Fp1 F4 C4 Oz CP6 Cz PO8 CP5 O2 O1 P3 P4 P7 P8 Pz PO7 T8 C3 Fp2 F3 F8 FC5 AF8 A2"
_UNICORN = (
    *_silent(8),
    *(Part("", "acc") for _ in range(6)),
    *(Part("", kind) for kind in ("one", "counter", "one")),
)

HEADSETS: dict[str, Headset] = {
    "muselsl": Headset(
        "Muse", "EEG", "Muse00:55:DA:B0:49:D3", 256.0,
        (*_eeg("TP9 AF7 AF8 TP10"), Part("Right AUX", "zero", "EEG", "microvolts")),
        stamps="unix", chunk=12, manufacturer="Muse",
    ),
    "bluemuse": Headset("Muse-49D3 (00:55:da:b0:49:d3)", "EEG", "0055DAB049D3", 256.0,
        (*_eeg("TP9 AF7 AF8 TP10"), Part("Right AUX", "zero", "EEG", "microvolts")),
        chunk=12, dtype="double64", manufacturer="Interaxon",
    ),
    "openbci-gui": Headset("obci_eeg1", "EEG", "openbcigui", 250.0, _silent(8), chunk=5),
    "openbci-gui-daisy": Headset("obci_eeg1", "EEG", "openbcigui", 125.0, _silent(16), chunk=5),
    "brainflow": Headset("Cyton8_BFSample", "EEG", "", 250.0,
        (Part("", "counter"), *_silent(8), *(Part("", "acc") for _ in range(3)), *(Part("", "zero") for _ in range(10)),
         Part("", "unix"), Part("", "zero")),
        stamps="unix", dtype="double64", chunk=10,
    ),
    "liveamp": Headset("LiveAmpSN-054209-0198", "EEG", "LiveAmpSN-054209-0198", 500.0,
        (*_eeg("Fp1 Fz F3 F7 FT9 FC5 FC1 C3 T7 TP9 CP5 CP1 Pz P3 P7 O1 Oz O2 P4 P8 TP10 CP6 CP2 Cz C4 T8 FT10 FC6 FC2"),
         Part("BIP1", "eeg", "bipolar", "microvolts"), *_ACC, Part("TRIG", "zero", "trigger", "none")),
        chunk=10, manufacturer="Brain Products",
    ),
    "emotiv": Headset("EmotivDataStream-EEG", "EEG", "EPOCX-E2020A12", 128.0,
        (Part("Timestamp", "unix"), Part("Counter", "counter"), Part("Interpolate", "zero"),
         *(Part(name) for name in _EMOTIV.split()), Part("HardwareMarker", "zero"), Part("Markers", "zero")),
        offset_uv=4200.0, manufacturer="Emotiv",
    ),
    "unicorn": Headset("UnicornRecorderLSLStream", "EEG", "UN-2019.05.51", 250.0, _UNICORN),
    "unicorn-data": Headset("UnicornRecorderRawDataLSLStream", "Data", "UN-2019.05.52", 250.0, _UNICORN),
    "ant-eego": Headset("eego-EE225-000000-000625", "EEG", "eego-625", 512.0,
        tuple(Part(f"Ch{n + 1}", "eeg", "EEG", "volts") for n in range(32)),
        per_uv=1e-6, dtype="double64", chunk=16, manufacturer="ANT Neuro",
    ),
    "ant-eego-wrong": Headset("eego-EE225-000000-000626", "EEG", "eego-626", 512.0,
        tuple(Part(f"Ch{n + 1}", "eeg", "EEG", "volts") for n in range(32)),
        dtype="double64", chunk=16, manufacturer="ANT Neuro",
    ),
    "cgx": Headset("CGX Quick-30 Q30-0142", "EEG", "Q30-0142", 500.0,
        (*_eeg(_CGX), *(Part(f"ACC{n}", "acc", "ACC", "g") for n in (32, 33, 34)),
         Part("Packet Counter", "counter", "EEG", "microvolts"), Part("TRIGGER", "zero", "EEG", "microvolts")),
        chunk=4, manufacturer="Cognionics",
    ),
    "neurosity": Headset("Crown-459", "EEG", "crown-459", 256.0, _eeg("CP3 C3 F5 PO3 PO4 F6 C4 CP4"), chunk=16),
    "mne-lsl-player": Headset("MNE-LSL-Player", "", "MNE-LSL", 256.0,
        (*_eeg("EEG Fp1-REF|EEG Fp2-REF|EEG T3-REF|EEG T4-REF|EEG T5-REF|EEG T6-REF|EEG O1-REF|EEG O2-REF"
               .replace(" ", "_").replace("|", " "), type="eeg", unit="V"),
         Part("STI 014", "zero", "stim", "none")),
        per_uv=1e-6, dtype="double64", chunk=10,
    ),
}  # fmt: skip


class FakeOutlet:
    """Publishes simulated EEG as one headset would.

    Parameters
    ----------
    headset : Headset
    seed : int
    max_buffered : int
        Seconds that are kept for slow readers.
    clock : callable
        Gives the LSL time of now.
    keep : bool
        Keep all that was pushed in `sent` and `stamps`.
    """

    def __init__(
        self,
        headset: Headset,
        seed: int = 0,
        max_buffered: int = 360,
        clock: Callable[[], float] = pylsl.local_clock,
        keep: bool = True,
    ) -> None:
        self.headset = headset
        self.sent: list[Array] = []
        """All that was pushed, each of shape (n_times, n_chans)."""
        self.stamps: list[Array] = []
        self._clock = clock
        self._keep = keep
        self._rng = np.random.default_rng(seed)
        self._max_buffered = max_buffered
        self._n_sent = 0
        self._state = np.zeros((1, len(headset.parts)))

    def __enter__(self) -> Self:
        self._outlet = pylsl.StreamOutlet(_info(self.headset), max_buffered=self._max_buffered)
        self._start = self._clock()
        return self

    def __exit__(self, *exc: object) -> None:
        del self._outlet

    def wait_for_reader(self, timeout: float) -> bool:
        """Tell whether someone reads within `timeout` seconds; what is pushed before that is lost."""
        return bool(self._outlet.wait_for_consumers(timeout))

    def push(self, seconds: float) -> None:
        """Push the next `seconds` of signal at once, in the headset's own chunks, its stamps going on from the last."""
        for first in range(0, round(seconds * self.headset.sfreq), self.headset.chunk):
            self.push_samples(min(self.headset.chunk, round(seconds * self.headset.sfreq) - first))

    def push_due(self) -> None:
        """Push what has become due since the last push, in whole chunks, for a stream in real time."""
        due = int((self._clock() - self._start) * self.headset.sfreq) - self._n_sent
        for _ in range(due // self.headset.chunk):
            self.push_samples(self.headset.chunk)

    def push_samples(self, n_times: int, jump: float = 0.0) -> None:
        """Push `n_times` samples as one chunk; `jump` moves its stamps and all that follow, s."""
        self._start += jump
        index = self._n_sent + np.arange(n_times)
        self._n_sent += n_times
        lsl = self._start + index / self.headset.sfreq
        stamps = lsl + (_UNIX_EPOCH if self.headset.stamps == "unix" else 0.0)
        data = self._signal(index, lsl).astype(np.float32 if self.headset.dtype == "float32" else np.float64)
        if self._keep:
            self.sent.append(data)
            self.stamps.append(stamps)
        self._outlet.push_chunk(np.ascontiguousarray(data), list(stamps))

    def _signal(self, index: Array, lsl: Array) -> Array:
        """Return (n_times, n_chans): alpha on a random walk that is pulled back to its level, which gives 1/f."""
        headset = self.headset
        keep = np.exp(-2.0 * np.pi * _CORNER_HZ / headset.sfreq)
        kicks = self._rng.standard_normal((len(index), len(headset.parts))) * _BACKGROUND_UV * np.sqrt(1.0 - keep**2)
        background, self._state = lfilter([1.0], [1.0, -keep], kicks, axis=0, zi=self._state)
        eeg = background + _ALPHA_UV * np.sin(2.0 * np.pi * _ALPHA_HZ * lsl)[:, None]
        columns = {
            "counter": index % 256,
            "unix": lsl + _UNIX_EPOCH,
            "acc": 1000.0 * np.cos(lsl),
            "zero": np.zeros(len(index)),
            "one": np.ones(len(index)),
        }
        picked = [
            (eeg[:, i] + headset.offset_uv) * headset.per_uv if part.kind == "eeg" else columns[part.kind]
            for i, part in enumerate(headset.parts)
        ]
        return np.stack(picked, axis=1)


def _info(headset: Headset) -> pylsl.StreamInfo:
    sfreq = headset.sfreq if headset.declares_rate else pylsl.IRREGULAR_RATE
    info = pylsl.StreamInfo(headset.name, headset.type, len(headset.parts), sfreq, headset.dtype, headset.source_id)
    desc = info.desc()
    if headset.manufacturer:
        desc.append_child_value("manufacturer", headset.manufacturer)
    if any(part.label for part in headset.parts):
        channels = desc.append_child("channels")
        for part in headset.parts:
            channel = channels.append_child("channel")
            for key, value in (("label", part.label), ("unit", part.unit), ("type", part.type)):
                if value:
                    channel.append_child_value(key, value)
    return info
