"""The pictures of a video that another program wrote, each at the moment at which a player shows it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
from av.video.frame import PictureType

from core.data import Array
from core.recording.video import DAMAGED, NO_PICTURE, VideoFile, to_rgb


class FilmReader(VideoFile):
    """The pictures of a film, in the order in which they are shown.

    One that cannot be decoded, such as those before the first that stands alone in a film that was cut, is passed over,
    and the others stay at their times.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.number = -1
        """Which picture of the film was read last, from 0 on; those that cannot be decoded count."""
        self.n_lost = 0
        """How many pictures before the last one that was read could not be decoded; at the end those after it, too."""
        self.seconds = 0.0
        """How long the film is as its file tells; 0 where it does not. One that was cut short has less."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._n_read = 0
        self._pictures: Iterator[tuple[float, Any]] = iter(())
        if self._container is not None:
            stream = self._stream
            counted = stream.frames / self.fps if self.fps else 0.0  # an AVI's duration is of what is there
            self.seconds = max(float((stream.duration or 0) * (stream.time_base or 0)), counted)
            self._pictures = self._shown(self._container, stream)
        return self

    def read(self, wants: Callable[[float], bool] = lambda _: True) -> tuple[float, Array] | None:
        """Return the next picture; None at the end.

        Its time in s, from where a player's clock is 0: at the first picture or sound, which in many files is not at 0.
        And its RGB, shape (height, width, 3). One that `wants` does not, asked with that time while `number` is already
        its own, is decoded, since others build on it, but not turned into RGB: (0, 0, 3).

        Raises
        ------
        FileFormatError
            The file does not tell when its pictures were taken.
        """
        for time, frame in self._pictures:
            try:
                rgb = _upright(frame) if wants(time) else NO_PICTURE
            except DAMAGED:
                continue
            self._n_read += 1
            self.n_lost = self.number + 1 - self._n_read
            return time, rgb
        return None

    def _shown(self, container: Any, stream: Any) -> Iterator[tuple[float, Any]]:
        """Give each picture as it is decoded, with its time, and count them.

        An AVI has one rate and no times: a picture is shown where one stands in the file, though not always its own,
        since pictures may be coded in another order than they are shown in. So each packet gets its number for a time,
        which the decoder hands on.
        """
        has_times = container.format.name != "avi"
        start = (container.start_time or 0) / 1e6
        places: list[float] = []
        number_of: dict[int, int] = {}
        order = _Order()
        for packet in _packets(container, stream):
            if packet.size:
                if not has_times:
                    packet.pts = len(places)
                number_of[packet.pts] = len(places)
                places.append(float((packet.dts or 0) * stream.time_base))
            elif packet.dts is not None:
                continue  # no picture; a decoder takes it for the end of the film
            try:
                frames = packet.decode()
            except DAMAGED:
                continue
            for frame in frames:
                if frame.pts is None and has_times:
                    raise self._without_times()
                place = order.place(number_of.pop(frame.pts, None), frame.pict_type == PictureType.B)
                where = float(frame.pts * frame.time_base) if has_times else places[min(place, len(places) - 1)]
                self.number = place
                yield where - start, frame
        self.n_lost = len(places) - self._n_read


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Give the packets up to where the file ends or makes no sense any more."""
    with contextlib.suppress(*DAMAGED):
        yield from container.demux(stream)


class _Order:
    """Tells at which place a picture is shown from the number of its packet, whichever pictures could not be decoded.

    What is coded before a picture that is no B picture is also shown before it, and what was shown before though it was
    coded later. B pictures follow one another: where one of them is lost the others may lie that much too early, up to
    the next picture that is none.
    """

    def __init__(self) -> None:
        self._place = -1
        self._since: list[int] = []

    def place(self, number: int | None, is_b: bool) -> int:
        self._place += 1
        if number is None:
            return self._place
        if not is_b or not self._place:
            self._place = number + sum(other > number for other in self._since)
            self._since.clear()
        self._since.append(number)
        return self._place


def _upright(frame: Any) -> Array:
    """Return the RGB of a frame as a player shows it: a phone that is held upright writes lying pictures and a matrix.

    The matrix takes (x, y) of the picture to (a x + c y, b x + d y) of the screen (ISO 14496-12, 8.3.2).
    """
    rgb, found = to_rgb(frame), frame.side_data.get("DISPLAYMATRIX")
    if found is None:
        return rgb
    a, b, _, c, d = (float(value) for value in np.frombuffer(bytes(found), "=i4", 5))
    if abs(b) > abs(a):
        rgb, a, d = rgb.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(rgb[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
