"""Every key of the window in one table: what it does, and what the key sheet says of it.

Keys of mne-qt-browser do the same here where the act is the same (+ and -, Home and End, up and down, Page Up and
Page Down, z, ?, F11, Esc). Labels are on the digits, which nothing else uses. ``label.keys`` puts any act on another
key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from PyQt6.QtGui import QKeySequence

from app import texts
from core.config import LabelConfig
from core.errors import ConfigError
from core.label_scheme import own_classes, own_scales


class Act(StrEnum):
    """What keys and buttons do; the name stands in ``label.keys``."""

    CANNOT_TELL = "cannot tell"
    ARTEFACT = "artefact"
    NO_FACE = "no face"
    SKIP = "skip"
    UNSKIP = "unskip"
    UNDO = "undo"
    REDO = "redo"
    SAVE = "save"
    VALENCE_DOWN = "valence down"
    VALENCE_UP = "valence up"
    AROUSAL_UP = "arousal up"
    AROUSAL_DOWN = "arousal down"
    CONFIDENCE = "confidence"
    NOTE = "note"
    MORE = "more"
    RATE = "rate"
    MARK = "mark"
    ORDER = "order"
    MIXTURE = "mixture"
    SPLIT = "split"
    JOIN = "join"
    BEGINS = "begins"
    ENDS = "ends"
    PLAY = "play"
    FRAME_BACK = "frame back"
    FRAME_ON = "frame on"
    SLOWER = "slower"
    FASTER = "faster"
    ONLY_FACE = "only face"
    ONLY_EEG = "only eeg"
    BLIND = "blind"
    BACK = "back"
    ON = "on"
    FAR_BACK = "far back"
    FAR_ON = "far on"
    PAUSE = "pause"
    SLOW_DOWN = "slow down"
    SPEED_UP = "speed up"
    NEXT_UNSURE = "next unsure"
    LAST_UNSURE = "last unsure"
    NEXT_GAP = "next gap"
    LAST_GAP = "last gap"
    NEXT_LABEL = "next label"
    LAST_LABEL = "last label"
    SAVE_VIEW = "save view"
    SAVE_NUMBERS = "save numbers"
    ZEN = "zen"
    LARGER = "larger"
    SMALLER = "smaller"
    SHORTER = "shorter"
    LONGER = "longer"
    EARLIER_CHANNELS = "earlier channels"
    LATER_CHANNELS = "later channels"
    MORE_CHANNELS = "more channels"
    FEWER_CHANNELS = "fewer channels"
    SWEEP = "sweep"
    SENSORS = "sensors"
    EEG_ALONE = "eeg alone"
    LANDMARKS = "landmarks"
    STREAMS = "streams"
    TAKE_BACK = "take back"
    PEOPLE = "people"
    NEUTRAL_FACE = "neutral face"
    PRIVATE = "private"
    THEME = "theme"
    KEYS = "keys"
    STOP = "stop"
    EEG_FIGURES = "eeg figures"
    TEACH = "teach"
    SWAP = "swap"
    FULL_SCREEN = "full screen"
    ESCAPE = "escape"


@dataclass(frozen=True)
class Key:
    """One act, the key sequences that do it, and the hint that stands for them on buttons and in the key sheet."""

    act: str
    """An `Act`, or a class that is answered."""
    sequences: tuple[str, ...]
    hint: str
    text: str
    group: str


KEYS = (
    Key(Act.CANNOT_TELL, ("0",), "0", texts.CANNOT_TELL, texts.GROUP_LABEL),
    Key(Act.ARTEFACT, ("A",), "A", texts.ARTEFACT, texts.GROUP_LABEL),
    Key(Act.NO_FACE, ("N",), "N", texts.NO_FACE, texts.GROUP_LABEL),
    Key(Act.SKIP, ("K",), "K", texts.SKIP_TEXT, texts.GROUP_LABEL),
    Key(Act.UNSKIP, ("Shift+K",), "⇧ K", texts.UNSKIP_TEXT, texts.GROUP_LABEL),
    Key(Act.UNDO, ("U", "Ctrl+Z"), "U", texts.UNDO_TEXT, texts.GROUP_LABEL),
    Key(Act.REDO, ("Shift+U", "Ctrl+Y", "Ctrl+Shift+Z"), "⇧ U", texts.REDO_TEXT, texts.GROUP_LABEL),
    Key(Act.SAVE, ("Return", "Enter"), "↵", texts.SAVE_TEXT, texts.GROUP_LABEL),
    Key(Act.VALENCE_DOWN, ("Shift+Left",), "⇧ ←", texts.VALENCE_DOWN, texts.GROUP_LABEL),
    Key(Act.VALENCE_UP, ("Shift+Right",), "⇧ →", texts.VALENCE_UP, texts.GROUP_LABEL),
    Key(Act.AROUSAL_UP, ("Shift+Up",), "⇧ ↑", texts.AROUSAL_UP, texts.GROUP_LABEL),
    Key(Act.AROUSAL_DOWN, ("Shift+Down",), "⇧ ↓", texts.AROUSAL_DOWN, texts.GROUP_LABEL),
    Key(Act.CONFIDENCE, ("C",), "C", texts.CONFIDENCE_TEXT, texts.GROUP_LABEL),
    Key(Act.NOTE, ("O",), "O", texts.NOTE_TEXT, texts.GROUP_LABEL),
    Key(Act.MORE, ("M",), "M", texts.MORE_TEXT, texts.GROUP_LABEL),
    Key(Act.RATE, ("R",), "R", texts.RATE_TEXT, texts.GROUP_LABEL),
    Key(Act.MARK, ("J",), "J", texts.MARK_TEXT, texts.GROUP_LABEL),
    Key(Act.ORDER, ("Shift+M",), "⇧ M", texts.ORDER_TEXT, texts.GROUP_LABEL),
    Key(Act.MIXTURE, ("Shift+H",), "⇧ H", texts.MIXTURE_TEXT, texts.GROUP_LABEL),
    Key(Act.BEGINS, ("Shift+I",), "⇧ I", texts.BEGINS_TEXT, texts.GROUP_LABEL),
    Key(Act.ENDS, ("Shift+O",), "⇧ O", texts.ENDS_TEXT, texts.GROUP_LABEL),
    Key(Act.SPLIT, ("Shift+S",), "⇧ S", texts.SPLIT_TEXT, texts.GROUP_LABEL),
    Key(Act.JOIN, ("Shift+J",), "⇧ J", texts.JOIN_TEXT, texts.GROUP_LABEL),
    Key(Act.PLAY, ("Space",), "Space", texts.PLAY_TEXT, texts.GROUP_PLAY),
    Key(Act.FRAME_BACK, (",",), ",", texts.FRAME_BACK_TEXT, texts.GROUP_PLAY),
    Key(Act.FRAME_ON, (".",), ".", texts.FRAME_ON_TEXT, texts.GROUP_PLAY),
    Key(Act.SLOWER, ("<",), "<", texts.SLOWER_TEXT, texts.GROUP_PLAY),
    Key(Act.FASTER, (">",), ">", texts.FASTER_TEXT, texts.GROUP_PLAY),
    Key(Act.ONLY_FACE, ("F",), "F", texts.ONLY_FACE_TEXT, texts.GROUP_PLAY),
    Key(Act.ONLY_EEG, ("E",), "E", texts.ONLY_EEG_TEXT, texts.GROUP_PLAY),
    Key(Act.BLIND, ("V",), "V", texts.BLIND_TEXT, texts.GROUP_PLAY),
    Key(Act.BACK, ("Left",), "←", texts.BACK_TEXT, texts.GROUP_REPLAY),
    Key(Act.ON, ("Right",), "→", texts.ON_TEXT, texts.GROUP_REPLAY),
    Key(Act.FAR_BACK, ("Ctrl+Left",), "Ctrl ←", texts.FAR_BACK_TEXT, texts.GROUP_REPLAY),
    Key(Act.FAR_ON, ("Ctrl+Right",), "Ctrl →", texts.FAR_ON_TEXT, texts.GROUP_REPLAY),
    Key(Act.PAUSE, ("X",), "X", texts.PAUSE_TEXT, texts.GROUP_REPLAY),
    Key(Act.SLOW_DOWN, ("[",), "[", texts.SLOW_DOWN_TEXT, texts.GROUP_REPLAY),
    Key(Act.SPEED_UP, ("]",), "]", texts.SPEED_UP_TEXT, texts.GROUP_REPLAY),
    Key(Act.NEXT_UNSURE, ("Q",), "Q", texts.NEXT_UNSURE_TEXT, texts.GROUP_REPLAY),
    Key(Act.LAST_UNSURE, ("Shift+Q",), "⇧ Q", texts.LAST_UNSURE_TEXT, texts.GROUP_REPLAY),
    Key(Act.NEXT_GAP, ("G",), "G", texts.NEXT_GAP_TEXT, texts.GROUP_REPLAY),
    Key(Act.LAST_GAP, ("Shift+G",), "⇧ G", texts.LAST_GAP_TEXT, texts.GROUP_REPLAY),
    Key(Act.NEXT_LABEL, ("B",), "B", texts.NEXT_LABEL_TEXT, texts.GROUP_REPLAY),
    Key(Act.LAST_LABEL, ("Shift+B",), "⇧ B", texts.LAST_LABEL_TEXT, texts.GROUP_REPLAY),
    Key(Act.SAVE_VIEW, ("Ctrl+S",), "Ctrl S", texts.SAVE_VIEW_TEXT, texts.GROUP_VIEW),
    Key(Act.SAVE_NUMBERS, ("Ctrl+E",), "Ctrl E", texts.SAVE_NUMBERS_TEXT, texts.GROUP_REPLAY),
    Key(Act.ZEN, ("Z",), "Z", texts.ZEN_TEXT, texts.GROUP_VIEW),
    Key(Act.LARGER, ("+", "="), "+", texts.LARGER, texts.GROUP_VIEW),
    Key(Act.SMALLER, ("-",), "-", texts.SMALLER, texts.GROUP_VIEW),
    Key(Act.SHORTER, ("Home",), "Home", texts.SHORTER, texts.GROUP_VIEW),
    Key(Act.LONGER, ("End",), "End", texts.LONGER, texts.GROUP_VIEW),
    Key(Act.EARLIER_CHANNELS, ("Up",), "↑", texts.EARLIER_CHANNELS, texts.GROUP_VIEW),
    Key(Act.LATER_CHANNELS, ("Down",), "↓", texts.LATER_CHANNELS, texts.GROUP_VIEW),
    Key(Act.MORE_CHANNELS, ("PgUp",), "Page Up", texts.MORE_CHANNELS, texts.GROUP_VIEW),
    Key(Act.FEWER_CHANNELS, ("PgDown",), "Page Down", texts.FEWER_CHANNELS, texts.GROUP_VIEW),
    Key(Act.SWEEP, ("W",), "W", texts.SWEEP_TEXT, texts.GROUP_VIEW),
    Key(Act.SENSORS, ("S",), "S", texts.SENSORS_TEXT, texts.GROUP_VIEW),
    Key(Act.EEG_ALONE, ("T",), "T", texts.EEG_ALONE_TEXT, texts.GROUP_VIEW),
    Key(Act.LANDMARKS, ("D",), "D", texts.LANDMARKS_TEXT, texts.GROUP_VIEW),
    Key(Act.STREAMS, ("I",), "I", texts.STREAMS_TEXT, texts.GROUP_VIEW),
    Key(Act.TAKE_BACK, ("Y",), "Y", texts.TAKE_BACK_TEXT, texts.GROUP_VIEW),
    Key(Act.PEOPLE, ("Shift+P",), "⇧ P", texts.PEOPLE_KEY_TEXT, texts.GROUP_VIEW),
    Key(Act.NEUTRAL_FACE, ("Shift+F",), "⇧ F", texts.NEUTRAL_TEXT, texts.GROUP_VIEW),
    Key(Act.PRIVATE, ("P",), "P", texts.PRIVATE_TEXT, texts.GROUP_VIEW),
    Key(Act.THEME, ("L",), "L", texts.THEME_TEXT, texts.GROUP_VIEW),
    Key(Act.KEYS, ("?", "F1"), "?", texts.KEYS_TEXT, texts.GROUP_VIEW),
    Key(Act.EEG_FIGURES, ("Shift+E",), "⇧ E", texts.EEG_FIGURES_TEXT, texts.GROUP_VIEW),
    Key(Act.TEACH, ("Shift+T",), "⇧ T", texts.TEACH_TEXT, texts.GROUP_VIEW),
    Key(Act.SWAP, ("Shift+L",), "⇧ L", texts.SWAP_TEXT, texts.GROUP_VIEW),
    Key(Act.STOP, ("Ctrl+Q",), "Ctrl Q", texts.STOP_TEXT, texts.GROUP_VIEW),
    Key(Act.FULL_SCREEN, ("F11",), "F11", texts.FULL_SCREEN_TEXT, texts.GROUP_VIEW),
    Key(Act.ESCAPE, ("Esc",), "Esc", texts.ESCAPE_TEXT, texts.GROUP_VIEW),
)
_OVER_QUESTIONS = frozenset(
    (Act.SAVE_VIEW, Act.LARGER, Act.SMALLER, Act.PRIVATE, Act.THEME, Act.KEYS, Act.STOP, Act.FULL_SCREEN, Act.ESCAPE)
)
"""Of the view's keys, those that do something where only the questions of a recording are shown."""
ROLES = ("self", "observer", "expert")
SCALES = ("slider", "sam", "grid", "none")
_SIGNS = {"Shift": "⇧", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "↵", "Enter": "↵"}
_N_DIGITS = 9


def hint(act: str, keys: Sequence[Key] = KEYS) -> str:
    """Return the key that is printed for an act, ``""`` if it has none."""
    return next((key.hint for key in keys if key.act == act), "")


def usable(keys: Sequence[Key], replays: bool, questions: bool) -> tuple[Key, ...]:
    """Return the keys that do something in a window.

    Parameters
    ----------
    keys : sequence of Key
    replays : bool
        Whether a recording is played in it.
    questions : bool
        Whether it shows the questions of a recording, and nothing else.
    """
    here = [key for key in keys if replays or key.group != texts.GROUP_REPLAY]
    if questions:
        here = [key for key in here if key.group != texts.GROUP_VIEW or key.act in _OVER_QUESTIONS]
        here = [replace(key, text=texts.DONE_TEXT) if key.act == Act.STOP else key for key in here]
    elif replays:
        here = [replace(key, text=texts.CLOSE_TEXT) if key.act == Act.STOP else key for key in here]
    return tuple(here)


def keymap(classes: Sequence[str], changes: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the classes on the digits and all other acts, with the annotator's own keys in place of those.

    Raises
    ------
    ConfigError
        A key names no act, is no key, or is on two acts; all of it is told at once. Or a class is called like an act.
    """
    if taken := [name for name in classes if name in set(Act)]:
        named = ", ".join(map(repr, taken))
        raise ConfigError(f"The classes {named} are called like what a key does. Give them other names.")
    digits = [str(k) if k <= _N_DIGITS else "" for k in range(1, len(classes) + 1)]
    plain = [Key(c, (d,) if d else (), d, c, texts.GROUP_CLASSES) for c, d in zip(classes, digits, strict=True)]
    keys = (*plain, *KEYS)
    known = {key.act for key in keys}
    problems = [
        f"there is no act {name!r} (there are {', '.join(sorted(known))})" for name in changes if name not in known
    ]
    problems += [f"{own!r} for {name!r} is no key" for name, own in changes.items() if not _canonical(own)]
    if not problems:
        keys = tuple(_moved(key, changes[key.act]) if key.act in changes else key for key in keys)
        problems = _clashes(keys)
    if problems:
        raise ConfigError(f"label.keys: {'; '.join(problems)}.")
    return keys


def check(classes: Sequence[str], label: LabelConfig) -> None:
    """Refuse what cannot be labelled with, before anything is opened or recorded; see `keymap` and `scheme`.

    `classes` are the model's.
    """
    keymap(asked(classes, label), label.keys)
    scheme(asked(classes, label), label)
    own_scales(label.scales)


def asked(classes: Sequence[str], label: LabelConfig) -> tuple[str, ...]:
    """Return the classes that are asked for: the study's own, else those that the model knows."""
    return own_classes(label.classes) or tuple(classes)


def scheme(classes: Sequence[str], label: LabelConfig) -> str:
    """Return the name of the classes and scales that are asked for, such as ``expressions-7+slider``.

    Raises
    ------
    ConfigError
        Role or scale is none of those there are.
    """
    for name, value, known in (("role", label.role, (*ROLES, "adjudicator")), ("scale", label.scale, SCALES)):
        if value not in known:
            raise ConfigError(f"label.{name} is {value!r}. Choose one of {', '.join(known)}.")
    of = "own" if label.classes.strip() else "expressions"
    return f"{of}-{len(classes)}" + (f"+{label.scale}" if label.scale != "none" else "")


def _moved(key: Key, own: str) -> Key:
    sequence = _canonical(own)
    printed = " ".join(_SIGNS.get(part, part) for part in sequence.split("+")) if len(sequence) > 1 else sequence
    return replace(key, sequences=(sequence,), hint=printed)


def _clashes(keys: Sequence[Key]) -> list[str]:
    taken: dict[str, str] = {}
    problems = []
    for key in keys:
        for sequence in map(_canonical, key.sequences):
            act = str(key.act)
            other = taken.setdefault(sequence, act)
            if other != act:
                problems.append(f"{other!r} and {act!r} are both on {sequence}: give one of them another key")
    return problems


def _canonical(sequence: str) -> str:
    """Return the one way to write a key, ``""`` for what is none or more than one."""
    parsed = QKeySequence.fromString(sequence, QKeySequence.SequenceFormat.PortableText)
    if parsed.count() != 1 or parsed[0].key().value in (0, 0x01FFFFFF):
        return ""
    return parsed.toString(QKeySequence.SequenceFormat.PortableText)
