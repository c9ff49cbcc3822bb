"""The one door for JSON from outside: text becomes the value that it says it is, or one error that names what is wrong.

Types are checked against the dataclasses themselves (msgspec), also within them; fields that are not known are passed
over, so that a newer Insula's files can be read. JSON is Python's, which writes NaN.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core.errors import FileFormatError

__all__ = ["from_json", "from_tree", "json_file"]

T = TypeVar("T")


def from_json(text: str | bytes, kind: type[T], where: str) -> T:
    """Return what a JSON text holds.

    Parameters
    ----------
    text : str or bytes
        Bytes are UTF-8, with or without a byte-order mark.
    kind : type
        What it is to be: a dataclass, or a type such as ``dict[str, Any]``.
    where : str
        Whence it comes, for the error, which begins with it.

    Raises
    ------
    FileFormatError
        It is no JSON, is nested without end, holds what no text can be, or is something else than `kind`.
    """
    try:
        tree = json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
        if "\\ud" in (text.decode("ascii", "ignore") if isinstance(text, bytes) else text).lower():
            json.dumps(tree, ensure_ascii=False).encode()  # half a character cannot be written anywhere again
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{where} is damaged: {_reason(error)}.") from error
    return from_tree(tree, kind, where)


def from_tree(tree: Any, kind: type[T], where: str) -> T:
    """Return plain lists and dictionaries as a `kind`; see `from_json`."""
    try:
        return msgspec.convert(tree, kind)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        raise FileFormatError(f"{where} is damaged: {_reason(error)}.") from error


def json_file(path: Path, kind: type[T]) -> T:
    """Return what a JSON file holds; see `from_json`.

    Raises
    ------
    FileFormatError
        It cannot be read, or is not what it should be.
    """
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return from_json(text, kind, str(path))


def _reason(error: Exception) -> str:
    return "it is nested without end" if isinstance(error, RecursionError) else str(error).rstrip(".")
