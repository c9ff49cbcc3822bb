"""Numbers of each window that other packages compute, as a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from core.data import Window
from core.errors import PluginError
from core.plugins import load_plugin
from insula._predictor import Predictor
from insula._records import Records, records
from insula._session import Session, load

_Feature = Callable[[Window], Mapping[str, float]]


def features(
    session: Session | str | os.PathLike[str],
    *which: str | _Feature,
    model: Predictor | str | os.PathLike[str] = "",
) -> Records:
    """Return features of each window of a recording, computed on what the models see.

    The EEG of a window is filtered, re-referenced and judged channel by channel, the past alone is used, and nothing
    is computed where the EEG and the face are both missing.

    Parameters
    ----------
    session : Session or path-like
    *which : str or callable
        Names in the group ``insula.features``, or callables ``window -> {name: number}``.
    model : Predictor or path-like
        Cuts the windows; empty: as the model that ships reads them.

    Returns
    -------
    Records
        A row a window: ``participant``; ``start stop``, s of the session; and a column for each name, NaN in windows
        for which it was not given.

    Raises
    ------
    PluginError
        No installed package offers a feature, or it gives something else than numbers by name.

    Examples
    --------
    >>> import insula, numpy as np
    >>> def loudness(window):
    ...     return {} if window.eeg is None else {"rms": float(np.sqrt(np.mean(window.eeg**2)))}  # µV
    >>> table = insula.features(recording, loudness)
    >>> table.dtype.names, len(table)
    (('participant', 'start', 'stop', 'rms'), 40)
    """
    if not isinstance(session, Session):
        session = load(session)
    if not isinstance(model, Predictor):
        model = Predictor(model, config=session.config)
    asked = [(each, load_plugin("insula.features", each)) if isinstance(each, str) else (_named(each), each)
             for each in which]  # fmt: skip
    windows = [event for event in model.events(session.path) if isinstance(event, Window)]
    rows = [_row(window, asked) for window in windows]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, tuple[Any, Any]] = {
        "participant": (str, [window.participant for window in windows]),
        "start": (float, [window.start - session.start for window in windows]),
        "stop": (float, [window.stop - session.start for window in windows]),
    }
    return records(columns | {name: (float, [row.get(name, np.nan) for row in rows]) for name in names})


def _row(window: Window, asked: Sequence[tuple[str, _Feature]]) -> dict[str, float]:
    row: dict[str, float] = {}
    for name, feature in asked:
        try:
            row |= {str(key): float(value) for key, value in feature(window).items()}
        except (AttributeError, TypeError, ValueError) as error:
            raise PluginError(f"The feature {name!r} does not give numbers by name: {error}.") from error
    return row


def _named(feature: _Feature) -> str:
    return str(getattr(feature, "__name__", feature))
