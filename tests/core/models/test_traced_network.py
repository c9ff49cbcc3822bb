import torch
from torch import Tensor, nn

from core.models.traced_network import TracedNetwork


class Counted(nn.Module):
    """Two layers that count how often Python goes through them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4)).requires_grad_(False)
        self.n_calls = 0

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        self.n_calls += 1
        y = self.layers(x)
        return y, y.softmax(dim=-1)


def test_python_goes_through_a_network_once_for_each_shape_and_the_bits_stay():
    network, generator = Counted(), torch.Generator().manual_seed(0)
    call = TracedNetwork(network)
    for rows in (1, 5):
        call(torch.randn(rows, 8, generator=generator))
    recorded = network.n_calls
    for rows in (1, 5, 1, 5):
        x = torch.randn(rows, 8, generator=generator)
        given = call(x)
        assert network.n_calls == recorded
        assert all(torch.equal(a, b) for a, b in zip(given, network.eval()(x), strict=True))
        recorded = network.n_calls


class Chance(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return (x + torch.rand(()),)


class Words(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        if torch.jit.is_tracing():  # type: ignore[attr-defined]
            raise RuntimeError("not to be recorded")
        return (x + 1,)


class Decides(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return (x if x.sum() > 0 else -x,)


def test_a_network_whose_way_depends_on_values_goes_it_each_time():
    call = TracedNetwork(Decides())
    for value in (2.0, -2.0):
        assert call(torch.full((3,), value))[0].tolist() == [2.0] * 3


def test_a_network_that_cannot_be_recorded_is_run_as_it_is():
    x = torch.zeros(3)
    torch.testing.assert_close(TracedNetwork(Words())(x)[0], torch.ones(3))
    call = TracedNetwork(Chance())
    assert not torch.equal(call(x)[0], call(x)[0])
    assert isinstance(next(iter(call._recorded.values())), Chance)
