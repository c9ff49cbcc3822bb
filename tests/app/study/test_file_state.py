"""A file is what it was as long as its content is, whatever its time says; its content is read only where need be."""

import os
from pathlib import Path

import pytest

from app.study import derivatives
from app.study import file_state as module
from app.study.derivatives import FOLDER, Derivatives
from app.study.file_state import FileState, file_state
from core.errors import FileFormatError
from training.loop import silent

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""sha256 of ``abc``, FIPS 180-2."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.edf"
    made.write_bytes(b"abc")
    os.utime(made, ns=(7, 7))
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    found: list[Path] = []
    digest = module._digest
    monkeypatch.setattr(module, "_digest", lambda path, files: found.append(path) or digest(path, files))
    return found


def test_it_is_told_by_size_time_and_content(file: Path):
    state = file_state(file)
    assert state == FileState(3, 7, ABC)
    assert state.words == f"3 bytes of 7, sha256 {ABC}"
    assert FileState.of_words(state.words) == state
    assert FileState.of_words("3 bytes of 7") == FileState(3, 7)
    assert FileState.of_words("a text") is None
    assert file_state(file.parent / "gone") == FileState()


def test_the_content_decides_and_the_time_only_where_no_content_was_noted(file: Path):
    before = file_state(file)
    os.utime(file, ns=(8, 8))
    touched = file_state(file, before)
    assert (touched.time, before.holds(touched)) == (8, True)
    assert not FileState(3, 7).holds(touched)
    file.write_bytes(b"abd")
    assert not before.holds(file_state(file, before))


def test_of_a_folder_that_is_a_recording_all_of_it_counts(tmp_path: Path):
    folder = tmp_path / "a.mff"
    folder.mkdir()
    (folder / "signal").write_bytes(b"abc")
    before = file_state(folder)
    (folder / "signal").rename(folder / "other")
    assert not before.holds(file_state(folder))
    assert before.size == 3


VHDR = b"[Common Infos]\r\nDataFile = old name.eeg\r\nMarkerFile=$b.vmrk\r\n"


@pytest.mark.parametrize(
    ("header", "samples"),
    [
        ("a.vhdr", "old name.eeg"),
        ("a.vhdr", "a.vmrk"),
        ("a.set", "a.fdt"),
        ("a_raw.fif", "a_raw-1.fif"),
        ("sub-1_split-01_meg.fif", "sub-1_split-02_meg.fif"),
    ],
)
def test_of_a_recording_in_several_files_all_of_them_count(tmp_path: Path, header: str, samples: str):
    for name in (header, samples, "a.eeg", "b_raw.fif"):
        (tmp_path / name).write_bytes(VHDR if name.endswith(".vhdr") else b"abc")
    before = file_state(tmp_path / header)
    (tmp_path / "a.eeg").write_bytes(b"other")
    (tmp_path / "b_raw.fif").write_bytes(b"other")
    assert before.holds(file_state(tmp_path / header))
    (tmp_path / samples).write_bytes(b"abd")
    assert not before.holds(file_state(tmp_path / header))


def test_a_content_is_read_once_and_again_where_the_time_is_another(file: Path, reads: list[Path]):
    for _ in range(2):
        kept = Derivatives.of(file.parent, silent)
        assert kept is not None
        assert kept.state(file) == ["a.edf", 3, ABC]
        assert kept.state(file) == ["a.edf", 3, ABC]
    assert len(reads) == 1
    os.utime(file, ns=(9, 9))
    assert kept.state(file) == ["a.edf", 3, ABC]
    assert len(reads) == 2
    noted = (file.parent / FOLDER / "files.json").read_text(encoding="utf-8")
    assert "a.edf" not in noted, "a path may name a person"


def test_what_was_noted_elsewhere_is_taken_where_nothing_is_kept(file: Path, reads: list[Path]):
    state = FileState(3, 7, ABC)
    assert Derivatives(file.parent, silent).file_states([(file, state)]) == [state]
    assert reads == []
    without = [(file, FileState(3, 7))]
    assert Derivatives(file.parent, silent).file_states(without) == [state], "an older Insula noted none"


def test_thousands_of_files_are_noted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A data set has thousands of films: to write anew what was noted of all, after each, takes longer than to read."""
    written: list[Path] = []
    monkeypatch.setattr(derivatives, "write_whole", lambda path, *_: written.append(path))
    kept = Derivatives.of(tmp_path, silent)
    assert kept is not None
    files = [tmp_path / f"{k}.edf" for k in range(5)]
    for each in files:
        each.write_bytes(b"abc")
    for _ in range(2):
        assert [state.digest for state in kept.file_states((each, None) for each in files)] == [ABC] * 5
    assert written == [tmp_path / FOLDER / "files.json"]


def test_a_file_that_cannot_be_read_is_told_to_be_one(file: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    before = file_state(file)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileFormatError, match=r"a\.edf cannot be read: Permission denied\.$"):
        file_state(file)
    assert file_state(file, before) is before


def test_what_was_noted_of_a_folder_of_many_files_is_understood_and_numbers_without_end_are_not():
    many = FileState(10**12, 1000 * 1_800_000_000_000_000_000, ABC)
    assert FileState.of_words(many.words) == many
    assert FileState.of_words(f"{'9' * 5000} bytes of 1") is None
