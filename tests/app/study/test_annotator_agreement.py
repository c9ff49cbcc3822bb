from dataclasses import replace

import pytest

from app.study.adjudication import to_be_decided
from app.study.annotator_agreement import agreements, conflicts, pairs
from core.data import Label
from core.errors import ConfigError

ANNA = Label("u", "s1", "P001", 0.0, 4.0, 5.0, annotator="anna", label="sad", valence=-0.5, arousal=0.1)


def said(annotator: str, *answers: str) -> list[Label]:
    return [
        replace(
            ANNA, uid=f"{annotator}{k}", segment=f"s{k}", annotator=annotator, valence=float("nan"),
            answer="artefact" if answer == "artefact" else "label", label="" if answer == "artefact" else answer,
        )
        for k, answer in enumerate(answers)
    ]  # fmt: skip


def test_one_annotator_agrees_with_nobody() -> None:
    assert agreements(said("anna", "sad", "happy")) == []
    assert agreements([*said("anna", "sad"), replace(ANNA, segment="", annotator="ben")]) == []


def test_classes_and_refusals_are_compared_moment_by_moment() -> None:
    labels = [*said("anna", "sad", "happy", "artefact", "fear"), *said("ben", "sad", "happy", "artefact")]
    (classes, arousal) = agreements(labels)
    assert (classes.asked, classes.annotators, classes.moments, classes.alpha) == ("class", 2, 3, 1.0)
    assert (arousal.asked, arousal.moments) == ("arousal", 3)
    (worse, _) = agreements([*labels[:4], *said("ben", "sad", "sad", "sad")])
    assert worse.alpha < 0.2


def test_scales_are_compared_where_both_set_them() -> None:
    pairs = ((-0.5, -0.4), (0.5, 0.6), (0.0, float("nan")))
    labels = [
        replace(ANNA, segment=f"s{k}", annotator=name, label="", valence=value)
        for k, pair in enumerate(pairs)
        for name, value in zip(("anna", "ben"), pair, strict=True)
    ]
    valence = next(each for each in agreements(labels) if each.asked == "valence")
    assert valence.moments == 2
    assert valence.alpha == pytest.approx(0.98, abs=0.02)


def test_who_disagrees_where_and_what_was_decided() -> None:
    labels = [*said("anna", "sad", "happy", "fear", "sad"), *said("ben", "sad", "sad", "artefact", "sad")]
    decided = replace(said("chief", "x", "happy")[1], role="adjudicator")
    (first, second) = conflicts([*labels, decided])
    assert (first.moment, [(one.annotator, one.label) for one in first.answers]) == (
        "s1", [("anna", "happy"), ("ben", "sad")]
    )  # fmt: skip
    assert first.decided is decided
    assert (second.moment, second.decided) == ("s2", None)
    (pair,) = pairs([*labels, decided])
    assert (pair.annotators, pair.moments, pair.same) == (("anna", "ben"), 4, 2)
    # Observed 2/4; expected 2/4 x 3/4 for sad, each other answer is given by one of them alone.
    assert pair.kappa == pytest.approx((0.5 - 0.375) / (1 - 0.375))
    assert agreements([*labels, decided])[0].annotators == 2, "who decides has seen what the others said"


def test_adjudicating_asks_about_what_is_not_decided_and_says_who_said_what() -> None:
    labels = [*said("anna", "sad", "happy"), *said("ben", "fear", "happy")]
    (moment,), told = to_be_decided(labels)
    assert (moment.uid, moment.start, moment.stop) == ("s0", 0.0, 4.0)
    assert told["s0"] == "anna: sad · ben: fear"
    decided = replace(said("chief", "sad")[0], role="adjudicator")
    with pytest.raises(ConfigError, match="1 are decided already"):
        to_be_decided([*labels, decided])
