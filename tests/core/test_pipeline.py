from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from core.config import Config, EegConfig, QueueConfig
from core.data import Chunk, Label, NeutralFace, Notice, Pace, Prediction, Segment, StreamInfo, Window
from core.models.face import Detection
from core.pipeline import Pipeline
from tests.core.active.test_query import SURE
from tests.core.test_windowing import chunks, eeg_info, grid, signal

CONFIG = Config(eeg=EegConfig(notch=0.0), queue=QueueConfig(min_distance=0.0, random_share=0.0))


class Predictor:
    """Says of each window what a function of its stop says; remembers which came in one call."""

    def __init__(self, device: str = "cpu", **changes: Any) -> None:
        self.device = torch.device(device)
        self.calibration_scores = {"both": [0.0] * 200, "eeg": [1.0] * 200}
        self.untested: dict[str, dict[int, float]] = {}
        self.opens_untested = False
        self.electrode_checks = 2
        self.further: dict[str, object] = {}
        self.calls: list[list[float]] = []
        self._changes = changes

    def predict(self, windows: Sequence[Window]) -> list[Prediction]:
        self.calls.append([w.stop for w in windows])
        return [replace(SURE, participant=w.participant, start=w.start, stop=w.stop, **self._changes) for w in windows]


def pipeline(predictor: Predictor, infos: Sequence[StreamInfo] = (eeg_info(),)) -> Pipeline:
    return Pipeline(infos, predictor, CONFIG, SimpleNamespace())  # type: ignore[arg-type]


def test_electrodes_are_judged_by_the_rules_that_the_model_names():
    info = eeg_info(("Fp1", "Fp2", "T7", "T8"), 250.0)
    x = (signal(2500, 4) * (1.0, 0.1, 1.0, 1.0)).astype(np.float32)
    for checks, found in ((1, set()), (2, {("Fp2", "quieter than the others")})):
        predictor = Predictor()
        predictor.electrode_checks = checks
        one = pipeline(predictor, (info,))
        seen = [event for chunk in chunks(x, grid(10.0)) for event in one.push(chunk)]
        windows = [event for event in seen if isinstance(event, Window) and not event.eeg_problem]
        assert windows
        assert {bad for event in windows for bad in event.bad_channels} == found


def stream(seconds: float = 12.0) -> list[Chunk]:
    times = grid(seconds)
    return chunks(signal(len(times)), times)


def predictions(events: Sequence[Any]) -> list[Prediction]:
    return [event for event in events if isinstance(event, Prediction)]


def test_every_window_is_predicted_once_and_in_order():
    one = pipeline(Predictor())
    events = [event for item in stream() for event in one.push(item)]
    stops = [p.stop for p in predictions(events)]
    assert stops == [w.stop for w in events if isinstance(w, Window)]
    assert stops == sorted(set(stops))
    assert len(stops) > 30


def test_what_belongs_to_nobody_changes_nothing():
    one = pipeline(Predictor())
    assert one.push(Chunk("elsewhere", np.array([1.0]), np.zeros((1, 2)))) == []
    assert one.push(Notice("eeg", 1.0, "lost", "gone")) == []
    assert one.push(Label("u", "s", "nobody", 0.0, 1.0, 2.0)) == []


def test_sets_are_those_of_the_sensors_that_were_read():
    both = Predictor(weights=(0.5, 0.5), probabilities=(0.75, 0.25))
    alone = Predictor(weights=(1.0, 0.0), probabilities=(0.75, 0.25))
    sets = []
    for predictor in (both, alone):
        one = pipeline(predictor)
        sets.append({p.prediction_set for item in stream() for p in predictions(one.push(item))})
    # Scores of 0 leave out all but the best; scores of 1 leave out nothing.
    assert sets == [{("a",)}, {("a", "b")}]


@pytest.mark.parametrize("shares", [(), (("b", 0.75), ("a", 0.25))])
def test_answers_move_the_sets_soft_ones_too(shares: tuple[tuple[str, float], ...]):
    one = pipeline(Predictor(probabilities=(0.75, 0.25), weights=(0.5, 0.5)))
    items = stream(40.0)
    before = [p for item in items[: len(items) // 2] for p in predictions(one.push(item))]
    for k in range(60):
        one.push(Label(f"u{k}", "", "P001", before[0].start, before[-1].stop, 0.0, label="b", shares=shares))
    after = [p for item in items[len(items) // 2 :] for p in predictions(one.push(item))]
    assert before[-1].prediction_set == ("a",)
    assert after[-1].prediction_set == ("a", "b")


def test_a_face_without_its_own_neutral_face_has_sets_of_its_own():
    sets = {}
    for neutral in ("own", "running"):
        predictor = Predictor(weights=(0.0, 1.0), probabilities=(0.75, 0.25), neutral=neutral)
        predictor.calibration_scores = {"face": [0.0] * 200, "face without neutral": [1.0] * 200}
        one = pipeline(predictor)
        sets[neutral] = {p.prediction_set for item in stream() for p in predictions(one.push(item))}
    assert sets == {"own": {("a",)}, "running": {("a", "b")}}


class Smiler:
    """Finds in each frame a face whose smile is the first pixel's value, of 255."""

    def detect(self, frame, near=None):
        points = np.array([[270, 200], [370, 200], [320, 250], [320, 290], [230, 210], [410, 210]], np.float32)
        return [Detection((220.0, 150.0, 420.0, 350.0), points, 0.9)]

    def embed(self, crops):
        return np.zeros((1, 4), np.float32), np.full((1, 7), 1 / 7, np.float32)

    def mesh(self, heads):
        return np.zeros((1, 478, 3), np.float32), np.full((1, 52), 0.1, np.float32), np.full(1, 9.0, np.float32)


def filmed(seconds):
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    return [Chunk("cam", np.array([100.0 + k / 8]), frame[None]) for k in range(int(seconds * 8))]


def test_a_neutral_face_is_read_told_and_in_force_from_then_on():
    info = StreamInfo("cam", "video", "P001", "cam", width_px=640, height_px=480)
    one = Pipeline([info], Predictor(), CONFIG, Smiler())  # type: ignore[arg-type]
    items = filmed(16)
    items.insert(16, NeutralFace("P001", 102.0, 112.0))
    events = [event for item in items for event in one.push(item)]
    (told,) = [event for event in events if isinstance(event, NeutralFace)]
    assert (told.n_frames, told.start, told.stop) == (80, 102.0, 112.0)
    windows = [event for event in events if isinstance(event, Window)]
    weights = {window.stop: 0.0 if window.neutral is None else window.neutral.weight for window in windows}
    assert {weight for stop, weight in weights.items() if stop > 112.25} == {1.0}
    assert max(weight for stop, weight in weights.items() if stop < 112) < 0.6
    assert one.push(NeutralFace("nobody", 102.0, 112.0)) == []


def test_windows_know_of_the_running_estimate_only_what_was_before_them():
    info = StreamInfo("cam", "video", "P001", "cam", width_px=640, height_px=480)
    one = Pipeline([info], Predictor(), CONFIG, Smiler())  # type: ignore[arg-type]
    windows = [event for item in filmed(8) for event in one.push(item) if isinstance(event, Window)]
    for window in windows:
        known = window.start - 100.0
        assert (window.neutral is None) == (known < 0.25)
        if window.neutral is not None:
            seconds = np.ceil(known * 8 - 1e-9) / 8 - 1 / 8
            assert window.neutral.weight == pytest.approx(0.6 * seconds / (seconds + 30.0))


def test_an_abstention_has_no_set():
    one = pipeline(Predictor(status="no usable signal", probabilities=(float("nan"),) * 2))
    assert {p.prediction_set for item in stream() for p in predictions(one.push(item))} == {()}


def test_an_unsure_stretch_is_asked_for():
    class Unsure(Predictor):
        def predict(self, windows: Sequence[Window]) -> list[Prediction]:
            return [
                replace(p, uncertainty=0.69 if 110 < p.stop < 114 else 0.0, disagreement=float("nan"))
                for p in super().predict(windows)
            ]

    one = pipeline(Unsure())
    asked = [e for item in stream(60.0) for e in one.push(item) if isinstance(e, Segment)]
    assert 106 < max(asked, key=lambda segment: segment.score).start < 114


def two_people() -> tuple[list[StreamInfo], list[Chunk]]:
    infos = [replace(eeg_info(), key=f"eeg{k}", participant=f"P{k}") for k in (1, 2)]
    items = []
    for chunk in stream():
        items += [replace(chunk, stream="eeg1"), replace(chunk, stream="eeg2")]
    return infos, items


def test_on_the_cpu_nobody_waits_and_on_a_gpu_all_go_in_one_batch():
    infos, items = two_people()
    for device, size in (("cpu", 1), ("cuda", 2)):
        predictor = Predictor(device)
        one = pipeline(predictor, infos)
        for item in items:
            one.push(item)
        assert {len(call) for call in predictor.calls} == {size}


def test_on_a_gpu_somebody_who_is_gone_is_not_waited_for():
    infos, items = two_people()
    predictor = Predictor("cuda")
    one = pipeline(predictor, infos)
    for item in items:
        if item.stream == "eeg1" or item.timestamps[0] < 106:
            one.push(item)
    assert max(stop for call in predictor.calls for stop in call) > 111


def test_markers_change_nothing():
    plain, marked = (
        pipeline(Predictor()),
        pipeline(Predictor(), (eeg_info(), StreamInfo("keys", "markers", "", "Keys"))),
    )
    expected = [event for item in stream() for event in plain.push(item)]
    said: list[Any] = []
    for item in stream():
        said += marked.push(Chunk("keys", item.timestamps[:1] + 1e4, np.array([["now"]], dtype=object)))
        said += marked.push(item)
    assert predictions(said) == predictions(expected)
    assert len(said) == len(expected)


def test_of_the_windows_that_are_passed_over_none_is_predicted():
    one = pipeline(Predictor())
    items = stream(20.0)
    said: list[Any] = []
    for k, item in enumerate(items):
        if k == 150:
            one.push(Pace(0.0, 0))
        if k == 200:
            one.push(Pace(0.0, 2))
        if k == 250:
            one.push(Pace(0.0, -1))
        said.append(one.push(item))
    between = [len(predictions([e for some in said[a:b] for e in some])) for a, b in ((0, 150), (150, 200), (200, 250))]
    windows = [sum(isinstance(e, Window) for some in said[a:b] for e in some) for a, b in ((150, 200), (250, None))]
    assert between[0] > 20
    assert between[1:] == [0, 2]
    assert windows[0] > 10  # they are cut and shown all the same
    assert len(predictions([e for some in said[250:] for e in some])) == windows[1] > 10
