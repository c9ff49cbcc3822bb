"""The benchmarks of the thesis still run, and find in a made-up world what was put there."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import chosen, conflict, distillation, line, moments, queries, student, thesis_student
from benchmarks.cells import read_cell, run_cells
from benchmarks.eegmat import LOAD, REST, LoadWindows, pretended, trials
from benchmarks.load_models import MODELS, Material, Model
from benchmarks.pairs import Pairs
from core.uncertainty import disagreement
from tests.acquisition.edf_files import eeg, write_edf
from training.selective import auroc

N_PEOPLE, N_WINDOWS = 6, 40


def world(n_power: int = 160) -> Pairs:
    """Load raises some of the log power by half a standard deviation; a face says the class plainly."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(N_PEOPLE), N_WINDOWS)
    state = np.tile(np.repeat([REST, LOAD], N_WINDOWS // 2), N_PEOPLE)
    power = rng.standard_normal((N_PEOPLE, n_power))[person] + rng.standard_normal((len(person), n_power))
    power[:, :40] += 1.0 * state[:, None]
    face = rng.standard_normal((len(person), 8)) + 4.0 * state[:, None]
    start = np.tile(np.arange(N_WINDOWS, dtype=float), N_PEOPLE)
    return Pairs(
        power.astype(np.float32),
        face.astype(np.float32),
        np.ones(len(person), bool),
        state.astype(np.int64),
        np.stack([state, -state], axis=1).astype(np.float32),
        person,
        start,
        (person * 10 + start // 5).astype(np.int64),
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thesis_student, "STEPS", 30)
    monkeypatch.setattr(thesis_student, "TEACHER_STEPS", 30)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("task", ["pairs", "affect"])
def test_a_student_learns_from_face_and_labels_what_the_eeg_tells(task: str):
    (scores,) = distillation.leave_one_out(lambda seed: world(), "all, ours", task, 0.2, 0).values()
    assert scores.shape[0] == N_PEOPLE
    assert scores[:, 0].mean() > (0.75 if task == "pairs" else 0.3)


def test_wrong_labels_are_whole_trials_of_the_training_alone():
    pairs, among = world(), np.arange(120)
    wrong = pairs.mislabelled(0.25, 0, among)
    changed = np.unique(pairs.trial[wrong.label != pairs.label])
    assert len(changed) == round(0.25 * len(np.unique(pairs.trial[among])))
    for one in changed:
        assert (wrong.label != pairs.label)[pairs.trial == one].all()
    assert (wrong.label[120:] == pairs.label[120:]).all()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("strategy", ["random", "entropy + conflict, spread", "entropy + non-matched cosine"])
def test_a_curve_ends_with_all_labels_whoever_asks(strategy: str):
    pairs = world()
    train, test = np.flatnonzero(pairs.person > 0), np.flatnonzero(pairs.person == 0)
    recipe = queries.RECIPES["alone"]
    scores = queries.curve(pairs, train, test, recipe, strategy, 0)[0]
    assert len(scores) == len(queries.BUDGETS)
    assert scores[-1] == queries.curve(pairs, train, test, recipe, "random", 0)[0][-1]
    assert scores[-1] > 0.7


def test_consistency_is_the_mean_cosine_with_the_faces_of_others():
    eeg = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    face = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    # Of the first: .6 with the second face and 0 with the third. Its own, 1, does not count.
    assert queries.consistency(eeg, face, np.ones(3, bool)) == pytest.approx([0.3, 0.5, 0.8])
    assert queries.consistency(eeg, face, np.array([True, True, False])) == pytest.approx([0.6, 0.0, 0.8])


@pytest.mark.usefixtures("quick")
def test_signs_of_wrong_answers_are_asked_of_people_left_out(tmp_path: Path):
    cells = {"signs-pairs-taught-0": partial(queries.signs, lambda seed: world(), queries.RECIPES["taught"], 0)}
    assert run_cells(tmp_path, cells, 1e9) == 0
    kept = read_cell(tmp_path, "signs-pairs-taught-0")
    assert kept is not None
    assert kept["auroc"].shape == (N_PEOPLE, len(queries.SIGNS))
    assert np.nanmean(kept["auroc"][:, 0]) > 0.6, "an unsure answer is more often wrong"
    rows = queries.report_of_signs(tmp_path, "pairs", "taught", 1).splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:]] == [*queries.SIGNS]


@pytest.mark.usefixtures("quick")
def test_a_line_reads_what_the_student_reads(tmp_path: Path):
    pairs = world()
    lessons = thesis_student.Lessons(pairs, np.flatnonzero(pairs.person > 0), discrete=True)
    student = lessons.student().eval()
    read: list[np.ndarray] = []
    student.encoder.reader.register_forward_pre_hook(lambda _, given: read.append(given[0].numpy()))
    student.encoder.read(lessons.power, lessons.baseline)
    seen = line.inputs(lessons.power.numpy(), lessons.baseline.numpy(), lessons.spread.numpy())
    np.testing.assert_allclose(seen, read[0], rtol=1e-5, atol=1e-5)

    cells = {line.cell(name, 0): partial(line.both, lambda seed: pairs, line.CASES[name], 0) for name in line.CASES}
    assert len(cells) == len(line.CASES)
    assert run_cells(tmp_path, {line.cell("three groups", 0): cells[line.cell("three groups", 0)]}, 1e9) == 0
    kept = read_cell(tmp_path, line.cell("three groups", 0))
    assert kept is not None
    assert kept["scores"].shape == (N_PEOPLE, 2)
    assert kept["scores"][:, 1].mean() > 0.7
    row = next(one for one in line.report(tmp_path, 1).splitlines() if one.startswith("| three groups "))
    assert f"{kept['scores'][:, 1].mean():.3f} [" in row


def test_a_line_over_ratings_finds_the_line_and_is_shrunk_by_people_held_out():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(6), 200)
    read = rng.standard_normal((len(person), 10))
    true = rng.standard_normal((11, 2))
    ratings = line.with_one(read) @ true + 0.1 * rng.standard_normal((len(person), 2))
    known = np.flatnonzero(person > 0)
    np.testing.assert_allclose(line.fit_line(read, ratings, person, known), true, atol=0.1)
    noise = line.fit_line(read, rng.standard_normal(ratings.shape), person, known)
    assert np.abs(noise[:-1]).max() < 0.1, "of noise nothing is believed"


def test_a_share_of_the_trials_is_labelled_and_both_classes_are_among_it():
    pairs = world()
    train = np.flatnonzero(pairs.person > 0)
    for share in (0.01, 0.5):
        known = np.setdiff1d(train, line.unlabelled(pairs, train, share, 0))
        assert set(pairs.label[known]) == {REST, LOAD}
        assert not np.isin(pairs.trial[known], pairs.trial[np.setdiff1d(train, known)]).any()
    assert len(np.unique(pairs.trial[known])) == round(0.5 * len(np.unique(pairs.trial[train])))


@pytest.mark.usefixtures("quick")
def test_wrong_labels_are_found_by_a_teacher_who_knows_better_and_the_choice_is_made_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chosen, "N_FOLDS", 2)
    monkeypatch.setattr(chosen, "RECIPES", {name: chosen.RECIPES[name] for name in ("task alone", "labels doubted")})
    case = "wrong, pretrained"
    cells = {chosen.cell(case, k, 0): partial(chosen.left_out, lambda seed: world(), case, k, 0) for k in range(2)}
    assert run_cells(tmp_path, cells, 1.0) == 0
    folds = [read_cell(tmp_path, name) for name in cells]
    assert sorted(np.concatenate([one["person"] for one in folds])) == list(range(N_PEOPLE))
    plain, doubted = np.concatenate([one["outside"] for one in folds]).mean(axis=0)
    assert doubted > plain
    assert np.mean([one["teacher"] for one in folds]) > 0.9
    assert "chosen inside, by right labels" in chosen.report(tmp_path, 1)


def test_few_labels_are_those_of_whole_trials_and_the_rest_is_hidden():
    pairs, among = world(), np.arange(120)
    given = chosen.labels(pairs, "few", 0, among)
    known = np.unique(pairs.trial[given >= 0])
    assert len(known) == round(0.1 * len(np.unique(pairs.trial[among])))
    assert (given[np.isin(pairs.trial, known)] == pairs.label[np.isin(pairs.trial, known)]).all()


def test_the_student_and_a_line_find_load_and_neither_finds_time():
    pairs = world()
    shape = (len(pairs.label), 2, 4)
    windows = LoadWindows(
        np.zeros(shape, np.float32),
        np.ones(shape[0], np.float32),
        np.ones(shape[:2], bool),
        np.zeros((2, 3), np.float32),
        pairs.person,
        pairs.start,
        pairs.label,
    )
    power = pairs.power
    material = Material(windows.eeg, power, power, power, power, pairs.person, pairs.start, pairs.label)
    train, test = np.flatnonzero(pairs.person > 0), np.flatnonzero(pairs.person == 0)
    for name in ("linear, past", "student"):
        told = MODELS[name].predict(material, train, test, 0) > 0.5
        assert np.mean(told == pairs.label[test]) > 0.75
    rest = material.of_rest(pretended(windows))
    assert len(rest.power) == len(rest.state) == (pairs.label == REST).sum()


def test_tables_of_trials_of_load_and_of_time_alone(tmp_path: Path):
    for name, seconds in (("Subject03_1.edf", 180.0), ("Subject03_2.edf", 62.0)):
        write_edf(tmp_path / name, eeg(seconds, "Fp1 Fp2", 32.0))
    head, *load = [row.split("\t") for row in trials(tmp_path).splitlines()]
    assert head == ["participant", "file", "start", "stop", "label"]
    assert [row[4] for row in load] == ["rest"] * 9 + ["load"] * 3
    assert [Path(row[1]).name for row in load] == ["Subject03_1.edf"] * 9 + ["Subject03_2.edf"] * 3
    assert load[9][2:4] == ["0", "20"]
    write_edf(tmp_path / "Subject03_1.edf", eeg(170.0, "Fp1 Fp2", 32.0))
    assert len(trials(tmp_path).splitlines()) == 12, "a trial that the file does not hold"
    write_edf(tmp_path / "Subject03_1.edf", eeg(180.0, "Fp1 Fp2", 32.0))
    time = [row.split("\t") for row in trials(tmp_path, of_time=True).splitlines()][1:]
    assert {Path(row[1]).name for row in time} == {"Subject03_1.edf"}
    assert [row[4] for row in time] == ["rest"] * 6 + ["load"] * 3
    assert [row[2] for row in time] == [f"{20 * k}" for k in range(9)]


def test_each_person_gets_the_design_that_was_best_inside_the_others(tmp_path: Path):
    starts = dict.fromkeys((0, 1), np.array([0.0, 20.0]))
    state = np.array([LOAD, REST])
    for person, best in enumerate(("linear, past", "student")):
        scores = np.array([float(name == best) for name in student.DESIGNS])
        cells = {student.cell("choice", student.CHOSEN, 0, person): lambda scores=scores: {"scores": scores}}
        for name in ("linear, past", "student"):
            told = np.array([0.9, 0.1] if name == best else [0.1, 0.9])
            cells[student.cell("load", name, 0, person)] = lambda told=told: {"probability": told, "state": state}
        run_cells(tmp_path, cells, 1.0)
    found = student.score_of_chosen(tmp_path, 0, starts)
    assert found is not None
    assert found[0].windows.tolist() == [1.0, 1.0]
    assert found[1] == ["linear, past", "student"]


def test_designs_are_compared_on_people_who_were_left_out(monkeypatch: pytest.MonkeyPatch):
    asked = []

    def predict(material: Material, train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
        asked.append((set(material.person[train]), set(material.person[test])))
        return material.state[test].astype(float)

    monkeypatch.setattr(student, "MODELS", {name: Model(predict) for name in student.DESIGNS})
    pairs = world()
    parts = (pairs.power,) * 5
    material = Material(*parts, pairs.person, pairs.start, pairs.label)
    (scores,) = student.inside(2, lambda: material).values()
    assert scores.tolist() == [1.0] * len(student.DESIGNS)
    for train, test in asked:
        assert train | test == set(range(N_PEOPLE)) - {2}
        assert not train & test


def test_a_run_goes_on_where_it_stopped(tmp_path: Path):
    calls = []
    cells = {name: lambda name=name: calls.append(name) or {"x": np.ones(1)} for name in ("a", "b")}
    assert run_cells(tmp_path, dict(list(cells.items())[:1]), 1.0) == 0
    assert run_cells(tmp_path, cells, 1.0) == 0
    assert calls == ["a", "b"]
    assert read_cell(tmp_path, "c") is None


def test_balanced_accuracy_and_recordings_are_scored_by_person(tmp_path: Path):
    for person, probability in enumerate(([0.9, 0.9, 0.1], [0.9, 0.05, 0.9])):
        arrays = {"probability": np.array(probability), "state": np.array([LOAD, LOAD, REST])}
        run_cells(tmp_path, {student.cell("load", "student", 0, person): partial(dict, arrays)}, 1.0)
    found = student.score(tmp_path, "load", "student", 0, dict.fromkeys((0, 1), np.array([0.0, 20.0, 40.0])))
    assert found is not None
    assert found.windows.tolist() == [1.0, 0.25]
    assert found.recent.tolist() == [1.0, 0.25]
    near = student.score(tmp_path, "load", "student", 0, {0: np.array([0.0, 1.0, 2.0])})
    assert near is not None
    assert near.recent.tolist() == [0.5]
    assert found.recordings.tolist() == [1.0, 0.0]


@pytest.mark.usefixtures("quick")
def test_wrong_faces_are_found_by_how_far_two_sure_modalities_contradict_each_other():
    said = conflict.of_pairs(lambda seed: world(), 0, 0)
    wrong = said["both"].argmax(axis=1) != said["label"]
    assert 0.1 < wrong.mean() < 0.6
    assert auroc(disagreement(said["eeg"], said["face"]), wrong) > 0.7
    assert "divergence x their geometric mean" in conflict.report(said)


def test_the_ways_to_measure_conflict_agree_on_two_sure_and_on_one_that_says_nothing():
    sure, opposite, nothing = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])
    for name, way in conflict.WAYS.items():
        assert way(sure, opposite) == pytest.approx(1.0, abs=1e-9)
        assert way(sure, sure) == pytest.approx(0.0, abs=1e-9)
        assert (way(sure, nothing) < 1e-6).all() == (name != "divergence")


def test_a_trial_has_the_mood_that_fills_most_of_it_and_the_mean_of_its_ratings():
    pairs = world()
    given = moments.labelled_by_trial(pairs)
    assert (given.start // moments.TRIAL_S == 0).all()
    for person in np.unique(pairs.person):
        rows = pairs.person == person
        assert len(np.unique(given.label[rows])) == 1
        mean = np.broadcast_to(pairs.affect[rows].mean(axis=0), given.affect[rows].shape)
        np.testing.assert_allclose(given.affect[rows], mean, rtol=1e-6)


@pytest.mark.usefixtures("quick")
def test_cross_fitted_teachers_have_not_learnt_from_the_people_whom_they_teach(monkeypatch: pytest.MonkeyPatch):
    pairs, train = world(), np.arange(5 * N_WINDOWS)
    lessons = thesis_student.Lessons(pairs, train, True)
    seen = []
    fit = thesis_student.fit_teacher
    monkeypatch.setattr(
        thesis_student, "fit_teacher", lambda *given: seen.append(np.unique(pairs.person[given[1]])) or fit(*given)
    )
    _, fold = thesis_student.fit_teachers(lessons, train, 0)
    for k, people in enumerate(seen):
        assert not set(people) & set(pairs.person[fold == k])
    assert set(np.concatenate(seen)) == set(range(5))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("task", moments.TASKS)
def test_the_table_of_moments_has_a_row_for_each_way_of_teaching(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(moments, "TRIAL_S", 5.0)
    monkeypatch.setattr(moments, "N_GROUPS", 2)
    cells = {moments.cell(task, 0): partial(moments.left_out, lambda seed: world(), task, 0)}
    assert run_cells(tmp_path, cells, 1.0) == 0
    told = moments.report(tmp_path, task, 1)
    assert all(name in told for name in moments.ROWS)
    assert "1 seeds, 6 people" in told
