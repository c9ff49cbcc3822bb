"""From which modalities a window is read, by name: what was fitted and promised holds for each of these by itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

from core.data import MODALITIES

__all__ = ["condition_name", "conditions"]


def condition_name(used: Sequence[bool], modalities: Sequence[str] = MODALITIES) -> str:
    """Return ``eeg``, ``face``, ``both`` of them, or where there are more all names with ``+`` between; ``""`` of none.

    Parameters
    ----------
    used : sequence of bool
        Which of `modalities` are read.
    modalities : sequence of str
    """
    return _name(tuple(used), tuple(modalities))


@cache
def _name(used: tuple[bool, ...], modalities: tuple[str, ...]) -> str:
    names = tuple(name for name, there in zip(modalities, used, strict=True) if there)
    return "both" if names == MODALITIES else "+".join(names)


def conditions(modalities: Sequence[str] = MODALITIES) -> dict[str, tuple[bool, ...]]:
    """Return each choice of one modality or more by its name, the smallest first: which of them are read."""
    every = itertools.product((True, False), repeat=len(modalities))
    found = sorted((used for used in every if any(used)), key=lambda used: (sum(used), [not there for there in used]))
    return {condition_name(used, modalities): used for used in found}
