"""The pictures of a recorded session, of any moment of it, read again a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from acquisition.xdf_file import XdfFile
from core.config import Config
from core.data import Array
from core.recording.video import VideoReader


class RecordedPictures:
    """Reads stretches of the videos of a session that is not being written any more.

    Parameters
    ----------
    path : Path
        The session's ``.xdf``.
    config : Config
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._path = path
        self._config = config
        self._videos: dict[str, tuple[Path, float] | None] = {}

    def read(self, participant: str, start: float, stop: float) -> Iterator[tuple[float, Array] | None]:
        """Give the frames that were taken in [start, stop), s, LSL clock, each with its time; none without a video.

        A frame that has to be decoded on the way to them is given as None, so that whoever asks can rest after each.
        """
        if participant not in self._videos:
            with XdfFile(self._path, self._config.eeg, participant) as file:
                self._videos[participant] = file.video_of(participant)
        if (video := self._videos[participant]) is None:
            return
        path, first = video
        with VideoReader(path) as reader:
            reader.seek(start - first, exactly=False)
            while (frame := reader.read()) is not None and first + frame[0] < stop:
                yield (first + frame[0], frame[1]) if first + frame[0] >= start else None
