"""All that a participant's sessions can teach, in the right order, and in plain words what it came to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.study.sessions import SessionRow, study_sessions
from app.study.teaching_folder import clear_litter, own_prefix
from app.study.training_material import gather
from app.study.verdict_words import (
    distilled_in_words,
    distilled_plainly,
    personalised_in_words,
    personalised_plainly,
    too_few_answers,
)
from core.config import Config
from core.errors import ConfigError
from core.models.model_file import Header
from core.recording.session import MODELS
from training.distil import MIN_SECONDS, distil
from training.gate import Tells
from training.own_recordings import Recording, standing_answers
from training.personalise import MIN_CLASSES, MIN_LABELS, personalise

Report = Callable[[str, float], None]
_GATHERED, _DISTILLED = 0.8, 0.9
"""Share of the work that is done once the sessions are read, and once the face has taught the EEG."""


@dataclass(frozen=True)
class Taught:
    """What teaching came to."""

    words: str
    """With all figures; lines of text, none where there was too little to reckon with."""
    summary: str
    """For whoever was recorded, in a few sentences."""
    model: Path | None
    """What was written; None where nothing that was learnt holds, and the model is used as it was."""


def teach(study: Path, participant: str, config: Config, base: Path, report: Report, running: bool = False) -> Taught:
    """Teach `base` from all sessions of a participant that may be learnt from: first by the face, then by the answers.

    A model is written only where held-out time says that something holds; whole, or not at all.

    Parameters
    ----------
    study : Path
        The folder of the study.
    participant : str
    config : Config
    base : Path
        The model to start from.
    report : callable
        Takes what is done now, and the share of the work that lies behind it.
    running : bool
        Whether a session that is being recorded is learnt from, too: what is on disk of it by now.

    Raises
    ------
    ConfigError
        There is no session to learn from, or it is clear beforehand that there is too little.
    """
    rows = sessions_to_learn_from(study, participant, running)
    total = sum(row.seconds for row in rows if row.seconds == row.seconds)  # NaN of one that broke off
    n_answers = sum(row.n_answers for row in rows)
    if total < MIN_SECONDS and not n_answers and all(row.seconds == row.seconds for row in rows):
        raise ConfigError(
            f"{participant} has {total:.0f} s recorded and no answers. Teaching needs at least {MIN_SECONDS:.0f} s "
            "with EEG and face, or answers: record on, or label first."
        )
    clear_litter(study / MODELS)
    damaged: list[str] = []
    recordings = _gather(rows, config, base, report, damaged)
    if not recordings:
        raise ConfigError(f"No session of {participant} can be read. {' '.join(damaged)}")
    models = study / MODELS
    models.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=own_prefix()) as folder:
        words, summary, made = _learn(recordings, base, Path(folder), report)
        words = "\n".join([*(f"Left out: {one}" for one in damaged), words])
        summary = " ".join([summary, *(f"Left out, since it is damaged: {one}" for one in damaged)])
        if made is None:
            return Taught(words, summary, None)
        model = _free_name(models, participant)
        made.replace(model)
    return Taught(words, summary, model)


def sessions_to_learn_from(study: Path, participant: str, running: bool = False) -> list[SessionRow]:
    """Return the sessions of a participant alone that can be read and that they agreed to have learnt from.

    One that is being recorded is among them only if `running`.

    Raises
    ------
    ConfigError
        There is none; why not is told.
    """
    if not study.is_dir():
        raise ConfigError(f"There is no study in {study}.")
    own = [row for row in study_sessions(study) if participant in row.participants]
    if not own:
        raise ConfigError(f"{study} holds no session of {participant}.")
    is_real = any(not row.simulated for row in own)
    refused = {row.session.stem: _why_not(row, participant, is_real, running) for row in own}
    rows = [row for row in own if not refused[row.session.stem]]
    if not rows:
        why = "; ".join(f"{stem}: {reason}" for stem, reason in refused.items())
        raise ConfigError(f"No session of {participant} can be learnt from. {why}.")
    return rows


def _why_not(row: SessionRow, participant: str, is_real: bool, running: bool) -> str:
    if row.problem:
        return row.problem.rstrip(".")
    if row.may_train is False:
        return f"{participant} has not agreed to training"
    if len(row.participants) > 1:
        return "others took part as well"
    if row.simulated and is_real:
        return "it is simulated, and others of that name are not"
    if row.running and not running:
        return "it is being recorded"
    return ""


def _gather(
    rows: Sequence[SessionRow], config: Config, base: Path, report: Report, damaged: list[str]
) -> list[Recording]:
    sizes = {row.session.xdf: row.session.xdf.stat().st_size for row in rows}
    shares = dict.fromkeys(sizes, 0.0)
    stage = ""

    def tell(line: str = "") -> None:
        nonlocal stage
        stage = line or stage
        behind = sum(sizes[path] * share for path, share in shares.items()) / max(sum(sizes.values()), 1)
        report(stage, _GATHERED * behind)

    def progress(path: Path, share: float) -> None:
        shares[path] = share
        for before in list(shares)[: list(shares).index(path)]:
            shares[before] = 1.0
        tell()

    return gather([str(path) for path in sizes], config, base, tell, progress=progress, damaged=damaged)


def _learn(recordings: Sequence[Recording], base: Path, folder: Path, report: Report) -> tuple[str, str, Path | None]:
    """Return what was found, with figures and in a few words, and the model if it is another than the base."""
    words, plain, current, changed = [], [], base, False
    try:
        by_face = distil(recordings, current, folder / "distilled.safetensors", lambda line: report(line, _GATHERED))
        figures = by_face.metrics["distil"]
        words.append("From the face:\n" + distilled_in_words(figures))
        plain.append(distilled_plainly(figures))
        # What it held out stays held out for the answers, so the answers learn from this one also where it is the base.
        current, changed = folder / "distilled.safetensors", _tells_something(by_face)
    except ConfigError as error:
        plain.append(str(error))
    try:
        taught = folder / "taught.safetensors"
        by_answers = personalise(recordings, current, taught, lambda line: report(line, _DISTILLED))
        figures = by_answers.metrics["personalise"]
        words.append("From your answers:\n" + personalised_in_words(figures))
        plain.append(personalised_plainly(figures))
        if figures["learnt"]:
            current, changed = taught, True
    except ConfigError as error:
        answers = standing_answers([label for one in recordings for label in one.labels])
        n_classes = len({label.label for label in answers} - {""})
        few = len(answers) < MIN_LABELS or n_classes < MIN_CLASSES
        plain.append(too_few_answers(len(answers), n_classes) if few else str(error))
    if not changed:
        plain.append("So the model stays as it was.")
    return "\n".join(words), " ".join(plain), current if changed else None


def _tells_something(header: Header) -> bool:
    return any(one["tells"] == Tells.YES for one in header.metrics["distil"]["people"].values())


def _free_name(folder: Path, participant: str) -> Path:
    """Return a name that no model has: participant and day, and a number from the second of a day on."""
    stem = f"{participant}_{date.today().isoformat()}"
    number, path = 1, folder / f"{stem}.safetensors"
    while path.exists():
        number += 1
        path = folder / f"{stem}_{number}.safetensors"
    return path
