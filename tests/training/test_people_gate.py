import numpy as np
import pytest

from core.models.model_file import Calibration
from tests.training.conftest import make_world
from training.evaluation import WindowOutputs
from training.examples import Examples, Truth
from training.gate import Tells
from training.people_gate import MIN_PEOPLE, judge_people, over_people, taught_by

N_TRIALS, TRIAL_S = 12, 8


def everyone(n_people: int, in_blocks: bool = False) -> Examples:
    pairs = []
    for person in range(n_people):
        rng = np.random.default_rng(person)
        label = rng.permutation(np.arange(N_TRIALS) % 2)
        if in_blocks:
            label = np.sort(label)
        for window, _ in make_world(f"P{person:02d}", N_TRIALS * TRIAL_S, simulated=False):
            k = int(window.start) // TRIAL_S
            pairs.append((window, Truth(int(label[k]), trial=100 * person + k, recording=person)))
    return Examples(pairs, 8, 256)


def told(examples: Examples, strength: float, spread: float = 0.0) -> WindowOutputs:
    """What is said follows the truth by so much, more or less from person to person, over slow noise."""
    rng = np.random.default_rng(7)
    n = len(examples)
    noise = np.repeat(rng.standard_normal((n // 4 + 1, 2)), 4, axis=0)[:n]
    own = strength + spread * rng.standard_normal(100)[examples.recording]
    similarity = 0.5 * noise + own[:, None] * np.eye(2)[examples.label]
    nothing = np.zeros((n, 2))
    return WindowOutputs(np.arange(n), similarity, nothing, nothing, nothing, nothing)


def test_enough_people_who_are_read_make_it_fit_for_anyone():
    examples = everyone(MIN_PEOPLE)
    verdict = judge_people(told(examples, 1.5), examples, Calibration())
    assert verdict.together.tells == Tells.YES
    assert verdict.population
    taught = taught_by(verdict, simulated=False)
    assert taught.population
    assert taught.n_people == MIN_PEOPLE
    assert 0.5 < taught.weight < 1.0
    assert taught.weight_of("P00", False) == 1.0
    assert taught.weight_of("someone", False) == taught.weight
    assert taught.note_on("someone", False) == f"taught on {MIN_PEOPLE} people, not on you"
    assert taught.note_on("P00", False) == ""


@pytest.mark.parametrize(
    ("examples", "strength"),
    [(everyone(MIN_PEOPLE), 0.0), (everyone(MIN_PEOPLE - 1), 1.5), (everyone(MIN_PEOPLE, in_blocks=True), 1.5)],
    ids=["chance", "too few people", "one class always first"],
)
def test_it_is_fit_for_nobody_else(examples: Examples, strength: float):
    verdict = judge_people(told(examples, strength), examples, Calibration())
    assert not verdict.population
    taught = taught_by(verdict, simulated=False)
    assert not taught.covers("someone", False)
    assert taught.weight_of("someone", False) == 0.0


def test_people_who_differ_shrink_the_weight_of_someone_new():
    alike, differ = np.full(10, 0.2) + 0.01 * np.arange(10), np.linspace(-0.3, 0.79, 10)
    assert over_people(alike)[2] > 0.95
    mean, at_least, weight = over_people(differ)
    assert weight == pytest.approx(mean**2 / (mean**2 + differ.std(ddof=1) ** 2))
    assert weight < 0.5
    assert at_least == pytest.approx(mean - 1.833 * differ.std(ddof=1) / np.sqrt(10), abs=1e-3)
    assert over_people(-alike)[2] == 0.0
