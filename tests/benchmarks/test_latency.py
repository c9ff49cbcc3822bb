import numpy as np
import pytest

from benchmarks import latency
from benchmarks.lsl_readers import Reading
from core.data import Array

SFREQ = 200.0
STOPS = 0.25 * np.arange(4, 24)
PUSHES = np.stack([np.arange(1600) / SFREQ] * 2, axis=1)
"""Each sample is pushed by itself when it is taken."""


def _run(name: str, slowness: float, cpu: float, threads: dict[str, float]) -> latency.Run:
    """Return a run in which each stage takes a millisecond, or as many times that as the run is slow."""
    stages = 1e-3 * slowness * np.arange(1, 6)
    marks = [[stop, 0.0, stop, *(stop + stages)] for stop in STOPS]
    reading = Reading(np.full(3, cpu), windows=np.array(marks), threads=threads)
    return latency.Run(name, reading, np.stack([STOPS, STOPS + 6e-3 * slowness], axis=1))


def _floor() -> latency.Run:
    windows: Array = np.stack([STOPS, STOPS + 0.001, STOPS + 0.003], axis=1)
    return latency.Run("pylsl and network alone", Reading(np.full(3, 0.02), windows=windows), np.zeros((0, 2)))


def test_it_says_which_aims_are_met(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("benchmarks.machine._N_BOOTSTRAP", 20)
    monkeypatch.setattr("benchmarks.latency._N_DRAWS", 20)
    runs = [_floor(), _run("Insula, EEG", 1.0, 0.05, {}), _run("Insula, EEG and camera", 2.0, 0.2, {})]
    latency.show_latency(runs, PUSHES, SFREQ)
    latency.show_cost(runs)
    out = capsys.readouterr().out
    assert "p99 with camera, from what completes the window: 12; aim at most 33 ms (floor + 30): met." in out
    assert "the same over that of EEG alone (6.00 ms): 2; aim at most 1.5 times: MISSED." in out
    assert "Processor time with camera: 0.2; aim at most 0.14 s per s: MISSED." in out
    *_, ratio = [line for line in out.splitlines() if line.startswith("| inbox")]
    assert [cell.strip() for cell in ratio.strip("|").split("|")] == ["inbox", "2.00", "2.00", "2.00 (2.00 to 2.00)"]


def test_turns_of_one_reader_are_one_run():
    joined = latency._joined([_run("x", 1.0, 0.1, {"engine": 0.1}), _run("x", 2.0, 0.3, {"engine": 0.3, "disk": 0.2})])
    assert joined.reading.cpu.tolist() == [0.1] * 3 + [0.3] * 3
    assert len(joined.reading.windows) == len(joined.arrivals) == 2 * len(STOPS)
    assert joined.reading.threads == pytest.approx({"engine": 0.2, "disk": 0.1})


def test_parts_are_told_by_thread_and_frame(capsys: pytest.CaptureFixture[str]):
    alone = _run("Insula, EEG", 1.0, 0.05, {"engine": 0.01, "disk": 0.0001})
    camera = _run("Insula, EEG and camera", 1.0, 0.2, {"engine": 0.02, "faces": 0.1})
    latency.show_parts([alone, camera], {"coded": 0.002})
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert ["faces", "0.0000", "0.1000"] in cells
    assert ["engine", "0.0100", "0.0200"] in cells
    assert not any(row[0] == "disk" for row in cells)
    assert ["coded", "2.00", "0.059"] in cells
