"""Give the model that ships the reading of assets/face/reading.json, without training. Run after `fit_face_reading.py`.

    python tools/renew_face_reading.py

What is fitted on real faces goes in: the numbers of the reading, how wide its evidence is and its conformal scores.
What was learnt and measured on simulated participants stays as it was; `insula train simulated` makes all of it anew.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.models.checkpoint import load, save
from core.models.face_reading import FaceReading
from core.models.model_file import SHIPPED
from training.simulated import with_real_faces


def main() -> None:
    """Write the model anew."""
    found = load(SHIPPED)
    with torch.no_grad():
        found.network.face.reading = FaceReading()
    calibration = with_real_faces(found.network, found.header.calibration)
    print(save(SHIPPED, found.network, dataclasses.replace(found.header, calibration=calibration)))


if __name__ == "__main__":
    main()
