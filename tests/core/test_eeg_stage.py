"""The EEG of a window follows from samples and stamps alone; real recordings and endless ones."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter

from core.config import Config, WindowConfig
from core.data import Array, Channel, Chunk, FaceObservation, NeutralFace, Notice, StreamInfo, Window
from core.filters import Cascade, Resampler, design
from core.montage import canonical_name, channel_kind, position
from core.running_scale import RunningScale
from core.stretch import Stretch
from core.windowing import Windower

DEFAULTS = Config()
SFREQ = 250.0
N = 5000


def info(n_chans: int = 5, sfreq: float = SFREQ) -> StreamInfo:
    return StreamInfo("eeg", "eeg", "P", "headset", sfreq=sfreq, channels=(Channel("E", "E"),) * n_chans)


def eeg(n_times: int = N, n_chans: int = 5) -> Array:
    rng = np.random.default_rng(0)
    drive = rng.standard_normal((n_times, n_chans)) + rng.standard_normal((n_times, 1))
    return (3 * lfilter([1.0], [1.0, -0.95], drive, axis=0)).astype(np.float32)


def cut(
    stream: StreamInfo, times: Array, data: Array, sizes: Sequence[int], config: Config = DEFAULTS
) -> list[Window | Notice]:
    windower, out, at, k = Windower("P", [stream], config), [], 0, 0
    while at < len(times):
        n = sizes[k % len(sizes)]
        out += windower.push(Chunk("eeg", times[at : at + n], data[at : at + n]))
        at, k = at + n, k + 1
    return [one for one in out if not isinstance(one, NeutralFace)]


def content(event: Window | Notice) -> object:
    if isinstance(event, Notice):
        return event
    eeg = None if event.eeg is None else event.eeg.tobytes()
    mask = None if event.eeg_mask is None else event.eeg_mask.tobytes()
    return event.start, event.stop, eeg, mask, event.eeg_scale, event.eeg_problem, event.bad_channels


def trouble(kind: str) -> tuple[StreamInfo, Array, Array]:
    rng = np.random.default_rng(1)
    stream, times, data = info(), 100 + np.arange(N) / SFREQ, eeg()
    if kind == "jitter":
        times = times + np.repeat(rng.uniform(0, 0.06, N // 10), 10)
    elif kind == "jitter within a chunk":
        times = times + rng.uniform(-0.02, 0.02, N)
    elif kind == "no rate":
        stream = info(sfreq=0.0)
        times = times + np.repeat(rng.uniform(0, 0.02, N // 10), 10)
    elif kind == "wrong rate":
        stream = info(sfreq=220.0)
    elif kind == "gaps":
        times = times + 0.5 * (times > 101) + 3 * (times > 109) + 0.16 * (times > 112.1)
    elif kind == "hours":
        times = times + 90_000.0 * (times > 108)
    elif kind == "back":
        times = times - 3.0 * (times > 108)
    elif kind == "far back":
        times = times - 90_000.0 * (times > 108)
    elif kind == "one stamp astray":
        times[2000] += 1000
    elif kind == "stamps that are no times":
        times[[0, 1500, 2000, 2001, 2002]] = np.inf
        times[[1000, 1001, 3000]] = np.nan
        times[[3500, 3501]] = 1e300
    elif kind == "strays near zero":
        times[2000:2004] = [0.0, 0.004, 0.0, 1e-300]
    elif kind == "more strays than strays can be":
        times[2000:2012] += 1e6
    elif kind == "a stamp astray in a gap":
        times = times + 3.0 * (times > 108)
        times[np.searchsorted(times, 109) - 1] = 5.0
        times[np.searchsorted(times[:-1], 108) + 1] = -7.0
    elif kind == "rows without a value":
        data[np.random.default_rng(8).random(N) < 0.02] = np.nan
    elif kind == "holes":
        data[1000:1100] = np.nan
        data[2000:2010, 1] = np.inf
        data[:3] = np.nan
        data[:300, 2] = np.nan
    return stream, times, data


TROUBLES = {
    "none": [],
    "jitter": [],
    "jitter within a chunk": [],
    "no rate": ["rate"],
    "wrong rate": ["rate"],
    "gaps": ["gap", "gap", "gap"],
    "hours": ["gap"],
    "back": ["jump"],
    "far back": ["jump"],
    "one stamp astray": ["clock"],
    "stamps that are no times": ["clock"],
    "strays near zero": ["clock"],
    "more strays than strays can be": ["gap", "jump"],
    "a stamp astray in a gap": ["gap", "clock"],
    "rows without a value": [],
    "holes": ["gap"],
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_the_same_samples_in_other_chunks_give_the_same_windows(kind: str) -> None:
    stream, times, data = trouble(kind)
    reference = cut(stream, times, data, [1])
    assert [event.kind for event in reference if isinstance(event, Notice)] == TROUBLES[kind]
    windows = [event for event in reference if isinstance(event, Window)]
    assert len(windows) < 100
    assert sum(not window.eeg_problem for window in windows) > 30
    some = [int(n) for n in np.random.default_rng(2).integers(1, 70, 97)]
    for sizes in ([7], some, [250], [1250], [N]):
        assert list(map(content, cut(stream, times, data, sizes))) == list(map(content, reference)), sizes


@pytest.mark.parametrize(("length", "step"), [(0.5, 0.1), (1.0, 0.5), (6.0, 1.0)])
def test_chunks_change_nothing_on_other_grids(length: float, step: float) -> None:
    config = replace(DEFAULTS, window=WindowConfig(length, step))
    stream, times, data = trouble("jitter")
    reference = cut(stream, times, data, [1], config)
    assert {w.eeg.shape for w in reference if isinstance(w, Window) and w.eeg is not None} == {(5, round(128 * length))}
    for sizes in ([16], [333], [N]):
        assert list(map(content, cut(stream, times, data, sizes, config))) == list(map(content, reference)), sizes


@pytest.mark.parametrize("sfreq", [125.0, 128.0, 250.0, 1000.0])
def test_a_window_holds_what_lies_in_it_to_the_sample(sfreq: float) -> None:
    config = replace(DEFAULTS, eeg=replace(DEFAULTS.eeg, notch=0.0))
    times, data = 100 + np.arange(int(12 * sfreq)) / sfreq, eeg(int(12 * sfreq))
    whole = Cascade(design(sfreq, 0.5, 45.0, 0.0)).push(data.T.astype(np.float64))
    resampled, places = Resampler(sfreq, 128.0).push(whole)
    stamps = 100 + places / sfreq
    for window in cut(info(sfreq=sfreq), times, data, [16], config):
        assert isinstance(window, Window)
        if window.eeg is not None:
            last = int(np.searchsorted(stamps, window.stop - 1e-6))
            np.testing.assert_array_equal(window.eeg, resampled[:, last - 256 : last].astype(np.float32))
            assert abs(stamps[last - 256] - window.start) < 1.01 / 128


def test_a_channel_is_bad_only_in_windows_with_its_holes() -> None:
    stream, times, data = trouble("none")
    data[3000:3010, 1] = np.nan  # 112.00 to 112.04
    windows = [w for w in cut(stream, times, data, [16]) if isinstance(w, Window) and not w.eeg_problem]
    for window in windows:
        assert bool(window.bad_channels) == (window.start < 112.04 and window.stop > 112.0), window.stop
        assert window.eeg is not None
        assert np.isfinite(window.eeg).all()


def test_a_channel_that_was_marked_as_bad_is_not_trusted() -> None:
    stream, times, data = trouble("none")
    marked = replace(stream, channels=(*stream.channels[:4], replace(stream.channels[4], bad=True)))
    windows = [w for w in cut(marked, times, data, [16]) if isinstance(w, Window) and not w.eeg_problem]
    assert {window.bad_channels for window in windows} == {(("E", "marked bad"),)}
    assert {tuple(window.eeg_mask) for window in windows} == {(True,) * 4 + (False,)}  # type: ignore[arg-type]


def test_an_offset_of_4200_uv_leaves_no_trace() -> None:
    stream, times, data = trouble("none")
    plain, offset = (cut(stream, times, d, [16]) for d in (data.astype(np.float64), data.astype(np.float64) + 4200))
    for a, b in zip(plain, offset, strict=True):
        assert isinstance(a, Window)
        assert isinstance(b, Window)
        if a.eeg is not None:
            np.testing.assert_allclose(a.eeg, b.eeg, atol=1e-3)


def test_an_electrode_without_a_place_stays_out_of_the_average() -> None:
    names = ("Fp1", "Fp2", "C3", "C4", "P3", "P4", "O1", "O2", "Ch9")
    channels = tuple(Channel(name, name, position=position(name)) for name in names)
    stream = replace(info(), channels=channels)
    data = eeg(n_chans=9)
    data[:, 8] *= 5
    times = 100 + np.arange(N) / SFREQ
    window = cut(stream, times, data, [16])[-1]
    assert isinstance(window, Window)
    assert window.eeg is not None
    np.testing.assert_allclose(window.eeg[:8].mean(axis=0), 0, atol=1e-4)


def test_stamps_that_stand_still_fill_no_memory() -> None:
    stream, times, data = trouble("none")
    windower = Windower("P", [stream], Config())
    windower.push(Chunk("eeg", times, data))
    notices = []
    for _ in range(20):
        notices += windower.push(Chunk("eeg", np.full(N, times[-1]), data))
    assert {notice.kind for notice in notices if isinstance(notice, Notice)} == {"jump"}
    later = windower.push(Chunk("eeg", times[-1] + 1 + np.arange(N) / SFREQ, data))
    assert any(isinstance(w, Window) and not w.eeg_problem for w in later)


def test_a_stream_that_is_always_late_is_missing_and_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = []
    take = Stretch.take

    def watched(self: Stretch, stamps: Array, samples: Array) -> None:
        take(self, stamps, samples)
        waiting.append(self.n_pending)

    monkeypatch.setattr(Stretch, "take", watched)
    video = StreamInfo("video", "video", "P", "camera", sfreq=30.0, width_px=4, height_px=4)
    windower = Windower("P", [info(), video], Config())
    data, out = eeg(), []
    for k in range(400):
        now = 100 + k / 8
        blank = np.zeros((1, 4, 4, 3), np.uint8)
        out += windower.push(Chunk("video", np.array([now]), blank), [FaceObservation("P", now)])
        out += windower.push(Chunk("eeg", now - 5 + np.arange(31) / SFREQ, data[:31]))
    windows = [event for event in out if isinstance(event, Window)]
    assert {window.eeg_problem for window in windows[-100:]} == {"missing"}
    assert {window.face_problem for window in windows[-100:]} == {""}
    assert max(waiting) < 4 * SFREQ


def test_the_scale_knows_only_the_past_and_forgets_it() -> None:
    rng = np.random.default_rng(0)
    scale = RunningScale(0.25, 128.0)
    quiet, loud = rng.normal(0, 10, (6, 256)), rng.normal(0, 30, (6, 256))
    good = np.ones(6, dtype=bool)
    assert scale.follow(quiet, good) == pytest.approx(10, rel=0.1)
    assert scale.follow(loud, good) < 12
    for _ in range(480):  # four time constants
        scale.follow(loud, good)
    assert scale.value == pytest.approx(30, rel=0.1)
    before = scale.value
    scale.follow(1e6 * loud, ~good)
    assert scale.value == before


@pytest.mark.parametrize("person", ["P001", "P002", "P003"])
def test_real_muse_recordings_give_windows_of_four_channels(shared_data: Path, person: str) -> None:
    pyxdf = pytest.importorskip("pyxdf")
    path = shared_data / "xdf" / f"sub-{person}_ses-S001_task-Default_run-001_eeg.xdf"
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    (muse,) = (s for s in streams if s["info"]["type"] == ["EEG"])
    told = [(c["label"][0], c["type"][0], c["unit"][0]) for c in muse["info"]["desc"][0]["channels"][0]["channel"]]
    channels = tuple(
        Channel(canonical_name(label) or label, label, channel_kind(label, kind, unit), unit)
        for label, kind, unit in told
    )
    stream = replace(info(), sfreq=256.0, channels=channels)
    events = cut(stream, muse["time_stamps"], muse["time_series"], [12])
    assert not [event for event in events if isinstance(event, Notice)]
    windows = [event for event in events if isinstance(event, Window) and event.eeg is not None]
    assert len(windows) > 20
    for window in windows:
        assert window.ch_names == ("TP9", "AF7", "AF8", "TP10")
        assert window.eeg is not None
        assert window.eeg.shape == (4, 256)
