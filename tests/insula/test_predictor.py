"""A model on arrays says what a replay of the same samples says, to the last bit."""

from pathlib import Path

import numpy as np
import pytest
import torch

import insula
from acquisition.replay import open_recording
from acquisition.source import items
from app.cli import main
from app.session.predictions_table import row
from core.config import Config, FaceConfig
from core.data import Chunk, Prediction
from tests.acquisition.edf_files import as_read, eeg, write_edf
from tests.flows.live import exact, replayed

NAMES = ["Fp1", "Fp2", "C3", "C4"]


@pytest.fixture
def edf(tmp_path: Path) -> Path:
    return write_edf(tmp_path / "sub-P001_eeg.edf", eeg(12.0))


@pytest.fixture
def microvolts() -> np.ndarray:
    return np.array([as_read(signal) for signal in eeg(12.0)])


def test_an_array_is_predicted_as_its_file_is(edf: Path, microvolts: np.ndarray, for_anyone: Path, tmp_path: Path):
    said = insula.Predictor(for_anyone).predict(microvolts, 128.0, NAMES, unit="uV")
    out = tmp_path / "predictions.tsv"
    assert main(["replay", str(edf), "--model", str(for_anyone), "--out", str(out)]) == 0
    rows = [tuple(line.split("\t")) for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert [row(one) for one in said] == rows
    assert len({one.label for one in said}) > 1, "the EEG was read"
    assert [exact(one) for one in insula.replay(edf, for_anyone)] == [exact(one) for one in said]


def test_each_call_begins_anew_and_volts_say_the_same(microvolts: np.ndarray, for_anyone: Path):
    p = insula.Predictor(for_anyone)
    first = p.predict(microvolts, 128.0, NAMES, unit="uV")
    assert [exact(one) for one in p.predict(microvolts, 128.0, NAMES, unit="uV")] == [exact(one) for one in first]
    volts = p.predict(1e-6 * microvolts, 128.0, NAMES, unit="V")
    ok = [one.status == "ok" for one in first]
    assert any(ok)
    np.testing.assert_allclose([one.valence for one in volts], [one.valence for one in first], atol=1e-4)
    assert not microvolts.flags.writeable or microvolts.flags.owndata, "the caller's array stays as it was"


def test_stamps_of_a_stream_say_the_same_as_its_recording(recording: Path, for_anyone: Path):
    s = insula.load(recording)
    config = Config(face=FaceConfig(camera="none"))
    with open_recording(s.path, config, pictures=False) as source:
        (info,) = (info for info in source.infos if info.kind == "eeg")
        chunks = [item for item in items(source) if isinstance(item, Chunk) and item.stream == info.key]
    data, times = (np.concatenate(parts) for parts in zip(*((c.data, c.times) for c in chunks), strict=True))
    p = insula.Predictor(for_anyone)
    said = p.predict(data.T, info.sfreq, info.ch_names, unit="uV", times=times, participant="P001", simulated=True)
    with_face = [one for one in insula.replay(s, p) if one.noise[0] == one.noise[0]]
    own = {one.stop: one for one in said if one.noise[0] == one.noise[0]}
    assert len(with_face) > 20
    assert [one.noise[0] for one in with_face] == [own[one.stop].noise[0] for one in with_face]


def test_a_replay_is_what_the_command_line_says(recording: Path):
    s = insula.load(recording)
    _, events = replayed(s.path, Config())
    wanted = [exact(event) for event in events if isinstance(event, Prediction)]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert [exact(one) for one in insula.replay(s)] == wanted
        assert torch.get_num_threads() == 2, "what the caller has set stays"
    finally:
        torch.set_num_threads(before)


def test_what_is_to_be_known_of_an_array_is_logged(
    microvolts: np.ndarray, for_anyone: Path, caplog: pytest.LogCaptureFixture
):
    p = insula.Predictor(for_anyone)
    times = np.arange(microvolts.shape[1]) / 128.0
    times[600:] += 1.0
    p.predict(microvolts, 128.0, NAMES, unit="uV", times=times)
    assert "no samples for 1.01 s" in caplog.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data": np.zeros(4)}, r"shape \(n_chans, n_times\), not float64 of shape \(4,\)"),
        ({"data": np.zeros((4, 9), complex)}, "numbers"),
        ({"ch_names": ["Fp1"]}, "4 channels, but 1 names"),
        ({"sfreq": 0.0}, "sfreq is 0.0"),
        ({"unit": "parsec"}, "eeg.unit is 'parsec'"),
        ({"times": [1.0]}, "1536 samples of each channel"),
        ({"ch_names": ["ECG", "EOG", "Resp", "SpO2"]}, "is an electrode"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(
    change: dict, said: str, microvolts: np.ndarray, for_anyone: Path
):
    given = {"data": microvolts, "sfreq": 128.0, "ch_names": NAMES, "unit": "uV"} | change
    with pytest.raises(insula.ConfigError, match=said):
        insula.Predictor(for_anyone).predict(**given)


def test_a_missing_model_is_told(tmp_path: Path):
    with pytest.raises(insula.CheckpointError, match="cannot be read"):
        insula.Predictor(tmp_path / "none.safetensors")
