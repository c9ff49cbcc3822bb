"""How fast a recording is replayed, as a multiple of real time, beside a bare loop of the same network.

``python -m benchmarks.replay_speed`` records a simulated participant into a temporary folder through the classes that
record a live session and replays it as ``insula replay --speed max`` does; ``--profile`` tells where the time goes,
``--quick`` is a smoke run. Real recordings under INSULA_DATA are replayed too where they are.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import torch

from acquisition.replay import open_recording
from acquisition.source import items
from app.session.wiring import pipelines
from app.study.kept_faces import Film, Looker
from app.study.offline_replay import replay
from benchmarks.machine import Stopwatch, describe_machine, one_thread_each, table
from benchmarks.material import record
from core.config import Config
from core.data import Array, Chunk, Prediction, Window
from core.faces import FaceStage
from core.filters import Cascade, Resampler, design
from core.models.batch import collate
from core.models.checkpoint import load
from core.models.face import FaceReader
from core.models.model_file import SHIPPED, Architecture
from core.models.network import Network
from core.predictor import Predictor
from core.recording.video import VideoReader

_BATCH = 64
_REAL = {
    "real: 64 channels, 160 Hz, EDF": "eegmmidb-S001/S001R01.edf",
    "real: 19 channels, 500 Hz, EDF": "eegmat/Subject00_1.edf",
    "real: Muse, 4 channels, 256 Hz, XDF": "xdf/sub-P002_ses-S001_task-Default_run-001_eeg.xdf",
}


@dataclass(frozen=True, slots=True)
class Speed:
    """One recording, replayed as fast as it goes."""

    seconds: float
    """Of data, from the first window's start to the last one's stop."""
    n_windows: int
    wall: tuple[float, ...]
    """Seconds that each replay took."""
    cpu: tuple[float, ...]
    """Processor seconds, which other programs on the machine change less."""
    forward: float
    """Processor seconds that the network alone takes for the same windows, in batches."""
    one_by_one: float
    """The same, window by window."""


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Replay speed beside the bare network.")
    parser.add_argument("--seconds", type=float, default=600.0, help="of the recording with EEG alone")
    parser.add_argument("--video-seconds", type=float, default=60.0, help="of the recording with EEG and face")
    parser.add_argument("--kept-seconds", type=float, default=120.0, help="of that in which the face is kept as read")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print what the replays spend their time on")
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args(argv)
    if args.quick:
        args.seconds, args.video_seconds, args.kept_seconds, args.repeats = 12.0, 6.0, 8.0, 1
    one_thread_each()
    print(describe_machine())
    print(
        f"Simulated participant, seed 1, 32 channels at 250 Hz, face 640 x 480 at 30 frames a second; {args.repeats} "
        f"replays each, median (lowest to highest). The bare network: batches of {_BATCH} windows, and one by one.\n"
    )
    config = Config()
    with tempfile.TemporaryDirectory() as folder:
        eeg = record(Path(folder), config, 1, args.seconds, 32, 250.0, face=False).xdf
        both = record(Path(folder), config, 1, args.video_seconds, 32, 250.0, face=True).xdf
        reader = FaceReader()
        kept = record(Path(folder), config, 1, args.kept_seconds, 32, 250.0, face=True, reader=reader).xdf
        recordings = {
            "simulated EEG": eeg,
            "simulated EEG and face, as it was read live": kept,
            "simulated EEG and face, read from the pictures": both,
        }
        if not args.quick:
            recordings |= real_recordings()
        speeds = {name: measure(path, config, args.repeats) for name, path in recordings.items()}
        rows = [_row(name, speed) for name, speed in speeds.items()]
        head = ("recording", "data, s", "windows", "x real time", "s of data per CPU s", "network alone", "one by one")
        print(table((*head, "share"), rows))
        print("\n`network alone`, `one by one`: s of data per CPU s, in batches and window by window.")
        costs = {name: speed.seconds / median(speed.cpu) for name, speed in speeds.items()}
        alone, *faces = list(costs)[:3]
        for name in faces:
            print(f"{name}: {costs[name] / costs[alone]:.2f} of the speed of EEG alone, in processor time.")
        print("`share`: the batched network's processor time over the whole replay's.")
        bare = signal_floors(config) | {"the network, in batches": speeds[alone].forward / speeds[alone].n_windows}
        bare |= {"all of these": sum(bare.values())}
        bare |= {"the whole replay": median(speeds[alone].cpu) / speeds[alone].n_windows}
        rows_of = [(what, f"{1e3 * spent:.3f}") for what, spent in bare.items()]
        print("\n" + table(("of one window of EEG, the bare calls alone", "processor ms"), rows_of))
        film = film_of(both)
        as_film = film_speed(film, config, args.video_seconds, args.repeats)
        print(f"\n{film.name} as a film beside an EEG file: {as_film:.0f} times real time.")
        floors = [(what, f"{args.video_seconds / spent:.0f}") for what, spent in picture_floors(both, config).items()]
        print("\n" + table(("of the pictures alone, one core", "s of data per CPU s"), floors))
        if args.profile:
            for path in (eeg, both):
                profile(path, config)


def measure(path: Path, config: Config, repeats: int) -> Speed:
    """Replay one recording several times, then give its windows to the network alone."""
    spent, windows, predictions = [], [], []
    for _ in range(repeats):
        predictor = Predictor("", config)
        predictor.warm_up()
        make = pipelines(config, predictor)
        watch = Stopwatch()
        events = [event for _, some in replay(path, config, make) for event in some]
        spent.append(watch.read())
        windows = [event for event in events if isinstance(event, Window)]
        predictions = [event for event in events if isinstance(event, Prediction)]
    if not windows:
        raise SystemExit(f"{path} gave no window.")
    seen = [window for window in windows if window.eeg is not None or window.faces]
    seconds = predictions[-1].stop - predictions[0].start
    wall, cpu = zip(*spent, strict=True)
    return Speed(seconds, len(windows), wall, cpu, _forward(seen, _BATCH), _forward(seen, 1))


def signal_floors(config: Config) -> dict[str, float]:
    """Return what a window of 32 channels at 250 Hz cannot go below: processor seconds of the calls it needs anyhow.

    Noise, in the sizes in which a replay asks for it: filters over four seconds, each window's spectra by itself.
    """
    rng, n_chans, sfreq = np.random.default_rng(0), 32, 250.0
    step, length = config.window.step, config.window.length
    ahead, per_step = round(4 * sfreq), 4 / step
    raw, new = rng.standard_normal((n_chans, round(length * sfreq))), rng.standard_normal((n_chans, ahead))
    filtered = rng.standard_normal((n_chans, round(length * config.eeg.sfreq)))
    across = rng.standard_normal((ahead, n_chans))
    cascade = Cascade(design(sfreq, config.eeg.highpass, config.eeg.lowpass, 50.0))
    resampler = Resampler(sfreq, config.eeg.sfreq)
    return {
        "band-pass, notch and resampler of what is new": _each(lambda: resampler.push(cascade.push(new))) / per_step,
        "spectra of the raw and of the filtered window": _each(lambda: (np.fft.rfft(raw), np.fft.rfft(filtered))),
        "covariance of the filtered window": _each(lambda: filtered @ filtered.T),
        "electrodes sorted for the median of what is new": _each(lambda: np.sort(across, axis=1)) / per_step,
    }


def _each(call: Callable[[], object], n: int = 200) -> float:
    """Return the processor seconds of a call, the least of several turns: a busy machine makes all others longer."""
    spent = []
    for _ in range(10):
        watch = Stopwatch()
        for _ in range(n // 10):
            call()
        spent.append(watch.read()[1] / (n // 10))
    return min(spent)


def picture_floors(path: Path, config: Config) -> dict[str, float]:
    """Return what a replay from the pictures cannot go below: processor seconds of its parts, each by itself."""
    looked = 0.0
    with open_recording(path, config, pictures=False) as source:
        (camera,) = (info for info in source.infos if info.kind == "video")
        stage = FaceStage(replace(camera, face_reading=""), config.face, FaceReader())
        whole = Stopwatch()
        for item in items(source):
            if isinstance(item, Chunk) and item.stream == camera.key:
                watch = Stopwatch()
                stage.push(item)
                looked += watch.read()[1]
        given = whole.read()[1] - looked
    watch = Stopwatch()
    with VideoReader(film_of(path)) as film:
        while film.read(pixels=False) is not None:
            pass
    return {
        "decoding": watch.read()[1],
        "reading the file, decoding, RGB of what is looked at": given,
        "looking for faces and reading them": looked,
    }


def film_of(path: Path) -> Path:
    """Return the video of a recording."""
    return next(path.parent.parent.glob("beh/*_video.mkv"))


def film_speed(film: Path, config: Config, seconds: float, repeats: int) -> float:
    """Return how many times as fast as it is shown a film is looked at, as `insula train people` does; the median."""
    looker, took = Looker(config.face), []
    for _ in range(repeats):
        watch = Stopwatch()
        list(looker.faces("P001", [Film(film)], seconds, lambda _: None))
        took.append(watch.read()[0])
    return seconds / median(took)


def real_recordings() -> dict[str, Path]:
    """Return real recordings by name, none where INSULA_DATA is not here."""
    folder = Path(os.environ.get("INSULA_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    found = {}
    for name, file in _REAL.items():
        if (folder / file).is_file():
            found[name] = folder / file
    return found


def profile(path: Path, config: Config) -> None:
    """Print the functions in which a replay spends most of its own time."""
    predictor = Predictor("", config)
    predictor.warm_up()
    make = pipelines(config, predictor)
    with cProfile.Profile() as watch:
        for _ in replay(path, config, make):
            pass
    print(f"\n{path.name}")
    pstats.Stats(watch).strip_dirs().sort_stats("tottime").print_stats(20)


def _forward(windows: Sequence[Window], size: int) -> float:
    """Return the seconds that the network needs for `windows` in batches of `size`, collating included."""
    checkpoint = load(SHIPPED)
    use, past = np.ones((size, 2), bool), np.tile(checkpoint.network.eeg.population.cpu().numpy(), (2, 1))
    device = torch.device("cpu")
    batches = [windows[k : k + size] for k in range(0, len(windows), size)]
    with torch.inference_mode():
        for batch in batches[:2]:
            _run(checkpoint.network, batch, checkpoint.header.architecture, use, past, device)
        watch = Stopwatch()
        for batch in batches:
            _run(checkpoint.network, batch, checkpoint.header.architecture, use, past, device)
    return watch.read()[1]


def _run(
    network: Network, batch: Sequence[Window], architecture: Architecture, use: Array, past: Array, device: torch.device
) -> None:
    n = len(batch)
    network(collate(batch, architecture, use[:n], np.repeat(past[None], n, axis=0), device))


def _row(name: str, speed: Speed) -> tuple[str, ...]:
    times, costs = (sorted(speed.seconds / each for each in some) for some in (speed.wall, speed.cpu))
    return (
        *(name, f"{speed.seconds:.0f}", str(speed.n_windows)),
        f"{median(times):.0f} ({times[0]:.0f} to {times[-1]:.0f})",
        f"{median(costs):.0f} ({costs[0]:.0f} to {costs[-1]:.0f})",
        *(f"{speed.seconds / speed.forward:.0f}", f"{speed.seconds / speed.one_by_one:.0f}"),
        f"{speed.forward / median(speed.cpu):.2f}",
    )


if __name__ == "__main__":
    main()
