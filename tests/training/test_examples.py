from dataclasses import replace

import numpy as np
import pytest
import torch

from core.models.network import Network
from tests.training.conftest import ARCHITECTURE, N_EMBEDDING, make_world
from training.baselines import fit_population, hold_front_end
from training.examples import Examples, batches, split_participants

FEW = list(make_world("P001", 4))


@pytest.fixture(scope="module")
def examples() -> Examples:
    pairs = [*make_world("P001", 40), *make_world("P002", 30)]
    made = Examples(pairs, N_EMBEDDING, 256)
    made.baseline = np.zeros((len(made), 2, 48), np.float32)
    return made


def test_windows_of_a_participant_are_found(examples: Examples):
    assert len(examples) == 70
    assert len(examples.of(["P002"])) == 30
    assert examples.seconds(np.arange(40)) == pytest.approx(41.0)


def test_groups_are_the_same_within_a_trial_and_never_across_participants(examples: Examples):
    first, second = examples.of(["P001"]), examples.of(["P002"])
    assert examples.group[first[0]] == examples.group[first[7]] != examples.group[first[8]]
    assert not set(examples.group[first]) & set(examples.group[second])


def test_a_batch_holds_what_is_known(examples: Examples):
    batch = examples.batch(np.array([0, 8, 16]))
    assert batch.label.tolist() == [0, 1, 2]
    assert batch.level.tolist() == [[1.0, 1.0]] * 3
    assert batch.inputs.eeg is not None
    assert batch.inputs.eeg.shape == (3, 8, 256)
    assert batch.inputs.use.all()


def test_corruption_is_drawn_afresh_and_told_as_a_level(examples: Examples):
    index, rng = np.arange(64), np.random.default_rng(0)
    clean, first, second = examples.batch(index), examples.batch(index, rng), examples.batch(index, rng)
    assert clean.inputs.eeg is not None
    assert first.inputs.eeg is not None
    changed = (first.inputs.eeg != clean.inputs.eeg).any(-1).any(-1)
    assert torch.equal(changed | (first.level[:, 0] == 1.0), torch.ones(64, dtype=torch.bool))
    assert 0.3 < (first.level[:, 0] > 1.0).float().mean() < 0.7
    assert not torch.equal(first.level, second.level)


@pytest.mark.parametrize("half", [False, True])
def test_of_windows_whose_power_is_known_only_the_corrupted_ones_are_read_and_all_say_what_they_said(half: bool):
    network = Network(ARCHITECTURE).eval()
    made = Examples([*make_world("P001", 24), *make_world("P002", 8)], N_EMBEDDING, 256)
    fit_population(network, made, np.arange(len(made)))
    index = np.random.default_rng(1).permutation(len(made))
    plain = made.batch(index, np.random.default_rng(0))
    hold_front_end(network, made)
    known = made.batch(index, np.random.default_rng(0))
    noisy = np.flatnonzero(plain.level[:, 0] > 1.0)
    assert known.inputs.eeg is not None
    assert known.inputs.anew is not None
    assert 0 < len(noisy) == len(known.inputs.eeg) < len(index)
    assert known.inputs.anew.tolist() == noisy.tolist()
    with torch.autocast("cpu", torch.bfloat16, enabled=half), torch.inference_mode():
        whole, part = network.read_eeg(plain.inputs), network.read_eeg(known.inputs)
        clean = network.read_eeg(made.batch(index).inputs)
    assert whole is not None
    assert part is not None
    assert clean is not None
    tolerance = 0.05 if half else 1e-5
    np.testing.assert_allclose(part.power.float(), whole.power.float(), rtol=tolerance, atol=tolerance)
    assert (part.power != clean.power).any(dim=1).nonzero().flatten().tolist() == noisy.tolist()


def test_a_window_without_eeg_is_read_as_zeros_whatever_its_scale_and_the_others_are_divided_by_theirs():
    made = Examples(make_world("P001", 4), N_EMBEDDING, 256)
    made.eeg[1] = None
    made.scale = np.array([2.0, 0.0, 4.0, 2.0], np.float32)
    eeg, _, mask = made.read_eeg(np.array([2, 1]))
    assert not eeg[1].any()
    assert not mask[1].any()
    assert made.eeg[2] is not None
    np.testing.assert_array_equal(eeg[0].numpy(), np.clip(made.eeg[2].data.astype(np.float32) / 4.0, -20.0, 20.0))


def test_windows_of_several_montages_are_read_together_with_what_is_missing_masked():
    few = [(replace(w, eeg=w.eeg[:3], eeg_mask=w.eeg_mask[:3], positions=w.positions[:3]), t) for w, t in FEW]
    made = Examples([*FEW, *few], N_EMBEDDING, 256)
    eeg, positions, mask = made.read_eeg(np.array([5, 0]))
    np.testing.assert_array_equal(mask.numpy(), [[True] * 3 + [False] * 5, [True] * 8])
    assert not eeg[0, 3:].any()
    assert not positions[0, 3:].any()
    for row, window in ((0, few[1][0]), (1, FEW[0][0])):
        assert window.positions is not None
        np.testing.assert_array_equal(positions[row, : len(window.eeg)].numpy(), window.positions)
        expected = np.asarray(window.eeg).astype(np.float16).astype(np.float32) / np.float32(window.eeg_scale)
        np.testing.assert_array_equal(eeg[row, : len(window.eeg)].numpy(), expected.clip(-20.0, 20.0))


def test_where_no_window_has_a_face_its_frames_are_zeros_and_where_one_has_they_are_what_was_seen():
    made = Examples(FEW, N_EMBEDDING, 256)
    made.baseline = np.zeros((len(made), 2, 48), np.float32)
    index = np.arange(len(made))
    made.faces[1:] = False
    made.settle()
    seen, unseen = made.batch(index).inputs, made.batch(index[1:]).inputs
    assert seen.embeddings is not None
    assert unseen.embeddings is not None
    np.testing.assert_array_equal(seen.embeddings.numpy(), made.embeddings.astype(np.float32))
    assert seen.embeddings[1:].any()
    assert unseen.embeddings.shape == seen.embeddings[1:].shape
    assert not unseen.embeddings.any()
    assert seen.use[:, 1].tolist() == [True, False, False, False]


def test_batches_hold_each_window_once(examples: Examples):
    seen = np.concatenate(list(batches(np.arange(70), 16, np.random.default_rng(0))))
    assert sorted(seen) == list(range(70))


def test_no_participant_is_on_two_sides_of_a_split():
    names = [f"S{k}" for k in range(20)]
    parts = split_participants(names, (0.6, 0.2, 0.2), seed=1)
    assert [len(part) for part in parts] == [12, 4, 4]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert split_participants(names[:3], (0.8, 0.1, 0.1), seed=1) != []
    assert all(split_participants(names[:3], (0.8, 0.1, 0.1), seed=1))
    with pytest.raises(ValueError, match="2 participants"):
        split_participants(names[:2], (1, 1, 1), seed=1)
