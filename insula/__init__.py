"""Insula from Python: recordings as MNE and NumPy know them, a model on arrays, and what a running session says.

Only the names below are promised; everything else may change from one version to the next. They are loaded when they
are first asked for, so that ``import insula`` costs nothing.

>>> import insula
>>> session = insula.load("insula-study/sourcedata/sub-P001/ses-01")  # doctest: +SKIP
>>> session.raw.plot()  # doctest: +SKIP
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insula._datasets import ImportedTrial
    from insula._features import features
    from insula._live import Affect, Happening, Listener, listen
    from insula._predictor import Predictor, replay
    from insula._records import Records, as_records
    from insula._session import Session, load
    from insula._values import (
        BLENDSHAPES,
        Channel,
        CheckpointError,
        Chunk,
        ConfigError,
        EndOfStream,
        FileFormatError,
        InsulaError,
        PluginError,
        Prediction,
        Source,
        SourceError,
        StreamInfo,
        StreamNotFoundError,
        Window,
        local_clock,
    )

__all__ = [
    "BLENDSHAPES",
    "Affect",
    "Channel",
    "CheckpointError",
    "Chunk",
    "ConfigError",
    "EndOfStream",
    "FileFormatError",
    "Happening",
    "ImportedTrial",
    "InsulaError",
    "Listener",
    "PluginError",
    "Prediction",
    "Predictor",
    "Records",
    "Session",
    "Source",
    "SourceError",
    "StreamInfo",
    "StreamNotFoundError",
    "Window",
    "as_records",
    "features",
    "listen",
    "load",
    "local_clock",
    "main",
    "replay",
]

_WHERE = {
    "ImportedTrial": "_datasets",
    "features": "_features",
    **dict.fromkeys(("Affect", "Happening", "Listener", "listen"), "_live"),
    **dict.fromkeys(("Predictor", "replay"), "_predictor"),
    **dict.fromkeys(("Records", "as_records"), "_records"),
    **dict.fromkeys(("Session", "load"), "_session"),
    **dict.fromkeys(
        (
            *("CheckpointError", "ConfigError", "EndOfStream", "FileFormatError", "InsulaError", "PluginError"),
            *("SourceError", "StreamNotFoundError"),
            *("BLENDSHAPES", "Channel", "Chunk", "Prediction", "Source", "StreamInfo", "Window", "local_clock"),
        ),
        "_values",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'insula' has no attribute {name!r}")
    value = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def main() -> int:
    """Run the command line ``insula ...`` and return its exit code."""
    from app.cli import main as run

    return run(sys.argv[1:])
