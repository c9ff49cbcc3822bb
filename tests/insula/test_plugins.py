"""The example package, installed: each group of entry points does what the docs say, and a missing one is told."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pytest
import torch

import insula
from acquisition.source import items
from app.cli import main
from app.session.live_sources import devices
from app.study import train_people
from core.active.moments import moments
from core.active.query import OWN, query_of
from core.config import Config, EegConfig, FaceConfig
from core.models.checkpoint import load, save
from core.models.model_file import Architecture, Header, TaughtOn
from core.models.network import Network
from core.plugins import installed, load_plugin
from tests.acquisition.edf_files import Signal, as_read, eeg, sine, write_edf
from tests.app.study.test_train_people import data  # noqa: F401 - a fixture
from tests.core.active.test_query import SURE
from tests.flows.live import exact
from training.people import PeopleRecipe, Setting

PACKAGE = Path(__file__).parents[2] / "docs" / "examples" / "insula-bands"
NAMES = ["Fp1", "Fp2", "C3", "C4"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example, without a network."""
    folder = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    done = subprocess.run(
        [*pip, "--no-build-isolation", "--target", folder, PACKAGE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def bands(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(site)
    yield
    for name in [name for name in sys.modules if name.startswith("insula_bands")]:
        del sys.modules[name]


@pytest.fixture
def microvolts() -> np.ndarray:
    return np.array([as_read(signal) for signal in eeg(12.0)])


def model_with(path: Path, **encoders: Any) -> Path:
    torch.manual_seed(0)
    architecture = Architecture(**encoders)
    save(path, Network(architecture), Header(architecture, TaughtOn(population=True, n_people=9), "nothing"))
    return path


@pytest.mark.usefixtures("bands")
def test_what_it_offers_is_known():
    assert installed("insula.encoders") == ("bands", "smile")
    assert installed("insula.sources") == (".csv", "sine")
    assert installed("insula.datasets") == ("csv-folder",)


@pytest.mark.usefixtures("bands")
def test_an_encoder_of_eeg_stands_in_the_place_of_log_power(tmp_path: Path, microvolts: np.ndarray):
    path = model_with(tmp_path / "m.safetensors", eeg_encoder="bands")
    checkpoint = load(path)
    assert checkpoint.header.needs == ("insula-bands 0.1.0",)
    assert checkpoint.network.eeg.n_power == 8
    times = torch.arange(256) / 128.0
    wave = torch.sin(2 * torch.pi * 10.0 * times).repeat(1, 2, 1)
    places = torch.tensor([[[-0.05, 0.0, 0.05], [0.05, 0.0, 0.05]]])
    numbers = checkpoint.network.eeg.log_power(wave * torch.tensor([1.0, 2.0])[:, None], places, torch.ones(1, 2) > 0)
    (theta, alpha, beta, gamma), right = numbers.reshape(2, 4).tolist()
    assert alpha > max(theta, beta, gamma) + 5
    assert right[1] - alpha == pytest.approx(np.log(4.0), abs=1e-3)
    p = insula.Predictor(path)
    said = p.predict(microvolts, 128.0, NAMES, unit="uV")
    assert any(np.isfinite(one.valence) for one in said)
    assert [exact(one) for one in p.predict(microvolts, 128.0, NAMES, unit="uV")] == [exact(one) for one in said]


@pytest.mark.usefixtures("bands")
def test_an_encoder_of_faces_says_what_each_frame_shows(tmp_path: Path):
    checkpoint = load(model_with(tmp_path / "m.safetensors", face_encoder="smile"))
    shapes = torch.zeros(2, 16, 52)
    shapes[1, :, [insula.BLENDSHAPES.index(f"mouthSmile{side}") for side in ("Left", "Right")]] = 0.9
    feature = checkpoint.network.face(torch.zeros(2, 16, 256), torch.ones(2, 16), torch.ones(2, 16) > 0, None, shapes)
    calm, smiling = feature[:, :7].tolist()
    assert (np.argmax(calm), np.argmax(smiling)) == (0, 1)
    assert smiling[1] > 0.9
    assert not checkpoint.header.architecture.compares_faces


@pytest.mark.usefixtures("bands")
def test_a_replay_reads_faces_by_it(tmp_path: Path, recording: Path):
    path = model_with(tmp_path / "m.safetensors", face_encoder="smile")
    said = list(insula.replay(recording, path))
    assert len(said) == 40
    assert any(one.weights[1] > 0 for one in said)


def test_a_model_says_which_package_it_lacks(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        path = model_with(tmp_path / "m.safetensors", eeg_encoder="bands")
    with pytest.raises(insula.CheckpointError, match=r"the encoder 'bands'.*with insula-bands 0\.1\.0: install"):
        insula.Predictor(path)
    (tmp_path / "a.xdf").touch()
    assert main(["replay", str(tmp_path / "a.xdf"), "--model", str(path), "--headless"]) == 3
    assert "insula-bands 0.1.0" in capsys.readouterr().err


@pytest.mark.usefixtures("bands")
def test_people_are_taught_with_an_encoder(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    quick = partial(PeopleRecipe, settings=(Setting(1),), n_inner=2, per_epoch=64, batch=32)
    monkeypatch.setattr(train_people, "PeopleRecipe", quick)
    (tmp_path / "bands.toml").write_text('[model]\neeg_encoder = "bands"\n', encoding="utf-8")
    words = ["train", "people", "--data", str(data), "--run", str(tmp_path / "run"), "--sensors", "eeg"]
    out = tmp_path / "mine.safetensors"
    assert main([*words, "--out", str(out), "--config", str(tmp_path / "bands.toml")]) == 0
    made = load(out)
    assert (made.header.architecture.eeg_encoder, made.header.needs) == ("bands", ("insula-bands 0.1.0",))
    assert made.network.eeg.population.shape == (8,)
    assert made.network.eeg.population.abs().sum() > 0


@pytest.mark.usefixtures("bands")
def test_features_are_columns_of_windows(recording: Path, tmp_path: Path):
    signals = [Signal(name, sine(10.0, 12.0, amplitude=a)) for name, a in (("F3", 20.0), ("F4", 40.0), ("C3", 20.0))]
    table = insula.features(write_edf(tmp_path / "a.edf", signals), "asymmetry")
    known = np.isfinite(table["alpha_asymmetry"])
    assert known.sum() > 20
    assert not known[0], "nothing can be said before the filters have settled"
    np.testing.assert_allclose(table["alpha_asymmetry"][known], np.log(4.0), atol=0.01)
    assert (table["stop"] - table["start"]).tolist() == [2.0] * len(table)
    with pytest.raises(insula.PluginError, match="'broken' does not give numbers by name"):
        insula.features(recording, broken)  # type: ignore[arg-type]
    with pytest.raises(insula.PluginError, match=r"insula\.features 'nothing', which no installed .*: asymmetry"):
        insula.features(recording, "nothing")


def broken(window: insula.Window) -> list[float]:
    return [1.0]


@pytest.mark.usefixtures("bands")
def test_a_query_chooses_moments_and_says_why():
    even = dataclasses.replace(SURE, probabilities=(0.5, 0.5, *(0.0,) * (len(SURE.classes) - 2)))
    query = query_of("margin")
    assert (query.score(SURE), query.score(even)) == (pytest.approx(1 - max(SURE.probabilities), abs=0.2), 1.0)
    said = [dataclasses.replace(even, start=k / 4, stop=2 + k / 4) for k in range(80)]
    assert {moment.reason for moment in moments(said, 4.0, query)} == {f"{even.label} by a small margin"}
    assert {moment.score for moment in moments(said, 4.0, query)} == {1.0}
    assert query_of("") is OWN
    with pytest.raises(insula.PluginError, match=r"queue\.query needs insula\.queries 'x'"):
        query_of("x")


@pytest.mark.usefixtures("bands")
def test_a_file_format_of_others_is_read_replayed_and_loaded(tmp_path: Path, microvolts: np.ndarray, for_anyone: Path):
    path = tmp_path / "signals.csv"
    rows = np.column_stack([np.arange(microvolts.shape[1]) / 128.0, microvolts.T])
    np.savetxt(path, rows, delimiter=",", header="time," + ",".join(NAMES), comments="", fmt="%.9f")
    raw = insula.load(path).raw
    assert isinstance(raw, mne.io.BaseRaw)
    np.testing.assert_allclose(raw.get_data(), 1e-6 * microvolts, atol=1e-12)
    assert raw.info["sfreq"] == 128.0
    said = list(insula.replay(path, for_anyone))
    wanted = insula.Predictor(for_anyone).predict(1e-6 * microvolts, 128.0, NAMES, unit="V")
    np.testing.assert_allclose([one.valence for one in said], [one.valence for one in wanted], atol=1e-3)


@pytest.mark.usefixtures("bands")
def test_a_data_set_of_others_becomes_a_study(tmp_path: Path):
    for name in ("P1_calm", "P1_load", "P2_calm"):
        (tmp_path / f"{name}.csv").write_text("time,Fp1\n0.0,1.0\n3.5,2.0\n", encoding="utf-8")
    assert main(["import", "csv-folder", str(tmp_path), "--study", str(tmp_path / "study")]) == 0
    table = (tmp_path / "study" / "trials.tsv").read_text(encoding="utf-8").splitlines()
    head, *rows = (line.split("\t") for line in table if not line.startswith("#"))
    said = [{name: row[head.index(name)] for name in ("participant", "stop", "label")} for row in rows]
    assert [tuple(each.values()) for each in said] == [
        ("P1", "3.5", "calm"),
        ("P1", "3.5", "load"),
        ("P2", "3.5", "calm"),
    ]


@pytest.mark.usefixtures("bands")
def test_a_device_of_others_is_a_source_of_a_session():
    config = Config(eeg=EegConfig(source="sine"), face=FaceConfig(camera="none"))
    (source,) = devices(["P001"], config, None, lambda: None)
    with source:
        (info,) = source.infos
        chunks = []
        for chunk in items(source, 0.05):
            chunks.append(chunk)
            if sum(len(each.data) for each in chunks) >= 50:
                break
    assert (info.participant, info.ch_names, info.simulated) == ("P001", tuple(NAMES), True)
    data, times = (np.concatenate(parts) for parts in zip(*((c.data, c.times) for c in chunks), strict=True))
    np.testing.assert_allclose(data[:, 0], 20.0 * np.sin(2 * np.pi * 10.0 * np.arange(len(data)) / 250.0), atol=1e-4)
    np.testing.assert_allclose(np.diff(times), 1 / 250.0, atol=1e-6)


def test_what_cannot_be_loaded_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    about = tmp_path / "bad-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bad\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[insula.features]\nlost = no_such_module:f\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(insula.PluginError, match=r"'lost' \(no_such_module:f\) cannot be loaded: ModuleNotFoundError"):
        load_plugin("insula.features", "lost")
    other = tmp_path / "other-1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n", encoding="utf-8")
    (other / "entry_points.txt").write_text("[insula.features]\nlost = other:f\n", encoding="utf-8")
    with pytest.raises(insula.PluginError, match="is offered by no_such_module:f and other:f"):
        load_plugin("insula.features", "lost")
