import numpy as np
import pytest

from core.models.batch import MAX_SCALED
from core.models.eeg import sphere_points
from training.corruption import LOST, N_LEVELS, NAMES, SFREQ, STRENGTH, corrupt

N_CHANS, N_TIMES = 12, 256
PLACES = sphere_points(N_CHANS).numpy()
SPREAD = np.linspace(0.5, 1.5, N_CHANS, dtype=np.float32)[:, None]


def clean(n: int, seed: int = 0) -> np.ndarray:
    """Return windows whose channels have spreads of their own."""
    return SPREAD * np.random.default_rng(seed).standard_normal((n, N_CHANS, N_TIMES)).astype(np.float32)


def corrupted(data: np.ndarray, level: int, *kinds: str, mask: np.ndarray | None = None, seed: int = 1) -> np.ndarray:
    """Return the windows at one level, with these kinds or with kinds of their own."""
    n = len(data)
    positions = np.broadcast_to(PLACES, (n, N_CHANS, 3))
    mask = np.ones((n, N_CHANS), bool) if mask is None else mask
    given = [NAMES.index(one) for one in kinds] or None
    return corrupt(data, positions, mask, np.full(n, level), np.random.default_rng(seed), given)


def added(kind: str, level: int = 3, n: int = 400) -> np.ndarray:
    """Return what noise of a kind adds, in spreads of the channel."""
    data = clean(n)
    return (corrupted(data, level, kind) - data) / data.std(axis=2, keepdims=True)


def spectrum(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies, and the share of the power of what noise of a kind adds that lies at each."""
    power = (np.abs(np.fft.rfft(added(kind), axis=2)) ** 2).mean(axis=(0, 1))
    return np.fft.rfftfreq(N_TIMES, 1 / SFREQ), power / power.sum()


@pytest.mark.parametrize("kind", NAMES[:-1])
def test_the_noise_of_a_window_is_as_strong_as_its_level_says(kind):
    for level, strength in enumerate(STRENGTH[:4]):
        size = np.sqrt(np.mean(added(kind, level, 40) ** 2, axis=(1, 2)))
        np.testing.assert_allclose(size, strength, rtol=0.06)  # what lies beyond MAX_SCALED is cut off


def test_two_kinds_together_are_as_strong_as_one():
    data = clean(200)
    both = (corrupted(data, 3, "white", "pink") - data) / data.std(axis=2, keepdims=True)
    np.testing.assert_allclose(np.sqrt(np.mean(both**2)), STRENGTH[3], rtol=0.02)


def test_white_noise_has_as_much_at_each_frequency_and_pink_noise_1_over_f():
    bins = np.arange(N_TIMES // 2 + 1)
    _, white = spectrum("white")
    _, pink = spectrum("pink")
    np.testing.assert_allclose(white, 1 / len(bins), rtol=0.1)
    np.testing.assert_allclose(pink * np.maximum(bins, 1) / pink[1], 1.0, rtol=0.15)  # from the mean to the highest


def test_muscle_lies_above_20_hz_in_bursts_and_at_the_sides():
    freqs, share = spectrum("muscle")
    assert share[freqs < 18].sum() < 1e-4  # what the burst spreads
    assert share[freqs >= 20].sum() > 0.98
    noise = added("muscle")
    near = 0.3 + np.abs(PLACES[:, 0]) / 0.08 * (PLACES[:, 2] < 0.06)
    size = np.sqrt((noise**2).mean(axis=(0, 2)))
    np.testing.assert_allclose(size / size.mean(), near / near.mean(), rtol=0.05)
    # A Hann window of .3 to all of the time: quiet at both ends, and quiet for a third of it on average.
    loud = np.sqrt((noise**2).mean(axis=1))
    assert (loud[:, [0, -1]] < 0.05 * loud.max(axis=1, keepdims=True)).all()
    assert (loud < 1e-3).mean() == pytest.approx(0.35, abs=0.05)


def test_hum_is_one_line_and_louder_in_some_channels():
    freqs, share = spectrum("line")
    np.testing.assert_allclose(share[np.isin(freqs, (50.0, 60.0))], 0.5, atol=0.07)
    size = np.sqrt((added("line") ** 2).mean(axis=2))
    assert np.log(size / size.mean(axis=1, keepdims=True)).std() == pytest.approx(0.7, rel=0.08)  # lognormal


def test_blinks_are_slow_and_strongest_in_front():
    freqs, share = spectrum("blink")
    assert share[freqs > 8].sum() < 0.01
    size = np.sqrt((added("blink") ** 2).mean(axis=(0, 2)))
    front = PLACES[:, 1]
    assert size[front.argmax()] > 5 * size[front.argmin()]


def test_up_to_a_third_of_the_electrodes_jump_and_decay():
    noise = added("pop", n=600)
    jumps = np.abs(noise).max(axis=2) > 10 * np.median(np.abs(noise), axis=(1, 2))[:, None]
    count = jumps.sum(axis=1)
    share = [float((count == k).mean()) for k in range(6)]
    assert share == pytest.approx([0.0, 0.25, 0.25, 0.25, 0.25, 0.0], abs=0.06)  # one to a third of twelve
    assert jumps.mean(axis=0) == pytest.approx(np.full(N_CHANS, 2.5 / N_CHANS), abs=0.05)
    window, channel = np.argwhere(jumps)[0]
    one = noise[window, channel]
    top = int(np.abs(one).argmax())
    assert one[min(top + 38, 255)] / one[top] == pytest.approx(np.exp(-0.3 / 0.3), abs=0.15)  # 38 samples: 0.3 s


def test_drop_out_takes_a_share_of_channels_away():
    data = clean(400)
    for level in range(N_LEVELS):
        out = corrupted(data, level, "drop-out")
        gone = (out != data).any(axis=2)
        assert gone.mean() == pytest.approx(LOST[level], abs=0.02)
        np.testing.assert_allclose(out[gone], 0.02 * data[gone], rtol=1e-5)


def test_what_comes_after_a_drop_out_is_heard_in_the_lost_channels_as_well():
    data = clean(100)
    first, last = corrupted(data, 5, "drop-out", "white"), corrupted(data, 5, "white", "drop-out")
    assert (first.std(axis=2) > 1.0).all()
    assert (last.std(axis=2) < 0.2).mean() == pytest.approx(LOST[5], abs=0.03)


def test_each_window_has_one_or_two_kinds_of_its_own():
    data = clean(1400)
    out = corrupted(data, 5)
    quiet = (out.std(axis=2) < 0.1 * data.std(axis=2)).any(axis=1)
    # One of seven alone, or the last of two: 1/2 1/7 + 1/2 1/7; as the first of two, noise covers it.
    assert quiet.mean() == pytest.approx(1 / 7, abs=0.03)
    change = (out - data)[~quiet] / data[~quiet].std(axis=2, keepdims=True)
    power = np.abs(np.fft.rfft(change, axis=2)) ** 2
    freqs = np.fft.rfftfreq(N_TIMES, 1 / SFREQ)
    hum = power[..., np.isin(freqs, (50.0, 60.0))].sum(axis=(1, 2)) / power.sum(axis=(1, 2))
    assert (hum > 0.99).mean() == pytest.approx(1 / 14 / (1 - 1 / 7), abs=0.03)  # hum alone


def test_level_zero_is_clean_and_higher_levels_are_worse():
    data = clean(100)
    np.testing.assert_array_equal(corrupted(data, 0), data)
    change = [float(np.abs(corrupted(data, level) - data).mean()) for level in range(N_LEVELS)]
    assert change == sorted(change)
    assert change[-1] > 3 * change[2]


def test_masked_channels_and_the_input_stay_as_they_are():
    data, before = clean(30), clean(30)
    mask = np.ones((30, N_CHANS), bool)
    mask[:, 2], mask[7] = False, False
    out = corrupted(data, 5, mask=mask)
    np.testing.assert_array_equal(out[:, 2], before[:, 2])
    np.testing.assert_array_equal(out[7], before[7])
    assert (out != before).any(axis=2)[np.arange(30) != 7].any(axis=1).all()
    np.testing.assert_array_equal(data, before)
    assert np.abs(out).max() <= MAX_SCALED


@pytest.mark.parametrize("kind", NAMES)
def test_a_window_hangs_on_its_own_channels_alone_however_many_the_others_have(kind):
    data = clean(60)
    mask = np.ones((60, N_CHANS), bool)
    mask[::3, 1:], mask[1::3, 5:] = False, False  # one channel, five, twelve
    out = corrupted(data, 3, kind, mask=mask)
    np.testing.assert_array_equal(out[~mask], data[~mask])
    change = [(out[k] - data[k])[mask[k]] / data[k][mask[k]].std(axis=1, keepdims=True) for k in range(60)]
    if kind != "drop-out":
        np.testing.assert_allclose([np.sqrt(np.mean(one**2)) for one in change], STRENGTH[3], rtol=0.1)


def test_the_same_seed_gives_the_same_noise_and_a_copy_of_the_generator_goes_on_alike():
    data, rng = clean(20), np.random.default_rng(3)
    positions, mask, level = np.broadcast_to(PLACES, (20, N_CHANS, 3)), np.ones((20, N_CHANS), bool), np.full(20, 4)
    first = corrupt(data, positions, mask, level, rng)
    state = rng.bit_generator.state
    second = corrupt(data, positions, mask, level, rng)
    again = np.random.default_rng()
    again.bit_generator.state = state
    np.testing.assert_array_equal(corrupt(data, positions, mask, level, again), second)
    np.testing.assert_array_equal(corrupted(data, 4, seed=3), first)
    assert (first != second).any()
