"""Text from outside, made fit to be shown: in one line, without what steers a terminal or turns a line round."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["first_of", "for_xml", "is_whole", "plain", "repaired"]

_MOST = 200
"""Letters that are shown of one text."""
_SIGN = "\ufffd"
"""Stands for each letter that cannot be shown."""
_JOINERS = "\u200c\u200d"
"""Persian and Hindi, and joined emoji, cannot be written without these two, which are format characters."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE = re.compile("&(?!#x[0-9a-fA-F]+;|#[0-9]+;|amp;|lt;|gt;|quot;|apos;)")
_REFERENCE = re.compile("&#(?:x([0-9a-fA-F]+)|([0-9]+));")


def plain(text: str, most: int = _MOST) -> str:
    """Return `text` with a sign for each control or format character and line break, cut to `most` letters."""
    shown = text if text.isprintable() and len(text) <= most else "".join(map(_letter, text[: most + 1]))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def is_whole(text: str) -> bool:
    """Return whether what is shown of a text is all of it, so that it can be looked for."""
    return _SIGN not in text and not (len(text) == _MOST and text.endswith("…"))


def first_of(words: Sequence[object], most: int) -> str:
    """Return the first of some words with commas between them, and dots where there are more."""
    return f"{', '.join(map(str, words[:most]))}{', ...' if len(words) > most else ''}"


def repaired(xml: str) -> str:
    """Return a document with a sign for each letter that no XML can hold, whether it stands there or is referred to.

    An & that stands for itself, as programs write it that put a name in as it is, is written as XML wants it.
    """
    return for_xml(_BARE.sub("&amp;", _REFERENCE.sub(_referred, xml)))


def for_xml(text: str) -> str:
    """Return `text` with a sign for each letter that no XML can hold, such as a NUL in a device's name."""
    return _NOT_XML.sub(_SIGN, text)


def _referred(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2][:9])
    return reference[0] if number <= 0x10FFFF and not _NOT_XML.match(chr(number)) else _SIGN


def _letter(letter: str) -> str:
    if letter in _JOINERS or unicodedata.category(letter) == "Zs":
        return letter
    return letter if letter.isprintable() else _SIGN
