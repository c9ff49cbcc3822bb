"""What the network may hold against a session: outlets that say or send what no device would, and peers that are none.

``python -m benchmarks.hostile_outlets CASE`` is one of them until it is ended; `hostile_streams` starts them.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pylsl

_SFREQ, _LABELS = 250.0, ("Fp1", "Fp2", "C3", "C4")
_STEP_S = 0.04
_Values = Callable[[int, float], tuple[Any, list[float]]]
"""From the number of the push and the time of now: samples and stamps."""


def _eeg(name: str = "Evil", source_id: str = "evil", n_chans: int = 4, sfreq: float = _SFREQ) -> pylsl.StreamInfo:
    info = pylsl.StreamInfo(name, "EEG", n_chans, sfreq, "float32", source_id)
    if n_chans == len(_LABELS):
        info.set_channel_labels(list(_LABELS))
        info.set_channel_units("microvolts")
    return info


def _usual(k: int, now: float, n_chans: int = 4) -> tuple[Any, list[float]]:
    n = round(_SFREQ * _STEP_S)
    times = now - (np.arange(n)[::-1]) / _SFREQ
    waves = 20.0 * np.sin(2 * np.pi * 9.0 * times)[:, None] + np.random.default_rng(k).normal(0, 8, (n, n_chans))
    return waves.astype(np.float32), list(times)


def _send(info: pylsl.StreamInfo, values: _Values = _usual) -> None:
    outlet = pylsl.StreamOutlet(info)
    begin = pylsl.local_clock()
    for k in itertools.count():
        time.sleep(max(0.0, begin + k * _STEP_S - pylsl.local_clock()))
        data, stamps = values(k, begin + k * _STEP_S)
        if len(stamps):
            outlet.push_chunk(data, stamps)


def _with_data(change: Callable[[Any, int], Any]) -> Callable[[], None]:
    def values(k: int, now: float) -> tuple[Any, list[float]]:
        data, stamps = _usual(k, now)
        return change(data, k), stamps

    return lambda: _send(_eeg(), values)


def _with_stamps(change: Callable[[Any, int], Any]) -> Callable[[], None]:
    def values(k: int, now: float) -> tuple[Any, list[float]]:
        data, stamps = _usual(k, now)
        return data, [float(stamp) for stamp in change(np.array(stamps), k)]

    return lambda: _send(_eeg(), values)


def _now_and_then(value: float) -> Callable[[Any, int], Any]:
    """Put one odd value into every 25th push, a second apart."""

    def change(values: Any, k: int) -> Any:
        values = values.copy()
        if k % 25 == 24:
            values[len(values) // 2] = value
        return values

    return change


def _wrong_counts() -> None:
    info = pylsl.StreamInfo("Evil", "EEG", 4, _SFREQ, "float32", "evil")
    channels = info.desc().append_child("channels")
    for k in range(3000):
        channels.append_child("channel").append_child_value("label", f"C\x1b{k}")
    _send(info)


def _bursts() -> None:
    def values(k: int, now: float) -> tuple[Any, list[float]]:
        if k % 100:
            return [], []
        n = round(100 * _STEP_S * _SFREQ)
        return np.zeros((n, 4), np.float32), list(now - np.arange(n)[::-1] / _SFREQ)

    _send(_eeg(), values)


def _too_fast() -> None:
    def values(k: int, now: float) -> tuple[Any, list[float]]:
        n = 4000
        return np.zeros((n, 4), np.float32), list(now - np.arange(n)[::-1] * _STEP_S / n)

    _send(_eeg(), values)


def _markers(text: Callable[[int], list[str]]) -> Callable[[], None]:
    def work() -> None:
        outlet = pylsl.StreamOutlet(pylsl.StreamInfo("Evil", "Markers", 1, 0.0, "string", "evil"))
        for k in itertools.count():
            for each in text(k):
                outlet.push_sample([each])
            time.sleep(0.5)

    return work


def _reborn(names: Callable[[int], pylsl.StreamInfo], every: float) -> Callable[[], None]:
    """Have an outlet that goes and comes back as something else."""

    def work() -> None:
        for k in itertools.count():
            info = names(k)
            outlet = pylsl.StreamOutlet(info)
            begin = pylsl.local_clock()
            while (now := pylsl.local_clock()) < begin + every:
                data, stamps = _usual(k, now, info.channel_count())
                outlet.push_chunk(data, stamps)
                time.sleep(_STEP_S)
            del outlet

    return work


def _other_labels(k: int) -> pylsl.StreamInfo:
    info = pylsl.StreamInfo("Evil", "EEG", 4, _SFREQ, "float32", "evil")
    info.set_channel_labels(list(_LABELS if k % 2 == 0 else _LABELS[::-1]))
    info.set_channel_units("microvolts")
    return info


def _many(n_streams: int) -> Callable[[], None]:
    def work() -> None:
        outlets = [pylsl.StreamOutlet(_video(f"Many {k}")) for k in range(n_streams)]
        while outlets:
            for outlet in outlets:
                outlet.push_sample([0.0])
            time.sleep(0.1)

    return work


def _video(name: str) -> pylsl.StreamInfo:
    return pylsl.StreamInfo(name, "Video", 1, 10.0, "float32", name)


def _peer(**said: Any) -> Callable[[], None]:
    """Answer every question on LSL, whatever it asks for, with a stream that is none."""

    def work() -> None:
        accepting = socket.create_server(("127.0.0.1", 0), backlog=100)  # takes connections and says nothing
        port = accepting.getsockname()[1]
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for wanted in range(16572, 16604):
            with contextlib.suppress(OSError):
                ear.bind(("127.0.0.1", wanted))
                break
        while True:
            asked, (host, _) = ear.recvfrom(65536)
            with contextlib.suppress(ValueError, IndexError, OSError):
                back, number = asked.decode().split("\r\n")[2].split()
                for xml in _answers(port, said):
                    ear.sendto(f"{number}\r\n{xml}".encode("latin-1", "replace"), (host, int(back)))

    return work


def _answers(port: int, said: dict[str, Any]) -> Iterator[str]:
    said = dict(said)
    if (raw := said.pop("raw", None)) is not None:
        yield raw
        return
    usual = {"name": "Liar", "type": "EEG", "channel_count": 4, "channel_format": "float32", "source_id": "liar"}
    usual |= {"nominal_srate": _SFREQ, "version": 1.1, "created_at": 1.0, "session_id": "default", "hostname": "liar"}
    usual |= {"v4address": "", "v4data_port": port, "v4service_port": port}
    for _ in range(said.pop("times", 1)):
        values = {**usual, "uid": uuid.uuid4(), **said}
        elements = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in values.items())
        yield f'<?xml version="1.0"?><info>{elements}<desc /></info>'


CASES: dict[str, tuple[str, Callable[[], None]]] = {
    "name: control characters": ("eeg", lambda: _send(_eeg("Evil\x00\x1b[2J\x07\n\t"))),
    "name: HTML": ("eeg", lambda: _send(_eeg("<img src=file:///etc/passwd><b>Evil"))),
    "name: right to left": ("eeg", lambda: _send(_eeg("Evil \u202egnp.exe\u2066"))),
    "name: 20,000 letters": ("eeg", lambda: _send(_eeg("Evil " + "x" * 20_000))),
    "channels: 3,000 described, 4 sent": ("eeg", _wrong_counts),
    "channels: 1,000": ("eeg", lambda: _send(_eeg(n_chans=1000), lambda k, now: _usual(k, now, 1000))),
    "samples: NaN now and then": ("eeg", _with_data(_now_and_then(math.nan))),
    "samples: infinite now and then": ("eeg", _with_data(_now_and_then(math.inf))),
    "samples: all NaN": ("eeg", _with_data(lambda data, k: data * np.float32(np.nan))),
    "samples: 1e30": ("eeg", _with_data(lambda data, k: data * np.float32(1e30))),
    "stamps: NaN now and then": ("eeg", _with_stamps(_now_and_then(math.nan))),
    "stamps: infinite now and then": ("eeg", _with_stamps(_now_and_then(math.inf))),
    "stamps: a million seconds ahead": ("eeg", _with_stamps(_now_and_then(1e6))),
    "stamps: all one": ("eeg", _with_stamps(lambda stamps, k: np.ones_like(stamps))),
    "stamps: microseconds": ("eeg", _with_stamps(lambda stamps, k: stamps * 1e6)),
    "stamps: backwards": ("eeg", _with_stamps(lambda stamps, k: stamps[::-1])),
    "samples in bursts of four seconds": ("eeg", _bursts),
    "rate: 100,000 Hz where 250 are declared": ("eeg", _too_fast),
    "rate: none declared": ("eeg", lambda: _send(_eeg(sfreq=0.0))),
    "comes back with other labels": ("eeg", _reborn(_other_labels, 2.0)),
    "comes back under other names": ("beside", _reborn(lambda k: _eeg(f"Evil {k}", f"evil {k}", sfreq=0.0), 0.3)),
    "markers of a megabyte": ("markers", _markers(lambda k: ["x" * 1_000_000])),
    "markers of control characters": ("markers", _markers(lambda k: ["\x1b[2J<b>\x00\n\t\u202e" * 3, ""])),
    "20,000 markers at once": ("markers", _markers(lambda k: ["now"] * 20_000)),
    "40 other streams": ("other", _many(40)),
    "a peer that answers every question": ("other", _peer()),
    "a peer that answers with 500 streams": ("other", _peer(times=500)),
    "a peer that answers as another type": ("other", _peer(type="Video")),
    "a peer with 2,000,000,000 channels": ("other", _peer(channel_count=2_000_000_000)),
    "a peer with a rate of NaN": ("other", _peer(nominal_srate="nan")),
    "a peer with 60 kB of name": ("other", _peer(name="x" * 60_000)),
    "a peer with control characters": ("other", _peer(name="&#1;&#27;", source_id="&#0;")),
    "a peer with bytes that are no UTF-8": ("other", _peer(name="M\xfcller", hostname="K\xfcche")),
    "a peer with a damaged answer": ("other", _peer(raw="<info><name>x</name><type>EEG")),
}
"""What each is to the session, and what it does: ``eeg`` and ``markers`` are recorded; beside others the good headset
is to be found by itself, or, ``beside``, by its source_id."""


if __name__ == "__main__":
    CASES[sys.argv[1]][1]()
