from dataclasses import replace

import pytest
import torch

from app.session import wiring
from core.config import Config, ModelConfig
from core.errors import ConfigError

NOW = {"s": 0.0}
CPU_S, GPU_S = 0.004, 0.010
"""What a window takes on the CPU, and any number of them on the GPU."""


class Timed:
    """Stands for a predictor that takes time on a clock of its own, far more for a size of batch that is new to it."""

    def __init__(self, model: str, config: Config) -> None:
        self.device = torch.device(config.model.device)
        self._known: set[int] = set()

    def warm_up(self, n_chans: int = 32, n_windows: int = 1) -> None:
        takes = n_windows * CPU_S if self.device.type == "cpu" else GPU_S
        NOW["s"] += takes if n_windows in self._known else 100 * takes
        self._known.add(n_windows)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a GPU, as far as predictors go."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(wiring, "Predictor", Timed)


def chosen(people: int, device: str = "auto") -> str:
    config = Config(model=ModelConfig(device=device))
    return wiring.live_predictor("", config, people, clock=lambda: NOW["s"]).device.type


@pytest.mark.usefixtures("gpu")
def test_a_live_session_is_read_on_the_device_that_is_sooner_done_with_everyones_windows():
    assert [chosen(people) for people in (1, 2, 3, 8)] == ["cpu", "cpu", "cuda", "cuda"]


@pytest.mark.usefixtures("gpu")
def test_a_device_that_is_asked_for_is_taken_however_long_it_takes():
    assert chosen(1, "cuda") == "cuda"
    assert chosen(8, "cpu") == "cpu"


def test_without_a_gpu_nothing_is_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    never: list[float] = []
    predictor = wiring.live_predictor("", Config(), 4, clock=lambda: never.append(0.0) or 0.0)
    assert predictor.device.type == "cpu"
    assert never == []
    with pytest.raises(ConfigError, match="no CUDA device"):
        wiring.live_predictor("", replace(Config(), model=ModelConfig(device="cuda")), 1)


def test_models_that_read_later_do_so_on_the_device_that_was_chosen():
    predictor = wiring.predictor_of("", Config(model=ModelConfig(device="cpu")))
    made = wiring.pipelines(Config(), predictor)
    assert made.device == "cpu"
    assert made._config.model.device == "cpu"
    assert wiring.pipelines_of([""], Config(model=ModelConfig(device="cpu")), people=1).device == "cpu"
