"""Simulated participants with a face, cut by the live chain once and kept: one file each, see `benchmarks.cells`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from app.study.train_simulated import Plan, simulate_participant
from benchmarks.cells import Arrays, read_cell, run_cells
from core.data import FaceObservation, Window
from core.models.face_sequence import N_FACES
from training.examples import Examples, Truth

N_EMBEDDING = 256
N_TIMES = 256


def simulate(folder: Path, plan: Plan, minutes: float) -> int:
    """Simulate the participants that are not in `folder` yet; return how many are missing still."""
    return run_cells(folder, {cell(k): partial(_arrays, k, plan) for k in range(plan.participants)}, minutes)


def cell(number: int) -> str:
    """Return the name of a participant's file."""
    return f"sim{number + 1:03d}"


def examples(folder: Path, plan: Plan) -> Examples:
    """Return all that was simulated, as training material."""
    return Examples(pairs(folder, plan), N_EMBEDDING, N_TIMES)


def pairs(folder: Path, plan: Plan) -> Iterator[tuple[Window, Truth]]:
    """Give all windows that were simulated, person by person in order of time, with their truth."""
    kept = (read_cell(folder, cell(k)) for k in range(plan.participants))
    return (pair for k, arrays in enumerate(kept) if arrays is not None for pair in _pairs(cell(k), arrays))


def _arrays(number: int, plan: Plan) -> Arrays:
    pairs = [(w, t) for w, t in simulate_participant(number, plan) if w.eeg is not None and w.eeg_mask is not None]
    windows, truths = [window for window, _ in pairs], [truth for _, truth in pairs]
    faces = [window.faces[-N_FACES:] for window in windows]
    embeddings = np.zeros((len(pairs), N_FACES, N_EMBEDDING), np.float16)
    quality = np.full((len(pairs), N_FACES), np.nan, np.float32)
    for row, seen in enumerate(faces):
        for slot, face in enumerate(seen):
            if face.embedding is not None and not face.problem:
                embeddings[row, slot], quality[row, slot] = face.embedding, face.quality
    return {
        "eeg": np.stack([window.eeg / window.eeg_scale for window in windows if window.eeg is not None]).astype("f2"),
        "mask": np.stack([window.eeg_mask for window in windows if window.eeg_mask is not None]),
        "positions": np.asarray(windows[0].positions),
        "problem": np.array([window.eeg_problem for window in windows]),
        "start": np.array([window.start for window in windows]),
        "embeddings": embeddings,
        "quality": quality,
        "label": np.array([truth.label for truth in truths]),
        "affect": np.array([(truth.valence, truth.arousal) for truth in truths]),
        "trial": np.array([truth.trial for truth in truths]),
        "level": np.array([truth.face_level for truth in truths]),
    }


def _pairs(name: str, arrays: Arrays) -> Iterator[tuple[Window, Truth]]:
    for k, start in enumerate(arrays["start"]):
        there = np.isfinite(arrays["quality"][k])
        faces = [
            FaceObservation(name, float(start), embedding=embedding.astype(np.float32), quality=float(quality))
            for embedding, quality in zip(arrays["embeddings"][k][there], arrays["quality"][k][there], strict=True)
        ]
        window = Window(
            name,
            float(start),
            float(start) + 2.0,
            eeg=arrays["eeg"][k].astype(np.float32),
            eeg_mask=arrays["mask"][k],
            positions=arrays["positions"],
            eeg_problem=str(arrays["problem"][k]),
            simulated=True,
            faces=tuple(faces),
            face_problem="" if len(faces) >= N_FACES / 2 else "missing",
        )
        valence, arousal = arrays["affect"][k]
        yield (
            window,
            Truth(
                int(arrays["label"][k]),
                float(valence),
                float(arousal),
                int(arrays["trial"][k]),
                int(arrays["level"][k]),
            ),
        )
