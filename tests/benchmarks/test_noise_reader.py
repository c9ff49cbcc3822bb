import numpy as np
import pytest
import torch

from benchmarks.noise_curves import POWERS, curve, read_kinds, tables
from benchmarks.noise_reader import NoiseReader, fit_noise_reader
from benchmarks.signal_statistics import eeg_statistics, picture_statistics
from core.models.eeg import sphere_points
from training.corruption import NAMES, corrupt

N_CHANS = 8
GOOD = torch.ones(120, N_CHANS, dtype=torch.bool)


def windows(seed: int) -> np.ndarray:
    """Return windows of ten-hertz waves that channels share, with a little of their own."""
    rng = np.random.default_rng(seed)
    times = np.arange(256) / 128
    wave = np.sin(2 * np.pi * (10 * times + rng.random((120, 1, 1))))
    return (rng.uniform(0.5, 1.5, (120, N_CHANS, 1)) * wave + 0.3 * rng.standard_normal((120, N_CHANS, 256))).astype(
        "f4"
    )


def corrupted(kind: str, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return statistics of windows with one kind of noise, and their levels."""
    rng, level = np.random.default_rng(seed), np.arange(120) % 6
    positions = np.broadcast_to(sphere_points(N_CHANS).numpy(), (120, N_CHANS, 3))
    noisy = corrupt(windows(seed), positions, GOOD.numpy(), level, rng, [NAMES.index(kind)])
    return eeg_statistics(torch.from_numpy(noisy), GOOD), torch.from_numpy(level).float()


def test_a_reader_follows_a_kind_it_was_taught_and_one_it_never_met():
    clean = eeg_statistics(torch.from_numpy(windows(1)), GOOD)

    def asked(reader: NoiseReader, kind: str) -> np.ndarray:
        statistics, level = corrupted(kind, 3)
        noise = reader(statistics).numpy()
        return curve([noise[level == k] for k in range(6)])

    found = read_kinds(clean, {kind: corrupted(kind, 2) for kind in ("white", "pink", "drop-out")}, asked, seed=0)
    assert len(found) == 6
    for name, (spearman, *rest) in found.items():
        assert spearman > 0.75, name
        noise, *weights = np.reshape(rest, (1 + len(POWERS), 6))
        assert noise[5] > noise[3] > noise[0] >= 1.0
        assert weights[1][5] < weights[0][5] < 0.3
    text = tables({f"EEG|{name}": [one, one] for name, one in found.items()}).splitlines()
    assert text[0] == "| corrupted | kind | reader, kind taught | reader, kind not taught |"
    assert sum(line.startswith("| EEG | pink |") for line in text) == 2


def test_strangeness_is_a_distance_and_has_no_direction():
    torch.manual_seed(0)
    reader = NoiseReader(4)
    clean = torch.randn(500, 4) @ torch.diag(torch.tensor([1.0, 2.0, 3.0, 4.0])) + 5.0
    reader.fit_usual(clean)
    step = torch.tensor([[3.0, 1.0, 2.0, 4.0]])
    above, below, beyond = (reader.strangeness(clean.mean(0) + k * step) for k in (1.0, -1.0, 2.0))
    torch.testing.assert_close(above, below, atol=1e-4, rtol=0)
    assert (beyond > above).all()


def test_the_level_is_never_below_clean_and_the_reader_is_the_same_each_time():
    statistics, level = corrupted("white", 2)
    first, second = (fit_noise_reader(statistics[level == 0], statistics, level, seed=3, epochs=2) for _ in range(2))
    assert (first(statistics) >= 1.0).all()
    assert torch.equal(first(statistics), second(statistics))


def test_eeg_statistics_do_not_ask_for_a_montage():
    data = torch.from_numpy(windows(1))
    bad = GOOD.clone()
    bad[:, 5:] = False
    louder = data.clone()
    louder[:, 5:] *= 50.0
    alone = eeg_statistics(data[:, :5], GOOD[:, :5])
    torch.testing.assert_close(eeg_statistics(louder * bad[..., None], bad), alone)
    order = torch.randperm(N_CHANS, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(eeg_statistics(data[:, order], GOOD), eeg_statistics(data, GOOD), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("side", [(24, 20), (14, 14)])
def test_picture_statistics_are_finite_and_tell_flat_from_grainy(side: tuple[int, int]):
    pictures = torch.randn(3, *side, generator=torch.Generator().manual_seed(0))
    pictures[1] = 0.0
    found = picture_statistics(pictures)
    assert found.isfinite().all()
    assert found[0, 0] > found[1, 0] + 5
