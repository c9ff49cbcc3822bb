"""Every error that Insula raises on purpose, in one tree.

InsulaError
├── ConfigError            configuration or usage is wrong            exit code 2
│   └── PluginError            what others' package is to offer is missing or does not fit
├── SourceError            a device, stream or file cannot be used    exit code 3
│   ├── StreamNotFoundError    no LSL stream fits what was asked for
│   ├── StreamChangedError     a stream came back as something else
│   ├── CameraError            a camera cannot be opened or read
│   └── FileFormatError        a file is not what it says it is
│       └── TableError             a table that a person wrote has a mistake      exit code 2
├── RecordingError         a recording cannot be written              exit code 3
└── CheckpointError        a model file is foreign, damaged or does not fit   exit code 3

`EndOfStream` and `SessionCancelled` stand apart: a source is finished, nobody wants a session; nothing went wrong.
"""


class InsulaError(Exception):
    """Any error whose text tells the user what happened and what to do."""

    exit_code = 1


class ConfigError(InsulaError):
    """The configuration or the command line is wrong."""

    exit_code = 2


class PluginError(ConfigError):
    """What an installed package is to offer is missing, or is not what Insula asks for."""


class SourceError(InsulaError):
    """A device, stream or file cannot be used."""

    exit_code = 3


class StreamNotFoundError(SourceError):
    """No LSL stream fits what was asked for."""


class StreamChangedError(SourceError):
    """A stream came back with other channels, format or rate than it had."""


class CameraError(SourceError):
    """A camera cannot be opened or read."""


class FileFormatError(SourceError):
    """A file is not what it says it is."""


class TableError(FileFormatError):
    """A table that a person wrote has a mistake, which its text says where to find."""

    exit_code = 2


class RecordingError(InsulaError):
    """A recording cannot be written."""

    exit_code = 3


class CheckpointError(InsulaError):
    """A model file is foreign, damaged, or does not fit the configuration."""

    exit_code = 3


class EndOfStream(Exception):  # noqa: N818 - the name of an event, as StopIteration is
    """A source has nothing more to give."""


class SessionCancelled(Exception):  # noqa: N818 - the name of an event, as StopIteration is
    """Nobody wants the session any more that is being opened: its screen was closed, or on Ctrl-C."""
