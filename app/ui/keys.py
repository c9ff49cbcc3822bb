"""Every key of the window in one table: what it does, and what the key sheet says of it.

Keys of mne-qt-browser do the same here where the act is the same (+ and -, Home and End, up and down, Page Up and
Page Down, z, ?, F11, Esc). Labels are on the digits, which nothing else uses. ``label.keys`` puts any act on another
key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PyQt6.QtGui import QKeySequence

from app import texts
from core.config import LabelConfig
from core.errors import ConfigError


@dataclass(frozen=True)
class Key:
    """One act, the key sequences that do it, and the hint that stands for them on buttons and in the key sheet."""

    act: str
    sequences: tuple[str, ...]
    hint: str
    text: str
    group: str


KEYS = (
    Key("cannot tell", ("0",), "0", texts.CANNOT_TELL, texts.GROUP_LABEL),
    Key("artefact", ("A",), "A", texts.ARTEFACT, texts.GROUP_LABEL),
    Key("no face", ("N",), "N", texts.NO_FACE, texts.GROUP_LABEL),
    Key("skip", ("K",), "K", texts.SKIP_TEXT, texts.GROUP_LABEL),
    Key("unskip", ("Shift+K",), "⇧ K", texts.UNSKIP_TEXT, texts.GROUP_LABEL),
    Key("undo", ("U", "Ctrl+Z"), "U", texts.UNDO_TEXT, texts.GROUP_LABEL),
    Key("redo", ("Shift+U", "Ctrl+Y", "Ctrl+Shift+Z"), "⇧ U", texts.REDO_TEXT, texts.GROUP_LABEL),
    Key("save", ("Return", "Enter"), "↵", texts.SAVE_TEXT, texts.GROUP_LABEL),
    Key("valence down", ("Shift+Left",), "⇧ ←", texts.VALENCE_DOWN, texts.GROUP_LABEL),
    Key("valence up", ("Shift+Right",), "⇧ →", texts.VALENCE_UP, texts.GROUP_LABEL),
    Key("arousal up", ("Shift+Up",), "⇧ ↑", texts.AROUSAL_UP, texts.GROUP_LABEL),
    Key("arousal down", ("Shift+Down",), "⇧ ↓", texts.AROUSAL_DOWN, texts.GROUP_LABEL),
    Key("confidence", ("C",), "C", texts.CONFIDENCE_TEXT, texts.GROUP_LABEL),
    Key("note", ("O",), "O", texts.NOTE_TEXT, texts.GROUP_LABEL),
    Key("more", ("M",), "M", texts.MORE_TEXT, texts.GROUP_LABEL),
    Key("rate", ("R",), "R", texts.RATE_TEXT, texts.GROUP_LABEL),
    Key("mark", ("J",), "J", texts.MARK_TEXT, texts.GROUP_LABEL),
    Key("order", ("Shift+M",), "⇧ M", texts.ORDER_TEXT, texts.GROUP_LABEL),
    Key("play", ("Space",), "Space", texts.PLAY_TEXT, texts.GROUP_PLAY),
    Key("frame back", (",",), ",", texts.FRAME_BACK_TEXT, texts.GROUP_PLAY),
    Key("frame on", (".",), ".", texts.FRAME_ON_TEXT, texts.GROUP_PLAY),
    Key("slower", ("<",), "<", texts.SLOWER_TEXT, texts.GROUP_PLAY),
    Key("faster", (">",), ">", texts.FASTER_TEXT, texts.GROUP_PLAY),
    Key("only face", ("F",), "F", texts.ONLY_FACE_TEXT, texts.GROUP_PLAY),
    Key("only eeg", ("E",), "E", texts.ONLY_EEG_TEXT, texts.GROUP_PLAY),
    Key("blind", ("V",), "V", texts.BLIND_TEXT, texts.GROUP_PLAY),
    Key("back", ("Left",), "←", texts.BACK_TEXT, texts.GROUP_REPLAY),
    Key("on", ("Right",), "→", texts.ON_TEXT, texts.GROUP_REPLAY),
    Key("far back", ("Ctrl+Left",), "Ctrl ←", texts.FAR_BACK_TEXT, texts.GROUP_REPLAY),
    Key("far on", ("Ctrl+Right",), "Ctrl →", texts.FAR_ON_TEXT, texts.GROUP_REPLAY),
    Key("pause", ("X",), "X", texts.PAUSE_TEXT, texts.GROUP_REPLAY),
    Key("slow down", ("[",), "[", texts.SLOW_DOWN_TEXT, texts.GROUP_REPLAY),
    Key("speed up", ("]",), "]", texts.SPEED_UP_TEXT, texts.GROUP_REPLAY),
    Key("next unsure", ("Q",), "Q", texts.NEXT_UNSURE_TEXT, texts.GROUP_REPLAY),
    Key("last unsure", ("Shift+Q",), "⇧ Q", texts.LAST_UNSURE_TEXT, texts.GROUP_REPLAY),
    Key("next gap", ("G",), "G", texts.NEXT_GAP_TEXT, texts.GROUP_REPLAY),
    Key("last gap", ("Shift+G",), "⇧ G", texts.LAST_GAP_TEXT, texts.GROUP_REPLAY),
    Key("next label", ("B",), "B", texts.NEXT_LABEL_TEXT, texts.GROUP_REPLAY),
    Key("last label", ("Shift+B",), "⇧ B", texts.LAST_LABEL_TEXT, texts.GROUP_REPLAY),
    Key("save view", ("Ctrl+S",), "Ctrl S", texts.SAVE_VIEW_TEXT, texts.GROUP_VIEW),
    Key("save numbers", ("Ctrl+E",), "Ctrl E", texts.SAVE_NUMBERS_TEXT, texts.GROUP_REPLAY),
    Key("zen", ("Z",), "Z", texts.ZEN_TEXT, texts.GROUP_VIEW),
    Key("larger", ("+", "="), "+", texts.LARGER, texts.GROUP_VIEW),
    Key("smaller", ("-",), "-", texts.SMALLER, texts.GROUP_VIEW),
    Key("shorter", ("Home",), "Home", texts.SHORTER, texts.GROUP_VIEW),
    Key("longer", ("End",), "End", texts.LONGER, texts.GROUP_VIEW),
    Key("earlier channels", ("Up",), "↑", texts.EARLIER_CHANNELS, texts.GROUP_VIEW),
    Key("later channels", ("Down",), "↓", texts.LATER_CHANNELS, texts.GROUP_VIEW),
    Key("more channels", ("PgUp",), "Page Up", texts.MORE_CHANNELS, texts.GROUP_VIEW),
    Key("fewer channels", ("PgDown",), "Page Down", texts.FEWER_CHANNELS, texts.GROUP_VIEW),
    Key("sweep", ("W",), "W", texts.SWEEP_TEXT, texts.GROUP_VIEW),
    Key("eeg alone", ("T",), "T", texts.EEG_ALONE_TEXT, texts.GROUP_VIEW),
    Key("landmarks", ("D",), "D", texts.LANDMARKS_TEXT, texts.GROUP_VIEW),
    Key("streams", ("I",), "I", texts.STREAMS_TEXT, texts.GROUP_VIEW),
    Key("take back", ("Y",), "Y", texts.TAKE_BACK_TEXT, texts.GROUP_VIEW),
    Key("private", ("P",), "P", texts.PRIVATE_TEXT, texts.GROUP_VIEW),
    Key("theme", ("L",), "L", texts.THEME_TEXT, texts.GROUP_VIEW),
    Key("keys", ("?", "F1"), "?", texts.KEYS_TEXT, texts.GROUP_VIEW),
    Key("stop", ("Ctrl+Q",), "Ctrl Q", texts.STOP_TEXT, texts.GROUP_VIEW),
    Key("full screen", ("F11",), "F11", texts.FULL_SCREEN_TEXT, texts.GROUP_VIEW),
    Key("escape", ("Esc",), "Esc", texts.ESCAPE_TEXT, texts.GROUP_VIEW),
)
ROLES = ("self", "observer", "expert")
SCALES = ("slider", "sam", "grid", "none")
_SIGNS = {"Shift": "⇧", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "↵", "Enter": "↵"}
_N_DIGITS = 9


def hint(act: str, keys: Sequence[Key] = KEYS) -> str:
    """Return the key that is printed for an act, ``""`` if it has none."""
    return next((key.hint for key in keys if key.act == act), "")


def keymap(classes: Sequence[str], changes: Mapping[str, str]) -> tuple[Key, ...]:
    """Return the classes on the digits and all other acts, with the annotator's own keys in place of those.

    Raises
    ------
    ConfigError
        A key names no act, is no key, or is on two acts; all of it is told at once.
    """
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
    """Refuse what cannot be labelled with, before anything is opened or recorded; see `keymap` and `scheme`."""
    keymap(classes, label.keys)
    scheme(classes, label)


def scheme(classes: Sequence[str], label: LabelConfig) -> str:
    """Return the name of the classes and scales that are asked for, such as ``expressions-7+slider``.

    Raises
    ------
    ConfigError
        Role or scale is none of those there are.
    """
    for name, value, known in (("role", label.role, ROLES), ("scale", label.scale, SCALES)):
        if value not in known:
            raise ConfigError(f"label.{name} is {value!r}. Choose one of {', '.join(known)}.")
    return f"expressions-{len(classes)}" + (f"+{label.scale}" if label.scale != "none" else "")


def _moved(key: Key, own: str) -> Key:
    sequence = _canonical(own)
    printed = " ".join(_SIGNS.get(part, part) for part in sequence.split("+")) if len(sequence) > 1 else sequence
    return replace(key, sequences=(sequence,), hint=printed)


def _clashes(keys: Sequence[Key]) -> list[str]:
    taken: dict[str, str] = {}
    problems = []
    for key in keys:
        for sequence in map(_canonical, key.sequences):
            other = taken.setdefault(sequence, key.act)
            if other != key.act:
                problems.append(f"{other!r} and {key.act!r} are both on {sequence}: give one of them another key")
    return problems


def _canonical(sequence: str) -> str:
    """Return the one way to write a key, ``""`` for what is none or more than one."""
    parsed = QKeySequence.fromString(sequence, QKeySequence.SequenceFormat.PortableText)
    if parsed.count() != 1 or parsed[0].key().value in (0, 0x01FFFFFF):
        return ""
    return parsed.toString(QKeySequence.SequenceFormat.PortableText)
