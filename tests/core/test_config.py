import dataclasses
import json
from pathlib import Path

import pytest

from core.config import AnyStreamConfig, Config, MethodConfig, StreamConfig, from_dict, load, to_dict
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


def test_what_may_be_left_open_has_a_type_and_limits_all_the_same(tmp_path: Path):
    path = tmp_path / "method.toml"
    path.write_text("[method]\nlayer = 2\ntemperature = 3\ndam = false\n", encoding="utf-8")
    config = load(path)
    assert config.method == MethodConfig(layer=2, temperature=3.0, dam=False)
    assert isinstance(config.method.temperature, float)
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config
    wrong = {"layer": 3, "temperature": True, "dam": 1, "reliability": "words", "stages": 1.5}
    with pytest.raises(ConfigError) as raised:
        from_dict({"method": wrong})
    assert str(raised.value) == (
        "configuration: method.layer must lie between 0 and 2, not be 3; method.temperature must be float, not True; "
        "method.dam must be bool, not 1; method.reliability must be one of literal, margin, not 'words'; "
        "method.stages must be int, not 1.5."
    )


def test_streams_of_markers_are_tables_of_their_own(tmp_path: Path):
    path = tmp_path / "lab.toml"
    path.write_text('[[markers]]\nname = "PsychoPyMarkers"\n[[markers]]\nsource_id = "keys"\n', encoding="utf-8")
    config = load(path)
    assert config.markers == (StreamConfig("PsychoPyMarkers"), StreamConfig(source_id="keys"))
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config


def test_other_streams_are_told_by_name_and_type(tmp_path: Path):
    path = tmp_path / "lab.toml"
    path.write_text('[[streams]]\nname = "Muse"\ntype = "PPG"\nparticipant = "P2"\n', encoding="utf-8")
    (stream,) = load(path).streams
    assert stream == AnyStreamConfig("Muse", type="PPG", participant="P2")
    assert stream == dataclasses.replace(AnyStreamConfig.of("Muse/PPG"), participant="P2")
    assert stream.means("Muse", "any", "where", "PPG")
    assert not stream.means("Muse", "any", "where", "ACC")
    assert from_dict(json.loads(json.dumps(to_dict(load(path))))) == load(path)
    with pytest.raises(ConfigError, match=r"streams\[0\] must have a name"):
        from_dict({"streams": [{"participant": "P2"}]})


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("PsychoPyMarkers", r"markers must be tables, each under \[\[markers\]\], not 'PsychoPyMarkers'"),
        ([{"nam": "x"}], r"unknown key markers\[0\]\.nam"),
        ([{"name": "x"}, {}], r"markers\[1\] must have a name"),
        ([{"name": 3}], r"markers\[0\]\.name must be str"),
    ],
)
def test_mistakes_in_the_tables_are_told(wrong: object, text: str):
    with pytest.raises(ConfigError, match=text):
        from_dict({"markers": wrong})


def test_what_a_choice_leaves_open_may_be_anything():
    assert StreamConfig("Muse").means("Muse", "m", "lab")
    assert not StreamConfig("Muse", hostname="home").means("Muse", "m", "lab")
    assert not StreamConfig().means("Muse", "m", "lab")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[queue]\nmin_score = 0.2\n", "queue.most_per_minute"),
        ("[distil]\ntemperature = 0.1\n", "table distil is gone"),
    ],
)
def test_a_key_that_is_gone_says_what_stands_in_its_place(tmp_path: Path, text: str, told: str):
    path = tmp_path / "old.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load(path)


@pytest.mark.parametrize(
    "line", ["most_per_minute = 0", "most_per_minute = -1", "random_share = 5", "least_every = -3"]
)
def test_a_budget_that_cannot_be_is_refused(tmp_path: Path, line: str):
    path = tmp_path / "queue.toml"
    path.write_text(f"[queue]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=line.split()[0]):
        load(path)


@pytest.mark.parametrize("key", ["model.path", "face.camera", "record.study", "eeg.name"])
def test_a_nul_in_a_text_is_told(tmp_path: Path, key: str):
    table, name = key.split(".")
    path = tmp_path / "c.toml"
    path.write_text(f'[{table}]\n{name} = "a\\u0000b"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=f"{key} has a NUL in it"):
        load(path)
