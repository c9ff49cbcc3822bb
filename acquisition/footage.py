"""What was recorded round any moment of a session, read again: EEG at once, pictures a few at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from acquisition.source import items
from acquisition.xdf_file import XdfFile
from core.config import Config
from core.data import Array, Chunk, StreamInfo
from core.recording.video import VideoReader

_ARRIVAL_S = 1.0
"""Seconds by which a chunk may have come later than others of its time."""


class Footage:
    """Reads stretches of a session that is not being written any more.

    Parameters
    ----------
    path : Path
        The session's ``.xdf``.
    config : Config
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._file = XdfFile(path, config.eeg, config.record.participant)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.__exit__(*exc)

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The streams that were recorded."""
        return self._file.infos

    @property
    def span(self) -> tuple[float, float]:
        """When the session begins and ends, s, LSL clock."""
        return self._file.span

    @property
    def participants(self) -> list[str]:
        """Who was recorded, by EEG or camera."""
        return list(dict.fromkeys(one.participant for one in self.infos if one.kind in ("eeg", "video")))

    def video_of(self, participant: str) -> tuple[Path, float] | None:
        """Return a participant's video file and when its first frame was taken, s, LSL clock; None without one."""
        return self._file.video_of(participant)

    def eeg(self, participant: str, start: float, stop: float) -> tuple[StreamInfo, Sequence[Chunk]] | None:
        """Return a participant's EEG stream and its chunks that touch [start, stop), s, LSL clock; None without one."""
        own = (info for info in self.infos if info.kind == "eeg" and info.participant == participant)
        if (info := next(own, None)) is None:
            return None
        return info, [chunk for chunk in self._signals(start, stop) if chunk.stream == info.key]

    def frames(self, participant: str, start: float, stop: float) -> Iterator[tuple[float, Array] | None]:
        """Give the frames that were taken in [start, stop), s, LSL clock, each with its time; none without a video.

        A frame that has to be decoded on the way to them is given as None, so that whoever asks can rest after each.
        """
        if (video := self._file.video_of(participant)) is None:
            return
        path, first = video
        with VideoReader(path) as reader:
            reader.seek(start - first, exactly=False)
            while (frame := reader.read()) is not None and first + frame[0] < stop:
                yield (first + frame[0], frame[1]) if first + frame[0] >= start else None

    def _signals(self, start: float, stop: float) -> Iterator[Chunk]:
        """Give the chunks of all signals that touch [start, stop), in order of arrival; late ones are waited for."""
        signals = {info.key for info in self.infos if info.kind in ("eeg", "truth")}
        self._file.seek(start, frames_from=math.inf)
        for item in items(self._file):
            if not isinstance(item, Chunk) or item.stream not in signals:
                continue
            if item.times[0] >= stop + _ARRIVAL_S:
                return
            if item.times[0] < stop and item.times[-1] >= start:
                yield item
