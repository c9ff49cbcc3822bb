"""Who a simulated participant is from one session to the next."""

import signal
import subprocess
import sys
from typing import Any

import pytest

from acquisition.lsl_watch import StreamWatch
from acquisition.simulator.streams import SimulatedFace
from app.session import live_sources
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


def test_simulated_participants_that_do_not_end_when_asked_to_are_ended(monkeypatch: pytest.MonkeyPatch):
    started: list[subprocess.Popen[bytes]] = []
    begin, deaf = (
        subprocess.Popen,
        "import signal, sys; signal.signal(15, signal.SIG_IGN); print(flush=True); sys.stdin.read()",
    )

    def start(*_: Any, **__: Any) -> "subprocess.Popen[bytes]":
        started.append(begin([sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert started[0].stdout is not None
        started[0].stdout.readline()  # it is deaf by now
        return started[0]

    monkeypatch.setattr(live_sources, "_LEAVE_S", 0.1)
    monkeypatch.setattr(subprocess, "Popen", start)
    with StreamWatch() as watch, simulated(["SIM"], Config(), watch, lambda: None):
        pass
    assert started[0].returncode == -signal.SIGKILL
    for pipe in (started[0].stdin, started[0].stdout):
        assert pipe is not None
        pipe.close()
