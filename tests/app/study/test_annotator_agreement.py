from dataclasses import replace

import pytest

from app.study.annotator_agreement import agreements
from core.data import Label

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
