"""Errors in a window's own code: shown and survived, where PyQt6 would end the process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

from app.log import logged
from core.data import Fault
from core.error_trace import error_trace


class ErrorCatcher:
    """Shows an error in the window's own code as a `Fault` instead of letting it end the process.

    PyQt6 aborts when a slot or a paint event raises and `sys.excepthook` is the default one; acquisition and
    recording live in the same process and must not die of a fault in a drawing. Each error is told once.

    Parameters
    ----------
    show
        Shows the fault.
    """

    def __init__(self, show: Callable[[Fault], object]) -> None:
        self._show = show
        self._reported: set[str] = set()
        self._before = sys.excepthook

    def __enter__(self) -> ErrorCatcher:
        self._before = sys.excepthook
        sys.excepthook = self._catch
        return self

    def __exit__(self, *exc: object) -> None:
        sys.excepthook = self._before

    def _catch(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            self._before(kind, error, trace)
            return
        detail = error_trace(error)
        if detail in self._reported:
            return
        self._reported.add(detail)
        if self._before is not sys.__excepthook__:  # it would print a traceback that the log has; tests want to know
            self._before(kind, error, trace)
        self._show(logged(Fault("window", float("nan"), f"{kind.__name__}: {error}", detail)))
