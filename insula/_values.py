"""The values and errors that the rest of the package speaks in."""

from core.data import Prediction
from core.errors import (
    CheckpointError,
    ConfigError,
    FileFormatError,
    InsulaError,
    SourceError,
    StreamNotFoundError,
)

__all__ = [
    "CheckpointError",
    "ConfigError",
    "FileFormatError",
    "InsulaError",
    "Prediction",
    "SourceError",
    "StreamNotFoundError",
]
