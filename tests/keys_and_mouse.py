"""Qt's keys and mouse, for mypy as well: PyQt6's stubs take its static methods for methods of an instance."""

from typing import Any

from PyQt6 import QtTest

QTest: Any = QtTest.QTest
