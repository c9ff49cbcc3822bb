import numpy as np

from core.data import Marker
from core.markers import markers_in


def test_texts_stand_in_one_line_and_what_says_nothing_is_left_out():
    data = np.array([["begins"], [" "], ["a\tb\n\x00c\ud800"], ["größer"]], dtype=object)
    assert markers_in("Film", np.array([1.0, 2.0, 3.0, 4.0]), data) == [
        Marker(1.0, "begins", "Film"), Marker(3.0, "a b c", "Film"), Marker(4.0, "größer", "Film"),
    ]  # fmt: skip


def test_numbers_are_written_as_people_write_them():
    times = np.array([1.0, 2.0])
    assert [m.text for m in markers_in("", times, np.array([[7], [-3]], np.int32))] == ["7", "-3"]
    assert [m.text for m in markers_in("", times, np.array([[7.0, 1.5], [1e6, 0.0]], np.float32))] == [
        "7 1.5", "1000000 0",
    ]  # fmt: skip


def test_one_without_a_time_is_at_no_moment():
    assert markers_in("", np.array([np.nan, np.inf, 1.0]), np.array([["a"], ["b"], ["c"]])) == [Marker(1.0, "c")]
