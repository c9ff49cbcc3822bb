"""Several participants in one process: each gets what they would get alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import Source
from app.session.engine import Ended
from core.config import Config, FaceConfig
from core.data import Chunk, Pace, Prediction
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor
from core.recording.video import VideoCoder
from tests.flows.live import exact, replayed, session, settings

PEOPLE = ("P001", "P002", "P003")
FACE = FaceConfig(fps=8.0)


def sources_of(person: str) -> list[Source]:
    """EEG of different caps and rates; the last one has no camera."""
    seed = int(person[-1])
    t0 = 1000.0 + seed / 7
    eeg = SimulatedEeg(person, seed, t0, sfreq=125.0 * seed, duration=9.0, clock=None)
    if person == PEOPLE[-1]:
        return [eeg]
    coder = VideoCoder(FACE.width_px, FACE.height_px, FACE.fps)
    return [eeg, SimulatedFace(person, seed, t0, FACE, coder=coder, duration=9.0, clock=None)]


def test_each_gets_the_predictions_of_their_own_chunks(tmp_path: Path):
    config = replace(settings(tmp_path), face=FACE)
    sources = [source for person in PEOPLE for source in sources_of(person)]
    # As fast as they go, so a thread of its own would pass over most faces: the pipeline looks at the pictures.
    with session(sources, config, PEOPLE, looks=False, lossless=True) as live:
        live.until(lambda m: isinstance(m, Ended))
    together = live.all(Prediction)
    items, _ = replayed(live.path, config)
    for person in PEOPLE:
        own = [p for p in together if p.participant == person]
        assert len(own) > 10
        assert [exact(p) for p in own] == [exact(p) for p in alone(person, items, config)]
    again = [event for event in replayed(live.path, config)[1] if isinstance(event, Prediction)]
    assert [exact(p) for p in again] == [exact(p) for p in together]


def alone(person: str, items: Sequence[object], config: Config) -> list[Prediction]:
    """Push one participant's chunks, and what was passed over, through a pipeline that knows of nobody else."""
    infos = [info for source in sources_of(person) for info in source.infos]
    keys = {info.key for info in infos}
    pipeline = Pipeline(infos, Predictor("", config), config, FaceReader())
    own = [i for i in items if isinstance(i, Pace) or (isinstance(i, Chunk) and i.stream in keys)]
    events = [event for item in own for event in pipeline.push(item)]
    return [event for event in events if isinstance(event, Prediction)]
