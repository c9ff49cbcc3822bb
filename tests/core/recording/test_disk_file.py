import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import RecordingError
from core.recording.disk_file import DiskFile


class SmallDisk:
    """The file of a `DiskFile`, on a disk that takes `room` more bytes and then none, until it is given more."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self.room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: memoryview) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        n = min(len(data), self.room)
        self.room -= n
        return int(self._file.write(data[:n]))


def small_disk(file: DiskFile, room: int) -> SmallDisk:
    """Put `file` on a disk that has only so much room left; its `room` can be changed."""
    disk = SmallDisk(file._file, room)
    file._file = disk  # type: ignore[assignment]
    return disk


def run_alone(code: str, path: Path) -> str:
    """Return what `code` prints in a process of its own, whose limits are no other's, with `path` as its argument."""
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[3], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def test_nothing_is_on_disk_before_it_is_flushed(tmp_path: Path):
    file = DiskFile(tmp_path / "f")
    file.write(b"abc")
    assert (file.n_waiting, file.n_bytes, (tmp_path / "f").read_bytes()) == (3, 0, b"")
    file.flush()
    assert (file.n_waiting, file.n_bytes, (tmp_path / "f").read_bytes()) == (0, 3, b"abc")
    file.write(b"de")
    file.close()
    file.close()
    assert (tmp_path / "f").read_bytes() == b"abcde"


def test_what_was_written_can_be_mended(tmp_path: Path):
    file = DiskFile(tmp_path / "f")
    file.write(b"size: ??, data")
    file.flush()
    file.seek(6)
    assert file.tell() == 6
    file.write(b"14")
    file.seek(0, 2)
    file.write(b", end")
    file.seek(-3, 1)
    file.write(b"END")
    file.close()
    assert (tmp_path / "f").read_bytes() == b"size: 14, data, END"


def test_a_full_disk_leaves_the_file_as_it_was_and_what_waits_is_written_later(tmp_path: Path):
    file = DiskFile(tmp_path / "f")
    file.write(b"whole")
    file.flush()
    disk = small_disk(file, 3)
    file.write(b" and more")
    for _ in range(2):
        with pytest.raises(RecordingError, match=r"^The disk is full\. Make room: what waits is written then"):
            file.flush()
        assert (tmp_path / "f").read_bytes() == b"whole"
    file.write(b" and more")
    disk.room = 100
    file.close()
    assert (tmp_path / "f").read_bytes() == b"whole and more and more"


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are of POSIX")
def test_a_file_that_the_system_itself_cuts_short_is_whole(tmp_path: Path):
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from core.errors import RecordingError\nfrom core.recording.disk_file import DiskFile\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2500, hard))\n"
        "path = Path(sys.argv[1])\nfile = DiskFile(path)\nsizes = []\n"
        "for k in range(5):\n"
        "    file.write(bytes([k]) * 1000)\n"
        "    try:\n        file.flush()\n    except RecordingError:\n        sizes.append(path.stat().st_size)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\nfile.close()\nprint(sizes)\n"
    )
    path = tmp_path / "f"
    assert run_alone(code, path) == "[2000, 2000, 2000]\n"
    assert path.read_bytes() == b"".join(bytes([k]) * 1000 for k in range(5))


def test_an_existing_file_is_never_overwritten(tmp_path: Path):
    (tmp_path / "f").write_text("precious")
    with pytest.raises(RecordingError, match="not overwritten"):
        DiskFile(tmp_path / "f")
    with pytest.raises(RecordingError, match="cannot be made"):
        DiskFile(tmp_path / "none" / "f")
    assert (tmp_path / "f").read_text() == "precious"
