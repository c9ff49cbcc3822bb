"""The one Qt application of a process."""

from __future__ import annotations

import functools
import sys

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication


@functools.cache
def application() -> QCoreApplication:
    """Return the process's application, the same for all windows that it shows one after another.

    It is kept: an application that nobody holds is deleted, and the typeface with it.
    """
    return QApplication.instance() or QApplication(sys.argv[:1])
