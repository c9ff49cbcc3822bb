"""The typeface is the one that ships, whatever the system has."""

import ast
import itertools
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QFont, QFontInfo, QFontMetricsF, QGuiApplication, QRawFont
from pytestqt.qtbot import QtBot

from app.ui import oklab, quality_shades, theme
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


def _luminance(color: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)  # the lightest grey that passes as text


@pytest.mark.parametrize("worn", [theme.LIGHT, theme.DARK], ids=lambda worn: worn.name)
def test_text_and_marks_stand_out_from_their_ground(worn: theme.Theme):
    grounds = (worn.ground, worn.panel, worn.raised)
    for name in ("text", "dim", "faint", "bad"):
        assert min(contrast(getattr(worn, name), ground) for ground in grounds) >= 4.5, name
    assert contrast(worn.text, worn.warn_ground) >= 4.5
    for text, ground in (("on_bad", "bad"), ("on_warn", "warn"), ("on_accent", "accent"), ("panel", "accent")):
        assert contrast(getattr(worn, text), getattr(worn, ground)) >= 4.5, text
    for name in ("control", "ok", "eeg", "face", "valence", "arousal", "accent", "trace"):
        assert min(contrast(getattr(worn, name), ground) for ground in (worn.panel, worn.raised)) >= 3.0, name
    for color in worn.classes:
        assert min(contrast(color, ground) for ground in (worn.panel, worn.raised)) >= 3.0, color


@pytest.mark.parametrize("worn", [theme.LIGHT, theme.DARK], ids=lambda worn: worn.name)
def test_names_stand_out_from_every_shade_of_quality(worn: theme.Theme):
    shades = {quality_shades.shade(worn, k / 20) for k in range(21)}
    assert min(contrast(oklab.ink(color), color) for color in shades) >= 4.5


@pytest.mark.parametrize("worn", [theme.LIGHT, theme.DARK], ids=lambda worn: worn.name)
def test_a_colour_means_one_thing(worn: theme.Theme):
    """Apart by 0.05 in OKLab, at which two patches side by side are told apart at a glance."""
    colors = {name: getattr(worn, name) for name in ("eeg", "face", "valence", "arousal", "ok", "warn", "bad")}
    colors |= {f"class {k}": color for k, color in enumerate(worn.classes)}
    near = {
        (first, second)
        for first, second in itertools.combinations(colors, 2)
        if np.linalg.norm(oklab.coordinates(colors[first]) - oklab.coordinates(colors[second])) < 0.05
    }
    assert near == set()
