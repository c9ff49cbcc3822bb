"""People are left out in turn; nothing of the person who is tested may reach the network that is asked."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ConfigError
from core.models.checkpoint import load
from tests.training.conftest import ARCHITECTURE, CLASSES, make_world
from training import cross_validation, evaluation, loop, metrics, people, splits
from training.cross_validation import ANSWERS, FOLDS, WINDOWS, fit_all, fold_names, leave_out, part_names
from training.examples import UNKNOWN, Examples
from training.folds import done_folds, fold_folder, run_fold, run_folds
from training.kept_examples import keep, kept
from training.people import PeopleRecipe, Setting
from training.run import Run
from training.splits import Sides
from training.targets import Target, Threshold

NAMES = [f"S{k}" for k in range(4)]
RECIPE = PeopleRecipe(
    replace(ARCHITECTURE, classes=CLASSES),
    settings=(Setting(1, 1e-3), Setting(4, 1e-2)),
    n_inner=2,
    batch=32,
    per_epoch=128,
)


def made(folder: Path, **changed: Any) -> Path:
    """Keep the windows of four people in a run's folder; `changed` sets columns."""
    folder.mkdir()
    pairs = [pair for k, name in enumerate(NAMES) for pair in make_world(name, 72, seed=k, simulated=False)]
    examples = Examples(pairs, ARCHITECTURE.n_embedding, 256)
    for column, values in changed.items():
        getattr(examples, column)[:] = values(examples)
    keep(examples, folder / WINDOWS)
    return folder


def answers(folder: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(fold_folder(folder / FOLDS, name) / ANSWERS) as file:
        return {key: file[key] for key in file.files}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made(tmp_path_factory.mktemp("people") / "run")
    run_folds(leave_out, replace(RECIPE, sensors="eeg"), NAMES, folder / FOLDS)
    return folder


def test_eeg_of_people_it_never_saw_is_read_and_each_is_asked_once(run: Path):
    figures = done_folds(replace(RECIPE, sensors="eeg"), NAMES, run / FOLDS)
    assert np.mean([one["accuracy"] for one in figures.values()]) > 0.6
    for name in NAMES:
        said = answers(run, name)
        assert set(said["participant"]) == {name}
        assert set(said["condition"]) == {"eeg"}
        assert len(said["truth"]) == figures[name]["windows"] == 72
        np.testing.assert_allclose(said["probability"].sum(axis=1), 1.0)
        assert said["set"].any(axis=1).all()
        losses = figures[name]["held_out_log_loss"]
        assert figures[name]["setting"]["epochs"] == RECIPE.settings[int(np.argmin(losses))].epochs


def test_labels_of_the_person_who_is_left_out_change_no_answer(run: Path, tmp_path: Path):
    def wrong(examples: Examples) -> np.ndarray:
        return np.where(examples.participants == "S2", (examples.label + 1) % 3, examples.label)

    other = made(tmp_path / "run", label=wrong)
    run_folds(leave_out, replace(RECIPE, sensors="eeg"), ["S2", "S3"], other / FOLDS)
    ours, theirs = answers(run, "S2"), answers(other, "S2")
    assert (ours["truth"] != theirs["truth"]).all()
    np.testing.assert_array_equal(ours["probability"], theirs["probability"])
    np.testing.assert_array_equal(ours["set"], theirs["set"])
    assert (answers(run, "S3")["probability"] != answers(other, "S3")["probability"]).any(), "others learn from S2"


def test_eeg_of_the_person_who_is_left_out_changes_nothing_that_is_chosen(run: Path, tmp_path: Path):
    def louder(examples: Examples) -> list[Any]:
        theirs = examples.participants == "S2"
        return [
            one._replace(data=3 * one.data) if mine else one for one, mine in zip(examples.eeg, theirs, strict=True)
        ]

    other, recipe = made(tmp_path / "run", eeg=louder), replace(RECIPE, sensors="eeg")
    figures = run_fold(leave_out, recipe, "S2", other / FOLDS)
    ours = done_folds(recipe, ["S2"], run / FOLDS)["S2"]
    for name in ("setting", "held_out_log_loss", "temperature"):
        assert figures[name] == ours[name]
    assert (answers(run, "S2")["probability"] != answers(other, "S2")["probability"]).any()


def test_a_fold_that_was_broken_off_goes_on_to_the_same_bits(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class BrokenOffError(Exception):
        pass

    count, save_state = iter(range(100)), Run.save_state

    def breaking(self: Run, *args: Any) -> None:
        save_state(self, *args)
        if next(count) == 6:
            raise BrokenOffError

    other, recipe = made(tmp_path / "run"), replace(RECIPE, sensors="eeg")
    with monkeypatch.context() as patched:
        patched.setattr(Run, "save_state", breaking)
        patched.setattr(loop, "SAVE_S", 0.0)
        with pytest.raises(BrokenOffError):
            run_fold(leave_out, recipe, "S1", other / FOLDS)
    assert list(fold_folder(other / FOLDS, "S1").glob("state-*"))
    trained: list[int] = []
    monkeypatch.setattr(torch.optim.AdamW, "step", _counted(torch.optim.AdamW.step, trained))
    run_fold(leave_out, recipe, "S1", other / FOLDS)
    for name, column in answers(run, "S1").items():
        np.testing.assert_array_equal(column, answers(other, "S1")[name], err_msg=name)
    assert len(trained) == (2 * (1 + 4) + fold_epochs(run) - 7) * 4, "epochs that are done are not run again"


def fold_epochs(run: Path) -> int:
    return int(done_folds(replace(RECIPE, sensors="eeg"), ["S1"], run / FOLDS)["S1"]["setting"]["epochs"])


def _counted(step: Any, calls: list[int]) -> Any:
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return step(self, *args, **kwargs)

    return counted


def test_both_sensors_are_read_where_both_are_there_and_windows_without_a_label_only_tell_the_past(tmp_path: Path):
    def some(examples: Examples) -> np.ndarray:
        return np.where(examples.start < 8, UNKNOWN, examples.label)

    folder = made(tmp_path / "run", label=some)
    figures = run_fold(leave_out, replace(RECIPE, settings=(Setting(2, 3e-3),)), "S0", folder / FOLDS)
    said = answers(folder, "S0")
    assert figures["windows"] == 64
    assert figures["accuracy"] > 0.7
    assert set(said["condition"]) == {"both"}
    assert np.isfinite(said["disagreement"]).all()


def test_a_person_without_a_usable_signal_is_told(tmp_path: Path):
    folder = made(tmp_path / "run", faces=lambda examples: examples.faces & (examples.participants != "S0")[:, None])
    with pytest.raises(ConfigError, match="S0 has a usable signal"):
        run_fold(leave_out, replace(RECIPE, sensors="face", settings=(Setting(1),)), "S0", folder / FOLDS)


def test_the_model_taught_on_everyone_says_whom_it_knows(tmp_path: Path):
    folder = made(tmp_path / "run")
    out = tmp_path / "model.safetensors"
    fit_all(replace(RECIPE, settings=(Setting(2, 3e-3),)), folder, out, "four people", 1.0)
    header = load(out).header
    assert set(header.taught_on.participants) <= set(NAMES), "whose EEG was read when they were held out"
    assert not header.taught_on.population, "four people are too few to claim anything of a fifth"
    assert not header.taught_on.simulated
    assert set(header.metrics["gate"]["people"]) == set(NAMES)
    assert header.architecture.classes == CLASSES
    assert header.metrics["held_out_log_loss"][0] < np.log(3)
    assert len(header.calibration.scores["both"]) == 300


def test_trials_left_out_are_each_asked_once_of_a_network_that_has_not_learnt_from_them(tmp_path: Path):
    recipe = replace(RECIPE, sensors="eeg", split_by="trials", settings=(Setting(4, 1e-2),))
    folder = made(tmp_path / "run", start=lambda examples: 4 * examples.start)
    first, second = part_names()[:2]
    figures = run_folds(leave_out, recipe, (first, second), folder / FOLDS)
    ours, theirs = answers(folder, first), answers(folder, second)
    assert set(ours["participant"]) == set(NAMES), "a part of everyone's trials"
    assert not {*zip(ours["participant"], ours["trial"], strict=True)} & {
        *zip(theirs["participant"], theirs["trial"], strict=True)
    }
    assert figures[first]["accuracy"] > 0.6


def test_labels_of_trials_that_are_left_out_change_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    recipe = replace(RECIPE, sensors="eeg", split_by="trials", settings=(Setting(1, 1e-2),))
    first, dealt = part_names()[0], []
    deal = splits.deal_trials

    def as_before(*args: Any) -> np.ndarray:
        # Trials are dealt by their class: other labels would be dealt otherwise.
        dealt.append(deal(*args))
        return dealt[0]

    monkeypatch.setattr(cross_validation, "deal_trials", as_before)
    folder = made(tmp_path / "run", start=lambda examples: 4 * examples.start)
    run_fold(leave_out, recipe, first, folder / FOLDS)
    ours = answers(folder, first)

    def wrong(examples: Examples) -> np.ndarray:
        return np.where(np.isin(np.arange(len(examples)), ours["index"]), (examples.label + 1) % 3, examples.label)

    other = made(tmp_path / "other", label=wrong, start=lambda examples: 4 * examples.start)
    run_fold(leave_out, recipe, first, other / FOLDS)
    theirs = answers(other, first)
    assert (ours["truth"] != theirs["truth"]).all()
    np.testing.assert_array_equal(ours["probability"], theirs["probability"])
    np.testing.assert_array_equal(ours["set"], theirs["set"])


def test_people_and_clips_left_out_together_are_both_new_to_the_network_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def shown(examples: Examples) -> np.ndarray:
        return examples.start // 8

    folder = made(tmp_path / "run", stimulus=shown)
    examples = kept(folder / WINDOWS)
    everything = np.arange(len(examples))
    names = fold_names(examples, everything, everything, "subject,stimulus")
    assert len(names) == 4 * 5
    assert names[0] == "S0; clips 1 of 5"
    seen: list[tuple[set[str], set[int], set[str], set[int]]] = []
    fit, asked = people.fit_network, evaluation.predict

    def spied(examples: Examples, sides: Sides, *args: Any) -> Any:
        seen.append(({*examples.participants[sides.train]}, {*examples.stimulus[sides.train].tolist()}, set(), set()))
        return fit(examples, sides, *args)

    def asking(network: Any, examples: Examples, index: np.ndarray, *args: Any) -> Any:
        seen[-1][2].update(examples.participants[index])
        seen[-1][3].update(examples.stimulus[index].tolist())
        return asked(network, examples, index, *args)

    monkeypatch.setattr(people, "fit_network", spied)
    monkeypatch.setattr(people, "predict", asking)
    monkeypatch.setattr(cross_validation, "fit_network", spied)
    recipe = replace(RECIPE, sensors="eeg", split_by="subject,stimulus", settings=(Setting(1, 1e-2),))
    run_fold(leave_out, recipe, names[1], folder / FOLDS)
    said = answers(folder, names[1])
    clips = {*examples.stimulus[said["index"]].tolist()}
    assert set(said["participant"]) == {"S0"}
    assert len(clips) == 2
    assert len(seen) == 1 * 2 + 1, "two groups to choose by, and the network that is asked"
    for learnt_people, learnt_clips, asked_people, asked_clips in seen:
        assert "S0" not in learnt_people | asked_people
        assert not clips & (learnt_clips | asked_clips)
        assert not learnt_people & asked_people
        assert not learnt_clips & asked_clips


def test_stimuli_left_out_are_left_out_of_everyone(tmp_path: Path):
    # Everyone saw the clips in another order, two trials of 32 s apart.
    def shown(examples: Examples) -> np.ndarray:
        person = np.unique(examples.participants, return_inverse=True)[1]
        return (examples.start // 8 + 2 * person) % 9

    folder = made(tmp_path / "run", stimulus=shown)
    examples = kept(folder / WINDOWS)
    examples.start *= 4
    keep(examples, folder / WINDOWS)
    recipe = replace(RECIPE, sensors="eeg", split_by="stimulus", settings=(Setting(1, 1e-2),))
    everything = np.arange(len(examples))
    names = fold_names(examples, everything, everything, "stimulus")
    assert names == tuple(f"clips {k} of 5" for k in range(1, 6))
    run_folds(leave_out, recipe, names[:2], folder / FOLDS)
    parts = [{*examples.stimulus[answers(folder, name)["index"]].tolist()} for name in names[:2]]
    assert len(parts[0]) == len(parts[1]) == 2
    assert not parts[0] & parts[1]
    assert set(answers(folder, names[0])["participant"]) == set(NAMES)


def test_what_nobody_can_be_asked_about_is_no_fold(tmp_path: Path):
    """S0 has seen one clip alone; of S3 there is no EEG, and EEG alone is tested."""
    folder = made(tmp_path / "run", stimulus=lambda ex: ex.start // 8)
    examples = kept(folder / WINDOWS)
    label = np.where((examples.participants == "S0") & (examples.stimulus != 0), UNKNOWN, examples.label)
    examples.label[:] = label
    keep(examples, folder / WINDOWS)
    labelled = np.flatnonzero(label != UNKNOWN)
    tested = labelled[examples.participants[labelled] != "S3"]
    names = fold_names(examples, labelled, tested, "subject,stimulus")
    assert [sum(name.startswith(who) for name in names) for who in NAMES] == [1, 5, 5, 0]
    recipe = replace(RECIPE, sensors="eeg", split_by="subject,stimulus", settings=(Setting(1, 1e-2),))
    run_folds(leave_out, recipe, [names[0], names[1]], folder / FOLDS)
    said = answers(folder, names[0])
    assert {*examples.stimulus[said["index"]].tolist()} == {0} == {*said["stimulus"].tolist()}
    assert fold_names(examples, labelled, tested, "subject") == ("S0", "S1", "S2")


def test_what_learnt_from_both_is_tested_by_eeg_alone(tmp_path: Path):
    folder = made(tmp_path / "run")
    recipe = replace(RECIPE, settings=(Setting(2, 3e-3),), test_sensors="eeg", modality_dropout=0.4)
    run_fold(leave_out, recipe, "S0", folder / FOLDS)
    said = answers(folder, "S0")
    assert set(said["condition"]) == {"eeg"}
    other = made(tmp_path / "other", faces=lambda ex: ex.faces & (ex.participants != "S0")[:, None])
    run_fold(leave_out, recipe, "S0", other / FOLDS)
    np.testing.assert_array_equal(said["probability"], answers(other, "S0")["probability"], "S0's face tells nothing")


def test_one_of_two_sensors_is_hidden_as_often_as_was_asked(tmp_path: Path):
    examples = kept(made(tmp_path / "run") / WINDOWS)
    examples.baseline = np.zeros((len(examples), 2, 1), np.float32)
    batch = examples.batch(np.arange(len(examples)))
    use = people._without_some(batch, 0.5, np.random.default_rng(0)).inputs.use.numpy()
    assert use.any(axis=1).all(), "never both"
    assert 0.4 < (~use).any(axis=1).mean() < 0.6
    assert 0.35 < (~use[:, 0]).sum() / (~use).sum() < 0.65
    assert batch.inputs.use.all(), "the batch itself stays"


def test_a_median_is_taken_of_those_who_are_learnt_from(tmp_path: Path):
    def rated(examples: Examples) -> np.ndarray:
        mood = np.where(examples.label == 1, 0.6, -0.2) + np.where(examples.participants == "S0", 0.3, 0.0)
        return np.stack([mood, np.full(len(examples), np.nan)], axis=1).astype(np.float32)

    folder = made(tmp_path / "run", affect=rated)
    target = Target(("valence",), (Threshold("valence", None),))
    architecture = replace(ARCHITECTURE, classes=target.classes)
    recipe = replace(RECIPE, architecture=architecture, sensors="eeg", settings=(Setting(1, 1e-2),), target=target)
    figures = run_fold(leave_out, recipe, "S0", folder / FOLDS)
    assert figures["thresholds"] == {"valence": pytest.approx(-0.2)}
    truth = answers(folder, "S0")
    assert set(truth["truth"]) == {1}, "all of S0's ratings lie above the others' median"
    other = run_fold(leave_out, recipe, "S1", folder / FOLDS)
    assert other["thresholds"]["valence"] >= -0.2


def test_ratings_are_learnt_and_the_setting_is_chosen_by_their_concordance(tmp_path: Path):
    target = Target(("valence",), (Threshold("valence", None),), by_ccc=True)
    architecture = replace(ARCHITECTURE, classes=target.classes)
    settings = (Setting(1, 1e-4), Setting(12, 1e-2))
    recipe = replace(RECIPE, architecture=architecture, sensors="eeg", target=target, settings=settings, per_epoch=256)
    figures = run_fold(leave_out, recipe, "S0", made(tmp_path / "run") / FOLDS)
    first, second = figures["held_out_log_loss"]
    assert second < 0.2 < first, "1 less the concordance"
    assert figures["setting"]["epochs"] == 12
    said = answers(tmp_path / "run", "S0")
    assert metrics.ccc(said["rated"][:, 0], said["affect"][:, 0]) > 0.8


def test_trials_too_short_to_stand_apart_are_refused(tmp_path: Path):
    folder = made(tmp_path / "run", start=lambda examples: examples.start / 100)
    with pytest.raises(ConfigError, match="there are not two classes"):
        run_fold(leave_out, replace(RECIPE, split_by="trials"), part_names()[0], folder / FOLDS)
