import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter

from core.config import Config, EegConfig
from core.data import Array, Channel, Chunk, FaceObservation, NeutralFace, Notice, StreamInfo, Window
from core.windowing import Windower

CAP = ("Fp1", "Fp2", "F3", "F4", "C3", "C4", "P3", "P4", "O1", "O2")
CONFIG = Config(eeg=EegConfig(notch=0.0))


def eeg_info(names: Sequence[str] = CAP, sfreq: float = 250.0, unit_scale: float = 1.0) -> StreamInfo:
    channels = tuple(Channel(name, name, scale_uv=unit_scale) for name in names)
    return StreamInfo("eeg", "eeg", "P001", "eeg", sfreq=sfreq, channels=channels)


VIDEO = StreamInfo("video", "video", "P001", "camera", sfreq=30.0, width_px=4, height_px=4)


def signal(n: int, n_chans: int = len(CAP), seed: int = 0) -> Array:
    """Noise with the spectrum of EEG: mostly slow, partly shared by all channels, some 10 µV."""
    rng = np.random.default_rng(seed)
    drive = rng.standard_normal((n, n_chans)) + rng.standard_normal((n, 1))
    slow = lfilter([1.0], [1.0, -0.95], drive, axis=0)
    return (2.5 * slow + 0.5 * rng.standard_normal((n, n_chans))).astype(np.float32)


def chunks(data: Array, times: Array, sizes: Sequence[int] | int = 16) -> list[Chunk]:
    starts = np.arange(0, len(data), sizes) if isinstance(sizes, int) else np.cumsum([0, *sizes])
    edges = [*[int(e) for e in starts if e < len(data)], len(data)]
    return [Chunk("eeg", times[a:b], data[a:b]) for a, b in itertools.pairwise(edges)]


def cut(info: StreamInfo | None, items: Sequence[Chunk], config: Config = CONFIG) -> tuple[list[Window], list[Notice]]:
    windower = Windower("P001", [info] if info else [], config)
    out = [event for item in items for event in windower.push(item)]
    return [e for e in out if isinstance(e, Window)], [e for e in out if isinstance(e, Notice)]


def grid(seconds: float, sfreq: float = 250.0, t0: float = 100.0) -> Array:
    return t0 + np.arange(round(seconds * sfreq)) / sfreq


def good(windows: Sequence[Window]) -> list[Window]:
    return [w for w in windows if not w.eeg_problem]


def test_windows_lie_on_the_grid_and_have_the_models_shape():
    times = grid(20)
    windows, notices = cut(eeg_info(), chunks(signal(len(times)), times))
    assert notices == []
    stops = np.array([w.stop for w in windows])
    np.testing.assert_array_equal(stops, np.arange(round(stops[0] / 0.25), round(stops[-1] / 0.25) + 1) * 0.25)
    assert windows[0].stop == 102.0
    assert windows[-1].stop > times[-1] - 0.5
    for window in good(windows):
        assert window.eeg is not None
        assert window.eeg.shape == (len(CAP), 256)
        assert window.eeg.dtype == np.float32
        assert not window.eeg.flags.writeable


@pytest.mark.parametrize("sfreq", [125.0, 128.0, 160.0, 250.0, 256.0, 500.0, 1000.0])
@pytest.mark.parametrize("seed", range(3))
def test_chunk_size_changes_nothing(sfreq: float, seed: int):
    times = grid(9, sfreq)
    data = signal(len(times))
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, round(sfreq / 4), 400)
    info = eeg_info(sfreq=sfreq)
    config = Config()  # with the line found in the signal
    one, _ = cut(info, chunks(data, times, 7), config)
    other, _ = cut(info, chunks(data, times, [int(s) for s in sizes]), config)
    shared = min(len(one), len(other))
    assert shared >= 20
    for a, b in zip(one[:shared], other[:shared], strict=True):
        for field in ("stop", "eeg_problem", "eeg_scale", "bad_channels"):
            assert getattr(a, field) == getattr(b, field)
        if a.eeg is not None:
            np.testing.assert_array_equal(a.eeg, b.eeg)


def test_a_tone_keeps_its_size_and_time():
    times = grid(20, 500.0)
    tone = 20 * np.sin(2 * np.pi * 10 * times)
    data = np.stack([tone, -tone], axis=1).astype(np.float32)
    windows, _ = cut(eeg_info(("O1", "O2"), 500.0), chunks(data, times))
    window = good(windows)[-1]
    assert window.eeg is not None
    own = window.start + (np.arange(256) + 0.5) / 128
    fit = window.eeg[0] @ np.exp(-2j * np.pi * 10 * own) / 128
    assert abs(fit) == pytest.approx(20, rel=0.03)
    # The resampler's delay is taken off the stamps; what is left is that of the band-pass, some 10 ms at 10 Hz.
    lag = (-np.angle(fit * 1j) / (2 * np.pi * 10)) % 0.1
    assert min(lag, 0.1 - lag) < 0.02


def test_a_gap_is_marked_and_windows_that_touch_it_abstain():
    times = grid(30)
    data = signal(len(times))
    keep = (times < 115.0) | (times >= 116.0)
    windows, notices = cut(eeg_info(), chunks(data[keep], times[keep]))
    assert [n.kind for n in notices] == ["gap"]
    assert "1.00 s" in notices[0].text
    by_stop = {w.stop: w.eeg_problem for w in windows}
    assert by_stop[114.75] == ""
    assert {by_stop[s] for s in np.arange(116.25, 118.0, 0.25)} == {"gap"}
    assert by_stop[118.25] == "settling"
    assert by_stop[119.25] == ""


def test_jitter_of_the_stamps_is_no_gap():
    times = grid(20)
    rng = np.random.default_rng(0)
    jittered = times + np.repeat(rng.uniform(0, 0.04, len(times) // 10), 10)
    windows, notices = cut(eeg_info(), chunks(signal(len(times)), jittered, 10))
    assert [n for n in notices if n.kind != "rate"] == []
    assert all(not w.eeg_problem for w in windows if w.start > 106)


def test_time_that_jumps_back_starts_the_grid_anew():
    times = np.concatenate([grid(15), grid(15, t0=20.0)])
    windows, notices = cut(eeg_info(), chunks(signal(len(times)), times))
    assert [n.kind for n in notices] == ["jump"]
    later = [w for w in windows if w.stop < 50]
    assert len(good(later)) > 30
    assert all(w.start >= 20 for w in later)


def test_hours_between_two_stretches_are_passed_over():
    times = np.concatenate([grid(15), grid(15, t0=90_000.0)])
    windows, _ = cut(eeg_info(), chunks(signal(len(times)), times))
    assert len(windows) < 150
    assert len(good([w for w in windows if w.stop > 90_000])) > 30


def test_a_wrong_rate_is_told_and_the_true_one_used():
    times = grid(20, 220.3)
    tone = (20 * np.sin(2 * np.pi * 10 * times))[:, None].repeat(2, axis=1).astype(np.float32)
    windows, notices = cut(eeg_info(("O1", "O2"), 250.0), chunks(tone, times))
    assert [n.kind for n in notices] == ["rate"]
    assert "220.3" in notices[0].text
    window = good(windows)[-1].eeg
    assert window is not None
    assert np.argmax(np.abs(np.fft.rfft(window[0]))) == 20  # 10 Hz in a window of 2 s


def test_a_stream_without_a_rate_is_measured():
    times = grid(20, 200.0)
    windows, notices = cut(eeg_info(sfreq=0.0), chunks(signal(len(times)), times))
    assert [n.kind for n in notices] == ["rate"]
    assert len(good(windows)) > 20


def test_bad_channels_are_named_and_left_out_of_the_reference():
    times = grid(20)
    data = signal(len(times))
    data[:, 3] = 0.0
    data[:, 5] += 500 * np.sin(2 * np.pi * 3 * times)
    data[2000:, 7] = np.nan
    windows, _ = cut(eeg_info(), chunks(data, times))
    window = good(windows)[-1]
    assert dict(window.bad_channels) == {"F4": "flat", "C4": "too large", "P4": "invalid samples"}
    assert window.eeg is not None
    assert window.eeg_mask is not None
    assert np.isfinite(window.eeg).all()
    keep = [0, 1, 2, 4, 6, 8, 9]
    without, _ = cut(eeg_info([CAP[k] for k in keep]), chunks(data[:, keep], times))
    alone = good(without)[-1].eeg
    assert alone is not None
    np.testing.assert_allclose(window.eeg[keep], alone - alone.mean(axis=0), atol=1e-4)


def test_too_few_channels_and_a_dead_headset_abstain():
    times = grid(12)
    data = signal(len(times))
    data[:, 1:] = 0
    windows, _ = cut(eeg_info(), chunks(data, times))
    assert windows[-1].eeg_problem == "few channels"
    windows, _ = cut(eeg_info(), chunks(np.zeros_like(data), times))
    assert windows[-1].eeg_problem == "flat"


def test_volts_become_microvolts_and_the_scale_follows_the_signal():
    times = grid(60)
    data = signal(len(times)) * 1e-6
    windows, _ = cut(eeg_info(unit_scale=1e6), chunks(data, times))
    window = good(windows)[-1]
    assert window.eeg is not None
    assert 1 < window.eeg.std() < 50
    assert window.eeg_scale == pytest.approx(window.eeg.std(), rel=0.5)


def test_four_electrodes_keep_their_own_reference():
    times = grid(12, 256.0)
    data = signal(len(times), 4)
    common = 30 * np.sin(2 * np.pi * 10 * times)[:, None]
    windows, _ = cut(eeg_info(("TP9", "AF7", "AF8", "TP10"), 256.0), chunks((data + common).astype(np.float32), times))
    window = good(windows)[-1].eeg
    assert window is not None
    assert window.std() > 15


def face(time: float, problem: Any = "") -> FaceObservation:
    return FaceObservation("P001", time, problem, embedding=None if problem else np.zeros(4, np.float32))


def frames(start: float, stop: float, problem: str = "") -> list[tuple[Chunk, list[FaceObservation]]]:
    blank = np.zeros((1, 4, 4, 3), np.uint8)
    return [(Chunk("video", np.array([t]), blank), [face(t, problem)]) for t in np.arange(start, stop, 0.125)]


def test_video_alone_makes_windows():
    windower = Windower("P001", [VIDEO], CONFIG)
    windows = [w for chunk, seen in frames(10, 20) for w in windower.push(chunk, seen)]
    assert len(windows) > 25
    assert all(isinstance(w, Window) and w.eeg_problem == "missing" and not w.face_problem for w in windows)
    assert isinstance(windows[-1], Window)
    assert len(windows[-1].faces) == 16


def test_a_late_modality_is_waited_for_and_then_missing():
    windower = Windower("P001", [eeg_info(), VIDEO], CONFIG)
    times = grid(30)
    eeg = chunks(signal(len(times)), times)
    video = {float(c.times[0]): (c, f) for c, f in frames(100, 115)}
    out: list[Window] = []
    for chunk in eeg:
        for t in [t for t in video if t <= chunk.times[-1]]:
            out += [w for w in windower.push(*video.pop(t)) if isinstance(w, Window)]
        out += [w for w in windower.push(chunk) if isinstance(w, Window)]
        if out:  # nothing is cut before the video has come so far, until patience is over
            assert out[-1].stop <= max(min(chunk.times[-1], 115), chunk.times[-1] - CONFIG.window.patience) + 1e-9
    by_stop = {w.stop: w for w in out}
    assert not by_stop[110.0].eeg_problem
    assert not by_stop[110.0].face_problem
    assert by_stop[120.0].face_problem == "missing"
    assert not by_stop[120.0].eeg_problem


def test_the_most_frequent_reason_stands_for_the_face():
    windower = Windower("P001", [VIDEO], CONFIG)
    windows = [w for c, f in frames(10, 20, "turned away") for w in windower.push(c, f)]
    assert isinstance(windows[-1], Window)
    assert windows[-1].face_problem == "turned away"


def test_simulated_is_passed_on():
    times = grid(10)
    windows, _ = cut(replace(eeg_info(), simulated=True), chunks(signal(len(times)), times))
    assert all(w.simulated for w in windows)


def alpha(path: Path) -> float:
    """Occipital power at 8 to 13 Hz over that at 3 to 40 Hz, median over the windows of a real recording."""
    mne = pytest.importorskip("mne")
    raw = mne.io.read_raw_edf(path, verbose="error")
    names = tuple(raw.ch_names)
    data = (raw.get_data() * 1e6).T.astype(np.float32)
    times = np.arange(len(data)) / raw.info["sfreq"]
    from core.montage import canonical_name

    info = eeg_info(tuple(canonical_name(name) or name for name in names), raw.info["sfreq"])
    windows, _ = cut(info, chunks(data, times), Config())
    rows = [info.ch_names.index(name) for name in ("O1", "Oz", "O2")]
    found = []
    for window in good(windows):
        assert window.eeg is not None
        power = np.abs(np.fft.rfft(window.eeg[rows] * np.hanning(256))) ** 2
        freqs = np.fft.rfftfreq(256, 1 / 128)
        found.append(power[:, (freqs >= 8) & (freqs <= 13)].sum())
    return float(np.median(found))


def test_closed_eyes_show_their_alpha(shared_data: Path):
    folder = shared_data / "eegmmidb-S001"
    assert alpha(folder / "S001R02.edf") > 4 * alpha(folder / "S001R01.edf")


def test_windows_wait_for_what_frames_show_by_order_and_by_data_time_alone():
    windower = Windower("P001", [VIDEO], CONFIG)
    video = frames(10, 13)
    out: list[Window] = []
    for chunk, _ in video[:17]:  # the frame at 12 s comes, and what none of them shows is known
        out += [w for w in windower.push(chunk) if isinstance(w, Window)]
    assert out == []
    for _, (seen,) in video[:15]:
        out += windower.observe(seen)
    assert out == []
    out += windower.observe(video[15][1][0])
    assert [w.stop for w in out] == [12.0]
    assert [f.time for f in out[0].faces] == [10 + k / 8 for k in range(16)]


def test_what_is_late_for_a_window_is_in_the_next_ones():
    windower = Windower("P001", [VIDEO], CONFIG)
    out: list[Window] = []
    for k, (chunk, seen) in enumerate(frames(10, 20)):
        late = 14 <= chunk.times[0] < 14.25
        out += [w for w in windower.push(chunk, () if late else seen) if isinstance(w, Window)]
        if k == 40:  # a second later
            for _, (face_then,) in frames(14, 14.25):
                out += windower.observe(face_then)
    by_stop = {w.stop: len(w.faces) for w in out}
    assert by_stop[14.25] == 14
    assert by_stop[15.5] == 16


def test_what_a_frame_shows_that_never_came_is_nothing():
    windower = Windower("P001", [VIDEO], CONFIG)
    for chunk, seen in frames(10, 11):
        windower.push(chunk, seen)
    assert windower.observe(face(10.03)) == []
    assert windower.observe(face(99.0)) == []
    out = [w for chunk, seen in frames(11, 13) for w in windower.push(chunk, seen) if isinstance(w, Window)]
    assert len(out[0].faces) == 16


def test_faces_that_were_passed_over_are_no_faces():
    windower = Windower("P001", [VIDEO], CONFIG)
    out: list[Window] = []
    for k, (chunk, seen) in enumerate(frames(10, 30)):
        few = k % 8 == 0 if chunk.times[0] > 20 else k % 2 == 0
        some = seen if few else [face(seen[0].time, "not looked at")]
        out += [w for w in windower.push(chunk, some) if isinstance(w, Window)]
    assert {(len(w.faces), w.face_problem) for w in out if w.stop < 20} == {(8, "")}
    assert {(len(w.faces), w.face_problem) for w in out if w.stop > 23} == {(2, "not looked at")}


@pytest.mark.parametrize("kind", ["one channel each", "whole samples", "infinite"])
def test_single_values_that_are_missing_keep_nobody_from_reading_the_rest(kind: str):
    times, rng = grid(30), np.random.default_rng(3)
    data = signal(len(times))
    whole, _ = cut(eeg_info(), chunks(data, times))
    holes = np.flatnonzero(rng.random(len(times)) < 0.02)
    broken = data.copy()
    if kind == "whole samples":
        broken[holes] = np.nan
    else:
        broken[holes, rng.integers(0, len(CAP), len(holes))] = np.inf if kind == "infinite" else np.nan
    windows, notices = cut(eeg_info(), chunks(broken, times))
    assert notices == []
    assert [w.stop for w in windows] == [w.stop for w in whole]
    assert [w.eeg_problem for w in windows] == [w.eeg_problem for w in whole]
    assert [w.bad_channels for w in good(windows)] == [w.bad_channels for w in good(whole)]
    for window, sound in zip(good(windows), good(whole), strict=True):
        assert window.eeg is not None
        assert sound.eeg is not None
        assert np.corrcoef(window.eeg.ravel(), sound.eeg.ravel())[0, 1] > 0.99


def test_a_channel_that_lacks_a_tenth_of_its_values_is_invalid():
    times, rng = grid(20), np.random.default_rng(3)
    data = signal(len(times))
    data[rng.random(len(times)) < 0.2, 2] = np.nan
    windows, _ = cut(eeg_info(), chunks(data, times))
    assert all(("F3", "invalid samples") in w.bad_channels for w in good(windows))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, 1.7e15])
def test_windows_go_on_after_a_stamp_that_is_no_time(value: float):
    times, data = grid(30), signal(30 * 250)
    odd = times.copy()
    odd[[0, 2000, 4000, 4001]] = value
    windows, notices = cut(eeg_info(), chunks(data, odd, 1))
    assert [notice.kind for notice in notices] == ["clock"]
    assert windows[-1].stop > 129.0
    assert len(good(windows)) > 80


def arrived(info: StreamInfo, times: Array, data: Array, size: int = 1) -> dict[float, tuple[int, Window]]:
    """Return each window with how many samples had come when it was cut."""
    windower, found = Windower("P001", [info], CONFIG), {}
    for k, chunk in enumerate(chunks(data, times, size)):
        for event in windower.push(chunk):
            if isinstance(event, Window):
                found[event.stop] = (k + 1) * size, event
    return found


def timings(kind: str, sfreq: float, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    times = grid(8, sfreq, 100.0 + rng.random())
    if kind == "jitter":
        return times + rng.uniform(-2.0, 2.0, len(times)) / sfreq
    if kind == "clock steps":  # a clock's correction moves all that comes after it
        return times + 0.003 * (np.arange(len(times)) // 37 % 3)
    if kind == "gap":
        return np.delete(times, np.arange(round(5.3 * sfreq), round(6.2 * sfreq)))
    return times


@pytest.mark.parametrize("kind", ["even", "jitter", "clock steps", "gap"])
@pytest.mark.parametrize("sfreq", [100.0, 125.0, 128.0, 250.0, 256.0, 500.0])
def test_a_window_is_cut_once_its_last_sample_is_known_and_holds_the_same_as_later(kind: str, sfreq: float):
    times = timings(kind, sfreq, seed=int(sfreq))
    data = signal(len(times), 4)
    info = eeg_info(CAP[:4], sfreq)
    prompt, waiting = arrived(info, times, data), arrived(replace(info, prompt=False), times, data)
    assert len(waiting) > 15
    assert waiting.keys() <= prompt.keys()
    won = [waiting[stop][0] - prompt[stop][0] for stop in waiting if not waiting[stop][1].eeg_problem]
    # The resampler looks ahead as before. That it waits for no sample which it does not need saves one to four of them.
    assert min(won) >= (0 if sfreq == 128.0 else 1)
    for size in (1, 7, 50):
        for stop, (_, window) in arrived(info, times, data, size).items():
            if stop not in waiting or waiting[stop][1].eeg_problem != window.eeg_problem:
                assert kind == "gap"  # one that ends in the last samples before it, which were waited for in vain
                continue
            assert window.bad_channels == waiting[stop][1].bad_channels
            np.testing.assert_array_equal(window.eeg, waiting[stop][1].eeg)
            np.testing.assert_array_equal(window.eeg, prompt[stop][1].eeg)


def test_a_sample_stamped_a_hair_before_the_stop_lies_at_it_whatever_the_chunks():
    times = grid(8, 128.0) - 1e-7
    data = signal(len(times), 4)
    by_one, whole = (arrived(eeg_info(CAP[:4], 128.0), times, data, size) for size in (1, 64))
    assert by_one[106.0][1].eeg_problem == whole[106.0][1].eeg_problem == ""
    np.testing.assert_array_equal(by_one[106.0][1].eeg, whole[106.0][1].eeg)


@pytest.mark.parametrize("prompt", [True, False])
def test_a_window_waits_for_the_last_frame_that_is_looked_at_and_for_none_behind_it(prompt: bool):
    windower = Windower("P001", [replace(VIDEO, prompt=prompt)], CONFIG)
    blank, cut = np.zeros((1, 4, 4, 3), np.uint8), {}
    for k in range(150):  # thirty frames a second, of which eight are looked at
        time = 10.0 + k / 30
        looked = k == 0 or int(time * 8) > int((time - 1 / 30) * 8)
        for event in windower.push(Chunk("video", np.array([time]), blank), [face(time)] if looked else []):
            if isinstance(event, Window):
                cut[event.stop] = time, [each.time for each in event.faces]
    assert len(cut[13.0][1]) == 16
    assert max(cut[13.0][1]) == pytest.approx(12.9)
    assert cut[13.0][0] == pytest.approx(12.9 if prompt else 13.0)


def test_light_that_burns_out_a_face_is_told_once_until_the_neutral_face_is_shown_anew():
    expression = np.full(7, 1 / 7, np.float32)
    windower = Windower("P001", [VIDEO], CONFIG)
    told: list[tuple[float, str]] = []
    read: list[float | None] = []

    def play(start: float, stop: float, burnt: float) -> None:
        for k in range(round(start * 8), round(stop * 8)):
            seen = FaceObservation(
                "P001", k / 8, expression=expression, blendshapes=np.full(52, 0.1, np.float32), quality=1.0, burnt=burnt
            )
            for event in windower.push(Chunk("video", np.array([k / 8]), np.empty((1, 0, 0, 3), np.uint8)), [seen]):
                if isinstance(event, NeutralFace):
                    read.append(event.burnt)
                elif isinstance(event, Notice):
                    told.append((event.time, event.stream))

    windower.take_neutral(NeutralFace("P001", 1.0, 6.0))
    play(0.0, 10.0, 0.25)
    play(10.0, 60.0, 0.75)
    ((when, stream),) = told
    assert 25.0 < when < 30.0
    assert stream == "video"
    windower.take_neutral(NeutralFace("P001", 60.0, 65.0))
    play(60.0, 120.0, 0.75)
    assert read == [0.25, 0.75]
    assert len(told) == 1
    for start in (120.0, 150.0):
        windower.take_neutral(NeutralFace("P001", start, start, (0.1,) * 52, (0.0,) * 7, 20, burnt=0.0))
        play(start, start + 30.0, 0.75)
    assert len(told) == 3
