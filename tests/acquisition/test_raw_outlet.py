"""A recording's streams sent out on LSL again: values, distances in time and headers as they were."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pylsl
import pytest

from acquisition.devices import channel_table, read_device
from acquisition.raw_outlet import Republished, replay_info
from acquisition.replay import Paced, open_recording
from acquisition.source import items
from core.config import Config
from core.data import Channel, Chunk, Notice, Prediction, StreamInfo
from core.recording.xdf_writer import XdfWriter
from tests.acquisition.edf_files import Signal, sine, write_edf

WAIT = 120.0
T0 = 5000.0
DESC = (
    "<desc><channels><channel><label>a &amp; b</label><unit>microvolts</unit></channel></channels>"
    "<cap><name>größer</name><size>56</size></cap></desc>"
)
STREAMS: dict[int, tuple[str, str, str, float, int]] = {
    1: ("Amp", "EEG", "float32", 100.0, 3),
    2: ("Muse", "PPG", "int32", 64.0, 2),
    3: ("Tobii", "Gaze", "double64", 0.0, 2),
    4: ("Keys", "Markers", "string", 0.0, 1),
    5: ("Second", "EEG", "int16", 50.0, 3),
}


def written(path: Path, streams: dict[int, tuple[str, str, str, float, int]] = STREAMS) -> dict[str, tuple[Any, Any]]:
    """Write a file as LabRecorder does, and return stamps and data of each stream by its name."""
    rng = np.random.default_rng(3)
    given: dict[str, list[Any]] = {}
    with XdfWriter(path, "2026-11-29T12:00:00+0000") as file:
        for number, (name, of_type, dtype, sfreq, n_chans) in streams.items():
            header = (
                f'<?xml version="1.0"?><info><name>{name}</name><type>{of_type}</type><channel_count>{n_chans}'
                f"</channel_count><nominal_srate>{sfreq}</nominal_srate><channel_format>{dtype}</channel_format>"
                f"<source_id>id {name}</source_id><hostname>lab</hostname>{DESC}</info>"
            )
            file.add_stream(number, header, dtype, n_chans)
            file.write_offset(number, T0, 0.25)
        for second in range(4):
            for number, (name, _, dtype, sfreq, n_chans) in streams.items():
                n = int(sfreq) or 7
                stamps = T0 + second + (np.arange(n) / n if sfreq else np.sort(rng.uniform(0, 1, n)))
                if dtype == "string":
                    data = np.array([[f"größer {second} {k}"] * n_chans for k in range(n)], object)
                else:
                    kind = {"double64": "float64"}.get(dtype, dtype)
                    data = rng.normal(0, 50, (n, n_chans)).astype(kind)
                file.write(number, stamps, data)
                given.setdefault(name, []).append((stamps, data))
    return {
        name: (np.concatenate([s for s, _ in some]), np.concatenate([d for _, d in some]))
        for name, some in given.items()
    }


def listen(name: str) -> pylsl.StreamInlet:
    (found,) = pylsl.resolve_byprop("source_id", f"id {name}-replay", 1, WAIT)
    inlet = pylsl.StreamInlet(found, recover=False)
    inlet.open_stream(WAIT)
    return inlet


def heard(inlet: pylsl.StreamInlet, n: int) -> tuple[list[Any], list[float]]:
    data: list[Any] = []
    stamps: list[float] = []
    until = pylsl.local_clock() + WAIT
    while len(stamps) < n and pylsl.local_clock() < until:
        some, when = inlet.pull_chunk(0.2, n)
        data += some
        stamps += when
    return data, stamps


def test_all_streams_go_out_again_as_they_came(tmp_path: Path):
    given = written(tmp_path / "lab.xdf")
    told: list[int] = []
    paced = Paced(open_recording(tmp_path / "lab.xdf", Config()), math.inf)
    with Republished(paced, waits=True, on_waiting=told.append) as source:
        inlets = {name: listen(name) for name in given}
        list(items(source))
        assert told == [5]
        for name, (stamps, data) in given.items():
            values, when = heard(inlets[name], len(stamps))
            assert np.array_equal(np.array(values, data.dtype), data), name
            np.testing.assert_array_equal(when, stamps + 0.25 + source.shift)
            inlets[name].close_stream()


def test_the_header_is_the_devices_own_but_for_the_id():
    info = StreamInfo(
        "lab/Amp", "other", "P001", "Amp\nlifier", "PPG", 64.0, (Channel("a", "a", "misc"),) * 2, "int32", "lab", "x",
        desc=DESC,
    )  # fmt: skip
    header = replay_info(info, 7.5)
    assert (header.name(), header.type(), header.source_id()) == ("Amp\nlifier", "PPG", "x-replay")
    assert (header.channel_count(), header.nominal_srate(), header.channel_format()) == (2, 64.0, pylsl.cf_int32)
    desc = ElementTree.fromstring(header.as_xml()).find("desc")
    wanted = ElementTree.fromstring(DESC)
    assert [texts(child) for child in desc][:-1] == [texts(child) for child in wanted]
    assert (desc.findtext("replay/source_id"), desc.findtext("replay/t0_original")) == ("x", "7.5")


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_a_file_that_is_no_xdf_says_of_its_channels_what_it_knows(tmp_path: Path, unit: str):
    """Who hears it takes each channel for what it is in the file; without a word all were electrodes of guessed µV."""
    scale = 1.0 if unit == "uV" else 1e-3
    signals = [
        Signal("EEG Fp1", 20.0 * scale * sine(10.0, 4.0), unit=unit, physical=(-8.0, 8.0) if scale < 1 else (-800, 800))
    ]
    signals += [replace(signals[0], label=label) for label in ("EEG Cz", "ECG ECG", "Airflow")]
    with open_recording(write_edf(tmp_path / "P007.edf", signals), Config()) as source:
        info = source.infos[0]
        xml = replay_info(info, source.span[0]).as_xml()
        device = read_device(xml)
    assert device.labels == ("EEG Fp1", "EEG Cz", "ECG ECG", "Airflow")
    assert set(device.units) == {unit}
    assert device.locations[1] == pytest.approx(info.channels[1].position, abs=1e-6)
    table = channel_table(device, keep=False)
    assert [channel.kind for channel in table.channels] == ["eeg", "eeg", "ecg", "misc"]
    assert [channel.name for channel in table.channels[:2]] == ["Fp1", "Cz"]
    assert [channel.scale_uv for channel in table.channels[:2]] == [1.0 / scale] * 2


def texts(element: ElementTree.Element) -> list[tuple[str, str]]:
    return [(each.tag, (each.text or "").strip()) for each in element.iter()]


def test_a_file_without_eeg_is_sent_too(tmp_path: Path):
    written(tmp_path / "ppg.xdf", {2: STREAMS[2], 4: STREAMS[4]})
    recording = open_recording(tmp_path / "ppg.xdf", Config(), any_stream=True)
    with Republished(Paced(recording, math.inf)) as source:
        assert len(source.names) == 2
        chunks = [item for item in items(source) if isinstance(item, Chunk)]
    assert sum(len(chunk.timestamps) for chunk in chunks) == 4 * (64 + 7)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_it_keeps_its_distances_and_begins_anew_at_now_after_a_jump(tmp_path: Path, speed: float):
    written(tmp_path / "lab.xdf")
    clock = Clock()
    paced = Paced(open_recording(tmp_path / "lab.xdf", Config()), speed, clock, clock.wait, lead=1.0)
    with Republished(paced, clock) as source:
        source.read(1.0)
        assert source.shift == 100.0 - (T0 + 0.25)
        while not (isinstance(item := source.read(1.0), Chunk) and item.times[-1] > T0 + 2.0):
            assert source.shift == 100.0 - (T0 + 0.25)
        clock.now = 400.0
        paced.seek(T0 + 1.5)
        while not isinstance(source.read(1.0), Notice):
            pass
        assert source.shift == 400.0 - (T0 + 1.5)
        said = Prediction(
            "P001", T0 + 1.0, T0 + 3.0, "ok", (), (), 0, 0, 0, 0, 0, 0, 0, 0, 0, (), (), (), 0.9
        )  # fmt: skip
        assert (source.now(said).start, source.now(said).stop) == (399.5, 401.5)
