"""Teaching from a study: which sessions it takes, what it writes, and that it writes nothing that does not hold."""

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.study import recorded_windows
from app.study import teach as teach_module
from app.study.sessions import learnt_models
from app.study.teach import sessions_to_learn_from, teach
from core.config import Config
from core.errors import ConfigError, FileFormatError
from core.recording.session import MODELS
from tests.app.study.test_sessions import record
from tests.training.conftest import base, reading_base  # noqa: F401
from tests.training.test_distil import LONG, recording, with_another_face
from training.own_recordings import Recording

Out = pytest.CaptureFixture[str]
TIMES = {"start": "2026-11-21T10:00:00+00:00", "stop": "2026-11-21T10:20:00+00:00"}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study with one session of P007."""
    record(tmp_path, "P007", **TIMES)
    return tmp_path


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the recordings that are learnt from in place of what would be read from the files."""

    def give(*recordings: Recording) -> None:
        def gather(paths: list[str], config: Config, model: Path, report: Any, **more: Any) -> list[Recording]:
            assert {Path(path).suffix for path in paths} == {".xdf"}  # what can be replayed
            report(f"reading {paths[0]}")
            more["progress"](Path(paths[0]), 0.5)
            return list(recordings)

        monkeypatch.setattr(teach_module, "gather", gather)

    return give


def test_what_holds_is_written_where_the_study_finds_it(study: Path, reading_base: Path, windows: Any):
    windows(recording("sub-P007_ses-01", LONG))
    told: list[float] = []
    taught = teach(study, "P007", Config(), reading_base, lambda _, share: told.append(share))
    assert taught.model is not None
    assert taught.model.parent == study / MODELS
    assert learnt_models(study) == {"P007": [taught.model]}
    assert "This EEG tells something" in taught.words
    assert "From your answers" not in taught.words  # why not is told once, in plain words
    assert "The EEG follows what the face shows" in taught.summary
    assert "No answers yet: at least 8 are needed to learn from." in taught.summary
    assert "nats" not in taught.summary
    assert told == sorted(told)
    assert 0.0 <= told[0] < told[-1] < 1.0
    assert 0.4 in told  # half of all that is read
    again = teach(study, "P007", Config(), reading_base, lambda *_: None)
    assert again.model is not None
    assert again.model != taught.model
    assert [path.name for path in (study / MODELS).iterdir() if path.name.startswith(".")] == []


def test_what_does_not_hold_is_told_and_writes_nothing(study: Path, reading_base: Path, windows: Any):
    windows(with_another_face(recording("a", LONG), recording("b", LONG)))
    taught = teach(study, "P007", Config(), reading_base, lambda *_: None)
    assert taught.model is None
    assert "no better than chance" in taught.words
    assert "stays as it was" in taught.summary
    assert "stays as it was" not in taught.words
    assert list((study / MODELS).iterdir()) == []


def test_a_teaching_that_is_broken_off_leaves_no_half_model(
    study: Path,
    reading_base: Path,
    windows: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    windows(recording("a", LONG))
    monkeypatch.setattr(teach_module, "personalise", stopped)
    with pytest.raises(KeyboardInterrupt):
        teach(study, "P007", Config(), reading_base, lambda *_: None)
    assert list((study / MODELS).iterdir()) == []


def test_what_a_killed_one_has_left_is_removed_and_what_is_at_work_is_not(
    study: Path, reading_base: Path, windows: Any
):
    models, host = study / MODELS, platform.node()
    names = (f"{host}-4194999-abc", f"{host}-{os.getpid()}-abc", "lab-2-1-abc", "a")
    left, living, elsewhere, old = folders = [models / f".teaching-{name}" for name in names]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "distilled.safetensors").write_bytes(b"half")
    os.utime(old, (0, 0))
    windows(recording("a", LONG))
    teach(study, "P007", Config(), reading_base, lambda *_: None)
    assert not left.exists()
    assert {path.name for path in models.glob(".teaching-*")} == {living.name, elsewhere.name}


def test_a_damaged_recording_is_left_out_and_told(study: Path, reading_base: Path, monkeypatch: pytest.MonkeyPatch):
    (good,) = sessions_to_learn_from(study, "P007")
    bad = record(study, "P007", **TIMES)
    windows_of = recording("a", LONG).windows

    def replayed(path: Path, *_: Any, **__: Any) -> Any:
        if path == bad.xdf:
            raise FileFormatError("It is damaged.")
        return iter([(None, list(windows_of))])

    monkeypatch.setattr(recorded_windows, "replay", replayed)
    taught = teach(study, "P007", Config(), reading_base, lambda *_: None)
    assert taught.model is not None
    assert f"Left out, since it is damaged: {bad.xdf.name}: It is damaged." in taught.summary
    assert good.session.xdf.name not in taught.summary


def test_a_session_that_runs_is_learnt_from_where_that_is_wanted(study: Path):
    live = record(study, "P007", start="2026-11-21T10:00:00+00:00")
    live.xdf.touch()
    assert live.stem not in {row.session.stem for row in sessions_to_learn_from(study, "P007")}
    assert live.stem in {row.session.stem for row in sessions_to_learn_from(study, "P007", running=True)}


def test_only_sessions_of_the_participant_alone_that_may_be_learnt_from_are(study: Path):
    record(study, "P007", **TIMES, consent={"train": False})
    record(study, "P007", **TIMES, consent={"train": True})
    record(study, "P008", **TIMES)
    record(study, "P007", **{**TIMES, "participants": ["P007", "P008"]})
    assert {row.session.stem[-3:] for row in sessions_to_learn_from(study, "P007")} == {"001", "003"}


@pytest.mark.parametrize(
    ("about", "why"),
    [({"consent": {"train": False}}, "has not agreed"), ({"participants": ["P009", "P008"]}, "others took part")],
)
def test_why_no_session_can_be_learnt_from_is_told(tmp_path: Path, about: dict[str, Any], why: str):
    record(tmp_path, "P009", **{**TIMES, **about})
    with pytest.raises(ConfigError, match=why):
        sessions_to_learn_from(tmp_path, "P009")


def test_a_folder_that_is_not_there_is_told_from_a_study_without_the_person(tmp_path: Path):
    with pytest.raises(ConfigError, match="There is no study in"):
        sessions_to_learn_from(tmp_path / "nowhere", "P009")
    with pytest.raises(ConfigError, match="holds no session of P009"):
        sessions_to_learn_from(tmp_path, "P009")


def test_what_is_clearly_too_little_is_told_before_anything_is_read(tmp_path: Path, capsys: Out):
    record(tmp_path, "P007", start="2026-11-21T10:00:00+00:00", stop="2026-11-21T10:00:40+00:00")
    assert main(["teach", str(tmp_path), "--participant", "P007"]) == ConfigError.exit_code
    told = capsys.readouterr().err
    assert "40 s recorded and no answers" in told
    assert "at least 120 s" in told
    assert main(["teach", str(tmp_path), "--participant", "P404"]) == ConfigError.exit_code


def test_progress_and_result_are_lines_of_json_for_who_asks(
    study: Path,
    reading_base: Path,
    windows: Any,
    capsys: Out,
):
    windows(recording("a", LONG))
    words = ["teach", str(study), "--participant", "P007", "--base", str(reading_base), "--json"]
    assert main(words) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"stage", "share"} == set(lines[0])
    assert Path(lines[-1]["model"]).exists()
    assert "From the face" in lines[-1]["words"]
