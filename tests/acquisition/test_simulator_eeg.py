import dataclasses
import itertools

import numpy as np
import pytest
from scipy.signal import welch

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.trajectory import Trajectory
from core.errors import ConfigError

FRONTAL = ("F3", "F4", "P3", "P4", "O1", "O2", "Cz")
MUSE = ("TP9", "AF7", "AF8", "TP10")
SFREQ = 250.0


def make(knobs=None, ch_names=FRONTAL, seed=7, sfreq=SFREQ, **mood):
    return EegGenerator(seed, ch_names, sfreq, Trajectory(seed, **mood), knobs)


def band_power(x, low, high, sfreq=SFREQ):
    """ln power per 2 s window, array of shape (n_windows, n_chans)."""
    n = int(2 * sfreq)
    windows = x[: len(x) // n * n].reshape(-1, n, x.shape[1])
    freqs, power = welch(windows, sfreq, nperseg=n // 2, axis=1)
    return np.log(power[:, (freqs >= low) & (freqs <= high)].mean(axis=1))


def middle(n_windows):
    return 2 * np.arange(n_windows) + 1.0


def test_chunks_of_any_size_and_order_are_the_same_samples():
    whole = make().block(0, 9000)
    for size in (1, 13, 250, 2999):
        eeg = make()
        parts = [eeg.block(i, min(size, 9000 - i)) for i in range(3000 if size == 1 else 0, 9000, size)]
        assert np.array_equal(np.concatenate(parts), whole[-sum(map(len, parts)) :])
    assert np.array_equal(make().block(8000, 100), whole[8000:8100])
    assert whole.dtype == np.float32


def test_no_step_where_blocks_meet():
    x = make(EegKnobs.clean()).block(0, 60_000).astype(float)
    jumps = np.abs(np.diff(x, axis=0))
    at_seams = jumps[999::1000]
    assert at_seams.mean() == pytest.approx(jumps.mean(), rel=0.2)
    power = x.reshape(-1, 100, x.shape[1]).var(axis=(1, 2)).reshape(-1, 10).mean(axis=0)
    assert power.max() / power.min() < 1.5


def test_no_noise_comes_twice():
    for knobs in (EegKnobs.clean(), clean(background_uv=0.0, alpha_uv=0.0, beta_uv=0.0)):
        blocks = make(knobs).block(0, 8000)[:, 0].reshape(8, 1000)
        assert np.abs(np.corrcoef(blocks) - np.eye(8)).max() < 0.4


def test_same_subject_has_the_same_brain_under_another_montage():
    few = make(EegKnobs.clean(), ch_names=("O1", "Cz")).block(0, 2000)
    many = make(EegKnobs.clean(), ch_names=("Fz", "Cz", "Pz", "O1")).block(0, 2000)
    assert np.corrcoef(few[:, 0], many[:, 3])[0, 1] > 0.98


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_subjects_differ(seed):
    assert not np.array_equal(make(seed=seed).block(0, 500), make(seed=seed + 1).block(0, 500))


def test_frontal_alpha_asymmetry_follows_valence():
    correlations = []
    for seed in range(20, 24):
        eeg = make(EegKnobs.clean(), seed=seed)
        power = band_power(eeg.block(0, int(1200 * SFREQ)), 8, 12)
        asymmetry = power[:, FRONTAL.index("F4")] - power[:, FRONTAL.index("F3")]
        valence, _ = Trajectory(seed).at(middle(len(power)))
        correlations.append(np.corrcoef(asymmetry, valence)[0, 1])
    assert np.mean(correlations) > 0.25
    assert np.mean(correlations) < 0.8


def test_arousal_lowers_alpha_and_raises_beta():
    alpha, beta = [], []
    for seed in range(20, 24):
        x = make(EegKnobs.clean(), seed=seed).block(0, int(1200 * SFREQ))
        _, arousal = Trajectory(seed).at(middle(600))
        alpha.append(np.corrcoef(band_power(x, 8, 12)[:, 4:6].mean(axis=1), arousal)[0, 1])
        beta.append(np.corrcoef(band_power(x, 17, 25)[:, 6], arousal)[0, 1])
    assert np.mean(alpha) < -0.2
    assert np.mean(beta) > 0.15


def test_without_effect_it_tells_nothing():
    x = make(EegKnobs.clean(effect=0.0)).block(0, int(1200 * SFREQ))
    valence, arousal = Trajectory(7).at(middle(600))
    power = band_power(x, 8, 12)
    assert abs(np.corrcoef(power[:, 1] - power[:, 0], valence)[0, 1]) < 0.12
    assert abs(np.corrcoef(power[:, 4], arousal)[0, 1]) < 0.12


@pytest.mark.parametrize("n_chans", [1, 4, 8, 32, 64])
@pytest.mark.parametrize("sfreq", [128.0, 250.0, 500.0])
def test_any_montage_and_rate(n_chans, sfreq):
    names = [a + b for a, b in itertools.product(("AF", "F", "FC", "C", "CP", "P", "PO"), "z123456")]
    names += ["T7", "T8", "Fp1", "Fp2", "Fpz", "FT7", "FT8", "TP9", "TP10", "P7", "P8", "O1", "Oz", "O2", "F7"]
    eeg = make(ch_names=(MUSE if n_chans == 4 else names[:n_chans]), sfreq=sfreq)
    x = eeg.block(0, int(10 * sfreq))
    assert x.shape == (int(10 * sfreq), n_chans)
    assert np.isfinite(x).all()
    assert 3 < x.std(axis=0).mean() < 80


def test_unknown_electrode_is_told():
    with pytest.raises(ConfigError, match="Q7"):
        make(ch_names=("Fz", "Q7"))


def clean(**knobs):
    return dataclasses.replace(EegKnobs.clean(), **knobs)


def added(seconds=240, ch_names=(*MUSE, "Fp1", "Oz"), **knobs):
    """What the knobs add to the clean signal, array of shape (n_times, n_chans)."""
    n = int(seconds * SFREQ)
    return make(clean(**knobs), ch_names).block(0, n) - make(clean(), ch_names).block(0, n)


def test_blinks_are_frontal_and_as_many_as_asked():
    x = added(blinks_per_min=15.0, blink_uv=100.0)
    front, back = x[:, 4], x[:, 5]
    assert 50 < front.max() < 250
    assert back.max() < 0.25 * front.max()
    n = np.count_nonzero(np.diff((front > 30).astype(int)) == 1)
    assert 35 < n < 85


def test_line_noise_is_at_its_frequency():
    for hz in (50.0, 60.0):
        freqs, power = welch(added(seconds=20, line_uv=5.0, line_hz=hz), SFREQ, nperseg=500, axis=0)
        assert freqs[power.mean(axis=1).argmax()] == hz


def test_muscle_bursts_are_fast_and_come_and_go():
    x = added(muscle_per_min=10.0, muscle_uv=30.0)
    freqs, power = welch(x, SFREQ, nperseg=500, axis=0)
    assert power[freqs > 20].sum() > 10 * power[freqs < 15].sum()
    strength = x.reshape(-1, 50, x.shape[1]).std(axis=1).max(axis=1)
    assert (strength < 0.5).mean() > 0.3
    assert strength.max() > 10


def test_a_smile_is_heard_at_the_temples_and_anger_on_the_forehead():
    names = ("T7", "FT7", "Fp1", "Oz")
    smile, anger = (
        make(clean(facial_emg_uv=10.0), names, classes=[mood]).block(0, 5000)
        - make(clean(), names, classes=[mood]).block(0, 5000)
        for mood in ("happy", "anger")
    )
    assert smile.std(axis=0)[1] > 2 * smile.std(axis=0)[2]
    assert anger.std(axis=0)[2] > 2 * smile.std(axis=0)[2]
    assert smile.std(axis=0)[3] < 0.2 * smile.std(axis=0)[1]


def test_pops_are_steps_of_single_channels():
    x = added(pops_per_min=5.0, pop_uv=200.0)
    jumped = np.abs(np.diff(x, axis=0)) > 60
    assert 5 <= np.count_nonzero(jumped.any(axis=1)) <= 40
    assert jumped.sum(axis=1).max() == 1


def test_drift_is_slow():
    x = added(drift_uv=20.0)
    assert 5 < x.std() < 60
    assert np.abs(np.diff(x, axis=0)).max() < 1


def test_dropouts_read_zero_where_they_are_forced_and_now_and_then():
    names = ("Cz", "Pz")
    x = make(clean(dropouts=(("Pz", 3.0, 9.0),)), names).block(0, 3000)
    assert not x[750:2250, 1].any()
    assert x[:, 0].all()
    assert x[2250:, 1].all()
    x = make(clean(dropouts_per_min=2.0), names).block(0, 60_000)
    assert 0.02 < (x == 0).mean() < 0.2


def test_gaps_of_the_stream_are_told_apart_from_the_samples():
    eeg = make(clean(gaps=((2.0, 3.0),)))
    missing = eeg.missing(0, 1000)
    assert np.array_equal(np.flatnonzero(missing), np.arange(500, 750))
    assert eeg.block(500, 250).all()
    assert 0.01 < make(clean(gaps_per_min=2.0)).missing(0, 60_000).mean() < 0.3
