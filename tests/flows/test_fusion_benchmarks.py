"""The benchmarks of fusion still run; their figures are in docs/results.md, and of no use from two epochs."""

from pathlib import Path

import pytest

from benchmarks import dual, fusion, fusion_cost, noise
from core.models.fusion import known_fusions


def rows(text: str) -> list[list[str]]:
    """Return the cells of all rows of tables that were printed."""
    table = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_fusion_goes_on_where_it_stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path, shared_data: Path):
    results = tmp_path / "fusion.json"
    names = ["alone: spoken", "static concatenation", "UDML"]
    argv = ["digits", "--results", str(results), "--seeds", "1", "--workers", "1", "--epochs", "2", "--only", *names]
    fusion.main([*argv, "--minutes", "0"])
    assert "2 cells are missing" in capsys.readouterr().out
    fusion.main(argv)
    cells = fusion.read(results)
    assert len(cells) == 3
    udml = cells["digits/UDML/0"]
    assert udml["weight: spoken"] + udml["weight: written"] == pytest.approx(1.0, abs=1e-3)
    assert {f"{kind} {eps}: written" for kind, eps in fusion.NOISE} < set(udml)
    assert "static concatenation" in capsys.readouterr().out


def test_noise(capsys: pytest.CaptureFixture[str], shared_data: Path):
    noise.main(["--seeds", "1", "--epochs", "2"])
    assert len(rows(capsys.readouterr().out)) == 2 * (1 + 12)


def test_dual_goes_on_where_it_stopped(capsys: pytest.CaptureFixture[str], tmp_path: Path, shared_data: Path):
    argv = ["--seeds", "1", "--epochs", "2", "--work", str(tmp_path)]
    dual.main([*argv, "--minutes", "0"])
    assert len(rows(capsys.readouterr().out)) == 1
    dual.main(argv)
    head, *cells = rows(capsys.readouterr().out)
    assert len(cells) == 8
    assert head[-1] == "beside plain"
    lowest = {row[head.index("method")]: row[head.index("lowest")] for row in cells}
    assert lowest.pop("plain") == ""
    assert all(" (epoch " in one for one in lowest.values())


def test_fusion_cost(capsys: pytest.CaptureFixture[str]):
    fusion_cost.main(["--repeats", "1"])
    head, *cells = rows(capsys.readouterr().out)
    assert {row[0] for row in cells} > set(known_fusions())
    assert all(float(row[head.index("forward of a window, ms")]) > 0 for row in cells)
