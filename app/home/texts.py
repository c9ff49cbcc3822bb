"""What the study's screen says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from app.study.sessions import SessionRow
from app.texts import GROUP_REPLAY, GROUP_VIEW, clock, many
from app.ui.keys import Key

TITLE = "Insula"
CHANGE_STUDY = "Other folder…"
CHANGE_STUDY_TITLE = "Folder of a study"
NEW_SESSION = "New session"
SIMULATED = "Simulated participant"
SIMULATED_TIP = "A session with a participant that is computed, to try things out without devices"
LABEL = "Label"
LABEL_TIP = "Answer what is to be seen in the moments of this session"
REPLAY = "Replay"
REPLAY_TIP = "Play this session through the same window"
REPORT = "Report"
REPORT_TIP = "A page on how this session went, opened in the browser"
TEACH = "Teach"
TEACH_TIP = "Learn from all sessions of this participant what holds on time that is not learnt from"
USE = "Use"
USE_TIP = "Read the next sessions with the newest model that learnt from this participant"
NOW_USE = "U reads the next session with it."
USE_SHIPPED = "Use the shipped model"
USE_SHIPPED_TIP = "Read the next sessions with the model that comes with Insula again"
OPEN_FOLDER = "Open folder"
CANCEL = "Cancel"
READING = "The study is being read …"
NO_STUDY = "This folder is not there, or its disk is not. Choose another one, or bring it back: it is looked for again."
EXPORT = "Export"
EXPORT_TIP = "Write this session in the formats of other tools"
FORMATS = {"bids": "BIDS, for EEG tools", "tsv": "Tables (.tsv)", "fif": "FIF, for MNE"}
ERASE = "Erase"
ERASE_TIP = "Take this participant out of the study: recordings, pictures, labels, exports"
KEEP_ALL = "Keep all"
KEYS = "Keys"
SESSIONS = "Sessions of the study"
CLOSE = "Close"
LABEL_NOW = "Label now"
TITLES = {"label": LABEL, "teach": TEACH, "report": REPORT}
END_HOW = "How it went"
END_LENGTH, END_LOST, END_ANSWERS, END_WHERE = END_FACTS = ("Recorded", "Lost", "Answers", "In")
END_COUNTING = "being counted …"
NEW_STUDY = (
    "No session yet: the first one makes this folder. Start it with your devices, or with a simulated participant to "
    "try things out. If sessions should be here, choose their folder."
)
NO_SESSIONS = "No session yet. Start one with your devices, or with a simulated participant to try things out."
COLUMNS = ("Participant", "Session", "Recorded", "Length", "Streams", "Answers", "Taught")
STOP_SESSION = "Stop the session that was started from here? What is recorded stays."
STILL_RUNS = "What was started from here still runs. Close its window, or press Esc to stop it."
JUST_WRITTEN = "Its file was written to a moment ago and has no end: it is being recorded, or was just copied."
BROKE_OFF = "The recording broke off: it has no end. All that had reached the disk by then is here."


_MOST_LISTED = 4
_KINDS = {"eeg": "EEG", "video": "face", "markers": "markers", "other": "other streams"}


KEY_LIST = tuple(
    Key(what, (), hint, what, GROUP_REPLAY if of_session else GROUP_VIEW)
    for of_session, hint, what in (
        (False, "N", "new session"),
        (False, "F2", "simulated participant"),
        (False, "Ctrl O", "another study"),
        (False, "F6", "light or dark"),
        (False, "Esc", "stop what runs"),
        (False, "?", "these keys"),
        (True, "↑ ↓", "choose a session"),
        (True, "L", "label it"),
        (True, "R", "replay it"),
        (True, "P", "report on it"),
        (True, "E", "export it"),
        (True, "O", "open its folder"),
        (True, "T", "teach from this participant"),
        (True, "U", "use what was learnt"),
        (True, "⇧ U", "use the shipped model"),
        (True, "Ctrl Del", "erase this participant"),
    )
)
"""For the sheet of all keys."""


def erase_question(participant: str) -> str:
    """Ask whether all of a participant is to be erased."""
    return (
        f"Erase all of {participant} from this study: recordings, pictures, answers, exports? This cannot be undone. "
        "Sessions with others and models that learnt from this person stay, and are named."
    )


def in_short(lines: Sequence[str]) -> str:
    """Return what a command has said; of a long list (indented lines) the first, and how many more there are."""
    short: list[str] = []
    listed = 0
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        listed = listed + 1 if line.startswith(" ") else 0
        if listed <= _MOST_LISTED:
            short.append(line)
        elif not after.startswith(" "):
            short.append(f"  and {listed - _MOST_LISTED} more")
    return "\n".join(short)


def study_line(study: Path, n_sessions: int, n_people: int, exists: bool = True, is_new: bool = False) -> str:
    """Tell which study is shown and how much it holds."""
    if not exists:
        return f"{study}: {'no session yet' if is_new else 'not there'}"
    if not n_sessions:
        return f"{study}: empty"
    return f"{study}: {many(n_sessions, 'session')} of {many(n_people, 'participant')}"


def read_with(model: str) -> str:
    """Tell which model the next session is read with."""
    return f"next session read with {Path(model).stem}"


def nothing_here(exists: bool, is_new: bool) -> str:
    """Tell why a study shows no session, and what to do."""
    return NO_SESSIONS if exists else NEW_STUDY if is_new else NO_STUDY


def length(seconds: float) -> str:
    """Return how long a session was, as people read it."""
    return "–" if math.isnan(seconds) else clock(seconds)


def cells(row: SessionRow, models: list[Path]) -> tuple[str, ...]:
    """Return what the table says of a session, in the order of `COLUMNS`."""
    name = row.session.stem.partition("_")[2]
    streams = [words for kind, words in _KINDS.items() if kind in row.streams]
    return (
        ", ".join(row.participants) + (" (simulated)" if row.simulated else ""),
        name.replace("_", " "),
        row.began.strftime("%Y-%m-%d %H:%M") if row.began else "–",
        length(row.seconds),
        ", ".join(streams) or "–",
        str(row.n_answers) if row.n_answers else "none yet",
        models[0].stem if models else "not yet",
    )


def about(row: SessionRow, models: list[Path]) -> str:
    """Return in a few sentences how far a session has come and what comes next."""
    if row.problem:
        return row.problem
    if row.running:
        said = "It is being recorded." if row.grown else JUST_WRITTEN
        return f"{', '.join(row.participants)}. {said}"
    who = ", ".join(row.participants)
    parts = [f"{who}, {length(row.seconds)}." if not math.isnan(row.seconds) else f"{who}. {BROKE_OFF}"]
    if row.answers:
        given = ", ".join(f"{annotator} {count}" for annotator, count in row.answers)
        parts.append(f"Answers: {given}.")
    else:
        parts.append("Nobody has labelled it yet: that comes next.")
    parts.append(f"Model: {models[0].name}." if models else "No model has learnt from it yet.")
    return " ".join(parts)


def ended(row: SessionRow) -> str:
    """Tell whose session has ended."""
    return f"{', '.join(row.participants)}: the session has ended"


def end_length(row: SessionRow) -> str:
    """Tell how long a session was and of what."""
    streams = [words for kind, words in _KINDS.items() if kind in row.streams]
    simulated = ", simulated" if row.simulated else ""
    return f"{length(row.seconds)} of {' and '.join(streams) or 'nothing'}{simulated}"


def end_answers(row: SessionRow) -> str:
    """Tell how many answers of whom there are, and what that is good for."""
    if not row.answers:
        return "none yet: with some, it can learn from them"
    return ", ".join(f"{annotator} {count}" for annotator, count in row.answers)


def working(words: str) -> str:
    """Tell what is being done."""
    return f"{words}…"


def in_a_window(what: str) -> str:
    """Tell that something has a window of its own."""
    return f"{what}: in a window of its own. This screen waits until that is closed."


def report_at(page: Path) -> str:
    """Tell where a report is, for where no browser opens it."""
    return f"The report is at {page}"


def used(model: Path | None) -> str:
    """Tell which model reads from now on."""
    name = model.name if model is not None else "the model that ships"
    return f"The next session is read with {name}. The first screen shows it, and another can be chosen there."


def failed(what: str, why: str) -> str:
    """Tell why something that was started from here came to nothing: too little to teach is no failure."""
    return f"{what}: {why}" if why else f"{what} has failed."
