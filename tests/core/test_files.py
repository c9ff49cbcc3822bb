"""Who may read what Insula makes, and what is no file."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import load
from core.errors import FileFormatError
from core.files import make_folder, no_pipe, private, whole_file, write_whole
from core.models.model_file import read_model
from core.recording.labels import LabelStore
from core.recording.video import VideoReader
from core.recording.xdf_reader import read_xdf


@pytest.fixture(autouse=True)
def _open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    make_folder(there / "study" / "sub-P001" / "ses-01")
    assert [rights(there / part) for part in ("study", "study/sub-P001", "study/sub-P001/ses-01")] == [0o700] * 3
    assert rights(there) == 0o755
    make_folder(there / "study" / "sub-P001")
    with open(there / "a", "w", opener=private):
        assert rights(there / "a") == 0o600


def test_answers_and_what_sqlite_keeps_beside_them(tmp_path: Path) -> None:
    with LabelStore(tmp_path / "labels.sqlite"):
        assert {path.name: rights(path) for path in tmp_path.iterdir()} == dict.fromkeys(
            ("labels.sqlite", "labels.sqlite-wal", "labels.sqlite-shm"), 384
        )


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def test_what_is_no_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    pipe = _pipe(tmp_path)
    with pytest.raises(FileFormatError, match=r"pipe is a named pipe, not a file\. Give a file\."):
        no_pipe(pipe)
    (tmp_path / "link").symlink_to(pipe)
    with pytest.raises(FileFormatError, match="is a named pipe"):
        no_pipe(tmp_path / "link")
    with pytest.raises(FileFormatError, match="is a device"):
        no_pipe(Path("/dev/zero"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(FileFormatError, match="is a socket"):
            no_pipe(tmp_path / "socket")
    for fine in (tmp_path, tmp_path / "missing", Path("nul\0in it")):
        assert no_pipe(fine) == fine


@pytest.mark.parametrize(
    "read",
    [read_model, load, LabelStore, lambda path: list(read_xdf(path)), lambda path: VideoReader(path).__enter__()],
)
def test_no_reader_waits_for_a_pipe(tmp_path: Path, read) -> None:
    with pytest.raises(FileFormatError, match="is a named pipe"):
        read(_pipe(tmp_path))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "a.json"
    write_whole(path, "größer")

    def break_off() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        break_off()
    assert path.read_text(encoding="utf-8") == "größer"
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_text(encoding="utf-8") == "größer", "the old one stands until the new one is whole"
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_whole_file_can_be_for_its_owner_alone(tmp_path: Path):
    write_whole(tmp_path / "a", b"1", private)
    write_whole(tmp_path / "b", b"1")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"]
    assert modes == [0o600, 0o666]
