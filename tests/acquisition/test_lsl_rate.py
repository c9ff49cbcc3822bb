import numpy as np
import pytest

from acquisition.lsl_rate import RateWatch, usual_rate


def _watch(true, declared=250.0, seconds=70.0, size=10, jitter=0.0):
    rng = np.random.default_rng(1)
    watch = RateWatch(declared)
    arrivals = np.arange(1, int(seconds * true / size)) * size / true
    told = [watch.take(size, t + jitter * rng.random()) for t in arrivals]
    return [(round(float(t), 1), rate) for t, rate in zip(arrivals, told, strict=True) if rate is not None]


@pytest.mark.parametrize("size", [1, 10, 250])
def test_right_rate_is_not_told(size):
    assert _watch(250.0, size=size) == []


def test_jitter_is_not_told():
    assert _watch(250.0, jitter=0.2) == []


def test_wrong_rate_is_told_once_and_soon():
    ((when, rate),) = _watch(238.0, seconds=200.0)
    assert when < 10.0
    assert rate == pytest.approx(238.0, rel=0.01)


def test_two_percent_are_told_within_a_minute():
    ((when, _),) = _watch(255.0)
    assert when < 60.0


def test_half_a_percent_is_not_told():
    assert _watch(251.2, seconds=200.0) == []


def test_after_a_loss_the_look_begins_anew():
    watch = RateWatch(100.0)
    for t in np.arange(0.0, 4.0, 0.1):
        watch.take(10, t)
    watch.restart()
    assert [watch.take(10, t) for t in np.arange(30.0, 40.0, 0.1)] == [None] * 100


def test_irregular_stream_is_not_judged():
    assert _watch(17.0, declared=0.0) == []


@pytest.mark.parametrize(("true", "taken"), [(250.4, 250.0), (127.2, 128.0), (173.61, 173.61)])
def test_usual_rate(true, taken):
    assert usual_rate(np.arange(500) / true) == pytest.approx(taken, rel=1e-6)


def test_usual_rate_of_too_little():
    assert usual_rate(np.array([1.0])) == 0.0
    assert usual_rate(np.array([1.0, 1.0])) == 0.0


def test_a_block_that_comes_thirty_seconds_late_is_no_higher_rate():
    watch = RateWatch(250.0)
    for t in np.arange(0.0, 20.0, 0.1):
        watch.take(25, t, t - 0.02 - np.arange(25)[::-1] / 250.0)
    watch.restart()  # it was silent for longer than a stream may be
    late = [watch.take(250, 50.0 + k * 0.01, 21.0 + k + np.arange(250) / 250.0) for k in range(29)]
    now = [watch.take(25, t, t - 0.02 - np.arange(25)[::-1] / 250.0) for t in np.arange(50.4, 130.0, 0.1)]
    assert [rate for rate in (*late, *now) if rate is not None] == []


def test_a_rate_that_is_truly_higher_after_a_loss_is_told():
    watch = RateWatch(250.0)
    for t in np.arange(0.0, 20.0, 0.1):
        watch.take(25, t, t - 0.02 - np.arange(25)[::-1] / 250.0)
    watch.restart()
    told = [watch.take(50, t, t - 0.02 - np.arange(50)[::-1] / 500.0) for t in np.arange(50.0, 60.0, 0.1)]
    assert [rate for rate in told if rate is not None] == [pytest.approx(500.0, rel=0.02)]
