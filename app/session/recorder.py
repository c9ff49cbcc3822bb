"""The recorder: one thread that puts everything on disk and says whether it truly got there."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import platform
import queue
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pylsl

from app.log import log_beside
from app.session.disk_syncing import DiskSyncing
from app.session.label_keeper import LabelKeeper
from app.session.label_writer import Notify
from app.session.recording_files import RecordingFiles
from core.config import Config, to_dict
from core.data import (
    MODALITIES,
    Chunk,
    Fault,
    Item,
    ModelChange,
    NeutralFace,
    Notice,
    Prediction,
    RecordingHealth,
    Segment,
    StreamInfo,
    frozen,
)
from core.error_trace import error_trace
from core.errors import RecordingError
from core.recording.session import Session

_ROOM = 20_000
_MANY = 256
"""So many things are not left until the next flush, which would then take long."""
_HEALTH = 1.0
_RETRY = 1.0
"""Seconds between two tries on a disk that takes no more."""
_SLOW = 10.0
"""Seconds that the disk itself may take to keep what was written."""
_SILENT = 5.0
"""Seconds after which a stream that has sent nothing is named."""
_LIBRARIES = ("insula", "numpy", "scipy", "torch", "pylsl", "av", "opencv-python-headless")

_NO_PIXELS = frozen(np.empty((0, 0, 0, 3), np.uint8))


class _Stop:
    pass


class Recorder:
    """Keeps a session: a `Keeper` for the engine.

    Nothing waits for the disk: things pass through a queue. When the disk stalls until the queue is half full, the
    camera's packets go; EEG, labels and predictions only when nothing else is left to go. When the disk is full, what
    comes waits in memory and is written once there is room: 64 MB of video, 256 MB of streams, labels and events
    without end. Each loss is told.

    Parameters
    ----------
    config : Config
    people : sequence of str
        The participants of the session.
    model : str
        sha256 of the checkpoint.
    classes : sequence of str
        The classes of its predictions.
    clock : callable
        The LSL clock.
    about : mapping, optional
        What more ``session.json`` is to say: ``consent``, ``annotator``.
    modalities : sequence of str
        What the model reads.
    """

    def __init__(
        self,
        config: Config,
        people: Sequence[str],
        model: str,
        classes: Sequence[str],
        clock: Callable[[], float],
        about: Mapping[str, Any] | None = None,
        modalities: Sequence[str] = MODALITIES,
    ) -> None:
        self._config = config
        self._people = tuple(people)
        self._model = model
        self._classes = tuple(classes)
        self._modalities = tuple(modalities)
        self._clock = clock
        self._more = dict(about or {})
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._due = threading.Event()
        """Set when what waits is to be taken before the next flush."""
        self._n_lost = 0
        self._problem = ""
        self._reaching_disk = False
        self._span = (math.inf, -math.inf)
        """When the first and the last sample of EEG or face was taken, s, LSL clock."""
        self._thread = threading.Thread(target=self._work, name="recorder")  # noqa: TID251
        self.session: Session | None = None

    @property
    def path(self) -> Path | None:
        """The XDF file, None before `start`."""
        return self.session.xdf if self.session is not None else None

    def start(self, infos: Sequence[StreamInfo], notify: Notify) -> None:
        """Make the session's files and begin.

        Raises
        ------
        RecordingError
            The files cannot be made.
        """
        self._notify = notify
        self._know(infos)
        self.session = Session.create(self._config.record)
        log_beside(self.session.log)
        self._began = self._clock()
        self._about = self._describe()
        self.session.describe(self._about)
        self._files = RecordingFiles(
            self.session, infos, self._people, self._classes, self._about["start"], self._config.record.video,
            self._modalities,
        )  # fmt: skip
        self._labels = LabelKeeper(self.session.labels, self._clock)
        self._labels.start(infos, notify)
        self._syncing = DiskSyncing(self._files.sync, self._clock)
        self._syncing.start()
        self._thread.start()

    def tell(self, **more: object) -> None:
        """Have ``session.json`` say more; before `start`."""
        self._more |= more

    def put(self, item: Item) -> None:
        """Take an item from outside, in the order of arrival.

        What people answer goes to a thread of its own as well: it waits for nothing else, nor does anything for it.
        """
        self._labels.put(item)
        if isinstance(item, Chunk) and item.packets:
            # The packets hold the pictures. A frame without one tells the video that it is missing.
            packets = item.packets if self._queue.qsize() <= _ROOM // 2 else ()
            item = dataclasses.replace(item, data=_NO_PIXELS, packets=packets)
        self._offer((item, False))

    def follow(self, event: Prediction | Segment | Notice | NeutralFace) -> None:
        """Take what the pipeline said of the items before."""
        self._offer((event, True))

    def stop(self) -> None:
        """Write what is waiting and the footers; return when all is on disk."""
        if self._thread.ident is None:
            return
        self._queue.put(_Stop())
        self._due.set()
        self._thread.join()
        self._labels.stop()

    def _offer(self, entry: tuple[Item | Prediction | Segment, bool]) -> None:
        n_waiting = self._queue.qsize()
        if n_waiting >= _ROOM:
            self._n_lost += 1
            return
        self._queue.put(entry)
        if n_waiting >= _MANY:
            self._due.set()

    def _work(self) -> None:
        try:
            self._run()
        except Exception as error:
            self._syncing.stop()
            text = f"Recording stopped: {error}. What was written is kept in {self.path}. Start a new recording."
            self._notify(Fault("recorder", self._clock(), text, error_trace(error)))
            self._reaching_disk = False
            self._notify(self._health(text))
            with contextlib.suppress(RecordingError):
                self._files.close()
            while not isinstance(self._queue.get(), _Stop):
                pass

    def _run(self) -> None:
        flush_due = health_due = self._clock()
        # Things are in memory until the flush, whoever has them. Taken one by one as they come, each would wake this
        # thread just when the others are to predict on it.
        while self._keep_waiting():
            now = self._clock()
            if now >= flush_due:
                flush_due = now + (self._config.record.flush if self._flush() else _RETRY)
            if now >= health_due:
                self._notify(self._health(self._trouble(now)))
                health_due = now + _HEALTH
            self._due.wait(max(0.0, min(flush_due, health_due) - self._clock()))
            self._due.clear()
        self._syncing.stop()
        self._finish()

    def _keep_waiting(self) -> bool:
        """Keep what waits now; return False at the end."""
        for _ in range(self._queue.qsize()):
            entry = self._queue.get()
            if isinstance(entry, _Stop):
                return False
            self._keep(*entry)
        return True

    def _know(self, infos: Sequence[StreamInfo]) -> None:
        self._infos = tuple(infos)
        self._signals = {info.key for info in infos if info.kind in ("eeg", "video")}

    def _keep(self, thing: Item | Prediction | Segment, derived: bool) -> None:
        if isinstance(thing, StreamInfo):
            self._know((*(info for info in self._infos if info.key != thing.key), thing))
            self._about["streams"] = _streams(self._infos)
        if isinstance(thing, Chunk) and thing.stream in self._signals and len(thing.timestamps):
            times, (first, last) = thing.times, self._span
            self._span = min(first, float(times[0])), max(last, float(times[-1]))
        try:
            self._files.write(thing, derived)
            if isinstance(thing, ModelChange):
                self._tell_model(thing)
        except RecordingError as error:
            self._problem = str(error)

    def _tell_model(self, change: ModelChange) -> None:
        assert self.session is not None
        self._about["models"].append({"from_lsl": change.time, "sha256": change.model, "file": change.file})
        self.session.describe(self._about)

    def _flush(self) -> bool:
        """Put what waits on disk; return False if the disk takes no more."""
        before = self._files.n_bytes
        try:
            self._files.flush()
        except RecordingError as error:
            self._problem = str(error)
            self._reaching_disk = False
            return False
        if self._files.n_bytes > before:
            self._syncing.ask()
            self._reaching_disk = True
            self._problem = ""
        return True

    def _trouble(self, now: float) -> str:
        """Return what is wrong with the recording, in words, ``""`` if nothing."""
        if problem := self._problem or self._syncing.problem:
            return problem
        if (late := self._syncing.behind) > _SLOW:
            return f"The disk is slow: if the power fails, the last {late:.0f} s are lost. Record to another disk."
        if n_lost := self._n_lost + self._files.n_lost:
            return f"{n_lost} things could not be kept: the disk was full or too slow. Record to another disk."
        if now - self._began > _SILENT and (
            silent := [i.name for i in self._infos if i.is_due and not self._files.n_samples(i.key)]
        ):
            return f"Nothing has come from {', '.join(silent)}. Check that it is on and sending."
        if self._free() < (least := self._config.record.min_free_mb) * 1e6:
            return f"The disk is nearly full: less than {least:.0f} MB are left. Make room."
        return ""

    def _health(self, problem: str) -> RecordingHealth:
        # A file that only has headers is no recording.
        some = any(self._files.n_samples(info.key) for info in self._infos)
        return RecordingHealth(
            time=self._clock(),
            path=str(self.path),
            recording=self._reaching_disk and some and not self._problem,
            bytes_written=self._files.n_bytes,
            free_bytes=self._free(),
            problem=problem,
            samples=tuple((info.key, self._files.n_samples(info.key)) for info in self._infos),
        )

    def _free(self) -> int:
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self._config.record.study).free
        return 0

    def _finish(self) -> None:
        assert self.session is not None
        self._about["stop"] = datetime.now(UTC).isoformat()
        first, last = self._span
        self._about["seconds"] = round(last - first, 3) if first <= last else None
        self._about["lost"] = self._n_lost + self._files.n_lost
        try:
            self._files.close()
            self.session.describe(self._about)
        except RecordingError as error:
            self._notify(Fault("recorder", self._clock(), f"The end of the recording is not on disk: {error}"))

    def _describe(self) -> dict[str, Any]:
        return {
            "participants": self._people,
            "task": self._config.record.task,
            "start": datetime.now(UTC).isoformat(),
            "stop": None,
            "start_lsl": self._began,
            "consent": {"record_eeg": None, "record_video": None, "keep_video": None, "share": None, "train": None},
            "streams": _streams(self._infos),
            "model": self._model,
            "models": [{"from_lsl": self._began, "sha256": self._model, "file": Path(self._config.model.path).name}],
            "config": to_dict(self._config),
            "versions": _versions(),
            **self._more,
        }


def _streams(infos: Sequence[StreamInfo]) -> list[dict[str, object]]:
    return [{"key": i.key, "kind": i.kind, "simulated": i.simulated} for i in infos if not i.awaited]


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    major, minor = divmod(pylsl.library_version(), 100)
    return {**found, "liblsl": f"{major}.{minor}"}
