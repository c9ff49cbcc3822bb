"""Another model for a session that runs, or a recording that is played: loaded beside it, used between two windows."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from app import texts
from app.session.engine import Engine
from app.session.model_loading import ModelLoading
from core.config import Config
from core.data import Fault, ModelChange, Notice
from core.error_trace import error_trace
from core.errors import CheckpointError, InsulaError
from core.models.model_file import ModelFile, read_fitting


class ModelSwap:
    """Has other models read instead of the first one, and the first one again.

    Parameters
    ----------
    engine : Engine
    loading : ModelLoading
        Has loaded, or loads, the model that reads first.
    first : ModelFile
        What that one says of itself.
    config : Config
    clock : callable
        The LSL clock.
    recorded : bool
        Over a recording what somebody wants holds whichever model read when it was recorded.
    """

    def __init__(
        self,
        engine: Engine,
        loading: ModelLoading,
        first: ModelFile,
        config: Config,
        clock: Callable[[], float],
        recorded: bool = False,
    ) -> None:
        self._engine = engine
        self._loading = loading
        self._config = config
        self._clock = clock
        self.first = first
        self._recorded = recorded
        self._current = first
        self._wanted: queue.SimpleQueue[ModelFile | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="other model")  # noqa: TID251

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wanted.put(None)
        self._thread.join()

    def use(self, path: Path) -> None:
        """Have the model at `path` read as soon as it is loaded, which is not waited for.

        Raises
        ------
        CheckpointError
            It cannot take the place of the first one, in words.
        """
        model = read_fitting(path, self._config)
        if model.classes != self.first.classes:
            raise CheckpointError(texts.other_classes(path.name, model.classes, self.first.classes))
        if model.modalities != self.first.modalities:
            raise CheckpointError(texts.other_modalities(path.name, model.modalities, self.first.modalities))
        self._wanted.put(model)

    def go_back(self) -> None:
        """Have the first model read again."""
        self._wanted.put(self.first)

    def _work(self) -> None:
        while (model := self._wanted.get()) is not None:
            try:
                sha256 = self._loading.add(model.path)
                if sha256 != self._current.sha256:
                    before = "" if self._recorded else self._current.sha256
                    self._engine.use_model(ModelChange(self._clock(), sha256, before, model.path.name))
                self._current = model
            except InsulaError as error:
                self._engine.tell(Notice("", self._clock(), "info", str(error)))
            except Exception as error:
                text = f"{model.path.name} could not be loaded: {error}. The model before reads on."
                self._engine.tell(Fault("another model", self._clock(), text, error_trace(error), "", True))
