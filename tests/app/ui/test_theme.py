"""The typeface is the one that ships, whatever the system has."""

import ast
from pathlib import Path

import pytest
from PyQt6.QtGui import QFont, QFontInfo, QFontMetricsF, QGuiApplication, QRawFont
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.theme import system_theme
from core.assets import asset_path


def test_text_is_set_in_the_typeface_that_ships(qtbot: QtBot):
    worn = system_theme()
    assert worn.family == "Inter"
    for bold, weight in ((False, QFont.Weight.Normal), (True, QFont.Weight.DemiBold)):
        found = QFontInfo(worn.font(bold=bold))
        assert (found.family(), found.weight()) == ("Inter", weight)
    metrics = QFontMetricsF(worn.font("large"))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")  # figures of one width


def test_a_copy_without_its_files_still_has_a_typeface(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(theme, "asset_path", lambda name: tmp_path / name)
    assert theme._family.__wrapped__() == QGuiApplication.font().family()


@pytest.mark.parametrize("name", theme._FONTS)
def test_it_has_every_sign_that_a_text_needs(name: str, qtbot: QtBot):
    """A sign that is missing is drawn in whatever the system has, or as a box."""
    font = QRawFont(str(asset_path(name)), 12.0)
    shown = {
        sign
        for room in ("texts.py", "ui", "timeline", "panels", "labelling", "start", "window")
        for path in (Path("app", room).rglob("*.py") if "." not in room else [Path("app", room)])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for sign in node.value
        if sign.isprintable()
    }
    assert len(shown) > 90
    assert {sign for sign in shown if not font.supportsCharacter(ord(sign))} == set()


def test_its_licence_lies_beside_it():
    assert "SIL OPEN FONT LICENSE Version 1.1" in asset_path("fonts/LICENSE-Inter.txt").read_text(encoding="utf-8")
    assert all(asset_path(name).is_file() for name in theme._FONTS)
