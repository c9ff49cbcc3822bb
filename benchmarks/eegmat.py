"""EEG at rest and under mental load, cut by the live chain: real people, two states, no emotion.

EEGMAT (Zyma et al. 2019; PhysioNet, ODC-By 1.0), in ``eegmat`` under INSULA_DATA. Rest and load are read as one session
with a break between them, so that everything that follows a person's past does what it would have done live. Rest
always comes first, so whatever drifts with time could tell the two apart: `pretended` measures how much.

``python -m benchmarks.eegmat DIR`` writes the table of trials that makes DIR a data set for `insula train people`; with
``time`` behind it, that of the rest alone, its last minute called load.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acquisition.eeg_file import EegFile
from app.study.filmed_files import cut_files
from app.study.labelled_data import STEP_S, TABLE
from core.config import Config, EegConfig, WindowConfig
from core.data import Window
from training.examples import Examples, Truth

REST, LOAD = 0, 1
STATES = ("rest", "load")
TRIAL_S = 20.0
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LoadWindows:
    """Windows of all people, each in order of time."""

    eeg: Floats
    """(n_windows, n_chans, n_times), µV, band-passed and referenced to the average."""
    scale: Floats
    """(n_windows,), µV: the person's running scale."""
    mask: NDArray[np.bool_]
    """(n_windows, n_chans)."""
    positions: Floats
    """(n_chans, 3), metres."""
    person: Ints
    start: NDArray[np.float64]
    """(n_windows,), s since the person's first sample."""
    state: Ints
    """(n_windows,): `REST` or `LOAD`."""

    def __len__(self) -> int:
        return len(self.state)

    @property
    def people(self) -> Ints:
        """Everyone's number, in order."""
        return np.unique(self.person)

    def examples(self) -> Examples:
        """Return the windows as training material without faces; a trial is one state of one person."""
        return Examples(zip(self.windows(), map(self.truth, range(len(self))), strict=True), 1, self.eeg.shape[2])

    def windows(self) -> Iterator[Window]:
        """Give the windows as the live chain gave them."""
        for k in range(len(self)):
            yield Window(
                name(self.person[k]),
                float(self.start[k]),
                float(self.start[k]) + 2.0,
                eeg=self.eeg[k],
                eeg_mask=self.mask[k],
                positions=self.positions,
                eeg_scale=float(self.scale[k]),
            )

    def truth(self, k: int) -> Truth:
        """Return what is known of window `k`."""
        return Truth(int(self.state[k]), trial=int(self.state[k]))


def name(person: int) -> str:
    """Return a participant's name."""
    return f"S{person:02d}"


def data_folder() -> Path:
    """Return where the recordings are looked for by default."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("INSULA_DATA", beside)) / "eegmat"


def load(folder: Path, cache: Path) -> LoadWindows:
    """Return the windows of all people in `folder`, from `cache` (a .npz file) if they have been cut before."""
    names = [field.name for field in fields(LoadWindows)]
    if not cache.exists():
        windows = cut_all(folder)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, **{key: getattr(windows, key) for key in names})
    with np.load(cache) as kept:
        return LoadWindows(**{key: kept[key] for key in names})


def cut_all(folder: Path) -> LoadWindows:
    """Return the windows of all people in `folder`.

    Raises
    ------
    FileNotFoundError
        There are none.
    """
    rests = sorted(folder.glob("Subject*_1.edf"))
    if not rests:
        raise FileNotFoundError(f"No Subject*_1.edf in {folder}. Set INSULA_DATA to the folder that holds eegmat.")
    rows: list[tuple[Window, int, int]] = []
    for rest in rests:
        person = int(rest.name[7:9])
        rows += [(window, person, state) for window, state in cut(rest, rest.with_name(f"{rest.name[:-5]}2.edf"))]
    first = rows[0][0]
    return LoadWindows(
        np.stack([_there(window.eeg) for window, _, _ in rows]),
        np.array([window.eeg_scale for window, _, _ in rows], np.float32),
        np.stack([_there(window.eeg_mask) for window, _, _ in rows]),
        _there(first.positions).astype(np.float32),
        np.array([person for _, person, _ in rows], np.int64),
        np.array([window.start for window, _, _ in rows]),
        np.array([state for _, _, state in rows], np.int64),
    )


def cut(rest: Path, load: Path) -> Iterator[tuple[Window, int]]:
    """Give the windows of one person that lie wholly in one state and can be used, with the state."""
    config = Config(eeg=EegConfig(notch=50.0), window=WindowConfig(step=STEP_S))
    for state, _, window in cut_files(rest.stem, (rest, load), config):
        if not window.eeg_problem:
            yield window, state


def trials(folder: Path, of_time: bool = False) -> str:
    """Return the table of trials of all people in `folder`: three minutes of rest and one of load, 20 s each.

    A trial that a shorter recording does not hold is left out. `of_time`: the rest alone, its last minute called load,
    as `pretended` does with windows.
    """
    lines = ["participant\tfile\tstart\tstop\tlabel"]
    for rest in sorted(folder.resolve().glob("Subject*_1.edf")):
        load = rest if of_time else rest.with_name(f"{rest.name[:-5]}2.edf")
        first = 6 if of_time else 0
        for path, state, wanted in ((rest, REST, range(first or 9)), (load, LOAD, range(first, first + 3))):
            who = name(int(rest.name[7:9]))
            with EegFile(path, who) as source:
                numbers = [k for k in wanted if TRIAL_S * (k + 1) <= source.span[1]]
            lines += [f"{who}\t{path}\t{TRIAL_S * k:g}\t{TRIAL_S * (k + 1):g}\t{STATES[state]}" for k in numbers]
    return "\n".join([*lines, ""])


def pretended(windows: LoadWindows) -> LoadWindows:
    """Return the rest alone, its last 60 s called load: what a model scores here it has from time, not from load."""
    rest = np.flatnonzero(windows.state == REST)
    last = np.array([windows.start[rest][windows.person[rest] == p].max() for p in windows.person[rest]])
    state = np.where(windows.start[rest] > last - 60.0, LOAD, REST).astype(np.int64)
    parts = {key: getattr(windows, key)[rest] for key in ("eeg", "scale", "mask", "person", "start")}
    return replace(windows, **parts, state=state)


def _there(array: NDArray[np.generic] | None) -> NDArray[np.generic]:
    if array is None:
        raise ValueError("a window without a problem has EEG")
    return array


if __name__ == "__main__":
    made = Path(sys.argv[1])
    made.mkdir(parents=True, exist_ok=True)
    (made / TABLE).write_text(trials(data_folder(), of_time="time" in sys.argv[2:]), encoding="utf-8")
