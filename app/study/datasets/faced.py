"""FACED: 123 people, 28 film clips, 9 emotions, 32 channels (Chen et al. 2023). No face.

``Processed_data/sub000.pkl``: an array, 28 clips x 32 channels x 7500 samples, the last 30 s of each clip at 250 Hz;
the last two channels are the mastoids. Clips stand in the order of their numbers, not in that in which they were
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app.study.datasets.dataset import ImportedTrial, electrodes
from app.study.datasets.made_files import Made, check, numbered
from app.study.datasets.pickled import read_pickle

CHANNELS = electrodes(
    "FP1 FP2 FZ F3 F4 F7 F8 FC1 FC2 FC5 FC6 CZ C3 C4 T7 T8 CP1 CP2 CP5 CP6 PZ P3 P4 P7 P8 PO3 PO4 OZ O1 O2"
)
SFREQ = 250.0
SHAPE = (28, 32, 7500)
EMOTIONS = (
    ("anger", 3), ("disgust", 3), ("fear", 3), ("sadness", 3), ("neutral", 4), ("amusement", 3), ("inspiration", 3),
    ("joy", 3), ("tenderness", 3),
)  # fmt: skip
"""What the clips are meant to move to, and how many there are of each, in the order of their numbers."""


class Faced:
    """See the module."""

    title = "FACED"
    terms = "Synapse syn50614194: sign in, accept its terms, CC BY 4.0 for the paper's data; cite Chen et al. 2023."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 28 clips of each person, by what they are meant to move to."""
        named = [name for name, count in EMOTIONS for _ in range(count)]
        paths = [
            path for path in numbered(source, ["sub*.pkl"], "file sub000.pkl") if not path.name.endswith("pkl.pkl")
        ]
        for number, path in enumerate(paths, start=1):
            found = re.fullmatch(r"sub(\d+)", path.stem)
            if found is None:
                continue
            who = f"S{int(found[1]):03d}"
            made.report(f"importing {who}, {number} of {len(paths)}")
            yield from made.attempt(who, self._of_person(path, who, named, made))

    def _of_person(self, path: Path, who: str, named: Sequence[str], made: Made) -> Iterator[ImportedTrial]:
        data = np.asarray(read_pickle(path), np.float64)
        check(path, data.shape == SHAPE, f"it is {data.shape} and not {SHAPE}: clips, channels, samples")
        file, spans = made.eeg(f"sub-{who}", path, CHANNELS, SFREQ, list(data[:, : len(CHANNELS)]))
        for k, (start, stop) in enumerate(spans):
            yield ImportedTrial(who, file, start, stop, named[k], stimulus=f"clip {k + 1:02d}")


DATASET = Faced()
