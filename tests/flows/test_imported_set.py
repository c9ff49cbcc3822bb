"""A published data set from the copy to the page, as a lab would type it; of noise it says that it tells nothing."""

from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest

from app.cli import main
from app.study import train_people
from training.people import PeopleRecipe, Setting

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people's noise in the format of DASPS, with ratings that have nothing to do with it."""
    folder, rng = tmp_path_factory.mktemp("dasps"), np.random.default_rng(0)
    for k in range(1, 5):
        with h5py.File(folder / f"S{k:02d}.mat", "w") as file:
            file["data"] = 10.0 * rng.standard_normal((12, 1920, 14))
            file["labels"] = np.stack([rng.permutation(12) % 9 + 1.0, rng.permutation(12) % 9 + 1.0])
    assert main(["import", "dasps", str(folder), "--study", str(folder / "study")]) == 0
    return folder / "study"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = partial(PeopleRecipe, settings=(Setting(1),), n_inner=2, per_epoch=64, batch=32)
    monkeypatch.setattr(train_people, "PeopleRecipe", quick)
    monkeypatch.setattr("app.study.evaluation.page.N_DRAWS", 20)


def first_line(study: Path, run: Path, capsys: Out, *words: str) -> str:
    assert main(["train", "people", "--data", str(study), "--run", str(run), "--sensors", "eeg", *words]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(run), "--out", str(run / "page.html")]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] in (run / "page.html").read_text(encoding="utf-8").replace("&#39;", "'")
    return said


def test_classes_of_ratings_with_people_and_situations_left_out(study: Path, tmp_path: Path, capsys: Out):
    words = ("--target", "valence>median", "--leave-out", "subject,stimulus")
    said = first_line(study, tmp_path / "run", capsys, *words)
    assert said.startswith("Not above chance: balanced accuracy over trials 0.")
    assert "tested on each part of the 6 stimuli" in (tmp_path / "run" / "page.html").read_text(encoding="utf-8")
    assert len((tmp_path / "run" / "page.tsv").read_text(encoding="utf-8").splitlines()) == 1 + 48, "each trial once"


def test_ratings_as_numbers(study: Path, tmp_path: Path, capsys: Out):
    said = first_line(study, tmp_path / "run", capsys, "--target", "arousal,valence", "--leave-out", "subject")
    assert said.startswith("Not above chance: CCC, arousal over trials")
    for figure in ("CCC, arousal", "PCC, valence", "RMSE, valence"):
        assert figure in said


def test_a_model_for_live_sessions_is_not_made_of_other_targets(study: Path, tmp_path: Path, capsys: Out):
    words = [
        "train",
        "people",
        "--data",
        str(study),
        "--run",
        str(tmp_path),
        "--sensors",
        "eeg",
        "--target",
        "valence>5",
    ]
    assert main([*words, "--out", str(tmp_path / "m.safetensors")]) == 2
    assert "--target class alone" in capsys.readouterr().err
