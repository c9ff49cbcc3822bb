from pathlib import Path

import pytest

from app import cli
from app.cli import main
from app.home import run_home
from app.session.session_choices import SessionChoices, remember


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for name in "run replay label distil personalise train evaluate simulate streams doctor export".split():
        assert name in text


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["replay"],
        ["replay", "x", "--speed", "0"],
        ["replay", "x", "--speed", "quick"],
        ["run", "--duration", "-1"],
        ["export", "x", "--to", "mat"],
        ["train", "magic", "--out", "m"],
        ["train", "people", "--data", "x", "--run", "y", "--workers", "0"],
        ["train", "people", "--data", "x", "--run", "y", "--seed", "-1"],
        ["train", "people", "--data", "x", "--run", "y", "--step", "inf"],
        ["simulate", "--participants", "0"],
        ["simulate", "--sfreq", "0"],
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (["run", "--seconds", "3"], "usage: insula run [-h]"),
        (["labels", "agree", "x", "--bogus"], "usage: insula labels agree [-h]"),
        (["--bogus"], "usage: insula [-h]"),
    ],
)
def test_an_unknown_option_is_told_beside_those_of_its_command(
    words: list[str], usage: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(usage)
    assert "unrecognized arguments: --" in told


@pytest.mark.parametrize(("words", "shown"), [([], "of last time"), (["--study", "another"], "another")])
def test_without_a_command_the_study_is_shown_that_is_named_else_that_of_last_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], shown: str
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    remember(SessionChoices(study=str(tmp_path / "of last time"), participant="P001", session="01", task="film"))
    seen: list[Path] = []
    monkeypatch.setattr(run_home, "show", lambda study, *_: seen.append(study))
    assert main(words) == 0
    assert seen == [tmp_path / shown]


def test_a_study_before_a_command_is_not_passed_over(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as stop:
        main(["--study", "x", "run", "--simulate"])
    assert stop.value.code == 2
    assert "--study stands behind the command: insula run ... --study x" in capsys.readouterr().err


def test_a_wrong_configuration_ends_with_2_and_says_why(tmp_path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "lab.toml"
    path.write_text("[eeg]\nnam = 1\n", encoding="utf-8")
    assert main(["replay", str(tmp_path), "--headless", "--config", str(path)]) == 2
    assert "eeg.nam" in capsys.readouterr().err


def test_a_recording_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["replay", "no-such.xdf", "--headless"]) == 2
    assert "no-such.xdf does not exist" in capsys.readouterr().err


def test_a_run_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", "runs/no-such"]) == 2
    assert "runs/no-such does not exist" in capsys.readouterr().err


def test_help_tells_leaving_out_both_from_leaving_out_one(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "subject | trials | stimulus | subject,stimulus" in " ".join(capsys.readouterr().out.split())


def test_speed_max_is_as_fast_as_possible():
    args = cli.parser().parse_args(["replay", "x", "--speed", "max"])
    assert args.speed == float("inf")


@pytest.mark.parametrize(
    ("more", "speed"),
    [(["--out", "p.tsv"], float("inf")), (["--out", "p.tsv", "--publish"], 1.0), (["--headless"], 1.0),
     (["--out", "p.tsv", "--speed", "4"], 4.0)],
)  # fmt: skip
def test_a_table_is_written_as_fast_as_it_can_be_unless_somebody_listens(
    more: list[str], speed: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[float] = []
    monkeypatch.setattr("app.commands.replay_table.predict", lambda args, *_: asked.append(args.speed) or 0)
    monkeypatch.setattr("app.commands.replay.read_as_recorded", lambda config, _: config)
    assert main(["replay", str(tmp_path), *more]) == 0
    assert asked == [speed]
