"""MAHNOB-HCI, emotion elicitation: 27 people, 20 film clips, 32 channels, faces (Soleymani et al. 2012).

``Sessions/<sid>/session.xml`` names the files of a session: ``Part_1_S_Trial1_emotion.bdf``, 47 signals at 256 Hz,
whose Status rises twice, where the clip begins and where it ends; the colour camera's frontal film; and Tobii's gaze
table, by whose audio samples film and EEG come onto one clock:

    s of the film at the clip's beginning = (audio sample then - audBeginSmp) / audRate
    video_offset = that - s of the EEG at Status' first rise

The film's true rate is `vidRate`, near 61 pictures a second, whatever the AVI says. Sessions without a clip (isStim
0) are passed over. ``lable_continous_Mahnob.mat`` (Rayatdoost), if it lies in the source, gives `annotated_valence`
at 4 Hz.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acquisition.eeg_file import EegFile
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.made_files import Made, check, check_ratings
from app.study.datasets.mat_files import read_mat
from app.study.datasets.status_codes import onsets
from core.errors import FileFormatError
from core.files import no_pipe
from core.recording.edf_reader import EdfReader

N_SIGNALS, N_EEG, SFREQ = 47, 32, 256.0
FELT = {
    0: "neutral", 1: "anger", 2: "disgust", 3: "fear", 4: "happiness", 5: "sadness", 6: "surprise", 7: "scream",
    8: "bored", 9: "sleepy", 10: "unknown", 11: "amusement", 12: "anxiety",
}  # fmt: skip
SCALES = {"valence": "feltVlnc", "arousal": "feltArsl", "control": "feltCtrl", "predictability": "feltPred"}
RATED_HZ = 4.0


@dataclass(frozen=True, slots=True)
class _Film:
    path: Path
    offset: float
    fps: float


class MahnobHci:
    """See the module."""

    title = "MAHNOB-HCI"
    terms = "mahnob-db.eu/hci-tagging, agreement signed by permanent staff, non-commercial; cite Soleymani et al. 2012."

    def trials(self, source: Path, made: Made) -> Iterator[ImportedTrial]:
        """Give the clip of each session, with the face where film and EEG can be put on one clock."""
        paths = sorted(source.rglob("session.xml"), key=lambda path: (len(path.parent.name), path.parent.name))
        if not paths:
            raise FileFormatError(f"{source} has no session.xml. Give the folder that holds Sessions.")
        annotated = _annotated(source)
        for number, path in enumerate(paths, start=1):
            made.report(f"looking at session {path.parent.name}, {number} of {len(paths)}")
            try:
                session = ET.fromstring(no_pipe(path).read_bytes())
            except ET.ParseError as error:
                made.skip(path.parent.name, f"session.xml is damaged: {error}")
                continue
            what = f"session {path.parent.name}"
            yield from made.attempt(what, self._of_session(path, session, annotated, made))

    def _of_session(
        self, path: Path, session: ET.Element, annotated: dict[tuple[int, int], np.ndarray], made: Made
    ) -> Iterator[ImportedTrial]:
        name = path.parent.name
        told = session.attrib
        if told.get("isStim", "1") == "0":
            return
        if "feltEmo" not in told or "feltVlnc" not in told:
            made.skip(f"session {name}", "it was not rated: session.xml has no feltEmo and feltVlnc")
            return
        bdf = _tracked(path.parent, session, ".bdf")
        if bdf is None:
            made.skip(f"session {name}", "it has no EEG")
            return
        _check_bdf(bdf)
        rises = onsets(bdf, 0xFFFF)
        check(
            bdf, len(rises) == 2, f"its Status rises {len(rises)} times, and not twice, where the clip begins and ends"
        )
        start, stop = rises
        person, trial = _who(path, session)
        given = {scale: float(told[field]) for scale, field in SCALES.items() if field in told}
        check_ratings(path, list(given.values()), 1, 9, "a rating")
        emotion = int(told["feltEmo"])
        check(path, emotion in FELT, f"feltEmo is {emotion}")
        film = _film(path.parent, session, start, made)
        who = f"P{person:02d}"
        yield ImportedTrial(
            who, bdf, start, stop, FELT[emotion], given, "1 to 9", Path(told.get("mediaFile", "")).stem,
            video=film.path if film else None, video_offset=film.offset if film else 0.0,
            video_fps=film.fps if film else 0.0,
            continuous=_continuous(made, who, name, annotated.get((person, trial)), start),
        )  # fmt: skip


def _check_bdf(path: Path) -> None:
    file = EdfReader(path)
    check(path, len(file.signals) == N_SIGNALS, f"it has {len(file.signals)} signals and not {N_SIGNALS}")
    with EegFile(path, "") as source:
        info = source.infos[0]
    check(path, abs(info.sfreq - SFREQ) < 0.5, f"it has {info.sfreq:g} Hz and not {SFREQ:g}")
    check(path, len(info.picks) == N_EEG, f"it has {len(info.picks)} electrodes and not {N_EEG}")


def _who(path: Path, session: ET.Element) -> tuple[int, int]:
    """Return the number of the person and, among the person's sessions, that of this one."""
    subject = session.find("subject")
    number = path.parent.name
    by_name = (int(number) // 130 + 1, int(number) % 130) if number.isdigit() else (0, 0)
    told = subject.get("id", "") if subject is not None else ""
    return (int(told) if told.isdigit() else by_name[0]), by_name[1]


def _tracked(folder: Path, session: ET.Element, ending: str) -> Path | None:
    names = [track.get("filename", "") for track in session.iter("track")]
    there = [folder / name for name in names if name.lower().endswith(ending) and (folder / name).is_file()]
    return there[0] if there else next(iter(sorted(folder.glob(f"*{ending}"))), None)


def _film(folder: Path, session: ET.Element, begins: float, made: Made) -> _Film | None:
    """Return the frontal film in colour, on the EEG's clock; None, with why, where it cannot be put on it."""
    coloured = [track.get("filename", "") for track in session.iter("track") if track.get("color") == "1"]
    named = [name for name in coloured if name.lower().endswith((".avi", ".mp4")) and (folder / name).is_file()]
    paths = [folder / name for name in named] or sorted(folder.glob("*C1 trigger*.avi"))
    what = f"face of session {folder.name}"
    if not paths:
        made.skip(what, "there is no film in colour from the front")
        return None
    told = session.attrib
    try:
        fps, audio_hz, first = (float(told[name]) for name in ("vidRate", "audRate", "audBeginSmp"))
        if not (0.0 < fps < math.inf and 0.0 < audio_hz < math.inf and math.isfinite(first)):
            raise ValueError(f"vidRate is {fps:g}, audRate {audio_hz:g}, audBeginSmp {first:g}")
        sample = _audio_sample_at_start(folder, audio_hz)
    except (KeyError, ValueError, FileFormatError) as error:
        made.skip(what, f"film and EEG cannot be put on one clock: {error}")
        return None
    return _Film(paths[0], (sample - first) / audio_hz - begins, fps)


def _audio_sample_at_start(folder: Path, audio_hz: float) -> float:
    """Return the number of the audio sample at which the clip began, by the gaze table."""
    paths = sorted(folder.glob("*All-Data*.tsv"))
    if not paths:
        raise FileFormatError("there is no gaze table")
    rows = [line.split("\t") for line in no_pipe(paths[0]).read_text(encoding="latin-1").splitlines()]
    head = next((k for k, row in enumerate(rows) if "AudioSampleNumber" in row and "Timestamp" in row), None)
    if head is None:
        raise FileFormatError(f"{paths[0].name} has no columns Timestamp and AudioSampleNumber")
    names = rows[head]
    when, sample, event = (names.index(name) for name in ("Timestamp", "AudioSampleNumber", "Event"))
    # Some tables have broken lines.
    whole = [row for row in rows[head + 1 :] if len(row) > max(when, sample, event)]
    starts = [_number(row[when]) for row in whole if row[event].strip() == "MovieStart"]
    known = [
        (t, s) for row in whole if math.isfinite(t := _number(row[when])) and math.isfinite(s := _number(row[sample]))
    ]
    if not starts or not math.isfinite(starts[0]) or not known:
        raise FileFormatError(f"{paths[0].name} does not tell when the clip began")
    time, number = min(known, key=lambda one: abs(one[0] - starts[0]))
    return number + (starts[0] - time) / 1000.0 * audio_hz


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return math.nan


def _annotated(source: Path) -> dict[tuple[int, int], np.ndarray]:
    """Return annotated valence by person and session of the person, 4 Hz from the clip's beginning."""
    found: dict[tuple[int, int], np.ndarray] = {}
    for path in sorted(source.rglob("lable_continous_Mahnob.mat"))[:1]:
        content = read_mat(path, ["trials_included", "labels"])
        check(path, {"trials_included", "labels"} <= set(content), f"it has {sorted(content)}")
        which, labels = content["trials_included"], np.ravel(content["labels"])
        check(path, len(which) == len(labels), f"it has {len(which)} trials and {len(labels)} annotations")
        for (person, trial), values in zip(which.tolist(), labels, strict=True):
            values = np.asarray(values, np.float64).ravel()
            check_ratings(path, values, -1, 1, f"the annotation of person {person}, {trial}")
            found[int(person), int(trial)] = values
    return found


def _continuous(made: Made, who: str, session: str, values: np.ndarray | None, start: float) -> Path | None:
    if values is None or not len(values):
        return None
    # The table's scale runs from 1 to 9, and so do these.
    lines = [f"{start + k / RATED_HZ:.4f}\t{5 + 4 * value:.6f}" for k, value in enumerate(values)]
    path = made.path(f"sub-{who}_session-{re.sub(r'[^0-9A-Za-z]', '-', session)}_ratings.tsv")
    path.write_text("\n".join(["time\tannotated_valence", *lines]) + "\n", encoding="utf-8")
    return path


DATASET = MahnobHci()
