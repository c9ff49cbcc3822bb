"""A network's forward as one traced call into torch: Python's lock is released and taken once, not per operation."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, jit, nn

from core.models.each_window import EachWindow

_Shapes = tuple[tuple[torch.Size, torch.dtype], ...]
_VALUE_FIXED = "Converting a tensor to a"
"""What torch says when it records a choice, or a number, that hangs on the values of these inputs."""


class TracedNetwork:
    """A network on the CPU, bit for bit as it is, run as one recorded call for each shape of its inputs.

    torch lets Python go around each of its operations, hundreds in a network, and whoever else computes in Python then
    has it for as long as it may: a window that was busy made each look at a face wait two hundred times. What is
    recorded are the same kernels in the same order. A network that cannot be recorded is run as it is.

    Parameters
    ----------
    network : Module
        In evaluation mode; it takes and gives tensors. Its weights will have no gradients and must stay as they are.
    each_window : bool
        Whether a window is to have the same bits in any batch as alone; the first axis of all that goes in and comes
        out is then that of windows. Each size of batch is compared with its windows one by one when it first comes, and
        where a single bit differs they are taken one by one.
    """

    def __init__(self, network: nn.Module, each_window: bool = False) -> None:
        self._network = network.requires_grad_(False)
        self._each_window = each_window
        self._recorded: dict[_Shapes, Callable[..., tuple[Tensor, ...]]] = {}

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return what the network gives."""
        shapes = tuple((x.shape, x.dtype) for x in inputs)
        # Optimising would take other kernels, hence other last bits, and a quarter of a second twice over.
        with torch.inference_mode(), jit.optimized_execution(False):  # type: ignore[attr-defined]
            if shapes not in self._recorded:
                self._recorded[shapes] = self._record(inputs)
            return self._recorded[shapes](*inputs)

    def prepare_like(self, other: TracedNetwork) -> None:
        """Record now what another one has recorded, so that the first inputs of those shapes are not the slow ones."""
        for shapes in tuple(other._recorded):
            self(*(_uneven(shape, dtype) for shape, dtype in shapes))

    def _record(self, inputs: tuple[Tensor, ...]) -> Callable[..., tuple[Tensor, ...]]:
        if any(x.device.type != "cpu" for x in inputs):
            return self._network
        network = self._network
        otherwise: Callable[..., tuple[Tensor, ...]] = network
        if self._each_window and len(inputs[0]) > 1:
            network, otherwise = _OfBatch(network, len(inputs[0])), self._one_by_one
        expected = otherwise(*inputs)
        if network is not self._network:
            network(*inputs)  # what can only be tried by running
        try:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                # As a function, whose weights are constants: recorded in a third of the time of a module, and a quarter
                # faster to run, since nobody looks for each weight in its place any more.
                recorded: Callable[..., tuple[Tensor, ...]] = jit.trace(  # type: ignore[no-untyped-call]
                    lambda *given: network(*given), inputs, check_trace=False
                )
            # That sizes become constants is what is wanted: each shape has a record of its own. A value must not.
            if any(_VALUE_FIXED in str(warning.message) for warning in told):
                return otherwise
            same = all(_same_bits(a, b) for a, b in zip(recorded(*inputs), expected, strict=True))
        except (AssertionError, AttributeError, RuntimeError):
            return otherwise
        return recorded if same else otherwise

    def _one_by_one(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        alone = [self(*(x[k : k + 1] for x in inputs)) for k in range(len(inputs[0]))]
        return tuple(torch.cat(parts) for parts in zip(*alone, strict=True))


class _OfBatch(nn.Module):
    """A network of a batch of windows, each as it is alone."""

    def __init__(self, network: nn.Module, n_windows: int) -> None:
        super().__init__()
        self.network = network
        self._n = n_windows

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        with EachWindow(self._n):
            given: tuple[Tensor, ...] = self.network(*inputs)
        return given


def _uneven(shape: torch.Size, dtype: torch.dtype) -> Tensor:
    """Return numbers whose sums hang on the order in which they are added, as those of real windows do."""
    if not dtype.is_floating_point:
        return torch.ones(shape, dtype=dtype)
    return torch.linspace(0.1, 1.0, shape.numel(), dtype=dtype).reshape(shape)


def _same_bits(one: Tensor, other: Tensor) -> bool:
    """Return whether all is the same, NaN as well."""
    return one.shape == other.shape and torch.equal(
        one.contiguous().view(torch.uint8), other.contiguous().view(torch.uint8)
    )
