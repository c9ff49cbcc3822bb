"""The buttons under the moment."""

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.labelling.playback_buttons import FlatButton
from app.ui.theme import LIGHT
from tests.app.timeline.test_traces import pixels


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_an_icon_stands_in_the_middle_of_its_button_at_every_size(qtbot: QtBot, scale: float) -> None:
    button = FlatButton("stand")
    qtbot.addWidget(button)
    button.apply_theme(replace(LIGHT, scale=scale))
    button.resize(button.sizeHint())
    image = pixels(button.grab().toImage())
    inked = np.flatnonzero((abs(image - image[0, 0]).sum(axis=2) > 100).any(axis=0))
    assert inked.mean() == pytest.approx(button.width() / 2, abs=2 * scale)
