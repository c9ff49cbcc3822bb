"""A figure of a page: matplotlib's, in one style, as the text of an SVG that needs nothing from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito's colours (2008), which stay apart for colour-blind eyes and on paper.
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#8A8F98", "#22262E"
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Inter", "Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#B9BEC7",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": "#5A616C",
    "ytick.color": "#5A616C",
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "insula",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def to_svg(draw: Callable[[Axes], object], width: float, height: float) -> str:
    """Return what `draw` draws into axes, `width` by `height` inches."""
    return rows_to_svg([draw], width, height)


def rows_to_svg(
    draw: Sequence[Callable[[Axes], object]], width: float, height: float, heights: Sequence[float] = (1.0,)
) -> str:
    """Return what each of `draw` draws into axes of its own, one above the other, with one axis of x."""
    # Letters are drawn as outlines, so that the page looks the same where the typeface is not there.
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(len(draw), sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        for one, each in zip(draw, axes, strict=True):
            one(each)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :]
