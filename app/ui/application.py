"""The one Qt application of a process."""

from __future__ import annotations

import functools
import sys

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication, QWidget


@functools.cache
def application() -> QCoreApplication:
    """Return the process's application, the same for all windows that it shows one after another.

    It is kept: an application that nobody holds is deleted, and the typeface with it.
    """
    return QApplication.instance() or QApplication(sys.argv[:1])


def delete(window: QWidget) -> None:
    """Delete a window that will not be shown again, and all that is in it.

    One that is left to Python still gets Qt's events. If Python finds in the middle of one of them that nobody holds
    it, it is deleted beneath Qt, and the program crashes.
    """
    sip.delete(window)
