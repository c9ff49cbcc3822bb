"""All that is drawn over time, in one column on one axis: what is said, other streams, the EEG, and what marks them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app import texts
from app.timeline.affect_lanes import AffectLanes
from app.timeline.sensor_lanes import SensorLanes
from app.timeline.time_axis import TimeAxis
from app.timeline.time_drag import TimeDrag
from app.timeline.time_marks import TimeMarks
from app.timeline.traces import Traces
from app.ui.keys import Act

_SHARE, _LITTLE_PX, _MORE = 0.48, 450, 0.3
"""What the lanes have of a little height, and of what there is above that."""
_TRACES_PX = 118
"""What the traces keep, as long as the lanes are not at their lowest."""


class TimeColumn(QWidget):
    """The lanes above the traces, with nothing between them."""

    def __init__(self) -> None:
        super().__init__()
        self.axis = TimeAxis(grows=True)
        self.axis.setParent(self)  # its timer ends with what it draws
        self.marks = TimeMarks(self.axis)
        self.timeline, self.traces = AffectLanes(self.axis, self.marks), Traces(self.axis, self.marks)
        self.sensors = SensorLanes(self.axis, self.marks)
        self.acts: dict[str, Callable[[], object]] = {
            Act.LARGER: lambda: self.traces.zoom(1),
            Act.SMALLER: lambda: self.traces.zoom(-1),
            Act.SHORTER: lambda: self.axis.stretch(-1),
            Act.LONGER: lambda: self.axis.stretch(1),
            Act.EARLIER_CHANNELS: lambda: self.traces.scroll_channels(-1),
            Act.LATER_CHANNELS: lambda: self.traces.scroll_channels(1),
            Act.MORE_CHANNELS: lambda: self.traces.crowd(1),
            Act.FEWER_CHANNELS: lambda: self.traces.crowd(-1),
            Act.SWEEP: self.axis.sweep,
            Act.SENSORS: self.sensors.turn_page,
        }
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.timeline)
        self._column.addWidget(self.sensors)
        self._column.addWidget(self.traces)
        self.drag = TimeDrag(self.axis, self.marks)
        for each in (self.timeline, self.sensors, self.traces):
            self.drag.watch(each)
        self._alone = False
        self.sensors.resized.connect(self._share)

    def note(self, two_models: bool) -> str:
        """Return how much is seen of the time, and how, in words."""
        drawn = " · ".join(part for part in (self.sensors.note(), self.traces.note()) if part)
        return texts.time_note(self.axis.seconds, drawn, two_models)

    def show_eeg_alone(self, alone: bool) -> None:
        """Leave the lanes out, but for the words of the marks, or show all."""
        self.timeline.show_lanes(not alone)
        self.sensors.show_lanes(not alone)
        self._alone = alone
        self._share()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take how many lanes of other streams there is room for."""
        self.sensors.fit_room(self.height())
        self._share()

    def _share(self) -> None:
        """Have the affect keep its height: lanes of other streams take theirs from the traces."""
        little = min(self.height(), self.timeline.theme.px(_LITTLE_PX))
        lanes, others = int(_SHARE * little + _MORE * (self.height() - little)), self.sensors.sizeHint().height()
        lanes = min(lanes, self.height() - others - self.timeline.theme.px(_TRACES_PX))
        rest = max(1, self.height() - max(lanes, self.timeline.minimumHeight()) - others)
        self._column.setStretch(0, 0 if self._alone else max(1, lanes))
        self._column.setStretch(2, rest)

    def clear(self) -> None:
        """Show nothing of what has been."""
        for part in (self.timeline, self.sensors, self.traces, self.marks):
            part.clear()
