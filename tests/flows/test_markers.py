"""Markers of other programs, beside a simulated participant: recorded as they came, seen, exported, replayed."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pytest
import pyxdf

from acquisition.lsl import LslSource
from acquisition.lsl_awaited import AwaitedMarkers
from acquisition.lsl_watch import StreamWatch
from acquisition.outlet import EventOutlet
from acquisition.replay import open_recording, recorded_events
from acquisition.simulator.publish import publish
from acquisition.source import Source
from app.commands.export import to_fif, to_tsv
from core.config import Config, EegConfig, StreamConfig
from core.data import Chunk, Marker, Notice, Prediction, StreamHealth
from tests.flows.live import WAIT, Live, background, exact, replayed, session, settings

SEED = 4713
TOLERANCE = 0.002
"""Seconds by which a measured clock offset on one machine may be off."""


class Program:
    """Another program, such as PsychoPy, that sends markers."""

    def __init__(self, name: str, channel_format: str = "string", of_type: str = "Markers") -> None:
        self.info = pylsl.StreamInfo(name, of_type, 1, 0.0, channel_format, f"id of {name}")
        self.sent: list[tuple[float, Any]] = []
        self.start()

    def start(self) -> None:
        self.outlet: pylsl.StreamOutlet | None = pylsl.StreamOutlet(self.info)

    def die(self) -> None:
        self.outlet = None

    def send(self, what: Any, ahead: float = 0.0) -> None:
        assert self.outlet is not None
        stamp = pylsl.local_clock() + ahead
        self.outlet.push_sample([what], stamp)
        self.sent.append((stamp, what))


@dataclass(frozen=True)
class Session:
    """A session that is over, and what was sent to it."""

    path: Path
    config: Config
    live: Live
    texts: Program
    numbers: Program
    silent: Program


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Session:
    config = settings(tmp_path_factory.mktemp("markers"), wait=WAIT)
    texts, numbers = Program("PsychoPyMarkers"), Program("Codes", "int32")
    silent = Program("Nothing")
    wanted = [StreamConfig(name) for name in ("PsychoPyMarkers", "Codes", "Nothing")]
    with (
        background(lambda stop: publish(["P001"], seed=SEED, t0=pylsl.local_clock(), stop=stop)),
        EventOutlet("P001"),
        StreamWatch() as watch,
    ):
        sources: list[Source] = [AwaitedMarkers(each, watch, wanted, WAIT) for each in wanted]
        sources.insert(0, LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1", wait=WAIT), "P001"))
        with session(sources, config) as live:
            live.until(lambda m: isinstance(m, Prediction))
            texts.send("film begins")
            texts.send("größer, with\ttabs\nand lines")
            numbers.send(7)
            live.until(_is_chunk_of("Codes"))
            texts.send("far ahead", 3600.0)
            live.until(lambda m: isinstance(m, Notice) and m.kind == "clock")
            for k in range(3000):
                texts.send(f"burst {k}")
            live.until(lambda m: _is_chunk_of("PsychoPyMarkers")(m) and m.data[-1, 0] == "burst 2999")
            texts.die()
            live.until(lambda m: isinstance(m, Notice) and m.kind == "lost")
            texts.start()
            live.until(lambda m: isinstance(m, Notice) and m.kind == "back")
            texts.send("here again")
            numbers.send(-3)
            live.until(lambda m: _is_chunk_of("PsychoPyMarkers")(m) and m.data[-1, 0] == "here again")
            live.until(lambda m: isinstance(m, StreamHealth) and m.n_samples == len(texts.sent))
            enough = pylsl.local_clock() + 1.0
            live.until(lambda m: isinstance(m, Prediction) and m.stop > enough)
    return Session(live.path, config, live, texts, numbers, silent)


def _is_chunk_of(name: str) -> Any:
    return lambda m: isinstance(m, Chunk) and f"/{name}/" in m.stream


@pytest.fixture(scope="module")
def streams(recorded: Session) -> dict[str, dict[str, Any]]:
    found, _ = pyxdf.load_xdf(recorded.path)
    return {stream["info"]["name"][0]: stream for stream in found}


def test_pyxdf_has_each_marker_at_its_stamp(recorded: Session, streams: dict[str, Any]):
    stream = streams["PsychoPyMarkers"]
    assert [row[0] for row in stream["time_series"]] == [text for _, text in recorded.texts.sent]
    sent = np.array([stamp for stamp, _ in recorded.texts.sent])
    # pyxdf draws a line through the clock offsets of some seconds: an hour away from them it leads astray.
    within = np.array([text != "far ahead" for _, text in recorded.texts.sent])
    np.testing.assert_allclose(stream["time_stamps"][within], sent[within], rtol=0, atol=TOLERANCE)
    info, footer = stream["info"], stream["footer"]["info"]
    assert [info[key][0] for key in ("type", "channel_format", "nominal_srate")] == ["Markers", "string", "0.0"]
    assert int(footer["sample_count"][0]) == len(sent)
    assert float(footer["first_timestamp"][0]) == sent[0]
    assert stream["info"]["source_id"][0] == "id of PsychoPyMarkers"
    assert stream["info"]["desc"] == [None]


def test_numbers_stay_numbers(recorded: Session, streams: dict[str, Any]):
    stream = streams["Codes"]
    assert stream["time_series"].dtype == np.int32
    assert stream["time_series"][:, 0].tolist() == [7, -3]
    np.testing.assert_allclose(stream["time_stamps"], [t for t, _ in recorded.numbers.sent], rtol=0, atol=TOLERANCE)


def test_raw_stamps_are_kept_to_the_bit(recorded: Session):
    found, _ = pyxdf.load_xdf(recorded.path, synchronize_clocks=False, dejitter_timestamps=False)
    (stream,) = (each for each in found if each["info"]["name"][0] == "PsychoPyMarkers")
    assert stream["time_stamps"].tolist() == [stamp for stamp, _ in recorded.texts.sent]


def test_one_that_says_nothing_is_neither_lost_nor_wrong(recorded: Session, streams: dict[str, Any]):
    assert not len(streams["Nothing"]["time_stamps"])
    lost = [m for m in recorded.live.all(Notice) if m.kind == "lost"]
    assert len(lost) == 1
    assert "PsychoPyMarkers" in lost[0].text
    assert not any("Nothing" in m.text for m in recorded.live.all(Notice))


def test_a_stamp_of_another_time_is_told_once_and_moves_nothing(recorded: Session):
    (odd,) = (m for m in recorded.live.all(Notice) if m.kind == "clock")
    assert "stamped 3600 s after it came" in odd.text
    chunks = [m for m in recorded.live.all(Chunk) if _is_chunk_of("PsychoPyMarkers")(m)]
    assert max(abs(chunk.clock_offset) for chunk in chunks) < TOLERANCE


def test_a_burst_comes_in_few_chunks(recorded: Session):
    assert len([m for m in recorded.live.all(Chunk) if _is_chunk_of("PsychoPyMarkers")(m)]) < 300


def test_replay_gives_the_same_markers_and_the_same_predictions(recorded: Session):
    items, events = replayed(recorded.path, recorded.config)
    assert _in_order(items) == _in_order(recorded.live.all(Chunk))
    made = [exact(event) for event in events if isinstance(event, Prediction)]
    assert made == [exact(prediction) for prediction in recorded.live.all(Prediction)]


def _in_order(items: list[Any]) -> list[tuple[Any, ...]]:
    """Give chunks by what they hold; those of a stream that follow each other are one, as a replay reads them."""
    chunks = (item for item in items if isinstance(item, Chunk))
    runs = (list(run) for _, run in itertools.groupby(chunks, key=lambda c: (c.stream, c.clock_offset)))
    return [
        (run[0].stream, [at for c in run for at in c.timestamps.tolist()], run[0].clock_offset,
         [row for c in run for row in c.data.tolist()])
        if run[0].data.dtype == object
        else (run[0].stream, b"".join(c.timestamps.tobytes() for c in run), run[0].clock_offset,
              b"".join(c.data.tobytes() for c in run))
        for run in runs
    ]  # fmt: skip


def test_overview_and_tables_have_them(recorded: Session, tmp_path: Path):
    told = [event for event in recorded_events(recorded.path) if isinstance(event, Marker)]
    assert [m.text for m in told if m.stream == "Codes"] == ["7", "-3"]
    said = [m.text for m in told if m.stream == "PsychoPyMarkers"]
    assert said[:3] == ["film begins", "größer, with tabs and lines", "far ahead"]
    rows = (to_tsv(recorded.path, recorded.config, tmp_path) / "markers.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0].split("\t") == ["time", "in_session", "stream", "text", "duration"]
    assert len(rows) == 1 + len(told)
    assert float(rows[1].split("\t")[0]) == told[0].time


def test_mne_has_them_where_they_were(recorded: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    import mne

    raw = mne.io.read_raw_fif(to_fif(recorded.path, recorded.config, tmp_path), verbose="error")
    with open_recording(recorded.path, recorded.config) as source:
        start, _ = source.span
    onsets = {a["description"]: a["onset"] for a in raw.annotations}
    assert onsets["film begins"] == pytest.approx(recorded.texts.sent[0][0] - start, abs=TOLERANCE)
    assert "far ahead" not in onsets
    assert f"1 of {len(recorded.texts.sent) + len(recorded.numbers.sent)} markers lie before or after the EEG" in (
        capsys.readouterr().err
    )
    assert abs(raw.info["meas_date"] - datetime.now(UTC)) < timedelta(hours=1)
