"""The training loop: seeded, stopped early on participants it does not train on, with a word on how long it takes."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went."""

    best_epoch: int
    best_score: float
    scores: tuple[float, ...]
    """Validation score after each epoch, higher is better."""


def silent(text: str) -> None:
    """Report to nobody."""


def fit(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    epochs: int,
    losses: Callable[[int], Iterable[Tensor]],
    score: Callable[[], float],
    patience: int = 8,
    report: Report = silent,
    name: str = "training",
) -> Outcome:
    """Train `network` and leave in it the weights of its best epoch. The learning rate falls in a line.

    Parameters
    ----------
    network : Module
        Put in training mode for each epoch and in evaluation mode for each score.
    optimiser : Optimizer
        Over whatever is to be trained.
    epochs : int
        At most this many.
    losses : callable
        Gives, for the number of an epoch, the loss of each batch.
    score : callable
        The validation score, higher is better.
    patience : int
        Stops after this many epochs without a better score.
    report : callable
        Gets one line per epoch.
    name : str
        What the lines call this run.
    """
    started = time.monotonic()
    best_score, best_epoch, best = -float("inf"), -1, copy.deepcopy(network.state_dict())
    scores: list[float] = []
    rates = [float(group["lr"]) for group in optimiser.param_groups]
    for epoch in range(epochs):
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * (1.0 - 0.95 * epoch / epochs)
        network.train()
        total, count = 0.0, 0
        for loss in losses(epoch):
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_([p for g in optimiser.param_groups for p in g["params"]], 5.0)
            optimiser.step()
            total, count = total + float(loss.detach()), count + 1
        network.eval()
        with torch.inference_mode():
            scores.append(score())
        if scores[-1] > best_score:
            best_score, best_epoch, best = scores[-1], epoch, copy.deepcopy(network.state_dict())
        left = (time.monotonic() - started) / (epoch + 1) * (epochs - epoch - 1)
        mean = total / max(count, 1)
        report(f"{name} {epoch + 1}/{epochs}: loss {mean:.3f}, validation {scores[-1]:.3f}, {left:.0f} s left at most")
        if epoch - best_epoch >= patience:
            break
    network.load_state_dict(best)
    network.eval()
    return Outcome(best_epoch, best_score, tuple(scores))
