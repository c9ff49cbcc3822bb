"""What lasts is told, once, and again only after the face was like its neutral face."""

from collections.abc import Sequence
from typing import Any

from core.data import Prediction
from core.neutral_watch import NeutralWatch

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
