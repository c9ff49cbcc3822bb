import numpy as np

from tests.training.conftest import make_world
from training.examples import Examples, Truth
from training.order import order_of


def examples(orders: dict[str, list[int]]) -> Examples:
    pairs = []
    for number, (name, order) in enumerate(orders.items()):
        for window, _ in make_world(name, 10 * len(order)):
            k = int(window.start) // 10
            pairs.append((window, Truth(order[k], trial=100 * number + k, recording=number)))
    return Examples(pairs, 8, 256)


def test_rest_first_for_everyone_is_told_by_time_alone():
    some = examples({name: [0, 0, 0, 1, 1, 1] for name in "abcd"})
    found = order_of(some, np.arange(len(some)))
    assert found.in_blocks == ("a", "b", "c", "d")
    assert found.by_time > 0.95
    assert found.is_confounded


def test_counterbalanced_orders_are_not():
    some = examples({name: [0, 0, 0, 1, 1, 1] if name in "ab" else [1, 1, 1, 0, 0, 0] for name in "abcd"})
    found = order_of(some, np.arange(len(some)))
    assert found.by_time < 0.6
    assert not found.is_confounded


def test_classes_in_turn_are_not():
    some = examples({name: [0, 1, 0, 1, 0, 1] for name in "abcd"})
    assert not order_of(some, np.arange(len(some))).is_confounded


def test_of_one_recording_the_blocks_decide():
    assert order_of(examples({"a": [0, 0, 1, 1]}), np.arange(40)).is_confounded
    assert not order_of(examples({"a": [0, 1, 0, 1]}), np.arange(40)).is_confounded
