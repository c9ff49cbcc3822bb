import numpy as np
import pytest

from acquisition.simulator.trajectory import ANCHORS, CLASSES, Trajectory, subject_seed


def test_any_process_works_out_the_same_truth():
    late_first, in_order = Trajectory(5), Trajectory(5)
    late = late_first.at(3000.0)
    times = np.arange(0, 3001, 0.5)
    assert in_order.at(times)[0][6000] == pytest.approx(float(late[0]), abs=1e-12)
    assert np.array_equal(late_first.expression(times), in_order.expression(times))
    assert not np.array_equal(Trajectory(6).at(times)[0], in_order.at(times)[0])


def test_affect_is_bounded_smooth_and_near_the_anchor():
    trajectory = Trajectory(1)
    times = np.arange(0, 1200, 1 / 60)
    affect = np.stack(trajectory.at(times), axis=1)
    assert np.abs(affect).max() <= 1
    assert np.abs(np.diff(affect, axis=0)).max() < 0.05
    distance = np.linalg.norm(affect - ANCHORS[trajectory.index(times)], axis=1)
    assert np.median(distance) < 0.25


def test_intensities_sum_to_one_and_moods_last_8_to_20_s():
    trajectory = Trajectory(2)
    times = np.arange(0, 2000, 0.05)
    intensities = trajectory.expression(times)
    assert intensities.min() >= 0
    assert np.allclose(intensities.sum(axis=1), 1)
    changes = times[1:][np.diff(trajectory.index(times)) != 0]
    held = np.diff(changes)
    assert held.min() > 7
    assert held.max() < 22


def test_every_class_comes_about_equally_often():
    counts = np.bincount(Trajectory(3).index(np.arange(0, 7200.0, 1.0)), minlength=len(CLASSES))
    assert counts.min() > 7200 / len(CLASSES) * 0.75


def test_chosen_classes_alone_occur():
    index = Trajectory(4, classes=("sad", "fear")).index(np.arange(0, 300.0))
    assert {CLASSES[i] for i in index} == {"sad", "fear"}
    assert Trajectory(4, classes=("anger",)).label(100.0) == "anger"


def test_subjects_of_runs_differ():
    assert len({subject_seed(run, number) for run in range(5) for number in range(1, 50)}) == 5 * 49


def test_scalar_and_array_times_agree():
    trajectory = Trajectory(9)
    assert trajectory.at(33.3)[1] == pytest.approx(trajectory.at([1.0, 33.3])[1][1], abs=1e-12)
