"""The one time axis of everything that is drawn over time: how much is seen, up to when, and where a moment lies."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

DURATIONS = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
STEPS = (1, 2, 5, 10, 30, 60, 150)
"""Seconds between two ticks."""
FRAME_MS = 16
_PER_TICK = 1.25
"""Seconds for which the room of a tick is enough, where it is the room that says how many are seen."""
_SILENT_S = 0.5
"""Devices send every tenth of a second or so: after this long without anything the clock moves time on."""
_BEHIND_S, _ANOTHER_CLOCK_S = 1.0, 60.0
"""Data so far behind the clock are late, since this computer is behind: now is the clock's. Further off, it is another
clock's time."""
_LEAST_S, _USUAL_S = 0.012, 0.030
_WANTED, _SHARE = 10, 3
"""Drawing takes at most one part in so many of the window's time. Thirty frames a second may take more than what is
wanted; a machine on which they take more than the other share draws less often."""

Shares = tuple[float, float]


class TimeAxis(QObject):
    """Seconds up to now, in columns of pixels; now is at the right, or goes round and writes over the oldest.

    What draws on it draws on `changed`, so all of it shows the same now.

    Parameters
    ----------
    seconds
        How much is seen at first.
    by_itself
        False for one that whoever draws on it moves on.
    grows
        Show more seconds where there is room for more, until somebody chooses how many.
    watch
        What drawing takes is measured by, s.
    """

    changed = pyqtSignal()
    """Time has moved on by a column, or something on the axis is to be drawn anew."""

    def __init__(
        self,
        seconds: float = 10.0,
        by_itself: bool = True,
        watch: Callable[[], float] = time.perf_counter,
        grows: bool = False,
    ) -> None:
        super().__init__()
        self._watch = watch
        self._grows, self._least, self._seconds = grows, seconds, seconds
        self.sweeping = False
        self.zero = math.nan
        """From when times are counted, s, LSL clock; NaN for the first that there is."""
        self.margin = 0
        """Pixels at the left of it, for names; 0 for as many as the names of the lanes need."""
        self.n_columns = 16
        """Pixels of the screen itself from edge to edge."""
        self.newest: int | None = None
        """Number of the newest column, counted from the clock's zero; None while nothing is known."""
        self.most_ticks = 10.0
        """So many ticks there is room for."""
        self.clock: Callable[[], float] | None = None
        """Moves time on while nothing comes, s, LSL clock; None where data alone do, as in a recording."""
        self._front = -math.inf
        self._lead: tuple[float, float] | None = None
        """A moment of the data that lead, and when it came, by the clock."""
        self._is_led = False
        self._begun, self._took = -math.inf, 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.follow)
        if by_itself:
            self._timer.start(FRAME_MS)

    @property
    def seconds(self) -> float:
        """How much is seen; once somebody has set it, the room there is has no say in it any more."""
        return self._seconds

    @seconds.setter
    def seconds(self, seconds: float) -> None:
        self._seconds, self._grows = seconds, False

    @property
    def column(self) -> float:
        """Seconds of one column."""
        return self.seconds / self.n_columns

    @property
    def step(self) -> int:
        """Seconds between two ticks; they fit whole into what is seen, so that the ticks of a sweep stand."""
        seconds = int(self.seconds)
        return next((k for k in STEPS if seconds % k == 0 and seconds / k <= self.most_ticks), seconds)

    @property
    def span(self) -> tuple[float, float]:
        """From when to when is seen, s, LSL clock; nothing yet has no length."""
        if self.newest is None:
            return 0.0, 0.0
        stop = (self.newest + 1) * self.column
        return stop - self.seconds, stop

    @property
    def cursor(self) -> float:
        """Where now is, from 0 at the left to 1 at the right."""
        return (self.newest or 0) % self.n_columns / self.n_columns if self.sweeping else 1.0

    def fit(self, n_columns: int, most_ticks: float) -> None:
        """Take how many columns of pixels, and how many ticks, there is room for."""
        self.most_ticks = most_ticks
        before = self.n_columns, self._seconds
        self.n_columns = max(16, n_columns)
        if self._grows:
            roomy = (each for each in DURATIONS[::-1] if each <= _PER_TICK * most_ticks)
            self._seconds = max(next(roomy, self._least), self._least)
        if (self.n_columns, self._seconds) != before:
            self._place_now()

    def stretch(self, steps: int) -> None:
        """Show more seconds (positive) or fewer, whatever there is room for from now on."""
        k = DURATIONS.index(self.seconds) + steps
        self.seconds = DURATIONS[min(max(k, 0), len(DURATIONS) - 1)]
        self._place_now()
        self.changed.emit()

    def sweep(self) -> None:
        """Sweep instead of scrolling, or the other way round."""
        self.sweeping = not self.sweeping
        self.changed.emit()

    def begin(self, moment: float) -> None:
        """Count times from this moment on, unless they are counted already."""
        if math.isnan(self.zero):
            self.zero = moment

    @property
    def front(self) -> float:
        """How far time has come, s, LSL clock."""
        return self._front

    def advance(self, moment: float, leads: bool = False) -> None:
        """Take that this moment has come; it is seen with the next frame.

        Where anything leads, it does so alone: the clock goes on from there when nothing more comes of it.
        """
        self._front = max(self._front, moment)
        if self.clock is not None and (leads or not self._is_led):
            self._lead, self._is_led = (moment, self.clock()), leads

    def restart(self) -> None:
        """Forget how far time has come: someone goes elsewhere, or a clock has jumped back."""
        self._front, self.newest = -math.inf, None
        self._lead, self._is_led = None, False

    def follow(self) -> None:
        """Draw a frame as `move` does, if it is time for another."""
        rest = max(_LEAST_S, min(_WANTED * self._took, _USUAL_S), _SHARE * self._took)
        if self._watch() - self._begun >= rest:
            self.move()

    def painted(self, seconds: float) -> None:
        """Take how long it took to paint what this frame is seen on."""
        self._took += seconds

    def move(self) -> None:
        """Draw a frame if time has moved on by a column."""
        before = self.newest
        self._go_on()
        self._place_now()
        if self.newest != before:
            self._begun = self._watch()
            self.changed.emit()
            self._took = self._watch() - self._begun

    def place(self, moment: float) -> float:
        """Return where a moment lies, from 0 to 1; outside of that, or anywhere in a sweep, if it is not seen."""
        if self.sweeping:
            return moment / self.column % self.n_columns / self.n_columns
        return 1 - (self.span[1] - moment) / self.seconds

    def moment(self, place: float) -> float:
        """Return which moment lies at a place, from 0 to 1; NaN while nothing is known."""
        if self.newest is None:
            return math.nan
        if not self.sweeping:
            return self.span[1] - (1 - place) * self.seconds
        behind = (self.newest + 1 - place * self.n_columns) % self.n_columns
        return (self.newest + 1 - behind) * self.column

    def pieces(self, start: float, stop: float) -> list[Shares]:
        """Return the parts of a stretch that are seen, from 0 to 1; two where a sweep goes round within it."""
        first, last = self.span
        start, stop = max(start, first), min(stop, last)
        if start > stop or first == last:
            return []
        left = self.place(start)
        right = left + (stop - start) / self.seconds
        return [(left, 1.0), (0.0, right - 1)] if right > 1 + 1e-9 else [(left, right)]

    def sees(self, moment: float) -> bool:
        """Return whether a moment is seen."""
        first, last = self.span
        return first < moment < last

    def ticks(self, start: float, stop: float) -> list[int]:
        """Return the whole seconds since zero that are ticked, in [start, stop), LSL clock."""
        if math.isnan(self.zero):
            return []
        first, last = (math.ceil((edge - self.zero) / self.step) for edge in (start, stop))
        return [k * self.step for k in range(max(0, first), last)]

    def _go_on(self) -> None:
        """Have the clock move time on when nothing has come for a while, or only what is late.

        What is missing then grows in sight.
        """
        if self.clock is not None and self._lead is not None:
            (moment, came), now = self._lead, self.clock()
            if _BEHIND_S < now - moment < _ANOTHER_CLOCK_S:
                self._front = max(self._front, now)
            elif (silent := now - came) > _SILENT_S:
                self._front = max(self._front, moment + silent)

    def _place_now(self) -> None:
        self.newest = math.floor(self._front / self.column) if math.isfinite(self._front) else None
