"""XDF read chunk by chunk, in the order of the file: also what was cut short, or lies about itself."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import mmap
import re
import struct
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from core.data import Array
from core.errors import FileFormatError
from core.files import no_pipe
from core.plain_text import repaired
from core.recording.xdf_layout import channels_that_fit, length_at, stamp_bytes
from core.recording.xdf_writer import (
    BOUNDARY,
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
_MOST_CHANNELS = 65_536
_FASTEST = 1e6
"""Hz; a header that tells of more channels or a higher rate is damaged."""
_AHEAD = 16_384
"""Chunks that are gone over in search of samples that say how many channels they have: once, in all of a file."""
_LARGEST_AHEAD = 2**20
_LARGEST_HEADER = 8 * 2**20
_TOLD = 20
"""Damaged places that are told of one by one."""
_PIECE = 4 * 2**20
"""Bytes of text that are given at a time: in memory they are several times as large."""
_TOGETHER_S = 2.0
"""Seconds of samples that are given together where that is asked for,"""
_TOGETHER = 2**20
"""and no more than so many bytes of them."""
_HEADS = {size: struct.Struct(f"<B{form}HI") for size, form in ((8, "Q"), (4, "I"), (1, "B"))}
"""How a chunk of samples begins: how many bytes its length has, its length from behind that on, kind and stream."""
_LEAST_OF_SAMPLES = 6
"""Bytes of kind and stream."""
_DAMAGED = (struct.error, ValueError, LookupError, OverflowError, ElementTree.ParseError)
"""What comes of bytes that are not what they should be."""
_HEADER_SIGN = re.compile(rb"%b(?=(....)<)" % re.escape(struct.pack("<H", STREAM_HEADER)), re.DOTALL)


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


@dataclass(frozen=True, slots=True)
class Footer:
    """What the recorder said of a stream when it ended."""

    number: int
    n_samples: int
    last: float
    """Stamp of the last of them."""


Part = Header | Samples | Offset | Footer | Damage


def read_xdf(
    path: Path,
    wanted: Callable[[Header], bool] = lambda _: True,
    headers: Mapping[int, Header] | None = None,
    start: int = 4,
    stop: float = math.inf,
    together: Container[int] = (),
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
    together : container of int
        Numbers of the streams whose chunks are given some at a time, as one, where no other part that is given stands
        between them: in a fraction of the time.

    Raises
    ------
    FileFormatError
        It cannot be opened or is no XDF file.
    """
    with _opened(path) as whole:
        yield from _Reader(whole, headers, wanted, together=together).parts(start, stop)


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


def stretches_with(path: Path, text: bytes, stop: int, start: int = 4) -> Iterator[tuple[int, int]]:
    """Give the stretches between two bytes in which a text stands, the last first: where each begins and ends.

    Each begins behind a boundary and ends with the chunk that the text is in. The bytes are searched, since it takes
    seconds to go through all chunks of some hours.
    """
    with _opened(path) as whole:
        end = min(stop, len(whole))
        while (found := _last_of(whole, text, end, start)) >= 0:
            boundary = _last_of(whole, BOUNDARY_UUID, found)
            yield (4 if boundary < 0 else boundary + len(BOUNDARY_UUID)), found
            end = found


def _last_of(whole: mmap.mmap, text: bytes, end: int, start: int = 0) -> int:
    # In pieces: the search of bytes is many times as fast as that of a mapped file.
    while end > start:
        begin = max(start, end - _PIECE)
        if (found := whole[begin:end].rfind(text)) >= 0:
            return begin + found
        end = begin + len(text) - 1 if begin > start else start
    return -1


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
        together: Container[int] = (),
    ) -> None:
        self._whole = whole
        self._wanted = wanted
        self._together = together
        self._looks_back = looks_back
        """False passes over streams whose header has not come by."""
        self._streams: dict[int, Header] = {}
        self._last: dict[int, float] = {}
        self._passed_over: set[int] = set()
        self._scanned = 4
        self._ahead_left = _AHEAD
        self._seen: dict[int, list[int]] = {}
        """Where a header of each stream may stand, as far as has been scanned."""
        for header in (headers or {}).values():
            self._add(header)

    def parts(self, start: int = 4, stop: float = math.inf) -> Iterator[Part]:
        at, size, n_damaged = start, len(self._whole), 0
        end = min(size, stop)
        while at < end:
            if (at := self._behind_passed_over(at, end)) >= end:
                break
            after = 0
            try:
                tag, content, after = self._chunk(at)
                if tag == SAMPLES:
                    if (header := self._looked_for(content)) is not None:
                        yield header
                    number = self._number(content)
                    if number not in self._passed_over and number in self._streams:
                        if (joined := self._joined(number, at, content, after, stop)) is not None:
                            samples, after = joined
                            yield samples
                        else:
                            yield from self._samples(number, content, after)
                elif tag != BOUNDARY:
                    yield from self._parts_of(tag, content, after)
            except _DAMAGED as error:
                # One that is whole by its length, so that another stands behind it, costs nothing but itself.
                if not self._is_chunk(after):
                    after = self._behind_next_boundary(at)
                rest = f"reading goes on at byte {after}" if after < size else "what follows is lost"
                n_damaged += 1
                if n_damaged <= _TOLD:
                    yield Damage(at, f"Damaged at byte {at} of {size} ({_in_words(error)}); {rest}.")
            at = after
        if n_damaged > _TOLD:
            yield Damage(size, f"Damaged at {n_damaged - _TOLD} further places.")

    def _behind_passed_over(self, at: int, stop: float) -> int:
        """Return where the samples end that stand at a byte and are passed over: in most readings nearly all there are.

        Whatever is not plainly that is met as any other chunk.
        """
        whole, passed_over = self._whole, self._passed_over
        last = min(stop, len(whole) - _HEADS[8].size)
        while at < last:
            if (head := _HEADS.get(whole[at])) is None:
                break
            size, length, tag, number = head.unpack_from(whole, at)
            end = at + 1 + size + length
            if tag != SAMPLES or number not in passed_over or length < _LEAST_OF_SAMPLES or end > len(whole):
                break
            at = end
        return at

    def _joined(self, number: int, at: int, content: int, after: int, stop: float) -> tuple[Samples, int] | None:
        """Return the samples of a chunk and of those that follow it, and where these end; None to read it by itself.

        What cannot be read, or is of something else that is given, ends them: it is met there as ever.
        """
        if number not in self._together:
            return None
        stream = self._streams[number]
        n_left = max(1, round(_TOGETHER_S * stream.sfreq))
        limit = min(stop, at + _TOGETHER)
        found: list[tuple[Array, Array]] = []
        end = at
        with contextlib.suppress(*_DAMAGED):
            # Beside frames a chunk mostly stands alone, and is then read as any other.
            if self._next_of(number, after, limit) is None:
                return None
            while n_left > 0:
                if (alike := self._alike(at, content, after, stream, n_left, limit)) is None:
                    break
                stamps, data, at = alike
                found.append((stamps, data))
                n_left, end = n_left - len(stamps), at
                if (behind := self._next_of(number, at, limit)) is None:
                    break
                at, content, after = behind
        if not found:
            return None
        stamps, data = found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))
        self._last[number] = float(stamps[-1])
        return Samples(number, stamps, data), end

    def _next_of(self, number: int, at: int, limit: float) -> tuple[int, int, int] | None:
        """Return where a stream's next chunk begins, its content, and where it ends; None if something else is next."""
        while at < limit:
            tag, content, after = self._chunk(at)
            if tag == SAMPLES and (own := self._number(content)) not in self._passed_over:
                return (at, content, after) if own == number else None
            if tag not in (BOUNDARY, SAMPLES):
                return None
            at = after
        return None

    def _number(self, content: int) -> int:
        """Return the number of the stream that a chunk is of."""
        return int.from_bytes(self._whole[content : content + 4], "little")

    def _alike(
        self, at: int, content: int, after: int, stream: Header, n_most: int, limit: float
    ) -> tuple[Array, Array, int] | None:
        """Return stamps and values of a chunk and of those right behind it that are built like it, and where they end.

        None if its samples are texts, or not all of them have their stamp with them.
        """
        n_samples, begin = length_at(self._whole, content + 4)
        if stream.dtype == "string" or not n_samples:
            return None
        row, size = _row_of_numbers(stream.dtype, stream.n_chans), after - at
        if after - begin != n_samples * row.itemsize:
            return None
        n = max(1, min(n_most // n_samples, int(min(limit, len(self._whole)) - at) // size))
        chunks = np.frombuffer(self._whole[at : at + n * size], _chunk_of_numbers(begin - at, row, n_samples))
        good = (chunks["head"] == chunks["head"][0]) & (chunks["rows"]["bytes"] == 8).all(axis=1)
        if not good[0]:
            return None
        n = n if good.all() else int(good.argmin())
        rows = chunks["rows"][:n].reshape(-1)
        return rows["stamp"].copy(), rows["data"].copy(), at + n * size

    def _is_chunk(self, at: int) -> bool:
        if not at or at == len(self._whole):
            return bool(at)
        try:
            self._chunk(at)
        except _DAMAGED:
            return False
        return True

    def _chunk(self, at: int) -> tuple[int, int, int]:
        """Return the kind of the chunk at a byte, where its content begins, and where it ends."""
        length, begin = length_at(self._whole, at)
        if length < 2 or begin + length > len(self._whole):
            raise ValueError(f"a chunk of {length} bytes where {len(self._whole) - begin} are left")
        tag = self._whole[begin] | self._whole[begin + 1] << 8
        if not FILE_HEADER <= tag <= STREAM_FOOTER:
            raise ValueError(f"a chunk of unknown kind {tag}")
        return tag, begin + 2, begin + length

    def _looked_for(self, begin: int) -> Header | None:
        """Return the header of samples whose stream began before the place from which was read, None if it is known.

        Raises
        ------
        LookupError
            There is none: the stream's samples are passed over from here on.
        """
        number = self._number(begin)
        if number in self._streams or number in self._passed_over or not self._looks_back:
            return None
        # Once through the bytes before, however many streams are unknown.
        for found in _HEADER_SIGN.finditer(self._whole, self._scanned, begin):
            self._seen.setdefault(int.from_bytes(found[1], "little"), []).append(found.start())
        self._scanned = max(self._scanned, begin)
        for found_at in self._seen.pop(number, ()):
            # Before it stands the chunk's length, in as many bytes as the byte before that says.
            for begin_at in (found_at - 1 - size for size in (8, 4, 1) if self._whole[found_at - 1 - size] == size):
                with contextlib.suppress(*_DAMAGED):
                    _, content, after = self._chunk(begin_at)
                    return self._header(self._bytes(content, after), after)[0]
        self._passed_over.add(number)
        raise LookupError(f"the samples of stream {number} have no header and are passed over")

    def _behind_next_boundary(self, at: int) -> int:
        found = self._whole.find(BOUNDARY_UUID, at + 1)
        return len(self._whole) if found < 0 else found + len(BOUNDARY_UUID)

    def _bytes(self, begin: int, end: int) -> bytes:
        if end - begin > _LARGEST_HEADER:
            raise ValueError(f"a header of {end - begin} bytes")
        return self._whole[begin:end]

    def _parts_of(self, tag: int, begin: int, end: int) -> Iterator[Part]:
        if tag == STREAM_HEADER:
            header, problem = self._header(self._bytes(begin, end), end)
            yield header
            if problem:
                yield Damage(begin, f"Damaged at byte {begin} of {len(self._whole)}: {problem}.")
        elif tag == CLOCK_OFFSET:
            number, stamp, value = struct.unpack("<Idd", self._bytes(begin, end))
            # LabRecorder writes uninitialised memory when it could not measure.
            if abs(value) < _ABSURD_OFFSET and np.isfinite(stamp):
                yield Offset(number, stamp, value)
        elif tag == STREAM_FOOTER:
            yield from _footer(self._bytes(begin, end))

    def _header(self, content: bytes, after: int) -> tuple[Header, str]:
        """Return what a header says, and what of it cannot be and was found out in another way."""
        (number,) = struct.unpack_from("<I", content)
        xml = content[4:].decode("utf-8", "replace")
        try:
            root = ElementTree.fromstring(xml)
        except ElementTree.ParseError:
            xml = repaired(xml)  # a name with a control character, or with an & as it is
            root = ElementTree.fromstring(xml)
        dtype = (root.findtext("channel_format") or "").strip().lower()
        if dtype not in DTYPES and dtype != "string":
            raise ValueError(f"unknown channel format {dtype!r}")
        n_chans, wrong_count = self._n_chans(number, root, dtype, after)
        sfreq, wrong_rate = _rate(number, root)
        header = Header(number, xml, dtype, n_chans, sfreq)
        if self._streams.get(number, header) != header:
            raise ValueError(f"stream {number} begins a second time, as {header.name!r}, and is passed over")
        self._add(header)
        return header, "; ".join(filter(None, (wrong_count, wrong_rate)))

    def _n_chans(self, number: int, root: ElementTree.Element, dtype: str, after: int) -> tuple[int, str]:
        """Return how many channels a stream has, and what is wrong with what its header says of that.

        Where the two places in which a header tells it agree, or one of them alone does, that is it; else its first
        samples decide.
        """
        text = (root.findtext("channel_count") or "").strip()
        told = int(text) if text.isdecimal() and text.isascii() and len(text) < 8 else -1
        told = told if told <= _MOST_CHANNELS else -1
        described = len(root.findall("desc/channels/channel"))
        if told > 0 and described in (0, told):
            return told, ""
        found = channels_that_fit(self._first_samples(number, after), dtype, (told, described))
        if found is None and told < 0:
            raise ValueError(f"stream {number} of {text!r} channels")
        if found is None or found == told:
            return told, ""
        return found, f"stream {number} says that it has {text!r} channels, its samples have {found}"

    def _first_samples(self, number: int, at: int) -> bytes:
        """Return the first samples of a stream behind a byte, as they stand there; none if they are far off."""
        with contextlib.suppress(*_DAMAGED):
            while self._ahead_left > 0:
                self._ahead_left -= 1
                tag, begin, at = self._chunk(at)
                if tag == SAMPLES and struct.unpack_from("<I", self._whole, begin) == (number,):
                    return self._whole[begin + 4 : at] if at - begin < _LARGEST_AHEAD else b""
        return b""

    def _add(self, header: Header) -> None:
        self._streams[header.number] = header
        if not self._wanted(header):
            self._passed_over.add(header.number)

    def _samples(self, number: int, begin: int, end: int) -> Iterator[Samples]:
        stream = self._streams[number]
        n_samples, at = length_at(self._whole, begin + 4)
        numeric = stream.dtype != "string"
        width = np.dtype(DTYPES[stream.dtype]).itemsize * stream.n_chans if numeric else 2 * stream.n_chans
        if n_samples * (1 + width) > end - at:
            raise ValueError(f"{n_samples} samples in {end - at} bytes")
        if not numeric:
            yield from self._texts(at, end, n_samples, stream)
            return
        if end - at > n_samples * (9 + width):
            raise ValueError(f"{n_samples} samples of {stream.n_chans} channels in {end - at} bytes")
        content = self._whole[at:end]
        stamps, data = _fast(content, n_samples, stream)
        if stamps is None or data is None:
            stamps, data = self._slow(content, n_samples, stream)
        if n_samples:
            self._last[number] = float(stamps[-1])
        yield Samples(number, stamps, data)

    def _stamp(self, content: bytes | mmap.mmap, at: int, stream: Header) -> tuple[float, int]:
        """Return a sample's stamp, which may be left out where it follows from the rate, and where its values begin."""
        n_bytes = stamp_bytes(content, at)
        if n_bytes:
            (stamp,) = struct.unpack_from("<d", content, at + 1)
        else:
            stamp = self._last.get(stream.number, 0.0) + (1 / stream.sfreq if stream.sfreq else 0.0)
        self._last[stream.number] = stamp
        return stamp, at + 1 + n_bytes

    def _slow(self, content: bytes, n_samples: int, stream: Header) -> tuple[Array, Array]:
        kind = np.dtype(DTYPES[stream.dtype])
        stamps, data = np.empty(n_samples), np.empty((n_samples, stream.n_chans), kind)
        at = 0
        for k in range(n_samples):
            stamps[k], at = self._stamp(content, at, stream)
            data[k] = np.frombuffer(content, kind, stream.n_chans, at)
            at += kind.itemsize * stream.n_chans
        if at != len(content):
            raise ValueError(f"{n_samples} samples that end {len(content) - at} bytes before their chunk")
        return stamps, data

    def _texts(self, at: int, end: int, n_samples: int, stream: Header) -> Iterator[Samples]:
        """Give samples of texts, a few megabytes at a time: a chunk may be as large as the file."""
        stamps: list[float] = []
        rows: list[list[str]] = []
        began = at
        for _ in range(n_samples):
            stamp, at = self._stamp(self._whole, at, stream)
            row, at = _row_of_texts(self._whole, at, end, stream.n_chans)
            stamps.append(stamp)
            rows.append(row)
            if at - began > _PIECE:
                yield _texts_read(stream, stamps, rows)
                stamps, rows, began = [], [], at
        yield _texts_read(stream, stamps, rows)


def _texts_read(stream: Header, stamps: list[float], rows: list[list[str]]) -> Samples:
    data = np.array(rows, dtype=object).reshape(len(rows), stream.n_chans)
    return Samples(stream.number, np.array(stamps), data)


def _rate(number: int, root: ElementTree.Element) -> tuple[float, str]:
    """Return the rate that a header declares, and what is wrong with it; one that cannot be is none, as of markers."""
    text = (root.findtext("nominal_srate") or "").strip()
    with contextlib.suppress(ValueError):
        if 0.0 <= (rate := float(text or 0)) <= _FASTEST:
            return rate, ""
    return 0.0, f"stream {number} says that its rate is {text!r} Hz; that of its stamps is taken"


def _footer(content: bytes) -> Iterator[Footer]:
    """Give what a footer says; one that is damaged says nothing that is missed."""
    with contextlib.suppress(struct.error, ValueError, ElementTree.ParseError):
        (number,) = struct.unpack_from("<I", content)
        root = ElementTree.fromstring(content[4:].decode("utf-8", "replace"))
        yield Footer(number, int(root.findtext("sample_count", "")), float(root.findtext("last_timestamp", "")))


def _fast(content: bytes, n_samples: int, stream: Header) -> tuple[Array, Array] | tuple[None, None]:
    kind = _row_of_numbers(stream.dtype, stream.n_chans)
    if len(content) != n_samples * kind.itemsize:
        return None, None
    if content[:: kind.itemsize] != b"\x08" * n_samples:
        return None, None
    rows = np.frombuffer(content, kind)
    return rows["stamp"].copy(), rows["data"].copy()


@functools.lru_cache(64)
def _chunk_of_numbers(head: int, row: np.dtype[np.void], n_samples: int) -> np.dtype[np.void]:
    """Return a chunk of samples whose stamps are all told, behind so many bytes that say what it is."""
    return np.dtype([("head", f"V{head}"), ("rows", row, (n_samples,))])


@functools.lru_cache(64)
def _row_of_numbers(dtype: str, n_chans: int) -> np.dtype[np.void]:
    """Return a sample as it stands in a chunk whose stamps are all told."""
    return np.dtype([("bytes", "u1"), ("stamp", "<f8"), ("data", DTYPES[dtype], (n_chans,))])


def _row_of_texts(content: mmap.mmap, at: int, end: int, n_chans: int) -> tuple[list[str], int]:
    row = []
    for _ in range(n_chans):
        length, at = length_at(content, at)
        if at + length > end:
            raise ValueError("a text that reaches beyond its chunk")
        row.append(content[at : at + length].decode("utf-8", "replace"))
        at += length
    return row, at


def _in_words(error: Exception) -> str:
    """Return what is wrong with a chunk for who has the file; what Python's own readers say tells them nothing."""
    if isinstance(error, struct.error):
        return "a chunk that ends before what it must hold"
    return f"a description that is no XML: {error}" if isinstance(error, ElementTree.ParseError) else str(error)
