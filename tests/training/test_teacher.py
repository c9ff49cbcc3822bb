"""Cross-fitting: what a window is taught comes from a teacher that has seen nothing of its unit."""

import numpy as np
import pytest
import torch

from training.teacher import NOBODY, TaskHead, Teachers, cross_fit, deal


def test_units_are_dealt_whole_and_windows_that_are_not_learnt_from_to_nobody():
    unit = np.repeat(np.arange(7), 4)
    among = np.flatnonzero(unit != 3)
    fold = deal(unit, among, 3, seed=1)
    assert (fold[unit == 3] == NOBODY).all()
    assert all(len(np.unique(fold[unit == one])) == 1 for one in range(7))
    assert np.bincount(fold[among]).tolist() == [8, 8, 8]
    assert (fold == deal(unit, among, 3, seed=1)).all()
    with pytest.raises(ValueError, match="2 units cannot be dealt into 3 folds"):
        deal(unit, np.flatnonzero(unit < 2), 3, seed=1)


def test_each_teacher_has_learnt_from_all_folds_but_its_own():
    fold, seen = np.array([0, 1, 2, 0, NOBODY, 1]), []

    def fit(index: np.ndarray) -> TaskHead:
        seen.append(index.tolist())
        return TaskHead(2, 2)

    teachers = cross_fit(fit, fold)
    assert seen == [[1, 2, 5], [0, 2, 3], [0, 1, 3, 5]]
    assert len(teachers.heads) == 3


def test_teachers_are_held_still_and_give_each_window_to_its_own():
    heads = [TaskHead(2, 3) for _ in range(2)]
    teachers = Teachers(heads)
    assert not any(p.requires_grad for head in heads for p in head.parameters())
    parts = [(rows.tolist(), heads.index(head)) for rows, head in teachers.each(torch.tensor([1, -1, 0, 1]), 4)]
    assert parts == [([2], 0), ([0, 3], 1)]
    feature = torch.randn(5, 2)
    torch.testing.assert_close(teachers(feature), (heads[0](feature) + heads[1](feature)) / 2)


@pytest.mark.parametrize(("layer", "step"), [(0, 0), (1, 1), (2, 3), (3, 5)])
def test_a_feature_enters_before_the_rectifier_of_the_layer_that_it_skips_last(layer: int, step: int):
    head = TaskHead(4, 2, n_hidden=8)
    assert TaskHead.step_at(layer) == step
    assert isinstance(head.steps()[step], torch.nn.ReLU if layer else torch.nn.Linear)
    assert head.before(torch.randn(3, 4), step).shape[1] == head.sizes[layer]
