"""The log: what goes into it, where it lies, and what of it a report shows."""

import errno
import logging
import os
import stat
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from app import cli
from app.cli import main
from app.commands.doctor_report import without_messages
from app.log import Log, LogFile, about, log_beside, log_folder, logged, newest_log
from core.data import Fault, Label, Notice, RecordingHealth
from core.error_trace import error_trace
from core.recording.session import Session

PERSON = "AnnaKowalska"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def fault(text: str = "Predictions have stopped") -> Fault:
    return Fault("engine", 12.5, text, error_trace(raised(ValueError(f"of {PERSON}"))))


def test_a_fault_is_written_with_time_and_traceback_and_names_its_file():
    with Log("run") as log:
        told = logged(fault())
        path = log.path
    text = path.read_text(encoding="utf-8")
    assert told.log == str(path)
    assert path.parent == log_folder()
    line = next(line for line in text.splitlines() if "Predictions have stopped" in line)
    assert " ERROR insula.fault: engine: Predictions have stopped" in line
    assert line[:2] == "20"
    assert "    ValueError: of AnnaKowalska\n        tests/app/test_log.py:" in text


def test_what_is_wrong_with_streams_and_recording_is_written_and_data_are_not():
    health = RecordingHealth(1.0, "/x", True, 1, 1, "The disk is nearly full")
    with Log("run") as log:
        for message in (
            health,
            health,
            Notice("amp", 2.0, "lost", "amp is gone"),
            Notice("amp", 3.0, "back", "is back"),
        ):
            assert logged(message) is message
        label = Label("uid-1", "", PERSON, 0.0, 1.0, 2.0, note="secret")
        assert logged(label) is label
    text = log.path.read_text(encoding="utf-8")
    assert text.count("The disk is nearly full") == 1
    assert "WARNING insula.notice.lost: amp: amp is gone" in text
    assert "INFO insula.notice: amp: is back" in text
    assert PERSON not in text
    assert "secret" not in text


def test_warnings_of_libraries_and_ends_of_threads_are_written(capsys: pytest.CaptureFixture[str]):
    with Log("train") as log, warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)  # pytest has its own way of catching them
        logging.captureWarnings(True)
        warnings.warn("a scale was guessed", RuntimeWarning, stacklevel=1)
        thread = threading.Thread(target=lambda: [][0], name="worker")  # noqa: TID251
        thread.start()
        thread.join()
    text = log.path.read_text(encoding="utf-8")
    assert "WARNING py.warnings: " in text
    assert "a scale was guessed" in text
    assert "ERROR insula.thread: worker ended" in text
    assert "    IndexError: list index out of range\n" in text
    assert capsys.readouterr().err == "worker ended: list index out of range\n"


def test_nothing_to_say_leaves_no_file():
    with Log("run"):
        logging.getLogger("insula.fine").debug("nothing")
    assert not log_folder().exists()
    assert newest_log() is None


def test_from_the_session_on_the_log_lies_beside_it(tmp_path: Path):
    session = Session(tmp_path / "ses-01", "sub-P001_ses-01_task-live_run-001")
    with Log("run") as log:
        before = logged(fault("before")).log
        log_beside(session.log)
        after = logged(fault("after")).log
    assert after == str(session.log) == str(log.path)
    assert "after" in session.log.read_text(encoding="utf-8")
    assert "before" in Path(before).read_text(encoding="utf-8")
    assert "before" not in session.log.read_text(encoding="utf-8")
    assert newest_log() == session.log
    assert stat.S_IMODE(session.log.stat().st_mode) == 0o600


def test_a_session_on_a_disk_that_takes_no_more_has_its_log_elsewhere(tmp_path: Path):
    (tmp_path / "ses-01").write_text("a file where the folder should be", encoding="utf-8")
    with Log("run") as log:
        log_beside(tmp_path / "ses-01" / "x.log")
        logged(fault())
    assert log.path.parent == log_folder()
    assert "Predictions have stopped" in log.path.read_text(encoding="utf-8")


def test_where_no_log_can_be_written_nothing_fails(tmp_path: Path):
    (tmp_path / "settings").write_text("", encoding="utf-8")
    with Log("run"):
        logged(fault())
    assert newest_log() is None


def test_a_log_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.log._MOST_BYTES", 10_000)
    file = LogFile(tmp_path / "x.log")
    for _ in range(1000):
        file.emit(logging.makeLogRecord({"msg": "x" * 100}))
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir() if "log" in path.name) == ["x.log", "x.log.1"]
    assert sum(path.stat().st_size for path in tmp_path.glob("x.log*")) <= 20_000


def test_old_logs_go(tmp_path: Path):
    log_folder().mkdir(parents=True)
    for k in range(30):
        (log_folder() / f"20250101T0000{k:02d}Z_run_1.log").touch()
    with Log("run"):
        pass
    assert [path.name[13:15] for path in sorted(log_folder().iterdir())] == [f"{k:02d}" for k in range(10, 30)]


def test_a_report_has_no_names_no_paths_and_nothing_of_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    home = tmp_path / f"home-{PERSON}"
    home.mkdir()
    config = home / "lab.toml"
    config.write_text(
        f'[eeg]\nname = "{PERSON}s amp"\nhighpass = 1.5\n[record]\nparticipant = "{PERSON}"\nstudy = "{home}"\n'
        f'[label.keys]\n{PERSON} = "1"\n',
        encoding="utf-8",
    )
    with Log("run") as log:
        about("settings", "eeg.highpass = 1.5")
        log_beside(home / f"sub-{PERSON}_insula.log")
        logged(fault(f"{PERSON} at {home}:\n        {PERSON}\n    {PERSON}: {PERSON}"))
        logged(Notice(f"{PERSON}s amp", 1.0, "lost", f"{PERSON}s amp is gone"))
        logged(Notice(f"{PERSON}s amp", 1.0, PERSON, "a kind out of a damaged file"))  # type: ignore[arg-type]
        logged(RecordingHealth(1.0, str(home), True, 1, 1, f"Nothing has come from {PERSON}s amp"))
        error = raised(OSError(errno.ENOSPC, "No space left on device", str(home / "x.xdf")))
        logging.getLogger("insula.command").error("%s", PERSON, exc_info=error)
    assert PERSON in log.path.read_text(encoding="utf-8")  # what is asked for below is truly in the log
    assert main(["doctor", "--report", "--config", str(config)]) == 0
    text = capsys.readouterr().out
    for kept in (
        "settings: eeg.name is set, eeg.highpass = 1.5, record.study is set, record.participant is set",
        "insula.about: settings eeg.highpass = 1.5",
        "ERROR insula.fault\n    ValueError\n        tests/app/test_log.py:",
        "WARNING insula.notice.lost\n",
        "WARNING insula.recording\n",
        "    OSError[ENOSPC]\n",
        "ok   numpy",
        "Insula 0.",
    ):
        assert kept in text
    user = Path.home().name
    for gone in (PERSON, PERSON.lower(), str(tmp_path), tmp_path.name, "No space left", os.uname().nodename):
        assert gone not in text, gone
    assert f"/{user}" not in text


def test_a_line_that_is_not_of_the_log_is_left_out():
    assert list(without_messages(f"{PERSON}\n  {PERSON}: x\nTraceback\n20-1 {PERSON}: x\n    {PERSON} x: y\n")) == []


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch):
    """Have `insula streams` end with an error."""

    def make(error: BaseException) -> None:
        def run(_: object) -> int:
            raise error

        monkeypatch.setattr("app.commands.streams.run", run)

    return make


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.xdf"), "The disk is full (a.xdf). Make room"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "The disk is full. Make room"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "does not allow it: Permission denied (a). Ask"),
        (OSError(errno.EROFS, "Read-only file system", "a"), "does not allow it: Read-only file system (a). Ask"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"), "The system says: Not a directory (a/b). Check"),
        (OSError("no number"), "A mistake in Insula (OSError: no number)"),
        (MemoryError(), "There is not enough memory. Close other programs"),
        (KeyError("x"), "A mistake in Insula (KeyError: 'x'). What was recorded"),
        (RecursionError("too\ndeep"), "A mistake in Insula (RecursionError: too deep). What"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "A mistake in Insula (UnicodeDecodeError: 'utf-8' codec"),
    ],
)
def test_whatever_is_raised_is_one_sentence_the_log_and_70(fails, error, said, capsys: pytest.CaptureFixture[str]):
    fails(error)
    assert main(["streams"]) == 70
    told = capsys.readouterr().err
    log = newest_log()
    assert log is not None
    assert told.startswith("insula streams: ")
    assert said in told
    assert told.endswith(f"Details are in {log}\n")
    assert told.count("\n") == 1
    assert "Traceback" not in told
    assert f"    {error_trace(error).splitlines()[0]}" in log.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_does_not_fit_is_told_once(tmp_path: Path):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "insula", "streams", "--wait", "0.1"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 70
    assert ended.stderr.startswith("insula streams: The disk is full. Make room and try again. Details are in ")
    assert ended.stderr.count("\n") == 1


def test_ctrl_c_is_130(fails, capsys: pytest.CaptureFixture[str]):
    fails(KeyboardInterrupt())
    assert main(["streams"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_what_went_wrong_in_writing_the_log_is_no_second_error(fails, tmp_path: Path, capsys):
    (tmp_path / "settings").write_text("", encoding="utf-8")
    fails(ValueError("x"))
    assert main(["streams"]) == 70
    assert "A mistake in Insula" in capsys.readouterr().err


def test_help_says_what_the_report_is(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["doctor", "--help"])
    assert "--report" in capsys.readouterr().out


def test_who_is_erased_goes_from_the_logs_of_this_user_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sub = tmp_path / "study" / "sourcedata" / "sub-P007" / "ses-01"
    sub.mkdir(parents=True)
    (sub / "sub-P007_ses-01_task-film_run-001_session.json").write_text('{"participants": ["P007"]}', encoding="utf-8")
    log_folder().mkdir(parents=True)
    for name, text in (("1.log", f"a fault in {sub}"), ("newest", str(sub / "x.log")), ("2.log", "of sub-P0070, P00")):
        (log_folder() / name).write_text(text, encoding="utf-8")
    assert main(["erase", "--participant", "P007", "--study", str(tmp_path / "study"), "--yes"]) == 0
    assert not sub.exists()
    assert [path.name for path in log_folder().iterdir()] == ["2.log"]
