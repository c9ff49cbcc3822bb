"""Erasing a participant: all that is theirs and nothing else, and what is left is named."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.session.session_choices import Consent, first_choices, remember
from app.study.erase import erase, find_traces
from app.study.run_data import RunData
from core.config import Config, RecordConfig
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, TaughtOn
from core.recording.session import Session

Out = pytest.CaptureFixture[str]


def record(study: Path, participant: str, *others: str) -> Session:
    """A recording as it lies on disk, without anything in it."""
    session = Session.create(RecordConfig(study=str(study), participant=participant))
    session.describe({"participants": [participant, *others]})
    for path in (session.xdf, session.video, session.labels, session.folder / f"{session.stem}_report.html"):
        path.write_bytes(b"of a person")
    return session


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two people alone, both together, an export, a table of participants, a model and a run of the first."""
    folder = tmp_path / "study"
    for people in (("P007",), ("P008",), ("P007", "P008"), ("P008", "P007")):
        record(folder, *people)
    exported = folder / "derivatives" / "insula" / "sub-P007" / "eeg" / "sub-P007_task-live_eeg.vhdr"
    exported.parent.mkdir(parents=True)
    exported.write_text("exported", encoding="utf-8")
    (folder / "participants.tsv").write_text("participant_id\tage\nsub-P007\t30\nsub-P008\t40\n", encoding="utf-8")
    shipped = load(SHIPPED)
    taught = dataclasses.replace(shipped.header, taught_on=TaughtOn(participants=("P007",)))
    save(folder / "mine.safetensors", shipped.network, taught)
    run = folder / "runs" / "r1"
    run.mkdir(parents=True)
    (run / "windows.npz").write_bytes(b"windows")
    RunData("film", ("a", "b"), 2, 5.0, ("anna",), False, ("P007", "P008"), 9, {"a": 4, "b": 5}).write(run)
    return folder


def left(study: Path) -> set[str]:
    return {str(path.relative_to(study)) for path in study.rglob("*") if path.is_file()}


def test_all_that_is_of_one_alone_goes_and_nothing_of_others(study: Path):
    before = left(study)
    traces = find_traces(study, "P007")
    erase(traces)
    gone = before - left(study)
    alone = {path for path in before if "sub-P007" in path and "run-002" not in path}
    assert gone == alone
    assert len(alone) == 6
    assert (study / "participants.tsv").read_text(encoding="utf-8") == "participant_id\tage\nsub-P008\t40\n"
    assert not (study / "derivatives" / "insula" / "sub-P007").exists()


def test_what_others_share_and_what_has_learnt_is_named_and_kept(study: Path):
    traces = find_traces(study, "P007")
    assert [path.name for path in traces.shared] == [
        "sub-P007_ses-01_task-live_run-002_session.json", "sub-P008_ses-01_task-live_run-002_session.json",
    ]  # fmt: skip
    assert [path.name for path in traces.models] == ["mine.safetensors"]
    assert [path.name for path in traces.runs] == ["r1"]
    erase(traces)
    assert all(path.exists() for path in (*traces.shared, *traces.models, *traces.runs))


def test_a_name_that_begins_alike_is_another_person(study: Path):
    record(study, "P0077")
    erase(find_traces(study, "P007"))
    assert len([path for path in left(study) if "P0077" in path]) == 5


@pytest.mark.parametrize(("said", "is_gone"), [("P007\n", True), ("yes\n", False), ("\n", False)])
def test_it_asks_first(study: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, said: str, is_gone: bool):
    monkeypatch.setattr("sys.stdin", _Terminal(said))
    before = left(study)
    assert main(["erase", "--participant", "P007", "--study", str(study)]) == 0
    assert (left(study) != before) is is_gone
    told = capsys.readouterr().out
    assert "mine.safetensors" in told
    assert "backups" in told
    assert ("Nothing was erased" in told) is not is_gone


def test_nobody_is_asked_who_cannot_answer(study: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", _Terminal("P007\n", terminal=False))
    before = left(study)
    assert main(["erase", "--participant", "P007", "--study", str(study)]) == ConfigError.exit_code
    assert left(study) == before
    assert main(["erase", "--participant", "P007", "--study", str(study), "--yes"]) == 0
    assert left(study) < before
    assert "Erased: 6 files" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["../P008", "", "P*"])
def test_a_name_that_no_recording_can_have_is_refused(study: Path, name: str):
    with pytest.raises(ConfigError, match="no name of a participant"):
        find_traces(study, name)


def test_a_study_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(ConfigError, match="There is no study"):
        find_traces(tmp_path / "nowhere", "P007")


def test_a_link_is_taken_away_and_what_it_points_to_is_not(study: Path, tmp_path: Path):
    outside = tmp_path / "outside.xdf"
    outside.write_bytes(b"elsewhere")
    link = study / "sourcedata" / "sub-P007" / "linked.xdf"
    link.symlink_to(outside)
    erase(find_traces(study, "P007"))
    assert not link.is_symlink()
    assert outside.exists()


class _Terminal:
    def __init__(self, said: str, terminal: bool = True) -> None:
        self._said = said
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def readline(self) -> Any:
        return self._said


def test_a_recording_that_does_not_say_who_took_part_is_kept_and_named(study: Path):
    for damage in ('{"participants": ["P007", "P008"], "st', '{"participants": 5}', '{"participants": "P007"}'):
        session = record(study, "P007")
        session.json.write_text(damage, encoding="utf-8")
        traces = find_traces(study, "P007")
        assert session.json in traces.shared
        assert session.xdf not in traces.files


def test_rows_of_the_participant_go_from_all_tables_and_files_of_any_ending_under_the_name(study: Path):
    trials = study / "trials.tsv"
    trials.write_text(
        "file\tparticipant\tstart\nsub-P007/a.edf\tP007\t0\nb/sub-P0077_a.edf\tP0077\t0\nraw/sub-P007_b.edf\tx\t0\n"
        'c.edf\t"P007"\t0\nsub-P007.edf\tx\t0\nraw/sub-P007-b.edf\tx\t0\nxsub-P007.edf\ty\t0\n',
        encoding="utf-8",
    )
    others = study / "notes.tsv"
    others.write_text("what\tfile\nP007\tx.edf\n", encoding="utf-8")  # a word in a text is no name
    note, alike = study / "sub-P007.json", study / "sub-P0077.json"
    for path in (note, alike):
        path.write_text("{}", encoding="utf-8")
    traces = find_traces(study, "P007")
    assert {path.name for path in traces.tables} == {"participants.tsv", "trials.tsv"}
    erase(traces)
    assert trials.read_text(encoding="utf-8").splitlines() == [
        "file\tparticipant\tstart", "b/sub-P0077_a.edf\tP0077\t0", "xsub-P007.edf\ty\t0",
    ]  # fmt: skip
    assert others.read_text(encoding="utf-8").count("P007") == 1
    assert not note.exists()
    assert alike.exists()


def test_the_first_screen_forgets_the_name(study: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    agreed = Consent(record_eeg=True, train=True)
    remember(dataclasses.replace(first_choices(Config(), {}), participant="P007", consent=agreed, study=str(study)))
    assert main(["erase", "--participant", "P008", "--study", str(study), "--yes"]) == 0
    assert first_choices(Config(), {}).participant == "P007"
    assert main(["erase", "--participant", "P007", "--study", str(study), "--yes"]) == 0
    assert "is forgotten, too" in capsys.readouterr().out
    left_over = first_choices(Config(), {})
    assert (left_over.participant, left_over.consent) == (Config().record.participant, Consent())
    assert left_over.study == str(study)
    assert "P007" not in (tmp_path / "settings" / "start.json").read_text(encoding="utf-8")
