"""A command in a process of its own: what is told of how it ended."""

import pytest
from PyQt6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from app import texts
from app.ui.command_job import CommandJob

CHATTER = b"This plugin does not support propagateSizeHints()\n"


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        (b"insula label: The file is damaged.\n" + CHATTER, QProcess.ExitStatus.NormalExit, "The file is damaged."),
        (CHATTER, QProcess.ExitStatus.NormalExit, CHATTER.decode().strip()),
        (b"", QProcess.ExitStatus.NormalExit, ""),
        (CHATTER, QProcess.ExitStatus.CrashExit, texts.COMMAND_CRASHED),
    ],
)
def test_why_it_failed_is_told_in_its_own_words_and_not_in_what_a_library_wrote(
    qtbot: QtBot, said: bytes, status: QProcess.ExitStatus, why: str
):
    job = CommandJob(["label", "x"])
    job._error = said.decode()
    with qtbot.waitSignal(job.ended) as ended:
        job._finish(3, status)
    assert ended.args[1] == why
