"""How what a face shows is read by networks that may work beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

_T = TypeVar("_T")

FaceNetwork = Literal["expression", "mesh"]


class Submit(Protocol):
    """Has a network of a face do something, now or elsewhere."""

    def __call__(self, network: FaceNetwork, do: Callable[[], _T]) -> Callable[[], _T]:
        """Have it done behind all else that this network does; return what gives the result, once there is one."""
        ...


def at_once(network: FaceNetwork, do: Callable[[], _T]) -> Callable[[], _T]:
    """Do it now, as a `Submit`."""
    done = do()
    return lambda: done
