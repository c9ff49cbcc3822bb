"""Markers of a program that nobody chose: offered while the session runs, and recorded from when that is pressed."""

from pathlib import Path

import pylsl
import pyxdf

from acquisition.lsl import LslSource
from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch
from acquisition.replay import recorded_events
from acquisition.simulator.publish import publish
from app.session.late_markers import LateMarkers
from core.config import EegConfig
from core.data import Chunk, Marker, Prediction, StreamInfo
from tests.flows.live import WAIT, Live, background, session, settings

SEED = 4717


def offered(near: LateMarkers, live: Live) -> list[FoundStream]:
    """Return the offers once there are any."""
    until = pylsl.local_clock() + WAIT
    while not (found := near.markers()) and pylsl.local_clock() < until:
        live.until(lambda m: isinstance(m, Prediction))
    return found


def test_they_are_offered_and_recorded_from_then_on(tmp_path: Path):
    keys = pylsl.StreamOutlet(pylsl.StreamInfo("Keys", "Markers", 1, 0.0, "string", "keys"))
    codes_info = pylsl.StreamInfo("Codes", "Markers", 2, 0.0, "int32", "codes")
    gone = FoundStream.of(codes_info)  # offered for a moment longer than its program lives
    with (
        StreamWatch(pause=0.2) as watch,
        background(lambda stop: publish(["P001"], seed=SEED, t0=pylsl.local_clock(), stop=stop)),
        session(
            [LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1", wait=WAIT), "P001", watch=watch)],
            settings(tmp_path, wait=WAIT),
        ) as live,
    ):
        near = LateMarkers(watch, live.engine, ())
        (found,) = offered(near, live)
        near.take_in(found)
        near.take_in(gone)
        assert near.markers() == []
        info = live.until(lambda m: isinstance(m, StreamInfo) and m.name == "Keys")
        assert not info.awaited
        keys.push_sample(["space"])
        live.until(lambda m: isinstance(m, Chunk) and m.stream == info.key)
        codes = pylsl.StreamOutlet(codes_info)
        assert codes.wait_for_consumers(WAIT)
        codes.push_sample([7, -7])
        live.until(lambda m: isinstance(m, Chunk) and "Codes" in m.stream)
    streams = {each["info"]["name"][0]: each for each in pyxdf.load_xdf(live.path)[0]}
    assert streams["Keys"]["time_series"] == [["space"]]
    assert streams["Codes"]["time_series"].tolist() == [[7, -7]]
    said = [event.text for event in recorded_events(live.path) if isinstance(event, Marker)]
    assert said[0] == "space"
