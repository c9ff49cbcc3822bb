"""Ways to run a forward on a device, and how each is timed."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

Step = Callable[[], Tensor]


def milliseconds(step: Callable[[], object], device: torch.device, seconds: float, at_least: int = 5) -> list[float]:
    """Return what each run takes, ms by the clock, for `seconds` after three runs to get warm."""
    for _ in range(3):
        step()
    spent: list[float] = []
    finish(device)
    end = time.perf_counter() + seconds
    while len(spent) < at_least or time.perf_counter() < end:
        begun = time.perf_counter()
        step()
        finish(device)
        spent.append(1000 * (time.perf_counter() - begun))
    return spent


def finish(device: torch.device) -> None:
    """Wait for all that a GPU was asked to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def graphed(step: Step, device: torch.device) -> Step | str:
    """Return the forward as one recorded CUDA graph; in words why not, where there is none."""
    if device.type != "cuda":
        return "there is no GPU"
    try:
        aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):
            for _ in range(3):
                step()
        torch.cuda.current_stream(device).wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            said = step()
    except RuntimeError as error:
        return _reason(error)

    def replay() -> Tensor:
        graph.replay()
        return said

    return replay


def compiled(step: Step) -> Step | str:
    """Return the forward as torch compiles it; in words why not, where it cannot be.

    A compilation that fails leaves this thread's torch unfit for more: so it comes last.
    """
    try:
        made: Step = torch.compile(step, dynamic=False)
        made()
    except Exception as error:  # torch.compile raises what its many parts raise
        return _reason(error)
    return made


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
