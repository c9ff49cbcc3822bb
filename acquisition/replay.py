"""Recordings as Sources: Insula's own sessions, plain LabRecorder files, and what MNE reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from threading import Event as Waiter
from typing import Self

import pylsl

from acquisition.eeg_file import EegFile
from acquisition.source import Source
from acquisition.xdf_file import XdfFile
from core.config import Config
from core.data import Chunk, Item, Prediction, StreamInfo
from core.errors import FileFormatError
from core.recording.outputs import NUMBERS, WORDS, prediction_from_row
from core.recording.session import Session
from core.recording.xdf_reader import Header, Samples, read_xdf

__all__ = ["Paced", "open_recording", "recorded_predictions"]

_MNE = (".edf", ".bdf", ".fif", ".vhdr", ".gdf", ".set", ".cnt")


def open_recording(path: Path, config: Config, participant: str = "") -> Source:
    """Return the recording at `path` as one Source that gives all its streams in the order of their arrival.

    Parameters
    ----------
    path : Path
        A session's folder or ``.xdf``, a LabRecorder ``.xdf``, or ``.edf .bdf .fif .vhdr .gdf .set .cnt``.
    config : Config
    participant : str
        Whose it is, where the file does not say.

    Raises
    ------
    FileFormatError
        It is nothing that can be replayed.
    """
    name = participant or config.record.participant
    if path.is_dir():
        path = Session.open(path).xdf
    if path.suffix.lower() == ".xdf":
        return XdfFile(path, config.eeg, name)
    if path.suffix.lower() in _MNE:
        return EegFile(path, name)
    raise FileFormatError(f"{path} cannot be replayed. Insula reads .xdf, {', '.join(_MNE)} and session folders.")


def recorded_predictions(path: Path) -> list[Prediction]:
    """Return the predictions that were made live and recorded with a session, in the order in which they were made."""
    if path.is_dir():
        path = Session.open(path).xdf
    types: dict[int, str] = {}
    waiting: dict[int, list[Samples]] = {}
    predictions = []
    numbers_of: dict[int, int] = {}
    for part in read_xdf(path):
        if isinstance(part, Header):
            types[part.number] = part.xml.partition("<type>")[2].partition("</type>")[0]
            numbers_of[part.number] = part.number - 1  # each stream of words follows that of its numbers
        elif isinstance(part, Samples) and types.get(part.number) == NUMBERS:
            waiting.setdefault(part.number, []).append(part)
        elif isinstance(part, Samples) and types.get(part.number) == WORDS:
            numbers = waiting[numbers_of[part.number]].pop(0)
            predictions += [prediction_from_row(n, w) for n, w in zip(numbers.data, part.data[:, 1], strict=True)]
    return predictions


class Paced:
    """A recording at the pace of its own stamps times `speed`; infinite: as fast as it is read.

    Only when an item is given depends on the pace, never which, or in which order.

    Parameters
    ----------
    source : Source
    speed : float
    clock : callable
        Any clock in seconds.
    wait : callable
        Waits for so many seconds.
    """

    def __init__(
        self,
        source: Source,
        speed: float,
        clock: Callable[[], float] = pylsl.local_clock,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._source = source
        self._speed = speed
        self._clock = clock
        self._wait = wait or Waiter().wait
        self._held: Item | None = None
        self._zero = math.nan
        self._newest = -math.inf

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The streams of the recording."""
        return self._source.infos

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._source.__exit__(*exc)

    def read(self, timeout: float) -> Item | None:
        """Return the next item once its time has come, None if that is not within `timeout` seconds."""
        if self._held is None:
            self._held = self._source.read(timeout)
        if self._held is not None and not math.isinf(self._speed) and not self._is_due(self._held, timeout):
            return None
        item, self._held = self._held, None
        return item

    def _is_due(self, item: Item, timeout: float) -> bool:
        if not isinstance(item, Chunk) or not len(item.timestamps):
            return True
        time = float(item.times[-1])
        # The first item, and one after hours in which nothing was recorded, is due at once.
        if not -60.0 < time - self._newest < 60.0:
            self._zero = self._clock() - time / self._speed
        missing = self._zero + time / self._speed - self._clock()
        if missing > 0:
            self._wait(min(missing, timeout))
        if missing > timeout:
            return False
        self._newest = max(time, self._newest) if time > self._newest - 60.0 else time
        return True
