from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.training.conftest import N_EMBEDDING, make_world
from training.examples import Examples
from training.kept_examples import digest, keep, kept


def test_what_is_kept_comes_back_bit_for_bit(tmp_path: Path):
    pairs = make_world("A", 16) + make_world("B", 16, seed=1)
    few = [(replace(w, eeg=w.eeg[:4], eeg_mask=w.eeg_mask[:4], positions=w.positions[:4]), t) for w, t in pairs[:8]]
    none = [(replace(w, eeg=None), replace(t, recording=2)) for w, t in pairs[8:12]]
    examples = Examples([*few, *none, *pairs[12:]], N_EMBEDDING, 256)
    keep(examples, tmp_path / "w.npz")
    again = kept(tmp_path / "w.npz")
    assert again.has_eeg.tolist() == examples.has_eeg.tolist()
    assert again.recording.tolist() == [0] * 8 + [2] * 4 + [0] * 20
    assert again.length_s == examples.length_s
    for one in (examples, again):
        one.baseline = np.zeros((32, 2, 5), np.float32)
    pairs_of: Any = zip(examples.batch(np.arange(32)), again.batch(np.arange(32)), strict=True)
    for a, b in pairs_of:
        for first, second in zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]:
            if isinstance(first, torch.Tensor):
                torch.testing.assert_close(first, second, rtol=0.0, atol=0.0, equal_nan=True)


def test_other_windows_have_another_digest(tmp_path: Path):
    for name, seed in (("a", 0), ("again", 0), ("b", 1)):
        keep(Examples(make_world(seconds=8, seed=seed), N_EMBEDDING, 256), tmp_path / f"{name}.npz")
    told = [digest(tmp_path / f"{name}.npz") for name in ("a", "again", "b")]
    assert told[0] == told[1] != told[2]
