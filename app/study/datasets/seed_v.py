"""SEED-V: 16 people in three sessions, 15 film clips, 5 emotions, 62 channels (Liu et al. 2021). No face.

``EEG_raw/<person>_<session>_<date>.cnt``, 1000 Hz, with M1, M2, VEO and HEO beside the cap; the seconds at which
clips begin and end, and what they move to, are those of the set's own description. The ``EEG_DE_features`` are
features and no EEG, and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from acquisition.eeg_file import EegFile
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check, numbered

SFREQ = 1000.0
N_CHANNELS = 62
STARTS = (
    (30, 132, 287, 555, 773, 982, 1271, 1628, 1730, 2025, 2227, 2435, 2667, 2932, 3204),
    (30, 299, 548, 646, 836, 1000, 1091, 1392, 1657, 1809, 1966, 2186, 2333, 2490, 2741),
    (30, 353, 478, 674, 825, 908, 1200, 1346, 1451, 1711, 2055, 2307, 2457, 2726, 2888),
)
STOPS = (
    (102, 228, 524, 742, 920, 1240, 1568, 1697, 1994, 2166, 2401, 2607, 2901, 3172, 3359),
    (267, 488, 614, 773, 967, 1059, 1331, 1622, 1777, 1908, 2153, 2302, 2428, 2709, 2817),
    (321, 418, 643, 764, 877, 1147, 1284, 1418, 1679, 1996, 2275, 2425, 2664, 2857, 3066),
)
"""s of the file, by session."""
EMOTIONS = ("disgust", "fear", "sad", "neutral", "happy")
LABELS = ("413204132041320", "213044032134120", "213044032134120")
"""Numbers of the emotions, by session."""


class SeedV:
    """See the module."""

    title = "SEED-V"
    terms = "bcmi.sjtu.edu.cn, signed agreement of the institute, academic research alone; cite Liu et al. 2021."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give 15 clips of each session; the files are read where they lie."""
        paths = numbered(source, ["*_[123]_*.cnt"], "file such as 1_1_20180804.cnt")
        for number, path in enumerate(paths, start=1):
            found = re.fullmatch(r"(\d+)_([123])_(\d{8})", path.stem)
            if found is None:
                made.skip(path.name, "its name is not that of a person, session and date")
                continue
            who, session = f"S{int(found[1]):02d}", int(found[2])
            made.report(f"looking at {path.name}, {number} of {len(paths)}")
            yield from made.attempt(path.name, self._of_session(path, who, session))

    def _of_session(self, path: Path, who: str, session: int) -> Iterator[ImportedTrial]:
        with EegFile(path, who) as file:
            info, (_, end) = file.infos[0], file.span
        # Of the 66 channels those of the cap count, and CB1 and CB2 have no place in the 10-05 system.
        check(path, abs(info.sfreq - SFREQ) < 1.0, f"it has {info.sfreq:g} Hz and not {SFREQ:g}")
        check(path, len(info.channels) >= N_CHANNELS, f"it has {len(info.channels)} channels and not {N_CHANNELS}")
        last = STOPS[session - 1][-1]
        check(path, end >= last, f"it lasts {end:.0f} s, but the last clip of session {session} ends at {last} s")
        for k, (start, stop) in enumerate(zip(STARTS[session - 1], STOPS[session - 1], strict=True)):
            label = EMOTIONS[int(LABELS[session - 1][k])]
            yield ImportedTrial(who, path, start, stop, label, stimulus=f"session {session} clip {k + 1:02d}")


DATASET = SeedV()
