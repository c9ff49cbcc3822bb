"""A recording through the same pipeline as a live session, on the caller's own thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from acquisition.replay import Paced, open_recording
from acquisition.source import items
from core.config import Config
from core.data import Event, Item, Notice, StreamInfo
from core.pipeline import Pipeline


def replay(
    path: Path,
    config: Config,
    make_pipeline: Callable[[Sequence[StreamInfo]], Pipeline],
    speed: float = float("inf"),
    tell: Callable[[str], object] = lambda _: None,
) -> Generator[tuple[Item, list[Event]], None, None]:
    """Give each recorded item, in the order of its arrival, with the events that follow from it.

    Where the face is as it was read live, frames have no pixels. `tell` takes what is to be known of the file itself,
    such as that its pictures have to be looked at again.
    """
    with Paced(open_recording(path, config, pictures=False), speed) as source:
        pipeline = make_pipeline(source.infos)
        for item in items(source):
            if isinstance(item, Notice) and math.isnan(item.time):
                tell(item.text)
            yield item, pipeline.push(item)
