"""Who has a network of a face read it: whoever looks, or another thread meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

_T = TypeVar("_T")


class Submit(Protocol):
    """Has a network of a face do something, now or elsewhere."""

    def __call__(self, network: Literal["expression", "mesh"], do: Callable[[], _T]) -> Callable[[], _T]:
        """Have it done behind all else that this network does; return what gives the result, once there is one."""
        ...


def at_once(network: Literal["expression", "mesh"], do: Callable[[], _T]) -> Callable[[], _T]:
    """Have it done now, by whoever asks."""
    done = do()
    return lambda: done
