"""The study's screen: what it lists, what can be done with it, and that nothing it starts can take it down."""

import dataclasses
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.home import texts
from app.home.home_window import HomeWindow
from app.ui.command_job import CommandJob
from app.ui.key_sheet import KeySheet
from app.ui.theme import THEME_VARIABLE, system_theme
from core.data import Label
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, TaughtOn
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.app.study.test_sessions import record


class Job(CommandJob):
    """A command that does nothing until the test says how it ended."""

    started = False
    cancelled = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


class Home:
    """A window on a study, and the jobs that it started."""

    def __init__(self, study: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.jobs: list[Job] = []
        self.models: list[str] = []
        self.window = HomeWindow(
            study, self.models.append, self._make, chosen_model=lambda: self.models[-1] if self.models else ""
        )
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.look()

    def _make(self, words: Sequence[str]) -> Job:
        self.jobs.append(Job(words))
        return self.jobs[-1]

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window, key)

    def cells(self, place: int) -> list[str]:
        table = self.window.table
        return [item.text() for c in range(table.columnCount()) if (item := table.item(place, c)) is not None]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    record(tmp_path, "P001", start="2026-11-21T10:00:00+00:00", stop="2026-11-21T10:03:31+00:00")
    record(tmp_path, "P002", start="2026-11-22T10:00:00+00:00", stop="2026-11-22T11:02:05+00:00")
    return tmp_path


@pytest.fixture
def home(study: Path, qtbot: QtBot) -> Home:
    return Home(study, qtbot)


def test_an_empty_study_says_what_to_do(tmp_path: Path, qtbot: QtBot):
    home = Home(tmp_path, qtbot)
    assert home.window._about.text() == texts.NO_SESSIONS
    assert home.window._panel._title.text() == "", "there is nothing to choose"
    assert not home.window.buttons["label"].isEnabled()
    home.press(Qt.Key.Key_N)
    assert home.jobs[0].words == ("run", "--study", str(tmp_path))


def test_the_newest_session_is_chosen_and_each_says_how_far_it_has_come(home: Home):
    assert home.cells(0)[0] == "P002"
    assert home.cells(0)[3] == "1:02:05"
    assert home.cells(1)[3:] == ["3:31", "–", "none yet", "not yet"]
    assert home.window.table.currentRow() == 0
    assert "that comes next" in home.window._about.text()


@pytest.mark.parametrize(
    ("key", "command"), [(Qt.Key.Key_L, "label"), (Qt.Key.Key_R, "replay"), (Qt.Key.Key_P, "report")]
)
def test_one_key_goes_on_with_the_chosen_session(home: Home, key: Qt.Key, command: str):
    home.qtbot.keyClick(home.window.table, Qt.Key.Key_Down)
    home.press(key)
    (job,) = home.jobs
    assert job.started
    assert job.words[0] == command
    session = Session.open(Path(job.words[1]))
    assert session.stem.startswith("sub-P001")
    assert Path(job.words[1]) == session.xdf  # what every command can open


def test_while_one_thing_is_done_nothing_else_is_begun_and_it_can_be_stopped(home: Home):
    home.press(Qt.Key.Key_L)
    home.press(Qt.Key.Key_R)
    assert len(home.jobs) == 1
    assert not home.window.buttons["new"].isEnabled()
    home.press(Qt.Key.Key_Escape)
    assert home.jobs[0].cancelled
    home.jobs[0].ended.emit(130, "Stopped.")
    assert home.window.buttons["new"].isEnabled()
    assert home.window._message.text() == ""


def test_it_stays_while_something_runs_that_would_end_with_it(home: Home):
    home.press(Qt.Key.Key_N)
    assert not home.window.close()
    assert home.window._message.text() == texts.STILL_RUNS
    home.jobs[0].ended.emit(0, "")
    assert home.window.close()


def test_what_failed_is_told_in_its_own_words(home: Home):
    home.press(Qt.Key.Key_L)
    home.jobs[0].ended.emit(3, "insula label: The file is damaged.")
    assert "The file is damaged." in home.window._message.text()
    assert home.window.isVisible()


def test_a_session_that_has_come_is_chosen_and_answers_are_counted(home: Home, study: Path):
    made = record(study, "P003", start="2026-11-23T10:00:00+00:00", stop="2026-11-23T10:01:00+00:00")
    home.window.look()
    assert home.cells(0)[0] == "P003"
    assert home.window.table.current is not None
    assert home.window.table.current.session.stem == made.stem
    with LabelStore(made.labels) as store:
        store.add(Label("u", "s", "P003", 0.0, 4.0, 5.0, annotator="anna"))
    home.window.look()
    assert home.cells(0)[5] == "1"
    assert "anna 1" in home.window._about.text()


def test_a_damaged_session_says_so_and_cannot_be_opened(home: Home, study: Path):
    record(study, "P009", start="2026-11-29T10:00:00+00:00").json.write_text("{", encoding="utf-8")
    home.window.look()
    home.qtbot.keyClick(home.window.table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    home.window.table.selectRow(2)
    assert "damaged" in home.window._about.text()
    home.press(Qt.Key.Key_L)
    assert home.jobs == []


def test_a_report_is_opened_once_it_is_there(home: Home, monkeypatch: pytest.MonkeyPatch):
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    home.press(Qt.Key.Key_P)
    home.jobs[0].ended.emit(0, "")
    assert opened[0].fileName().endswith("_report.html")


def test_a_command_runs_in_a_process_of_its_own_and_tells_what_it_says(qtbot: QtBot):
    job = CommandJob(["--version"])
    lines: list[str] = []
    job.said.connect(lines.append)
    with qtbot.waitSignal(job.ended, timeout=60_000) as ended:
        job.start()
    assert ended.args == [0, ""]
    assert lines[0].startswith("insula ")


@pytest.mark.parametrize("words", [["report", "nowhere"], ["no-such-command"]])
def test_a_command_that_fails_gives_its_code_and_its_last_words(qtbot: QtBot, words: list[str]):
    job = CommandJob(words)
    with qtbot.waitSignal(job.ended, timeout=60_000) as ended:
        job.start()
    code, why = ended.args
    assert code != 0
    assert words[-1] in why


def test_a_program_that_cannot_be_started_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    job = CommandJob([])
    with qtbot.waitSignal(job.ended, timeout=10_000) as ended:
        job.start()
    assert ended.args[0] == -1


def test_teaching_tells_how_far_it_is_and_then_what_it_came_to(home: Home, study: Path):
    home.press(Qt.Key.Key_T)
    (job,) = home.jobs
    assert job.words == ("teach", str(study), "--participant", "P002", "--json")
    job.said.emit('{"stage": "replaying a", "share": 0.4}')
    assert "40%" in home.window._message.text()
    assert "replaying a" in home.window._message.text()
    job.said.emit('{"model": null, "words": "nats", "summary": "No better than chance yet."}')
    job.ended.emit(0, "")
    assert "No better than chance yet." in home.window._message.text()


def test_what_learnt_from_a_participant_is_used_by_one_key_and_left_by_another(home: Home, study: Path):
    assert not home.window.buttons["use"].isEnabled()
    shipped = load(SHIPPED)
    header = dataclasses.replace(shipped.header, taught_on=TaughtOn(participants=("P002",)))
    path = study / "models" / "P002_2026-11-29.safetensors"
    save(path, shipped.network, header)
    home.window.look()
    assert home.cells(0)[6] == path.stem
    home.press(Qt.Key.Key_U)
    assert home.models == [str(path)]
    assert path.name in home.window._message.text()
    home.qtbot.keyClick(home.window, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    assert home.models == [str(path), ""]


def test_a_study_that_has_gone_is_not_called_empty(home: Home, study: Path):
    shutil.move(study / "sourcedata", study.parent / "elsewhere")
    shutil.rmtree(study)
    home.window.look()
    assert home.window._where.text() == f"{study}: not there"
    assert home.window._about.text() == texts.NO_STUDY


def test_a_study_that_is_yet_to_be_made_is_not_called_lost(tmp_path: Path, qtbot: QtBot):
    for study, line, about in (
        (tmp_path / "study", "no session yet", texts.NEW_STUDY),
        (tmp_path / "no-such-disk" / "study", "not there", texts.NO_STUDY),
    ):
        window = HomeWindow(study, lambda _: None)
        qtbot.addWidget(window)
        window.look()
        assert window._where.text() == f"{study}: {line}"
        assert window._about.text() == about


def test_the_sheet_of_keys_has_no_heading_without_keys(home: Home):
    sheet = home.window.findChild(KeySheet)
    assert sheet is not None
    columns = sheet._columns()
    assert [lines[0][1] for lines in columns] == ["View", "The session"]
    assert all(hint for lines in columns for hint, _ in lines[1:])


def test_the_study_is_looked_at_beside_the_window(study: Path, qtbot: QtBot):
    window = HomeWindow(study, lambda _: None)
    qtbot.addWidget(window)
    assert window._where.text() == texts.READING
    window.watch()
    try:
        qtbot.waitUntil(lambda: window.table.rowCount() == 2, timeout=30_000)
    finally:
        window.stop()


def test_erasing_asks_first_and_keeping_is_the_default(home: Home, study: Path):
    home.window.buttons["erase"].click()
    assert home.window.question.isVisible()
    assert "P002" in home.window.question.words.text()
    home.press(Qt.Key.Key_Escape)
    assert not home.window.question.isVisible()
    assert home.jobs == []
    home.window.buttons["erase"].click()
    home.window.question.go.click()
    (job,) = home.jobs
    assert job.words == ("erase", "--participant", "P002", "--study", str(study), "--yes")
    files = [f"  {k}.xdf" for k in range(6)]
    for line in ("Of P002:", *files, "Models that learnt from P002:", "  m.safetensors", "Erased: 6 files, 1.0 MB."):
        job.said.emit(line)
    job.ended.emit(0, "")
    assert home.window._message.text().splitlines() == [
        "Of P002:", *files[:4], "  and 2 more", "Models that learnt from P002:", "  m.safetensors",
        "Erased: 6 files, 1.0 MB.",
    ]  # fmt: skip


@pytest.mark.parametrize("to", list(texts.FORMATS))
def test_a_session_is_exported_in_a_format(home: Home, to: str):
    home.window.export(to)
    (job,) = home.jobs
    assert job.words[0] == "export"
    assert job.words[2:] == ("--to", to)
    assert home.window._message.text() == texts.working(texts.EXPORT)
    for line in ("/study", *(f"  {k}.tsv" for k in range(9))):
        job.said.emit(line)
    job.ended.emit(0, "")
    told = home.window._message.text().splitlines()
    assert (told[0], told[-1]) == ("/study", "  and 5 more")


def test_the_keys_are_told_and_the_theme_goes_with_what_is_started(home: Home):
    home.press(Qt.Key.Key_Question)
    assert home.window.sheet.isVisible()
    home.window.sheet.grab()
    home.press(Qt.Key.Key_Escape)
    assert not home.window.sheet.isVisible()
    before = home.window.theme.name
    home.press(Qt.Key.Key_F6)
    home.press(Qt.Key.Key_R)
    assert home.jobs[0].theme == home.window.theme.name != before


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_window_wears_the_theme_of_the_one_that_it_was_started_from(
    qapp: object, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setenv(THEME_VARIABLE, name)
    assert system_theme().name == name


def test_a_command_that_was_stopped_has_not_failed(qtbot: QtBot):
    job = CommandJob(["simulate", "--duration", "300", "--this-machine"])
    with qtbot.waitSignal(job.said, timeout=60_000):
        job.start()
    with qtbot.waitSignal(job.ended, timeout=60_000) as ended:
        job.cancel()
        job._process.kill()  # as after ten seconds
    assert ended.args[0] in (0, 130)


def test_what_was_learnt_reads_the_next_session_however_that_is_begun_and_the_screen_says_so(study: Path, qtbot: QtBot):
    home = Home(study, qtbot)
    home.window.use(study / "models" / "P002_x.safetensors")
    assert "next session read with P002_x" in home.window._where.text()
    home.press(Qt.Key.Key_F2)
    assert home.jobs[0].words[-2:] == ("--model", str(study / "models" / "P002_x.safetensors"))
    home.jobs[0].ended.emit(0, "")
    home.press(Qt.Key.Key_U)
    home.window.buttons["shipped"].click()
    assert not home.window.buttons["shipped"].isEnabled()
    assert "read with" not in home.window._where.text()
    home.press(Qt.Key.Key_F2)
    assert "--model" not in home.jobs[1].words


def test_a_session_is_chosen_as_a_whole_row(home: Home):
    table = home.window.table
    table.setFocus()
    table.setCurrentCell(0, 0)
    option = QStyleOptionViewItem()
    option.state |= QStyle.StateFlag.State_HasFocus
    delegate = table.itemDelegate()
    assert isinstance(delegate, QStyledItemDelegate)
    delegate.initStyleOption(option, table.model().index(0, 0))
    assert not option.state & QStyle.StateFlag.State_HasFocus


def test_a_question_is_answered_by_enter_where_the_focus_is(home: Home):
    home.window.buttons["erase"].click()
    question = home.window.question
    home.qtbot.keyClick(question.stay, Qt.Key.Key_Tab)
    home.qtbot.keyClick(question.go, Qt.Key.Key_Return)
    assert [job.words[0] for job in home.jobs] == ["erase"]


def test_a_session_is_not_stopped_from_here_without_being_asked(home: Home):
    home.press(Qt.Key.Key_F2)
    assert texts.in_a_window(texts.SIMULATED) == home.window._message.text()
    home.press(Qt.Key.Key_Escape)
    assert home.window.question.isVisible()
    home.press(Qt.Key.Key_Escape)
    assert not home.jobs[0].cancelled
    home.press(Qt.Key.Key_Escape)
    home.window.question.go.click()
    assert home.jobs[0].cancelled
    home.press(Qt.Key.Key_Escape)
    home.jobs[0].ended.emit(0, "")
    assert not home.window.question.isVisible()


def test_a_model_that_is_chosen_in_what_was_started_from_here_is_known_when_that_ends(home: Home):
    home.press(Qt.Key.Key_N)
    home.models.append("/models/other.safetensors")  # as the first screen or the one after a session remembers it
    home.jobs[0].ended.emit(0, "")
    assert "next session read with other" in home.window._where.text()
    home.press(Qt.Key.Key_F2)
    assert home.jobs[1].words[-1] == "/models/other.safetensors"
