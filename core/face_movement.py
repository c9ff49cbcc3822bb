"""Whether a mouth moves as in speaking or chewing, which is no expression."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from core.blendshapes import BLENDSHAPES
from core.data import FaceObservation

_MOUTH = [BLENDSHAPES.index(name) for name in ("jawOpen", "mouthClose")]
"""What goes to and fro in speaking and chewing. Lips do too, but where a smile shows teeth their measures tremble."""
STILL, MOVING = 0.2, 0.6
"""To and fro in a second, summed over the measures, up to which a mouth is still and from which it surely moves. With
60 people whose pictures changed in size, light and tilt from one to the next, far more than a camera's do, it came to
0.2 at most. No speaking people were at hand; the second is a choice: a jaw that opens by 0.1 three times a second."""
MIN_FRAMES = 4


def mouth_movement(faces: Sequence[FaceObservation]) -> float:
    """Return how much the mouth goes to and fro, 0 not at all to 1 as in speaking or chewing.

    What a measure travels, less what it gains by it: an expression that comes or goes moves one way and counts nothing.

    Parameters
    ----------
    faces : sequence of FaceObservation
        A second or two of them, oldest first.
    """
    seen = [face.blendshapes for face in faces if face.blendshapes is not None]
    if len(seen) < MIN_FRAMES:
        return 0.0
    times = [face.time for face in faces if face.blendshapes is not None]
    seconds = times[-1] - times[0]
    if seconds <= 0:
        return 0.0
    # Plain numbers: of a dozen of them numpy takes several times as long, and two hours have 57,600 faces.
    to_and_fro: float = sum(_to_and_fro([shapes.item(measure) for shapes in seen]) for measure in _MOUTH) / seconds
    return min(max((to_and_fro - STILL) / (MOVING - STILL), 0.0), 1.0)


def _to_and_fro(values: Sequence[float]) -> float:
    travelled: float = sum(map(abs, map(operator.sub, values[1:], values)))
    return max(travelled - (max(values) - min(values)), 0.0)
