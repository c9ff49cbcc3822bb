"""Published data: splits are disjoint and the modalities tell of the same samples."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.datasets.digits import _spoken, load_digits, spectrogram
from benchmarks.datasets.mfeat import load_mfeat
from benchmarks.datasets.mosi import load_mosi
from benchmarks.datasets.preparing import data_folder, whitened
from core.errors import ConfigError
from training.views import Task


def ridge(task: Task, views: tuple[int, ...]) -> float:
    """Return the test accuracy of a linear model on some of the views."""
    x, test = (np.hstack([np.ones((len(p), 1)), *(p.views[m] for m in views)]) for p in (task.train, task.test))
    target = np.eye(task.n_classes)[task.train.label]
    weights = np.linalg.solve(x.T @ x + 30.0 * np.eye(x.shape[1]), x.T @ target)
    return float(((test @ weights).argmax(1) == task.test.label).mean())


def test_a_missing_set_says_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match=r"'cmu-mosi' is not in .*INSULA_DATA"):
        data_folder("cmu-mosi")


def test_spread_is_taken_from_the_training_rows():
    rng = np.random.default_rng(0)
    view = rng.normal(5.0, [1.0, 20.0], (100, 2)).astype(np.float32)
    view[50:] += 100.0
    each, whole = (whitened([view], np.arange(50), each=each)[0] for each in (True, False))
    np.testing.assert_allclose(each[:50].mean(0), 0.0, atol=1e-4)
    np.testing.assert_allclose(each[:50].std(0), 1.0, rtol=1e-3)
    assert each.max() == 10.0
    assert whole[:50, 1].std() > 10 * whole[:50, 0].std()


def test_a_tone_lies_in_its_band():
    times = np.arange(4000) / 8000
    low, high = (spectrogram(np.sin(2 * np.pi * freq * times)).mean(axis=0).argmax() for freq in (300.0, 2500.0))
    assert low < high


def test_mosi(shared_data: Path):
    task = load_mosi(0)
    assert (len(task.train) + len(task.validation), len(task.test)) == (1447, 752)
    assert [view.shape[1] for view in task.train.views] == [100, 73, 100]
    assert ridge(task, (0,)) > 0.70 > ridge(task, (2,))


def test_mfeat(shared_data: Path):
    task = load_mfeat(1)
    assert sum(map(len, (task.train, task.validation, task.test))) == 2000
    assert len(task.modalities) == 6
    assert np.bincount(task.test.label).min() > 20
    assert ridge(task, tuple(range(6))) > 0.95


def test_digits_split_by_speaker(shared_data: Path):
    task = load_digits(2)
    _, label, speaker = _spoken()
    assert len(label) >= 1500
    assert set(speaker) == set(range(6))
    assert len(task.train) == 2 * int(np.isin(speaker, [0, 1, 4, 5]).sum())
    assert len(task.test) == 2 * int((speaker == 2).sum())
    written = np.concatenate([p.views[1] for p in (task.train, task.validation, task.test)])
    assert len(np.unique(written.round(4), axis=0)) > 0.99 * len(written)
    assert ridge(task, (1,)) > ridge(task, (0,)) > 0.2
