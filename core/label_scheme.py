"""What a study asks for besides what a model knows: its own classes and scales, as they are typed."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.errors import ConfigError
from core.plain_text import plain

_SCALE = re.compile(r"(.+?)\s+(-?\d+(?:\.\d+)?)\s*(?:to|-|–|\.\.)\s*(-?\d+(?:\.\d+)?)")
_MOST = 24


class OwnScale(NamedTuple):
    """A scale of the study's own."""

    name: str
    low: float
    high: float
    """In its own units."""


def own_classes(text: str) -> tuple[str, ...]:
    """Return the classes in a text such as ``calm, stressed, bored``; none of an empty one.

    Raises
    ------
    ConfigError
        There is one alone, one twice, too many, or one that cannot be shown.
    """
    names = _parts(text)
    if not names:
        return ()
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"label.classes has {', '.join(twice)} twice. Give each class once.")
    if not 2 <= len(names) <= _MOST:
        raise ConfigError(f"label.classes has {len(names)} classes, {text!r}. Give 2 to {_MOST}, parted by commas.")
    return names


def own_scales(text: str) -> tuple[OwnScale, ...]:
    """Return the scales in a text such as ``stress 1 to 7, effort 0 to 10``; none of an empty one.

    Raises
    ------
    ConfigError
        A scale has no range, or one that does not go up, or there is one twice.
    """
    found = []
    for part in _parts(text):
        told = _SCALE.fullmatch(part)
        if told is None or not float(told[2]) < float(told[3]):
            raise ConfigError(f"label.scales has {part!r}. Give a name and a range, such as stress 1 to 7.")
        found.append(OwnScale(told[1], float(told[2]), float(told[3])))
    names = [scale.name for scale in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"label.scales has {', '.join(twice)} twice. Give each scale once.")
    return tuple(found)


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(" ".join(part.split()) for part in text.split(","))
    if odd := [part for part in parts if part != plain(part)]:
        raise ConfigError(f"{odd[0]!r} has signs that cannot be shown. Give plain words.")
    return tuple(part for part in parts if part)
