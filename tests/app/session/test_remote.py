"""Control over TCP in LabRecorder's words: what a PsychoPy script sends, and what it is told."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acquisition.lsl_found import FoundStream
from app.commands.run_remote import run_remote, with_everything
from app.session.remote import Remote, Wanted, fields_of
from app.session.session_plan import SessionPlan
from core.config import AnyStreamConfig, Config, EegConfig, RecordConfig, StreamConfig
from core.errors import ConfigError, SourceError

WAIT = 60.0


class Script:
    """A program that is connected."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")

    def say(self, text: str) -> str:
        self._socket.sendall(text.encode() + b"\n")
        return self._lines.readline().strip()

    def send(self, some: bytes) -> None:
        self._socket.sendall(some)

    def hear(self) -> str:
        return self._lines.readline().strip()

    def leave(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def remote() -> Iterator[Remote]:
    with Remote(0) as made:
        yield made


@pytest.fixture
def script(remote: Remote) -> Iterator[Script]:
    made = Script(remote.port)
    yield made
    made.leave()


def test_a_script_that_drives_labrecorder_drives_insula(remote: Remote, script: Script):
    assert json.loads(script.say("status")) == {"state": "ready"}
    assert script.say("update") == "OK"
    assert script.say("select all") == "OK"
    said = "filename {root:/data/study} {template:exp%n.xdf} {run:3} {participant:P007} {task:MemoryGuided}"
    assert script.say(said) == "OK"
    assert script.say("start") == "OK"
    wanted = remote.next_start(WAIT)
    assert wanted == Wanted({"study": "/data/study", "participant": "P007", "task": "MemoryGuided"}, everything=True)
    assert wanted.into(RecordConfig(session="02")) == RecordConfig("/data/study", "P007", "02", "MemoryGuided")
    assert script.say("start") == "ERROR a session is opening"
    remote.tell("recording", path="größer.xdf")
    assert json.loads(script.say("STATUS")) == {"state": "recording", "path": "größer.xdf"}
    assert not remote.is_stopping()
    assert script.say("stop") == "OK"
    assert remote.is_stopping()
    remote.tell("ready")
    assert script.say("stop") == "ERROR nothing is recorded"
    assert script.say("start") == "OK"
    assert not remote.is_stopping()


def test_what_is_no_command_is_told_and_breaks_nothing(remote: Remote, script: Script):
    assert script.say("format c:").startswith("ERROR unknown command 'format'")
    assert script.say("filename {participant:../etc}").startswith("ERROR participant is '../etc'")
    assert script.say("filename P001").startswith("ERROR filename wants fields")
    assert script.say("select some").startswith("ERROR")
    assert script.say("\x1b[2J\xff").startswith("ERROR unknown")
    script.send(b"sta")
    script.send(b"tus\nupdate\n")
    assert json.loads(script.hear()) == {"state": "ready"}
    assert script.hear() == "OK"


@pytest.mark.parametrize("in_one", [True, False])
def test_a_line_that_is_too_long_is_answered_once_and_does_nothing(remote: Remote, script: Script, in_one: bool):
    script.send(b"update\nfilename {participant:P009} " + b"x" * 20_000 + (b"\nupdate\n" if in_one else b""))
    assert script.hear() == "OK"
    assert script.hear() == "ERROR the line is longer than 4096 bytes, and nothing was done"
    if not in_one:  # it is answered before its end, which may never come
        script.send(b"{participant:P009}\nupdate\n")
    assert script.hear() == "OK"
    assert script.say("start") == "OK"
    assert remote.next_start(WAIT) == Wanted()


def test_a_line_that_is_just_short_enough_is_taken(script: Script):
    root = "/" + "d" * (4096 - len("filename {root:/}"))
    assert script.say(f"filename {{root:{root}}}") == "OK"
    assert script.say(f"filename {{root:{root}d}}").startswith("ERROR the line is longer")


def test_only_this_machine_is_listened_to(remote: Remote):
    assert remote._listener.getsockname()[0] == "127.0.0.1"
    with pytest.raises(SourceError, match=f"Port {remote.port} for remote control is taken"), Remote(remote.port):
        pass


def test_fields_that_are_none():
    assert fields_of("{Participant: P1 } {modality:eeg}") == {"participant": "P1"}
    with pytest.raises(ConfigError):
        fields_of("{session:a b}")


def stream(name: str, kind: Any, of_type: str) -> FoundStream:
    return FoundStream(name, of_type, "lab", f"id {name}", f"uid {name}", 1, 0.0, kind)


def test_all_is_what_is_there_but_for_the_eeg_that_is_read():
    found = [stream("Amp", "eeg", "EEG"), stream("Keys", "markers", "Markers"), stream("Tobii", "other", "Gaze")]
    config = with_everything(Config(), found)
    assert config.markers == (StreamConfig("Keys", "id Keys", "lab"),)
    assert config.streams == (AnyStreamConfig("Tobii", "id Tobii", "lab", "Gaze"),)
    second = with_everything(Config(eeg=EegConfig("Amp")), [*found, stream("Other", "eeg", "EEG")])
    assert [each.name for each in second.streams] == ["Tobii", "Other"]


def test_each_start_is_a_session_and_its_stop_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen: list[SessionPlan] = []
    scripts: list[Script] = []

    class Told(Remote):
        def __enter__(self) -> "Told":
            super().__enter__()
            scripts.append(Script(self.port))
            scripts[0].say("filename {participant:P009} {task:one}")
            scripts[0].say("start")
            return self

    def session(plan: SessionPlan, is_over: Any, when_open: Any) -> int:
        seen.append(plan)
        if len(seen) == 2:
            raise KeyboardInterrupt
        assert not is_over()
        assert scripts[0].say("stop") == "OK"
        assert is_over()
        raise SourceError("No EEG.")

    def again(self: Remote, state: str, **more: Any) -> None:
        real(self, state, **more)
        if state == "ready":
            assert json.loads(scripts[0].say("status")) == {"state": "ready", "problem": "No EEG."}
            scripts[0].say("start")

    real = Remote.tell
    monkeypatch.setattr("app.commands.run_remote.Remote", Told)
    monkeypatch.setattr(Remote, "tell", again)
    assert run_remote(SessionPlan(Config(), ("P001",)), 0, session) == 0
    assert [plan.people for plan in seen] == [("P009",), ("P009",)]
    assert seen[0].config.record.task == "one"
    scripts[0].leave()
