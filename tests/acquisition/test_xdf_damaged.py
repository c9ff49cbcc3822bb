"""XDF files that are damaged, or lie about themselves: a part costs that part, the rest keeps its values."""

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from acquisition.replay import recorded_events
from acquisition.source import items
from acquisition.xdf_file import XdfFile
from core.config import EegConfig
from core.data import Channel, Chunk, Label, Marker, Notice, StreamInfo
from core.errors import FileFormatError
from core.recording import outputs
from core.recording.stream_header import to_xml
from core.recording.xdf_reader import Damage, Samples, read_xdf
from core.recording.xdf_writer import SAMPLES, STREAM_FOOTER, STREAM_HEADER, XdfWriter

N = 1000
TIMES = 500.0 + np.arange(N) / 100.0
DATA = (20.0 * np.random.default_rng(1).standard_normal((N, 2))).astype(np.float32)
HEAD = (
    "<info><name>{}</name><type>{}</type><channel_format>{}</channel_format><channel_count>{}</channel_count>"
    "<nominal_srate>{}</nominal_srate><desc><channels>{}</channels></desc></info>"
)
LABELS = "".join(f"<channel><label>{name}</label><unit>microvolts</unit></channel>" for name in ("Fz", "Cz"))


def eeg_info() -> StreamInfo:
    channels = tuple(Channel(name, name, unit="microvolts") for name in ("Fz", "Cz"))
    return StreamInfo("amp", "eeg", "P007", "Amp", "EEG", 100.0, channels)


def own(path: Path, change: Callable[[str], str] = lambda xml: xml) -> Path:
    """Write a session's file whose EEG header is changed; an answer stands in the middle."""
    with XdfWriter(path, "2026-11-21T10:00:00+00:00") as file:
        file.add_stream(1, change(to_xml(eeg_info())), "float32", 2)
        file.add_stream(2, to_xml(outputs.words_info("P007")), "string", 2)
        file.add_stream(3, to_xml(outputs.events_info()), "string", 1)
        label = outputs.event_to_text(Label("u", "s", "P007", 502.0, 504.0, 505.0, label="sad"), "label")
        for k in range(0, N, 100):
            file.write(1, TIMES[k : k + 100], DATA[k : k + 100])
            if k == 500:
                file.write(3, np.array([505.0]), np.array([[label]], object))
            file.flush()
    return path


def foreign(path: Path, stamps: np.ndarray = TIMES, offsets: tuple[float, ...] = (), sfreq: float = 100.0) -> Path:
    """Write a file of another recorder: EEG, and a marker for each of its seconds."""
    with XdfWriter(path, "2026-11-21T10:00:00+00:00") as file:
        file.add_stream(1, HEAD.format("Amp", "EEG", "float32", 2, sfreq, LABELS), "float32", 2)
        file.add_stream(2, HEAD.format("Cues", "Markers", "string", 1, 0, ""), "string", 1)
        for k in range(10):
            for number in (1, 2):
                if k < len(offsets):
                    file.write_offset(number, 500.0 + k, offsets[k] + 1e-9 * k)  # one that is the same is not written
            file.write(1, stamps[100 * k : 100 * k + 100], DATA[100 * k : 100 * k + 100])
            file.write(2, np.array([500.5 + k]), np.array([[f"cue {k}"]], object))
        file.flush()
    return path


def chunk(tag: int, content: bytes) -> bytes:
    return struct.pack("<BQH", 8, len(content) + 2, tag) + content


def read(path: Path) -> tuple[StreamInfo, np.ndarray, np.ndarray, list[str]]:
    """Return the EEG stream, its times and values, and what is told."""
    with XdfFile(path, EegConfig(), "P001") as source:
        (info,) = [info for info in source.infos if info.kind == "eeg"]
        given = list(items(source))
    chunks = [item for item in given if isinstance(item, Chunk) and item.stream == info.key]
    told = [item.text for item in given if isinstance(item, Notice)]
    return info, np.concatenate([c.times for c in chunks]), np.concatenate([c.data for c in chunks]), told


INSULA = {
    "cut": lambda text: text[: len(text) // 2],
    "nested without end": lambda text: "[" * 100_000,
    "another shape": lambda text: json.dumps([json.loads(text)]),
    "another type": lambda text: text.replace('"sfreq": 100.0', '"sfreq": "fast"'),
    "a kind that there is not": lambda text: text.replace('"kind": "eeg"', '"kind": "brain"', 1),
    "fewer channels": lambda text: json.dumps({**json.loads(text), "channels": json.loads(text)["channels"][:1]}),
    "another format": lambda text: text.replace("float32", "int16"),
    "a rate that cannot be": lambda text: text.replace('"sfreq": 100.0', '"sfreq": -Infinity'),
    "a position that cannot be": lambda text: text.replace('"position": null', '"position": [NaN, 0, 0]'),
}


@pytest.mark.parametrize("damage", INSULA)
def test_an_own_header_that_is_damaged_costs_itself_alone(tmp_path: Path, damage: str):
    def change(xml: str) -> str:
        before, _, rest = xml.partition("<insula>")
        ours, _, after = rest.partition("</insula>")
        return f"{before}<insula>{INSULA[damage](ours)}</insula>{after}"

    path = own(tmp_path / "a_eeg.xdf", change)
    info, times, data, told = read(path)
    assert (info.participant, info.ch_names, info.sfreq) == ("P007", ("Fz", "Cz"), 100.0)
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)
    assert len([text for text in told if "its <insula> description" in text and text.startswith("Amp: ")]) == 1
    (label,) = [event for event in recorded_events(path) if isinstance(event, Label)]
    assert (label.label, label.start) == ("sad", 502.0)


def test_a_sound_file_tells_nothing(tmp_path: Path):
    _, times, _, told = read(own(tmp_path / "a_eeg.xdf"))
    assert told == []
    np.testing.assert_array_equal(times, TIMES)


def test_samples_of_a_stream_without_a_header_are_passed_over_and_told_once(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf")
    whole = path.read_bytes()
    lost = chunk(SAMPLES, struct.pack("<I", 77) + b"\x01\x01" + b"\x08" + struct.pack("<d", 1.0) + b"\x01\x04cues")
    at = whole.index(struct.pack("<H", SAMPLES) + struct.pack("<I", 1)) - 9
    path.write_bytes(whole[:at] + lost + lost + whole[at:] + lost)
    _, times, data, told = read(path)
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)
    assert [text for text in told if "no header" in text] == told
    assert len(told) == 1


def test_a_chunk_that_cannot_be_read_costs_itself_where_no_boundary_follows(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf")
    whole = bytearray(path.read_bytes())
    first = whole.index(struct.pack("<H", SAMPLES) + struct.pack("<I", 1))
    whole[first + 7 : first + 11] = b"\xff\xff\xff\xff"  # so many samples are not in it
    path.write_bytes(whole)
    _, times, _, told = read(path)
    np.testing.assert_array_equal(times, TIMES[100:])
    assert len(told) == 1
    assert "Damaged at byte" in told[0]
    assert len([event for event in recorded_events(path) if isinstance(event, Marker)]) == 10


def test_a_stream_that_begins_a_second_time_takes_nothing_from_the_first(tmp_path: Path):
    path = own(tmp_path / "a_eeg.xdf")
    whole = path.read_bytes()
    events = to_xml(outputs.events_info()).encode()
    path.write_bytes(whole.replace(struct.pack("<I", 3) + events, struct.pack("<I", 1) + events))
    _, times, data, _ = read(path)
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)
    told: list[str] = []
    assert list(recorded_events(path, told.append)) == []
    assert any("begins a second time, as 'Insula events'" in text for text in told)
    assert any("stream 3 have no header" in text for text in told)


def test_many_streams_without_headers_are_told_in_few_words(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf")
    lost = b"".join(
        chunk(SAMPLES, struct.pack("<I", 100 + k) + b"\x01\x01\x08" + struct.pack("<df", 1.0, 2.0))
        for k in range(20_000)
    )
    path.write_bytes(path.read_bytes() + lost)
    damaged = [part.text for part in read_xdf(path) if isinstance(part, Damage)]
    assert len(damaged) == 21
    assert damaged[-1] == "Damaged at 19980 further places."


@pytest.mark.parametrize(
    "bad", ["<channel_count>100000000", "<channel_count>-1", "<nominal_srate>nan<", "<nominal_srate>1e99<"]
)
def test_a_header_that_cannot_be_costs_its_stream(tmp_path: Path, bad: str):
    path = foreign(tmp_path / "a.xdf")
    tag = bad[: bad.index(">") + 1]
    whole = path.read_bytes()
    start = whole.rindex(tag.encode(), 0, whole.index(struct.pack("<H", STREAM_HEADER) + struct.pack("<I", 2)))
    head, end = whole[:start], whole.index(b"</", start)
    length_at = head.rindex(struct.pack("<H", STREAM_HEADER) + struct.pack("<I", 1)) - 9
    new = bad.rstrip("<").encode()
    (length,) = struct.unpack_from("<Q", whole, length_at + 1)
    made = bytearray(head + new + whole[end:])
    struct.pack_into("<Q", made, length_at + 1, length + len(new) - (end - start))
    path.write_bytes(made)
    with pytest.raises(FileFormatError, match="no EEG with samples"), XdfFile(path, EegConfig(), "P"):
        pass
    assert len([event for event in recorded_events(path) if isinstance(event, Marker)]) == 10


@pytest.mark.parametrize(
    "garbage", [(9, -750_000.0), (0, 1e9), (4, 123.0), (9, -75.0)], ids=["last", "first", "middle", "small"]
)
def test_one_clock_offset_that_fits_no_other_is_not_believed(tmp_path: Path, garbage: tuple[int, float]):
    offsets = [0.25] * 10
    offsets[garbage[0]] = garbage[1]
    path = foreign(tmp_path / "a.xdf", offsets=tuple(offsets))
    _, times, _, _ = read(path)
    np.testing.assert_allclose(times, TIMES + 0.25)
    markers = [event for event in recorded_events(path) if isinstance(event, Marker)]
    assert [marker.text for marker in markers] == [f"cue {k}" for k in range(10)]
    np.testing.assert_allclose([marker.time for marker in markers], 500.75 + np.arange(10))
    with XdfFile(path, EegConfig(), "P") as source:
        assert source.span == pytest.approx((500.25, 510.24))


def test_a_clock_that_was_set_anew_is_believed(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf", offsets=(0.25,) * 5 + (900.25,) * 5)
    _, times, _, _ = read(path)
    np.testing.assert_allclose(times, TIMES + np.where(np.arange(N) < 500, 0.25, 900.25))


def test_samples_that_the_recorder_did_not_count_are_left_out(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf")
    whole = path.read_bytes()
    at = whole.index(struct.pack("<H", STREAM_FOOTER) + struct.pack("<I", 1)) - 9
    more = chunk(SAMPLES, struct.pack("<I", 1) + b"\x01\x01\x08" + struct.pack("<dff", 510.3, 0.0, 0.0))
    more += chunk(SAMPLES, struct.pack("<I", 2) + b"\x01\x01\x08" + struct.pack("<d", 510.3) + b"\x01\x010")
    path.write_bytes(whole[:at] + more + whole[at:])
    _, times, _, _ = read(path)
    np.testing.assert_array_equal(times, TIMES)
    assert [event.text for event in recorded_events(path) if isinstance(event, Marker)][-1] == "cue 9"


@pytest.mark.parametrize(
    ("stamps", "words"),
    [
        (TIMES * 1e3, "in milliseconds"),
        (TIMES * 1e6, "in microseconds"),
        (TIMES * 1e9, "in nanoseconds"),
    ],
)
def test_stamps_in_another_unit_are_read_in_seconds_and_told(tmp_path: Path, stamps: np.ndarray, words: str):
    path = foreign(tmp_path / "a.xdf", stamps + 0.0)
    _, times, data, told = read(path)
    np.testing.assert_allclose(times, TIMES, atol=1e-6)
    np.testing.assert_array_equal(data, DATA)
    assert len([text for text in told if words in text]) == 1
    with XdfFile(path, EegConfig(), "P") as source:
        assert source.span == pytest.approx((500.0, 509.99))
        source.seek(505.0)
        first = next(item for item in items(source) if isinstance(item, Chunk) and item.data.dtype != object)
        assert first.times[0] <= 505.0


@pytest.mark.parametrize("value", [0.0, 77.5, math.nan])
def test_where_stamps_stand_still_the_declared_rate_takes_their_place(tmp_path: Path, value: float):
    path = foreign(tmp_path / "a.xdf", np.full(N, value))
    _, times, data, told = read(path)
    np.testing.assert_allclose(times, (0.0 if math.isnan(value) else value) + np.arange(N) / 100.0)
    np.testing.assert_array_equal(data, DATA)
    assert len([text for text in told if "The declared rate of 100 Hz takes their place" in text]) == 1
    with XdfFile(path, EegConfig(), "P") as source:
        start, stop = source.span
        assert stop - start == pytest.approx(9.99)
        source.seek(start + 5.0)
        first = next(item for item in items(source) if isinstance(item, Chunk) and item.data.dtype != object)
        np.testing.assert_array_equal(first.data, DATA[500:600])


def test_stamps_that_stand_still_without_a_rate_are_told(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf", np.zeros(N), sfreq=0.0)
    with pytest.raises(FileFormatError, match="stamps that tell no time, and no rate"), XdfFile(path, EegConfig(), "P"):
        pass


def test_texts_of_one_chunk_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.recording.xdf_reader._PIECE", 1000)
    path = tmp_path / "a.xdf"
    with XdfWriter(path, "x") as file:
        file.add_stream(1, HEAD.format("Cues", "Markers", "string", 1, 0, ""), "string", 1)
        file.write(1, np.arange(500.0), np.array([[f"cue {k:04d}"] for k in range(500)], object))
    parts = [part for part in read_xdf(path) if isinstance(part, Samples)]
    assert max(len(part.stamps) for part in parts) < 60
    assert np.concatenate([part.data for part in parts])[:, 0].tolist() == [f"cue {k:04d}" for k in range(500)]
    np.testing.assert_array_equal(np.concatenate([part.stamps for part in parts]), np.arange(500.0))
