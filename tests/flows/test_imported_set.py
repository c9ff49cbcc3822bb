"""A published data set from the copy to the page, as a lab would type it; of noise it says that it tells nothing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.cli import main
from app.study import train_people
from app.study.labelled_data import read_labelled
from core.assets import asset_path
from core.config import Config
from tests.app.study.set_copies import (
    amigos_copy,
    bids_copy,
    dasps_copy,
    deap_copy,
    dreamer_copy,
    eav_copy,
    eeg_like,
    faced_copy,
    mahnob_copy,
    seed_copy,
    seed_v_copy,
)
from training.people import PeopleRecipe, Setting

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people's noise in the format of DASPS, with ratings that have nothing to do with it."""
    folder, rng = tmp_path_factory.mktemp("dasps"), np.random.default_rng(0)
    for k in range(1, 5):
        labels = np.stack([rng.permutation(12) % 9 + 1.0, rng.permutation(12) % 9 + 1.0])
        dasps_copy(folder, data=eeg_like((12, 1920, 14), k, axis=1), labels=labels, name=f"S{k:02d}.mat")
    assert main(["import", "dasps", str(folder), "--study", str(folder / "study")]) == 0
    return folder / "study"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = partial(PeopleRecipe, settings=(Setting(1),), n_inner=2, per_epoch=64, batch=32)
    monkeypatch.setattr(train_people, "PeopleRecipe", quick)
    monkeypatch.setattr("app.study.evaluation.page.N_DRAWS", 20)


def first_line(study: Path, run: Path, capsys: Out, *words: str, sensors: str = "eeg") -> str:
    assert main(["train", "people", "--data", str(study), "--run", str(run), "--sensors", sensors, *words]) == 0
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


PEOPLE = (1, 2, 3, 4)
"""So many it takes to leave one out and choose settings on the others."""


def dreamer(folder: Path, _: pytest.MonkeyPatch) -> None:
    dreamer_copy(folder, n_people=len(PEOPLE))


def deap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deap_copy(folder, monkeypatch, "dat", [3, 1, 4, 2], PEOPLE)


def mahnob(folder: Path, _: pytest.MonkeyPatch) -> None:
    for who in PEOPLE:
        mahnob_copy(folder, number=100 + who, who=who, felt=11)
        mahnob_copy(folder, number=200 + who, who=who, felt=5)


def amigos(folder: Path, _: pytest.MonkeyPatch) -> None:
    for who in (2, 3, 5, 14):  # of four groups
        amigos_copy(folder, who=who)


def seed(folder: Path, _: pytest.MonkeyPatch) -> None:
    seed_copy(folder, ("djc", "abc", "def", "ghi"))


def seed_v(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_v_copy(folder, monkeypatch, PEOPLE)


def faced(folder: Path, _: pytest.MonkeyPatch) -> None:
    faced_copy(folder)


def bids(folder: Path, _: pytest.MonkeyPatch) -> None:
    for who in PEOPLE:
        bids_copy(folder, {"StartTime": -1.5}, f"{who:02d}")


@pytest.mark.parametrize(
    ("name", "copy", "target", "leave_out", "tests"),
    [
        ("dreamer", dreamer, "valence>3", "subject", 72),
        ("deap", deap, "valence>5", "subject", 16),
        ("mahnob-hci", mahnob, "class", "subject", 8),
        ("amigos", amigos, "arousal", "subject", 72),
        ("seed", seed, "class", "subject", 120),
        ("seed-v", seed_v, "class", "subject", 60),
        ("faced", faced, "class", "trials", 28),
        ("bids", bids, "class", "subject", 8),
    ],
)
def test_every_set_comes_from_its_files_to_the_page(
    name: str,
    copy: Callable[[Path, pytest.MonkeyPatch], None],
    target: str,
    leave_out: str,
    tests: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Out,
):
    source, study, run = (tmp_path / name for name in ("source", "study", "run"))
    source.mkdir()
    copy(source, monkeypatch)
    assert main(["import", name, str(source), "--study", str(study)]) == 0
    said = first_line(study, run, capsys, "--target", target, "--leave-out", leave_out)
    assert said.splitlines()[0].startswith(("Above chance", "Not above chance"))
    assert len((run / "page.tsv").read_text(encoding="utf-8").splitlines()) == 1 + tests, "each trial is tested once"


def test_the_faces_of_a_set_teach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out):
    photo = cv2.imread(str(asset_path("simulated/astronaut.png")))
    face = cv2.cvtColor(cv2.resize(photo, (256, 256)), cv2.COLOR_BGR2RGB)
    for who in PEOPLE:
        eav_copy(tmp_path, monkeypatch, who=who, picture=face)
    study = tmp_path / "study"
    assert main(["import", "eav", str(tmp_path), "--study", str(study)]) == 0
    found = read_labelled(study, Config(), lambda _: None)
    filmed = np.isin(found.examples.trial, np.unique(found.examples.trial[found.examples.has_face]))
    assert set(found.examples.label[filmed]) >= {found.classes.index("neutral"), found.classes.index("sadness")}
    first_line(study, tmp_path / "run", capsys, "--leave-out", "subject", sensors="both")
    page = (tmp_path / "run" / "page.html").read_text(encoding="utf-8")
    assert "EEG and face" in page
    assert "face alone" in page, "the EEG of a window is not always usable, and the face is answered for"


def test_what_was_mistyped_is_typed_again_with_the_same_folder(study: Path, tmp_path: Path, capsys: Out):
    words = ["train", "people", "--data", str(study), "--run", str(tmp_path / "run"), "--sensors", "eeg"]
    words += ["--leave-out", "trials", "--target"]
    assert main([*words, "valnce>median"]) == 2
    assert "valnce" in capsys.readouterr().err
    assert main([*words, "valence>median"]) == 0


def test_people_who_sat_together_are_left_out_together_and_too_few_of_them_are_told(tmp_path: Path, capsys: Out):
    for who in (7, 1, 2, 6):
        amigos_copy(tmp_path, who=who)
    study = tmp_path / "study"
    assert main(["import", "amigos", str(tmp_path), "--study", str(study)]) == 0
    words = ["train", "people", "--data", str(study), "--run", str(tmp_path / "run"), "--leave-out", "subject"]
    assert main([*words, "--sensors", "eeg", "--target", "arousal"]) == 2
    assert "that makes 2 of its 4 people: P01, P02, P07; P06" in capsys.readouterr().err
