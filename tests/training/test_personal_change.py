from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import approx_fprime

from core.models.heads import GaussianHead, Prototypes, concentration, expected_probabilities
from training import personal_change
from training.personal_change import Lesson, fit_change, folds, no_change, read, write

N_CLASSES, N_FEATURES, N_SHARED, WIDTH = 4, 6, 9, 0.25


@pytest.fixture
def head() -> GaussianHead:
    torch.manual_seed(0)
    return GaussianHead(N_FEATURES + 2, N_SHARED, N_FEATURES)


@pytest.fixture
def prototypes() -> Prototypes:
    torch.manual_seed(1)
    made = Prototypes(N_CLASSES, N_SHARED)
    torch.nn.init.normal_(made.directions)  # taught prototypes stand at any angle
    return made


def feature(n: int, seed: int = 2) -> torch.Tensor:
    return torch.randn(n, N_FEATURES + 2, generator=torch.Generator().manual_seed(seed))


def lesson(head: GaussianHead, prototypes: Prototypes, n: int = 200, tells: bool = True) -> Lesson:
    x = feature(n)
    label = np.repeat(np.random.default_rng(3).integers(N_CLASSES, size=n // 4), 4)
    if tells:
        x[:, :N_CLASSES] += 2.0 * torch.eye(N_CLASSES)[np.roll(np.arange(N_CLASSES), 1)[label]]
    target = np.eye(N_CLASSES)[label]
    start: Any = 10.0 * np.arange(n)
    return Lesson(
        read(x, head, prototypes, WIDTH), target, np.full(n, 0.25), start, np.zeros(n, np.int64), np.arange(n) // 4
    )


def by_network(x: torch.Tensor, head: GaussianHead, prototypes: Prototypes) -> np.ndarray:
    with torch.no_grad():
        return expected_probabilities(concentration(prototypes(head(x).mean), WIDTH)).numpy()


def test_a_reading_says_what_the_network_says(head: GaussianHead, prototypes: Prototypes):
    x = feature(50)
    assert np.allclose(read(x, head, prototypes, WIDTH).probabilities(), by_network(x, head, prototypes), atol=1e-5)


def test_what_is_written_is_what_was_learnt(head: GaussianHead, prototypes: Prototypes):
    given = lesson(head, prototypes)
    change = fit_change(given)
    assert change.is_change
    write(change, head, prototypes)
    x = feature(60, seed=9)
    torch.manual_seed(0)
    before = read(x, GaussianHead(N_FEATURES + 2, N_SHARED, N_FEATURES), prototypes, WIDTH)
    assert np.allclose(before.probabilities(change), by_network(x, head, prototypes), atol=1e-4)


def test_the_slope_is_that_of_the_loss(head: GaussianHead, prototypes: Prototypes):
    given = lesson(head, prototypes, 8)
    place = given.reading.place + 0.1

    def loss(flat: np.ndarray) -> float:
        return personal_change._loss_of_place(flat.reshape(place.shape), given)[0]

    slope = personal_change._loss_of_place(place, given)[1]
    assert np.allclose(slope.ravel(), approx_fprime(place.ravel(), loss, 1e-6), atol=1e-4)


def test_what_tells_is_learnt_and_noise_is_pulled_towards_knowing_nothing(head: GaussianHead, prototypes: Prototypes):
    telling, deaf = lesson(head, prototypes), lesson(head, prototypes, tells=False)
    learnt = fit_change(telling)
    assert learnt.strength <= 30.0
    accuracy = (telling.reading.probabilities(learnt).argmax(1) == telling.target.argmax(1)).mean()
    assert accuracy > 0.8
    nothing = fit_change(deaf)
    assert nothing.scale / nothing.temperature < 0.7
    sizes = [float(np.abs(one.matrix).sum()) for one in (nothing, learnt)]
    assert sizes[0] < 0.5 * sizes[1]


def test_few_labels_pull_little(head: GaussianHead, prototypes: Prototypes):
    given = lesson(head, prototypes)
    few = given.at(np.arange(8))
    sizes = [float(np.abs(personal_change._fit(one, 10.0).matrix).sum()) for one in (few, given)]
    assert sizes[0] < 0.5 * sizes[1]


def test_no_change_changes_nothing(head: GaussianHead, prototypes: Prototypes):
    reading = lesson(head, prototypes).reading
    assert not no_change(reading).is_change
    assert np.array_equal(reading.probabilities(no_change(reading)), reading.probabilities())


def test_inner_folds_cut_no_episode_and_keep_apart(head: GaussianHead, prototypes: Prototypes):
    given = lesson(head, prototypes)
    made = folds(given)
    assert len(made) == personal_change.N_FOLDS
    assert sorted(np.concatenate([held for _, held in made])) == list(range(200))
    for train, held in made:
        assert not set(given.episode[train]) & set(given.episode[held])
        gap = np.abs(given.start[train][:, None] - given.start[held][None]).min()
        assert gap >= personal_change.FOLD_GAP_S
