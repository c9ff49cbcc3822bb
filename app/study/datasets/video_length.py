"""How long a video is, and how many pictures a second it has, as its file tells."""

from __future__ import annotations

from pathlib import Path

import av

from core.errors import FileFormatError
from core.files import no_pipe


def seconds_of(path: Path) -> float:
    """Return how long a video is, s.

    Raises
    ------
    FileFormatError
        It cannot be read as a video.
    """
    try:
        with av.open(str(no_pipe(path))) as container:
            stream = container.streams.video[0]
            if stream.duration is not None and stream.time_base is not None:
                return float(stream.duration * stream.time_base)
            return float(container.duration or 0) / 1e6
    except (av.FFmpegError, OSError, IndexError) as error:
        raise FileFormatError(f"{path} cannot be read as a video: {error}.") from error
