"""What lasts is told, once, and again only after the face was like its neutral face."""

from collections.abc import Sequence
from typing import Any

from core.data import FaceObservation, Prediction
from core.neutral_watch import BURNT_MORE, REMEDY, LightWatch, NeutralWatch

CLASSES = ("neutral", "happy", "fear")
STEP = 0.25


def told(watch: NeutralWatch, labels: Sequence[str], start: float = 0.0, **changes: Any) -> list[float]:
    """Return when something was told of a face that was read as `labels`, one each quarter of a second."""
    times = [start + STEP * k for k in range(len(labels))]
    return [time for time, label in zip(times, labels, strict=True) if watch.push(said(time, label, **changes))]


def said(stop: float, label: str, **changes: Any) -> Prediction:
    probabilities = tuple(0.8 if name == label else 0.1 for name in CLASSES)
    values: dict[str, Any] = dict.fromkeys(Prediction.__dataclass_fields__, 0.0)
    values |= {
        "participant": "P001", "status": "ok", "classes": CLASSES, "probabilities": probabilities, "stop": stop,
        "weights": (0.0, 1.0), "noise": (1.0, 1.0), "prediction_set": (), "bad_channels": (), "notes": (),
        "neutral": "own",
    }  # fmt: skip
    return Prediction(**(values | changes))


def test_glasses_put_on_are_told_once_after_twenty_seconds_and_an_expression_is_not():
    assert told(NeutralWatch({"fear"}), ["neutral"] * 40 + ["fear"] * 60 + ["neutral"] * 100) == []
    assert told(NeutralWatch({"fear"}), ["happy"] * 400) == []
    (when,) = told(NeutralWatch({"fear"}), ["neutral"] * 40 + ["fear"] * 400)
    assert 24 < when < 30  # they were put on after ten


def test_it_is_told_again_after_the_face_was_like_its_neutral_face_or_another_was_shown():
    watch = NeutralWatch({"fear"})
    assert len(told(watch, ["fear"] * 200 + ["neutral"] * 100 + ["fear"] * 200)) == 2
    watch.forget()
    assert len(told(watch, ["fear"] * 200, start=200.0)) == 1


def test_only_a_face_alone_that_is_compared_with_its_own_neutral_face_is_followed():
    fear = ["fear"] * 200
    assert told(NeutralWatch({"fear"}), fear, neutral="running") == []
    assert told(NeutralWatch({"fear"}), fear, weights=(0.5, 0.5)) == []
    assert told(NeutralWatch({"fear"}), fear, status="no usable signal") == []
    assert told(NeutralWatch(()), fear) == []


def bright(watch: LightWatch, burnt: Sequence[float], neutral: float | None, problem: Any = "") -> list[str]:
    """Return what was told of a face of which so much was burnt out, at each quarter of a second."""
    faces = [FaceObservation("P001", STEP * k, problem, burnt=share) for k, share in enumerate(burnt)]
    return [text for face in faces if (text := watch.push(face, neutral))]


def test_light_that_has_come_since_the_neutral_face_was_shown_is_told_once():
    (told,) = bright(LightWatch(), [0.0] * 40 + [0.1 + BURNT_MORE] * 400, neutral=0.0)
    assert told.endswith(REMEDY)
    assert bright(LightWatch(), [0.0] * 40 + [0.8] * 60 + [0.0] * 100, neutral=0.0) == []  # it went by
    assert bright(LightWatch(), [0.8] * 400, neutral=0.5) == []  # as it was then
    assert bright(LightWatch(), [0.8] * 400, neutral=None) == []
    assert bright(LightWatch(), [0.8] * 400, neutral=0.0, problem="blurred") == []
    watch = LightWatch()
    assert len(bright(watch, [0.8] * 100, neutral=0.0)) == 1
    watch.forget()
    assert len(bright(watch, [0.8] * 100, neutral=0.0)) == 1
