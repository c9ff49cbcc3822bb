"""What is shown when a session has ended: how it went, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.home import texts
from app.study.sessions import session_row
from app.texts import progress
from app.ui.command_job import CommandJob, told
from app.ui.panel import Panel
from app.ui.plain import PlainLabel
from app.ui.push_button import push_button
from app.ui.screen import Screen
from app.ui.theme import Theme
from core.recording.session import Session


class EndWindow(Screen):
    """One screen after a session: length, losses, answers, and a button and key for each next step.

    Parameters
    ----------
    session
        That has ended.
    study
        The folder of its study.
    choose_model
        Remembers the path of the model that the next session is read with.
    make_job
        Makes the job of a command line.
    theme
        How it looks; None takes what the system has.
    """

    def __init__(
        self,
        session: Session,
        study: Path,
        choose_model: Callable[[str], object],
        make_job: Callable[[Sequence[str]], CommandJob] = CommandJob,
        theme: Theme | None = None,
    ) -> None:
        super().__init__(texts.TITLE, theme)
        self.session = session
        self._study = study
        self._choose_model = choose_model
        self._make_job = make_job
        self._job: CommandJob | None = None
        self._began = 0.0
        self._summary, self._model = "", ""
        self._page = ""
        """Where the report is, once it is written."""
        self.facts = {name: PlainLabel(name="message") for name in texts.END_FACTS}
        self.message = PlainLabel(name="message")
        self.row = session_row(session)
        self._make_buttons()
        self._lay_out()
        self.resize(900, 560)
        self.apply_theme()
        self._reporting = make_job(["report", str(session.xdf), "--json"])
        self._reporting.said.connect(self._hear_report)
        self._reporting.ended.connect(self._end_report)
        self._reporting.start()
        self.look()

    def look(self) -> None:
        """Look at the session's files again and show what they say."""
        self.row = session_row(self.session)
        self.facts[texts.END_LENGTH].setText(texts.end_length(self.row))
        self.facts[texts.END_ANSWERS].setText(texts.end_answers(self.row))
        self.facts[texts.END_WHERE].setText(str(self.session.folder))
        if not self.facts[texts.END_LOST].text():
            self.facts[texts.END_LOST].setText(texts.END_COUNTING)
        self._enable()

    def label(self) -> None:
        """Label the session now."""
        self._run(["label", str(self.session.xdf)])

    def teach(self) -> None:
        """Learn from all sessions of the participant."""
        self._began, self._summary, self._model = time.monotonic(), "", ""
        self._run(["teach", str(self._study), "--participant", self.row.participants[0], "--json"])

    def use(self) -> None:
        """Have the next session read with what was learnt."""
        if self._model:
            self._choose_model(self._model)
            self.message.setText(texts.used(Path(self._model)))

    def open_report(self) -> None:
        """Open the report."""
        if self._page:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._page))
            self.message.setText(texts.report_at(Path(self._page)))

    def open_folder(self) -> None:
        """Open the folder of the session."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.session.folder)))

    def leave(self) -> None:
        """Stop what was started from here; close, if nothing was."""
        if self._job is not None:
            self._job.cancel()
        else:
            self.close()

    def stop(self) -> None:
        """Stop what was started from here, and wait for it."""
        for job in (self._job, self._reporting):
            if job is not None and job.is_running():
                job.end()

    def show_fault(self, text: str) -> None:
        """Show an error in the window's own code."""
        self.message.setText(text)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Stay while something that was started from here runs."""
        if event is not None and self._job is not None:
            event.ignore()
            self.message.setText(texts.STILL_RUNS)
            return
        super().closeEvent(event)

    def _run(self, words: Sequence[str]) -> None:
        if self._job is None:
            self._job = self._make_job(words)
            self._job.said.connect(self._hear)
            self._job.ended.connect(self._end)
            self.message.setText(texts.working(texts.TITLES[words[0]]))
            self._job.start()
            self._enable()
            self.setFocus()  # what had it cannot be pressed now, and the button beside it is no next step

    def _hear(self, line: str) -> None:
        said = told(line)
        if "stage" in said:
            how_far = progress(str(said["stage"]), float(said["share"]), time.monotonic() - self._began)
            self.message.setText(how_far)
        elif "summary" in said:
            self._summary, self._model = str(said["summary"]), str(said.get("model") or "")

    def _end(self, code: int, why: str) -> None:
        job, self._job = self._job, None
        what = texts.TITLES[job.words[0]] if job is not None else ""
        if job is not None:
            job.deleteLater()
        self.message.setText(texts.failed(what, why) if code not in (0, 130) else self._summary)
        self._summary = ""
        self.look()
        if self.hasFocus() and job is not None:
            self._next_step(job.words[0]).setFocus()

    def _next_step(self, done: str) -> QPushButton:
        """Return the button of what comes next: to use what was learnt, else what was `done`, which may go on."""
        return self.buttons["use" if self._model else done]

    def _hear_report(self, line: str) -> None:
        said = told(line)
        if "report" in said:
            self._page = str(said["report"])
            self.facts[texts.END_LOST].setText(str(said.get("lost", "")))

    def _end_report(self, code: int, why: str) -> None:
        if code not in (0, 130):
            self.facts[texts.END_LOST].setText(texts.failed(texts.REPORT, why))
        self._enable()

    def _enable(self) -> None:
        free = self._job is None
        self.buttons["label"].setEnabled(free and not self.row.problem)
        self.buttons["teach"].setEnabled(free and not self.row.problem)
        self.buttons["report"].setEnabled(bool(self._page))
        self.buttons["use"].setVisible(bool(self._model) and free)
        for name in ("label", "use"):
            button = self.buttons[name]
            button.setObjectName("primary" if (name == "use") == bool(self._model) else "plain")
            button.setStyleSheet(button.styleSheet())
        self.buttons["close"].setText(f"{texts.CLOSE if free else texts.CANCEL}  Esc")

    def _make_buttons(self) -> None:
        acts: dict[str, tuple[str, str, str, Callable[[], object]]] = {
            "label": (texts.LABEL_NOW, "L", texts.LABEL_TIP, self.label),
            "teach": (texts.TEACH, "T", texts.TEACH_TIP, self.teach),
            "use": (texts.USE, "U", texts.USE_TIP, self.use),
            "report": (texts.REPORT, "P", texts.REPORT_TIP, self.open_report),
            "folder": (texts.OPEN_FOLDER, "O", "", self.open_folder),
            "close": (texts.CLOSE, "Esc", "", self.leave),
        }
        self.buttons = {
            name: push_button(f"{text}  {key}", "primary" if name == "label" else "plain", tip)
            for name, (text, key, tip, _) in acts.items()
        }
        for name, (_, key, _, act) in acts.items():
            self.buttons[name].clicked.connect(act)
            for sequence in (key, "Ctrl+Q") if name == "close" else (key,):
                QShortcut(QKeySequence(sequence), self).activated.connect(self.buttons[name].click)

    def _lay_out(self) -> None:
        self._heading = PlainLabel(texts.ended(self.row))
        self._heading.setObjectName("heading")
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setColumnStretch(1, 1)
        for place, (name, value) in enumerate(self.facts.items()):
            title = PlainLabel(name="note")
            title.setText(name)
            value.setWordWrap(True)
            self._grid.addWidget(title, place, 0)
            self._grid.addWidget(value, place, 1)
        self._panel = Panel(texts.END_HOW, inner)
        self.message.setWordWrap(True)
        self._next = QHBoxLayout()
        for name, button in self.buttons.items():
            if name == "close":
                self._next.addStretch(1)
            self._next.addWidget(button)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self._heading)
        self._outer.addWidget(self._panel)
        self._outer.addWidget(self.message)
        self._outer.addLayout(self._next)
        self._outer.addStretch(1)

    def apply_theme(self) -> None:
        """Have the panel and its surroundings wear the theme."""
        theme = self.theme
        self.setStyleSheet(theme.stylesheet())
        for layout in (self._grid, self._next, self._outer):
            layout.setSpacing(theme.px(12))
        self._outer.setContentsMargins(*(theme.px(20),) * 4)
        self._panel.apply_theme(theme)
