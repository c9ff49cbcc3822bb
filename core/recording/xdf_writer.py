"""XDF 1.0 on disk: whole chunks or nothing, in the order in which things came.

The format: https://github.com/sccn/xdf/wiki/Specifications.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from core.data import Array
from core.recording.disk_file import DiskFile

FILE_HEADER, STREAM_HEADER, SAMPLES, CLOCK_OFFSET, BOUNDARY, STREAM_FOOTER = range(1, 7)
BOUNDARY_UUID = uuid.UUID("43a546dc-cbf5-410f-b30e-d5467383cbe4").bytes
DTYPES = {
    "float32": "<f4", "double64": "<f8", "int8": "<i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
}  # fmt: skip
_LARGEST_BACKLOG = 256 * 2**20
_OFFSET_EVERY = 5.0


@dataclass(slots=True)
class _Stream:
    dtype: str
    n_chans: int
    n_samples: int = 0
    """Samples that were taken."""
    n_on_disk: int = 0
    first: float = 0.0
    last: float = 0.0
    offset: tuple[float, float] | None = None
    """Collection time and value of the newest clock offset."""
    offsets: str = ""


class XdfWriter:
    """Writes one XDF file; chunks wait in memory until `flush` puts them on disk.

    If the disk takes no more, the file is cut back to its last whole chunk and what could not be written waits for the
    next `flush`: nothing that was written is damaged. When 256 MB wait, samples are refused and counted; text, which
    is what people said, is taken to the last.

    Parameters
    ----------
    path : Path
        Must not exist.
    datetime : str
        When the recording began, ISO 8601 with time zone.

    Raises
    ------
    RecordingError
        The file exists or cannot be made.
    """

    def __init__(self, path: Path, datetime: str) -> None:
        self._file = DiskFile(path)
        self._file.write(b"XDF:")
        self.n_refused = 0
        """Samples that were not taken because the disk had been full for too long."""
        self._streams: dict[int, _Stream] = {}
        header = f'<?xml version="1.0"?><info><version>1.0</version><datetime>{datetime}</datetime></info>'
        self._chunk(FILE_HEADER, header.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def n_bytes(self) -> int:
        """Bytes that are on disk."""
        return self._file.n_bytes

    @property
    def is_full(self) -> bool:
        """Whether so much waits for the disk that samples are refused."""
        return self._file.n_waiting > _LARGEST_BACKLOG

    def add_stream(self, number: int, header: str, dtype: str, n_chans: int) -> None:
        """Begin a stream; `header` is its ``<info>`` document."""
        self._streams[number] = _Stream(dtype, n_chans)
        self._chunk(STREAM_HEADER, struct.pack("<I", number) + header.encode())

    def write(self, number: int, stamps: Array, data: Array) -> None:
        """Take samples, array of shape (n_times, n_chans), with their stamps, array of shape (n_times,), s."""
        stream = self._streams[number]
        if not len(stamps):
            return
        if self.is_full and stream.dtype != "string":
            self.n_refused += len(stamps)
            return
        body = _strings(stamps, data) if stream.dtype == "string" else _numbers(stamps, data, stream)
        self._chunk(SAMPLES, struct.pack("<IBI", number, 4, len(stamps)) + body)
        if not stream.n_samples:
            stream.first = float(stamps[0])
        stream.n_samples += len(stamps)
        stream.last = float(stamps[-1])

    def write_offset(self, number: int, stamp: float, offset: float) -> None:
        """Take the clock offset that holds from the sample at `stamp` on; written when it changes and every 5 s."""
        stream = self._streams[number]
        old = stream.offset
        if old is not None and old[1] == offset and 0 <= stamp - old[0] < _OFFSET_EVERY:
            return
        stream.offset = (stamp, offset)
        stream.offsets += f"<offset><time>{stamp!r}</time><value>{offset!r}</value></offset>"
        self._chunk(CLOCK_OFFSET, struct.pack("<Idd", number, stamp, offset))

    def n_samples(self, number: int) -> int:
        """Return how many samples of a stream are on disk."""
        return self._streams[number].n_on_disk

    def flush(self) -> None:
        """Put all that was taken on disk, behind a boundary from which a damaged file can be read on.

        Raises
        ------
        RecordingError
            The disk takes no more. What waits is kept.
        """
        if not self._file.n_waiting:
            return
        self._chunk(BOUNDARY, BOUNDARY_UUID)
        self._file.flush()
        for stream in self._streams.values():
            stream.n_on_disk = stream.n_samples

    def sync(self) -> None:
        """Return when what was flushed is on the device; see `DiskFile.sync`."""
        self._file.sync()

    def close(self) -> None:
        """Write the footers and close the file."""
        if self._file.closed:
            return
        for number, stream in self._streams.items():
            footer = (
                f'<?xml version="1.0"?><info><first_timestamp>{stream.first!r}</first_timestamp>'
                f"<last_timestamp>{stream.last!r}</last_timestamp><sample_count>{stream.n_samples}</sample_count>"
                f"<clock_offsets>{stream.offsets}</clock_offsets></info>"
            )
            self._chunk(STREAM_FOOTER, struct.pack("<I", number) + footer.encode())
        self._file.close()

    def _chunk(self, tag: int, content: bytes) -> None:
        self._file.write(struct.pack("<BQH", 8, len(content) + 2, tag) + content)


def _numbers(stamps: Array, data: Array, stream: _Stream) -> bytes:
    kind = DTYPES[stream.dtype]
    rows = np.empty(len(stamps), np.dtype([("bytes", "u1"), ("stamp", "<f8"), ("data", kind, (stream.n_chans,))]))
    rows["bytes"] = 8
    rows["stamp"] = stamps
    rows["data"] = data
    return rows.tobytes()


def _strings(stamps: Array, data: Array) -> bytes:
    body = bytearray()
    for stamp, row in zip(stamps, data, strict=True):
        body += struct.pack("<Bd", 8, stamp)
        for value in row:
            text = str(value).encode(errors="replace")
            body += struct.pack("<BI", 4, len(text)) + text
    return bytes(body)
