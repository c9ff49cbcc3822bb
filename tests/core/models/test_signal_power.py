import torch

from core.models.signal_power import EDGES, RANGE, SignalPower


def clean(n_samples: int = 400) -> torch.Tensor:
    """Signals that live in three of twenty dimensions, with a little of everything."""
    torch.manual_seed(0)
    return torch.randn(n_samples, 3) @ torch.randn(3, 20) + 0.1 * torch.randn(n_samples, 20)


def test_clean_signals_have_the_usual_power():
    power = SignalPower(20)
    power.fit(clean())
    told = RANGE * power(clean())
    torch.testing.assert_close(told.mean(dim=0), torch.zeros(power.n_bands), atol=1e-3, rtol=0)
    torch.testing.assert_close(told.std(dim=0), torch.ones(power.n_bands), atol=1e-2, rtol=0)
    assert power.n_bands == sum(edge < 20 for edge in EDGES)


def test_noise_fills_the_weak_components_and_fading_empties_the_strong_ones():
    power = SignalPower(20)
    power.fit(clean())
    usual = power(clean()).mean(dim=0)
    noisy = power(clean() + torch.randn(400, 20)).mean(dim=0)
    faded = power(0.2 * clean()).mean(dim=0)
    assert noisy[-1] > usual[-1] + 0.5
    assert faded[0] < usual[0] - 0.1


def test_what_is_usual_is_part_of_the_weights():
    power = SignalPower(20)
    power.fit(clean())
    other = SignalPower(20)
    other.load_state_dict(power.state_dict())
    assert torch.equal(other(clean()), power(clean()))
