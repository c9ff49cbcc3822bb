from pathlib import Path

import pytest

from core.data import Label
from core.errors import ConfigError
from core.models.checkpoint import load
from tests.training.conftest import CLASSES, make_world
from training.own_recordings import standing
from training.personalise import PersonalRecipe, personalise

# What this person shows as one class, they call another: only their labels can tell.
CALLS = {"neutral": "neutral", "happy": "surprise", "sad": "fear"}


def labels(count: int) -> list[Label]:
    return [
        Label(f"L{k}", "", "P007", 8.0 * k, 8.0 * k + 7.0, time=k, label=CALLS[CLASSES[k % 3]]) for k in range(count)
    ]


def test_labels_teach_what_this_person_means(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 240, simulated=False)]
    out = tmp_path / "own.safetensors"
    header = personalise(windows, labels(28), Path(base), out, PersonalRecipe(epochs=20, learning_rate=1e-2))
    figures = header.metrics["personalise"]
    assert figures["labels"] == 28
    assert figures["held_out"] == 7
    assert figures["before"]["face"]["accuracy"] < 0.5
    assert figures["after"]["face"]["accuracy"] > 0.8
    assert load(out).header == header


def test_too_few_labels_are_refused_and_say_how_many_are_needed(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 60)]
    with pytest.raises(ConfigError, match=r"at least 8 labels of at least 2 classes; there are 3 of 3"):
        personalise(windows, labels(3), Path(base), tmp_path / "out")
    same = [label for label in labels(28) if label.label == "fear"]
    with pytest.raises(ConfigError, match="9 of 1"):
        personalise(windows, same, Path(base), tmp_path / "out")


def test_labels_of_other_sessions_are_refused(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P008", 60)]
    with pytest.raises(ConfigError, match="None of the labels"):
        personalise(windows, labels(12), Path(base), tmp_path / "out")


def test_without_held_out_labels_the_student_earns_nothing(base: str, tmp_path: Path):
    windows = [window for window, _ in make_world("P007", 100, simulated=False)]
    header = personalise(windows, labels(10), Path(base), tmp_path / "out", PersonalRecipe(epochs=2))
    assert header.metrics["personalise"]["earned"] is False
    assert header.taught_on.participants == ()


def test_corrected_and_undone_labels_do_not_stand():
    first = Label("a", "", "P007", 0, 4, time=0, label="happy")
    better = Label("b", "", "P007", 0, 4, time=1, label="sad", supersedes="a")
    undone = Label("c", "", "P007", 4, 8, time=2, label="fear")
    undo = Label("d", "", "P007", 4, 8, time=3, answer="undo", supersedes="c")
    skipped = Label("e", "", "P007", 8, 12, time=4, answer="skip")
    assert standing([first, better, undone, undo, skipped]) == [better]
