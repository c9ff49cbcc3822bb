import numpy as np
import pytest

from training.splits import Split, check_apart, leave_one_subject_out, leave_trials_out

SUBJECT = np.repeat([f"S{k}" for k in range(8)], 40)
TRIAL = np.tile(np.repeat(np.arange(10), 4), 8)
LABEL = TRIAL % 2
KEY = np.array([f"{s}/{t}" for s, t in zip(SUBJECT, TRIAL, strict=True)])


def test_each_subject_is_tested_once_and_validated_on_by_nobody_who_trains():
    splits = leave_one_subject_out(SUBJECT, n_validation=2)
    assert [split.name for split in splits] == [f"S{k}" for k in range(8)]
    for split in splits:
        check_apart(split, SUBJECT)
        assert set(SUBJECT[split.test]) == {split.name}
        assert len(set(SUBJECT[split.validation])) == 2
        assert sorted(np.concatenate([split.train, split.validation, split.test])) == list(range(len(SUBJECT)))
    assert len({tuple(split.validation) for split in splits}) > 1


def test_each_trial_is_tested_once_and_lies_on_one_side():
    splits = leave_trials_out(SUBJECT, TRIAL, LABEL, n_folds=5)
    for split in splits:
        check_apart(split, KEY)
        assert set(SUBJECT[split.test]) == set(SUBJECT), "everyone is tested"
        assert LABEL[split.test].mean() == pytest.approx(0.5), "and every class"
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(len(SUBJECT)))


def test_the_seed_decides():
    same = [leave_trials_out(SUBJECT, TRIAL, LABEL, seed=1)[0].test for _ in range(2)]
    assert np.array_equal(*same)
    assert not np.array_equal(same[0], leave_trials_out(SUBJECT, TRIAL, LABEL, seed=2)[0].test)


def test_a_split_that_leaks_is_told():
    leak = Split("leaky", np.arange(0, 3), np.arange(40, 44), np.arange(3, 6))
    with pytest.raises(ValueError, match="S0/0 is in both train and test"):
        check_apart(leak, KEY)


def test_too_few_for_three_parts():
    with pytest.raises(ValueError, match="too few"):
        leave_one_subject_out(["a", "b"])
    with pytest.raises(ValueError, match="3 or more"):
        leave_trials_out(SUBJECT, TRIAL, LABEL, n_folds=2)
