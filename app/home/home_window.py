"""The study's screen: every session with how far it has come, and one button and key for each next step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer, QUrl
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.home import texts
from app.home.session_table import SessionTable
from app.home.study_watch import StudySeen, StudyWatch
from app.study.sessions import SessionRow
from app.texts import KEEP_GOING, STOP, progress, teaching
from app.ui.command_job import CommandJob, told
from app.ui.key_sheet import KeySheet
from app.ui.panel import Panel
from app.ui.plain import PlainLabel
from app.ui.push_button import push_button
from app.ui.question import Question
from app.ui.screen import Screen
from app.ui.theme import Theme

_LOOK_MS = 100


class HomeWindow(Screen):
    """Shows a study and starts what is to be done with it, each in a process of its own.

    Parameters
    ----------
    study
        The folder of the study.
    choose_model
        Remembers the path of the model that the next session is read with, ``""`` for the one that ships.
    chosen_model
        Gives what was remembered last; what is started from here may choose another one.
    make_job
        Makes the job of a command line.
    theme
        How it looks; None takes what the system has.
    """

    def __init__(
        self,
        study: Path,
        choose_model: Callable[[str], object],
        make_job: Callable[[Sequence[str]], CommandJob] = CommandJob,
        theme: Theme | None = None,
        chosen_model: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(texts.TITLE, theme)
        self.study = study
        self.model = chosen_model()
        """The model that the next session is read with."""
        self._chosen_model = chosen_model
        self.table = SessionTable()
        self._choose_model = choose_model
        self._make_job = make_job
        self._began = 0.0
        self._lines: list[str] = []
        """What the command has said so far."""
        self._verdict = ""
        """What teaching came to, until it ends."""
        self._made = False
        """Whether it made a model."""
        self._job: CommandJob | None = None
        self._job_row: SessionRow | None = None
        """The session that it is of, None of a new one."""
        self._watch = StudyWatch(study)
        self._shown: StudySeen | None = None
        self._models: dict[str, list[Path]] = {}
        self._where, self._about = PlainLabel(name="note"), PlainLabel(name="message")
        self._message = PlainLabel(name="message")
        self._make_buttons()
        self._lay_out()
        self.question = Question(self)
        self.sheet = KeySheet(self, texts.KEY_LIST)
        self._connect()
        self.resize(1280, 800)
        self.setMinimumSize(900, 560)
        self.apply_theme()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._follow)
        self._timer.start(_LOOK_MS)
        self._where.setText(texts.READING)
        self._show_chosen()
        self.table.setFocus()

    def look(self) -> None:
        """Look at the study now and show what has changed."""
        self._watch.look()
        self._follow()

    def _follow(self) -> None:
        """Show what the watch has seen, if that is new."""
        seen = self._watch.seen
        if self._watch.problem:
            self._where.setText(self._watch.problem)
        if seen is None or seen is self._shown or seen.study != self.study:
            return
        first, chosen = self._shown is None or self._shown.study != seen.study, self.table.current
        n_before = len(self._shown.rows) if self._shown is not None else 0
        self._shown, self._models = seen, seen.models
        # A session that has come since is what one wants to go on with.
        has_new = not first and len(seen.rows) > n_before and self._job_row is None
        self.table.show_sessions(seen.rows, self._models, None if has_new or chosen is None else chosen.session.json)
        self._show_where()
        self._show_chosen()

    def _show_where(self) -> None:
        """Tell which study it is, how much it holds, and which model the next session is read with."""
        seen = self._shown
        if seen is None:
            return
        people = {name for row in seen.rows for name in row.participants}
        study = texts.study_line(self.study, len(seen.rows), len(people), seen.exists, seen.is_new)
        self._where.setText(f"{study} · {texts.read_with(self.model)}" if self.model else study)

    def run_command(self, title: str, words: Sequence[str], on: SessionRow | None = None) -> bool:
        """Run a command of Insula, on a session if it is of one; return False while another runs."""
        if self._job is not None:
            return False
        self._job = self._make_job(words)
        self._job.theme = self.theme.name
        self._lines = []
        self._job_row = on
        self._job.said.connect(self._say)
        self._job.ended.connect(lambda code, why: self._end(title, code, why))
        in_window = words[0] in ("run", "label", "replay")
        self._message.setText(texts.in_a_window(title) if in_window else texts.working(title))
        self._job.start()
        self._enable()
        return True

    def new_session(self) -> None:
        """Open the first screen of a session."""
        self.run_command(texts.NEW_SESSION, ["run", "--study", str(self.study)])

    def simulate(self) -> None:
        """Begin a session with a simulated participant."""
        model = ["--model", self.model] if self.model else []
        self.run_command(texts.SIMULATED, ["run", "--simulate", "--study", str(self.study), *model])

    def label(self) -> None:
        """Label the session that is chosen."""
        self._run_on_chosen(texts.LABEL, "label")

    def replay(self) -> None:
        """Replay the session that is chosen."""
        self._run_on_chosen(texts.REPLAY, "replay")

    def report(self) -> None:
        """Write the report of the session that is chosen and open it."""
        self._run_on_chosen(texts.REPORT, "report")

    def teach(self) -> None:
        """Learn from all sessions of the participant whose session is chosen."""
        if (row := self.table.current) is not None and not row.problem:
            words = ["teach", str(self.study), "--participant", row.participants[0], "--json"]
            self._began = time.monotonic()
            self.run_command(texts.TEACH, words, row)

    def use(self, model: Path | None) -> None:
        """Have the next sessions read with a model; None is the one that ships."""
        self.model = str(model) if model is not None else ""
        self._choose_model(self.model)
        self._message.setText(texts.used(model))
        self._show_where()
        self._enable()

    def use_newest(self) -> None:
        """Have the next sessions read with the newest model that learnt from the participant."""
        row = self.table.current
        if row is not None and (models := self._of(row)):
            self.use(models[0])

    def open_folder(self) -> None:
        """Open the folder of the session that is chosen."""
        if (row := self.table.current) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.session.folder)))

    def choose_study(self) -> None:
        """Ask for the folder of another study."""
        if found := QFileDialog.getExistingDirectory(self, texts.CHANGE_STUDY_TITLE, str(self.study)):
            self.study = Path(found)
            self._watch.turn_to(self.study)

    def export(self, to: str) -> None:
        """Write the session that is chosen in the format of other tools: ``bids``, ``tsv`` or ``fif``."""
        row = self.table.current
        if row is not None and not row.problem:
            self.run_command(texts.EXPORT, ["export", str(row.session.xdf), "--to", to], row)

    def erase(self) -> None:
        """Erase the participant of the session that is chosen, if that is truly wanted."""
        row = self.table.current
        if row is None or self._job is not None:
            return
        who = row.participants[0]
        words = ["erase", "--participant", who, "--study", str(self.study), "--yes"]
        self.question.ask(
            texts.erase_question(who), texts.KEEP_ALL, texts.ERASE, lambda: self.run_command(texts.ERASE, words)
        )

    def cancel(self) -> None:
        """Stop what was started from here."""
        if self.question.isVisible():
            self.question.dismiss()
            return
        if self.sheet.isVisible():
            self.sheet.hide()
            return
        if self._job is not None and self._job.words[0] == "run":  # as its own window does before it stops
            self.question.ask(texts.STOP_SESSION, KEEP_GOING, STOP, self._stop_job)
        else:
            self._stop_job()

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def show_fault(self, text: str) -> None:
        """Show an error in the window's own code; nothing else is touched."""
        self._message.setText(text)

    def watch(self) -> None:
        """Look at the study from now on, on a thread of its own, until `stop`."""
        self._watch.__enter__()

    def stop(self) -> None:
        """Stop what was started from here, and wait for it."""
        self._watch.__exit__()
        if self._job is not None:
            self._job.end()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Stay while something that was started from here runs: it would end with its parent."""
        if event is not None and self._job is not None:
            event.ignore()
            self._message.setText(texts.STILL_RUNS)
            return
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Keep what lies over the window as large as it is."""
        super().resizeEvent(event)
        self.question.fit()
        if self.sheet.isVisible():
            self.sheet.setGeometry(self.rect())

    def _run_on_chosen(self, title: str, command: str) -> None:
        row = self.table.current
        if row is not None and not row.problem:
            self.run_command(title, [command, str(row.session.xdf)], row)

    def _end(self, title: str, code: int, why: str) -> None:
        if self._job is not None and self._job.words[0] == "run" and self.question.isVisible():
            self.question.dismiss()  # it has stopped
        (job, self._job), (row, self._job_row) = (self._job, None), (self._job_row, None)
        if job is not None:
            job.deleteLater()
        done = ""
        if code == 0 and title == texts.REPORT and row is not None:
            page = row.session.folder / f"{row.session.stem}_report.html"
            done = texts.report_at(page)
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(page)))
        if title in (texts.ERASE, texts.EXPORT):
            done = texts.in_short(self._lines)
        if self._verdict and row is not None:
            done = f"{', '.join(row.participants)}. {self._verdict}"
        if self._made and row is not None:
            done = f"{done} {texts.NOW_USE}"
        self._message.setText(done if code in (0, 130) else texts.failed(title, why))
        self._verdict, self._made = "", False
        self.model = self._chosen_model()
        self._show_where()
        self._enable()
        self._watch.again()

    def _say(self, line: str) -> None:
        said = told(line)
        if "stage" in said:
            elapsed = time.monotonic() - self._began
            who = self._job_row.participants[0] if self._job_row is not None else ""
            how_far = progress(str(said["stage"]), float(said["share"]), elapsed)
            self._message.setText(f"{teaching(who)} {how_far}")
        elif "summary" in said:
            self._verdict, self._made = str(said["summary"]).strip(), bool(said.get("model"))
        elif line.strip():
            self._lines.append(line.rstrip())
            self._message.setText(line.strip())

    def _show_chosen(self) -> None:
        row = self.table.current
        seen = self._shown
        nothing = "" if seen is None else texts.nothing_here(seen.exists, seen.is_new)
        self._about.setText(nothing if row is None else texts.about(row, self._of(row)))
        self._panel.name("" if row is None else row.session.stem)
        self._enable()

    def _of(self, row: SessionRow) -> list[Path]:
        return self._models.get(row.participants[0], [])

    def _enable(self) -> None:
        row, free = self.table.current, self._job is None
        readable = row is not None and not row.problem and not row.running
        for name, button in self.buttons.items():
            needs_session = name in ("label", "replay", "report", "teach", "export")
            button.setEnabled(free and (readable or not needs_session))
        self.buttons["folder"].setEnabled(row is not None)
        self.buttons["erase"].setEnabled(free and row is not None and not row.running)
        models = self._of(row) if row is not None else []
        self.buttons["use"].setEnabled(free and bool(models) and str(models[0]) != self.model)
        self.buttons["shipped"].setEnabled(free and bool(self.model))
        self._cancel.setVisible(not free)

    def _make_buttons(self) -> None:
        self.buttons = {
            "new": push_button(f"{texts.NEW_SESSION}  N", "primary", ""),
            "simulate": push_button(f"{texts.SIMULATED}  F2", "plain", texts.SIMULATED_TIP),
            "study": push_button(texts.CHANGE_STUDY, "tool", ""),
            "label": push_button(f"{texts.LABEL}  L", "primary", texts.LABEL_TIP),
            "replay": push_button(f"{texts.REPLAY}  R", "plain", texts.REPLAY_TIP),
            "report": push_button(f"{texts.REPORT}  P", "plain", texts.REPORT_TIP),
            "teach": push_button(f"{texts.TEACH}  T", "plain", texts.TEACH_TIP),
            "use": push_button(f"{texts.USE}  U", "plain", texts.USE_TIP),
            "shipped": push_button(f"{texts.USE_SHIPPED}  ⇧ U", "plain", texts.USE_SHIPPED_TIP),
            "export": push_button(f"{texts.EXPORT}  E", "plain", texts.EXPORT_TIP),
            "erase": push_button(f"{texts.ERASE}…  Ctrl Del", "plain", texts.ERASE_TIP),
            "folder": push_button(f"{texts.OPEN_FOLDER}  O", "plain", ""),
            "keys": push_button(f"{texts.KEYS}  ?", "tool", ""),
        }
        self._cancel = push_button(f"{texts.CANCEL}  Esc", "plain", "")

    def _connect(self) -> None:
        acts: dict[str, tuple[str, Callable[[], object]]] = {
            "new": ("N", self.new_session),
            "simulate": ("F2", self.simulate),
            "study": ("Ctrl+O", self.choose_study),
            "label": ("L", self.label),
            "replay": ("R", self.replay),
            "report": ("P", self.report),
            "teach": ("T", self.teach),
            "use": ("U", self.use_newest),
            "shipped": ("Shift+U", lambda: self.use(None)),
            "export": ("E", self._ask_format),
            "erase": ("Ctrl+Delete", self.erase),
            "folder": ("O", self.open_folder),
            "keys": ("?", self.sheet.toggle),
        }
        for name, (key, act) in acts.items():
            self.buttons[name].clicked.connect(act)
            QShortcut(QKeySequence(key), self).activated.connect(self.buttons[name].click)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.sheet.toggle)
        self._cancel.clicked.connect(self.cancel)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.cancel)
        self.table.chosen.connect(self._show_chosen)
        self.table.opened.connect(self.replay)

    def _ask_format(self) -> None:
        """Ask for the format of an export, below its button."""
        menu, button = QMenu(self), self.buttons["export"]
        for to, words in texts.FORMATS.items():
            if (chosen := menu.addAction(words)) is not None:
                chosen.triggered.connect(lambda _=False, to=to: self.export(to))
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _lay_out(self) -> None:
        title = PlainLabel(texts.TITLE)
        title.setObjectName("heading")
        self._about.setWordWrap(True)
        self._message.setWordWrap(True)
        self._head, self._foot, self._next = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(title)
        self._head.addWidget(self._where, 1, Qt.AlignmentFlag.AlignBottom)
        for name in ("keys", "study", "simulate", "new"):
            self._head.addWidget(self.buttons[name])
        below = QWidget()
        self._below = QVBoxLayout(below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.addWidget(self._about)
        for name in ("label", "replay", "report", "teach", "use", "shipped", "export", "folder", "erase"):
            self._next.addWidget(self.buttons[name])
        self._next.addStretch(1)
        self._below.addLayout(self._next)
        self._panel = Panel("", below)
        self._foot.addWidget(self._message, 1)
        self._foot.addWidget(self._cancel)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._head)
        self._outer.addWidget(self.table, 1)
        self._outer.addWidget(self._panel)
        self._outer.addLayout(self._foot)

    def apply_theme(self) -> None:
        """Have all that is on it wear the theme."""
        theme = self.theme
        self.setStyleSheet(theme.stylesheet())
        for layout in (self._head, self._foot, self._next, self._below, self._outer):
            layout.setSpacing(theme.px(10))
        self._outer.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        for widget in (self._panel, self.question, self.sheet):
            widget.apply_theme(theme)
        if (rows := self.table.verticalHeader()) is not None:
            rows.setDefaultSectionSize(theme.px(32))
