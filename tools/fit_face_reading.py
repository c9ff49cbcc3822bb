"""Make assets/face/reading.json: how a face is read against its neutral face, fitted on real people. Run once a change.

It needs the Face Research Lab London Set (DeBruine & Jones 2017, CC BY 4.0) as ``london-faces`` under INSULA_DATA::

    python tools/fit_face_reading.py

Besides the numbers of the reading, fitted on all, it keeps conformal scores of people that were not fitted on: in each
of ten folds those of the people left out. `benchmarks/face_reading.py` tells how well it does, in the same folds.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.face_people import add_data, folds, people, pictures_of
from core.calibration import lac_scores
from core.models.face import FaceReader
from training.face_fit import Pictures, answer, fit_face

N_SCORES = 200


def main() -> None:
    """Fit on everybody and write the file."""
    repository = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_data(parser)
    data = parser.parse_args().data / "london-faces"
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    reader = FaceReader()
    pictures = pictures_of(list(people(data, reader)), reader)
    n_people = len(np.unique(pictures.person))
    found = {
        "source": f"{n_people} people of the Face Research Lab London Set (DeBruine & Jones 2017, figshare "
        "10.6084/m9.figshare.5047666.v5, CC BY 4.0), neutral and smiling, each as several webcam-like frames; "
        "statistics alone, no picture. Made by tools/fit_face_reading.py.",
        **fit_face(pictures),
        "scores": {"own": scores(pictures, own=True), "without": scores(pictures, own=False)},
    }
    text = json.dumps(rounded(found), indent=1)
    (repository / "assets" / "face" / "reading.json").write_text(text + "\n", encoding="utf-8")


def scores(pictures: Pictures, own: bool) -> list[float]:
    """Return conformal scores of people that were not fitted on, thinned to quantiles."""
    fold = folds(pictures.person)
    found: list[float] = []
    for k in np.unique(fold):
        left = pictures.of(fold == k)
        found.extend(lac_scores(answer(fit_face(pictures.of(fold != k)), left, float(own)), left.truth))
    return [float(one) for one in np.quantile(found, (np.arange(N_SCORES) + 0.5) / N_SCORES)]


def rounded(value: object) -> object:
    """Return the same with each number of five digits, which is more than the people tell."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
