from typing import cast

import numpy as np
import pytest
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app import texts
from app.timeline import trace_margin
from app.timeline.decimation import decimate
from app.timeline.traces import Traces
from core.data import Chunk
from tests.app.staged import T0, eeg_info


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    memory = image.constBits()
    memory.setsize(image.sizeInBytes())
    pixels = np.frombuffer(cast(memoryview, memory), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def test_decimation_keeps_each_columns_extremes() -> None:
    times = T0 + np.arange(5120) / 512
    samples = np.random.default_rng(1).standard_normal((5120, 3))
    x, low, high = decimate(times, samples, 0.02)
    assert len(x) == 500
    for k in (0, 77, 499):
        inside = samples[np.floor(times / 0.02) == np.floor(x[k])]
        np.testing.assert_array_equal(low[k], inside.min(axis=0))
        np.testing.assert_array_equal(high[k], inside.max(axis=0))


def test_few_samples_are_drawn_where_they_are() -> None:
    times = T0 + np.arange(100) / 125
    samples = np.arange(100.0)[:, None]
    x, low, high = decimate(times, samples, 0.01)
    np.testing.assert_array_equal(x, times / 0.01)
    np.testing.assert_array_equal(low, samples)
    np.testing.assert_array_equal(high, samples)


@pytest.mark.parametrize(("pieces", "limit"), [(3, 0.00015), (40, 0.0011)])
def test_drawn_piece_by_piece_it_looks_as_drawn_at_once(staged, pieces: int, limit: float) -> None:
    one, many = staged(n_chans=8), staged(n_chans=8)
    for scene in (one, many):
        scene.stage.open()
        scene.window.traces.zoom(1)
        scene.window.traces.axis.seconds = 10.0
        scene.window.traces.setFixedHeight(220)  # what is said above them may take a line more in one than in the other
    for _ in range(pieces):
        many.stage.play(12.0 / pieces // 0.25 * 0.25 + 0.25, picture=False)
        many.settle()
    one.stage.play(many.stage.time - T0, picture=False)
    one.settle()
    a, b = pixels(one.window.traces.grab().toImage()), pixels(many.window.traces.grab().toImage())
    differs = (abs(a - b) > 24).any(axis=2).mean()
    assert differs < limit  # smoothed edges only; a seam where lines do not join gives twice as much


def test_the_channels_are_named_once_the_first_samples_came(
    staged, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    paint = trace_margin.paint_names
    monkeypatch.setattr(trace_margin, "paint_names", lambda *of: (named.extend(of[3]), paint(*of)))
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.stage.play(1.0, bad_channels=(), picture=False)
    scene.settle()
    qtbot.waitExposed(scene.window)
    traces = scene.window.traces
    traces.show_stream(scene.stage.eeg)
    traces.repaint()
    named.clear()
    scene.stage.play(1.0, bad_channels=(), picture=False)
    scene.settle()
    traces.axis.move()
    qtbot.waitUntil(lambda: len(named) >= 4)


def test_a_bad_channel_is_dim(staged) -> None:
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.stage.play(3, bad_channels=())
    scene.settle()
    before = pixels(scene.window.traces.grab().toImage()).sum()
    scene.stage.play(0.25, bad_channels=(("Fp1", "flat"), ("Fp2", "flat"), ("F7", "flat")))
    scene.settle()
    assert scene.window.traces.bad == {"Fp1", "Fp2", "F7"}
    assert pixels(scene.window.traces.grab().toImage()).sum() > before


def test_a_lost_stream_scrolls_away(staged) -> None:
    scene = staged(n_chans=4)
    scene.stage.open()
    scene.stage.play(22)
    scene.settle()
    full = (pixels(scene.window.traces.grab().toImage()).sum(axis=2) < 300).sum()
    scene.window.view.axis.advance(scene.stage.time + 16)
    scene.window.view.axis.move()
    assert (pixels(scene.window.traces.grab().toImage()).sum(axis=2) < 300).sum() < 0.5 * full


def test_scale_is_found_and_then_left_to_the_person(staged) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.play(3)
    scene.settle()
    found = scene.window.traces.extent.scale_uv
    assert 30 <= found <= 150
    scene.window.act("larger")
    scene.stage.play(3)
    scene.settle()
    assert scene.window.traces.extent.scale_uv < found


def test_minutes_are_drawn_at_a_scale_that_keeps_the_rows_apart(staged) -> None:
    scene = staged()
    scene.stage.open()
    scene.stage.play(70, picture=False)
    scene.settle()
    traces, seconds = scene.window.traces, scene.window.view.axis.seconds
    near = traces.extent.scale_uv
    while scene.window.view.axis.seconds < 300:
        scene.window.act("longer")
    scene.settle()
    assert traces.extent.scale_uv > near
    ink = (pixels(traces.grab().toImage()).sum(axis=2) < 400)[:-20]
    columns = ink.any(axis=0).nonzero()[0]
    assert 0.2 < (columns > columns.max() / 2).sum() / ink.shape[1] < 0.35  # 70 s of 5 min, and the names
    assert ink[:, columns.max() - 100 : columns.max()].mean() < 0.75  # there is light between the rows
    while scene.window.view.axis.seconds > seconds:
        scene.window.act("shorter")
    scene.settle()
    assert traces.extent.scale_uv == near


def test_128_channels_are_all_a_key_away(staged) -> None:
    scene = staged(n_chans=128)
    scene.stage.open()
    scene.stage.play(1, picture=False)
    scene.settle()
    notes = {scene.window.traces.note()}
    for _ in range(20):
        scene.window.act("later channels")
        notes.add(scene.window.traces.note())
    assert any("of 128" in note or "128 channels" in note for note in notes)
    assert "128 of 128" in scene.window.traces.note() or "128 channels" in scene.window.traces.note()


def rows_with_ink(traces: Traces, n_chans: int) -> np.ndarray:
    """Share of dark pixels in each channel's row, right of the names."""
    picture = pixels(traces.grab().toImage())
    plot = traces._plot()
    inside = picture[: int(plot.bottom()), int(plot.left()) + 4 :].max(axis=2) < 140
    return np.array([part.mean() for part in np.array_split(inside, n_chans)])


def test_a_loud_channel_does_not_paint_over_the_page(qtbot: QtBot) -> None:
    n, sfreq = 12, 256.0
    traces = Traces()
    qtbot.addWidget(traces)
    traces.resize(700, 480)
    traces.show()
    info = eeg_info(n, sfreq)
    name = info.channels[5].name
    traces.show_stream(info)
    times = T0 + np.arange(int(8 * sfreq)) / sfreq
    loud = 3000 * np.sin(2 * np.pi * 11 * times)
    data = np.zeros((len(times), n), np.float32)
    data += 10 * np.sin(2 * np.pi * 2 * times)[:, None]
    data[:, 5] += loud
    traces.push(Chunk(info.key, times, data))
    traces._draw()
    ink = rows_with_ink(traces, n)
    assert ink[5] > 2 * ink[0]
    assert ink[[2, 3, 7, 8]].max() < 1.2 * ink[[0, 1, 10, 11]].max()  # it ends within its neighbours' rows
    traces.show_bad(((name, "noisy"),))
    traces._restart()
    traces._draw()
    shrunk = traces._shrunk(traces.ring)
    step = traces.extent.scale_uv
    assert shrunk[name] == pytest.approx(step / 2 / np.quantile(abs(loud), 0.95), rel=0.05)
    assert all(share == 1.0 for other, share in shrunk.items() if other != name)
    ink = rows_with_ink(traces, n)
    assert ink[[4, 6]].max() < 1.2 * ink[[0, 1, 10, 11]].max()  # and now within its own
    assert texts.drawn_smaller(shrunk[name]).startswith(", drawn at 1/")
