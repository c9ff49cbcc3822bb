"""The neutral faces that were known at a place in a recording, for whoever goes there without having played to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from core.data import NeutralFace
from core.recording.outputs import event_from_text
from core.recording.xdf_reader import Header, Samples, read_xdf, stretches_with

_SIGN = b'{"event": "neutral'
"""How the text of a neutral face begins: when it was shown, and what was read of it."""


def neutral_before(
    path: Path, headers: Mapping[int, Header], events: int, people: Collection[str], same: Collection[str], stop: int
) -> list[NeutralFace]:
    """Return the neutral face of each of `people` that was known last before byte `stop`, of whom there is any.

    Parameters
    ----------
    path : Path
    headers : mapping
        The file's streams, by their numbers.
    events : int
        Number of the stream of events.
    people : collection of str
    same : collection of str
        Whose pictures would be read today as they were then: of others what was read then does not hold, only what was
        kept from an earlier session, which a session without seeking takes as well.
    stop : int
    """
    found: dict[str, NeutralFace] = {}
    for begin, end in stretches_with(path, _SIGN, stop):
        there: dict[str, NeutralFace] = {}
        for part in read_xdf(path, lambda header: header.number == events, headers, begin, end):
            if isinstance(part, Samples) and part.number == events:
                for text in part.data[:, 0]:
                    face = known_face(str(text), same)
                    if face is not None and face.participant in people:
                        there[face.participant] = face
        found = {**there, **found}
        if found.keys() >= set(people):
            break
    return list(found.values())


def known_face(text: str, same: Collection[str]) -> NeutralFace | None:
    """Return the neutral face whose values stand in the text of an event and hold today, None if there is none."""
    face = event_from_text(text, derived=True)
    if not isinstance(face, NeutralFace) or not face.blendshapes:
        return None
    return face if face.kept_from or face.participant in same else None
