"""Every key of the window in one table: what it does, and what the key sheet says of it.

Keys of mne-qt-browser do the same here where the act is the same (+ and -, Home and End, up and down, Page Up and
Page Down, ?, F11, Esc). Labels are on the digits, which nothing else uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from app import texts


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
    Key("undo", ("U", "Ctrl+Z"), "U", texts.UNDO_TEXT, texts.GROUP_LABEL),
    Key("save", ("Return", "Enter"), "↵", texts.SAVE_TEXT, texts.GROUP_LABEL),
    Key("valence down", ("Shift+Left",), "⇧ ←", texts.VALENCE_DOWN, texts.GROUP_LABEL),
    Key("valence up", ("Shift+Right",), "⇧ →", texts.VALENCE_UP, texts.GROUP_LABEL),
    Key("arousal up", ("Shift+Up",), "⇧ ↑", texts.AROUSAL_UP, texts.GROUP_LABEL),
    Key("arousal down", ("Shift+Down",), "⇧ ↓", texts.AROUSAL_DOWN, texts.GROUP_LABEL),
    Key("confidence", ("C",), "C", texts.CONFIDENCE_TEXT, texts.GROUP_LABEL),
    Key("play", ("Space",), "Space", texts.PLAY_TEXT, texts.GROUP_LABEL),
    Key("blind", ("V",), "V", texts.BLIND_TEXT, texts.GROUP_LABEL),
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
    Key("private", ("P",), "P", texts.PRIVATE_TEXT, texts.GROUP_VIEW),
    Key("theme", ("L",), "L", texts.THEME_TEXT, texts.GROUP_VIEW),
    Key("keys", ("?", "F1"), "?", texts.KEYS_TEXT, texts.GROUP_VIEW),
    Key("full screen", ("F11",), "F11", texts.FULL_SCREEN_TEXT, texts.GROUP_VIEW),
    Key("escape", ("Esc",), "Esc", texts.ESCAPE_TEXT, texts.GROUP_VIEW),
)


def hint(act: str) -> str:
    """Return the key that is printed for an act."""
    return next(key.hint for key in KEYS if key.act == act)
