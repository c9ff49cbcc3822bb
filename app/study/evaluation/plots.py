"""The plots of an evaluation, each as the text of one SVG that needs nothing from elsewhere."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binomtest

from app.study.figure import BLUE, GREY, INK, ORANGE, to_svg
from training import metrics, selective
from training.answers import AcrossSubjects, Answers, confusion

_FEWEST = 10
"""Answers from which on a risk is drawn."""


def subjects(answers: Answers, across: AcrossSubjects) -> str:
    """Return accuracy over trials subject by subject, with Wilson's intervals, beside each one's majority class."""
    names = list(across.accuracy)
    height = 1.3 + 0.28 * len(names)

    def draw(axes: Axes) -> None:
        for row, name in enumerate(names):
            right = answers.right[answers.of(name)]
            low, high = binomtest(int(right.sum()), len(right)).proportion_ci(0.95, "wilson")
            axes.plot([low, high], [row, row], color=BLUE, linewidth=1.6, solid_capstyle="round")
        rows = range(len(names))
        axes.plot(list(across.accuracy.values()), rows, "o", color=BLUE, markersize=6, label="accuracy")
        axes.plot(list(across.majority.values()), rows, "|", color=ORANGE, markersize=11, markeredgewidth=2,
                  label="majority class")  # fmt: skip
        axes.axvline(across.mean, color=GREY, linestyle="--", linewidth=1, label="mean")
        axes.set(xlim=(-0.02, 1.02), ylim=(len(names) - 0.4, -0.6), xlabel="accuracy over trials")
        axes.set_yticks(list(rows), names)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#ECEEF2", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, handlelength=1.4, columnspacing=1.4)

    return to_svg(draw, 6.4, height)


def reliability(answers: Answers) -> str:
    """Return how often the answer is right against how sure it is, and how many windows are how sure."""
    diagram = metrics.reliability_diagram(answers.probability, answers.truth, n_bins=10)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
        share = diagram.n_windows / diagram.n_windows.sum()
        place = (np.ceil(diagram.confidence * 10 - 1e-9) - 0.5) / 10
        axes.bar(place, share, width=0.094, color="#DCE3EC", label="share of windows")
        axes.plot(diagram.confidence, diagram.accuracy, "o-", color=BLUE, markersize=5, label="share right")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="highest probability", ylabel="share", aspect="equal")
        axes.legend(loc="upper left", handlelength=1.4)

    return to_svg(draw, 4.2, 4.0)


def risk_coverage(windows: Answers, trials: Answers) -> str:
    """Return the share of wrong answers among the surest ones, for each share of answers that is kept."""

    def draw(axes: Axes) -> None:
        top = 0.0
        for answers, name, color, style in ((windows, "windows", BLUE, "-"), (trials, "trials", ORANGE, "--")):
            coverage, risk = selective.risk_coverage(answers.uncertainty, answers.right)
            # The first few answers alone would throw the curve up and down.
            start = min(_FEWEST, len(risk)) - 1
            coverage, risk = coverage[start:], risk[start:]
            axes.plot(coverage, risk, style, color=color, linewidth=1.8, label=name)
            top = max(top, float(risk.max(initial=0.0)))
        axes.set(xlim=(0, 1), ylim=(0, min(1.0, max(1.15 * top, 0.1))))
        axes.set(xlabel="share of answers kept, surest first", ylabel="share wrong among them")
        axes.grid(axis="y", color="#ECEEF2", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.legend(loc="best", handlelength=2.2)

    return to_svg(draw, 4.2, 4.0)


def confusions(answers: Answers) -> str:
    """Return the confusion matrix: counts, shaded by the share of each true class."""
    counts = confusion(answers)
    there = [k for k in range(len(answers.classes)) if counts[k].sum() or counts[:, k].sum()]
    counts = counts[np.ix_(there, there)]
    names = [answers.classes[k] for k in there]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 1.5 + 0.52 * len(names)

    def draw(axes: Axes) -> None:
        axes.pcolormesh(share, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=2)
        for (row, column), count in np.ndenumerate(counts):
            color = "white" if share[row, column] > 0.55 else INK
            axes.text(column + 0.5, row + 0.5, str(count), ha="center", va="center", color=color, fontsize=10)
        axes.set(aspect="equal", xlabel="predicted", ylabel="true")
        axes.invert_yaxis()
        middle = [k + 0.5 for k in range(len(names))]
        axes.set_xticks(middle, names, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(middle, names)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)

    return to_svg(draw, size + 0.4, size)
