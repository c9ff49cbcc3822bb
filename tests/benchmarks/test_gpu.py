"""A GPU beside the CPU: the rehearsal runs, and what differs is told. No GPU is needed."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from benchmarks import gpu
from benchmarks.gpu_agreement import compare
from benchmarks.gpu_ways import graphed
from core.data import Prediction

NAN = float("nan")
WHOLE, HALF = torch.float32, torch.float16


def said(stop: float, **changes: object) -> Prediction:
    numbers: dict[str, Any] = dict.fromkeys(
        ("valence", "arousal", "valence_sd", "arousal_sd", "uncertainty", "aleatoric", "epistemic", "vacuity"), 0.25
    )
    usual = Prediction(
        participant="P001",
        start=stop - 2.0,
        stop=stop,
        status="ok",
        classes=("happy", "sad"),
        probabilities=(0.75, 0.25),
        **numbers,
        disagreement=NAN,
        weights=(0.5, 0.5),
        noise=(1.0, NAN),
        prediction_set=("happy",),
        coverage=0.9,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_the_rehearsal_says_that_it_is_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    gpu.main([])
    out = capsys.readouterr().out
    assert "A rehearsal**: PyTorch finds no GPU here" in out
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line[:1] == "|"]
    whole, half, faces = (row for row in cells if row[-1] in ("yes", "**no**"))
    assert (whole[0], whole[2], whole[-1]) == ("predictions, float32", "0.0e+00", "yes")
    assert int(whole[1]) >= 10
    assert 0.0 < float(half[2]) <= float(half[3]) == 0.02, "half precision was computed in, and says nearly the same"
    assert faces[-1] == "yes"
    skipped = [tuple(row[:3]) for row in cells if row[2].startswith("skipped")]
    no_gpu, rehearsal = (("CUDA graph", "skipped: there is no GPU"), ("torch.compile", "skipped: a rehearsal"))
    assert skipped == [("1", *no_gpu), ("8", *no_gpu), ("1", *rehearsal), ("8", *rehearsal)]
    assert "MB (flat)" in out


def test_devices_that_differ_end_the_command_with_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gpu, "Bench", lambda *given: None)
    monkeypatch.setattr(gpu, "report", lambda *given: False)
    with pytest.raises(SystemExit) as ended:
        gpu.main(["--quick"])
    assert ended.value.code == 1


def test_a_difference_beyond_the_bound_of_the_precision_is_told():
    ours = [said(2.0), said(2.25), said(2.5)]
    theirs = [said(2.0), said(2.25, probabilities=(0.7515, 0.2485))]
    whole, half = (compare(ours, theirs, precision) for precision in (WHOLE, HALF))
    assert whole.largest == half.largest == pytest.approx(1.5e-3)
    assert (whole.holds, half.holds) == (False, True)
    assert whole.n == 2, "the last one, for which a GPU still waits, is left out"
    assert compare(ours, ours, WHOLE).largest == 0.0


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"status": "no evidence"}, (1, 0, 0)),
        ({"prediction_set": ("happy", "sad")}, (0, 1, 0)),
        ({"participant": "P002"}, (0, 0, 2)),
    ],
)
def test_another_status_set_or_window_is_counted(changes: dict[str, object], counts: tuple[int, int, int]):
    ours = [said(2.0), said(2.25), said(2.5)]
    found = compare(ours, [said(2.0), said(2.25, **changes), said(2.5)], HALF)
    assert (found.n_status, found.n_sets, found.n_missing) == counts
    assert not found.holds


def test_a_number_that_one_of_both_does_not_have_is_infinitely_far():
    ours = [said(2.0), said(2.25)]
    assert compare(ours, [said(2.0, valence=NAN), said(2.25)], HALF).largest == float("inf")
    assert not compare(ours, [], HALF).holds


def test_a_way_that_is_not_there_says_why():
    assert graphed(lambda: torch.ones(1), torch.device("cpu")) == "there is no GPU"
