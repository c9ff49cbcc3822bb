"""Insula's own windows, as Qt knows them."""

from PyQt6.QtWidgets import QApplication, QWidget


def own_windows() -> list[QWidget]:
    """Return those that are there, shown or not; dialogs are their windows'."""
    found = (w for w in QApplication.topLevelWidgets() if type(w).__module__.startswith("app."))
    return [window for window in found if window.parent() is None]
