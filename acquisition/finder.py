"""Which LSL streams and cameras there are right now, looked for in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self

from acquisition.lsl_found import FoundStream
from acquisition.lsl_watch import StreamWatch
from acquisition.webcam import cameras_are_listed_at_no_cost, list_cameras

__all__ = ["Finder"]

_PAUSE_S = 0.5
_FORGET_S = 3.0
_PERIOD_S = 2.0


class Finder:
    """Looks for streams as often as it is asked for them and for cameras every other second, as long as it is entered.

    Where cameras can only be found by opening each of them, which takes seconds and lights their lamps, they are looked
    for when it is entered and when `look_again` is called.

    Parameters
    ----------
    list_them : callable
        Returns the cameras, ``number: name``.
    cheap : bool
        Whether that costs nothing.
    """

    def __init__(self, list_them: Callable[[], list[str]] = list_cameras, cheap: bool | None = None) -> None:
        self._list = list_them
        self._cheap = cameras_are_listed_at_no_cost() if cheap is None else cheap
        self._cameras: tuple[str, ...] | None = None
        self._watch = StreamWatch(_PAUSE_S, _FORGET_S)
        self._look = threading.Event()
        self._leaving = False
        # Daemon: a camera's driver that never returns must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name="finder", daemon=True)  # noqa: TID251

    def __enter__(self) -> Self:
        self._watch.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._leaving = True
        self._look.set()
        self._thread.join(_PERIOD_S)
        self._watch.__exit__(*exc)

    @property
    def cameras(self) -> tuple[str, ...] | None:
        """The cameras, ``number: name``; None as long as nobody has looked."""
        return self._cameras

    def streams(self) -> list[FoundStream]:
        """Return the streams that are on LSL, without those that this Insula publishes itself.

        Raises
        ------
        SourceError
            LSL cannot be asked for them any more.
        """
        return self._watch.streams()

    def look_again(self) -> None:
        """Look for cameras now."""
        self._look.set()

    def _work(self) -> None:
        while not self._leaving:
            self._look.clear()
            self._cameras = tuple(self._list())
            if not self._leaving:
                self._look.wait(_PERIOD_S if self._cheap else None)
