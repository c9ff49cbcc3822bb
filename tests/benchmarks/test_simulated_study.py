"""The simulated data set is one that the table's reader and the live pipeline take as they take a published one."""

from pathlib import Path

import numpy as np
import pytest

from acquisition.eeg_file import EegFile
from app.study.trials_table import read_trials
from benchmarks import simulated_study
from core.config import Config
from core.recording.video import VideoReader


def test_everyone_sees_the_same_clips_in_an_order_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(simulated_study, "CLASSES", ("neutral", "happy"))
    simulated_study.write(tmp_path, people=2, seconds=2.0)
    trials = read_trials(tmp_path / "trials.tsv")
    shown = {name: [one.stimulus for one in trials if one.participant == name] for name in ("S01", "S02")}
    assert sorted(shown["S01"]) == sorted(shown["S02"]) == ["happy 1", "happy 2", "neutral 1", "neutral 2"]
    assert all(one.stimulus.startswith(one.label) for one in trials)
    happy = np.mean([one.valence for one in trials if one.label == "happy"])
    assert happy > 0.3 + np.mean([one.valence for one in trials if one.label == "neutral"])
    with EegFile(tmp_path / trials[0].file, "S01", Config().eeg) as source:
        assert source.span[1] == pytest.approx(2.0, abs=0.02)
        assert len(source.infos[0].ch_names) == 32
    with VideoReader(tmp_path / trials[0].video) as film:
        count = 0
        while film.read() is not None:
            count += 1
    assert count == 16
