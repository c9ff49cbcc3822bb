"""The benchmark of uncertainty still runs; its figures are in docs/results.md, and of no use from two epochs."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import uncertainty
from benchmarks.uncertainty import CLEAN, LIVE, Opinion, judge, opinions
from benchmarks.uncertainty_tasks import Condition
from training.views import Part


def test_it_goes_on_where_it_stopped_and_prints_every_way(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(uncertainty, "NETWORKS", {CLEAN: 2, LIVE: 1, "TMC": 1})
    argv = ["--tasks", "digits", "--seeds", "1", "--epochs", "2", "--workers", "1", "--work", str(tmp_path)]
    uncertainty.main([*argv, "--minutes", "0"])
    assert "no split is done yet" in capsys.readouterr().out
    uncertainty.main(argv)
    out = capsys.readouterr().out
    assert "4 of 4" in out
    for way in ("highest probability", "2 networks, disagreement", "live: noise level", "TMC: vacuity", "temperature"):
        assert way in out
    uncertainty.main(argv)
    assert " of 4" not in capsys.readouterr().out, "what is there is not trained again"


def test_the_figures_of_one_way_on_answers_made_by_hand():
    logits = np.log(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
    kept = {CLEAN: [{"clean/logits": logits, "validation/logits": logits}] * 2}
    found = opinions(kept, "clean", np.array([0, 0, 1]))
    assert found[f"{CLEAN}: highest probability"].uncertainty == pytest.approx([0.1, 0.4, 0.2])
    assert found[f"{CLEAN}: 2 networks, disagreement"].uncertainty == pytest.approx(np.zeros(3))
    condition = Condition("clean", True, Part((), np.array([0, 1, 1])), np.array([False, True, True]))
    figures = judge(Opinion(np.exp(logits), np.array([0.1, 0.4, 0.2])), condition)
    assert figures["wrong"] == 1.0
    assert figures["corrupted"] == 1.0
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["ece"] == pytest.approx((0.1 + 0.6 + 0.2) / 3)
