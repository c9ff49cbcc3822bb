"""The rows of what a face does: their words, what they are compared with, and when they are silent."""

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.panels.face_measures import FaceMeasures
from core.data import FaceObservation
from tests.app.staged import OWN_NEUTRAL, blendshapes


@pytest.fixture
def rows(qtbot: QtBot) -> FaceMeasures:
    made = FaceMeasures()
    qtbot.addWidget(made)
    made.show_neutral(OWN_NEUTRAL)
    return made


def show(rows: FaceMeasures, time: float, **shown: float) -> None:
    rows.show_face(FaceObservation("P001", time, blendshapes=blendshapes(**shown), quality=0.8))


def test_a_face_at_rest_is_named_by_its_parts_and_one_that_moves_by_what_it_does(rows: FaceMeasures):
    show(rows, 10.0)
    assert rows.words() == ("mouth", "brows", "eyes", "jaw")
    np.testing.assert_allclose(rows.values(), 0.0, atol=1e-6)
    show(rows, 12.0, mouthSmile=0.6, browDown=0.5, eyeWide=0.3, jawOpen=0.4)
    assert rows.words() == ("smile", "brows down", "eyes wide", "jaw open")
    np.testing.assert_allclose(rows.values(), [0.55, -0.45, 0.25, 0.35], atol=1e-6)
    show(rows, 14.0, mouthFrown=0.3, browInnerUp=0.5, browOuterUp=0.5, eyeSquint=0.4, eyeBlink=0.4)
    assert rows.words() == ("corners down", "brows up", "eyes narrow", "jaw")


def test_it_says_what_it_is_compared_with(rows: FaceMeasures):
    assert rows.compared() == "against own neutral face"
    rows.show_neutral(replace(OWN_NEUTRAL, weight=0.4))
    assert rows.compared() == "against a running estimate"
    rows.show_neutral(None)
    assert rows.compared() == "against people in general"


def test_nothing_is_said_of_an_old_or_bad_picture_or_of_what_is_hidden(rows: FaceMeasures):
    assert np.isnan(rows.values()).all()
    show(rows, 10.0, mouthSmile=0.6)
    rows.show_time(10.9)
    assert rows.words()[0] == "smile"
    rows.show_time(11.1)
    assert rows.words()[0] == "mouth"
    show(rows, 11.2, mouthSmile=0.6)
    rows.hide_span((11.0, 12.0))
    assert np.isnan(rows.values()).all()
    rows.hide_span(None)
    assert rows.words()[0] == "smile"
    rows.show_face(FaceObservation("P001", 11.3, "turned away"))
    assert np.isnan(rows.values()).all()
    rows.clear()
    assert rows.compared() == "against people in general"


def test_the_bar_of_a_smile_reaches_to_the_right_of_rest_and_that_of_lowered_brows_to_the_left(rows: FaceMeasures):
    rows.resize(200, 200)
    show(rows, 10.0, mouthSmile=0.65, browDown=0.35)
    image = rows.grab().toImage()
    colour = rows.theme.color("face").rgb()
    row = (200 - rows.theme.px(32)) / 4

    def coloured(k: int) -> list[int]:
        y = round(k * row + 0.72 * row)
        return [x for x in range(200) if image.pixel(x, y) == colour]

    smile, brows, jaw = coloured(0), coloured(1), coloured(3)
    assert 99 <= min(smile) <= 103
    assert max(smile) >= 195
    assert 95 <= max(brows) <= 99
    assert min(brows) == pytest.approx(50, abs=3)
    assert not jaw
