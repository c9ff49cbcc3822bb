"""A recording of Insula's own, a model that reads anyone's EEG, and a data set of others."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED, TaughtOn

BEFORE = Path(__file__).parents[1] / "flows" / "recorded_0_1"
"""Twelve seconds, six electrodes at 128 Hz and four pictures a second, with predictions and an answer."""


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = shutil.copytree(BEFORE, tmp_path_factory.mktemp("before") / "study")
    return study / "sourcedata" / "sub-P001" / "ses-01"


@pytest.fixture(scope="session")
def for_anyone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that ships, made to say that it reads anyone's EEG."""
    shipped = load(SHIPPED)
    header = dataclasses.replace(shipped.header, taught_on=TaughtOn(population=True, n_people=99))
    path = tmp_path_factory.mktemp("model") / "anyone.safetensors"
    save(path, shipped.network, header)
    return path
