import pytest
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


class Layers(nn.Module):
    """What the networks are made of: products with and without a bias, small ones, convolution, softmax and means."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Conv1d(1, 8, 65, stride=2, bias=False)
        self.wide, self.narrow = nn.Linear(40, 64), nn.Linear(64, 1)
        self.matrix = nn.Parameter(torch.randn(64, 9))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return a number and a share of nine for each window, of x, (n_windows, 5, 256)."""
        power = self.filters(x.reshape(-1, 1, 256)).square().mean(dim=-1).log().reshape(-1, 40)
        hidden = torch.relu(self.wide(power))
        return self.narrow(hidden), (hidden @ self.matrix).softmax(dim=-1)


@pytest.mark.parametrize("n_windows", [2, 7, 32, 64])
def test_a_window_has_the_same_bits_in_any_batch(n_windows: int):
    torch.manual_seed(0)
    network = Layers().eval().requires_grad_(False)
    call, x = TracedNetwork(network, each_window=True), torch.randn(n_windows, 5, 256)
    call(torch.randn(n_windows, 5, 256))
    (recorded,) = (way for shapes, way in call._recorded.items() if shapes[0][0][0] == n_windows)
    assert recorded != call._one_by_one
    alone = [network(x[k : k + 1]) for k in range(n_windows)]
    for given, expected in zip(call(x), zip(*alone, strict=True), strict=True):
        assert torch.equal(given, torch.cat(expected))
    if n_windows == 64:
        assert not torch.equal(network(x)[1], torch.cat([one for _, one in alone])), "the usual products would not do"


class Looks(nn.Module):
    """A network in which a window hangs on what else is in the batch."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return (x - x.mean(dim=0),)


def test_a_network_that_looks_at_the_whole_batch_is_asked_of_each_window_alone():
    call = TracedNetwork(Looks(), each_window=True)
    for _ in range(2):
        assert not call(torch.randn(4, 3))[0].any()
    assert torch.isnan(call(torch.full((4, 3), torch.nan))[0]).all()
