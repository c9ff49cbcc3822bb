"""Erasing a participant: all that is theirs and nothing else, and what is left is named."""

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.session.session_choices import Consent, first_choices, remember
from app.study.derivatives import FOLDER, Derivatives
from app.study.erase import erase, find_traces
from app.study.run_data import RunData
from core.config import Config, RecordConfig
from core.data import Label
from core.errors import ConfigError
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, TaughtOn
from core.recording.labels import LabelStore
from core.recording.session import Session
from training.loop import silent

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


def test_what_only_a_table_or_the_files_own_name_gives_to_a_person_goes_too(study: Path, tmp_path: Path):
    raw, outside = study / "raw", tmp_path / "copy" / "one.edf"
    for path in (
        *(raw / name for name in ("a.vhdr", "a.vmrk", "a.eeg", "a.mp4", "a_raw.fif", "a_tables/labels.tsv", "b.edf")),
        *(raw / name for name in ("P007.edf", "P007_raw-1.fif", "P0077.edf", "both.edf", "rated.tsv", "face.mp4")),
        outside,
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"of a person")
    (study / "trials.tsv").write_text(
        "participant\tfile\tstart\tvideo\tcontinuous\n"
        "P007\traw/a.vhdr\t0\traw/face.mp4\traw/rated.tsv\nP008\traw/b.edf\t0\t\t\nP007\traw/both.edf\t0\t\t\n"
        f"P008\traw/both.edf\t9\t\t\nP007\t{outside}\t0\t\t\n",
        encoding="utf-8",
    )
    traces = find_traces(study, "P007")
    assert [path.name for path in traces.elsewhere] == ["one.edf"]
    assert raw / "both.edf" in traces.shared
    erase(traces)
    assert {path for path in left(study) if path.startswith("raw")} == {
        "raw/a.mp4", "raw/b.edf", "raw/both.edf", "raw/P0077.edf"
    }  # fmt: skip
    assert not (raw / "a_tables").exists()
    assert outside.exists()


def test_a_person_of_an_imported_table_goes_by_the_name_that_it_gives(study: Path):
    (study / "trials.tsv").write_text("participant\tfile\nS 3/a\tx.edf\nS 3\ty.edf\n", encoding="utf-8")
    kept = study / "derivatives" / "insula" / "sub-S 3-a_windows-0.npz"
    for path in (study / "x.edf", study / "y.edf", kept, kept.with_name("sub-S 3_windows-0.npz")):
        path.write_bytes(b"of a person")
    erase(find_traces(study, "S 3/a"))
    assert not kept.exists()
    assert not (study / "x.edf").exists()
    assert (study / "y.edf").exists()
    assert kept.with_name("sub-S 3_windows-0.npz").exists()


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_rows_go_from_tables_of_any_kind_and_the_rest_stays_to_the_byte(study: Path, coding: str, between: str):
    table = study / "people.csv"
    rows = [
        "who,Participant,note",
        'a,P008,"größer\nP007, in a note"',
        'b,"P007","two\nlines"',
        "c,sub-P007,",
        "d,P9,x",
    ]
    lines = [f"{between.join(row.split(','))}\r\n" for row in rows]
    table.write_bytes("".join(lines).encode(coding))
    table.chmod(0o644)
    traces = find_traces(study, "P007")
    erase(traces)
    assert table.read_bytes() == "".join((lines[0], lines[1], lines[4])).encode(coding)
    assert table.stat().st_mode & 0o777 == 0o644
    assert table in traces.mentions, "a note of another row still has the name"


def test_whose_a_recording_is_its_session_says_before_its_folder_does(study: Path):
    moved = record(study, "P007")
    moved.json.write_text('{"participants": ["P009"]}', encoding="utf-8")
    assert moved.json in find_traces(study, "P007").shared
    assert {moved.json, moved.xdf, moved.video} <= {*find_traces(study, "P009").files}


def test_one_persons_export_of_a_session_of_several_is_theirs(study: Path):
    out = study / "fif" / "sub-P007_ses-01_task-live_run-002_P008_raw.fif"
    out.parent.mkdir()
    out.write_bytes(b"EEG of P008, Exported from sub-P007_ses-01_task-live_run-002_eeg.xdf")
    assert out in find_traces(study, "P008").files
    of_first = find_traces(study, "P007")
    assert out not in of_first.files
    assert out in of_first.mentions


def test_what_still_has_the_name_is_told_whatever_it_is(study: Path):
    told = {
        "notes.txt": b"P007 came late", "answers.sqlite": b"\0\1P007\0", "table.xls": "with P007".encode("utf-16"),
        "array.npy": "P007".encode("utf-32-le"), "P007 on paper.pdf": b"",
    }  # fmt: skip
    for name, content in (told | {"other.txt": b"xP007 P0077 P007b sub-P008"}).items():
        (study / name).write_bytes(content)
    (study / "P007 link").symlink_to(study / "nowhere")
    with LabelStore(study / "labels.sqlite") as store:
        store.add(Label("u", "s", "P008", 1.0, 2.0, 3.0, annotator="P007", label="happy"))
    assert {path.name for path in find_traces(study, "P007").mentions} == {*told, "P007 link", "labels.sqlite"}
    assert find_traces(study, "07").mentions == (), "a number stands in any file"


def test_a_model_that_learnt_from_files_of_a_table_is_named(study: Path):
    shipped = load(SHIPPED)
    names = ("P007, a.edf, b.edf", "sub-P010_x.edf, 12 bytes", "P011.edf, 5 bytes", "take.xdf, 5 bytes")
    learnt = dataclasses.replace(shipped.header, taught_on=TaughtOn(), learnt_from=names)
    save(study / "everyone.safetensors", shipped.network, learnt)
    assert learnt.people == ("P007", "P010", "P011")
    for who in learnt.people:
        assert study / "everyone.safetensors" in find_traces(study, who).models


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
    assert {table.path.name for table in traces.tables} == {"participants.tsv", "trials.tsv"}
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


@pytest.mark.skipif(not hasattr(os, "mkfifo") or sys.platform == "darwin", reason="names there are text")
def test_a_pipe_is_not_waited_for_and_names_that_are_no_text_are_read(tmp_path: Path):
    record(tmp_path, "P007")
    os.mkfifo(tmp_path / "pipe.tsv")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/P007 \xff.txt"))
    odd.write_bytes(b"nothing")
    assert find_traces(tmp_path, "P007").mentions == (odd,)


def test_nothing_stays_of_what_was_noted_of_their_files(study: Path):
    other = study / "data"
    for root in (study, other):
        root.mkdir(exist_ok=True)
        path = root / "sub-P007_eeg.edf"
        path.write_bytes(b"of a person")
        kept = Derivatives.of(root, silent)
        assert kept is not None
        kept.state(path)
    noted = [root / FOLDER / "files.json" for root in (study, other)]
    mine = study / "files.json"
    mine.write_text("{}", encoding="utf-8")
    erase(find_traces(study, "P999"))
    assert all(path.exists() for path in noted)
    erase(find_traces(study, "P007"))
    assert not any(path.exists() for path in noted)
    assert mine.exists()
