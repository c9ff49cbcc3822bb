"""What a running estimate of the neutral face is worth that has seen smiles as well.

``python -m benchmarks.face_running`` (needs the London faces, see `benchmarks.face_people`) prints a table. Each
person's past is a minute at the live rate, a share of it a smile in bouts of four seconds, of other frames than those
that are read; the numbers of the reading are fitted on others. Beside the product's estimate stands the mean over the
third of the seconds in which the expression network saw least.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.face_people import Seen, add_data, london_faces, people, pictures_of, values
from benchmarks.face_reading import HAPPY
from benchmarks.face_stress import by_others, fits_of_others
from core.data import FaceObservation
from core.face_neutral import NeutralTracker
from core.models.face import FaceReader
from core.models.model_file import CLASSES
from training.face_fit import Pictures

Floats = NDArray[np.float64]
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
RUNNING_S, BOUT_S, RATE = 60.0, 4.0, 8.0
N_PASTS = 3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_data(parser)
    folder = london_faces(parser.parse_args())
    if folder is None:
        return
    reader = FaceReader()
    seen = list(people(folder, reader))
    usual = pictures_of(seen, reader)
    show_running(seen, usual, fits_of_others(usual))


def show_running(seen: Sequence[Seen], usual: Pictures, fits: dict[str, dict[str, Any]]) -> None:
    """Print how smiles are told after such a minute."""
    shown = {
        (name, smiling): [one.observation for one in seen if one.person == name and one.smiling == smiling and
                          one.observation.blendshapes is not None and (smiling or one.for_neutral)][:2]
        for name in np.unique(usual.person) for smiling in (False, True)
    }  # fmt: skip
    first = {(name, k) for name in np.unique(usual.person) for k in
             np.flatnonzero((usual.person == name) & (usual.truth == HAPPY))[:2]}  # fmt: skip
    tested = np.array([(name, k) not in first for k, name in enumerate(usual.person)])
    print("| share of smiles | estimate | smiles missed | false alarms |\n|---|---|---|---|")
    for share in SHARES:
        found: dict[str, list[tuple[float, float]]] = {"the product's": [], "the most relaxed third": []}
        for draw in range(N_PASTS):
            pasts = {name: past(shown, name, share, draw) for name in np.unique(usual.person)}
            for how, estimate in (("the product's", _product), ("the most relaxed third", _relaxed)):
                known = {name: estimate(one) for name, one in pasts.items()}
                weight = next(iter(known.values()))[1]
                neutral = np.array([known[name][0] for name in usual.person])
                guess = by_others(fits, replace(usual, neutral=neutral), weight).argmax(axis=1)
                smiling = usual.truth == HAPPY
                missed = np.mean(guess[smiling & tested] != HAPPY)
                found[how].append((float(missed), float(np.mean(guess[~smiling & tested] != 0))))
        for how, each in found.items():
            missed_mean, false = np.mean(each, axis=0)
            print(f"| {share:.0%} | {how} | {missed_mean:.3f} | {false:.3f} |", flush=True)


def past(
    shown: dict[tuple[str, bool], list[FaceObservation]], name: str, share: float, draw: int
) -> list[FaceObservation]:
    """Return a minute of a person, in bouts of one expression."""
    rng = np.random.default_rng([draw, int(name), round(10 * share)])
    out: list[FaceObservation] = []
    for _ in range(round(RUNNING_S / BOUT_S)):
        source = shown[name, bool(rng.random() < share)] or shown[name, False]
        for _ in range(round(BOUT_S * RATE)):
            out.append(replace(source[rng.integers(len(source))], time=len(out) / RATE))
    return out


def _product(faces: Sequence[FaceObservation]) -> tuple[Floats, float]:
    tracker = NeutralTracker("P")
    for face in faces:
        tracker.follow(face)
    known = tracker.current()
    assert known is not None
    return np.concatenate([known.blendshapes, known.log_odds]).astype(np.float64), known.weight


def _relaxed(faces: Sequence[FaceObservation]) -> tuple[Floats, float]:
    each = np.array([values(face) for face in faces])
    seconds = each.reshape(-1, round(RATE), each.shape[1]).mean(axis=1)
    lively = np.log(np.exp(seconds[:, -len(CLASSES) + 1 :]).sum(axis=1))
    chosen = np.argsort(lively, kind="stable")[: len(lively) // 3]
    return np.asarray(seconds[chosen].mean(axis=0)), _product(faces)[1]


if __name__ == "__main__":
    main()
