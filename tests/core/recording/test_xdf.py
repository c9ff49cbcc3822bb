import itertools
from pathlib import Path

import numpy as np
import pytest
import pyxdf

from core.data import Channel, StreamInfo
from core.errors import FileFormatError, RecordingError
from core.recording import xdf_writer
from core.recording.stream_header import from_xml, to_xml
from core.recording.xdf_reader import Damage, Header, Offset, Samples, read_xdf, stretches_with
from core.recording.xdf_writer import BOUNDARY_UUID, DTYPES, XdfWriter
from tests.core.recording.test_disk_file import small_disk

START = "2026-11-21T10:00:00+00:00"


def info(dtype: str = "float32", n_chans: int = 2, **changes: object) -> StreamInfo:
    channels = tuple(Channel(f"C{k}", f"C{k}", unit="microvolts", position=(0.1, 0.0, k)) for k in range(n_chans))
    values = {"key": "k", "kind": "eeg", "participant": "P001", "name": "Größe & <Co>", "sfreq": 250.0}
    return StreamInfo(**{**values, "channels": channels, "dtype": dtype, **changes})  # type: ignore[arg-type]


def write(path: Path, stream: StreamInfo, blocks: int = 4, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    stamps = 1000 + np.arange(blocks * n) / 250 + rng.uniform(0, 1e-4, blocks * n)
    if stream.dtype == "string":
        data = np.array([[f"é{k}-{c}" for c in range(len(stream.channels))] for k in range(blocks * n)])
    else:
        data = (100 * rng.standard_normal((blocks * n, len(stream.channels)))).astype(DTYPES[stream.dtype])
    with XdfWriter(path, START) as writer:
        writer.add_stream(1, to_xml(stream), stream.dtype, len(stream.channels))
        for b in range(blocks):
            part = slice(b * n, (b + 1) * n)
            writer.write_offset(1, float(stamps[part][0]), 0.25)
            writer.write(1, stamps[part], data[part])
            writer.flush()
    return stamps, data


@pytest.mark.parametrize("dtype", [*DTYPES, "string"])
def test_pyxdf_and_our_reader_give_back_what_was_written(tmp_path: Path, dtype: str):
    path = tmp_path / "a.xdf"
    stamps, data = write(path, info(dtype))
    (stream,), header = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    assert header["info"]["datetime"] == [START]
    assert stream["info"]["name"] == ["Größe & <Co>"]
    assert float(stream["info"]["nominal_srate"][0]) == 250.0
    assert stream["footer"]["info"]["sample_count"] == [str(len(stamps))]
    np.testing.assert_array_equal(stream["time_stamps"], stamps)
    np.testing.assert_array_equal(np.array(stream["time_series"]), data)
    parts = list(read_xdf(path))
    samples = [part for part in parts if isinstance(part, Samples)]
    np.testing.assert_array_equal(np.concatenate([s.stamps for s in samples]), stamps)
    np.testing.assert_array_equal(np.concatenate([s.data for s in samples]), data)
    assert [p.value for p in parts if isinstance(p, Offset)] == [0.25]


def test_other_tools_move_the_stamps_by_the_clock_offset(tmp_path: Path):
    path = tmp_path / "a.xdf"
    stamps, _ = write(path, info())
    (stream,), _ = pyxdf.load_xdf(path, dejitter_timestamps=False)
    np.testing.assert_allclose(stream["time_stamps"], stamps + 0.25, atol=1e-6)


def test_a_stream_comes_back_as_it_was(tmp_path: Path):
    stream = info(desc="<desc><cap>x &lt; y</cap></desc>", simulated=True, hostname="h", clock="rebased")
    path = tmp_path / "a.xdf"
    write(path, stream)
    (header,) = [part for part in read_xdf(path) if isinstance(part, Header)]
    again = from_xml(header.xml, header.n_chans)
    assert again is not None
    for field in ("key", "kind", "participant", "name", "sfreq", "channels", "simulated", "hostname", "clock", "dtype"):
        assert getattr(again, field) == getattr(stream, field)
    assert "<cap>" in again.desc
    assert "<label>C1</label>" in again.desc


def test_windows_of_recordings_made_before_are_cut_as_they_were_then():
    told = to_xml(info())
    assert '"prompt": true' in told
    before, now = (from_xml(xml, 2) for xml in (told.replace(', "prompt": true', ""), told))
    assert before is not None
    assert now is not None
    assert (before.prompt, now.prompt) == (False, True)


def test_each_cut_leaves_a_file_that_reads_up_to_there(tmp_path: Path):
    path = tmp_path / "a.xdf"
    stamps, _ = write(path, info())
    whole = path.read_bytes()
    cut = tmp_path / "cut.xdf"
    for size in range(5, len(whole), 97):
        cut.write_bytes(whole[:size])
        parts = list(read_xdf(cut))
        seen = np.concatenate([[], *[p.stamps for p in parts if isinstance(p, Samples)]])
        np.testing.assert_array_equal(seen, stamps[: len(seen)])
        assert len(seen) >= len(stamps) * (size - 2500) / len(whole) - 50


def test_a_cut_chunk_of_a_stream_that_is_passed_over_is_told(tmp_path: Path):
    path = tmp_path / "a.xdf"
    with XdfWriter(path, START) as writer:
        for number in (1, 2):
            writer.add_stream(number, to_xml(info(key=str(number))), "float32", 2)
        for k in range(3):
            writer.write(1 + k % 2, 1000.0 + k + np.arange(250) / 250, np.zeros((250, 2), np.float32))
        writer.flush()
        size = path.stat().st_size
        writer.write(2, 1004 + np.arange(250) / 250, np.zeros((250, 2), np.float32))
        writer.flush()
    path.write_bytes(path.read_bytes()[: size + 100])
    parts = list(read_xdf(path, lambda header: header.number == 1))
    assert [part.number for part in parts if isinstance(part, Samples)] == [1, 1]
    assert sum(isinstance(part, Damage) for part in parts) == 1


def test_reading_goes_on_behind_damage(tmp_path: Path):
    path = tmp_path / "a.xdf"
    stamps, _ = write(path, info())
    whole = bytearray(path.read_bytes())
    first = whole.find(BOUNDARY_UUID)
    whole[first + 16] = 77  # how many bytes the next chunk's length has: 1, 4 or 8
    path.write_bytes(whole)
    parts = list(read_xdf(path))
    assert sum(isinstance(p, Damage) for p in parts) == 1
    assert sum(len(p.stamps) for p in parts if isinstance(p, Samples)) == len(stamps) - 50


def samples_of(path: Path, **how: object) -> list[Samples]:
    return [part for part in read_xdf(path, **how) if isinstance(part, Samples)]  # type: ignore[arg-type]


def as_one(parts: list[Samples]) -> tuple[bytes, bytes]:
    return b"".join(p.stamps.tobytes() for p in parts), b"".join(p.data.tobytes() for p in parts)


def test_chunks_that_follow_each_other_are_given_as_one(tmp_path: Path):
    path, rng = tmp_path / "a.xdf", np.random.default_rng(0)
    stamps, data = 1000 + np.arange(1200) / 250, rng.standard_normal((1200, 2)).astype(np.float32)
    edges = [0, 8, 16, 24, 31, 39, 39, 47, 300, 308, 316, 900, 908, 1200]
    with XdfWriter(path, START) as writer:
        for number in (1, 2, 3):
            writer.add_stream(number, to_xml(info(key=str(number))), "float32", 2)
        for first, stop in itertools.pairwise(edges):
            writer.write(1, stamps[first:stop], data[first:stop])
            if first in (16, 308):
                writer.flush()
            if first == 24:
                writer.write(2, stamps[:1], data[:1])
            if first == 300:
                writer.write(3, stamps[:1], data[:1])
            if first == 47:
                writer.write_offset(1, float(stamps[299]), 0.5)
    wanted = {"wanted": lambda header: header.xml == to_xml(info(key="1")) or header.xml == to_xml(info(key="3"))}
    plain = samples_of(path, **wanted)
    parts = samples_of(path, **wanted, together=(1,))
    assert as_one(parts) == as_one(plain)
    # Boundaries and streams that are passed over part nothing, offsets and other samples do; two seconds are enough.
    assert [(p.number, len(p.stamps)) for p in parts] == [(1, 300), (1, 8), (3, 1), (1, 592), (1, 300)]
    assert all(type(p.stamps) is np.ndarray and p.data.shape == (len(p.stamps), 2) for p in parts)


def test_chunks_with_another_stream_between_stay_in_their_order(tmp_path: Path):
    path, data = tmp_path / "a.xdf", np.arange(40, dtype=np.float32).reshape(20, 2)
    with XdfWriter(path, START) as writer:
        for number in (1, 2):
            writer.add_stream(number, to_xml(info(key=str(number))), "float32", 2)
        for k in range(10):
            writer.write(1 + k % 2, 1000 + np.arange(2 * k, 2 * k + 2) / 250, data[2 * k : 2 * k + 2])
    parts = samples_of(path, together=(1,))
    assert [p.number for p in parts] == [1, 2] * 5
    assert as_one(parts) == ((1000 + np.arange(20) / 250).tobytes(), data.tobytes())


def test_what_cannot_be_given_together_is_given_as_ever(tmp_path: Path):
    path = tmp_path / "a.xdf"
    stamps, _ = write(path, info(), blocks=8, n=5)
    whole = bytearray(path.read_bytes())
    at = whole.find(stamps[20].tobytes())
    # A stamp that is said to be left out, so that its chunk is damaged.
    path.write_bytes(whole[: at - 1] + b"\x00" + whole[at:])
    both = [list(read_xdf(path, together=together)) for together in ((), (1,))]
    assert [p for p in both[0] if isinstance(p, Damage)] == [p for p in both[1] if isinstance(p, Damage)] != []
    plain, parts = ([p for p in some if isinstance(p, Samples)] for some in both)
    assert as_one(parts) == as_one(plain)
    assert len(parts) < len(plain) == 7
    texts = tmp_path / "texts.xdf"
    write(texts, info("string"))
    assert len(samples_of(texts, together=(1,))) == 4
    for size in range(5, len(whole), 97):
        path.write_bytes(whole[:size])
        assert as_one(samples_of(path, together=(1,))) == as_one(samples_of(path))


def test_a_full_disk_is_told_and_damages_and_loses_nothing(tmp_path: Path):
    path = tmp_path / "a.xdf"
    writer = XdfWriter(path, START)
    disk = small_disk(writer._file, 7000)
    stream = info()
    writer.add_stream(1, to_xml(stream), "float32", 2)
    stamps = np.arange(1000.0)
    failures = []
    for k in range(0, 1000, 50):
        writer.write(1, stamps[k : k + 50], np.zeros((50, 2), np.float32))
        try:
            writer.flush()
        except RecordingError as error:
            failures.append(str(error))
            assert not any(isinstance(p, Damage) for p in read_xdf(path))
        if k == 700:
            disk.room = 10**9
    writer.close()
    assert len(failures) > 3
    assert "The disk is full" in failures[0]
    assert writer.n_refused == 0
    (loaded,), _ = pyxdf.load_xdf(path, dejitter_timestamps=False)
    np.testing.assert_array_equal(loaded["time_stamps"], stamps)


def test_a_disk_that_stays_full_costs_samples_but_no_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xdf_writer, "_LARGEST_BACKLOG", 5000)
    path = tmp_path / "a.xdf"
    writer = XdfWriter(path, START)
    writer.add_stream(1, to_xml(info()), "float32", 2)
    writer.add_stream(2, to_xml(info("string", 1)), "string", 1)
    writer.flush()
    disk = small_disk(writer._file, 0)
    for k in range(1000):
        writer.write(1, np.array([float(k)]), np.zeros((1, 2), np.float32))
        writer.write(2, np.array([float(k)]), np.array([[f"word {k}"]]))
    with pytest.raises(RecordingError, match="The disk is full"):
        writer.flush()
    assert (writer.n_samples(1), writer.n_samples(2)) == (0, 0)
    disk.room = 10**9
    writer.flush()
    assert 0 < writer.n_samples(1) == 1000 - writer.n_refused < 1000
    assert writer.n_samples(2) == 1000
    writer.close()
    numbers, words = pyxdf.load_xdf(path, dejitter_timestamps=False)[0]
    assert numbers["footer"]["info"]["sample_count"] == [str(len(numbers["time_stamps"]))]
    assert [row[0] for row in words["time_series"]] == [f"word {k}" for k in range(1000)]


def test_what_no_xml_and_no_text_can_hold_damages_no_stream(tmp_path: Path):
    path = tmp_path / "a.xdf"
    stream = info("string", 1, name="amp\x00\x1b", desc="<desc><cap>\x01</cap></desc>")
    with XdfWriter(path, START) as writer:
        writer.add_stream(1, to_xml(stream), "string", 1)
        writer.write(1, np.array([1.0]), np.array([["half a pair \ud83d"]], dtype=object))
    (loaded,), _ = pyxdf.load_xdf(path)
    assert loaded["info"]["name"] == ["amp��"]
    assert loaded["info"]["desc"][0]["channels"][0]["channel"][0]["label"] == ["C0"]
    assert loaded["time_series"] == [["half a pair ?"]]
    (header,) = [part for part in read_xdf(path) if isinstance(part, Header)]
    known = from_xml(header.xml, header.n_chans)
    assert known is not None
    assert (known.name, known.announced, known.desc) == ("amp��", (("name", "amp\x00\x1b"),), stream.desc)


def test_bytes_that_were_changed_at_random_are_damage_and_no_crash(tmp_path: Path):
    rng = np.random.default_rng(0)
    for dtype in ("float32", "string"):
        path = tmp_path / f"{dtype}.xdf"
        write(path, info(dtype))
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(100):
            corrupted = whole.copy()
            corrupted[rng.integers(4, len(whole), 8)] = rng.choice([0, 1, 4, 8, 65, 255], 8)
            path.write_bytes(corrupted.tobytes())
            list(read_xdf(path))


def test_an_existing_file_is_never_overwritten(tmp_path: Path):
    path = tmp_path / "a.xdf"
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists"):
        XdfWriter(path, START)
    assert path.read_text() == "precious"


def test_what_is_no_xdf_is_told(tmp_path: Path):
    path = tmp_path / "a.xdf"
    path.write_bytes(b"RIFF....")
    with pytest.raises(FileFormatError, match="does not begin"):
        list(read_xdf(path))
    with pytest.raises(FileFormatError, match="cannot be read"):
        list(read_xdf(tmp_path / "none.xdf"))


def test_real_files_read_as_pyxdf_reads_them(shared_data: Path):
    files = [path for path in sorted((shared_data / "xdf").glob("*.xdf")) if "lie" not in path.name]
    assert len(files) >= 4
    for path in files:
        theirs, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
        ours: dict[int, list[Samples]] = {}
        for part in read_xdf(path):
            assert not isinstance(part, Damage)
            if isinstance(part, Samples):
                ours.setdefault(part.number, []).append(part)
        for stream in theirs:
            found = ours.get(stream["info"]["stream_id"], [])
            stamps = np.concatenate([[], *[s.stamps for s in found]])
            np.testing.assert_allclose(stamps, stream["time_stamps"], atol=1e-9)
            if len(stamps) and stream["info"]["channel_format"] != ["string"]:
                np.testing.assert_array_equal(np.concatenate([s.data for s in found]), stream["time_series"])


def test_a_length_that_lies_is_damage_and_no_crash(shared_data: Path):
    parts = list(read_xdf(shared_data / "xdf" / "tests_chunk_length_lie.xdf"))
    assert any(isinstance(part, Damage) for part in parts)


@pytest.mark.parametrize("piece", [7, 64, 4096])
def test_the_places_of_a_text_are_found_from_the_last_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("core.recording.xdf_reader._PIECE", max(piece, len(BOUNDARY_UUID) + 1))
    path, gap = tmp_path / "a.xdf", bytes(50)
    path.write_bytes(b"XDF:" + b"sign" + gap + BOUNDARY_UUID + gap + b"sign" + b"sign" + gap + BOUNDARY_UUID + b"sign")
    behind = 4 + 4 + 50 + len(BOUNDARY_UUID)
    found = list(stretches_with(path, b"sign", behind + 50 + 4 + 4))
    assert found == [(behind, behind + 54), (behind, behind + 50), (4, 4)]
    assert next(stretches_with(path, b"sign", 10**9))[0] == len(path.read_bytes()) - 4
    assert list(stretches_with(path, b"none", 10**9)) == []
