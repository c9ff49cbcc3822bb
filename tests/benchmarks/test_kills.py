"""The kills: what is still to be done of a run in parts, and one table of several."""

from pathlib import Path

import msgspec
import pytest

from benchmarks import kills
from benchmarks.killed_session import Case, Kill

FREE, BUSY = Case(False, False, False), Case(True, True, True)


def a_kill(case: Case, number: int, eeg: float | None, face: float | None = None, beside: int = 0) -> Kill:
    return Kill(case, number, eeg, face, at_once=eeg is None, whole=True, beside=beside, load=2.0)


def test_one_table_is_made_of_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    parts = [
        [a_kill(BUSY, 0, 0.5, 0.25), a_kill(FREE, 0, 0.1), a_kill(FREE, 2, 0.9, beside=1)],
        [a_kill(FREE, 1, 0.4), a_kill(FREE, 3, 0.2), a_kill(FREE, 9, None)],
    ]
    paths = [tmp_path / f"{k}.jsonl" for k in range(2)]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(b"".join(msgspec.json.encode(kill) + b"\n" for kill in part))
    kills.main(["--table", *map(str, paths)])
    out = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("|")]
    assert rows[2:] == [
        ["EEG", "nothing else", "as it is", "2", "4", "0.20", "0.40", "-", "-", "4 of 4"],
        ["EEG", "1 other session", "as it is", "2", "1", "0.90", "0.90", "-", "-", "1 of 1"],
        ["EEG and face", "4 busy loops", "5 s more", "2", "1", "0.50", "0.50", "0.25", "0.25", "1 of 1"],
    ]
    assert "6 kills, 1 of them within 20 ms" in out


def test_a_run_goes_on_with_what_its_file_lacks():
    done = [a_kill(FREE, 0, 0.1), a_kill(FREE, 2, 0.1), a_kill(BUSY, 1, 0.1)]
    assert kills.still_to_do([FREE, BUSY], done, 3) == [(BUSY, 0), (FREE, 1), (BUSY, 2)]
