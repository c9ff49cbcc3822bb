"""Models that are loaded while other things go on: a window on a recording is there already, streams are opened."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

# Both set environment variables when they are imported. On the thread that loads a model that could happen while
# another one reads them, in C and without a lock.
import cv2  # noqa: F401
import threadpoolctl  # noqa: F401

from app.session.deferred_pipeline import AnyPipeline
from app.session.face_looking import Looker
from core.config import Config
from core.data import Event, Fault, Item, StreamInfo
from core.error_trace import error_trace
from core.errors import SessionCancelled
from core.face_submit import Submit


class _Loaded(Protocol):
    @property
    def device(self) -> str: ...

    def __call__(self, infos: Sequence[StreamInfo]) -> AnyPipeline: ...

    def look(self, info: StreamInfo) -> Looker: ...

    def add(self, path: Path) -> str: ...


class ModelLoading:
    """Loads one model, or two that are compared, on a thread of its own.

    To be left before an engine that may be waiting for it.

    Parameters
    ----------
    models : sequence of str
        Paths; ``""`` is the one that ships.
    config : Config
    folder : Path, optional
        Where models lie that read later when a session was recorded.
    people : int
        How many take part in a live session: it is read on the device that is soonest for so many. 0: a recording.
    """

    def __init__(self, models: Sequence[str], config: Config, folder: Path | None = None, people: int = 0) -> None:
        self._models = tuple(models)
        self._config = config
        self._folder = folder
        self._people = people
        self._made: Future[_Loaded] = Future()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._work, name="model")  # noqa: TID251

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        if self._thread.ident is None:
            self._made.set_result(_Nothing())
        else:
            self._thread.join()

    def begin(self) -> None:
        """Begin to load, once what should not share Python with torch's import is done; not once it is left."""
        if not self._leaving.is_set():
            self._thread.start()

    def is_done(self) -> bool:
        """Return whether it is loaded, or could not be."""
        return self._made.done()

    def make(self, infos: Sequence[StreamInfo]) -> AnyPipeline:
        """Return a pipeline for these streams once it is loaded; one that says nothing if it could not be."""
        return _Silent() if self._made.exception() is not None else self._made.result()(infos)

    def look(self, info: StreamInfo) -> Looker:
        """Return what looks at the frames of a camera, once it is loaded; raise what kept it from that."""
        return self._made.result().look(info)

    @property
    def device(self) -> str:
        """Where it reads, ``cpu`` or ``cuda``, once it is loaded; raises what kept it from that."""
        return self._made.result().device

    def add(self, path: Path) -> str:
        """Load one more model, once the first is; return its sha256, or raise what kept either from being loaded."""
        return self._made.result().add(path)

    def when_done(self, notify: Callable[[Fault | None], object]) -> None:
        """Have `notify` called, on any thread, once it is loaded, or with the reason why it could not be."""
        self._made.add_done_callback(lambda made: notify(_fault(made.exception())))

    def check(self) -> None:
        """Wait for it; raise what kept it from being loaded."""
        if (error := self._made.exception()) is not None:
            raise error

    def _work(self) -> None:
        try:
            made = self._load()
            # What waits for it need not be predicted on any more.
            self._made.set_result(_Nothing() if self._leaving.is_set() else made)
        except Exception as error:
            self._made.set_exception(error)

    def _load(self) -> _Loaded:
        # Of what is imported nothing is garbage, and to look for some in between takes a quarter of the time.
        looks = gc.isenabled()
        gc.disable()
        try:
            from app.session.wiring import one_thread_each, pipelines_of  # torch: what the window does not wait for
        finally:
            if looks:
                gc.enable()
        one_thread_each()
        return pipelines_of(self._models, self._config, self._folder, self._people)


class _Silent:
    """Says nothing of any item."""

    def look_at(self, items: Sequence[Item], submit: Submit) -> None:
        pass

    def push_all(self, items: Sequence[Item]) -> list[list[Event]]:
        return [[] for _ in items]


class _Nothing:
    """Stands for a model that nobody waits for any more."""

    device = ""

    def __call__(self, infos: Sequence[StreamInfo]) -> AnyPipeline:
        return _Silent()

    def look(self, info: StreamInfo) -> Looker:
        raise SessionCancelled

    def add(self, path: Path) -> str:
        raise SessionCancelled


def _fault(error: BaseException | None) -> Fault | None:
    if error is None:
        return None
    return Fault("model", float("nan"), str(error), error_trace(error))
