"""Teaching from within the window: what it does now, what it came to, and the model that it made, to be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from app import texts
from app.session.model_swap import ModelSwap
from app.study.sessions import learnt_models
from app.ui.command_job import CommandJob, told
from app.ui.keys import Act, Key, hint
from app.ui.plain import PlainLabel
from app.ui.push_button import push_button
from app.ui.theme import Theme
from core.data import ModelChange
from core.errors import CheckpointError
from core.models.model_file import SHIPPED


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a window needs to teach from the sessions of the study and to use what comes of it."""

    swap: ModelSwap
    study: Path | None = None
    """None where the recording is in no study: then nothing can be taught."""
    running: bool = False
    """Whether the session is being recorded now."""
    config: str = ""
    """The configuration's file."""

    def words(self, participant: str) -> list[str]:
        """Return the command that teaches from all sessions of a participant."""
        running = ["--running"] if self.running else []
        config = ["--config", self.config] if self.config else []
        who = ["--participant", participant, "--base", str(self.swap.first.path)]
        return ["teach", str(self.study), *who, "--background", "--json", *running, *config]


class TeachBar(QWidget):
    """One line under the state, there while there is something to say.

    Parameters
    ----------
    teaching
        None where nothing can be taught.
    keys
        What is printed on the buttons.
    tell
        Says something for some seconds.
    make_job
        Makes the job of a command line.
    """

    def __init__(
        self,
        teaching: Teaching | None,
        keys: tuple[Key, ...],
        tell: Callable[[str], object],
        make_job: Callable[[Sequence[str]], CommandJob] = CommandJob,
    ) -> None:
        super().__init__()
        self._teaching = teaching
        self._tell = tell
        self._make_job = make_job
        self._job: CommandJob | None = None
        self._who = ""
        self._began = 0.0
        self._taught: dict[str, Path] = {}
        """The newest model that was made here, by participant."""
        self._verdict = ""
        self._reads = teaching.swap.first.sha256 if teaching is not None else ""
        self._key = hint(Act.SWAP, keys)
        self.words = PlainLabel()
        self.words.setWordWrap(True)
        self.swap_button = push_button(texts.USE_LEARNT, "primary", texts.SWAP_TEXT)
        self.cancel_button = push_button(texts.CANCEL, "plain", "")
        self.close_button = push_button(texts.CLOSE, "plain", "")
        self.swap_button.clicked.connect(lambda: self.swap(self._who))
        self.cancel_button.clicked.connect(self.cancel)
        self.close_button.clicked.connect(self.hide)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.words, 1)
        for button in (self.cancel_button, self.swap_button, self.close_button):
            self._row.addWidget(button)
        self.hide()

    def teach(self, participant: str) -> None:
        """Teach from all sessions of a participant, with what is on disk of this one by now."""
        if self._teaching is None or self._teaching.study is None:
            self._tell(texts.NOT_IN_A_STUDY)
        elif not participant:
            self._tell(texts.NOBODY_TO_TEACH)
        elif self._job is None:
            self._who, self._began, self._verdict = participant, time.monotonic(), ""
            self._job = self._make_job(self._teaching.words(participant))
            self._job.said.connect(self._hear)
            self._job.ended.connect(self._end)
            self.words.setText(texts.teaching(participant))
            self._job.start()
            self._show()

    def offer(self, participant: str) -> None:
        """Say which model reads whoever is shown now, unless it ships, and which one has learnt from them."""
        teaching = self._teaching
        if teaching is None or not teaching.running or self._job is not None or self._verdict or not self._is_first:
            return
        self._who, model, first = participant, self._newest(participant), teaching.swap.first
        if model is not None:
            self.words.setText(texts.has_learnt(model.name, participant))
            self._show()
        elif first.path.absolute() != SHIPPED.absolute():
            self.words.setText(texts.reads_here(first.path.name, first.header.people))
            self._show()
        else:
            self.hide()

    def cancel(self) -> None:
        """Stop teaching; nothing of it is kept."""
        if self._job is not None:
            self._job.cancel()
            self.words.setText(texts.CANCELLING)

    def stop(self) -> None:
        """Stop teaching and wait for that: the window goes."""
        if self._job is not None:
            job, self._job = self._job, None
            job.ended.disconnect(self._end)
            job.end()

    def swap(self, participant: str) -> None:
        """Use the newest model that learnt from a participant; the one before, if that reads already."""
        if self._teaching is None:
            return
        swap = self._teaching.swap
        if not self._is_first:
            swap.go_back()
            return
        model = self._newest(participant)
        if model is None:
            self._tell(texts.nothing_learnt(participant))
            return
        try:
            swap.use(model)
        except CheckpointError as error:
            self.words.setText(str(error))
            self._show()

    def show_change(self, change: ModelChange) -> None:
        """Take which model reads from now on."""
        if self._teaching is None or change.model == self._reads:
            return
        self._reads = change.model
        self.words.setText(texts.reads_again(change.file) if self._is_first else texts.reads_now(change.file))
        self._show()

    def apply_theme(self, theme: Theme) -> None:
        """Take the theme's spacing."""
        self._row.setSpacing(theme.px(10))

    @property
    def _is_first(self) -> bool:
        """Whether the model reads that the session began with."""
        return self._teaching is None or self._reads == self._teaching.swap.first.sha256

    def _newest(self, participant: str) -> Path | None:
        """Return the newest model that learnt from a participant; None where there is none, or it reads already."""
        if self._teaching is None or self._teaching.study is None:
            return None
        found = self._taught.get(participant) or next(
            iter(learnt_models(self._teaching.study).get(participant, ())), None
        )
        first = self._teaching.swap.first.path
        return None if found is None or found.absolute() == first.absolute() else found

    def _hear(self, line: str) -> None:
        said = told(line)
        if "stage" in said:
            elapsed = time.monotonic() - self._began
            how_far = texts.progress(str(said["stage"]), float(said["share"]), elapsed)
            self.words.setText(f"{texts.teaching(self._who)} {how_far}")
        elif "summary" in said:
            self._verdict = str(said["summary"])
            if said.get("model"):
                self._taught[self._who] = Path(str(said["model"]))

    def _end(self, code: int, why: str) -> None:
        if self._job is not None:
            self._job.deleteLater()
        self._job = None
        if code == 130:
            self.words.setText(texts.TEACHING_CANCELLED)
        elif code or not self._verdict:
            self.words.setText(texts.teaching_failed(why))
        else:
            self.words.setText(f"{self._who}. {self._verdict}")
        self._show()

    def _show(self) -> None:
        first = self._is_first
        self.swap_button.setText(f"{texts.USE_LEARNT if first else texts.GO_BACK}  {self._key}")
        self.swap_button.setVisible(not first or (self._job is None and self._newest(self._who) is not None))
        self.cancel_button.setVisible(self._job is not None)
        self.close_button.setVisible(self._job is None)
        self.show()
