import pytest
import torch

from core.models.eeg import EegEncoder, SpatialAttention, sphere_points


@pytest.fixture(scope="module")
def encoder() -> EegEncoder:
    torch.manual_seed(0)
    return EegEncoder().eval()


def read(encoder: EegEncoder, eeg: torch.Tensor, places: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return encoder(eeg, places, mask, torch.zeros(len(eeg), 2, encoder.n_power)).feature


def scalp(n_chans: int) -> torch.Tensor:
    return sphere_points(n_chans).unsqueeze(0)


@pytest.mark.parametrize("n_chans", [1, 4, 32, 64])
def test_any_montage_gives_one_feature(encoder: EegEncoder, n_chans: int):
    feature = read(encoder, torch.randn(1, n_chans, 256), scalp(n_chans), torch.ones(1, n_chans, dtype=torch.bool))
    assert feature.shape == (1, 160)
    assert feature.isfinite().all()


def test_masked_channels_count_for_nothing(encoder: EegEncoder):
    eeg, mask = torch.randn(1, 8, 256), torch.ones(1, 8, dtype=torch.bool)
    mask[0, 5:] = False
    wild = eeg.clone()
    wild[0, 5:] = 1e4
    torch.testing.assert_close(read(encoder, eeg, scalp(8), mask), read(encoder, wild, scalp(8), mask), rtol=0, atol=0)
    assert not torch.allclose(read(encoder, eeg, scalp(8), torch.ones_like(mask)), read(encoder, eeg, scalp(8), mask))


def test_order_of_channels_counts_for_nothing(encoder: EegEncoder):
    eeg, places, mask = torch.randn(1, 8, 256), scalp(8), torch.ones(1, 8, dtype=torch.bool)
    order = torch.randperm(8)
    torch.testing.assert_close(read(encoder, eeg[:, order], places[:, order], mask), read(encoder, eeg, places, mask))


def test_place_of_channels_counts(encoder: EegEncoder):
    eeg, places, mask = torch.randn(1, 8, 256), scalp(8), torch.ones(1, 8, dtype=torch.bool)
    mirrored = places * torch.tensor([-1.0, 1.0, 1.0])
    assert not torch.allclose(read(encoder, eeg, mirrored, mask), read(encoder, eeg, places, mask), atol=1e-3)


def test_without_any_channel_the_feature_is_finite(encoder: EegEncoder):
    nothing = torch.zeros(1, 4, dtype=torch.bool)
    assert read(encoder, torch.randn(1, 4, 256), scalp(4), nothing).isfinite().all()


def test_attention_starts_local_and_sums_to_one():
    attention = SpatialAttention(20)
    mask = torch.ones(1, 32, dtype=torch.bool)
    weights = attention.weights(scalp(32), mask)
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, 20))
    nearest = torch.cdist(sphere_points(20), sphere_points(32)).argmin(-1)
    assert (weights[0].argmax(-1) == nearest).float().mean() > 0.6


def test_log_power_finds_alpha_where_it_is(encoder: EegEncoder):
    places, mask = scalp(32), torch.ones(1, 32, dtype=torch.bool)
    times = torch.arange(256) / 128
    back = (places[0, :, 1] < -0.03).float().unsqueeze(-1)
    eeg = (0.1 * torch.randn(32, 256) + back * torch.sin(2 * torch.pi * 10 * times)).unsqueeze(0)
    power = encoder.log_power(eeg, places, mask).reshape(20, 8)
    at_back = sphere_points(20)[:, 1] < -0.03
    assert power[at_back].mean(0).argmax() == 3
    assert power[at_back, 3].mean() > power[~at_back, 3].mean() + 1.0


def test_affect_is_read_against_the_persons_own_past(encoder: EegEncoder):
    eeg, mask = torch.randn(1, 8, 256), torch.ones(1, 8, dtype=torch.bool)
    baseline = encoder.log_power(eeg, scalp(8), mask).unsqueeze(1).expand(1, 2, -1)
    # Thrice the amplitude all along, and the baseline with it: nothing has changed for the person.
    louder = encoder(3.0 * eeg, scalp(8), mask, baseline + 2 * torch.log(torch.tensor(3.0)))
    before = encoder(eeg, scalp(8), mask, baseline)
    torch.testing.assert_close(louder.feature[:, :128], before.feature[:, :128], atol=0.05, rtol=0.05)
    assert not torch.allclose(louder.feature[:, 128:], before.feature[:, 128:], atol=0.05)


def test_what_lies_beyond_the_training_is_less_familiar(encoder: EegEncoder):
    power = torch.stack([torch.zeros(160), torch.full((160,), 2.0), torch.full((160,), 10.0)])
    assert encoder.familiarity(power).tolist() == [1.0, 1.0, 1.0]
    encoder.furthest.fill_(4.0)
    assert encoder.familiarity(power).tolist() == pytest.approx([1.0, 1.0, (4 / 100) ** 2])
    encoder.furthest.fill_(float("inf"))


def test_the_last_seconds_count_beside_the_window():
    torch.manual_seed(0)
    encoder = EegEncoder().eval()
    power, past = torch.randn(2, 160), torch.zeros(2, 1, 160)
    calm = encoder.read(power, torch.cat([past, past], dim=1))
    moved = encoder.read(power, torch.cat([past, past + 1.0], dim=1))
    assert not torch.allclose(calm.feature[:, :128], moved.feature[:, :128], atol=1e-3)
    torch.testing.assert_close(calm.feature[:, 128:], moved.feature[:, 128:])


def test_the_hidden_layer_begins_by_adding_nothing_to_the_line():
    reader = EegEncoder().eval().reader
    change = torch.randn(3, 320)
    torch.testing.assert_close(reader(change) - reader.out.bias, reader.line(change))
