"""Damaged inputs, the same each time: whatever comes of them is an error of Insula's own (tools/fuzz_readers.py)."""

from pathlib import Path

import pytest

from tools.fuzz_readers import made_input, tried
from tools.fuzz_seeds import SHARES, readers_of, seeds_of

SLOW = {"xdf": 5, "model": 1, "mne": 6, "video": 10, "edf": 15, "bdf": 15, "labels": 30}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    return seeds_of(tmp_path_factory.mktemp("seeds"), None)


@pytest.mark.parametrize("name", SHARES)
def test_a_damaged_input_gives_something_or_an_error_of_ours(
    name: str, seeds: dict[str, list[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    (reader,) = [each for each in readers_of(tmp_path) if each.name == name]
    assert tried(reader.read, seeds[name][0]) == ""
    found = {tried(reader.read, made_input(reader, seeds[name], 7, number)) for number in range(SLOW.get(name, 60))}
    assert found == {""}
