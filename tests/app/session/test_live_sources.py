"""Who a simulated participant is from one session to the next."""

import subprocess
from typing import Any

import pytest

from acquisition.lsl_watch import StreamWatch
from acquisition.simulator.streams import SimulatedFace
from app.session.live_sources import simulated
from core.config import Config


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives what a simulation publishes as, and which face it shows."""

    def begin(*names: str) -> tuple[dict[str, str], list[str]]:
        words: list[str] = []

        class Publisher:
            def __init__(self, command: list[str], **_: Any) -> None:
                words.extend(command)

            def terminate(self) -> None:
                pass

            def wait(self, timeout: float) -> None:
                pass

        with monkeypatch.context() as patched:
            patched.setattr(subprocess, "Popen", Publisher)
            with StreamWatch() as watch, simulated(names, Config(), watch, lambda: None) as sources:
                faces = [source.infos[0].key for source in sources if isinstance(source, SimulatedFace)]
        told = {name: words[words.index(name) + 1] for name in ("--seed", "--stream")}
        return {**told, "--t0": next(word for word in words if word.startswith("--t0="))}, faces

    return begin


def test_the_same_names_are_the_same_people_at_another_moment_of_their_lives(begun: Any):
    (first, faces), (again, faces_again), (other, _) = begun("SIM"), begun("SIM"), begun("P002")
    assert first["--seed"] == again["--seed"] != other["--seed"]
    assert faces == faces_again
    assert first["--t0"] != again["--t0"]
