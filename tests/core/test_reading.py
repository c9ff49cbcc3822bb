"""JSON from outside becomes what it says it is, or one error that names what is wrong."""

import math
from pathlib import Path
from typing import Any

import pytest

from core.data import Channel, Label, Notice, StreamInfo
from core.errors import FileFormatError
from core.reading import from_json, json_file

INFO = '{"key": "k", "kind": "eeg", "participant": "P", "name": "n", "channels": [%s], "later": 1}'
CHANNEL = '{"name": "Cz", "label": "cz", "scale_uv": NaN, "position": [0, 0, 0.1]}'


def test_values_become_dataclasses_with_those_within_them():
    info = from_json(INFO % CHANNEL, StreamInfo, "it")
    (channel,) = info.channels
    assert isinstance(channel, Channel)
    assert math.isnan(channel.scale_uv)
    assert channel.position == (0.0, 0.0, 0.1)
    assert from_json(b'\xef\xbb\xbf{"a": [1]}', dict[str, Any], "it") == {"a": [1]}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("[" * 100_000, dict, "nested without end"),
        ('{"a":' * 100_000, dict, "nested without end"),
        ('{"a": ', dict, "Expecting value"),
        (b'{"a": "\xff"}', dict, "can't decode byte 0xff"),
        ('{"a": "\\ud800"}', dict, "surrogates not allowed"),
        ("1" * 5000, int, "digits"),
        ("[]", StreamInfo, "Expected `object`, got `array`"),
        (INFO % '{"name": 3}', StreamInfo, "Expected `str`, got `int`"),
        (INFO % CHANNEL.replace("0, 0, 0.1", "0"), StreamInfo, "channels"),
        ((INFO % "").replace('"eeg"', '"brain"'), StreamInfo, "'brain'"),
        ('{"uid": "u"}', Label, "missing required field `segment`"),
        ('{"stream": "", "time": "soon", "kind": "info", "text": ""}', Notice, "got `str`"),
    ],
)
def test_what_is_wrong_is_named_with_where_it_stands(text: str | bytes, kind: type, words: str):
    with pytest.raises(FileFormatError, match=r"^the file is damaged: ") as error:
        from_json(text, kind, "the file")
    assert words in str(error.value)


def test_a_pair_of_surrogates_is_a_letter():
    assert from_json('"\\ud83d\\ude00"', str, "it") == "😀"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"none.json cannot be read: No such file"):
        json_file(tmp_path / "none.json", dict)
    with pytest.raises(FileFormatError, match="cannot be read"):
        json_file(Path("a\0b"), dict)
