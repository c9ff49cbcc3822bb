"""What several commands join up in the same way: configuration, models, pipeline."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import threadpoolctl
import torch

from core.config import Config, StreamConfig, load
from core.data import StreamInfo
from core.errors import ConfigError
from core.models.face import FaceReader
from core.pipeline import Pipeline
from core.predictor import Predictor


def configuration(args: argparse.Namespace) -> Config:
    """Return the defaults, the file of ``--config`` over them, and the command line's own words over that."""
    config = load(args.config) if getattr(args, "config", None) else Config()
    record = _given(args, study="study", session="session", task="task")
    if getattr(args, "participant", None):
        record["participant"] = args.participant[0]
    models = getattr(args, "model", None)
    model = {"path": models[0] if isinstance(models, list) else models} if models else {}
    markers = tuple(StreamConfig(name) for name in getattr(args, "markers", None) or ())
    return dataclasses.replace(
        config,
        markers=markers or config.markers,
        record=dataclasses.replace(config.record, **record),
        label=dataclasses.replace(config.label, **_given(args, annotator="annotator", role="role")),
        model=dataclasses.replace(config.model, **model),
        lsl=dataclasses.replace(config.lsl, publish=config.lsl.publish and not getattr(args, "no_publish", False)),
    )


def existing(path: str) -> Path:
    """Return the path of a recording or folder that must be there."""
    if not Path(path).exists():
        raise ConfigError(f"{path} does not exist.")
    return Path(path)


def one_thread_each() -> None:
    """Keep torch and BLAS to one thread: reader threads need the other cores more (see app/cli.py)."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    threadpoolctl.threadpool_limits(1)


def predictor_of(model: str, config: Config) -> Predictor:
    """Return the predictor of one of several models."""
    return Predictor(model, dataclasses.replace(config, model=dataclasses.replace(config.model, path=model)))


def pipelines(config: Config, predictor: Predictor) -> Callable[[Sequence[StreamInfo]], Pipeline]:
    """Return the function that makes a pipeline once the streams are known; the face model is loaded now.

    Each pipeline begins anew: nothing that the predictor has learnt of a person before goes into it.
    """
    face_reader = FaceReader(predictor.device)

    def make(infos: Sequence[StreamInfo]) -> Pipeline:
        predictor.forget()
        return Pipeline(infos, predictor, config, face_reader)

    return make


def _given(args: argparse.Namespace, **names: str) -> dict[str, Any]:
    values = {field: getattr(args, name, None) for field, name in names.items()}
    return {field: value for field, value in values.items() if value is not None}
