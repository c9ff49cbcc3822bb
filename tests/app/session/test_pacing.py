"""What is passed over when predictions do not keep up: on a computer whose speed is given."""

import itertools
import math

import pytest

from app.session.pacing import Pacing

STEP = 0.25


def played(took: float, seconds: float = 60.0) -> tuple[list[float], list[float]]:
    """How old each prediction is when it is made, and the steps between, where one takes so long; on a grid of items.

    The sequencer's and the pipeline's part are played by hand: 20 items a second, a window at each step.
    """
    pacing, free, left = Pacing(STEP), 0.0, -1
    queue: list[tuple[float, float | None, int | None]] = []
    n_predicted, last, ages, stops = 0, 0.0, [], []
    for k in range(round(seconds * 20)):
        now = k / 20
        while queue and max(free, queue[0][0]) <= now:  # what the pipeline has begun by now
            came, stop, windows = queue.pop(0)
            start = max(free, came)
            left = left if windows is None else windows
            if stop is not None and left:
                left -= left > 0
                free, last, n_predicted = start + took, took, n_predicted + 1
                ages.append(free - stop)
                stops.append(stop)
        busy = free > now
        behind = now - (queue[0][0] if queue else now) if not busy else now - min([free - took, *(q[0] for q in queue)])
        done = n_predicted - busy
        if (windows := pacing.windows(behind, done, last)) is not None:
            queue.append((now, None, windows))
        queue.append((now, now if math.isclose(now % STEP, 0, abs_tol=1e-6) else None, None))
    return ages, [b - a for a, b in itertools.pairwise(stops)]


def test_a_computer_that_keeps_up_passes_over_nothing():
    ages, steps = played(0.02)
    assert max(ages) < 0.1
    assert max(steps) == pytest.approx(STEP)


@pytest.mark.parametrize("took", [0.3, 0.5])
def test_a_slow_one_takes_wider_steps_and_stays_of_now(took: float):
    ages, steps = played(took)
    assert max(ages) <= 2.0
    late = ages[len(ages) // 2 :]
    assert max(late) <= took + 0.2  # once it goes one by one
    assert STEP < sum(steps) / len(steps) <= took + 2 * STEP


def test_predictions_of_five_seconds_are_made_one_by_one():
    ages, _ = played(5.0)
    assert max(ages[3:]) <= 5.2
    assert len(ages) >= 8


def test_once_it_is_quick_again_every_window_is_predicted():
    pacing = Pacing(STEP)
    assert pacing.windows(0.1, 3, 0.02) is None
    assert pacing.windows(0.6, 3, 0.9) == 0
    assert pacing.windows(0.4, 4, 0.9) is None
    assert pacing.windows(0.05, 5, 0.9) == 1
    assert pacing.windows(0.0, 5, 0.9) is None
    assert pacing.windows(0.0, 6, 0.02) == -1
    assert pacing.windows(0.0, 6, 0.02) is None
    assert not pacing.hurried(0.0)
