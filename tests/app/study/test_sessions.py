"""What a study holds, as its screen lists it."""

import dataclasses
import math
import os
from pathlib import Path
from typing import Any

import pytest

from app.home.texts import JUST_WRITTEN, about
from app.study import sessions
from app.study.sessions import SessionCache, learnt_models, study_sessions
from core.config import RecordConfig
from core.data import Label
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, TaughtOn
from core.recording.labels import LabelStore
from core.recording.session import MODELS, Session


def record(study: Path, participant: str, **about: Any) -> Session:
    session = Session.create(RecordConfig(study=str(study), participant=participant))
    session.describe({"participants": [participant], **about})
    session.xdf.write_bytes(b"XDF:")
    return session


def test_sessions_are_listed_newest_first_with_length_streams_and_answers(tmp_path: Path):
    streams = [{"key": "a", "kind": "eeg", "simulated": True}, {"key": "b", "kind": "video", "simulated": True}]
    first = record(
        tmp_path, "P001", start="2026-11-21T10:00:00+00:00", stop="2026-11-21T10:03:31+00:00", streams=streams
    )
    record(tmp_path, "P002", start="2026-11-22T10:00:00+00:00", stop=None)
    with LabelStore(first.labels) as store:
        for k, (who, how) in enumerate([("anna", "label"), ("anna", "cannot tell"), ("ben", "label"), ("ben", "skip")]):
            store.add(Label(f"u{k}", f"s{k}", "P001", 0.0, 4.0, 5.0, annotator=who, answer=how))  # type: ignore[arg-type]
    newest, oldest = study_sessions(tmp_path)
    assert (newest.participants, oldest.participants) == (("P002",), ("P001",))
    assert math.isnan(newest.seconds)
    assert oldest.seconds == 211.0
    assert oldest.streams == ("eeg", "video")
    assert oldest.simulated
    assert oldest.answers == (("anna", 2), ("ben", 1))
    assert oldest.n_answers == 3
    assert not newest.problem


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda s: s.json.write_text("{", encoding="utf-8"), "damaged"),
        (lambda s: s.xdf.unlink(), "is missing"),
        (lambda s: s.labels.write_bytes(b"no database, whatever it says" * 99), "labels"),
    ],
)
def test_one_that_is_damaged_is_listed_with_what_is_wrong_and_hides_no_other(tmp_path: Path, damage: Any, told: str):
    damage(record(tmp_path, "P001"))
    record(tmp_path, "P002")
    rows = {row.participants[0]: row.problem for row in study_sessions(tmp_path)}
    assert told in rows["P001"]
    assert rows["P002"] == ""


def test_a_copy_that_has_no_end_is_not_said_to_be_recorded_as_one_that_grows_is(tmp_path: Path):
    copied, live = (record(tmp_path, name, start="2026-11-22T10:00:00+00:00", stop=None) for name in ("P001", "P002"))
    cache = SessionCache()
    assert {about(row, []) for row in cache.rows(tmp_path)} == {f"{who}. {JUST_WRITTEN}" for who in ("P001", "P002")}
    for _ in range(2):
        live.xdf.write_bytes(live.xdf.read_bytes() + b"more")
        os.utime(live.xdf, ns=(0, live.xdf.stat().st_mtime_ns + 1))
        told = {row.session.stem: about(row, []) for row in cache.rows(tmp_path)}
        assert told[live.stem] == "P002. It is being recorded."
        assert told[copied.stem] == f"P001. {JUST_WRITTEN}"
    assert about({row.session.stem: row for row in cache.rows(tmp_path)}[live.stem], []) == told[live.stem], "it rests"


def test_a_folder_that_holds_nothing_has_no_sessions(tmp_path: Path):
    assert study_sessions(tmp_path / "nowhere") == []
    assert learnt_models(tmp_path) == {}


def test_a_model_stands_with_whom_it_learnt_from(tmp_path: Path):
    shipped = load(SHIPPED)
    header = dataclasses.replace(shipped.header, taught_on=TaughtOn(participants=("P001",)))
    save(tmp_path / MODELS / "P001.safetensors", shipped.network, header)
    (tmp_path / MODELS / "other.safetensors").write_bytes(b"no model")
    assert learnt_models(tmp_path) == {"P001": [tmp_path / MODELS / "P001.safetensors"]}


@pytest.mark.parametrize(
    "about",
    [
        {"participants": 5}, {"participants": [{"a": 1}]}, {"participants": [None]}, {"participants": "P001"},
        {"streams": 5}, {"consent": "withdrawn"}, {"consent": {"train": "no"}}, {"start": 5},
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_a_problem_of_that_session_alone(tmp_path: Path, about: dict[str, Any]):
    record(tmp_path, "P001", **about)
    record(tmp_path, "P002", start="0001-01-01T00:00:00+14:00")
    rows = {row.session.stem.split("_")[0]: row for row in study_sessions(tmp_path)}
    assert "damaged" in rows["sub-P001"].problem
    assert rows["sub-P002"].problem == ""


def test_a_file_that_is_a_broken_link_hides_no_other(tmp_path: Path):
    record(tmp_path, "P001")
    (tmp_path / "sourcedata" / "sub-P001" / "ses-01" / "x_labels.sqlite").symlink_to("nowhere")
    (tmp_path / MODELS).mkdir()
    (tmp_path / MODELS / "x.safetensors").symlink_to("nowhere")
    assert learnt_models(tmp_path) == {}
    assert len(study_sessions(tmp_path)) == 1


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    times = {"start": "2026-11-21T10:00:00+00:00", "stop": "2026-11-21T10:03:31+00:00"}
    made = [record(tmp_path, name, **times) for name in ("P001", "P002", "P003")]
    read: list[str] = []
    before = sessions.session_row
    monkeypatch.setattr(sessions, "session_row", lambda session: read.append(session.stem) or before(session))
    cache = SessionCache()
    assert len(cache.rows(tmp_path)) == 3
    assert sorted(read) == [session.stem for session in made]
    read.clear()
    assert len(cache.rows(tmp_path)) == 3
    assert read == []
    with LabelStore(made[1].labels) as store:
        store.add(Label("u", "s", "P002", 0.0, 4.0, 5.0, annotator="anna"))
    made[2].json.unlink()
    rows = cache.rows(tmp_path)
    assert read == [made[1].stem]
    assert {row.session.stem: row.n_answers for row in rows} == {made[0].stem: 0, made[1].stem: 1}


def test_a_model_counts_for_whoever_it_has_learnt_from_also_if_their_eeg_is_not_read(tmp_path: Path):
    shipped = load(SHIPPED)
    header = dataclasses.replace(
        shipped.header, learnt_from=("sub-SIM_ses-01_task-live_run-001, 2026-11-29T10:00", "a film.edf, 12 bytes")
    )
    path = tmp_path / MODELS / "SIM_2026-11-29.safetensors"
    path.parent.mkdir()
    save(path, shipped.network, header)
    # As a replay has it, an EEG file that names nobody is of whom its own name says.
    assert learnt_models(tmp_path) == {"SIM": [path], "a film": [path]}


def test_answers_are_counted_while_their_window_is_open_and_after_it_was_killed(tmp_path: Path):
    session = record(tmp_path, "P001", start="2026-11-21T10:00:00+00:00", stop="2026-11-21T10:03:31+00:00")
    cache = SessionCache()
    with LabelStore(session.labels) as store:
        counts = []
        for k in range(3):
            store.add(Label(f"u{k}", f"s{k}", "P001", 0.0, 4.0, 5.0, annotator="anna"))
            counts.append(cache.rows(tmp_path)[0].n_answers)
    assert counts == [1, 2, 3]
