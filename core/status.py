"""Whether a window is predicted, from which modalities, and if not, why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from core.data import Window

NOT_TAUGHT = "student not taught on this person"
NEUTRAL_NOTES = {
    "running": ("face compared with what it was so far, not with its own neutral face",),
    "unknown": ("face read without knowing its neutral face",),
}
"""What `Prediction.neutral` means for whoever reads it."""


class Abstention(StrEnum):
    """Why nothing is predicted; a status begins with it, and says behind it what each sensor lacks."""

    NO_SIGNAL = "no usable signal"
    NOT_TAUGHT = NOT_TAUGHT
    UNLIKE = "unlike anything learnt"


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a window can be read, and what of that may be used."""

    status: str
    """``ok`` or why it abstains."""
    there: tuple[bool, ...]
    """Which of the model's modalities can be read."""
    use: tuple[bool, ...]
    """Which of them may enter the prediction."""
    notes: tuple[str, ...]


def read_window(window: Window, taught: bool, note: str = "", further: Sequence[str] = ()) -> Reading:
    """Return what can be read of a window.

    Parameters
    ----------
    window : Window
    taught : bool
        Whether the EEG student has learnt from this participant, or from enough others.
    note : str
        What a reader must know where it has.
    further : sequence of str
        What the model reads beside EEG and face.
    """
    eeg, face = eeg_problem(window), face_problem(window)
    told = note if taught else NOT_TAUGHT
    notes = (told,) if told and not eeg else ()
    more = {name: further_problem(window, name) for name in further}
    there = tuple(not problem for problem in (eeg, face, *more.values()))
    return Reading(signal_status(eeg, face, taught, more), there, (there[0] and taught, *there[1:]), notes)


def neutral_of(window: Window) -> Literal["own", "running", "unknown"]:
    """Return what a window's face is compared with; see `core.data.Prediction.neutral`."""
    if window.neutral is None:
        return "unknown"
    return "own" if window.neutral.weight >= 1.0 else "running"


def eeg_problem(window: Window) -> str:
    """Return why the EEG of a window cannot be read, ``""`` if it can."""
    if window.eeg_problem:
        return window.eeg_problem
    if window.eeg is None or window.eeg_mask is None or window.positions is None:
        return "missing"
    # The network knows a channel by its place alone, so one without a place is as good as absent. Mostly the first good
    # one has a place, and no other needs to be asked.
    first = int(window.eeg_mask.argmax())
    if window.eeg_mask[first] and all(map(math.isfinite, window.positions[first].tolist())):
        return ""
    return "" if (window.eeg_mask & np.isfinite(window.positions).all(axis=1)).any() else "no good channels"


def face_problem(window: Window) -> str:
    """Return why the face of a window cannot be read, ``""`` if it can."""
    if window.face_problem:
        return window.face_problem
    if any(not face.problem and face.embedding is not None for face in window.faces):
        return ""
    reasons = [face.problem for face in window.faces if face.problem]
    return reasons[-1] if reasons else "missing"


def further_problem(window: Window, modality: str) -> str:
    """Return why a modality beside EEG and face cannot be read of a window, ``""`` if it can."""
    found = next((numbers for numbers in window.further if numbers.modality == modality), None)
    if found is None or (found.values is None and not found.problem):
        return "missing"
    return found.problem


def signal_status(eeg: str, face: str, taught: bool, further: Mapping[str, str] | None = None) -> str:
    """Return ``ok`` if there is something to predict from, else why it abstains.

    Parameters
    ----------
    eeg, face : str
        Why the modality cannot be read, or ``""``.
    taught : bool
        Whether the EEG student has learnt from this participant.
    further : mapping of str to str, optional
        The same of the model's other modalities, by name.
    """
    more = further or {}
    if not face or (not eeg and taught) or not all(more.values()):
        return "ok"
    seen = face if face.startswith("no ") else f"face {face}"
    seen = ", ".join((seen, *(f"{name} {problem}" for name, problem in more.items())))
    if not eeg:
        return f"{Abstention.NOT_TAUGHT}, {seen}"
    return f"{Abstention.NO_SIGNAL}: EEG {eeg}, {seen}"


def evidence_status(epistemic: float, max_epistemic: float) -> str:
    """Return ``ok`` if the evidence (mutual information, nats) carries a prediction, else why it abstains."""
    return "ok" if epistemic <= max_epistemic else Abstention.UNLIKE.value


def abstention(status: str) -> tuple[Abstention, str] | None:
    """Return why a status abstains and what it says of the sensors, ``""`` if nothing; None if it is none of these."""
    for reason in Abstention:
        if status == reason or status.startswith((f"{reason}: ", f"{reason}, ")):
            return reason, status[len(reason) + 2 :]
    return None
