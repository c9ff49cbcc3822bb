"""Going about in a recording: from its beginning it is what it was live, from elsewhere nearly so, and told."""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pytest

from acquisition.replay import Paced, open_recording, recorded_predictions
from acquisition.simulator.streams import SimulatedEeg
from app.session.engine import Ended, Engine
from app.session.recording_files import RecordingFiles
from app.session.wiring import pipelines
from core.blendshapes import BLENDSHAPES
from core.config import Config, RecordConfig
from core.data import Chunk, FaceObservation, Item, NeutralFace, Notice, Prediction, StreamInfo
from core.errors import EndOfStream
from core.face_reading import reading_of
from core.predictor import Predictor
from core.recording.session import Session
from tests.flows.conftest import Recorded
from tests.flows.live import WAIT, exact

T0, SECONDS = 700.0, 50.0


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """EEG of a simulated participant with what was predicted of it, flushed as a live one is."""
    config = Config(record=RecordConfig(study=str(tmp_path_factory.mktemp("study")), task="film"))
    made = Session.create(config.record)
    predictor = Predictor("", config)
    with SimulatedEeg("P001", 7, T0, duration=SECONDS, clock=None) as eeg:
        pipeline = pipelines(config, predictor)(eeg.infos)
        files = RecordingFiles(made, eeg.infos, ["P001"], predictor.classes, "2026-11-21T10:00:00+00:00", True)
        with contextlib.suppress(EndOfStream):
            while True:
                item = eeg.read(0.0)
                assert isinstance(item, Chunk)
                files.write(item, False)
                for event in pipeline.push(item):
                    if isinstance(event, Prediction):
                        files.write(event, True)
                files.flush()
    files.close()
    made.describe({"participants": ["P001"]})
    return made


def _from(path: Path, config: Config, *places: float) -> Iterator[Any]:
    """Give what the window is told by a replay that plays a while at each place, and from the last one to the end."""
    predictor = Predictor("", config)
    source = Paced(open_recording(path, config), 0.0, stays=True)
    engine = Engine([source], pipelines(config, predictor), config, pylsl.local_clock, lossless=True)
    with engine:
        for place in places:
            engine.skip_to_seek()
            source.seek(place)
            while not isinstance(message := engine.outbox.get(timeout=WAIT), Notice) or message.kind != "seek":
                pass
            source.set_speed(math.inf)
            if place != places[-1]:
                while not isinstance(message := engine.outbox.get(timeout=WAIT), Prediction):
                    pass
        source._stays = False
        while not isinstance(message := engine.outbox.get(timeout=WAIT), Ended):
            yield message


def test_back_at_the_beginning_it_is_what_it_was_live(recorded: Recorded):
    start = min(p.start for p in recorded.predictions)
    again = _from(recorded.path, recorded.config, start + 3.0, start - 60.0)
    assert [exact(p) for p in again if isinstance(p, Prediction)] == [exact(p) for p in recorded.predictions]


def test_where_one_came_from_makes_no_difference(session: Session):
    straight, round_about = (
        [exact(p) for p in _from(session.xdf, Config(), *places) if isinstance(p, Prediction)]
        for places in ((T0 + 40.0,), (T0 + 10.0, T0 + 40.0))
    )
    assert straight == round_about
    assert len(straight) > 30


def test_the_signal_before_that_moment_may_come_in_one_piece(session: Session, monkeypatch: pytest.MonkeyPatch):
    joined = [exact(p) for p in _from(session.xdf, Config(), T0 + 40.0) if isinstance(p, Prediction)]
    monkeypatch.setattr(Paced, "_joined", lambda _, chunk: chunk)
    assert joined == [exact(p) for p in _from(session.xdf, Config(), T0 + 40.0) if isinstance(p, Prediction)]


def test_elsewhere_predictions_begin_at_that_moment_near_to_those_of_then(session: Session):
    live = {p.stop: p for p in recorded_predictions(session.xdf)}
    place = T0 + 31.1
    again = [m for m in _from(session.xdf, Config(), T0 + 45.0, place) if isinstance(m, Prediction)]
    assert [p.stop for p in again] == [stop for stop in live if stop >= place]
    assert [p.status for p in again] == [live[p.stop].status for p in again]
    off = [np.abs(np.subtract(p.probabilities, live[p.stop].probabilities)).max() for p in again]
    # What is learnt of the signal's size in half a minute is learnt anew from the 8 s before that moment.
    assert 0.0 < np.median(off) < 0.1


def face(time: float, rng: np.random.Generator) -> FaceObservation:
    """Return a face that is read as something else at each moment."""
    embedding = rng.normal(0.0, 1.0, 256).astype(np.float32)
    blendshapes = rng.uniform(0.0, 0.4, 52).astype(np.float32)
    blendshapes[[BLENDSHAPES.index(name) for name in ("jawOpen", "mouthClose")]] = 0.02  # a mouth that is still
    expression = rng.dirichlet(np.ones(7)).astype(np.float32)
    return FaceObservation(
        "P001", time, embedding=embedding, expression=expression, blendshapes=blendshapes, quality=0.9
    )


def face_items() -> Iterator[Item]:
    """Give half a minute of faces; that from 4 to 14 s was a neutral one, as is known a moment later."""
    rng = np.random.default_rng(0)
    for k in range(240):
        time = T0 + k / 8
        yield Chunk("cam", np.array([time]), np.empty((1, 0, 0, 3), np.uint8), frame_index=k)
        yield face(time, rng)
        if time == T0 + 14.125:
            yield NeutralFace("P001", T0 + 4.0, T0 + 14.0)


@pytest.mark.parametrize("kept_every", [60.0, 1.0])
@pytest.mark.parametrize("place", [T0 + 20.0, T0 + 15.0, T0 + 13.0, T0 + 6.0])
def test_elsewhere_a_face_is_read_against_the_same_neutral_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: float, kept_every: float
):
    monkeypatch.setattr("acquisition.xdf_neutral._KEPT_EVERY_S", kept_every)
    config = Config(record=RecordConfig(study=str(tmp_path)))
    camera = StreamInfo("cam", "video", "P001", "cam", sfreq=8.0, face_reading=reading_of(config.face))
    made, predictor = Session.create(config.record), Predictor("", config)
    pipeline = pipelines(config, predictor)([camera])
    files = RecordingFiles(made, [camera], ["P001"], predictor.classes, "2026-11-29T10:00:00+00:00", False)
    live: list[Prediction] = []
    for item in face_items():
        files.write(item, False)
        for event in pipeline.push(item):
            if isinstance(event, Prediction | NeutralFace):
                files.write(event, True)
            live += [event] if isinstance(event, Prediction) else []
        files.flush()
    files.close()
    made.describe({"participants": ["P001"]})
    again = [m for m in _from(made.xdf, config, T0 + 25.0, place) if isinstance(m, Prediction)]
    # The sets follow the answers, of which there are none; what is known of the face at rest is what was known live.
    assert [exact(p) for p in again] == [exact(p) for p in live if p.stop >= place]
    assert sum(p.neutral == "own" for p in again) >= 40
    assert any(p.neutral == "running" for p in again) == (place < T0 + 14.0)
