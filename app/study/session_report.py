"""``report.html`` beside a recording: what was recorded, how well, what was predicted of it, and what was answered."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from acquisition.footage import Footage
from acquisition.replay import recorded_events, recorded_gaps
from app.study.figure import BLUE, GREY, INK, ORANGE, rows_to_svg
from app.study.lost_stretches import lost_stretches
from app.study.page import render
from app.study.session_about import SessionAbout, moment, read_about
from app.texts import clock, many, modality_name
from core.config import Config
from core.data import MODALITIES, Array, Label, Marker, Notice, Prediction
from core.errors import FileFormatError, RecordingError
from core.recording.label_reader import LabelReader
from core.recording.session import Session

_MOST_COLUMNS = 900
"""Points of a line over the session: more than the page has pixels for would only make it large."""
_MOST_GAPS = 30
"""The longest are listed: a radio that loses a sample now and then leaves thousands. The table of streams has all."""
_CLASS_COLOURS = ("#8A929E", "#E69F00", "#0072B2", "#56B4E9", "#CC79A7", "#009E73", "#D55E00", "#F0E442")


@dataclass(frozen=True)
class Recorded:
    """All of a session that its report tells of."""

    session: Session
    about: SessionAbout
    span: tuple[float, float]
    streams: tuple[tuple[str, str, str, str], ...]
    """(key, name, kind, participant) of each recorded stream."""
    simulated: bool
    predictions: tuple[Prediction, ...]
    notices: tuple[Notice, ...]
    markers: tuple[Marker, ...]
    answers: tuple[Label, ...]
    """Those that stand, of all annotators."""

    missing: tuple[tuple[float, float, str], ...] = ()
    """(before, behind, stream) of where samples or frames are missing; see `acquisition.replay.recorded_gaps`."""

    @property
    def people(self) -> list[str]:
        """Who was predicted, in order of appearance."""
        return list(dict.fromkeys(prediction.participant for prediction in self.predictions))

    @property
    def gaps(self) -> list[tuple[float, float, str]]:
        """(start, stop, stream) of what was lost, one that is not back until the end, in order of time.

        Where samples are missing while a stream was lost, that is one gap: what is missing.
        """
        return sorted([*self.missing, *lost_stretches(self.notices, self.span[1], self.missing)])


def read_recorded(session: Session, config: Config) -> Recorded:
    """Return what a session's files say of it; pictures are not read.

    Raises
    ------
    FileFormatError
        The recording cannot be read.
    """
    events = list(recorded_events(session.xdf))
    with Footage(session.xdf, config) as footage:
        span, infos = footage.span, footage.infos
    answers: list[Label] = []
    if session.labels.exists():
        with LabelReader(session.labels) as reader:
            answers = reader.current()
    return Recorded(
        session=session,
        about=_about_of(session),
        span=span,
        streams=tuple(
            (info.key, info.name, info.type if info.kind == "other" else info.kind, info.participant) for info in infos
        ),
        simulated=any(info.simulated for info in infos),
        predictions=tuple(event for event in events if isinstance(event, Prediction)),
        notices=tuple(event for event in events if isinstance(event, Notice)),
        markers=tuple(event for event in events if isinstance(event, Marker)),
        answers=tuple(answers),
        missing=tuple(recorded_gaps(session.xdf)),
    )


def write_page(recorded: Recorded) -> Path:
    """Write the report of a session beside its recording, in place of an older one, and return where it is.

    Raises
    ------
    RecordingError
        The report cannot be written.
    """
    session, page = recorded.session, report(recorded)
    path = session.folder / f"{session.stem}_report.html"
    draft = path.with_suffix(".html.part")
    try:
        draft.write_text(page, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def report(recorded: Recorded) -> str:
    """Return the page."""
    about = recorded.about
    names = {key: name for key, name, _, _ in recorded.streams}
    by_length = sorted(recorded.gaps, key=lambda gap: gap[0] - gap[1])
    return render(
        Path(__file__).parent / "session_report.html",
        title=recorded.session.stem,
        began=_day(about.start),
        ended_well=about.stop is not None,
        simulated=recorded.simulated,
        keys=_keys(recorded),
        people=[
            {"name": name, "figure": time_line(recorded, name), "classes": _classes(recorded, name)}
            for name in recorded.people
        ],
        streams=[_stream(recorded, *stream) for stream in recorded.streams],
        gaps=[
            {"from": clock(start - recorded.span[0]), "seconds": f"{stop - start:.1f}", "stream": names.get(key, key)}
            for start, stop, key in sorted(by_length[:_MOST_GAPS])
        ],
        shorter_gaps=_shorter([stop - start for start, stop, _ in by_length[_MOST_GAPS:]]),
        abstained=_abstained(recorded.predictions),
        answers=_answers(recorded.answers),
        consent=[(_words(name), _agreed(value)) for name, value in (about.consent or {}).items()],
        about=_about(recorded),
    )


def _shorter(seconds: Sequence[float]) -> str:
    """Return in words what gaps there are beside those of the table, ``""`` for none; `seconds`, longest first."""
    return f"{many(len(seconds), 'gap')} more, {seconds[0]:.2f} s at most" if seconds else ""


def time_line(recorded: Recorded, participant: str) -> str:
    """Return affect, uncertainty, trust and answers of one participant over the session, as the text of an SVG."""
    own = [prediction for prediction in recorded.predictions if prediction.participant == participant]
    began, ended = recorded.span
    columns = np.linspace(began, ended, min(_MOST_COLUMNS, max(2, len(own))) + 1)
    place = np.digitize([prediction.stop for prediction in own], columns[1:-1])
    minutes = (columns[:-1] + columns[1:] - 2 * began) / 120.0
    ok = np.array([prediction.status == "ok" for prediction in own])

    def mean(values: Sequence[float]) -> Array:
        sums, counts = np.zeros(len(minutes)), np.zeros(len(minutes))
        known = ok & np.isfinite(values)
        np.add.at(sums, place[known], np.asarray(values)[known])
        np.add.at(counts, place[known], 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(sums / counts)

    def affect(axes: Axes) -> None:
        for name, colour in (("valence", BLUE), ("arousal", ORANGE)):
            middle = mean([getattr(prediction, name) for prediction in own])
            spread = mean([getattr(prediction, f"{name}_sd") for prediction in own])
            axes.fill_between(minutes, middle - spread, middle + spread, color=colour, alpha=0.15, linewidth=0)
            axes.plot(minutes, middle, color=colour, linewidth=1.3, label=name)
        axes.set(ylim=(-1.05, 1.05), ylabel="affect")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, handlelength=1.2)

    def classes(axes: Axes) -> None:
        names = own[0].classes
        best = np.full(len(minutes), -1)
        shares = np.array([mean([p.probabilities[k] for p in own]) for k in range(len(names))])
        said = np.isfinite(shares).all(axis=0)
        best[said] = shares[:, said].argmax(axis=0)
        colours = [_CLASS_COLOURS[k % len(_CLASS_COLOURS)] for k in range(len(names))]
        shown = np.ma.masked_less(best[np.newaxis], 0)
        edges = (columns - began) / 60.0
        axes.pcolormesh(edges, [0, 1], shown, cmap=ListedColormap(colours), vmin=-0.5, vmax=len(names) - 0.5,
                        edgecolors="face", linewidth=0.4)  # fmt: skip
        axes.set(ylim=(0, 1), yticks=[], ylabel="class")
        handles = [Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=len(names), handlelength=0.8,
                    fontsize=8)  # fmt: skip

    def uncertainty(axes: Axes) -> None:
        most = math.log(max(2, len(own[0].classes)))
        values = mean([prediction.uncertainty / most for prediction in own])
        axes.fill_between(minutes, 0, values, color=GREY, alpha=0.5, linewidth=0)
        axes.set(ylim=(0, 1), ylabel="unsure")

    def trust(axes: Axes) -> None:
        names = _modalities(own)
        for name, colour in zip(names, itertools.cycle((BLUE, ORANGE, INK)), strict=False):
            axes.plot(minutes, mean([_weight(p, name) for p in own]), color=colour, linewidth=1.3, label=name)
        axes.set(ylim=(-0.03, 1.03), ylabel="weight")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=len(names), handlelength=1.2)

    def answered(axes: Axes) -> None:
        given = [label for label in recorded.answers if label.participant == participant]
        annotators = list(dict.fromkeys(label.annotator for label in given))
        for label in given:
            row = annotators.index(label.annotator)
            known = label.label in own[0].classes
            colour = _CLASS_COLOURS[own[0].classes.index(label.label) % len(_CLASS_COLOURS)] if known else GREY
            start, stop = ((moment - began) / 60.0 for moment in (label.start, label.stop))
            axes.fill_between([start, stop], row + 0.15, row + 0.85, color=colour, linewidth=0)
        axes.set(ylim=(len(annotators) or 1, 0), ylabel="answers", xlabel="minutes", xlim=(0, (ended - began) / 60.0))
        axes.set_yticks([row + 0.5 for row in range(len(annotators))], annotators)
        axes.tick_params(axis="y", length=0)

    lanes = [affect, classes, uncertainty, trust, answered]

    def crossed(lane: Any) -> Any:
        def draw(axes: Axes) -> None:
            lane(axes)
            for start, stop, _ in recorded.gaps:
                left, right = (start - began) / 60.0, (stop - began) / 60.0
                axes.axvspan(left, max(right, left + 0.01), color="#F2D7D5", linewidth=0, zorder=0)
            for marker in recorded.markers:
                axes.axvline((marker.time - began) / 60.0, color=INK, linewidth=0.4, alpha=0.5, zorder=0)

        return draw

    return rows_to_svg([crossed(lane) for lane in lanes], 9.6, 7.2, (3.0, 0.7, 1.3, 1.3, 0.8))


def lost_in_words(recorded: Recorded) -> str:
    """Return what a session lost, in a few words: of each stream by itself, the one that lost most first."""
    parts = [f"{name} {seconds:.1f} s in {many(n, 'gap')}" for name, n, seconds in _lost(recorded)]
    gaps = ", ".join(parts) or "nothing of the streams"
    given_up = recorded.about.lost
    return f"{gaps}; {given_up} things could not be written" if given_up else gaps


def _lost(recorded: Recorded) -> list[tuple[str, int, float]]:
    """Return (name, gaps, seconds) of the streams that lost anything, most seconds first."""
    names = {key: name for key, name, _, _ in recorded.streams}
    of: dict[str, list[float]] = {}
    for start, stop, key in recorded.gaps:
        of.setdefault(key, []).append(stop - start)
    return sorted(((names.get(key, key), len(each), sum(each)) for key, each in of.items()), key=lambda one: -one[2])


def _keys(recorded: Recorded) -> list[dict[str, str]]:
    said = recorded.predictions
    losers = _lost(recorded)
    worst, n_gaps, lost = losers[0] if losers else ("", 0, 0.0)
    lost_of = f"of {worst}, in {many(n_gaps, 'gap')}" if losers else "of any stream"
    most = f", the most of {len(losers)} streams" if len(losers) > 1 else ""
    answered = Counter(label.annotator for label in recorded.answers)
    names = _modalities(said) or list(MODALITIES)
    keys = [
        ("Length", clock(recorded.span[1] - recorded.span[0]), f"task {recorded.about.task or 'not named'}"),
        ("Predicted", _share(p.status == "ok" for p in said), "of the windows; of the others it abstained"),
        *((f"{_title(name)} used", _share(_weight(p, name) > 0 for p in said), "of the windows") for name in names),
        ("Lost", f"{lost:.1f} s", lost_of + most),
        ("Answers", str(len(recorded.answers)), ", ".join(answered) or "none yet"),
    ]
    return [{"name": name, "value": value, "about": words} for name, value, words in keys]


def _modalities(said: Sequence[Prediction]) -> list[str]:
    return list(dict.fromkeys(name for prediction in said for name in prediction.modalities))


def _weight(prediction: Prediction, modality: str) -> float:
    return dict(zip(prediction.modalities, prediction.weights, strict=True)).get(modality, math.nan)


def _title(modality: str) -> str:
    name = modality_name(modality)
    return f"{name[0].upper()}{name[1:]}"


def _share(true: Any) -> str:
    values = list(true)
    return f"{100 * sum(values) / len(values):.0f} %" if values else "–"


def _classes(recorded: Recorded, participant: str) -> list[tuple[str, str]]:
    said = [p for p in recorded.predictions if p.participant == participant and p.status == "ok"]
    counts = Counter(prediction.label for prediction in said)
    shares = [(name, 100 * count / len(said)) for name, count in counts.most_common()]
    return [(name, f"{share:.0f} %") for name, share in shares if share >= 0.5]


def _stream(recorded: Recorded, key: str, name: str, kind: str, participant: str) -> dict[str, str]:
    lost = [(stop - start) for start, stop, stream in recorded.gaps if stream == key]
    return {"name": name, "kind": kind, "participant": participant, "gaps": f"{len(lost)}", "lost": f"{sum(lost):.1f}"}


def _abstained(predictions: Sequence[Prediction]) -> list[tuple[str, str]]:
    counts = Counter(prediction.status for prediction in predictions if prediction.status != "ok")
    return [(status, f"{100 * count / len(predictions):.1f} %") for status, count in counts.most_common()]


def _answers(answers: Sequence[Label]) -> list[dict[str, str]]:
    rows = []
    for annotator in dict.fromkeys(label.annotator for label in answers):
        own = [label for label in answers if label.annotator == annotator]
        counts = Counter(label.label or label.answer for label in own)
        words = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        rows.append({"annotator": annotator, "role": own[-1].role, "n": str(len(own)), "answers": words})
    return rows


def _about(recorded: Recorded) -> list[tuple[str, str]]:
    about = recorded.about
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    models = ", ".join(dict.fromkeys(prediction.model[:12] for prediction in recorded.predictions))
    return [
        ("participants", ", ".join(about.participants or recorded.people) or "–"),
        ("task", about.task or "–"),
        ("models (first of their sha256)", models or "–"),
        ("things that could not be kept", "not known" if about.lost is None else str(about.lost)),
        ("recording", recorded.session.xdf.name),
        ("versions", versions or "–"),
    ]


def _about_of(session: Session) -> SessionAbout:
    try:
        return read_about(session)
    except FileFormatError:
        return SessionAbout()  # the recording tells enough without it


def _day(text: str | None) -> str:
    began = moment(text)
    return "–" if began is None else began.strftime("%Y-%m-%d %H:%M")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _agreed(value: bool | None) -> str:
    return {True: "agreed", False: "not agreed"}.get(value, "not asked")  # type: ignore[arg-type]
