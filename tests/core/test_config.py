from pathlib import Path

import pytest

from core.config import Config, from_dict, load, to_dict
from core.errors import ConfigError


def test_toml_is_laid_over_the_defaults(tmp_path: Path):
    path = tmp_path / "lab.toml"
    path.write_text('[eeg]\nname = "Muse"\nnotch = 60\n[window]\nstep = 0.5\n', encoding="utf-8")
    config = load(path)
    assert config.eeg.name == "Muse"
    assert config.eeg.notch == 60.0
    assert isinstance(config.eeg.notch, float)
    assert config.window.step == 0.5
    assert config.window.length == Config().window.length


def test_all_mistakes_are_told_together_with_their_dotted_keys():
    with pytest.raises(ConfigError) as error:
        from_dict({"eeg": {"nam": "x", "wait": "soon"}, "window": 3, "record": {"video": 1}}, where="lab.toml")
    text = str(error.value)
    for part in ("lab.toml", "eeg.nam", "eeg.wait", "window must be a table", "record.video"):
        assert part in text
    assert error.value.exit_code == 2


def test_a_broken_or_missing_file_is_a_configuration_error(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[eeg", encoding="utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(broken)


def test_a_configuration_survives_the_way_into_a_recording_and_back():
    config = from_dict({"face": {"camera": "none"}, "record": {"participant": "P7"}})
    assert from_dict(to_dict(config)) == config
