"""The live network's cross-fitted teacher: of whom it has learnt, what it says, and that it moves nothing else."""

import numpy as np
import pytest
import torch

from tests.training.conftest import N_EMBEDDING, make_world
from training import face_teacher
from training.examples import UNKNOWN, Examples
from training.face_teacher import divergence, fit_face_teacher
from training.teacher import NOBODY

PEOPLE = ("P001", "P002", "P003", "P004")


@pytest.fixture(scope="module")
def examples() -> Examples:
    pairs = [pair for k, name in enumerate(PEOPLE) for pair in make_world(name, seconds=48, seed=k)]
    return Examples(pairs, N_EMBEDDING, 256)


def test_the_unit_is_the_person_where_people_are_left_out_and_else_the_trial(examples: Examples):
    train = np.flatnonzero(examples.participants != "P004")
    taught = fit_face_teacher(examples, train, 3, "subject", 0)
    assert taught is not None
    fold = taught.fold.numpy()
    assert (fold[examples.participants == "P004"] == NOBODY).all()
    assert [len(np.unique(fold[examples.participants == name])) for name in PEOPLE[:3]] == [1, 1, 1]
    by_trial = fit_face_teacher(examples, train, 3, "trials", 0)
    assert by_trial is not None
    fold = by_trial.fold.numpy()
    assert len(np.unique(fold[examples.participants == "P001"])) == 3
    assert all(len(np.unique(fold[examples.group == one])) == 1 for one in np.unique(examples.group))


def test_it_tells_faces_of_people_whom_it_has_not_seen_and_is_not_sure_of_labels_that_say_nothing(examples: Examples):
    train = np.arange(len(examples))
    taught = fit_face_teacher(examples, train, 3, "subject", 0)
    assert taught is not None
    right = np.zeros(len(train), bool)
    for rows, head in taught.teachers.each(taught.fold, len(train)):
        right[rows] = (head(taught.feature[rows])[:, :3].argmax(1).numpy() == examples.label[rows]).tolist()
    assert right.mean() > 0.9
    label = examples.label.copy()
    try:
        # Labels by lot: a teacher that had seen a window would know its label, and these cannot.
        lots = np.random.default_rng(0).integers(0, 3, int(examples.group.max()) + 1)
        examples.label = lots[examples.group]
        blind = fit_face_teacher(examples, train, 3, "subject", 0)
        assert blind is not None
        for rows, head in blind.teachers.each(blind.fold, len(train)):
            right[rows] = (head(blind.feature[rows])[:, :3].argmax(1).numpy() == examples.label[rows]).tolist()
        assert right.mean() < 0.6
    finally:
        examples.label = label


def test_what_is_drawn_elsewhere_goes_on_as_if_nothing_had_been_taught(
    examples: Examples, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(face_teacher, "STEPS", 2)
    torch.manual_seed(3)
    fit_face_teacher(examples, np.arange(len(examples)), 3, "subject", 0)
    after = torch.rand(3)
    torch.manual_seed(3)
    torch.testing.assert_close(after, torch.rand(3))


def test_without_faces_of_two_units_there_is_no_teacher(examples: Examples):
    assert fit_face_teacher(examples, np.flatnonzero(examples.group == 0), 3, "trials", 0) is None
    blind = Examples(make_world(seconds=16), N_EMBEDDING, 256)
    blind.faces[:] = False
    blind.settle()
    assert fit_face_teacher(blind, np.arange(16), 3, "trials", 0) is None


def test_unlabelled_windows_teach_no_class(examples: Examples, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(face_teacher, "STEPS", 2)
    label = examples.label.copy()
    try:
        examples.label = np.where(np.arange(len(label)) % 2, label, UNKNOWN)
        taught = fit_face_teacher(examples, np.arange(len(label)), 3, "subject", 0)
    finally:
        examples.label = label
    assert taught is not None
    assert all(p.isfinite().all() for head in taught.teachers.heads for p in head.parameters())


def test_distillation_is_softened_for_classes_and_squared_for_what_was_rated():
    said, taught = torch.tensor([[1.0, 0.0, 0.5, 9.0]]), torch.tensor([[0.0, 2.0, 0.1, 0.0]])
    p, q = torch.tensor([0.0, 2.0]).div(2).softmax(0), torch.tensor([1.0, 0.0]).div(2).softmax(0)
    kl = 4.0 * float((p * (p / q).log()).sum())
    weight = torch.tensor([0.5])
    assert float(divergence(said, taught, 2.0, (False, False), weight)) == pytest.approx(0.5 * kl)
    assert float(divergence(said, taught, 2.0, (True, False), weight)) == pytest.approx(0.5 * kl + 0.5 * 0.16)
    both = 0.5 * kl + 0.5 * (0.16 + 81.0) / 2
    assert float(divergence(said, taught, 2.0, (True, True), weight)) == pytest.approx(both)
