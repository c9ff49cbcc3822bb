import json
import queue
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.session.label_keeper import LabelKeeper
from app.session.label_writer import LabelWriter
from core.data import Fault, Label, LabelRefused, Rating
from core.errors import RecordingError
from core.recording.labels import LabelStore

LABEL = Label("u1", "s", "P001", 0.0, 4.0, 5.0, valence=0.0, arousal=0.0, confidence=1.0, response_time=2.0)
RATING = Rating("r1", "P001", "valence", (1.0, 1.04), (0.1, 0.2), 3.0)


class Disk:
    """A label file on a disk that is full until there is room."""

    def __init__(self) -> None:
        self.room = False
        self.kept: list[Any] = []

    def __call__(self) -> "Disk":
        if not self.room:
            raise RecordingError("The disk is full. Free some space.")
        return self

    def add(self, thing: Any) -> None:
        self.kept.append(thing)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def writer(disk: Disk, told: list[Any]) -> LabelWriter:
    return LabelWriter(disk, told.append, lambda: 9.0)  # type: ignore[arg-type]


def test_what_the_disk_refuses_is_told_once_and_written_when_there_is_room(disk, told, writer) -> None:
    writer.write(LABEL)
    writer.write(RATING)
    writer.write(LABEL)  # the window sends again what is overdue
    writer.retry()
    assert [type(message) for message in told] == [LabelRefused]
    assert "waits in memory" in told[0].text
    disk.room = True
    writer.retry()
    assert disk.kept == told[1:] == [LABEL, RATING]
    disk.room = False
    writer.write(replace(LABEL, uid="u2"))
    assert isinstance(told[-1], LabelRefused)


def test_what_never_came_onto_the_disk_is_elsewhere_and_told(disk, told, writer, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    writer.write(LABEL)
    writer.write(RATING)
    writer.close()
    (file,) = tmp_path.glob("insula-labels-*.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["uid"] for line in lines] == ["u1", "r1"]
    assert isinstance(told[-1], Fault)
    assert str(file) in told[-1].text


def test_the_keeper_goes_on_when_its_file_can_be_opened_again(tmp_path: Path) -> None:
    folder = tmp_path / "unplugged"
    told: queue.Queue[Any] = queue.Queue()
    keeper = LabelKeeper(folder / "labels.sqlite", lambda: 1.0)
    keeper.start([], told.put)
    try:
        keeper.put(LABEL)
        assert isinstance(told.get(timeout=120.0), LabelRefused)
        folder.mkdir()
        keeper.put(RATING)
        assert [told.get(timeout=120.0), told.get(timeout=120.0)] == [LABEL, RATING]
    finally:
        keeper.stop()
    with LabelStore(folder / "labels.sqlite") as store:
        assert store.all() == [LABEL]
        assert [row[1] for row in store.ratings()] == ["operator", "operator"]
        assert [row[7:9] for row in store.ratings()] == [(1.0, 0.1), (1.04, 0.2)]
