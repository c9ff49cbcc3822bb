"""A recording through the same pipeline as a live session, on the caller's own thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from acquisition.replay import Paced, open_recording
from acquisition.source import Source, items
from app.session.deferred_pipeline import AnyPipeline
from core.config import Config
from core.data import Chunk, Event, Item, Notice, StreamInfo

_TOLD_S = 5.0
"""Seconds of data from one word on how far it has come to the next."""


def replay(
    path: Path,
    config: Config,
    make_pipeline: Callable[[Sequence[StreamInfo]], AnyPipeline],
    speed: float = float("inf"),
    tell: Callable[[str], object] = lambda _: None,
    publish: Callable[[Paced], Source] | None = None,
    progress: Callable[[float], object] = lambda _: None,
    begins: Callable[[float], object] = lambda _: None,
) -> Generator[tuple[Item, list[Event]], None, None]:
    """Give each recorded item, in the order of its arrival, with the events that follow from it.

    Where the face is as it was read live, frames have no pixels. `tell` takes what is to be known of the file itself,
    such as that its pictures have to be looked at again. `publish` puts round the recording what sends its streams out;
    a file with nothing to predict on is taken then, too. `progress` takes the share of it that lies behind,
    `begins` when it begins, s, LSL clock.
    """
    paced = Paced(open_recording(path, config, pictures=False, any_stream=publish is not None), speed)
    with publish(paced) if publish is not None else paced as source:
        pipeline = make_pipeline(source.infos)
        start, stop = paced.span
        begins(start)
        told = start
        for item in items(source):
            if isinstance(item, Notice) and math.isnan(item.time):
                tell(item.text)
            if isinstance(item, Chunk) and len(item.timestamps) and told + _TOLD_S < item.times[-1] < stop:
                told = float(item.times[-1])
                progress((told - start) / (stop - start))
            yield item, pipeline.push(item)
