"""Streams of whatever type, rate and format beside a simulated participant: recorded as they came, late ones too."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pytest
import pyxdf

from acquisition.lsl import LslSource
from acquisition.lsl_awaited import AwaitedStream
from acquisition.lsl_watch import StreamWatch
from acquisition.simulator.publish import publish
from acquisition.source import Source
from core.config import AnyStreamConfig, Config, EegConfig
from core.data import Chunk, Notice, Prediction, StreamHealth, StreamInfo
from tests.flows.live import WAIT, Live, background, exact, replayed, session, settings

SEED = 4719
RATES = {
    "int8": 50.0, "int16": 0.0, "int32": 100.0, "int64": 0.0, "float32": 64.0, "double64": 0.0, "string": 0.0,
}  # fmt: skip
VALUES: dict[str, list[list[Any]]] = {
    "int8": [[-128, 127], [0, 1], [5, -5]],
    "int16": [[-32768, 32767], [1, 2], [3, 4]],
    "int32": [[-(2**31), 2**31 - 1], [7, 8], [9, 10]],
    "int64": [[-(2**63), 2**63 - 1], [2**53 + 1, 0], [1, -1]],
    "float32": [[0.1, float("nan")], [float("inf"), -0.0], [1e-40, 3.0]],
    "double64": [[0.1, -1e300], [float("nan"), 5e-324], [1.0, 2.0]],
    "string": [["größer", ""], ["two\nlines", "<b>&"], ["a", "b"]],
}


@dataclass
class Sensor:
    """A program that gives one stream."""

    name: str
    of_type: str
    dtype: str
    sfreq: float
    source_id: str = ""
    sent: list[tuple[float, list[Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source_id = self.source_id or f"id of {self.name} {self.of_type}"
        self.start()

    def start(self) -> None:
        info = pylsl.StreamInfo(self.name, self.of_type, 2, self.sfreq, self.dtype, self.source_id)
        info.set_channel_labels(["left", "right"])
        info.set_channel_units(["µS", "a.u."])
        info.desc().append_child("maker").append_child_value("serial", f"{self.name}-007")
        self.outlet: pylsl.StreamOutlet | None = pylsl.StreamOutlet(info)

    def die(self) -> None:
        self.outlet = None

    def send(self, row: list[Any], stamp: float) -> None:
        assert self.outlet is not None
        self.outlet.push_sample(row, stamp)
        self.sent.append((stamp, row))


@dataclass(frozen=True)
class Session:
    """A session that is over, and what was sent to it."""

    path: Path
    config: Config
    live: Live
    sensors: dict[str, Sensor]
    late: Sensor


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Session:
    config = settings(tmp_path_factory.mktemp("any"), wait=WAIT)
    sensors = {kind: Sensor("Muse", f"Type {kind}", kind, RATES[kind]) for kind in VALUES}
    wanted = [AnyStreamConfig("Muse", type=f"Type {kind}", participant="P001") for kind in VALUES]
    wanted.append(AnyStreamConfig.of("Shimmer"))
    with (
        background(lambda stop: publish(["P001"], seed=SEED, t0=pylsl.local_clock(), stop=stop)),
        StreamWatch(pause=0.2, forget=2.0) as watch,
    ):
        sources: list[Source] = [
            AwaitedStream(each, watch, wanted, 0.0 if k == 7 else WAIT) for k, each in enumerate(wanted)
        ]
        sources.insert(0, LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1", wait=WAIT), "P001"))
        with session(sources, config) as live:
            live.until(lambda m: isinstance(m, Prediction))
            now = pylsl.local_clock()
            for kind, sensor in sensors.items():
                for k, row in enumerate(VALUES[kind]):
                    sensor.send(row, now + k / (RATES[kind] or 7.0))
            late = Sensor("Shimmer", "GSR", "float32", 0.0, "first")
            live.until(lambda m: isinstance(m, StreamInfo) and m.name == "Shimmer" and not m.awaited)
            late.send([1.5, 2.5], pylsl.local_clock())
            live.until(_came(live, "Shimmer", 1))
            late.die()
            live.until(_told("lost", "Shimmer"))
            late.source_id = "made up anew"
            late.start()
            live.until(_told("back", "Shimmer"))
            late.send([3.5, 4.5], pylsl.local_clock())
            live.until(_came(live, "Shimmer", 2))
            for kind in VALUES:
                live.until(_came(live, f"Type {kind}", 3))
            enough = pylsl.local_clock() + 1.0
            live.until(lambda m: isinstance(m, Prediction) and m.stop > enough)
    return Session(live.path, config, live, sensors, late)


def _came(live: Live, part: str, n_samples: int) -> Any:
    def all_of_it(message: object) -> bool:
        return isinstance(message, StreamHealth) and part in message.stream and message.n_samples >= n_samples

    if any(map(all_of_it, live.seen)):
        return lambda _: True
    return all_of_it


def _told(kind: str, name: str) -> Any:
    return lambda m: isinstance(m, Notice) and m.kind == kind and name in m.text


@pytest.fixture(scope="module")
def read(recorded: Session) -> dict[str, dict[str, Any]]:
    found, _ = pyxdf.load_xdf(recorded.path, synchronize_clocks=False, dejitter_timestamps=False)
    return {stream["info"]["type"][0]: stream for stream in found}


@pytest.mark.parametrize("kind", VALUES)
def test_pyxdf_reads_the_same_values_types_stamps_and_header(kind: str, recorded: Session, read: dict[str, Any]):
    stream, sent = read[f"Type {kind}"], recorded.sensors[kind].sent
    np.testing.assert_array_equal(stream["time_stamps"], [stamp for stamp, _ in sent])
    if kind == "string":
        assert stream["time_series"] == [row for _, row in sent]
    else:
        dtype = {"double64": "float64"}.get(kind, kind)
        assert stream["time_series"].dtype == dtype
        assert stream["time_series"].tobytes() == np.array([row for _, row in sent], dtype).tobytes()
    info = stream["info"]
    assert info["name"] == ["Muse"]
    assert info["channel_format"] == [kind]
    assert info["source_id"] == [recorded.sensors[kind].source_id]
    assert float(info["nominal_srate"][0]) == RATES[kind]
    desc = info["desc"][0]
    assert [each["unit"][0] for each in desc["channels"][0]["channel"]] == ["µS", "a.u."]
    assert desc["maker"][0]["serial"] == ["Muse-007"]
    assert abs(float(stream["footer"]["info"]["clock_offsets"][0]["offset"][0]["value"][0])) < 0.01


def test_one_that_comes_late_and_is_started_anew_is_one_stream(recorded: Session, read: dict[str, Any]):
    assert read["GSR"]["time_series"].tolist() == [[1.5, 2.5], [3.5, 4.5]]
    np.testing.assert_array_equal(read["GSR"]["time_stamps"], [stamp for stamp, _ in recorded.late.sent])
    assert read["GSR"]["info"]["source_id"] == ["first"]


def test_a_replay_gives_all_of_it_again_bit_for_bit_and_predicts_the_same(
    recorded: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("acquisition.xdf_file._LOOK_PARTS", 8)
    items, events = replayed(recorded.path, recorded.config)
    chunks = [m for m in recorded.live.seen if isinstance(m, Chunk) and m.stream.startswith("stream/")]
    again = [m for m in items if isinstance(m, Chunk) and m.stream.startswith("stream/")]
    for key in {m.stream for m in chunks}:
        live, later = ([m for m in some if m.stream == key] for some in (chunks, again))
        (sent, given) = (np.concatenate([m.data for m in some]) for some in (live, later))
        if sent.dtype == object:
            assert sent.tolist() == given.tolist()
        else:
            assert (sent.dtype, sent.tobytes()) == (given.dtype, given.tobytes())
        assert np.concatenate([m.times for m in live]).tobytes() == np.concatenate([m.times for m in later]).tobytes()
    predictions = [event for event in events if isinstance(event, Prediction)]
    assert list(map(exact, predictions)) == list(map(exact, recorded.live.all(Prediction)))


def test_what_is_worn_by_someone_says_so(recorded: Session):
    whose = {info.type: info.participant for info in recorded.live.all(StreamInfo) if info.kind == "other"}
    assert whose["Type int8"] == "P001"
    assert whose["GSR"] == ""
