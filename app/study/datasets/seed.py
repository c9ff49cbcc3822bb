"""SEED: 15 people in three sessions, 15 film clips, 62 channels (Zheng & Lu 2015). No face.

``Preprocessed_EEG/<person>_<date>.mat``: arrays ``<prefix>_eeg1`` to ``_eeg15``, 62 channels x samples at 200 Hz, the
prefix another one in each file, and ``label.mat``, 1 positive, 0 neutral, -1 negative. Sessions of a person are put
in the order of their dates. ``ExtractedFeatures`` beside it has files of the very same names, which are no EEG.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.study.datasets.dataset import ImportedTrial, electrodes
from app.study.datasets.made_files import Made, check, numbered
from app.study.datasets.mat_files import names_in, read_mat

CHANNELS = electrodes(
    "FP1 FPZ FP2 AF3 AF4 F7 F5 F3 F1 FZ F2 F4 F6 F8 FT7 FC5 FC3 FC1 FCZ FC2 FC4 FC6 FT8 T7 C5 C3 C1 CZ C2 C4 C6 T8 TP7 "
    "CP5 CP3 CP1 CPZ CP2 CP4 CP6 TP8 P7 P5 P3 P1 PZ P2 P4 P6 P8 PO7 PO5 PO3 POZ PO4 PO6 PO8 CB1 O1 OZ O2 CB2"
)
"""The cap's order; CB1 and CB2 have no place in the 10-05 system and are not read."""
PLACED = [k for k, name in enumerate(CHANNELS) if not name.startswith("CB")]
SFREQ = 200.0
N_CLIPS = 15
LABELS = (1, 0, -1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 0, 1, -1)
NAMES = {1: "positive", 0: "neutral", -1: "negative"}
_SESSION = re.compile(r"(\d+)_(\d{8})")
_PIECE = re.compile(r".*_eeg(\d+)")


class Seed:
    """See the module."""

    title = "SEED"
    terms = "bcmi.sjtu.edu.cn, signed agreement of the institute, academic research alone; cite Zheng & Lu 2015."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 15 clips of each session."""
        paths = numbered(source, ["*_[0-9]*.mat"], "file such as 1_20131027.mat", _has_eeg)
        self._check_labels(source)
        by_person: dict[int, list[tuple[str, Path]]] = defaultdict(list)
        for path in paths:
            if (found := _SESSION.fullmatch(path.stem)) is not None:
                by_person[int(found[1])].append((found[2], path))
        for person, sessions in sorted(by_person.items()):
            made.report(f"importing {person}, {len(by_person)} people")
            for session, (_, path) in enumerate(sorted(sessions), start=1):
                what = f"S{person:02d}, session {session}"
                yield from made.attempt(what, self._of_session(path, f"S{person:02d}", session, made))

    def _check_labels(self, source: Path) -> None:
        for path in source.rglob("label.mat"):
            found = np.ravel(read_mat(path).get("label", ()))
            check(path, tuple(found.astype(int)) == LABELS, f"labels are {found.tolist()} and not {list(LABELS)}")

    def _of_session(self, path: Path, who: str, session: int, made: Made) -> Iterator[ImportedTrial]:
        content = read_mat(path)
        pieces = {int(m[1]): value for name, value in content.items() if (m := _PIECE.fullmatch(name)) is not None}
        numbers = sorted(pieces)
        check(path, numbers == list(range(1, N_CLIPS + 1)), f"it has clips {numbers} and not 1 to {N_CLIPS}")
        for value in pieces.values():
            check(path, value.ndim == 2 and len(value) == len(CHANNELS), f"a clip is {value.shape} and not 62 channels")
        names = [CHANNELS[k] for k in PLACED]
        file, spans = made.eeg(
            f"sub-{who}_ses-{session}", path, names, SFREQ, [np.asarray(pieces[k][PLACED], float) for k in numbers]
        )
        for k, (start, stop) in enumerate(spans):
            yield ImportedTrial(who, file, start, stop, NAMES[LABELS[k]], stimulus=f"clip {k + 1:02d}")


def _has_eeg(path: Path) -> bool:
    return any(_PIECE.fullmatch(name) for name in names_in(path))


DATASET = Seed()
