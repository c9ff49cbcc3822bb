"""The window on a running engine: opened, shown, and left when it is closed, the time is up, or on Ctrl-C."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QEvent, QTimer
from PyQt6.QtWidgets import QApplication

from app.labelling.clip_reader import Footage
from app.session.engine import Engine
from app.session.late_markers import LateMarkers
from app.session.lost_streams import LostStreams
from app.session.model_loading import ModelLoading
from app.session.offline_questions import OfflineQuestions
from app.timeline.span import Span
from app.ui import window_geometry
from app.ui.error_catcher import ErrorCatcher
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.replay_bar import Replay
from core.config import LabelConfig
from core.data import Label

SWITCH_S = 0.0001
"""Whoever holds Python gives way after so long. The engine asks for it some fifty times on the way to a prediction, and
while the window computes each of them waits so long: with Python's own 5 ms longer than there is time."""
_DRAWN_MS = 100
"""The first picture and the first EEG are drawn before a model that is loaded takes every other turn. What was said
when a recording was made is read before it as well: both at once take longer, and it shows what to look at."""


def show(
    engine: Engine | OfflineQuestions,
    classes: Sequence[str],
    clock: Callable[[], float],
    duration: float | None = None,
    label: LabelConfig | None = None,
    known: Sequence[Label] = (),
    reading: Span | None = None,
    recorded: bool = True,
    replay: Replay | None = None,
    footage: Footage | None = None,
    asked_by: str = "",
    loading: ModelLoading | None = None,
    nearby: LateMarkers | None = None,
    lost: LostStreams | None = None,
    markers: Sequence[float] = (),
) -> None:
    """Show the engine's session and return when it is over for the person; the engine goes on.

    `known` are the labels given before, `replay` is the recording that is shown, `footage` gives any moment of it.
    `asked_by` tells who asks where only the questions of a recording are shown, `reading` its span while it is read.
    `loading` is the model that is not there yet, `nearby` tells of streams that may be recorded as well,
    `lost` of what may be a stream that is lost.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    switch = sys.getswitchinterval()
    bridge = Bridge(engine.outbox)
    window = MainWindow(bridge, engine.put, classes, label, clock, recorded=recorded, replay=replay)
    window.labelling.annotation.remember(known)
    window.labelling.annotation.markers = markers
    if nearby is not None:
        window.view.offer(nearby)
    if lost is not None:
        window.view.offer_back(lost)
    if footage is not None:
        window.labelling.clips.read_from(footage)
    if replay is not None and window.replay_bar is not None:
        window.status.mode = "replaying"
        for answer in known:
            window.replay_bar.show_label(answer)
    if asked_by:
        window.label_alone(asked_by, reading)
    if loading is None:
        sys.setswitchinterval(SWITCH_S)
    else:
        window.status.loading = True
        window.refresh()
        # What it has brought stays as well, see below. Giving way so often would slow down the imports before.
        bridge.model_loaded.connect(lambda _: gc.freeze())
        bridge.model_loaded.connect(lambda _: sys.setswitchinterval(SWITCH_S))
        load = partial(QTimer.singleShot, _DRAWN_MS, loading.begin)
        if window.replay_bar is not None:
            window.replay_bar.read.connect(load)
        else:
            load()
    # Python sees a signal only between two of its own instructions; the bridge's timer gives it some. Those may be in
    # the middle of painting, where no window must be taken away.
    leave = lambda *_: QTimer.singleShot(0, application.quit)  # noqa: E731
    before = {name: signal.signal(name, leave) for name in (signal.SIGINT, signal.SIGTERM)}
    if duration is not None:
        QTimer.singleShot(round(1000 * duration), application.quit)
    # What is loaded by now stays: to go through all of it for garbage would stop every thread for a tenth of a second.
    gc.freeze()
    with ErrorCatcher(bridge.fault_raised.emit):
        window_geometry.stand_where_it_was(window)
        window.show()
        application.exec()
        window_geometry.remember(window)
    # Closing the last window asks to quit as well: left behind, that would end whatever is shown next.
    QApplication.removePostedEvents(application, QEvent.Type.Quit.value)
    gc.unfreeze()
    bridge.stop()
    sys.setswitchinterval(switch)
    for name, handler in before.items():
        signal.signal(name, handler)
