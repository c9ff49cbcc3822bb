"""The one training loop: seeded, stopped early on people it does not train on, and able to go on where it stood."""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from training.run import Run, Stateful, TorchDraws

Report = Callable[[str], None]
MAX_NORM = 5.0
"""Of the gradient of all parameters together."""
SAVE_S = 2.0
"""Between two writings of where a run stands: to write takes as long as an epoch of a small network."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went."""

    best_epoch: int
    best_score: float
    scores: tuple[float, ...]
    """Validation score after each epoch, higher is better."""
    losses: tuple[float, ...] = ()
    """Mean loss of each epoch."""


def silent(text: str) -> None:
    """Report to nobody."""


def fit(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    epochs: int,
    losses: Callable[[int], Iterable[Tensor]],
    score: Callable[[], float] | None = None,
    patience: int = 8,
    report: Report = silent,
    name: str = "training",
    run: Run | None = None,
    keep: Mapping[str, Stateful] | None = None,
    precision: torch.dtype | None = None,
) -> Outcome:
    """Train `network` and leave in it the weights of its best epoch, without a score of its last one.

    The learning rate falls linearly. On the CPU the same seed and the same number of threads give the same bits, also
    when a run was broken off and taken up again.

    Parameters
    ----------
    network : Module
        Put in training mode for each epoch and in evaluation mode for each score.
    optimiser : Optimizer
        Over whatever is to be trained.
    epochs : int
        At most this many.
    losses : callable
        Gives, for the number of an epoch, the loss of each batch, computed when it is asked for (a generator).
    score : callable, optional
        The validation score, higher is better; without one all epochs are run and the last one is kept.
    patience : int
        Stops after this many epochs without a better score.
    report : callable
        Gets one line per epoch.
    name : str
        What the lines call this run.
    run : Run, optional
        Keeps where it stands every `SAVE_S` seconds and at the end, after a whole epoch, and goes on from there.
    keep : mapping of str to Stateful, optional
        What else is random or learns: generators (`training.run.Draws`), modules that only the loss has.
    precision : dtype, optional
        Half precision to compute the losses in, such as `torch.bfloat16`; by default what a GPU is fast in, and none
        on the CPU. Weights, gradients and scores stay in single precision.
    """
    state = _Standing(network, copies=score is not None)
    things: dict[str, Stateful] = {
        "network": network, "optimiser": optimiser, "standing": state, "torch": TorchDraws(), **(keep or {}),
    }  # fmt: skip
    rates = [float(group["lr"]) for group in optimiser.param_groups]
    if run is not None:
        run.load_state(name, things)
    half = _Half(network, precision)
    saved = time.monotonic()
    with run or contextlib.nullcontext():
        for epoch in range(len(state.scores), epochs):
            if state.stale(epoch, patience):
                break
            started = time.monotonic()
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * (1.0 - 0.95 * epoch / epochs)
            network.train()
            loss = _step_through(optimiser, half, losses(epoch))
            network.eval()
            with torch.inference_mode():
                value = score() if score else float(epoch)
            state.follow(network, epoch, value, loss, time.monotonic() - started)
            left = state.seconds_left(epochs, patience)
            validation = f", validation {value:.3f}" if score else ""
            report(f"{name} {epoch + 1}/{epochs}: loss {loss:.3f}{validation}, {left:.0f} s left at most")
            if run is not None:
                run.curve(f"{name}/loss", loss, epoch)
                if score:
                    run.curve(f"{name}/validation", value, epoch)
                if time.monotonic() - saved >= SAVE_S or epoch == epochs - 1 or state.stale(epoch + 1, patience):
                    run.save_state(name, things, {"epoch": epoch})
                    saved = time.monotonic()
    if state.copies:  # a run of an earlier version may bring weights of the epoch at which it was broken off
        network.load_state_dict(state.best)
    network.eval()
    return Outcome(state.best_epoch, state.best_score, tuple(state.scores), tuple(state.losses))


def _step_through(optimiser: torch.optim.Optimizer, half: _Half, losses: Iterable[Tensor]) -> float:
    """Take one step for each loss and return their mean."""
    total, count = 0.0, 0
    for loss in half.computed(losses):
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(half.scaler.scale(loss))
        half.scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_([p for g in optimiser.param_groups for p in g["params"]], MAX_NORM)
        half.scaler.step(optimiser)
        half.scaler.update()
        total, count = total + float(loss.detach()), count + 1
    return total / max(count, 1)


class _Half:
    """The half precision that losses are computed in, if any."""

    def __init__(self, network: nn.Module, precision: torch.dtype | None) -> None:
        first = next(network.parameters(), None)
        self._device = "cpu" if first is None else first.device.type
        if precision is None and self._device == "cuda":
            has_bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
            precision = torch.bfloat16 if has_bf16 else torch.float16
        self._precision = precision
        # Small gradients vanish in float16 alone; bfloat16 reaches as far down as float32.
        self.scaler = torch.amp.GradScaler(self._device, enabled=precision is torch.float16)

    def computed(self, losses: Iterable[Tensor]) -> Iterator[Tensor]:
        """Give the losses, each computed in that precision."""
        source = iter(losses)
        while True:
            with self._lowered():
                loss = next(source, None)
            if loss is None:
                return
            yield loss

    def _lowered(self) -> contextlib.AbstractContextManager[object]:
        if self._precision is None:
            return contextlib.nullcontext()
        return torch.autocast(self._device, self._precision)


@dataclass(slots=True)
class _Standing:
    """Where the loop stands: the best weights and how each epoch went."""

    network: nn.Module
    copies: bool
    """Whether the best weights are others than the last."""
    best: dict[str, Any] = field(default_factory=dict)
    best_epoch: int = -1
    best_score: float = -float("inf")
    scores: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.copies:
            self.best = copy.deepcopy(self.network.state_dict())

    def follow(self, network: nn.Module, epoch: int, score: float, loss: float, seconds: float) -> None:
        self.scores.append(score)
        self.losses.append(loss)
        self.seconds += seconds
        if score > self.best_score:
            self.best_score, self.best_epoch = score, epoch
            if self.copies:
                self.best = copy.deepcopy(network.state_dict())

    def stale(self, epoch: int, patience: int) -> bool:
        return epoch > 0 and epoch - 1 - self.best_epoch >= patience

    def seconds_left(self, epochs: int, patience: int) -> float:
        done = len(self.scores)
        to_go = 0 if self.stale(done, patience) else epochs - done
        return self.seconds / done * to_go

    def state_dict(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in ("best", "best_epoch", "best_score", "scores", "losses", "seconds")
        }

    def load_state_dict(self, state: Any) -> None:
        for name, value in state.items():
            setattr(self, name, value)
