"""A third modality is an encoder and a line: the rest of the way, from its stream to a replay, is there already."""

import dataclasses
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

import insula
from acquisition.replay import recorded_predictions
from app.panels.reliability import ReliabilityPanel
from app.session.headless import describe
from app.session.predictions_table import columns, row
from app.session.recording_files import RecordingFiles
from app.session.wiring import pipelines
from app.study.kept_windows import keep_windows, kept_windows
from core.config import Config, EegConfig, ModelConfig, RecordConfig
from core.data import Channel, Chunk, Prediction, StreamInfo, Window
from core.errors import CheckpointError
from core.models.checkpoint import load, save
from core.models.model_file import Architecture, Header, TaughtOn, _impossible
from core.models.network import Network
from core.models.own_encoders import further_encoder
from core.predictor import Predictor
from core.recording.session import Session
from core.windowing import Windower
from tests.core.test_windowing import eeg_info, grid, signal
from tests.flows.live import exact, replayed
from training.baselines import fit_population
from training.evaluation import calibrate
from training.examples import Examples, Truth
from training.kept_examples import keep, kept
from training.losses import Weights
from training.objective import Objective

ENCODER = """
import numpy as np
import torch


class Body(torch.nn.Module):
    n_numbers, n_features, seconds = 2, 4, 8.0

    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(2, 4)

    def reads(self, info):
        return info.type == "Body"

    def numbers(self, info, times, samples):
        rate, skin = samples.mean(axis=0)
        return None if times[0] > -2.0 else np.array([(rate - 70.0) / 10.0, skin])

    def forward(self, numbers):
        return torch.tanh(self.line(numbers))
"""
LINE = "[insula.encoders]\nbody = a_body:Body\n"

ARCHITECTURE = Architecture(n_virtual=6, width=16, n_eeg_features=32, n_absolute=8, further=("body",))
NAMES = ("eeg", "face", "body")
CONDITIONS = ["eeg", "face", "body", "both", "eeg+body", "face+body", "eeg+face+body"]
CONFIG = Config(eeg=EegConfig(notch=0.0))
EEG = dataclasses.replace(eeg_info(("Fp1", "Fp2", "T7", "T8"), 128.0), simulated=True)
BODY = StreamInfo(
    "body", "other", "P001", "Wrist", "Body", 10.0, tuple(Channel(name, name, "misc") for name in ("bpm", "eda"))
)


@pytest.fixture(autouse=True)
def body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a package with one encoder."""
    site = tmp_path / "site"
    about = site / "a_body-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "a_body.py").write_text(ENCODER, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-body\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(LINE, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop("a_body", None)


def items(seconds: float = 14.0, size: int = 5, slow_size: int = 2, body_until: float = math.inf) -> list[Chunk]:
    """Return EEG and what the body says, in order of arrival."""
    times, slow = grid(seconds, 128.0), grid(seconds, 10.0)
    eeg = signal(len(times), 4)
    said = np.stack([70.0 + 10.0 * np.sin(slow), 1.0 + 0.1 * np.cos(slow)], axis=1).astype(np.float32)
    parts = [Chunk("eeg", times[k : k + size], eeg[k : k + size]) for k in range(0, len(times), size)]
    parts += [
        Chunk("body", slow[k : k + slow_size], said[k : k + slow_size])
        for k in range(0, len(slow), slow_size)
        if slow[k] < body_until
    ]
    return sorted(parts, key=lambda chunk: float(chunk.times[-1]))


def windows_of(given: list[Chunk]) -> list[Window]:
    windower = Windower("P001", [EEG, BODY], CONFIG, further={"body": further_encoder("body")})
    return [e for item in given for e in windower.push(item) if isinstance(e, Window)]


def taught(path: Path, windows: list[Window]) -> Path:
    """Return a model of three modalities after one step, calibrated on the same windows."""
    torch.manual_seed(0)
    network = Network(ARCHITECTURE)
    examples = Examples(((window, Truth(k % 2, 0.1, -0.1, trial=k)) for k, window in enumerate(windows)), 256, 256)
    everything = np.arange(len(examples))
    assert examples.has.any(axis=0).tolist() == [True, False, True]
    fit_population(network, examples, everything)
    objective = Objective(network, Weights())
    optimiser = torch.optim.AdamW([*network.parameters(), *objective.parameters()], lr=1e-2)
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    torch.autograd.backward(objective(network, examples.batch(everything), noisy=True))
    optimiser.step()
    moved = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    for part in ("further.body.encoder.line", "further_heads.body.mean", "fusion.estimators.2", "eeg_head.mean"):
        assert any(name.startswith(part) for name in moved), part
    calibration = calibrate(network.eval(), examples, everything)
    assert list(calibration.temperature) == CONDITIONS
    save(path, network, Header(ARCHITECTURE, TaughtOn(simulated=True), "fourteen seconds", calibration=calibration))
    for name, value in load(path).network.state_dict().items():
        assert torch.equal(network.state_dict()[name], value), name
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return taught(tmp_path / "three.safetensors", windows_of(items()))


def said(model: Path, given: list[Chunk]) -> list[Prediction]:
    pipeline = pipelines(CONFIG, Predictor(model, CONFIG))((EEG, BODY))
    return [event for item in given for event in pipeline.push(item) if isinstance(event, Prediction)]


def test_it_has_its_own_weight_and_noise(model: Path):
    predictions = said(model, items())
    assert len(predictions) > 40
    assert {p.modalities for p in predictions} == {NAMES}
    assert {len(p.weights) for p in predictions} == {len(p.noise) for p in predictions} == {3}
    last = predictions[-1]
    eeg, face, body = last.weights
    assert (face, math.isnan(last.noise[1])) == (0.0, True)
    assert min(eeg, body) > 0.0
    assert eeg + body == pytest.approx(1.0)
    assert last.noise[2] > 0.0
    assert 0.0 <= last.disagreement <= 1.0
    # While the EEG's filters settle, it is read alone.
    assert predictions[2].weights == (0.0, 0.0, 1.0)
    assert "trust EEG" in describe(last)
    assert f"body {body:.2f}" in describe(last)


def test_a_session_with_it_replays_to_the_bit(model: Path, tmp_path: Path):
    config = dataclasses.replace(CONFIG, record=RecordConfig(study=str(tmp_path / "study")))
    predictor = Predictor(model, config)
    pipeline = pipelines(config, predictor)((EEG, BODY))
    session = Session.create(config.record)
    files = RecordingFiles(
        session, (EEG, BODY), ["P001"], predictor.classes, "2026-11-21T10:00:00+00:00", False, predictor.modalities
    )
    live = []
    for item in items():
        files.write(item, derived=False)
        for event in pipeline.push(item):
            if isinstance(event, Prediction):
                files.write(event, derived=True)
                live.append(event)
    files.close()
    session.describe({"participants": ["P001"]})
    again = dataclasses.replace(config, model=ModelConfig(path=str(model)))
    replay = [event for event in replayed(session.xdf, again)[1] if isinstance(event, Prediction)]
    assert [exact(p) for p in replay] == [exact(p) for p in live]
    assert [exact(p, feature=False) for p in recorded_predictions(session.xdf)] == [
        exact(p, feature=False) for p in live
    ]
    cells = dict(zip(columns(live[-1].classes, NAMES), row(live[-1], NAMES), strict=True))
    assert float(cells["weight_body"]) == live[-1].weights[2]
    assert insula.as_records(live)["noise_body"][-1] == live[-1].noise[2]


def test_the_same_samples_in_other_chunks_give_the_same_predictions(model: Path):
    few, many = said(model, items(size=3, slow_size=1)), said(model, items(size=40, slow_size=4))
    shared = min(len(few), len(many))
    assert shared > 40
    assert [exact(p) for p in few[:shared]] == [exact(p) for p in many[:shared]]


def test_it_is_waited_for_no_longer_than_for_eeg_and_then_missing(model: Path):
    by_stop = {p.stop: p for p in said(model, items(body_until=108.0))}
    assert by_stop[108.0].weights[2] > 0.0
    assert by_stop[112.0].weights == (1.0, 0.0, 0.0)
    assert math.isnan(by_stop[112.0].noise[2])
    assert max(by_stop) == pytest.approx(114.0 - CONFIG.window.patience, abs=0.25)


def test_the_panel_shows_three_weights(model: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    panel, written = ReliabilityPanel(), []
    qtbot.addWidget(panel)
    panel.resize(220, 330)
    write = panel.write
    monkeypatch.setattr(panel, "write", lambda *args: (written.append(args[2]), write(*args)))
    last = said(model, items())[-1]
    panel.show_window(windows_of(items())[-1])
    panel.show_prediction(last)
    assert not panel.grab().isNull()
    assert written == [
        *("EEG", f"{last.weights[0]:.1f}", written[2]),
        *("face", "0.0", "no picture: check the camera"),
        *("body", f"{last.weights[2]:.1f}", written[8]),
    ]
    assert written[2].startswith(("clean", f"noise {last.noise[0]:.1f} ×"))
    assert written[8].startswith(("clean", f"noise {last.noise[2]:.1f} ×"))


def test_examples_with_it_are_kept(tmp_path: Path):
    examples = Examples(((window, Truth()) for window in windows_of(items())), 256, 256)
    keep(examples, tmp_path / "examples.npz")
    again = kept(tmp_path / "examples.npz")
    assert again.further_sizes == examples.further_sizes == {"body": 2}
    assert again.numbers.tobytes() == examples.numbers.tobytes()
    assert again.has.tolist() == examples.has.tolist()
    assert examples.has[:, 2].any()
    placed = [(0, 0.0, window) for window in windows_of(items())]
    keep_windows(tmp_path / "windows.npz", placed)
    found = kept_windows(tmp_path / "windows.npz")
    assert found is not None
    for (_, _, then), (_, _, now) in zip(placed, found.placed, strict=True):
        for one, other in zip(then.further, now.further, strict=True):
            assert (one.modality, one.problem) == (other.modality, other.problem)
            np.testing.assert_array_equal(one.values, other.values)


def test_a_model_says_which_package_reads_it(model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each != str(tmp_path / "site")])
    with pytest.raises(CheckpointError, match=r"encoder 'body', which is not installed.*a-body 1\.0"):
        load(model)


@pytest.mark.parametrize("names", [("eeg",), ("a", "a"), ("a b",), tuple("abcdefg")])
def test_modalities_that_no_model_has_are_refused(names: tuple[str, ...]):
    header = Header(dataclasses.replace(ARCHITECTURE, further=names), TaughtOn(), "")
    assert "the modalities are" in _impossible(header)
