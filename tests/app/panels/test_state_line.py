"""The sentence of the state is as large as it fits, and no line of it is cut."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from app.panels.state_line import Sentence
from app.ui.theme import DARK, system_theme

LONG = "P002: happy or neutral. EEG trusted 0.8, face 0.2. 1 electrode bad: O2. Recording P002, P001, 0:10."


@pytest.mark.parametrize("width", [380, 430, 480, 560])
def test_a_sentence_that_takes_a_line_more_is_not_cut(qtbot: QtBot, width: int):
    theme = replace(DARK, family=system_theme().family)
    sentence = Sentence()
    qtbot.addWidget(sentence)
    sentence.apply_theme(theme)
    sentence.resize(width, sentence.sizeHint().height())
    sentence.show_text(LONG)
    font = sentence.fitting_font()
    room = QRectF(sentence.rect())
    needs = QFontMetricsF(font).boundingRect(room, int(Qt.TextFlag.TextWordWrap), LONG)
    assert needs.height() <= room.height()
    assert font.pointSizeF() >= theme.font("small").pointSizeF()
    sentence.show_text("Recording P001.")
    assert sentence.fitting_font().pointSizeF() == theme.font("large").pointSizeF()
