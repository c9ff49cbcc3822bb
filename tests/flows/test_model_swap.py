"""Another model takes over between two windows: recorded, and replayed at the same window, to the last bit."""

import csv
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pylsl
import pytest

import insula
from acquisition.replay import Paced, open_recording, recorded_events
from acquisition.simulator.streams import SimulatedEeg
from app.cli import main
from app.session.engine import Ended, Engine
from app.session.model_loading import ModelLoading
from app.session.model_swap import ModelSwap
from app.session.recorder import Recorder
from app.session.wiring import pipelines
from app.study.offline_replay import replay
from core.config import Config, RecordConfig
from core.data import ModelChange, Notice, Prediction
from core.errors import CheckpointError
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, read_model
from core.predictor import Predictor
from core.recording.session import MODELS, Session
from tests.flows.live import WAIT, exact

SECONDS = 80.0


def another_model(path: Path, **architecture: Any) -> str:
    """Write a model that says something else of the same EEG, and return its sha256."""
    made = load(SHIPPED)
    path.parent.mkdir(exist_ok=True)
    weights = made.network.state_dict()
    for name in weights:
        if name.startswith("eeg_head."):
            weights[name] = 1.5 * weights[name]
    made.network.load_state_dict(weights)
    header = dataclasses.replace(made.header, training_data="another")
    if architecture:
        header = dataclasses.replace(header, architecture=dataclasses.replace(header.architecture, **architecture))
    save(path, made.network, header)
    return read_model(path).sha256


@dataclass
class Swapped:
    """A session in which another model read for a while."""

    config: Config
    session: Session
    first: str
    second: str
    predictions: list[Prediction]
    notices: list[str]

    @property
    def models(self) -> Path:
        assert self.session.study is not None
        return self.session.study / MODELS


@pytest.fixture(scope="module")
def swapped(tmp_path_factory: pytest.TempPathFactory) -> Swapped:
    study = tmp_path_factory.mktemp("study")
    config = Config(record=RecordConfig(study=str(study), flush=0.2))
    path = study / MODELS / "P001_taught.safetensors"
    second, first = another_model(path), read_model("")
    seen: list[Any] = []

    def until(wanted: Any) -> None:
        while not wanted(message := engine.outbox.get(timeout=WAIT)):
            seen.append(message)
        seen.append(message)

    def is_by(sha256: str) -> Any:
        return lambda m: isinstance(m, Prediction) and m.status == "ok" and m.model == sha256

    with ModelLoading([""], config) as loading:
        loading.begin()
        loading.check()
        recorder = Recorder(config, ["P001"], first.sha256, first.classes, pylsl.local_clock)
        # At the pace of the queue of what is shown: the models come while there is still something to read.
        source = SimulatedEeg("P001", 7, 700.0, duration=SECONDS, clock=None)
        engine = Engine([source], loading.make, config, pylsl.local_clock, recorder, lossless=True)
        with engine, ModelSwap(engine, loading, first, config, lambda: 712.5) as swap:
            until(is_by(first.sha256))
            swap.use(path)
            until(is_by(second))
            swap.go_back()
            until(lambda m: isinstance(m, Ended))
        while not engine.outbox.empty():
            seen.append(engine.outbox.get_nowait())
    assert recorder.session is not None
    made = [m for m in seen if isinstance(m, Prediction)]
    notices = [m.text for m in seen if isinstance(m, Notice)]
    return Swapped(config, recorder.session, first.sha256, second, made, notices)


def test_each_prediction_names_its_model_and_none_is_lost(swapped: Swapped):
    models = [p.model for p in swapped.predictions]
    turns = [model for k, model in enumerate(models) if k == 0 or model != models[k - 1]]
    assert turns == [swapped.first, swapped.second, swapped.first]
    stops = [p.stop for p in swapped.predictions]
    assert stops == [stops[0] + swapped.config.window.step * k for k in range(len(stops))]
    assert "From here on P001_taught.safetensors reads." in swapped.notices


def test_a_replay_changes_models_at_the_same_window_to_the_bit(swapped: Swapped):
    again = pipelines(swapped.config, Predictor("", swapped.config), swapped.models)
    replayed = [event for _, some in replay(swapped.session.xdf, swapped.config, again) for event in some]
    assert [exact(p) for p in replayed if isinstance(p, Prediction)] == [exact(p) for p in swapped.predictions]


def test_a_table_and_python_change_models_at_the_same_window_too(swapped: Swapped, tmp_path: Path):
    """Each looks for the study's models by itself; without them they said that these were not there any more."""
    live = [(p.model, str(p.valence)) for p in swapped.predictions]
    path = tmp_path / "predictions.tsv"
    assert main(["replay", str(swapped.session.xdf), "--out", str(path)]) == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [(row["model"], row["valence"].replace("n/a", "nan")) for row in rows] == live
    predictor = insula.Predictor()
    for _ in range(2):  # what has read once reads again in the same way
        said = list(insula.replay(swapped.session.xdf, predictor))
        assert [exact(p, feature=False) for p in said] == [exact(p, feature=False) for p in swapped.predictions]
    assert {model for model, _ in live} == {swapped.first, swapped.second}


def test_another_model_s_replay_is_its_own_throughout(swapped: Swapped):
    path = swapped.models / "P001_taught.safetensors"
    again = pipelines(swapped.config, Predictor(path, swapped.config), swapped.models)
    replayed = [event for _, some in replay(swapped.session.xdf, swapped.config, again) for event in some]
    assert {p.model for p in replayed if isinstance(p, Prediction)} == {swapped.second}


def test_what_is_not_there_any_more_is_told_and_the_first_reads_on(swapped: Swapped):
    again = pipelines(swapped.config, Predictor("", swapped.config))
    replayed = [event for _, some in replay(swapped.session.xdf, swapped.config, again) for event in some]
    assert {p.model for p in replayed if isinstance(p, Prediction)} == {swapped.first}
    assert any("not in the study's models" in e.text for e in replayed if isinstance(e, Notice))


def test_the_recording_and_its_description_say_which_model_read_from_when(swapped: Swapped):
    changes = [event for event in recorded_events(swapped.session.xdf) if isinstance(event, ModelChange)]
    assert [(c.before, c.model) for c in changes] == [(swapped.first, swapped.second), (swapped.second, swapped.first)]
    told = swapped.session.about()["models"]
    assert [one["sha256"] for one in told] == [swapped.first, swapped.second, swapped.first]
    assert told[1] == {"from_lsl": 712.5, "sha256": swapped.second, "file": "P001_taught.safetensors"}


def test_going_about_in_it_takes_the_model_that_read_there(swapped: Swapped):
    changes = [event for event in recorded_events(swapped.session.xdf) if isinstance(event, ModelChange)]
    source = Paced(open_recording(swapped.session.xdf, swapped.config), 0.0, stays=True)
    make = pipelines(swapped.config, Predictor("", swapped.config), swapped.models)
    engine = Engine(
        [source], make, swapped.config, pylsl.local_clock, lossless=True, model_at=lambda _: changes[0]
    )  # fmt: skip
    by_second = [p.stop for p in swapped.predictions if p.model == swapped.second]
    with engine:
        engine.skip_to_seek()
        source.seek(by_second[1])
        source.set_speed(math.inf)
        said = list(_predictions(engine, by_second[-1]))
    assert [(p.stop, p.model) for p in said] == [(stop, swapped.second) for stop in by_second[1:]]


def test_what_somebody_chooses_over_a_recording_stays_wherever_they_go(swapped: Swapped):
    source = Paced(open_recording(swapped.session.xdf, swapped.config), 0.0, stays=True)
    make = pipelines(swapped.config, Predictor("", swapped.config), swapped.models)
    engine = Engine([source], make, swapped.config, pylsl.local_clock, lossless=True)
    last = swapped.predictions[-1].stop
    with engine:
        engine.use_model(ModelChange(0.0, swapped.second))
        engine.skip_to_seek()
        source.seek(swapped.predictions[0].stop)
        source.set_speed(math.inf)
        said = list(_predictions(engine, last))
    assert {p.model for p in said} == {swapped.second}


def _predictions(engine: Engine, until: float) -> Iterator[Prediction]:
    while True:
        message = engine.outbox.get(timeout=WAIT)
        if isinstance(message, Prediction):
            yield message
            if message.stop >= until:
                return


def test_a_model_that_does_not_fit_is_refused_in_words(tmp_path: Path):
    config = Config()
    engine = Engine([], lambda _: None, config, pylsl.local_clock)  # type: ignore[arg-type, return-value]
    swap = ModelSwap(engine, ModelLoading([""], config), read_model(""), config, pylsl.local_clock)
    longer = tmp_path / "longer.safetensors"
    another_model(longer, n_times=512)
    with pytest.raises(CheckpointError, match="256 samples but the model reads 512"):
        swap.use(longer)
    others = tmp_path / "others.safetensors"
    another_model(others, classes=("rest", "load", "a", "b", "c", "d", "e"))
    with pytest.raises(CheckpointError, match="A model of other classes needs a new session"):
        swap.use(others)


def test_it_is_ready_for_the_shapes_that_the_one_before_has_had(swapped: Swapped):
    first, second = (Predictor(path, swapped.config) for path in ("", swapped.models / "P001_taught.safetensors"))
    first.warm_up(8)
    second.prepare_like(first)
    shapes = [{there: set(forward._recorded) for there, forward in one._forwards.items()} for one in (first, second)]
    assert shapes[0] == shapes[1] != {}
