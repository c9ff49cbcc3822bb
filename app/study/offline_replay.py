"""A recording through the same pipeline as a live session, on the caller's own thread."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from acquisition.replay import Paced, open_recording
from acquisition.source import Source, items
from app.session.deferred_pipeline import AnyPipeline
from app.session.face_threads import FaceThreads
from core.config import Config
from core.data import Chunk, Event, Item, Notice, StreamInfo

_TOLD_S = 5.0
"""Seconds of data from one word on how far it has come to the next."""
_TOGETHER_S = 8.0 + 1e-3
"""Seconds of data that are read together where nobody waits for them: 32 windows of each participant. Stamps jitter."""
_TOGETHER_BYTES = 32 * 2**20
"""And no more than this, of pictures mostly."""


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

    At full speed some seconds are read together, to the bits that they have one by one.
    Where the face is as it was read live, frames have no pixels. `tell` takes what is to be known of the file itself,
    such as that its pictures have to be looked at again. `publish` puts round the recording what sends its streams out;
    a file with nothing to predict on is taken then, too. `progress` takes the share of it that lies behind,
    `begins` when it begins, s, LSL clock.
    """
    at_once = math.isinf(speed) and publish is None
    recording = open_recording(path, config, pictures=False, any_stream=publish is not None, together=at_once)
    paced = Paced(recording, speed)
    with publish(paced) if publish is not None else paced as source:
        pipeline = make_pipeline(source.infos)
        start, stop = paced.span
        begins(start)
        told = start
        looks = any(info.kind == "video" and not info.face_reading for info in source.infos)
        blocks = _blocks(items(recording if at_once else source), math.isinf(speed))
        made = _both_cores(blocks, pipeline) if looks and math.isinf(speed) else _one_core(blocks, pipeline)
        with contextlib.closing(made):  # before the source is
            for item, events in made:
                if isinstance(item, Notice) and math.isnan(item.time):
                    tell(item.text)
                if isinstance(item, Chunk) and len(item.timestamps):
                    newest = float(item.timestamps[-1]) + item.clock_offset
                    if told + _TOLD_S < newest < stop:
                        told = newest
                        progress((told - start) / (stop - start))
                yield item, events


_Given = Generator[tuple[Item, list[Event]], None, None]


def _one_core(blocks: Iterator[list[Item]], pipeline: AnyPipeline) -> _Given:
    for block in blocks:
        yield from zip(block, pipeline.push_all(block), strict=True)


def _both_cores(blocks: Iterator[list[Item]], pipeline: AnyPipeline) -> _Given:
    """Give items with what follows from them; meanwhile the next pictures are decoded, and faces are read.

    A block is looked at before the one before it is predicted, so that no thread has nothing to read meanwhile.
    """
    with ThreadPoolExecutor(1, "pictures") as pictures, contextlib.closing(FaceThreads()) as faces:
        before: list[Item] = []
        coming = pictures.submit(next, blocks, None)
        while True:
            try:
                if (block := coming.result()) is not None:
                    coming = pictures.submit(next, blocks, None)
                    pipeline.look_at(block, faces.submit)
            except Exception:
                yield from zip(before, pipeline.push_all(before), strict=True)
                raise
            if before:
                yield from zip(before, pipeline.push_all(before), strict=True)
            if block is None:
                return
            before = block


def _blocks(given: Iterable[Item], together: bool) -> Iterator[list[Item]]:
    """Give items in blocks, or one by one; what comes before an error is given before it is raised.

    A block ends before what would make it longer, so that no window is left over for a network of a block; a signal is
    parted there.
    """
    if not together:
        yield from ([item] for item in given)
        return
    block: list[Item] = []
    began, latest, n_bytes = math.nan, math.nan, 0
    try:
        for item in given:
            if isinstance(item, Chunk) and len(item.timestamps):
                first, newest = float(item.times[0]), float(item.times[-1])
                if newest - began > _TOGETHER_S or n_bytes + item.data.nbytes > _TOGETHER_BYTES:
                    if item.data.ndim == 2 and first - began <= _TOGETHER_S < newest - began:
                        before, item = _parted(item, began + _TOGETHER_S)
                        block.append(before)
                        latest = float(before.times[-1])
                    if block:
                        yield block
                    block, n_bytes = [], 0
                    began = latest if newest - latest <= _TOGETHER_S else first
                elif not began <= newest:  # at the beginning, and where time jumps back
                    began = first
                latest, n_bytes = newest, n_bytes + item.data.nbytes
            block.append(item)
    except Exception:
        if block:
            yield block
        raise
    if block:
        yield block


def _parted(chunk: Chunk, time: float) -> tuple[Chunk, Chunk]:
    """Return the samples of a chunk up to a time that lies in it, and the rest."""
    n = max(1, int(np.searchsorted(chunk.times[:-1], time, side="right")))
    first, rest = (
        dataclasses.replace(chunk, timestamps=chunk.timestamps[part], data=chunk.data[part])
        for part in (slice(n), slice(n, None))
    )
    return first, rest
