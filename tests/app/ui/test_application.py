"""That a process has one application for all its windows."""

import subprocess
import sys

TWO_WINDOWS = """
import gc
from PyQt6.QtGui import QFontDatabase
from app.ui.application import application
from app.ui.theme import system_theme

def first():
    application()
    return system_theme().family

family = first()
gc.collect()
kept = application()
assert family in QFontDatabase.families(), "the second window has lost the typeface"
"""


def test_the_typeface_is_there_for_the_second_window_of_a_process():
    done = subprocess.run([sys.executable, "-c", TWO_WINDOWS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
