"""The benchmarks still run; their figures are in docs/performance.md, and of no use from a machine under test."""

import pytest
from PyQt6.QtWidgets import QApplication

from benchmarks import (
    drawing,
    label_session,
    labelling,
    memory,
    replay_speed,
    scaling,
    seek,
    simulator,
    starting,
    window_memory,
)


def rows(text: str) -> list[list[str]]:
    """Return the cells of the last table that was printed."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_scaling(capsys: pytest.CaptureFixture[str]):
    scaling.main(["--quick"])
    head, _, *cells = rows(capsys.readouterr().out)
    usual = ["32", "250", "1"]
    assert [row[:4] for row in cells] == [
        ["channels", "4", "250", "1"],
        ["channels", *usual],
        ["participants", *usual],
        ["participants", "32", "250", "2"],
    ]
    assert all(float(row[head.index("CPU ms per s of data")]) > 0 for row in cells)
    cost, linear = (head.index(name) for name in ("of the usual", "of linear"))
    assert [row[linear] for row in (cells[0], cells[2])] == ["1.00", "1.00"]
    assert float(cells[3][linear]) == pytest.approx(float(cells[3][cost]) / 2, abs=0.01)


def test_simulator(capsys: pytest.CaptureFixture[str]):
    simulator.main(["--quick"])
    _, _, *cells = rows(capsys.readouterr().out)
    assert [row[0].split(",")[0] for row in cells] == ["EEG", "face"]
    assert all(float(row[1]) > 0 for row in cells)


def test_replay_speed(capsys: pytest.CaptureFixture[str]):
    replay_speed.main(["--quick"])
    head, _, eeg, pictures, kept, *rest = rows(capsys.readouterr().out)
    assert int(eeg[head.index("windows")]) > 30
    assert all(int(row[head.index("windows")]) > 10 for row in (pictures, kept))
    bare, floors = rest[2:9], rest[11:]
    *parts, together, whole = (float(row[1]) for row in bare)
    assert [row[0] for row in bare[-3:]] == ["the network, in batches", "all of these", "the whole replay"]
    assert min(parts) > 0
    assert together == pytest.approx(sum(parts), abs=0.003)
    assert whole > together
    assert [row[0].split(" ")[0] for row in floors] == ["decoding", "reading", "looking"]
    assert all(float(row[1]) > 0 for row in floors)


def test_memory(capsys: pytest.CaptureFixture[str]):
    memory.main(["--quick"])
    head, _, *cells = rows(capsys.readouterr().out)
    assert [row[0] for row in cells] == ["EEG", "EEG and face"]
    assert [row[head.index("fault")] for row in cells] == ["none", "none"]


def test_seek(capsys: pytest.CaptureFixture[str]):
    seek.main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    found = [line for line in lines if line.startswith(("| open", "| to the first"))]
    assert len(found) == 5, "opened, and a picture and a prediction of a face as it was read and read again"
    assert all(float(line.split("|")[-2]) > 0 for line in found)


def test_starting(capsys: pytest.CaptureFixture[str]):
    starting.main(["--quick"])
    _, _, *cells = rows(capsys.readouterr().out)
    assert [row[1] for row in cells[:2]] == ["first screen shown", "window shown"]
    assert all(float(row[2]) > 0 for row in cells)


def test_labelling(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(labelling.MEASURES, "given, on disk (live, 32 channels and camera)")
    labelling.main(["--quick"])
    head, _, *cells = rows(capsys.readouterr().out)
    assert [row[head.index("answers")] for row in cells] == ["10"] * 4
    assert all(float(row[head.index("p99 ms")]) > 0 for row in cells)


def test_label_session(capsys: pytest.CaptureFixture[str]):
    label_session.main(["--quick"])
    _, _, *cells = rows(capsys.readouterr().out)
    told = dict(cells)
    assert int(told["of so many answers"]) == min(3, int(told["moments worth asking"]) - 1) > 0


def test_drawing(capsys: pytest.CaptureFixture[str], qapp: QApplication):
    drawing.main(["--quick"])
    head, _, *cells = rows(capsys.readouterr().out)
    ours = [row for row in cells if row[0].startswith("Insula")]
    assert [row[1] for row in ours] == ["8"] * 4 + ["64"] * 4
    assert all(float(row[head.index("CPU ms a frame")]) > 0 for row in cells)


def test_window_memory(capsys: pytest.CaptureFixture[str], qapp: QApplication):
    window_memory.main(["--quick"])
    _, _, *cells = rows(capsys.readouterr().out)
    assert len(cells) > 1
    assert all(float(row[1]) > 50 for row in cells)
