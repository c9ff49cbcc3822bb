import numpy as np
import pytest

from core.data import Array, Channel, Chunk, Numbers, StreamInfo
from core.number_stage import NumberStage

INFO = StreamInfo("s", "other", "P", "Skin", "EDA", 4.0, (Channel("eda", "eda", "misc"),))


class LastTwo:
    """Says when the last samples before a window's end were, and what the last one is."""

    seconds = 3.0

    def reads(self, info: StreamInfo) -> bool:
        return info.type == "EDA"

    def numbers(self, info: StreamInfo, times: Array, samples: Array) -> Array | None:
        return np.array([times[0], times[-1], samples[-1, 0]]) if len(times) > 1 else None


def stage(info: StreamInfo = INFO) -> NumberStage:
    return NumberStage("skin", LastTwo(), [info])


def chunk(times: list[float], stream: str = "s") -> Chunk:
    return Chunk(stream, np.array(times), 10.0 * np.array(times)[:, None])


def told(numbers: Numbers) -> list[float]:
    assert numbers.values is not None
    return [float(value) for value in numbers.values]


def test_numbers_are_of_the_seconds_before_a_windows_end_and_of_nothing_behind_it():
    one = stage()
    one.push(chunk([k / 4 for k in range(80)]))
    assert told(one.cut(8.0, 10.0)) == [-3.0, -0.25, 97.5]
    assert told(one.cut(8.25, 10.25)) == [-3.0, -0.25, 100.0]


@pytest.mark.parametrize("size", [1, 7, 80])
def test_chunks_change_nothing(size: int):
    one, times = stage(), [k / 4 for k in range(80)]
    for k in range(0, 80, size):
        one.push(chunk(times[k : k + size]))
    assert told(one.cut(8.0, 10.0)) == [-3.0, -0.25, 97.5]


def test_stamps_that_are_no_times_or_do_not_rise_are_left_out():
    one = stage()
    one.push(chunk([1.0, 2.0, float("nan"), 1.5, 1e300, 2.0]))
    one.push(chunk([2.5, 2.25]))
    assert told(one.cut(1.0, 3.0)) == [-2.0, -0.5, 25.0]


def test_it_says_what_is_wrong():
    one = stage()
    assert one.cut(0.0, 2.0) == Numbers("skin", problem="missing")
    one.push(chunk([1.0]))
    one.push(chunk([5.0, 6.0], "another"))
    assert one.cut(0.0, 2.0) == Numbers("skin", problem="not enough")
    assert one.cut(2.0, 4.0) == Numbers("skin", problem="missing")


def test_what_is_due_is_waited_for():
    regular, irregular = stage(), NumberStage("skin", LastTwo(), [StreamInfo("s", "other", "P", "Skin", "EDA")])
    assert not regular.passed(1.0)
    assert irregular.passed(1.0)
    regular.push(chunk([0.5, 1.0]))
    assert regular.passed(1.0)
    assert NumberStage("skin", LastTwo(), []).passed(1.0)


def test_a_stream_that_comes_later_is_read_from_then_on_and_others_never():
    one = NumberStage("skin", LastTwo(), [StreamInfo("s", "other", "P", "Skin", "EDA", 4.0, awaited=True)])
    one.push(chunk([0.0, 0.5]))
    assert one.cut(-1.0, 1.0).problem == "missing"
    one.join(StreamInfo("t", "other", "P", "Eyes", "Gaze", 4.0))
    one.join(INFO)
    one.push(chunk([1.0, 1.5]))
    assert told(one.cut(0.0, 2.0)) == [-1.0, -0.5, 15.0]


def test_time_that_begins_anew_does():
    one = stage()
    one.push(chunk([100.0, 101.0]))
    one.forget()
    one.push(chunk([1.0, 1.5]))
    assert told(one.cut(0.0, 2.0)) == [-1.0, -0.5, 15.0]
