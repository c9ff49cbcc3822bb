"""Devices that go away in the middle of a session and come back: it goes on, and the gap is marked everywhere."""

import contextlib
import json
import math
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pyxdf

from acquisition.lsl import LslSource
from acquisition.simulator.face import FaceGenerator
from acquisition.simulator.trajectory import Trajectory
from acquisition.source import Source
from acquisition.webcam import WebcamSource
from app.session.lost_streams import LostStreams
from core.config import EegConfig
from core.data import Array, Chunk, Notice, Prediction
from tests.flows.live import Live, exact, replayed, session, settings, streaming
from tests.headsets import HEADSETS, FakeOutlet

HEADSET = HEADSETS["neurosity"]
FPS = 15.0


class Plug:
    """A camera with a plug, real time, BGR as OpenCV gives it."""

    def __init__(self, pictures: list[Array]) -> None:
        self._pictures = pictures
        self._n = 0
        self._pause = threading.Event()
        self.is_in = True

    def isOpened(self) -> bool:  # noqa: N802
        return self.is_in

    def set(self, prop: int, value: float) -> bool:
        return True

    def get(self, prop: int) -> float:
        return 0.0

    def grab(self) -> bool:
        self._pause.wait(-pylsl.local_clock() % (1 / FPS))
        return self.is_in

    def retrieve(self) -> tuple[bool, Any]:
        self._n += 1
        return self.is_in, self._pictures[self._n % len(self._pictures)][..., ::-1].copy()

    def release(self) -> None:
        pass


def until_read(live: Live, eeg: bool, face: bool) -> Prediction:
    """Wait for a window from which these modalities, and no others, were read."""
    wanted = (eeg, face)
    found: Prediction = live.until(
        lambda m: isinstance(m, Prediction) and tuple(not math.isnan(noise) for noise in m.noise) == wanted
    )
    return found


def until_told(live: Live, stream: str, kind: str) -> Notice:
    found: Notice = live.until(lambda m: isinstance(m, Notice) and m.kind == kind and stream in m.stream)
    return found


def test_headset_and_camera_lost_and_back(tmp_path: Path):
    config = settings(tmp_path)
    generator = FaceGenerator(3, Trajectory(3), FPS)
    plug = Plug([generator.frame(k) for k in range(4)])
    sources: list[Source] = [
        LslSource(EegConfig(source_id=HEADSET.source_id), "P001"),
        WebcamSource(config.face, "P001", open_camera=lambda number: plug),
    ]
    with contextlib.ExitStack() as world:
        first = world.enter_context(FakeOutlet(HEADSET, seed=1))
        world.enter_context(streaming(first))
        with session(sources, config) as live:
            eeg, camera = (info.key for info in live.engine.infos)
            until_read(live, eeg=True, face=True)
            world.close()
            lost = until_told(live, eeg, "lost")
            until_read(live, eeg=False, face=True)
            second = world.enter_context(FakeOutlet(HEADSET, seed=2))
            world.enter_context(streaming(second))
            back = until_told(live, eeg, "back")
            plug.is_in = False
            until_told(live, camera, "lost")
            until_read(live, eeg=True, face=False)
            plug.is_in = True
            until_told(live, camera, "back")
            until_read(live, eeg=True, face=True)

    gap = next(n for n in live.all(Notice) if n.kind == "gap" and n.stream == eeg)
    assert "no samples for" in gap.text
    streams, _ = pyxdf.load_xdf(live.path, synchronize_clocks=False, dejitter_timestamps=False)
    by_type = {stream["info"]["type"][0]: stream for stream in streams}
    stamps = by_type["EEG"]["time_stamps"]
    hole = int(np.argmax(np.diff(stamps)))
    assert stamps[hole] <= lost.time
    assert stamps[hole + 1] <= back.time + 1.0
    assert np.diff(stamps)[hole] > 0.5
    for outlet, part in ((first, slice(None, hole + 1)), (second, slice(hole + 1, None))):
        own = np.concatenate(outlet.stamps)
        kept = stamps[part]
        begin = int(np.searchsorted(own, kept[0]))
        np.testing.assert_array_equal(kept, own[begin : begin + len(kept)])
    told = [json.loads(row[0]) for row in by_type["Markers"]["time_series"]]
    assert {"lost", "back"} <= {each["kind"] for each in told if each.get("stream") == camera}
    again = [event for event in replayed(live.path, config)[1] if isinstance(event, Prediction)]
    assert [exact(p) for p in again] == [exact(p) for p in live.all(Prediction)]


def test_who_comes_back_with_another_source_id_is_taken_by_hand_and_a_replay_knows(tmp_path: Path):
    config = settings(tmp_path)
    sources = [LslSource(EegConfig(name=HEADSET.name), "P001")]
    with contextlib.ExitStack() as world:
        begun = contextlib.ExitStack()
        first = begun.enter_context(FakeOutlet(replace(HEADSET, source_id="made up"), seed=1))
        begun.enter_context(streaming(first))
        with session(sources, config) as live:
            until_read(live, eeg=True, face=False)
            begun.close()
            again = world.enter_context(FakeOutlet(replace(HEADSET, source_id="another"), seed=2))
            with streaming(again):
                live.until(lambda m: isinstance(m, Notice) and "is not taken again by itself" in m.text)
                lost = LostStreams(sources)
                ((info, candidate),) = lost.offers()
                assert (info.key, candidate.source_id) == (sources[0].infos[0].key, "another")
                lost.take_back(info.key, candidate)
                back = until_told(live, HEADSET.name, "back")
                assert "taken by hand, with source_id 'another' instead of 'made up'" in back.text
                until_read(live, eeg=True, face=False)
    items, _ = replayed(live.path, config)
    assert back in items
    chunks = [item for item in items if isinstance(item, Chunk) and item.stream == info.key]
    after = np.concatenate([chunk.timestamps for chunk in chunks[items_before(items, back, info.key) :]])
    assert np.isin(after, np.concatenate(again.stamps)).all()


def items_before(items: list[Any], notice: Notice, key: str) -> int:
    """Return how many chunks of a stream came before a notice."""
    return sum(isinstance(item, Chunk) and item.stream == key for item in items[: items.index(notice)])
