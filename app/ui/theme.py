"""How the window looks: two palettes, one typeface, three sizes, and a scale that grows with the screen."""

from __future__ import annotations

import functools
import math
import os
from dataclasses import dataclass, replace
from typing import Literal

from PyQt6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from core.assets import asset_path

Size = Literal["small", "normal", "large"]

THEME_VARIABLE = "INSULA_THEME"
"""What the environment calls the theme of the window that a program was started from."""
_POINTS: dict[Size, float] = {"small": 9.0, "normal": 10.5, "large": 18.0}
_FONTS = ("fonts/Inter-Regular.ttf", "fonts/Inter-SemiBold.ttf")
_STEPS = (0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.4, 3.0)


@dataclass(frozen=True)
class Theme:
    """Colours by what they mean, and the sizes of everything.

    A colour means one thing: a class has none that a sensor, a scale or a state has. What is told by a colour stands
    out from its ground as WCAG 2.2 asks (1.4.3 and 1.4.11: 4.5 for text, 3 for the rest), and nothing is told by
    colour alone: marks, words or line styles go with it.
    """

    name: Literal["light", "dark"]
    ground: str
    panel: str
    raised: str
    edge: str
    """Between what is only set apart."""
    control: str
    """Round what can be pressed or written into."""
    text: str
    dim: str
    faint: str
    ok: str
    warn: str
    bad: str
    on_bad: str
    on_warn: str
    on_accent: str
    warn_ground: str
    eeg: str
    face: str
    valence: str
    arousal: str
    accent: str
    trace: str
    shade_poor: str
    """The low end of the scale of quality; `accent` is its high end."""
    classes: tuple[str, ...]
    """Of the classes, the first for what is neutral; never without the name beside them."""
    scale: float = 1.0
    headline: float = 1.0
    """How much larger than `scale` says the large type is: what is to be read from across the room."""
    family: str = ""

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """Return the colour that has this meaning, `alpha` from 0 (clear) to 1."""
        color = QColor(getattr(self, name))
        color.setAlphaF(alpha)
        return color

    def category(self, number: int) -> QColor:
        """Return the colour of a class by its place among the classes."""
        return QColor(self.classes[number % len(self.classes)])

    def font(self, size: Size = "normal", bold: bool = False) -> QFont:
        """Return the typeface in one of its three sizes."""
        font = QFont(self.family)
        font.setPointSizeF(_POINTS[size] * self.scale * (self.headline if size == "large" else 1.0))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        # Figures of one width, so that numbers that change do not make their neighbours jump.
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def px(self, value: float) -> int:
        """Return a length in pixels, grown with the scale."""
        return max(1, round(value * self.scale))

    def stylesheet(self) -> str:
        """Return the style sheet for the plain Qt widgets of the window."""
        small, normal = _POINTS["small"] * self.scale, _POINTS["normal"] * self.scale
        return f"""
        * {{ font-family: "{self.family}"; font-size: {normal:.1f}pt; color: {self.text}; }}
        QWidget#window, QDialog {{ background: {self.ground}; }}
        QFrame#panel {{ background: {self.panel}; border: 1px solid {self.edge}; border-radius: {self.px(8)}px; }}
        QLabel {{ background: transparent; }}
        QLabel#title {{ font-size: {small:.1f}pt; font-weight: 600; color: {self.dim}; }}
        QLabel#note, QLabel#hint {{ font-size: {small:.1f}pt; color: {self.dim}; }}
        QLabel#empty {{ color: {self.dim}; }}
        QLabel#question {{ font-weight: 600; }}
        QLabel#badge {{ font-size: {small:.1f}pt; font-weight: 600; color: {self.text}; padding: {self.px(3)}px
            {self.px(8)}px; border: {self.px(2)}px dashed {self.warn}; border-radius: {self.px(4)}px; }}
        QLabel#problem {{ background: {self.warn_ground}; padding: {self.px(6)}px {self.px(10)}px;
            border-left: {self.px(4)}px solid {self.bad}; border-radius: {self.px(3)}px; }}
        QLabel#quiet {{ background: {self.raised}; color: {self.dim}; padding: {self.px(6)}px {self.px(10)}px;
            border-left: {self.px(4)}px solid {self.faint}; border-radius: {self.px(3)}px; }}
        QPushButton#tool {{ font-size: {small:.1f}pt; color: {self.dim}; background: transparent; border: 1px solid
            {self.control}; border-radius: {self.px(5)}px; padding: {self.px(4)}px {self.px(9)}px; }}
        QPushButton#tool:hover {{ color: {self.text}; border-color: {self.dim}; }}
        QPushButton#tool:checked {{ color: {self.text}; background: {self.raised}; border-color: {self.dim}; }}
        QPushButton#tool::menu-indicator {{ image: none; width: 0; }}
        QPushButton#tool:focus {{ border: 2px solid {self.accent}; }}
        QComboBox {{ background: {self.raised}; border: 1px solid {self.control}; border-radius: {self.px(5)}px;
            padding: {self.px(3)}px {self.px(8)}px; }}
        QComboBox::drop-down {{ border: none; width: {self.px(24)}px; }}
        QComboBox::down-arrow {{ image: none; width: 0; height: 0; margin-right: {self.px(8)}px;
            border-left: {self.px(4)}px solid {self.raised}; border-right: {self.px(4)}px solid {self.raised};
            border-top: {self.px(5)}px solid {self.dim}; }}
        QComboBox QAbstractItemView {{ background: {self.raised}; border: 1px solid {self.edge};
            selection-background-color: {self.accent}; selection-color: {self.panel}; }}
        QLineEdit:disabled {{ color: {self.faint}; background: transparent; }}
        QLineEdit {{ background: {self.raised}; border: 1px solid {self.control}; border-radius: {self.px(5)}px;
            padding: {self.px(4)}px {self.px(8)}px; selection-background-color: {self.accent};
            selection-color: {self.panel}; }}
        QLineEdit:focus, QComboBox:focus {{ border: 2px solid {self.accent};
            padding: {self.px(4) - 1}px {self.px(8) - 1}px; }}
        QLineEdit[wrong="true"] {{ border: 2px solid {self.bad};
            padding: {self.px(4) - 1}px {self.px(8) - 1}px; }}
        QLabel#wrong {{ font-size: {small:.1f}pt; color: {self.bad}; }}
        QLabel#heading {{ font-size: {_POINTS["large"] * self.scale * self.headline:.1f}pt; font-weight: 600; }}
        QPushButton#plain {{ background: {self.raised}; border: 1px solid {self.control};
            border-radius: {self.px(6)}px; padding: {self.px(6)}px {self.px(14)}px; }}
        QPushButton#plain:hover {{ border-color: {self.dim}; }}
        QPushButton#primary {{ background: {self.accent}; color: {self.panel}; font-weight: 600;
            border: 2px solid {self.accent}; border-radius: {self.px(6)}px; padding: {self.px(6)}px {self.px(18)}px; }}
        QPushButton#primary:hover, QPushButton#primary:focus {{ border-color: {self.text}; }}
        QPushButton#plain:focus {{ border: 2px solid {self.accent}; padding: {self.px(6) - 1}px {self.px(14) - 1}px; }}
        QPushButton#primary:disabled, QPushButton#plain:disabled {{ color: {self.faint}; background: {self.raised};
            border-color: {self.edge}; }}
        QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
        QTableWidget {{ background: transparent; border: none; font-size: {small:.1f}pt; gridline-color: transparent;
            selection-background-color: {self.raised}; selection-color: {self.text}; }}
        QTableWidget#sessions {{ background: {self.panel}; border: 1px solid {self.edge}; font-size: {normal:.1f}pt;
            border-radius: {self.px(8)}px; padding: {self.px(6)}px; }}
        QTableWidget#sessions::item {{ padding: {self.px(4)}px {self.px(10)}px {self.px(4)}px 0; border: none; }}
        QTableWidget#sessions::item:selected {{ background: {self.accent}; color: {self.on_accent}; }}
        QHeaderView {{ background: transparent; border: none; }}
        QHeaderView::section {{ background: transparent; border: none; color: {self.dim}; font-size: {small:.1f}pt;
            padding: 0 {self.px(6)}px {self.px(3)}px 3px; }}
        QTableWidget::item {{ padding: 0 {self.px(6)}px 0 0; }}
        QMenu {{ background: {self.panel}; border: 1px solid {self.edge}; padding: {self.px(4)}px; }}
        QMenu::item {{ padding: {self.px(5)}px {self.px(14)}px; }}
        QMenu::item:selected {{ background: {self.raised}; }}
        QToolTip {{ background: {self.raised}; color: {self.text}; border: 1px solid {self.edge}; }}
        QScrollBar:vertical {{ width: {self.px(8)}px; background: transparent; }}
        QScrollBar::handle:vertical {{ background: {self.faint}; border-radius: {self.px(4)}px; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
        """


LIGHT = Theme(
    name="light",
    ground="#F3F4F6",
    panel="#FFFFFF",
    raised="#F1F3F6",
    edge="#E0E4EA",
    control="#7F8896",
    text="#171B22",
    dim="#5B6575",
    faint="#676F7E",
    ok="#00845F",
    warn="#E69F00",
    bad="#B54400",
    on_bad="#FFFFFF",
    on_warn="#171B22",
    on_accent="#FFFFFF",
    warn_ground="#FDF0E7",
    eeg="#0072B2",
    face="#B8358F",
    valence="#2B3A4F",
    arousal="#6B7688",
    accent="#0072B2",
    trace="#2B3A4F",
    shade_poor="#F2F5F8",
    classes=("#7C8594", "#9C8400", "#2F4B7C", "#1B93A6", "#7449C4", "#4B7A17", "#8E1230", "#6B3F24"),
)
DARK = Theme(
    name="dark",
    ground="#0F1217",
    panel="#171B22",
    raised="#222833",
    edge="#2A313C",
    control="#737E8F",
    text="#E9ECF1",
    dim="#9BA6B5",
    faint="#8793A4",
    ok="#2BB68C",
    warn="#E69F00",
    bad="#EE7A2B",
    on_bad="#10131A",
    on_warn="#10131A",
    on_accent="#0B0E13",
    warn_ground="#2C2019",
    eeg="#56B4E9",
    face="#E884C8",
    valence="#E9ECF1",
    arousal="#9BA6B5",
    accent="#56B4E9",
    trace="#B9C6D8",
    shade_poor="#1C222B",
    classes=("#8A94A3", "#DDD05A", "#6E8FD6", "#4FD6DD", "#A98AF5", "#93C25A", "#F0516E", "#C9A184"),
)


def system_theme() -> Theme:
    """Return light or dark, as the window before had it or the system has; there must be an application."""
    wanted = os.environ.get(THEME_VARIABLE)
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    dark = wanted == "dark" if wanted else window.lightness() < 128
    return replace(DARK if dark else LIGHT, family=_family())


def other(theme: Theme) -> Theme:
    """Return the dark theme for the light one and the light one for the dark, at the same scale."""
    own = LIGHT if theme.name == "dark" else DARK
    return replace(own, family=theme.family, scale=theme.scale, headline=theme.headline)


def fitting_scale(width_px: int, height_px: int) -> float:
    """Return the scale for a window of this size, in steps, so that a wall screen can be read from afar."""
    return _step(min(width_px / 1440, height_px / 900))


def roomy_scale(width_px: int, height_px: int) -> tuple[float, float]:
    """Return scale and headline for a window that shows more where it is larger, and does not only magnify.

    Half of what it is larger by goes into the size of everything, as a ratio; the headline takes all of it.
    """
    whole = fitting_scale(width_px, height_px)
    scale = _step(math.sqrt(min(width_px / 1440, height_px / 900))) if whole > 1.0 else whole
    return scale, whole / scale


def _step(wanted: float) -> float:
    return max((step for step in _STEPS if step <= wanted + 1e-6), default=_STEPS[0])


@functools.cache
def _family() -> str:
    """Return the name of the typeface, once Qt knows its files: with others the window is laid out otherwise."""
    regular, _ = (QFontDatabase.addApplicationFont(str(asset_path(name))) for name in _FONTS)
    # Without the files, as in a copy that is not whole, a window in the system's typeface is better than none.
    return next(iter(QFontDatabase.applicationFontFamilies(regular)), QGuiApplication.font().family())
