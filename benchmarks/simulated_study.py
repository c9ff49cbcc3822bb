"""A data set of simulated participants, as a lab would hold one: EEG and film of each trial, ratings, what was shown.

``python -m benchmarks.simulated_study DIR --people 8`` writes it, and the command to type then. Everyone sees the same
clips, two of each mood, in an order of their own. The EEG is a FIF file, the face a film, and beside them stand one
label and one rating from 1 to 9 for each trial, and ratings four times a second. Nothing in it is of a real person.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import mne
import numpy as np

from acquisition.simulator.eeg import CAP_32, EegGenerator
from acquisition.simulator.face import FaceGenerator, FaceKnobs
from acquisition.simulator.trajectory import CLASSES, Trajectory, subject_seed
from core.recording.video import VideoCoder, VideoWriter

SFREQ = 128.0
FPS = 8.0
SIZE = (640, 480)
RATE = 4.0
PER_CLASS = 2
HEAD = "participant\tfile\tstart\tstop\tlabel\tvalence\tarousal\tscale\tvideo\tstimulus\tcontinuous\n"
COMMAND = (
    "insula train people --data {folder} --run runs/thesis --sensors both --test-sensors eeg "
    "--leave-out subject,stimulus --compare thesis-losses"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Write the data set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0, help="of a clip")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    write(args.folder, args.people, args.seconds, args.seed)
    print(COMMAND.format(folder=args.folder))


def write(folder: Path, people: int, seconds: float, seed: int = 0) -> None:
    """Write the table, and EEG, films and ratings of so many people."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for number in range(1, people + 1) for row in _person(folder, number, seconds, seed)]
    (folder / "trials.tsv").write_text(HEAD + "".join(rows), encoding="utf-8")


def _person(folder: Path, number: int, seconds: float, seed: int) -> list[str]:
    own, name, rows = subject_seed(seed + 1, number), f"S{number:02d}", []
    rng = np.random.default_rng([seed, number])
    moods = [Trajectory(own, classes=[mood]) for mood in CLASSES]
    brains = [EegGenerator(own, CAP_32, SFREQ, mood) for mood in moods]
    faces = [FaceGenerator(own, mood, FPS, SIZE, FaceKnobs.clean()) for mood in moods]
    info = mne.create_info(list(CAP_32), SFREQ, "eeg")
    clips = rng.permutation([(mood, copy) for mood in range(len(CLASSES)) for copy in range(PER_CLASS)])
    for place, (mood, copy) in enumerate(clips.tolist()):
        # Each clip is another stretch of the same brain, so that no two have the same noise.
        began, stem = place * seconds, f"{name}_{place + 1:02d}"
        eeg = brains[mood].block(round(began * SFREQ), round(seconds * SFREQ))
        mne.io.RawArray(1e-6 * eeg.T, info, verbose="error").save(folder / f"{stem}_raw.fif", verbose="error")
        _film(folder / f"{stem}.mkv", faces[mood], began, seconds)
        times = np.arange(0.0, seconds, 1.0 / RATE)
        felt = 5.0 + 4.0 * np.stack(moods[mood].at(began + times))
        lines = [f"{t:.2f}\t{v:.3f}\t{a:.3f}\n" for t, v, a in zip(times, *felt, strict=True)]
        (folder / f"{stem}.tsv").write_text("time\tvalence\tarousal\n" + "".join(lines), encoding="utf-8")
        valence, arousal = np.clip(np.round(felt.mean(axis=1) + 0.5 * rng.standard_normal(2)), 1, 9)
        rows.append(
            f"{name}\t{stem}_raw.fif\t0\t{seconds:g}\t{CLASSES[mood]}\t{valence:g}\t{arousal:g}\t1 to 9\t"
            f"{stem}.mkv\t{CLASSES[mood]} {copy + 1}\t{stem}.tsv\n"
        )
    return rows


def _film(path: Path, face: FaceGenerator, began: float, seconds: float) -> None:
    path.unlink(missing_ok=True)
    coder = VideoCoder(*SIZE, FPS)
    with VideoWriter(path, *SIZE, FPS) as film:
        for k in range(round(seconds * FPS)):
            packet, _ = coder.code(face.frame(round(began * FPS) + k), k / FPS)
            film.write(packet, k / FPS)


if __name__ == "__main__":
    main()
