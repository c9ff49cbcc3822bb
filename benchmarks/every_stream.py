"""A session with the streams of a whole lab at once: a Muse's five, BrainFlow's synthetic board, MNE-LSL's player.

``python -m benchmarks.every_stream`` has ``insula run`` record all of them for 20 s (``--seconds``), and then lays what
pyxdf and MNE read beside what was sent. BrainFlow and MNE-LSL are in ``insula[bench]``. What stands for the Muse has
the names, types, rates and formats of muselsl, with made-up values; BrainFlow's stamps are the time of day, as it
gives them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pylsl
import pyxdf

from benchmarks.machine import describe_machine, one_thread_each, private_lsl, table
from core.data import Array

_STEP_S = 0.04
_PLAYED = "MNE-Player"
_BOARD = "BrainFlow"


@dataclass(frozen=True, slots=True)
class Part:
    """One stream of the Muse."""

    of_type: str
    sfreq: float
    labels: tuple[str, ...]
    unit: str
    rate: float
    """Samples a second that are sent."""


MUSE = (
    Part("EEG", 256.0, ("TP9", "AF7", "AF8", "TP10", "Right AUX"), "microvolts", 256.0),
    Part("PPG", 64.0, ("PPG1", "PPG2", "PPG3"), "mmHg", 64.0),
    Part("ACC", 52.0, ("X", "Y", "Z"), "g", 52.0),
    Part("GYRO", 52.0, ("X", "Y", "Z"), "dps", 52.0),
    Part("telemetry", 0.0, ("Battery", "Fuel Gauge", "ADC Volt", "Temperature"), "", 0.5),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if anything is not as it was sent."""
    parser = argparse.ArgumentParser(description="A session with the streams of a whole lab at once.")
    parser.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args(argv)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        sent = _record(Path(folder), args.seconds)
        rows, n_wrong = _compare(Path(folder), sent)
    print(table(("stream", "type", "rate, Hz", "format", "samples in pyxdf", "values and stamps", "in MNE"), rows))
    return 1 if n_wrong else 0


def _record(folder: Path, seconds: float) -> dict[str, Any]:
    """Run a session beside all senders, and return what these sent."""
    played = folder / "played-raw.fif"
    _raw().save(played, verbose="error")
    stop, gone = multiprocessing.Event(), multiprocessing.Event()
    senders = [
        multiprocessing.Process(target=work, args=(folder, stop)) for work in (send_muse, send_board, send_player)
    ]
    for sender in senders:
        sender.start()
    config = folder / "lab.toml"
    config.write_text('[eeg]\nname = "Muse"\nunit = "uV"\nwait = 60.0\n[face]\ncamera = "none"\n', encoding="utf-8")
    names = [*(f"Muse/{part.of_type}" for part in MUSE[1:]), _BOARD, _PLAYED]
    command = [sys.executable, "-m", "insula", "run", "--headless", "--participant", "P001", "--study", str(folder)]
    command += ["--config", str(config), "--duration", str(seconds), "--streams", *names]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stderr[-600:])
    stop.set()
    for sender in senders:
        sender.join(60.0)
    gone.set()
    return {name: np.load(folder / f"{name}.npz") for name in [part.of_type for part in MUSE] + [_BOARD]} | {
        _PLAYED: mne.io.read_raw_fif(played, verbose="error").get_data().T
    }


def send_muse(folder: Path, stop: Event) -> None:
    """Send the five streams of a Muse until told to stop, and write down what was sent."""
    rng = np.random.default_rng(1)
    outlets: list[pylsl.StreamOutlet] = []
    kept: list[tuple[list[Array], list[Array]]] = []
    for part in MUSE:
        info = pylsl.StreamInfo("Muse", part.of_type, len(part.labels), part.sfreq, "float32", "Muse00:55:DA")
        info.set_channel_labels(list(part.labels))
        info.set_channel_units(part.unit)
        outlets.append(pylsl.StreamOutlet(info))
        kept.append(([], []))
    begun, n_sent = pylsl.local_clock(), [0] * len(MUSE)
    while not stop.wait(_STEP_S):
        for k, part in enumerate(MUSE):
            due = int((pylsl.local_clock() - begun) * part.rate)
            if due <= n_sent[k]:
                continue
            stamps = begun + np.arange(n_sent[k], due) / part.rate
            data = _wave(part, stamps, rng)
            outlets[k].push_chunk(data, stamps.tolist())
            kept[k][0].append(stamps)
            kept[k][1].append(data)
            n_sent[k] = due
    for part, (when, values) in zip(MUSE, kept, strict=True):
        np.savez(folder / f"{part.of_type}.npz", stamps=np.concatenate(when), data=np.concatenate(values))


def send_board(folder: Path, stop: Event) -> None:
    """Send all that BrainFlow's synthetic board gives, with its own stamps, until told to stop."""
    from brainflow.board_shim import BoardIds, BoardShim, BrainFlowInputParams

    BoardShim.disable_board_logger()
    board = BoardShim(BoardIds.SYNTHETIC_BOARD, BrainFlowInputParams())
    about = BoardShim.get_board_descr(BoardIds.SYNTHETIC_BOARD)
    board.prepare_session()
    board.start_stream()
    info = pylsl.StreamInfo(_BOARD, "EXG", about["num_rows"], float(about["sampling_rate"]), "double64", "synthetic")
    outlet = pylsl.StreamOutlet(info)
    stamps, data = [], []
    while not stop.wait(_STEP_S):
        some = board.get_board_data().T
        if len(some):
            outlet.push_chunk(np.ascontiguousarray(some), some[:, about["timestamp_channel"]].tolist())
            stamps.append(some[:, about["timestamp_channel"]])
            data.append(some)
    board.stop_stream()
    board.release_session()
    np.savez(folder / f"{_BOARD}.npz", stamps=np.concatenate(stamps), data=np.concatenate(data))


def send_player(folder: Path, stop: Event) -> None:
    """Have MNE-LSL's player play a file until told to stop."""
    from mne_lsl.player import PlayerLSL

    with PlayerLSL(folder / "played-raw.fif", chunk_size=10, name=_PLAYED, source_id="player"):
        stop.wait()


def _raw() -> mne.io.RawArray:
    data = np.random.default_rng(2).normal(0, 1e-5, (3, 100 * 60))  # no two stretches of it are alike
    return mne.io.RawArray(data, mne.create_info(["Cz", "ECG", "EDA"], 100.0, ["eeg", "ecg", "misc"]), verbose="error")


def _wave(part: Part, stamps: Array, rng: np.random.Generator) -> Array:
    noise = rng.normal(0, 10.0 if part.of_type == "EEG" else 0.1, (len(stamps), len(part.labels)))
    wave: Array = noise + 20 * np.sin(2 * np.pi * 1.2 * stamps)[:, None]
    return wave.astype(np.float32)


def _compare(folder: Path, sent: dict[str, Any]) -> tuple[list[tuple[str, ...]], int]:
    (path,) = folder.rglob("*_eeg.xdf")
    out = folder / "fif"
    subprocess.run(
        [sys.executable, "-m", "insula", "export", str(path), "--to", "fif", "--out", str(out)],
        check=True, capture_output=True,
    )  # fmt: skip
    raw = mne.io.read_raw_fif(next(out.glob("*_raw.fif")), verbose="error")
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    rows: list[tuple[str, ...]] = []
    n_wrong = 0
    for stream in streams:
        name, of_type = stream["info"]["name"][0], stream["info"]["type"][0] or "–"
        if name.startswith("Insula "):
            continue
        key = of_type if name == "Muse" else name
        verdict = _verdict(stream, sent[key], key == _PLAYED)
        n_wrong += verdict != "the same"
        n_chans = sum(each.startswith(name) for each in raw.ch_names) if name != "Muse" else len(_of_muse(raw, of_type))
        rate = f"{float(stream['info']['nominal_srate'][0]):g}"
        cells = (name, of_type, rate, stream["info"]["channel_format"][0], str(len(stream["time_series"])))
        rows.append((*cells, verdict, f"{n_chans} channels"))
    print(json.dumps({"file": path.name, "MNE": f"{len(raw.ch_names)} channels at {raw.info['sfreq']:.3f} Hz"}))
    return rows, n_wrong + (len(rows) != len(MUSE) + 2)


def _of_muse(raw: mne.io.Raw, of_type: str) -> list[str]:
    if of_type == "EEG":
        return [name for name in raw.ch_names if name in MUSE[0].labels]
    return [name for name in raw.ch_names if name.startswith(f"Muse {of_type} ")]


def _verdict(stream: dict[str, Any], sent: Any, is_played: bool) -> str:
    """Return whether what was recorded is a stretch of what was sent, without a sample missing, to the bit."""
    data, stamps = np.asarray(stream["time_series"]), np.asarray(stream["time_stamps"])
    if not len(data):
        return "nothing"
    if is_played:  # it plays in a circle, and stamps as it goes
        rows = sent.astype(data.dtype)
        start = int(np.flatnonzero((rows == data[0]).all(axis=1))[0])
        wanted = rows[(start + np.arange(len(data))) % len(rows)]
        return "the same" if np.array_equal(wanted, data) else "other values"
    start = int(np.searchsorted(sent["stamps"], stamps[0]))
    wanted = slice(start, start + len(stamps))
    if not np.array_equal(sent["stamps"][wanted], stamps):
        return f"stamps differ ({len(stamps)} of {len(sent['stamps']) - start})"
    return "the same" if sent["data"][wanted].astype(data.dtype).tobytes() == data.tobytes() else "other values"


if __name__ == "__main__":
    sys.exit(main())
