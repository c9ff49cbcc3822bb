"""Items that are pushed some at a time give, to the bit, what they give one by one."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from acquisition.simulator.streams import SimulatedEeg
from acquisition.source import items as items_of
from core.blendshapes import BLENDSHAPES
from core.config import Config
from core.data import (
    Channel,
    Chunk,
    Event,
    FaceObservation,
    Item,
    Label,
    ModelChange,
    NeutralFace,
    Notice,
    Pace,
    Prediction,
    Segment,
    StreamInfo,
    Window,
    frozen,
)
from core.pipeline import Pipeline
from core.predictor import Predictor
from tests.flows.live import exact
from tests.montages import CAP_28, TEN_TWENTY

T0, SECONDS = 100.0, 16.0
CONFIG = Config()
MUSE, EPOC = ("TP9", "AF7", "AF8", "TP10"), ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4")


@functools.cache
def predictor() -> Predictor:
    return Predictor("", CONFIG)


def eeg(person: str, names: Sequence[str], sfreq: float, seed: int) -> tuple[StreamInfo, list[Chunk]]:
    source = SimulatedEeg(person, seed, T0, tuple(names), sfreq, duration=SECONDS, clock=None)
    with source:
        chunks = [item for item in items_of(source) if isinstance(item, Chunk)]
        return source.infos[0], chunks


def changed(
    chunk: Chunk, data: Callable[[Any], Any] = lambda x: x, stamps: Callable[[Any], Any] = lambda t: t
) -> Chunk:
    return dataclasses.replace(
        chunk,
        timestamps=frozen(np.asarray(stamps(chunk.timestamps.copy()))),
        data=frozen(np.asarray(data(chunk.data.copy()))),
    )


def after(seconds: float, chunk: Chunk) -> bool:
    return bool(chunk.times[0] >= T0 + seconds)


def filmed(person: str, seed: int) -> tuple[StreamInfo, list[Item]]:
    """Frames without pixels at 30 Hz, and behind every fourth what was read of it, sometimes much later."""
    rng = np.random.default_rng(seed)
    info = StreamInfo(f"cam {person}", "video", person, "cam", sfreq=30.0, face_reading="read")
    out: list[tuple[float, Item]] = []
    n_embedding = predictor().header.architecture.n_embedding
    for k in range(int(30 * SECONDS)):
        time = T0 + k / 30
        out.append((time, Chunk(info.key, np.array([time]), frozen(np.empty((1, 0, 0, 3), np.uint8)), frame_index=k)))
        if k % 4 == 0:
            shapes = (0.3 * rng.random(len(BLENDSHAPES))).astype(np.float32)
            shapes[[BLENDSHAPES.index(name) for name in ("jawOpen", "mouthClose")]] = 0.1  # the mouth is still
            face = FaceObservation(
                person, time, problem="" if k % 44 else "no face",
                embedding=rng.standard_normal(n_embedding).astype(np.float32),
                expression=rng.dirichlet(np.ones(7)).astype(np.float32),
                blendshapes=shapes, quality=0.8,
            )  # fmt: skip
            out.append((time + (0.9 if 200 < k < 240 else 0.02), face))
    return info, [item for _, item in sorted(out, key=lambda pair: pair[0])]


def time_of(item: Any) -> float:
    return float(item.times[-1]) if isinstance(item, Chunk) else float(item.time)


def in_time(*streams: Sequence[Item]) -> list[Item]:
    return sorted((item for stream in streams for item in stream), key=time_of)


def alone(names: Sequence[str], sfreq: float) -> tuple[list[StreamInfo], list[Item]]:
    info, chunks = eeg("P001", names, sfreq, 1)
    return [info], list(chunks)


def gaps_and_restarts() -> tuple[list[StreamInfo], list[Item]]:
    info, chunks = eeg("P001", TEN_TWENTY, 250.0, 2)
    left = [c for c in chunks if not T0 + 5.0 <= c.times[0] < T0 + 5.9]
    # Time jumps back by a minute once, and goes on from there.
    return [info], [changed(c, stamps=lambda t: t - 60.0) if after(10.0, c) else c for c in left]


def bad_electrodes() -> tuple[list[StreamInfo], list[Item]]:
    info, chunks = eeg("P001", TEN_TWENTY, 250.0, 3)

    def spoil(chunk: Chunk) -> Chunk:
        def data(x: Any) -> Any:
            if after(4.0, chunk):
                x[:, 2] = 0.0
            if after(6.0, chunk) and not after(9.0, chunk):
                x[:, 5] *= 8.0
            if after(8.0, chunk) and not after(8.1, chunk):
                x[1:4, 7] = np.nan
            if after(9.0, chunk):
                x[:, 9] += 400.0
            if after(11.0, chunk):
                x[:] = np.nan if not after(11.3, chunk) else x
            return x

        return changed(chunk, data)

    channels = list(info.channels)
    channels[12] = dataclasses.replace(channels[12], position=None, name="X1")
    channels[13] = dataclasses.replace(channels[13], bad=True)
    return [dataclasses.replace(info, channels=tuple(channels))], [spoil(c) for c in chunks]


def stray_stamps() -> tuple[list[StreamInfo], list[Item]]:
    info, chunks = eeg("P001", EPOC, 128.0, 4)

    def stamps(t: Any) -> Any:
        t += np.random.default_rng(int(t[0] * 1e3)).normal(0, 2e-4, len(t))
        if 106.0 <= t[0] < 106.1:
            t[0] = np.nan
        if 109.0 <= t[0] < 109.05:
            t[1] += 500.0
        return t

    return [dataclasses.replace(info, sfreq=0.0)], [changed(c, stamps=stamps) for c in chunks]


def everything() -> tuple[list[StreamInfo], list[Item]]:
    """Two people, one with a camera; markers, answers, a pace, another model, a neutral face; a late modality."""
    first, own = eeg("P001", TEN_TWENTY, 250.0, 5)
    second, others = eeg("P002", MUSE, 256.0, 6)
    others = [dataclasses.replace(c, stream="other") for c in others]
    second = dataclasses.replace(second, key="other")
    camera, faces = filmed("P001", 7)
    markers = StreamInfo("markers", "markers", "", "markers", channels=(Channel("", ""),), dtype="string")
    own = [c for c in own if not T0 + 9.0 <= c.times[0] < T0 + 10.5]
    said: list[Item] = [
        Chunk("markers", np.array([T0 + 6.1]), np.array([["film"]], dtype=object)),
        NeutralFace("P001", T0 + 2.0, T0 + 7.0),
        Label("u1", "", "P001", T0 + 4.0, T0 + 6.0, T0 + 6.5, label="happy"),
        Label("u2", "", "P002", T0 + 4.0, T0 + 6.5, T0 + 7.0, label="sad"),
        Pace(T0 + 8.0, 2), Pace(T0 + 8.9),
        ModelChange(T0 + 12.1, "another", file="another.safetensors"),
        Notice("markers", T0 + 13.0, "info", "said"),
    ]  # fmt: skip
    placed = [(item.start if isinstance(item, NeutralFace) else time_of(item), item) for item in said]
    rest = [(time_of(item), item) for item in in_time(own, others)]
    seen = [(T0 + 0.5 * k / len(faces) + SECONDS * k / len(faces), item) for k, item in enumerate(faces)]
    return [first, second, camera, markers], [
        item for _, item in sorted(placed + rest + seen, key=lambda pair: pair[0])
    ]


CASES: dict[str, Callable[[], tuple[list[StreamInfo], list[Item]]]] = {
    "4 channels": lambda: alone(MUSE, 256.0),
    "14 channels": lambda: alone(EPOC, 128.0),
    "28 channels": lambda: alone(CAP_28, 250.0),
    "21 channels at 500 Hz": lambda: alone(TEN_TWENTY, 500.0),
    "1000 Hz": lambda: alone(MUSE, 1000.0),
    "gaps and restarts": gaps_and_restarts,
    "bad electrodes": bad_electrodes,
    "stray stamps": stray_stamps,
    "everything": everything,
}


def pipeline(infos: Sequence[StreamInfo]) -> Pipeline:
    predictor().forget()
    return Pipeline(infos, predictor(), CONFIG, SimpleNamespace(), lambda _: Predictor("", CONFIG))  # type: ignore[arg-type]


def said(event: Event) -> Any:
    if isinstance(event, Prediction):
        return exact(event)
    if isinstance(event, Segment):
        return event.uid, event.start, event.stop, event.score.hex(), event.reason, exact(event.prediction)
    if not isinstance(event, Window):
        return repr(event)
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    quality = values.pop("quality")
    parts = () if quality is None else (quality.score, quality.line, quality.muscle)
    arrays = [values.pop(name) for name in ("eeg", "eeg_mask", "positions")]
    neutral, faces = values.pop("neutral"), values.pop("faces")
    known = () if neutral is None else (neutral.weight.hex(), neutral.blendshapes.tobytes(), neutral.log_odds.tobytes())
    bits = [None if array is None else np.asarray(array).tobytes() for array in (*arrays, *parts)]
    return repr(values), bits, known, [face.time for face in faces]


@pytest.mark.parametrize("name", CASES)
def test_items_in_blocks_give_the_bits_of_items_one_by_one(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.predictor._PAYS", 0)  # the rarest mixture of sensors goes through the network in blocks
    infos, items = CASES[name]()
    one = pipeline(infos)
    expected = [[said(event) for event in one.push(item)] for item in items]
    n_predictions = sum(
        isinstance(event, tuple) and event[0] == ("participant", "P001") for some in expected for event in some
    )
    assert n_predictions > 20
    for size in (3, 100, len(items)):
        block = pipeline(infos)
        found = [events for k in range(0, len(items), size) for events in block.push_all(items[k : k + size])]
        assert [[said(event) for event in some] for some in found] == expected, size


def joined(items: Sequence[Item]) -> list[Item]:
    """Chunks of one stream of EEG that follow each other, as one: as a recording is read at full speed."""
    out: list[Item] = []
    for item in items:
        last = out[-1] if out else None
        is_signal = isinstance(item, Chunk) and item.data.ndim == 2
        if isinstance(item, Chunk) and isinstance(last, Chunk) and is_signal and last.stream == item.stream:
            stamps, data = (np.concatenate([getattr(last, k), getattr(item, k)]) for k in ("timestamps", "data"))
            out[-1] = dataclasses.replace(last, timestamps=frozen(stamps), data=frozen(data))
        else:
            out.append(item)
    return out


def by_kind(events: Sequence[Event]) -> tuple[list[Any], ...]:
    """What follows from an item comes by kinds: notices, windows, and what is said of these."""
    kinds = (Notice, Window, NeutralFace)
    of_kinds = [[said(event) for event in events if isinstance(event, kind)] for kind in kinds]
    return (*of_kinds, [said(event) for event in events if not isinstance(event, kinds)])


@pytest.mark.parametrize("name", CASES)
def test_chunks_that_follow_each_other_say_the_same_as_one(name: str):
    infos, items = CASES[name]()
    as_one = joined(items)
    assert name == "everything" or len(as_one) == 1  # where frames come between, there is nothing to join
    one = pipeline(infos)
    expected = by_kind([event for item in items for event in one.push(item)])
    other = pipeline(infos)
    assert by_kind([event for some in other.push_all(as_one) for event in some]) == expected


def test_the_cases_hold_what_they_say():
    seen: dict[str, list[Event]] = {}
    for name in ("gaps and restarts", "bad electrodes", "everything"):
        infos, items = CASES[name]()
        seen[name] = [event for some in pipeline(infos).push_all(items) for event in some]
    told = {event.kind for event in seen["gaps and restarts"] if isinstance(event, Notice)}
    assert told == {"gap", "jump"}
    reasons = {why for e in seen["bad electrodes"] if isinstance(e, Window) for _, why in e.bad_channels}
    assert {"flat", "pops", "marked bad"} < reasons
    windows = [event for event in seen["everything"] if isinstance(event, Window)]
    assert {window.participant for window in windows} == {"P001", "P002"}
    assert {window.neutral.weight == 1.0 for window in windows if window.neutral is not None} == {True, False}
    assert any(window.eeg_problem and window.faces for window in windows)
    assert any(isinstance(event, NeutralFace) for event in seen["everything"])
    weights = [event.weights for event in seen["everything"] if isinstance(event, Prediction)]
    assert {tuple(w > 0 for w in pair) for pair in weights} >= {(True, True), (True, False), (False, True)}
    assert len(weights) < len(windows), "the pace passed some over"
