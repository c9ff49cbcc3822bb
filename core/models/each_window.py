"""Products of matrices that give a window the same bits in a batch of any size as alone."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, jit
from torch.overrides import TorchFunctionMode

_TRIED = 128
"""Windows by which it is found out whether a batch of products has their bits."""
_Kind = tuple[bool, int, tuple[int, ...], tuple[int, ...], tuple[int, ...], bool]
"""Of a product: if it is a `matmul`, windows, the sizes of one and of the matrix, its strides, if it has a bias."""
_alike: dict[_Kind, bool] = {}
"""Whether a batch of products has the bits of these alone on this computer, by kind, from which kernels follow."""
_MATMUL = (torch.matmul, Tensor.matmul, Tensor.__matmul__)


class EachWindow(TorchFunctionMode):
    """While it is entered on the CPU, a batch times a matrix is as many products as there are windows, in one call.

    A library of matrix products cuts larger ones in other pieces, and so adds in another order: (64, 320) times
    (320, 128) has other last bits than (1, 320) times (320, 128), sixty-four times. A batch of products takes the same
    kernel for each as for one alone, but not for small ones, nor all of them on every processor. So it is tried, with
    random numbers, when a product of a kind first comes, and where a bit differs its windows are multiplied in turn;
    while a network is recorded nothing can be tried, so it is run before. All else that the networks do is row by row,
    whatever the batch.

    Parameters
    ----------
    n_windows : int
        Length of the batch, the first axis of what is multiplied.
    """

    def __init__(self, n_windows: int) -> None:
        super().__init__()
        self._n = n_windows

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Return what `func` gives, each window's part of a product as it is alone."""
        kwargs = kwargs or {}
        if func is torch.nn.functional.linear and self._is_batch(args[0]):
            bias = args[2] if len(args) > 2 else kwargs.get("bias")
            return self._product(func, args[0], (args[1], bias), args[1].transpose(0, 1), bias)
        if func in _MATMUL and args[1].dim() == 2 and self._is_batch(args[0]):
            return self._product(func, args[0], (args[1],), args[1], None)
        return func(*args, **kwargs)

    def _is_batch(self, x: Tensor) -> bool:
        return x.dim() > 1 and _sizes(x)[0] == self._n

    def _product(
        self, func: Callable[..., Any], x: Tensor, others: tuple[Any, ...], matrix: Tensor, bias: Tensor | None
    ) -> Tensor:
        sizes, (n_in, n_out) = _sizes(x), _sizes(matrix)
        kind = (func in _MATMUL, self._n, sizes[1:], (n_in, n_out), matrix.stride(), bias is not None)
        if kind not in _alike and not jit.is_tracing():  # type: ignore[no-untyped-call,attr-defined]
            _alike[kind] = _is_alike(func, self._n, sizes, others, matrix, bias)
        if not _alike.get(kind, False):
            return _in_turn(func in _MATMUL)(x, *others)
        return _batch(x, sizes, matrix, bias)


def _batch(x: Tensor, sizes: tuple[int, ...], matrix: Tensor, bias: Tensor | None) -> Tensor:
    n_windows, (n_in, n_out) = sizes[0], _sizes(matrix)
    rows, matrices = x.reshape(n_windows, -1, n_in), matrix.expand(n_windows, n_in, n_out)
    product = torch.bmm(rows, matrices) if bias is None else torch.baddbmm(bias, rows, matrices)
    return product.reshape(*sizes[:-1], n_out)


def _is_alike(
    func: Callable[..., Any],
    n: int,
    sizes: tuple[int, ...],
    others: tuple[Any, ...],
    matrix: Tensor,
    bias: Tensor | None,
) -> bool:
    generator = torch.Generator().manual_seed(0)
    for _ in range(-(-_TRIED // n)):
        x = torch.randn(sizes, generator=generator, dtype=matrix.dtype)
        alone = torch.cat([func(x[k : k + 1], *others) for k in range(n)])
        if not torch.equal(alone, _batch(x, sizes, matrix, bias)):
            return False
    return True


@functools.cache
def _in_turn(is_matmul: bool) -> Callable[..., Tensor]:
    """Return what multiplies each window by itself, as one step of a record: hundreds of them would cost as many."""
    with warnings.catch_warnings():
        # Like `trace`, which nothing yet replaces without compiling; see `core.models.traced_network`.
        warnings.simplefilter("ignore", DeprecationWarning)
        return jit.script(_matmul_in_turn if is_matmul else _linear_in_turn)


def _linear_in_turn(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    parts: list[Tensor] = []
    for k in range(x.size(0)):
        parts.append(torch.nn.functional.linear(x[k : k + 1], weight, bias))  # noqa: PERF401 - compiled
    return torch.cat(parts)


def _matmul_in_turn(x: Tensor, matrix: Tensor) -> Tensor:
    parts: list[Tensor] = []
    for k in range(x.size(0)):
        parts.append(torch.matmul(x[k : k + 1], matrix))  # noqa: PERF401 - compiled
    return torch.cat(parts)


def _sizes(x: Tensor) -> tuple[int, ...]:
    with warnings.catch_warnings():
        # While a network is recorded, torch warns that its sizes become constants; each size has a record of its own.
        warnings.simplefilter("ignore")
        return tuple(int(size) for size in x.shape)
