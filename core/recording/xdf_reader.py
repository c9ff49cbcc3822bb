"""XDF read chunk by chunk, in the order of the file: also what was cut short, or lies about itself."""

from __future__ import annotations

import contextlib
import itertools
import math
import mmap
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from core.data import Array
from core.errors import FileFormatError
from core.files import no_pipe
from core.recording.xdf_writer import (
    BOUNDARY_UUID,
    CLOCK_OFFSET,
    DTYPES,
    FILE_HEADER,
    SAMPLES,
    STREAM_FOOTER,
    STREAM_HEADER,
)

_ABSURD_OFFSET = 1e12
_NEAR = 65_536
"""Bytes within which a search for a moment ends: reading them takes a millisecond."""
_NEAR_PARTS = 4096
"""How far behind a boundary a stream is looked for."""


@dataclass(frozen=True, slots=True)
class Header:
    """A stream begins."""

    number: int
    xml: str
    """Its ``<info>`` document."""
    dtype: str
    n_chans: int
    sfreq: float

    @property
    def type(self) -> str:
        """What its source calls it, such as ``EEG``."""
        return self._told("type")

    @property
    def name(self) -> str:
        """What its source is called."""
        return self._told("name")

    def _told(self, tag: str) -> str:
        return (ElementTree.fromstring(self.xml).findtext(tag) or "").strip()


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of a stream, in its own dtype and with its own stamps."""

    number: int
    stamps: Array
    data: Array


@dataclass(frozen=True, slots=True)
class Offset:
    """The clock offset of a stream from here on: seconds to add to its stamps."""

    number: int
    stamp: float
    value: float


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that could not be read; what follows, if anything, begins at a later boundary."""

    start: int
    text: str


Part = Header | Samples | Offset | Damage


def read_xdf(
    path: Path,
    wanted: Callable[[Header], bool] = lambda _: True,
    headers: Mapping[int, Header] | None = None,
    start: int = 4,
    stop: float = math.inf,
) -> Iterator[Part]:
    """Give the parts of an XDF file in the order in which they stand in it.

    A file that was cut short ends with a `Damage`, as does a chunk whose length or content cannot be; reading goes on
    behind the next boundary. A stream may begin anywhere: one that began before `start` and is not in `headers` is
    looked for there when its samples come, and given before them.

    Parameters
    ----------
    path : Path
    wanted : callable, optional
        Tells of which streams to give the samples; the others are passed over, which is quick.
    headers : mapping, optional
        The streams that begin before `start`, by their numbers.
    start : int
        Byte at which to begin, from `byte_at`.
    stop : int
        Byte at which to end, from `byte_at`.

    Raises
    ------
    FileFormatError
        It cannot be opened or is no XDF file.
    """
    with _opened(path) as whole:
        yield from _Reader(whole, headers, wanted).parts(start, stop)


def byte_at(path: Path, headers: Mapping[int, Header], number: int, stamp: float) -> int:
    """Return a byte from which on all samples of a stream at or after `stamp`, its own clock, are still to come.

    The file is not read through: boundaries stand in it every few seconds, and the right one is searched by halves.
    Infinity gives the last place from which there are samples of the stream.
    """
    with _opened(path) as whole:
        low, high = 4, len(whole)
        while high - low > _NEAR:
            middle = (low + high) // 2
            found = whole.find(BOUNDARY_UUID, middle, high)
            first = _first_stamp(whole, headers, number, found + len(BOUNDARY_UUID)) if found >= 0 else math.inf
            if first < stamp:
                low = found + len(BOUNDARY_UUID)
            else:
                high = middle
    return low


def _first_stamp(whole: mmap.mmap, headers: Mapping[int, Header], number: int, start: int) -> float:
    """Return the stamp of a stream's first sample behind a boundary, infinity if there is none near."""
    others = {key: header for key, header in headers.items() if key == number}
    for part in itertools.islice(_Reader(whole, others, looks_back=False).parts(start), _NEAR_PARTS):
        if isinstance(part, Samples) and part.number == number and len(part.stamps):
            return float(part.stamps[0])
    return math.inf


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[mmap.mmap]:
    try:
        with no_pipe(path).open("rb") as file:
            if file.read(4) != b"XDF:":
                raise FileFormatError(f"{path} is no XDF file: it does not begin with 'XDF:'.")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                yield whole
    except OSError as error:
        raise FileFormatError(f"{path} cannot be read: {error.strerror}.") from error


class _Reader:
    def __init__(
        self,
        whole: mmap.mmap,
        headers: Mapping[int, Header] | None = None,
        wanted: Callable[[Header], bool] = lambda _: True,
        looks_back: bool = True,
    ) -> None:
        self._whole = whole
        self._wanted = wanted
        self._looks_back = looks_back
        """False passes over streams whose header has not come by."""
        self._streams: dict[int, Header] = {}
        self._last: dict[int, float] = {}
        self._passed_over: set[bytes] = set()
        self._unknown: set[int] = set()
        for header in (headers or {}).values():
            self._add(header)

    def parts(self, start: int = 4, stop: float = math.inf) -> Iterator[Part]:
        at, size = start, len(self._whole)
        while at < min(size, stop):
            try:
                tag, content, after = self._chunk(at)
                if tag == SAMPLES and (header := self._looked_for(content, at)) is not None:
                    yield header
                    continue
                part = self._part(tag, content)
            except (struct.error, ValueError, LookupError, ElementTree.ParseError) as error:
                after = self._behind_next_boundary(at)
                rest = f"reading goes on at byte {after}" if after < size else "what follows is lost"
                yield Damage(at, f"Damaged at byte {at} of {size} ({error}); {rest}.")
                at = after
                continue
            if part is not None:
                yield part
            at = after

    def _chunk(self, at: int) -> tuple[int, bytes, int]:
        length, begin = _length(self._whole, at)
        if length < 2 or begin + length > len(self._whole):
            raise ValueError(f"a chunk of {length} bytes where {len(self._whole) - begin} are left")
        (tag,) = struct.unpack_from("<H", self._whole, begin)
        if not FILE_HEADER <= tag <= STREAM_FOOTER:
            raise ValueError(f"a chunk of unknown kind {tag}")
        if tag == SAMPLES and self._whole[begin + 2 : begin + 6] in self._passed_over:
            return FILE_HEADER, b"", begin + length
        return tag, self._whole[begin + 2 : begin + length], begin + length

    def _looked_for(self, content: bytes, at: int) -> Header | None:
        """Return the header of samples whose stream began before the place from which was read, None if it is known."""
        (number,) = struct.unpack_from("<I", content)
        if number in self._streams or number in self._unknown or not self._looks_back:
            return None
        sign = struct.pack("<HI", STREAM_HEADER, number) + b"<"
        found = self._whole.find(sign, 4, at)
        while found >= 0:
            # Before it stands the chunk's length, in as many bytes as the byte before that says.
            for begin in (found - 1 - size for size in (8, 4, 1) if self._whole[found - 1 - size] == size):
                with contextlib.suppress(struct.error, ValueError, LookupError, ElementTree.ParseError):
                    return self._header(self._chunk(begin)[1])
            found = self._whole.find(sign, found + 1, at)
        self._unknown.add(number)
        return None

    def _behind_next_boundary(self, at: int) -> int:
        found = self._whole.find(BOUNDARY_UUID, at + 1)
        return len(self._whole) if found < 0 else found + len(BOUNDARY_UUID)

    def _part(self, tag: int, content: bytes) -> Part | None:
        if tag == STREAM_HEADER:
            return self._header(content)
        if tag == SAMPLES:
            return self._samples(content)
        if tag == CLOCK_OFFSET:
            number, stamp, value = struct.unpack("<Idd", content)
            # LabRecorder writes uninitialised memory when it could not measure.
            return Offset(number, stamp, value) if abs(value) < _ABSURD_OFFSET and np.isfinite(stamp) else None
        return None

    def _header(self, content: bytes) -> Header:
        (number,) = struct.unpack_from("<I", content)
        xml = content[4:].decode("utf-8", "replace")
        root = ElementTree.fromstring(xml)
        dtype = (root.findtext("channel_format") or "").strip().lower()
        if dtype not in DTYPES and dtype != "string":
            raise ValueError(f"unknown channel format {dtype!r}")
        n_chans, sfreq = int(root.findtext("channel_count") or 0), float(root.findtext("nominal_srate") or 0)
        header = Header(number, xml, dtype, n_chans, sfreq)
        self._add(header)
        return header

    def _add(self, header: Header) -> None:
        self._streams[header.number] = header
        if not self._wanted(header):
            self._passed_over.add(struct.pack("<I", header.number))

    def _samples(self, content: bytes) -> Samples | None:
        (number,) = struct.unpack_from("<I", content)
        if number not in self._streams and not self._looks_back:
            return None
        stream = self._streams[number]
        n_samples, at = _length(content, 4)
        if n_samples > len(content):
            raise ValueError(f"{n_samples} samples in {len(content)} bytes")
        numeric = stream.dtype != "string"
        stamps, data = _fast(content[at:], n_samples, stream) if numeric else (None, None)
        if stamps is None or data is None:
            stamps, data = self._slow(content, at, n_samples, stream)
        if n_samples:
            self._last[number] = float(stamps[-1])
        return Samples(number, stamps, data)

    def _slow(self, content: bytes, at: int, n_samples: int, stream: Header) -> tuple[Array, Array]:
        """Read sample by sample: strings, and samples whose stamp is left out because it follows from the rate."""
        step = 1 / stream.sfreq if stream.sfreq else 0.0
        last = self._last.get(stream.number, 0.0)
        stamps = np.empty(n_samples)
        rows: list[Array | list[str]] = []
        kind = np.dtype(DTYPES.get(stream.dtype, "<f4"))
        for k in range(n_samples):
            has_stamp = content[at]
            at += 1
            if has_stamp:
                (last,) = struct.unpack_from("<d", content, at)
                at += 8
            else:
                last += step
            stamps[k] = last
            if stream.dtype == "string":
                row, at = _texts(content, at, stream.n_chans)
                rows.append(row)
            else:
                size = kind.itemsize * stream.n_chans
                rows.append(np.frombuffer(content, kind, stream.n_chans, at))
                at += size
        data = np.array(rows, dtype=object if stream.dtype == "string" else kind).reshape(n_samples, stream.n_chans)
        return stamps, data


def _fast(content: bytes, n_samples: int, stream: Header) -> tuple[Array, Array] | tuple[None, None]:
    kind = np.dtype([("bytes", "u1"), ("stamp", "<f8"), ("data", DTYPES[stream.dtype], (stream.n_chans,))])
    if len(content) != n_samples * kind.itemsize:
        return None, None
    rows = np.frombuffer(content, kind)
    if not (rows["bytes"] == 8).all():
        return None, None
    return rows["stamp"].copy(), rows["data"].copy()


def _texts(content: bytes, at: int, n_chans: int) -> tuple[list[str], int]:
    row = []
    for _ in range(n_chans):
        length, at = _length(content, at)
        if at + length > len(content):
            raise ValueError("a text that reaches beyond its chunk")
        row.append(content[at : at + length].decode("utf-8", "replace"))
        at += length
    return row, at


def _length(content: bytes | mmap.mmap, at: int) -> tuple[int, int]:
    """Return a number whose first byte says how many bytes it has, and where it ends."""
    size = content[at]
    forms = {1: "<B", 4: "<I", 8: "<Q"}
    if size not in forms:
        raise ValueError(f"a length of {size} bytes")
    (length,) = struct.unpack_from(forms[size], content, at + 1)
    return int(length), at + 1 + size
