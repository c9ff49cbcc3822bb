from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import Label
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import HeldOut
from tests.training.conftest import CLASSES, make_world
from training.gate import Heard, Tells, Verdict, expected_gain, judge
from training.own_recordings import Recording, examples_of, standing_answers
from training.personalise import personalise

# What this person shows as one class, they call another: only their labels can tell.
CALLED = ("neutral", "happy", "surprise", "fear")
CALLS = {"neutral": "neutral", "happy": "surprise", "sad": "fear"}


def labels(count: int, participant: str = "P007", names: Sequence[str] = CLASSES) -> tuple[Label, ...]:
    called = [CALLS[names[k % 3]] for k in range(count)]
    return tuple(
        Label(f"L{k}", "", participant, 8.0 * k, 8.0 * k + 7.0, time=k, label=name) for k, name in enumerate(called)
    )


def recording(seconds: int, given: tuple[Label, ...], participant: str = "P007", name: str = "a") -> Recording:
    return Recording(name, tuple(window for window, _ in make_world(participant, seconds, simulated=False)), given)


def test_labels_teach_what_this_person_means(reading_base: Path, tmp_path: Path):
    out = tmp_path / "own.safetensors"
    header = personalise([recording(480, labels(58))], reading_base, out)
    figures = header.metrics["personalise"]
    assert figures["labels"] == 58
    assert figures["held_out"] == 18
    assert figures["learnt"] == ["eeg", "face"]
    for condition in ("eeg", "face", "both"):
        assert figures["before"][condition]["accuracy"] < 0.5
        assert figures["after"][condition]["accuracy"] > 0.8
    assert figures["eeg"]["tells"] == Tells.YES
    assert header.taught_on.participants == ("P007",)
    assert load(out).header == header


def test_soft_answers_and_disagreement_are_taught_as_they_were_given():
    mixed = replace(labels(3)[1], label="surprise", shares=(("surprise", 0.8), ("happy", 0.2)))
    another = replace(labels(3)[2], uid="B2", annotator="B", label="happy", time=9.0)
    examples = examples_of([recording(24, (labels(3)[0], mixed, labels(3)[2], another))], CALLED, 8, 256)
    by_trial = {int(t): examples.target(np.flatnonzero(examples.trial == t), 4)[0] for t in np.unique(examples.trial)}
    assert by_trial[1] == pytest.approx([1, 0, 0, 0])
    assert by_trial[2] == pytest.approx([0, 0.2, 0.8, 0])
    assert by_trial[3 if 3 in by_trial else 4] == pytest.approx([0, 0.5, 0, 0.5])
    assert set(examples.label[examples.trial == 2]) == {CALLED.index("surprise")}


def test_labels_by_chance_change_nothing(reading_base: Path, tmp_path: Path):
    rng = np.random.default_rng(0)
    given = tuple(replace(one, label=CALLS[CLASSES[rng.integers(3)]]) for one in labels(58))
    header = personalise([recording(480, given)], reading_base, tmp_path / "own.safetensors")
    assert header.metrics["personalise"]["eeg"]["tells"] == Tells.NO
    assert header.taught_on.participants == ()


def test_few_labels_claim_nothing_of_the_eeg(reading_base: Path, tmp_path: Path):
    header = personalise([recording(180, labels(20))], reading_base, tmp_path / "own.safetensors")
    figures = header.metrics["personalise"]
    assert figures["held_out"] == 0
    assert figures["eeg"]["tells"] == Tells.TOO_LITTLE
    assert figures["learnt"] == ["eeg", "face"], "asked in turn, what they mean is beyond doubt"
    assert header.taught_on.participants == ()


def test_what_a_step_before_held_out_is_not_learnt_from(reading_base: Path, tmp_path: Path):
    checkpoint = load(reading_base)
    span = HeldOut("a", "P007", 0.0, 158.0)
    before = tmp_path / "before.safetensors"
    save(before, checkpoint.network, replace(checkpoint.header, held_out=(span,), learnt_from=("a",)))
    turned = tuple(replace(one, label="anger") if one.start < 160 else one for one in labels(58))
    header = personalise([recording(480, turned)], before, tmp_path / "own.safetensors")
    assert header.held_out == (span,)
    assert header.metrics["personalise"]["held_out"] == 20
    plain = personalise([recording(480, labels(58))], before, tmp_path / "plain.safetensors")
    assert plain.metrics["personalise"]["learnt"] == ["eeg", "face"]
    assert header.metrics["personalise"]["face"]["better"] is False, "of these labels none was learnt from"


def test_labels_of_another_recording_are_not_taken_for_this_ones(reading_base: Path, tmp_path: Path):
    """Clocks restart at boot: both recordings have the same times."""
    lying = tuple(replace(one, label="anger") for one in labels(58))
    right, wrong = recording(480, labels(58)), recording(480, lying, name="b")
    alone = personalise([right, replace(wrong, labels=())], reading_base, tmp_path / "own.safetensors")
    assert alone.metrics["personalise"]["after"]["face"]["accuracy"] > 0.8


def test_too_few_labels_are_refused_and_say_how_many_are_needed(base: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"at least 8 labels of at least 2 of .*; there are 3 labels, of 3 classes"):
        personalise([recording(60, labels(3))], Path(base), tmp_path / "out")
    same = tuple(label for label in labels(28) if label.label == "fear")
    with pytest.raises(ConfigError, match="9 labels, of 1"):
        personalise([recording(60, same)], Path(base), tmp_path / "out")


def test_labels_of_someone_else_are_refused(base: str, tmp_path: Path):
    with pytest.raises(ConfigError, match="None of the labels"):
        personalise([recording(60, labels(12), "P008"), recording(60, labels(0))], Path(base), tmp_path / "out")


def test_corrected_and_undone_labels_do_not_stand():
    first = Label("a", "", "P007", 0, 4, time=0, label="happy")
    better = Label("b", "", "P007", 0, 4, time=1, label="sad", supersedes="a")
    undone = Label("c", "", "P007", 4, 8, time=2, label="fear")
    undo = Label("d", "", "P007", 4, 8, time=3, answer="undo", supersedes="c")
    skipped = Label("e", "", "P007", 8, 12, time=4, answer="skip")
    assert standing_answers([first, better, undone, undo, skipped]) == [better]


@pytest.mark.parametrize(("seconds", "n_labels", "n_models"), [(480, 58, 1), (180, 20, 4)])
def test_how_much_changes_in_all_windows_is_known_to_the_gate(
    reading_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, n_labels: int, n_models: int
):
    """Of held-out time, or of all of it for each of the folds that were asked in turn."""
    asked: list[tuple[Heard, np.ndarray]] = []

    def watched(heard: Heard, prior: np.ndarray, *others: Any, **named: Any) -> Verdict:
        if others:
            asked.append((heard, others[3]))
        return judge(heard, prior, *others, **named)

    monkeypatch.setattr("training.personalise.judge", watched)
    personalise([recording(seconds, labels(n_labels))], reading_base, tmp_path / "own.safetensors")
    for heard, foreseen in asked:
        expected = expected_gain(heard.base, heard.learnt)
        usual = expected - foreseen
        assert len(np.unique(usual.round(9))) == n_models
        assert usual.mean() == pytest.approx(expected.mean(), rel=0.1), "nearly all windows are labelled here"
    assert len(asked) == 2
