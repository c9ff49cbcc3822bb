import numpy as np
import pytest

from training.gate import (
    LEVEL,
    MIN_EPISODES,
    Heard,
    Tells,
    as_figures,
    chance_of_order,
    episodes,
    expected_gain,
    judge,
    less_foreseen,
    shrunken_prior,
)

N_CLASSES = 3
UNIFORM = np.full(N_CLASSES, 1 / N_CLASSES)


def heard(
    rng: np.random.Generator, n_episodes: int = 30, base: float = 0.0, learnt: float = 0.0, by_turns=False
) -> Heard:
    """Episodes of about 12 s; what is said wanders slowly and follows the truth by so much."""
    label = np.arange(n_episodes) % N_CLASSES if by_turns else rng.integers(N_CLASSES, size=n_episodes)
    length = np.full(n_episodes, 12) if by_turns else rng.integers(8, 17, n_episodes)
    episode = np.repeat(np.arange(n_episodes), length)
    target = np.eye(N_CLASSES)[label[episode]]
    n = len(target)
    noise = np.cumsum(rng.standard_normal((n + 20, N_CLASSES)), axis=0)
    noise = 0.15 * (noise[20:] - noise[:-20])

    def said(strength: float) -> np.ndarray:
        p = np.exp(noise + strength * target)
        return p / p.sum(axis=1, keepdims=True)

    return Heard(said(base), said(learnt), target, np.zeros(n, np.int64), episode, np.arange(float(n)))


def test_noise_is_claimed_no_more_often_than_the_level_says():
    rng = np.random.default_rng(0)
    verdicts = [judge(heard(rng), UNIFORM) for _ in range(100)]
    assert np.mean([one.tells == Tells.YES for one in verdicts]) <= LEVEL


@pytest.mark.parametrize("by_turns", [False, True])
def test_what_tells_is_found_also_where_classes_take_turns_by_the_clock(by_turns: bool):
    rng = np.random.default_rng(1)
    verdicts = [judge(heard(rng, base=1.0, learnt=2.0, by_turns=by_turns), UNIFORM) for _ in range(20)]
    assert np.mean([one.tells == Tells.YES for one in verdicts]) >= 0.9
    assert all(one.better and one.gain_over_base > 0 for one in verdicts)


def test_the_two_questions_are_answered_apart():
    rng = np.random.default_rng(2)
    tells, better = zip(
        *[(one.tells, one.better) for one in (judge(heard(rng, base=2.0, learnt=0.5), UNIFORM) for _ in range(10))],
        strict=True,
    )
    assert set(tells) == {Tells.YES}
    assert set(better) == {False}


def test_what_could_be_foreseen_is_taken_off_as_far_as_it_lessens_the_spread():
    """Ten labels of two windows on moments at which more changes than usual: 0.6 nats more, on average."""
    rng = np.random.default_rng(5)
    episode = np.repeat(np.arange(10), 2)
    foreseen = 0.6 + 0.5 * rng.standard_normal(10)[episode]
    noise = 0.05 * rng.standard_normal(20)
    left = less_foreseen(0.3 + foreseen + noise, foreseen, episode)
    assert left.mean() == pytest.approx(0.3, abs=0.05), "the gain of all moments, not of those that were asked"
    assert left.std() < 0.2 * foreseen.std()
    half = less_foreseen(0.3 + 0.5 * foreseen + noise, foreseen, episode)
    assert half.mean() == pytest.approx(0.3, abs=0.05), "what was learnt expects twice what comes"
    for gain in (0.3 + noise, 0.3 - foreseen):
        assert less_foreseen(gain, foreseen, episode).mean() == pytest.approx(gain.mean(), abs=0.03), (
            "it foresaw nothing"
        )


def test_a_gain_of_which_much_was_foreseen_is_certain_with_fewer_labels():
    """What is learnt is right, where it says more than the base, and how much more differs from label to label."""
    n, rng = 9, np.random.default_rng(6)
    sure = np.where(np.arange(n) < 3, 0.98, 0.4)
    label = rng.integers(N_CLASSES, size=n)
    learnt = np.where(np.eye(N_CLASSES)[label] > 0, sure[:, None], (1 - sure[:, None]) / (N_CLASSES - 1))
    base = np.tile(UNIFORM, (n, 1))
    given = Heard(base, learnt, np.eye(N_CLASSES)[label], np.zeros(n, np.int64), np.arange(n), np.arange(float(n)))
    usual = expected_gain(base, learnt)
    alone, with_it = (judge(given, UNIFORM, 4.0, foreseen=one) for one in (None, usual - usual.mean()))
    assert (alone.better, with_it.better) == (False, True)
    assert with_it.gain_over_base == pytest.approx(alone.gain_over_base)
    assert with_it.gain_over_base_error < 0.5 * alone.gain_over_base_error


def test_too_few_episodes_are_too_little_to_tell():
    verdict = judge(heard(np.random.default_rng(3), MIN_EPISODES - 1, 3.0, 4.0), UNIFORM)
    assert verdict.tells == Tells.TOO_LITTLE
    assert not verdict.better
    assert as_figures(verdict)["gain"] is None


def test_better_than_a_bad_constant_is_not_enough():
    """A mean of the past may be worse than knowing nothing; and uniform worse than a mean."""
    rng = np.random.default_rng(4)
    one = heard(rng)
    skewed = one._replace(target=np.tile([0.9, 0.05, 0.05], (len(one.target), 1)))
    always = np.tile([0.8, 0.1, 0.1], (len(one.target), 1))
    assert judge(skewed._replace(base=always, learnt=always), np.array([0.9, 0.05, 0.05])).tells != Tells.YES
    assert judge(one._replace(base=one.target * 0 + UNIFORM), np.array([0.9, 0.05, 0.05])).gain <= 0.0


def test_the_chance_of_dealt_episodes_is_exact_for_a_known_case():
    """Ten episodes of ten classes, each told by one unit: only dealing that keeps them all does as well."""
    n = 10
    target = np.eye(n)
    said = np.exp(5.0 * target) / np.exp(5.0 * target).sum(axis=1, keepdims=True)
    one = Heard(said, said, target, np.zeros(n, np.int64), np.arange(n), np.arange(float(n)))
    gain = np.log(n) + float((target * np.log(said)).sum(axis=1).mean())
    assert chance_of_order(one, gain, float(np.log(n)), np.random.default_rng(0)) == pytest.approx(1 / 500)


def test_the_prior_is_shrunk_to_uniform_by_seven_episodes():
    target = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert shrunken_prior(target, np.array([3.5, 3.5])) == pytest.approx([0.75, 0.25])


def test_episodes_are_stretches_of_one_class_and_a_flicker_is_none():
    label = np.array([0] * 20 + [1] * 1 + [0] * 20 + [2] * 12)
    start = np.arange(float(len(label)))
    found = episodes(np.eye(3)[label], start, np.zeros(len(label), np.int64))
    assert found.tolist() == [0] * 41 + [1] * 12
    two = episodes(np.eye(3)[label], start, (np.arange(len(label)) >= 30).astype(np.int64))
    assert two[29] != two[30], "no episode runs on into the next recording"
