"""The values and errors that the rest of the package speaks in."""

from pylsl import local_clock

from acquisition.source import Source
from core.blendshapes import BLENDSHAPES
from core.data import Channel, Chunk, Prediction, StreamInfo, Window
from core.errors import (
    CheckpointError,
    ConfigError,
    EndOfStream,
    FileFormatError,
    InsulaError,
    PluginError,
    SourceError,
    StreamNotFoundError,
)

__all__ = [
    "BLENDSHAPES",
    "Channel",
    "CheckpointError",
    "Chunk",
    "ConfigError",
    "EndOfStream",
    "FileFormatError",
    "InsulaError",
    "PluginError",
    "Prediction",
    "Source",
    "SourceError",
    "StreamInfo",
    "StreamNotFoundError",
    "Window",
    "local_clock",
]
