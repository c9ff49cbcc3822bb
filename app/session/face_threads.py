"""Threads on which what a face shows is read, beside the one that looks for faces."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, get_args

from core.face_submit import FaceNetwork

_T = TypeVar("_T")


class FaceThreads:
    """One thread for each network of a face, none before it is asked for; `submit` is a `core.face_submit.Submit`."""

    def __init__(self) -> None:
        self._threads = {name: ThreadPoolExecutor(1, name) for name in get_args(FaceNetwork)}

    def submit(self, network: FaceNetwork, do: Callable[[], _T]) -> Callable[[], _T]:
        """Have a network do something behind all else that it does; return what waits for the result."""
        return self._threads[network].submit(do).result

    def close(self) -> None:
        """End once all is done that was submitted."""
        for thread in self._threads.values():
            thread.shutdown()
