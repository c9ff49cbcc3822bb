"""Streams that are no EEG over time: each in a lane with its scale and unit, drawn where its samples are."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.timeline.sensor_lanes import nice_range
from app.timeline.sensor_ring import SensorRing
from app.ui.keys import Act
from core.data import Array, Channel, Chunk, StreamHealth, StreamInfo
from tests.app.staged import T0
from tests.app.timeline.test_traces import pixels

PPG = StreamInfo(
    "ppg", "other", "P001", "Muse", "PPG", 64.0,
    (Channel("Counter", "", "counter"), *(Channel(n, n, "misc", "a.u.") for n in ("IR", "Red", "Ambient", "Green"))),
    "int32",
)  # fmt: skip
GAZE = StreamInfo("gaze", "other", "", "Tobii", "Gaze", 0.0, (Channel("x", "x", "misc", "pixels"),), "double64")


def chunk(info: StreamInfo, times: Array, values: Array) -> Chunk:
    kind = np.int32 if info.dtype == "int32" else np.float64
    return Chunk(info.key, times, np.repeat(values[:, None], len(info.channels), axis=1).astype(kind))


@pytest.mark.parametrize(
    ("low", "high", "nice"),
    [(0.13, 0.87, (0.0, 1.0)), (-730.0, 1210.0, (-1000.0, 1500.0)), (5.0, 5.0, (4.9, 5.1)), (0.0, 0.0, (-0.02, 0.02))],
)
def test_a_scale_has_round_ends(low: float, high: float, nice: tuple[float, float]) -> None:
    assert nice_range(low, high) == pytest.approx(nice)


def test_what_is_kept_is_as_it_came_without_what_is_no_number_or_no_time() -> None:
    ring = SensorRing(PPG)
    assert (ring.ch_names, ring.unit, ring.n_left_out) == (("IR", "Red", "Ambient"), "a.u.", 2)
    times = T0 + np.arange(64) / 64
    values = np.arange(64.0)
    assert ring.push(chunk(PPG, times, values))
    kept, data = ring.between(T0, T0 + 1)
    np.testing.assert_array_equal(kept, times)
    np.testing.assert_array_equal(data, np.repeat(values[:, None], 3, axis=1))
    gaze = SensorRing(GAZE)
    odd = np.array([T0, T0 + 0.1, T0 + 0.05, 1e300, np.nan, T0 + 0.2])
    gaze.push(chunk(GAZE, odd, np.array([1.0, np.nan, 3.0, 4.0, 5.0, 6.0])))
    kept, data = gaze.between(T0, T0 + 1)
    np.testing.assert_array_equal(kept, [T0, T0 + 0.05, T0 + 0.2])
    np.testing.assert_array_equal(data[:, 0], [1.0, 3.0, 6.0])
    assert not gaze.push(chunk(GAZE, np.array([T0 - 60.0]), np.array([1.0])))


def play(staged, seconds: float, wave: Callable[[Array], Array]) -> Any:
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.stage.outbox.put(replace(PPG, awaited=True, channels=()))
    scene.stage.outbox.put(PPG)
    scene.stage.outbox.put(GAZE)
    scene.settle()
    scene.window.view.axis.seconds = 5.0
    for second in range(int(seconds)):
        scene.stage.play(1.0, picture=False)
        times = T0 + second + np.arange(64) / 64
        scene.stage.outbox.put(chunk(PPG, times, wave(times)))
        scene.settle()
    return scene


def test_a_lane_has_its_scale_and_is_drawn_at_its_values(staged) -> None:
    scene = play(staged, 6, lambda times: np.where(times < T0 + 3.5, 1000.0, 2000.0))
    lanes = scene.window.view.sensors
    assert lanes.shown[0] == "ppg"
    low, high = lanes.scale("ppg")
    assert (low, high) == (1000.0, 2000.0)
    shown = pixels(lanes.grab().toImage())
    height = lanes.height() // len(lanes.shown) - lanes.theme.px(4)
    ground = np.median(shown[:height].reshape(-1, 3), axis=0)
    left = lanes.axis.margin
    at = [left + round(lanes.axis.place(T0 + when) * (lanes.width() - left)) for when in (2.9, 5.5)]
    rows = [int(np.abs(shown[15:height, x] - ground).sum(axis=1).argmax()) + 15 for x in at]
    assert rows[0] > height - 6, "1000 is the lower edge"
    top = np.abs(shown[:6, at[1]] - ground).sum(axis=1)
    assert top.max() > 100, "2000 is the upper edge"


def test_channels_of_another_size_leave_the_scale_to_the_first(staged) -> None:
    scene = play(staged, 1, lambda times: np.sin(times))
    far = StreamInfo("far", "other", "", "Far", "X", 64.0, tuple(Channel(n, n, "misc") for n in "abc"))
    scene.stage.outbox.put(far)
    lanes = scene.window.view.sensors
    scene.settle()
    while "far" not in lanes.shown:
        lanes.turn_page()
    times = T0 + np.arange(64) / 64
    wave = np.sin(2 * np.pi * 2 * times)
    scene.stage.outbox.put(Chunk("far", times, np.column_stack([wave, 2 * wave, wave + 5000.0])))
    scene.stage.play(1.0, picture=False)
    scene.settle()
    assert lanes.scale("far") == pytest.approx((-2.0, 2.0))


def test_a_key_goes_through_the_lanes_and_to_none(staged) -> None:
    scene = play(staged, 2, lambda times: np.sin(times) * 100)
    lanes = scene.window.view.sensors
    for k in range(3):
        scene.stage.outbox.put(replace(GAZE, key=f"more{k}", name=f"More {k}"))
    scene.settle()
    turn = scene.window.view.acts[Act.SENSORS]
    n_first, seen = len(lanes.shown), []
    assert 0 < n_first < 5
    assert f"{n_first} of 5 other streams" in lanes.note()
    while lanes.shown:
        seen += lanes.shown
        turn()
    assert seen == ["ppg", "gaze", "more0", "more1", "more2"]
    assert not lanes.isVisible()
    turn()
    assert lanes.shown[0] == "ppg"
    scene.window.view.toggle_eeg_alone()
    assert not lanes.isVisible()


def test_what_another_person_wears_has_no_lane(staged) -> None:
    scene = play(staged, 1, lambda times: times)
    scene.stage.outbox.put(replace(PPG, key="theirs", participant="P002"))
    scene.settle()
    assert "theirs" not in scene.window.view.sensors.shown


def test_what_a_stream_says_of_the_body_stands_in_its_lane_and_with_the_streams(staged) -> None:
    beat = 0.8
    scene = play(staged, 30, lambda t: 1000 * np.exp(-((((t - T0) % beat) - 0.4) ** 2) / 0.004))
    assert scene.window.view.sensors.said("ppg").startswith("pulse rate 75/min · pulse RMSSD ")
    scene.stage.outbox.put(StreamHealth("ppg", scene.stage.time, True, 0.02, 64.0, 64.0, 900, 0, 0, 0.0))
    scene.settle()
    chip = scene.window.view.streams.chips["ppg"]
    assert chip.line.startswith("pulse rate 75/min")
    assert "PPG" in chip.toolTip()
