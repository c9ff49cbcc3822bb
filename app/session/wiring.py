"""What several commands join up in the same way: models and pipelines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import cv2
import threadpoolctl
import torch

from core.config import Config
from core.data import StreamInfo
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor
from core.side_by_side import SideBySide


def one_thread_each() -> None:
    """Keep torch and BLAS to one thread: reader threads need the other cores more (see app/cli.py)."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpoolctl.threadpool_limits(1)


def predictor_of(model: str, config: Config) -> Predictor:
    """Return the predictor of one of several models, warm."""
    predictor = Predictor(model, dataclasses.replace(config, model=dataclasses.replace(config.model, path=model)))
    predictor.warm_up()
    return predictor


def pipelines(config: Config, predictor: Predictor) -> Callable[[Sequence[StreamInfo]], Pipeline]:
    """Return the function that makes a pipeline once the streams are known; the face model is loaded now.

    Each pipeline begins anew: nothing that the predictor has learnt of a person before goes into it.
    """
    face_reader = FaceReader(predictor.device)

    def make(infos: Sequence[StreamInfo]) -> Pipeline:
        predictor.forget()
        return Pipeline(infos, predictor, config, face_reader)

    return make


def pipelines_of(models: Sequence[str], config: Config) -> Callable[[Sequence[StreamInfo]], Pipeline | SideBySide]:
    """Return what `pipelines` does for one model, or for two side by side."""
    first, *others = (pipelines(config, predictor_of(model, config)) for model in models)
    return lambda infos: SideBySide(first(infos), others[0](infos)) if others else first(infos)
