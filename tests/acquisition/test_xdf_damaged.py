"""XDF files that are damaged, or lie about themselves: a part costs that part, the rest keeps its values."""

import dataclasses
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


def with_header(path: Path, **changes: str) -> Path:
    """Change what the header of the EEG says in some elements."""
    whole = path.read_bytes()
    length_at = whole.index(struct.pack("<H", STREAM_HEADER) + struct.pack("<I", 1)) - 9
    (length,) = struct.unpack_from("<Q", whole, length_at + 1)
    old = whole[length_at + 9 : length_at + 9 + length]
    new = old
    for tag, text in changes.items():
        before, _, rest = new.partition(f"<{tag}>".encode())
        new = before + f"<{tag}>{text}".encode() + rest[rest.index(b"</") :]
    path.write_bytes(whole[:length_at] + struct.pack("<BQ", 8, len(new)) + new + whole[length_at + 9 + length :])
    return path


@pytest.mark.parametrize("write", [own, foreign])
@pytest.mark.parametrize("count", ["", "0", "-1", "two", "1", "3", "12", "100000000", "\u0662"])
def test_the_samples_say_how_many_channels_there_are(tmp_path: Path, write: Callable[[Path], Path], count: str):
    info, times, data, told = read(with_header(write(tmp_path / "a_eeg.xdf"), channel_count=count))
    assert info.ch_names == ("Fz", "Cz")
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)
    assert len([text for text in told if f"says that it has {count!r} channels, its samples have 2" in text]) == 1


@pytest.mark.parametrize("n_described", [0, 1, 5])
def test_what_a_foreign_header_describes_is_believed_less_than_its_samples(tmp_path: Path, n_described: int):
    path = tmp_path / "a.xdf"
    channels = "<channel><label>Fz</label><unit>microvolts</unit></channel>" * n_described
    with XdfWriter(path, "x") as file:
        file.add_stream(1, HEAD.format("Amp", "EEG", "float32", 2, 100.0, channels), "float32", 2)
        file.write(1, TIMES, DATA)
    info, _, data, told = read(path)
    assert len(info.channels) == 2
    np.testing.assert_array_equal(data, DATA)
    assert not any("Damaged" in text for text in told)


def test_a_chunk_that_its_samples_do_not_fill_costs_itself(tmp_path: Path):
    path = foreign(tmp_path / "a.xdf")
    whole = path.read_bytes()
    at = whole.index(struct.pack("<H", SAMPLES) + struct.pack("<I", 1)) - 9
    sample = b"\x01\x01\x08" + struct.pack("<dff", 499.0, 1.0, 2.0)
    for wrong in (sample + b"\x00\x00", b"\x01\x01\x07" + sample[3:]):
        path.write_bytes(whole[:at] + chunk(SAMPLES, struct.pack("<I", 1) + wrong) + whole[at:])
        _, times, data, told = read(path)
        np.testing.assert_array_equal(times, TIMES)
        np.testing.assert_array_equal(data, DATA)
        assert len([text for text in told if "Damaged" in text]) == 1


@pytest.mark.parametrize("rate", ["nan", "1e99", "-250", "fast"])
def test_a_rate_that_cannot_be_is_that_of_the_stamps(tmp_path: Path, rate: str):
    info, times, data, told = read(with_header(foreign(tmp_path / "a.xdf"), nominal_srate=rate))
    assert info.sfreq == pytest.approx(100.0)
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)
    assert len([text for text in told if f"says that its rate is {rate!r} Hz" in text]) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [("A & B", "A & B"), ("A\x01p", "A\ufffdp"), ("A&#x1;p", "A\ufffdp"), ("A &amp; B &c;", "A & B &c;")],
)
def test_a_name_that_is_no_xml_costs_nothing(tmp_path: Path, name: str, shown: str):
    info, times, data, _ = read(with_header(foreign(tmp_path / "a.xdf"), name=name))
    assert info.name == shown
    np.testing.assert_array_equal(times, TIMES)
    np.testing.assert_array_equal(data, DATA)


def test_where_nothing_can_be_replayed_the_damage_is_told(tmp_path: Path):
    path = with_header(foreign(tmp_path / "a.xdf"), name="<<<")
    with pytest.raises(FileFormatError, match=r"no EEG with samples.*Damaged at byte"), XdfFile(path, EegConfig(), "P"):
        pass


def test_a_format_that_there_is_not_costs_its_stream(tmp_path: Path):
    path = with_header(foreign(tmp_path / "a.xdf"), channel_format="float99")
    with pytest.raises(FileFormatError, match="no EEG with samples"), XdfFile(path, EegConfig(), "P"):
        pass
    assert len([event for event in recorded_events(path) if isinstance(event, Marker)]) == 10


@pytest.mark.parametrize("damaged", [True, False])
def test_simulated_eeg_is_called_so_whoever_recorded_it(tmp_path: Path, damaged: bool):
    path = tmp_path / "a_eeg.xdf"
    desc = "<desc><simulated>true</simulated><channels>" + LABELS + "</channels></desc>"
    info = dataclasses.replace(eeg_info(), desc=desc, simulated=True)
    xml = to_xml(info)
    with XdfWriter(path, "x") as file:
        file.add_stream(
            1,
            xml.replace("<insula>{", "<insula>[") if damaged else xml.partition("<insula>")[0] + "</info>",
            "float32",
            2,
        )
        file.write(1, TIMES, DATA)
    assert read(path)[0].simulated


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


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        (b"\x01\x02\x02\x00", "a chunk that ends before what it must hold"),  # a description of no stream
        (b"\x01\x0a\x02\x00\x01\x00\x00\x00<inf", "a description that is no XML: "),
    ],
)
def test_what_is_wrong_with_a_chunk_is_told_in_words(tmp_path: Path, chunk: bytes, words: str):
    path = tmp_path / "a.xdf"
    path.write_bytes(b"XDF:" + chunk)
    (told,) = [part.text for part in read_xdf(path) if isinstance(part, Damage)]
    assert told.startswith(f"Damaged at byte 4 of {4 + len(chunk)} ({words}")
    assert "unpack" not in told
