"""Markers of a program that is started after the recording, stands still, is killed, and is started anew."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pylsl
import pytest
import pyxdf

from acquisition.lsl import LslSource
from acquisition.lsl_awaited import AwaitedMarkers
from acquisition.lsl_watch import StreamWatch
from acquisition.replay import recorded_events
from acquisition.simulator.publish import publish
from acquisition.source import Source
from core.config import Config, EegConfig, StreamConfig
from core.data import Chunk, Marker, Notice, StreamHealth, StreamInfo
from core.recording.xdf_reader import Header, Samples, read_xdf
from tests.flows.live import WAIT, Live, background, replayed, session, settings

SEED = 4715
NAME = "PsychoPyMarkers"
_PROGRAM = """
import sys, pylsl
info = pylsl.StreamInfo(sys.argv[1], "Markers", 1, 0.0, "string", sys.argv[2])
outlet = pylsl.StreamOutlet(info)
while not outlet.have_consumers():
    outlet.wait_for_consumers(1.0)
for line in sys.stdin:
    outlet.push_sample([line.strip()])
"""


class Program:
    """A program in a process of its own, as PsychoPy is."""

    def __init__(self, source_id: str) -> None:
        command = [sys.executable, "-c", _PROGRAM, NAME, source_id]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()

    def send(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()

    def signal(self, what: signal.Signals) -> None:
        os.kill(self._process.pid, what)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config, Live]:
    config = settings(tmp_path_factory.mktemp("late"), wait=WAIT)
    wanted = StreamConfig(NAME, "of an earlier session")
    watch = StreamWatch(pause=0.2, forget=2.0)
    sources: list[Source] = [
        LslSource(EegConfig(source_id=f"insula-sim-{SEED}-1", wait=WAIT), "P001"),
        AwaitedMarkers(wanted, watch, wait=0.0),
    ]
    with (
        watch,
        background(lambda stop: publish(["P001"], seed=SEED, t0=pylsl.local_clock(), stop=stop)),
        session(sources, config) as live,
        contextlib.ExitStack() as programs,
    ):
        assert [info.awaited for info in live.engine.infos] == [False, True]
        live.until(lambda m: isinstance(m, Notice) and "is not there yet" in m.text)
        program = programs.enter_context(Program("first"))
        live.until(lambda m: isinstance(m, StreamInfo) and m.name == NAME and not m.awaited)
        program.send("begin")
        live.until(_said("begin"))
        program.signal(signal.SIGSTOP)
        live.until(_told("lost"))
        live.until(lambda m: isinstance(m, StreamHealth) and m.stream == _key(live) and not m.connected)
        program.signal(signal.SIGCONT)
        live.until(_told("back"))
        program.send("still here")
        live.until(_said("still here"))
        program.signal(signal.SIGKILL)
        live.until(_told("lost"))
        anew = programs.enter_context(Program("second"))
        live.until(_told("back"))
        anew.send("anew")
        live.until(_said("anew"))
        live.until(lambda m: isinstance(m, StreamHealth) and m.stream == _key(live) and m.n_samples == 3)
    return live.path, config, live


def _key(live: Live) -> str:
    return next(info.key for info in live.engine.infos if info.kind == "markers")


def _said(text: str) -> Any:
    return lambda m: isinstance(m, Chunk) and m.data.dtype == object and m.data[-1, 0] == text


def _told(kind: str) -> Any:
    return lambda m: isinstance(m, Notice) and m.kind == kind and NAME in m.text


def test_its_header_comes_when_it_comes_and_before_its_samples(recorded: tuple[Path, Config, Live]):
    parts = list(read_xdf(recorded[0]))
    ((begins, number),) = (
        (k, part.number) for k, part in enumerate(parts) if isinstance(part, Header) and part.name == NAME
    )
    assert any(isinstance(part, Samples) and part.number != number for part in parts[:begins])
    assert not any(isinstance(part, Samples) and part.number == number for part in parts[:begins])


def test_pyxdf_reads_all_of_it(recorded: tuple[Path, Config, Live]):
    (stream,) = (each for each in pyxdf.load_xdf(recorded[0])[0] if each["info"]["name"][0] == NAME)
    assert [row[0] for row in stream["time_series"]] == ["begin", "still here", "anew"]
    assert stream["info"]["source_id"][0] == "first"
    assert stream["footer"]["info"]["sample_count"][0] == "3"


def test_a_replay_is_told_of_it_where_it_came(recorded: tuple[Path, Config, Live], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "acquisition.xdf_file._LOOK_PARTS", 8
    )  # the recording is too short to be opened by its beginning
    path, config, live = recorded
    items, _ = replayed(path, config)
    assert [i.key for i in items if isinstance(i, StreamInfo)] == [_key(live)]
    assert [i.data[0, 0] for i in items if isinstance(i, Chunk) and i.stream == _key(live)] == [
        "begin", "still here", "anew",
    ]  # fmt: skip
    said = [event.text for event in recorded_events(path) if isinstance(event, Marker)]
    assert said == ["begin", "still here", "anew"]
