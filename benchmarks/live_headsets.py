"""A live session with every headset that Insula knows, imitated on LSL: what of it is on disk, and how is it read.

``python -m benchmarks.live_headsets`` runs one session with one participant per headset, all at once and in real time,
for 5 minutes; ``--seconds`` makes it shorter. The outlets are in a process of their own. What was recorded is then read
with pyxdf and with MNE and laid beside what was sent.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import queue
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pyxdf

from acquisition.lsl import LslSource
from acquisition.replay import open_recording, recorded_predictions
from acquisition.source import Source
from app.session.engine import Engine
from app.session.recorder import Recorder
from app.session.wiring import pipelines
from app.study.mne_raw import to_raw
from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, private_lsl, table
from core.config import Config, EegConfig, RecordConfig
from core.data import Fault, Item, RecordingHealth, StreamInfo
from core.errors import EndOfStream
from core.predictor import Predictor
from core.recording.outputs import EVENTS_NAME
from tests.headsets import HEADSETS, FakeOutlet

_TAIL_S = 2.0
"""From the last push to the end of the session: everything sent by then must be recorded."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session left behind."""

    path: Path
    stop: float
    """LSL time at which the headsets were told to stop."""
    cpu: float
    """Processor seconds a second, outlets not counted."""
    faults: tuple[str, ...]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="A live session with every headset, imitated on LSL.")
    parser.add_argument("--seconds", type=float, default=300.0)
    args = parser.parse_args(argv)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    print(
        f"{len(HEADSETS)} imitated headsets at once, signal simulated, {args.seconds:g} s in real time, in one session "
        "of Insula with one participant each.\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), args.seconds)
        rows = judge(outcome, Path(folder))
    head = (
        "headset",
        "EEG of all",
        "declared unit",
        "µV per unit",
        "Hz said / measured",
        "recorded of sent",
        "to the bit",
    )
    print(table((*head, "labels", "MNE", "gaps, jumps, losses", "predictions"), rows))
    print(f"\nProcessor seconds a second, all headsets together, outlets not counted: {outcome.cpu:.2f}")
    print(f"Faults and problems: {', '.join(outcome.faults) or 'none'}")


def run(folder: Path, seconds: float) -> Outcome:
    """Run the session; the outlets leave what they sent in `folder`."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    outlets = context.Process(target=send, args=(other, str(folder)), daemon=True)
    outlets.start()
    pipe.recv()
    config = Config(record=RecordConfig(study=str(folder / "study"), task="headsets"))
    predictor = Predictor("", config)
    predictor.warm_up()
    people = {key: f"P{n + 1:03d}" for n, key in enumerate(HEADSETS)}
    recorder = Recorder(config, list(people.values()), predictor.sha256, predictor.classes, pylsl.local_clock)
    sources = [LslSource(_only(key), person) for key, person in people.items()]
    problems: list[str] = []
    with Engine(sources, pipelines(config, predictor), config, pylsl.local_clock, recorder) as engine:
        watch = Stopwatch()
        _listen(engine, seconds, problems)
        wall, cpu = watch.read()
        stop = pylsl.local_clock()
        pipe.send("")
        pipe.recv()
        _listen(engine, _TAIL_S, problems)
    outlets.join()
    assert recorder.path is not None
    return Outcome(recorder.path, stop, cpu / wall, tuple(problems))


def send(pipe: Connection, folder: str) -> None:
    """Send as the headsets do until a word comes, then write down what was sent and wait for nobody."""
    with ExitStack() as stack:
        headsets = enumerate(HEADSETS.items())
        outlets = {key: stack.enter_context(FakeOutlet(headset, seed)) for seed, (key, headset) in headsets}
        pipe.send("ready")
        while not pipe.poll():
            time.sleep(0.005)
            for outlet in outlets.values():
                outlet.push_due()
        for key, outlet in outlets.items():
            np.savez(
                Path(folder) / f"{key}.npz", data=np.concatenate(outlet.sent), stamps=np.concatenate(outlet.stamps)
            )
        pipe.send("done")
        time.sleep(2 * _TAIL_S)


def judge(outcome: Outcome, folder: Path) -> list[tuple[str, ...]]:
    """Return a row for each headset: what is on disk beside what was sent."""
    streams, _ = pyxdf.load_xdf(outcome.path, synchronize_clocks=False, dejitter_timestamps=False)
    predictions = Counter(p.participant for p in recorded_predictions(outcome.path))
    (events,) = (s for s in streams if s["info"]["name"][0] == EVENTS_NAME)
    told = [json.loads(row[0]) for row in events["time_series"]]
    told = [event for event in told if "kind" in event and event["time"] < outcome.stop]
    with open_recording(outcome.path, Config()) as source:
        infos = {info.participant: info for info in source.infos}
        items = _all(source)
    rows: list[tuple[str, ...]] = []
    for number, (key, headset) in enumerate(HEADSETS.items()):
        person = f"P{number + 1:03d}"
        info = infos[person]
        sent = np.load(folder / f"{key}.npz")
        (stream,) = (s for s in streams if s["info"]["uid"][0] == info.uid)
        first = int(np.searchsorted(sent["stamps"], stream["time_stamps"][0]))
        n_sent, n_kept = len(sent["stamps"]) - first, len(stream["time_stamps"])
        same = n_sent == n_kept and np.array_equal(sent["data"][first:], stream["time_series"])
        units = sorted({part.unit or "none" for part in headset.parts if part.kind == "eeg"})
        scale = {info.channels[k].scale_uv for k in info.picks}
        span = stream["time_stamps"][-1] - stream["time_stamps"][0]
        gaps = sum(t["kind"] in ("gap", "lost", "jump") for t in told if t["stream"] == info.key)
        rows.append(
            (
                *(key, f"{len(info.picks)} of {len(info.channels)}", ", ".join(units)),
                ", ".join(f"{value:g}" for value in scale) + ("" if info.unit_confirmed else ", to be confirmed"),
                f"{headset.sfreq:g} / {(n_kept - 1) / span:.2f}",
                *(f"{n_kept} of {n_sent}", "yes" if same else "NO"),
                _labels(stream, [part.label for part in headset.parts]),
                *(_in_mne(info, items, n_kept), str(gaps), str(predictions[person])),
            )
        )
    return rows


def _in_mne(info: StreamInfo, items: Sequence[Item], n_kept: int) -> str:
    """Return what MNE sees: samples, and the size of the signal, which the imitation makes 13 µV."""
    _, _, raw = to_raw([info], items, [], Config().eeg.max_gap)
    data = raw.get_data(picks="eeg")
    size = 1e6 * float(np.median((data - data.mean(axis=1, keepdims=True)).std(axis=1)))
    return f"{'all' if raw.n_times == n_kept else raw.n_times} samples, {size:.1f} µV"


def _labels(stream: dict[str, Any], declared: list[str]) -> str:
    """Return whether the recording has the device's labels, or Insula's own where it writes none."""
    channels = stream["info"]["desc"][0]["channels"][0]["channel"]
    kept = [(channel.get("label") or [""])[0] for channel in channels]
    if kept == declared:
        return "as declared"
    return "NO" if any(declared) or len(kept) != len(declared) else f"none declared, {kept[1]} ... taken"


def _listen(engine: Engine, seconds: float, problems: list[str]) -> None:
    until = pylsl.local_clock() + seconds
    while pylsl.local_clock() < until:
        with suppress(queue.Empty):
            message = engine.outbox.get(timeout=0.2)
            if isinstance(message, Fault):
                problems.append(message.text)
            elif isinstance(message, RecordingHealth) and message.problem and message.problem not in problems:
                problems.append(message.problem)


def _all(source: Source) -> list[Item]:
    items: list[Item] = []
    with suppress(EndOfStream):
        while True:
            if (item := source.read(1.0)) is not None:
                items.append(item)
    return items


def _only(key: str) -> EegConfig:
    h = HEADSETS[key]
    found = f"name='{h.name}' and source_id='{h.source_id}' and channel_count={len(h.parts)}"
    return EegConfig(predicate=found, wait=30.0)


if __name__ == "__main__":
    main()
