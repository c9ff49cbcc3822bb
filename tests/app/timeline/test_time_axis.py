import itertools
import math

import pytest
from pytestqt.qtbot import QtBot

from app.timeline.time_axis import DURATIONS, TimeAxis
from tests.app.staged import Clock


@pytest.fixture
def axis(qtbot: QtBot) -> TimeAxis:
    made = TimeAxis(10.0, by_itself=False)
    made.fit(1000, 10.0)
    made.begin(100.0)
    made.advance(123.454)
    made.move()
    return made


def test_what_is_seen_ends_with_the_column_of_now(axis: TimeAxis) -> None:
    assert axis.span == (pytest.approx(113.46), pytest.approx(123.46))
    assert axis.place(123.46) == pytest.approx(1.0)
    assert axis.place(118.46) == pytest.approx(0.5)
    assert axis.cursor == 1.0


def test_a_sweep_stands_still_and_only_now_moves(axis: TimeAxis) -> None:
    axis.sweep()
    before = axis.place(120.0), axis.cursor
    axis.advance(124.0)
    axis.move()
    assert axis.place(120.0) == before[0]
    assert axis.cursor == pytest.approx(before[1] + 0.055)


def test_a_stretch_is_cut_to_what_is_seen(axis: TimeAxis) -> None:
    assert axis.pieces(100.0, 118.46) == [(pytest.approx(0.0), pytest.approx(0.5))]
    assert axis.pieces(-math.inf, math.inf) == [(pytest.approx(0.0), pytest.approx(1.0))]
    assert axis.pieces(100.0, 113.0) == []
    assert axis.pieces(124.0, 125.0) == []


def test_a_stretch_over_the_edge_of_a_sweep_is_in_two(axis: TimeAxis) -> None:
    axis.sweep()
    assert axis.pieces(119.0, 121.0) == [(pytest.approx(0.9), 1.0), (0.0, pytest.approx(0.1))]


def test_ticks_are_whole_steps_of_the_session_and_none_lies_before_it(axis: TimeAxis) -> None:
    assert axis.step == 1
    assert axis.ticks(*axis.span) == list(range(14, 24))
    assert axis.ticks(90.0, 102.5) == [0, 1, 2]
    axis.fit(1000, 3.0)
    assert axis.step == 5
    assert axis.ticks(*axis.span) == [15, 20]


@pytest.mark.parametrize("seconds", DURATIONS)
@pytest.mark.parametrize("most_ticks", [1.0, 2.5, 4.9, 5.0, 10.0, 14.0])
def test_ticks_of_a_sweep_stand_whatever_is_seen(axis: TimeAxis, seconds: float, most_ticks: float) -> None:
    axis.seconds = seconds
    axis.fit(1000, most_ticks)
    assert seconds % axis.step == 0
    assert seconds / axis.step <= most_ticks


def test_a_frame_is_drawn_when_a_column_has_come_and_not_before(axis: TimeAxis, qtbot: QtBot) -> None:
    frames: list[None] = []
    axis.changed.connect(lambda: frames.append(None))
    axis.advance(123.457)
    axis.move()
    assert not frames
    axis.advance(123.461)
    axis.move()
    axis.advance(120.0)
    axis.move()
    assert len(frames) == 1


@pytest.mark.parametrize(
    ("draws", "paints", "looks"),
    [(0.0, 0.0, 3), (0.001, 0.001, 4), (0.001, 0.004, 6), (0.002, 0.018, 12)],
)
def test_a_slow_machine_draws_less_often(qtbot: QtBot, draws: float, paints: float, looks: int) -> None:
    """Apart are 12 ms at least, ten times what a frame takes up to 30 ms, or three times that."""
    clock = 0.0
    axis = TimeAxis(10.0, by_itself=False, watch=lambda: clock)
    frames: list[int] = []

    def draw() -> None:
        nonlocal clock
        frames.append(k)
        clock += draws

    axis.changed.connect(draw)
    for k in range(300):  # a look into the queue every 5 ms and a little, each with something new
        clock = 0.005001 * k
        axis.advance(200.0 + k)
        n = len(frames)
        axis.follow()
        if len(frames) > n:
            axis.painted(paints)
    assert len(frames) > 20
    assert {later - before for before, later in itertools.pairwise(frames)} == {looks}


def test_one_control_goes_from_seconds_to_minutes_and_stops_at_the_ends(axis: TimeAxis) -> None:
    for _ in range(len(DURATIONS)):
        axis.stretch(1)
    assert axis.span == (pytest.approx(123.6 - 300.0), pytest.approx(123.6))
    for _ in range(len(DURATIONS)):
        axis.stretch(-1)
    assert axis.seconds == DURATIONS[0]


def test_nothing_is_seen_before_anything_is_known(qtbot: QtBot) -> None:
    axis = TimeAxis()
    axis.move()
    assert axis.newest is None
    assert axis.pieces(-math.inf, math.inf) == []
    assert not axis.sees(0.0)
    assert axis.ticks(0.0, 10.0) == []


def test_the_clock_moves_time_on_where_nothing_comes(axis: TimeAxis) -> None:
    clock = Clock(50.0)
    axis.clock = clock
    axis.advance(124.0, leads=True)
    for elapsed, front in ((0.4, 124.0), (1.0, 125.0), (30.0, 154.0)):
        clock.time = 50.0 + elapsed
        axis.move()
        assert axis.front == front
    axis.advance(153.8, leads=True)
    axis.move()
    assert axis.front == pytest.approx(154.0), "time does not go back when data come again"
    axis.restart()
    axis.move()
    assert axis.newest is None


def test_where_data_are_late_now_is_the_clocks(axis: TimeAxis) -> None:
    clock = Clock(130.0)
    axis.clock = clock
    for k in range(40):
        clock.time = 130.0 + k / 10
        axis.advance(122.0 + k / 10, leads=True)  # 8 s behind, without a break
        axis.move()
        assert axis.front == clock.time


def test_without_a_clock_data_alone_move_time_on(axis: TimeAxis) -> None:
    axis.advance(124.0, leads=True)
    axis.move()
    assert axis.front == 124.0


def test_what_leads_leads_alone_and_anything_does_where_nothing_else_comes(axis: TimeAxis) -> None:
    clock = Clock(50.0)
    axis.clock = clock
    axis.advance(124.0)
    clock.time = 52.0
    axis.move()
    assert axis.front == 126.0
    axis.advance(126.1, leads=True)
    clock.time = 54.0
    axis.advance(127.0)
    axis.move()
    assert axis.front == pytest.approx(128.1)


def test_more_seconds_are_shown_where_there_is_room_until_somebody_chooses(qtbot: QtBot) -> None:
    axis = TimeAxis(by_itself=False, grows=True)
    shown = []
    for most_ticks in (5.0, 11.0, 16.0, 24.0, 16.0):
        axis.fit(100, most_ticks)
        shown.append(axis.seconds)
    assert shown == [10.0, 10.0, 20.0, 30.0, 20.0]
    axis.stretch(-1)
    axis.fit(100, 24.0)
    assert axis.seconds == 10.0


def test_the_columns_are_those_of_the_seconds_that_there_is_room_for(qtbot: QtBot) -> None:
    axis = TimeAxis(by_itself=False, grows=True)
    axis.fit(1000, 10.0)
    axis.advance(50.0)
    axis.move()
    axis.fit(1000, 16.0)
    assert axis.span == (pytest.approx(50.02 - 20.0), pytest.approx(50.02))
