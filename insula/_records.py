"""Tables as NumPy records: a row of named values each, which pandas and polars take as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from core.data import MODALITIES, FaceObservation, Label, Marker, Prediction
from core.recording.face_stream import TOLD, face_to_row
from core.recording.label_reader import RATED

Records: TypeAlias = "np.recarray[Any, np.dtype[Any]]"
"""A record array: ``table["valence"]`` or ``table.valence`` is a column, ``table[3]`` a row."""

_NUMBERS = (
    *("valence", "arousal", "valence_sd", "arousal_sd", "uncertainty", "aleatoric", "epistemic", "vacuity"),
    *("disagreement", "coverage"),
)
_OF_LABELS: Mapping[str, type] = {
    **dict.fromkeys(("annotator", "role", "answer", "label"), str),
    **dict.fromkeys(("valence", "arousal", "confidence"), float),
    "note": str,
    "response_time": float,
    "n_plays": int,
    "prediction_shown": bool,
    **dict.fromkeys(("segment", "scheme", "model", "uid"), str),
}


def as_records(predictions: Iterable[Prediction], start: float = 0.0) -> Records:
    """Return predictions as a table, a row for each.

    Parameters
    ----------
    predictions : iterable of Prediction
        Such as `insula.replay` gives.
    start : float
        What is taken off the times, s: with `Session.start` they are seconds of the session.

    Returns
    -------
    Records
        Array of shape (n_predictions,) with the columns ``participant``; ``start stop``, s; ``status``, ``ok`` or why
        it abstains; ``label``, empty then; ``p_<class>`` for each class; ``valence arousal``, -1 to 1, with
        ``valence_sd arousal_sd``; ``uncertainty aleatoric epistemic``, nats; ``vacuity disagreement``, 0 to 1;
        ``weight_<modality>``, ``noise_<modality>``; ``prediction_set``, classes with spaces between, and its
        ``coverage``; ``neutral``; ``model``, its sha256. NaN where there is no value.

    Examples
    --------
    >>> import insula
    >>> table = insula.as_records([])
    >>> len(table), "valence" in table.dtype.names
    (0, True)
    """
    given = list(predictions)
    classes = list(dict.fromkeys(name for each in given for name in each.classes))
    columns: dict[str, tuple[type, list[Any]]] = {
        "participant": (str, [p.participant for p in given]),
        "start": (float, [p.start - start for p in given]),
        "stop": (float, [p.stop - start for p in given]),
        "status": (str, [p.status for p in given]),
        "label": (str, [p.label for p in given]),
    }
    chances = [dict(zip(p.classes, p.probabilities, strict=True)) for p in given]
    columns |= {f"p_{name}": (float, [each.get(name, np.nan) for each in chances]) for name in classes}
    columns |= {name: (float, [getattr(p, name) for p in given]) for name in _NUMBERS}
    modalities = list(dict.fromkeys((*MODALITIES, *(name for each in given for name in each.modalities))))
    for what, field in (("weight", "weights"), ("noise", "noise")):
        each_has = [dict(zip(p.modalities, getattr(p, field), strict=True)) for p in given]
        columns |= {f"{what}_{name}": (float, [has.get(name, np.nan) for has in each_has]) for name in modalities}
    columns["prediction_set"] = (str, [" ".join(p.prediction_set) for p in given])
    columns |= {name: (str, [getattr(p, name) for p in given]) for name in ("neutral", "model")}
    return records(columns)


def label_records(labels: Sequence[Label], start: float) -> Records:
    """Return answers as a table, by when what they are of begins."""
    ordered = sorted(labels, key=lambda label: (label.start, label.stop, label.time))
    columns: dict[str, tuple[type, list[Any]]] = {
        "participant": (str, [label.participant for label in ordered]),
        "start": (float, [label.start - start for label in ordered]),
        "stop": (float, [label.stop - start for label in ordered]),
    }
    columns |= {name: (kind, [getattr(each, name) for each in ordered]) for name, kind in _OF_LABELS.items()}
    return records(columns)


def rating_records(rows: Sequence[Sequence[str | float]], start: float) -> Records:
    """Return continuous ratings as a table, a row a sample, in order of time."""
    at = RATED.index("time")
    ordered = sorted(rows, key=lambda row: row[at])
    columns: dict[str, tuple[type, list[Any]]] = {
        name: (float if name in ("speed", "time", "value") else str, [row[k] for row in ordered])
        for k, name in enumerate(RATED)
    }
    columns["time"] = (float, [float(row[at]) - start for row in ordered])
    return records(columns)


def face_records(faces: Iterable[FaceObservation], start: float) -> Records:
    """Return what was read of a face as a table, a row a frame; numbers in single precision, as they were recorded."""
    given = list(faces)
    names = [name for field in TOLD for name in field.channels]
    rows = [face_to_row(face, TOLD)[0, 1:] for face in given]
    values = np.array(rows, np.float32).reshape(len(rows), len(names))
    columns: dict[str, tuple[Any, Any]] = {
        "participant": (str, [face.participant for face in given]),
        "time": (float, [face.time - start for face in given]),
        "problem": (str, [face.problem for face in given]),
    }
    columns |= {name: (np.float32, values[:, k]) for k, name in enumerate(names)}
    return records(columns)


def marker_records(markers: Sequence[Marker], start: float, durations: Sequence[float] = ()) -> Records:
    """Return what other programs said as a table, in the order in which it came; durations, s, where they are known."""
    return records({
        "time": (float, [marker.time - start for marker in markers]),
        "stream": (str, [marker.stream for marker in markers]),
        "text": (str, [marker.text for marker in markers]),
        "duration": (float, durations or [float("nan")] * len(markers)),
    })  # fmt: skip


def records(columns: Mapping[str, tuple[Any, Any]]) -> Records:
    """Return columns of one length, each with the kind of its values, as a table."""
    arrays = {name: np.asarray(values, dtype=kind) for name, (kind, values) in columns.items()}
    length = len(next(iter(arrays.values())))
    table = np.recarray((length,), dtype=[(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        table[name] = array
    return table
