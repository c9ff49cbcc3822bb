"""A session that keeps no picture: its face was read live, and that is enough to replay it."""

from dataclasses import replace
from pathlib import Path

import pylsl

from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import Source
from core.data import FaceObservation, Prediction
from core.recording.session import Session
from core.recording.video import VideoCoder
from tests.flows.live import exact, replayed, session, settings


def test_it_replays_to_the_bit(tmp_path: Path):
    config = settings(tmp_path)
    config = replace(config, record=replace(config.record, video=False))
    t0 = pylsl.local_clock()
    coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps)
    sources: list[Source] = [SimulatedEeg("P001", 3, t0), SimulatedFace("P001", 3, t0, config.face, coder=coder)]
    with session(sources, config) as live:
        for _ in range(6):
            live.until(lambda m: isinstance(m, Prediction) and min(m.weights) > 0)
    assert not Session.open(live.path).video.exists()
    items, events = replayed(live.path, config)
    again = [event for event in events if isinstance(event, Prediction)]
    assert [exact(p) for p in again] == [exact(p) for p in live.all(Prediction)]
    assert sum(isinstance(item, FaceObservation) for item in items) > 10
