from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ConfigError, FileFormatError
from training import loop
from training.loop import fit
from training.run import Draws, Run, read_config


@dataclass(frozen=True)
class Toy:
    seed: int = 0
    width: tuple[int, ...] = (4, 2)


class BrokenOffError(Exception):
    pass


def learn(
    folder: Path | None, seed: int = 0, break_at: int | None = None, scored: bool = True
) -> tuple[torch.nn.Module, tuple[float, ...]]:
    """Train a toy whose data, dropout and loss are all random."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = torch.nn.Sequential(
        torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(), torch.nn.Linear(8, 1)
    )
    head = torch.nn.Linear(1, 1)
    optimiser = torch.optim.AdamW([*network.parameters(), *head.parameters()], lr=0.05)

    def losses(epoch: int):
        for k in range(4):
            if (epoch, k) == (break_at, 2):
                raise BrokenOffError
            x = torch.from_numpy(rng.standard_normal((16, 3)).astype(np.float32))
            yield (head(network(x)) - x.sum(dim=1, keepdim=True)).square().mean()

    def score() -> float:
        return -float((network(torch.ones(1, 3)) - 3.0).abs())

    run = Run(folder, Toy(seed)) if folder else None
    outcome = fit(
        network, optimiser, 6, losses, score if scored else None, 6, name="toy", run=run,
        keep={"head": head, "draws": Draws(rng)},
    )  # fmt: skip
    return network, outcome.scores


def same(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not():
    assert same(learn(None)[0], learn(None)[0])
    assert not same(learn(None)[0], learn(None, seed=1)[0])


@pytest.mark.parametrize(("seconds", "kept"), [(0.0, 6), (float("inf"), 1)])
def test_where_a_run_stands_is_written_now_and_then_and_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, kept: int
):
    written, save_state = [], Run.save_state

    def counted(self: Run, *told: Any) -> None:
        written.append(told)
        save_state(self, *told)

    monkeypatch.setattr(Run, "save_state", counted)
    monkeypatch.setattr(loop, "SAVE_S", seconds)
    learn(tmp_path)
    assert len(written) == kept


@pytest.mark.parametrize("seconds", [0.0, float("inf")])
def test_a_run_that_was_broken_off_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
):
    monkeypatch.setattr(loop, "SAVE_S", seconds)
    straight, scores = learn(None)
    with pytest.raises(BrokenOffError):
        learn(tmp_path / "run", break_at=3)
    torch.randn(7), "the random numbers of torch stand elsewhere by now"
    network, resumed = learn(tmp_path / "run")
    assert same(network, straight)
    assert resumed == scores
    again, _ = learn(tmp_path / "run", break_at=0)
    assert same(again, straight), "a loop that has ended is not begun again"


@pytest.mark.parametrize("keeps_best", [False, True], ids=["now", "an earlier version, which kept the best weights"])
def test_a_run_without_a_score_that_was_broken_off_ends_with_its_last_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeps_best: bool
):
    monkeypatch.setattr(loop, "SAVE_S", 0.0)
    straight, _ = learn(None, scored=False)
    with monkeypatch.context() as before:
        if keeps_best:
            kept = loop._Standing.state_dict
            before.setattr(loop._Standing, "state_dict", lambda self: kept(self) | {"best": self.network.state_dict()})
        with pytest.raises(BrokenOffError):
            learn(tmp_path / "run", break_at=3, scored=False)
    network, _ = learn(tmp_path / "run", scored=False)
    assert same(network, straight)


def test_a_folder_belongs_to_one_configuration(tmp_path: Path):
    Run(tmp_path, Toy(1))
    Run(tmp_path, Toy(1))
    with pytest.raises(ConfigError, match="other settings: seed"):
        Run(tmp_path, Toy(2))


def test_done_is_said_last_and_the_state_is_no_longer_kept(tmp_path: Path):
    run = Run(tmp_path, {"a": 1})
    run.save_state("toy", {"layer": torch.nn.Linear(2, 2)}, {"epoch": 3})
    assert run.load_state("toy", {"layer": torch.nn.Linear(2, 2)}) == {"epoch": 3}
    assert not run.done
    run.finish({"accuracy": 0.5})
    assert Run(tmp_path, {"a": 1}).done
    assert Run(tmp_path, {"a": 1}).metrics == {"accuracy": 0.5}
    assert run.load_state("toy", {}) is None
    assert not list(tmp_path.glob("*.part"))


def test_curves_are_there_for_tensorboard(tmp_path: Path):
    pytest.importorskip("tensorboard", reason="curves need the extra insula[train]")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    learn(tmp_path)
    Run(tmp_path, Toy()).finish({})
    events = EventAccumulator(str(tmp_path / "curves")).Reload()
    assert [point.step for point in events.Scalars("toy/loss")] == list(range(6))


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b'{"config": 3}'])
def test_a_damaged_file_of_a_run_is_named(tmp_path: Path, content: bytes):
    run = Run(tmp_path / "run", Toy())
    things = {"network": torch.nn.Linear(2, 1)}
    run.save_state("fit", things, {"epoch": 1})
    for name in ("config.json", "state-fit.safetensors", "metrics.json"):
        (run.folder / name).write_bytes(content)
    with pytest.raises(FileFormatError, match=r"config\.json is damaged.*Delete it"):
        read_config(run.folder)
    with pytest.raises(FileFormatError, match=r"state-fit\.safetensors is damaged"):
        run.load_state("fit", things)
    if content != b'{"config": 3}':
        with pytest.raises(FileFormatError, match="run is damaged"):
            _ = run.metrics


def test_a_run_of_before_a_setting_goes_on_with_what_it_did_then_and_with_nothing_else(tmp_path: Path):
    Run(tmp_path, {"fold": "S1", "config": {"seed": 0}})
    Run(tmp_path, {"fold": "S1", "config": {"seed": 0, "method": "udml", "one_stage": False}})
    with pytest.raises(ConfigError, match="other settings: config"):
        Run(tmp_path, {"fold": "S1", "config": {"seed": 0, "method": "late", "one_stage": False}})
