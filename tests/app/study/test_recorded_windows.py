"""Windows of recorded sessions: read once, and anew as soon as anything that they hang on is another."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from acquisition.simulator.streams import SimulatedEeg
from acquisition.source import items
from app.session.recording_files import RecordingFiles
from app.study import derivatives, recorded_windows
from app.study.derivatives import N_KEPT, Derivatives
from app.study.erase import find_traces
from app.study.offline_replay import replay
from app.study.recorded_windows import RecordedWindows
from core.config import Config, EegConfig, RecordConfig, WindowConfig
from core.data import Window
from core.recording.session import Session
from tests.app.study.test_filmed_files import same
from training.loop import silent

PEOPLE = ("P001", "P002")
CONFIG = Config(eeg=EegConfig(notch=50.0), window=WindowConfig(step=1.0))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Twelve seconds of two people in a study."""
    sources = [SimulatedEeg(name, k, 100.0, duration=12.0, clock=None) for k, name in enumerate(PEOPLE)]
    infos = [source.infos[0] for source in sources]
    made = Session.create(RecordConfig(study=str(tmp_path / "study"), task="film"))
    made.describe({"participants": PEOPLE, "start": "2026-11-21T10:00:00+00:00", "start_lsl": 98.0})
    files = RecordingFiles(made, infos, list(PEOPLE), ("happy", "sad"), "2026-11-21T10:00:00+00:00", True)
    for source in sources:
        with source:
            for item in items(source, 0.0):
                files.write(item, False)
    files.close()
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Which recordings were replayed."""
    replayed: list[Path] = []

    def counted(path, *more, **others):
        replayed.append(path)
        return replay(path, *more, **others)

    monkeypatch.setattr(recorded_windows, "replay", counted)
    return replayed


def windows(session: Session, config: Config = CONFIG, said: list[str] | None = None) -> Sequence[Window]:
    """Return what is read of a session as another command would."""
    return RecordedWindows("", config, silent if said is None else said.append).of(session.xdf)


def files(session: Session) -> list[Path]:
    """Return what is kept of it."""
    assert session.study is not None
    return sorted((session.study / derivatives.FOLDER).glob("*.npz"))


def test_a_second_reading_takes_the_same_windows_of_everyone_from_the_disk(session: Session, reads: list[Path]):
    first = windows(session)
    assert {window.participant for window in first} == {*PEOPLE}
    assert len(first) > 15
    again = windows(session)
    assert len(reads) == 1
    assert len(again) == len(first)
    for one, other in zip(first, again, strict=True):
        same(one, other)
    assert [path.name.split("_")[0] for path in files(session)] == ["sub-P001", "sub-P002"]
    assert {path.stat().st_mode & 0o777 for path in files(session)} == {0o600}


@pytest.mark.parametrize(
    "config",
    [dataclasses.replace(CONFIG, window=WindowConfig(step=0.5)),
     dataclasses.replace(CONFIG, eeg=EegConfig(notch=50.0, lowpass=40.0)),
     dataclasses.replace(CONFIG, face=dataclasses.replace(CONFIG.face, max_yaw_deg=30.0))],
)  # fmt: skip
def test_another_configuration_reads_anew(session: Session, reads: list[Path], config: Config):
    windows(session)
    windows(session, config)
    assert len(reads) == 2
    windows(session, config)
    windows(session)
    assert len(reads) == 2, "both are kept"


def test_a_changed_file_and_other_code_read_anew(session: Session, reads: list[Path], monkeypatch: pytest.MonkeyPatch):
    windows(session)
    os.utime(session.xdf, (1.0, 1.0))
    windows(session)
    assert len(reads) == 1, "touched alone"
    session.json.write_bytes(session.json.read_bytes() + b"\n")
    windows(session)
    assert len(reads) == 2
    session.video.parent.mkdir(exist_ok=True)
    session.video_of(1).write_bytes(b"another picture")
    windows(session)
    assert len(reads) == 3
    session.labels.write_bytes(b"no window hangs on an answer")
    windows(session)
    assert len(reads) == 3
    monkeypatch.setattr(recorded_windows, "made_by", lambda: "tomorrow's code")
    windows(session)
    assert len(reads) == 4


@pytest.mark.parametrize("group", ["insula.sources", "insula.encoders"])
def test_another_version_of_a_package_that_reads_is_other_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str
):
    about = tmp_path / "insula_pulse.dist-info"
    about.mkdir()
    (about / "entry_points.txt").write_text(f"[{group}]\npulse = insula_pulse:Pulse\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = set()
    for version in ("1.0", "1.1"):
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: insula-pulse\nVersion: {version}\n")
        found.add(derivatives.made_by.__wrapped__())
    assert len(found) == 2


def test_of_one_recording_those_used_last_are_kept(session: Session, reads: list[Path]):
    steps = [0.5, 1.0, 2.0, 4.0]
    configs = [dataclasses.replace(CONFIG, window=WindowConfig(step=step)) for step in steps]
    for config in configs[:N_KEPT]:
        windows(session, config)
    for age, path in enumerate(files(session)):
        os.utime(path, (1000.0 - age, 1000.0 - age))
    windows(session, configs[0])
    assert len(reads) == N_KEPT
    windows(session, configs[3])
    assert len(files(session)) == N_KEPT * len(PEOPLE)
    windows(session, configs[0])
    windows(session, configs[3])
    assert len(reads) == N_KEPT + 1, "the first was used since, and the last is new"


def test_what_is_damaged_or_lacks_somebody_is_read_anew(session: Session, reads: list[Path]):
    whole = windows(session)
    files(session)[0].write_bytes(b"PK")
    assert len(windows(session)) == len(whole)
    assert len(reads) == 2
    files(session)[1].unlink()
    assert len(windows(session)) == len(whole)
    assert len(reads) == 3


@pytest.mark.parametrize(
    "damage",
    [lambda whole: b"", lambda whole: in_directory(whole, 8, 1), lambda whole: in_directory(whole, 10, 8),
     lambda whole: in_directory(whole, 10, 99)],
    ids=["empty", "encrypted", "packed", "packed by nobody knows what"],
)  # fmt: skip
def test_however_it_is_damaged_it_is_read_anew(session: Session, reads: list[Path], damage: Callable[[bytes], bytes]):
    whole = windows(session)
    (path, *_) = files(session)
    path.write_bytes(damage(path.read_bytes()))
    assert len(windows(session)) == len(whole)
    assert len(reads) == 2


def in_directory(whole: bytes, place: int, value: int) -> bytes:
    """Return a ZIP with another byte at a place of the entry of its first file in the directory at its end."""
    at = whole.index(b"PK\x01\x02") + place
    return whole[:at] + bytes([value]) + whole[at + 1 :]


def test_a_recording_that_grew_meanwhile_is_not_kept(session: Session, monkeypatch: pytest.MonkeyPatch):
    def growing(path, *more, **others):
        yield from replay(path, *more, **others)
        path.write_bytes(path.read_bytes() + bytes(1))

    monkeypatch.setattr(recorded_windows, "replay", growing)
    assert windows(session)
    assert files(session) == []


def test_where_nothing_can_be_kept_it_is_told_and_read(session: Session, reads: list[Path]):
    assert session.study is not None
    (session.study / "derivatives").write_text("a file where a folder should be")
    said: list[str] = []
    assert windows(session, said=said)
    assert windows(session)
    assert len(reads) == 2
    assert "Nothing is kept for the next time" in said[0]


def test_a_recording_of_no_study_leaves_no_files_beside_it(session: Session, reads: list[Path], tmp_path: Path):
    other = tmp_path / "elsewhere.xdf"
    other.write_bytes(session.xdf.read_bytes())
    reader = RecordedWindows("", CONFIG, silent)
    assert len(reader.of(other)) > 5
    assert [path.name for path in tmp_path.iterdir() if path.name != "study"] == ["elsewhere.xdf"]


def test_what_was_to_be_known_is_told_again(session: Session, monkeypatch: pytest.MonkeyPatch):
    reads = []

    def telling(path, config, make, tell, progress):
        tell("a second is missing")
        reads.append(path)
        return replay(path, config, make, tell=tell, progress=progress)

    monkeypatch.setattr(recorded_windows, "replay", telling)
    for _ in range(2):
        said: list[str] = []
        windows(session, said=said)
        assert "a second is missing" in said
    assert len(reads) == 1


def test_erasing_a_person_finds_what_is_kept_of_them(session: Session):
    windows(session)
    assert session.study is not None
    assert files(session)[1] in find_traces(session.study, "P002").files
    assert files(session)[0] not in find_traces(session.study, "P002").files


def test_a_place_is_the_same_from_wherever_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    near, far = Derivatives(Path("a"), silent), Derivatives(tmp_path / "a", silent)
    assert near.place(Path("a/b.edf")) == far.place(tmp_path / "a" / "b.edf") == "b.edf"
    assert near.place(tmp_path / "c.edf") == str(tmp_path / "c.edf")
