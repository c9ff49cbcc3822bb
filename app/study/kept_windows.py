"""A person's windows in a file, so that a recording goes through the pipeline once; never pickle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from app.study.derivatives import DAMAGED
from core.data import FaceObservation, Neutral, Numbers, StreamInfo, Window, frozen
from core.files import private, whole_file
from core.recording.face_stream import FaceRows, face_info, face_to_row

Placed = tuple[int, float, Window]
"""The file's number, when it began, s of the session, and a window of it."""


class Kept(NamedTuple):
    """What a file holds."""

    placed: list[Placed]
    told: tuple[str, ...]
    """What was to be known of the recording when it was read."""
    n_windows: int
    """Of the whole recording, whoever's."""


def keep_windows(path: Path, placed: Sequence[Placed], told: Sequence[str] = (), n_windows: int | None = None) -> None:
    """Write windows of one person, whole or not at all; how clean each channel is, for a person to see, is left out.

    Parameters
    ----------
    path : Path
        Made for its owner alone.
    placed : sequence of Placed
    told : sequence of str
        What was to be known of the recording when it was read.
    n_windows : int, optional
        Of the whole recording, where others have a part in it.
    """
    windows = [window for _, _, window in placed]
    eeg = [window for window in windows if window.eeg is not None]
    faces: dict[float, FaceObservation] = {face.time: face for window in windows for face in window.faces}
    times = sorted(faces)
    neutral = [window.neutral for window in windows]
    known = [one for one in neutral if one is not None]
    columns: dict[str, Any] = {
        "number": [number for number, _, _ in placed],
        "began": [began for _, began, _ in placed],
        "start": [window.start for window in windows],
        "stop": [window.stop for window in windows],
        "scale": [window.eeg_scale for window in windows],
        "simulated": [window.simulated for window in windows],
        "has_eeg": [window.eeg is not None for window in windows],
        "eeg": _stacked([window.eeg for window in eeg], np.float32),
        "mask": _stacked([window.eeg_mask for window in eeg], bool),
        "positions": _stacked([window.positions for window in windows[:1] if window.positions is not None], np.float32),
        "face_times": times,
        "face_rows": np.concatenate([face_to_row(faces[time]) for time in times]) if times else np.zeros((0, 0)),
        "has_neutral": [one is not None for one in neutral],
        "shapes": _stacked([one.blendshapes for one in known], np.float32),
        "odds": _stacked([one.log_odds for one in known], np.float32),
        "weight": np.array([one.weight for one in known], np.float64),
    }
    further = list(dict.fromkeys(one.modality for window in windows for one in window.further))
    for name in further:
        given = [next((one for one in window.further if one.modality == name), Numbers(name)) for window in windows]
        columns[f"numbers {name}"] = _stacked([one.values for one in given if one.values is not None], np.float32)
    words = {
        "participant": windows[0].participant if windows else "",
        "ch_names": next((window.ch_names for window in windows if window.ch_names), ()),
        "eeg_problem": [window.eeg_problem for window in windows],
        "face_problem": [window.face_problem for window in windows],
        "bad_channels": [window.bad_channels for window in windows],
        "told": list(told),
        "n_windows": len(windows) if n_windows is None else n_windows,
    }
    if further:
        words["further"] = [[(one.modality, one.problem) for one in window.further] for window in windows]
    with whole_file(path, private) as file:
        np.savez(file, words=np.array(json.dumps(words)), **columns)


def kept_windows(path: Path) -> Kept | None:
    """Return what a file holds; None if there is none, or it is damaged."""
    try:
        with np.load(path) as file:
            columns = {name: file[name] for name in file.files}
        words = json.loads(str(columns["words"]))
        return Kept(_placed(columns, words), tuple(words["told"]), words["n_windows"])
    except DAMAGED:
        return None


def _placed(columns: dict[str, Any], words: dict[str, Any]) -> list[Placed]:
    who = words["participant"]
    reader = FaceRows(face_info(StreamInfo("video", "video", who, "video")))
    read = list(reader.faces(columns["face_times"], columns["face_rows"]))
    times = np.array([face.time for face in read])
    which = np.cumsum(columns["has_eeg"]) - 1
    neutral = np.cumsum(columns["has_neutral"]) - 1
    positions = frozen(columns["positions"][0]) if len(columns["positions"]) else None
    for name in ("eeg", "mask", "shapes", "odds"):
        frozen(columns[name])
    numbers = {
        name.removeprefix("numbers "): iter(frozen(rows))
        for name, rows in columns.items()
        if name.startswith("numbers ")
    }
    found = []
    for k, (start, stop) in enumerate(zip(columns["start"].tolist(), columns["stop"].tolist(), strict=True)):
        there, n = bool(columns["has_eeg"][k]), neutral[k]
        first, last = np.searchsorted(times, (start, stop))
        known = None
        if columns["has_neutral"][k]:
            known = Neutral(columns["shapes"][n], columns["odds"][n], float(columns["weight"][n]))
        window = Window(
            participant=who, start=start, stop=stop,
            eeg=columns["eeg"][which[k]] if there else None, eeg_mask=columns["mask"][which[k]] if there else None,
            ch_names=tuple(words["ch_names"]), positions=positions, eeg_scale=float(columns["scale"][k]),
            eeg_problem=words["eeg_problem"][k],
            bad_channels=tuple((name, reason) for name, reason in words["bad_channels"][k]),
            simulated=bool(columns["simulated"][k]), faces=tuple(read[first:last]),
            face_problem=words["face_problem"][k], neutral=known,
            further=tuple(
                Numbers(name, None if problem else next(numbers[name]), problem)
                for name, problem in (words["further"][k] if "further" in words else ())
            ),
        )  # fmt: skip
        found.append((int(columns["number"][k]), float(columns["began"][k]), window))
    return found


def _stacked(arrays: Sequence[Any], dtype: Any) -> Any:
    return np.stack(arrays).astype(dtype) if arrays else np.zeros((0,), dtype)
