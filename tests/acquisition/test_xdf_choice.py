"""Which stream of a file of another recorder is the EEG, and what it is: the same as for LSL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acquisition.replay import open_recording
from acquisition.source import items
from core.config import Config, EegConfig
from core.data import Array, Chunk, Notice, StreamInfo
from core.errors import SourceError
from core.recording import xdf_reader
from core.recording.xdf_writer import XdfWriter

SFREQ = 100.0


@dataclass
class Stream:
    name: str
    start: float
    seconds: float
    frequency: float
    """Of the sine that it carries, Hz, 20 µV."""
    type: str = "EEG"
    source_id: str = ""
    labels: str = "Fp1 Fp2 O1"
    unit: str = "microvolts"
    sfreq: float = SFREQ
    scale: float = 1.0

    def xml(self) -> str:
        rows = "".join(
            f"<channel><label>{label}</label><unit>{self.unit}</unit></channel>" for label in self.labels.split()
        )
        return (
            f"<info><name>{self.name}</name><type>{self.type}</type><channel_count>{len(self.labels.split())}"
            f"</channel_count><channel_format>float32</channel_format><nominal_srate>{self.sfreq}</nominal_srate>"
            f"<source_id>{self.source_id}</source_id><version>1.1</version><created_at>1</created_at><uid>u</uid>"
            f"<session_id>s</session_id><hostname>lab</hostname><v4address /><v4data_port>0</v4data_port>"
            f"<v4service_port>0</v4service_port><v6address /><v6data_port>0</v6data_port><v6service_port>0"
            f"</v6service_port><desc><channels>{rows}</channels></desc></info>"
        )

    def samples(self) -> tuple[Array, Array]:
        times = np.arange(round(self.seconds * SFREQ)) / SFREQ
        wave = 20.0 * np.sin(2 * np.pi * self.frequency * times) / self.scale
        return self.start + times, np.tile(wave[:, None], (1, len(self.labels.split()))).astype(np.float32)


def recorded(path: Path, streams: Sequence[Stream]) -> Path:
    with XdfWriter(path, "2026-11-21T10:00:00+00:00") as file:
        for number, stream in enumerate(streams, start=1):
            file.add_stream(number, stream.xml(), "float32", len(stream.labels.split()))
        for number, stream in enumerate(streams, start=1):
            stamps, data = stream.samples()
            for k in range(0, len(stamps), 50):
                file.write(number, stamps[k : k + 50], data[k : k + 50])
                file.flush()
    return path


def read(path: Path, **eeg: Any) -> tuple[StreamInfo, Array, Array, list[str]]:
    """Return the EEG stream, its stamps, its first channel in µV, and what was said."""
    with open_recording(path, Config(eeg=EegConfig(**eeg))) as source:
        (info,) = (each for each in source.infos if each.kind == "eeg")
        given = list(items(source))
    chunks = [item for item in given if isinstance(item, Chunk) and item.stream == info.key]
    said = [item.text for item in given if isinstance(item, Notice)]
    data = np.concatenate([chunk.data for chunk in chunks])
    return info, np.concatenate([c.times for c in chunks]), data[:, 0] * info.channels[0].scale_uv, said


def hertz(wave: Array) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(wave))) * SFREQ / len(wave))


HEADS = (Stream("HeadA", 1000.0, 20.0, 7.0, source_id="a"), Stream("HeadB", 1001.0, 18.0, 11.0, source_id="b"))


@pytest.mark.parametrize(
    ("eeg", "frequency"),
    [
        ({"name": "HeadB"}, 11.0),
        ({"source_id": "b"}, 11.0),
        ({"predicate": "name='HeadB' and channel_count>2"}, 11.0),
        ({"name": "HeadA"}, 7.0),
        ({}, 7.0),
    ],
)
def test_the_head_that_is_named_is_read(tmp_path: Path, eeg: dict[str, str], frequency: float):
    info, times, wave, said = read(recorded(tmp_path / "two.xdf", HEADS), **eeg)
    assert hertz(wave) == pytest.approx(frequency)
    assert np.abs(wave).max() == pytest.approx(20.0, rel=0.01)
    assert times[0] == (1001.0 if frequency == 11.0 else 1000.0)
    assert info.name == ("HeadB" if frequency == 11.0 else "HeadA")
    assert (["not read: 'HeadB'" in text for text in said] == [True]) is (not eeg), "what nobody chose is told"


@pytest.mark.parametrize("eeg", [{"name": "HeadC"}, {"source_id": "c"}, {"hostname": "x"}, {"predicate": "name='C'"}])
def test_a_head_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, eeg: dict[str, str]):
    with pytest.raises(SourceError, match=f"{next(iter(eeg))}.*'HeadA' of type 'EEG'.*'HeadB'"):
        read(recorded(tmp_path / "two.xdf", HEADS), **eeg)


@pytest.mark.parametrize("kind", ["signal", "ExG", "Data", ""])
def test_a_stream_of_any_type_is_taken_by_its_name(tmp_path: Path, kind: str):
    path = recorded(tmp_path / "x.xdf", [Stream("Amp", 50.0, 10.0, 9.0, type=kind)])
    assert hertz(read(path, name="Amp")[2]) == pytest.approx(9.0)
    with pytest.raises(SourceError, match=f"'Amp' of type '{kind}'.*3 channels at 100 Hz, 1000 samples.*eeg.name"):
        read(path)


def test_of_the_streams_of_one_name_the_eeg_is_meant(tmp_path: Path):
    muse = [Stream("Muse", 5.0, 10.0, 3.0, type="ACC", labels="X Y"), Stream("Muse", 5.0, 8.0, 9.0)]
    assert hertz(read(recorded(tmp_path / "x.xdf", muse), name="Muse")[2]) == pytest.approx(9.0)


def test_a_restarted_headset_is_one_stream_with_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xdf_reader, "_NEAR", 256)  # search in it as in a file of hours
    parts = [Stream("Amp", 100.0, 10.0, 8.0, source_id="a"), Stream("Amp", 130.0, 30.0, 8.0, source_id="a")]
    path = recorded(tmp_path / "x.xdf", parts)
    _, times, _, said = read(path)
    assert len(times) == 4000
    assert (times[0], times[999], times[1000]) == (100.0, pytest.approx(109.99), 130.0)
    assert len(said) == 1
    assert "started anew 1 times" in said[0]
    with open_recording(path, Config()) as source:
        assert source.span == (100.0, pytest.approx(159.99))
        for moment in (103.0, 145.0):
            source.seek(moment)
            first = next(item for item in items(source) if isinstance(item, Chunk))
            assert moment - 2.0 < first.times[0] <= moment


def test_twins_at_the_same_time_are_not_made_one(tmp_path: Path):
    twins = [Stream("Amp", 100.0, 10.0, 7.0, source_id="a"), Stream("Amp", 105.0, 12.0, 11.0, source_id="a")]
    _, times, wave, said = read(recorded(tmp_path / "x.xdf", twins))
    assert hertz(wave) == pytest.approx(11.0)
    assert len(times) == 1200
    assert "not read: 'Amp'" in said[0]


def test_the_unit_and_the_rate_are_settled_as_for_lsl(tmp_path: Path):
    path = recorded(tmp_path / "x.xdf", [Stream("Amp", 1.0, 10.0, 9.0, unit="", sfreq=0.0, scale=1e6)])
    info, _, wave, said = read(path)
    assert (info.sfreq, info.unit_confirmed) == (100.0, False)
    assert np.abs(wave).max() == pytest.approx(20.0, rel=0.01), "volts without a word"
    assert any("Took V" in text for text in said)
    assert any("Its stamps show 100 Hz" in text for text in said)
    info, _, wave, said = read(path, unit="mV")
    assert info.unit_confirmed
    assert np.abs(wave).max() == pytest.approx(20e-3, rel=0.01), "what is configured holds"


def test_none_goes_without_eeg(tmp_path: Path):
    with pytest.raises(SourceError, match="nothing to replay"):
        read(recorded(tmp_path / "x.xdf", HEADS), name="none")


def test_an_empty_file_is_told(tmp_path: Path):
    with pytest.raises(SourceError, match="no streams at all"):
        read(recorded(tmp_path / "x.xdf", []))
