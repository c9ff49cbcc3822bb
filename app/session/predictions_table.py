"""``predictions.tsv``: one row a window, the columns that the command line promises."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from core.data import MODALITIES, Prediction
from core.errors import RecordingError
from core.files import private


def columns(classes: Sequence[str], modalities: Sequence[str] = MODALITIES) -> tuple[str, ...]:
    """Return the names of the columns for a model with these classes that reads these modalities."""
    return (
        *("participant", "start", "stop", "status", "label"),
        *(f"p_{name}" for name in classes),
        *("valence", "arousal", "uncertainty", "aleatoric", "epistemic", "disagreement"),
        *(f"{what}_{name}" for what in ("weight", "noise") for name in modalities),
        "model",
    )


def row(p: Prediction, modalities: Sequence[str] = MODALITIES) -> tuple[str, ...]:
    """Return the cells of one prediction; floats so that they read back to the same bits, n/a for NaN as in BIDS."""
    each = [dict(zip(p.modalities, values, strict=True)) for values in (p.weights, p.noise)]
    numbers = (
        *(p.valence, p.arousal, p.uncertainty, p.aleatoric, p.epistemic, p.disagreement),
        *(values.get(name, math.nan) for values in each for name in modalities),
    )
    return (
        *(p.participant, _cell(p.start), _cell(p.stop), p.status, p.label or "n/a"),
        *(_cell(value) for value in p.probabilities),
        *(_cell(value) for value in numbers),
        p.model,
    )


class PredictionsTable:
    """The file, written row by row; the rows of several models may follow each other.

    It takes its name when all of it is written: where that fails, what was there before stays.
    """

    def __init__(self, path: str | Path, classes: Sequence[str], modalities: Sequence[str] = MODALITIES) -> None:
        self._path = Path(path).resolve()
        is_device = self._path.exists() and not self._path.is_file()  # such as /dev/stdout
        self._part = self._path if is_device else self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}.part")
        try:
            self._file = open(self._part, "w", encoding="utf-8", newline="\n", opener=private)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise RecordingError(f"{path} cannot be written: {error.strerror}.") from error
        self._modalities = tuple(modalities)
        self._write(columns(classes, modalities))

    def add(self, prediction: Prediction) -> None:
        """Write one row."""
        self._write(row(prediction, self._modalities))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if error is None and self._part != self._path:
                self._part.replace(self._path)
        finally:
            if self._part != self._path:
                self._part.unlink(missing_ok=True)

    def _write(self, cells: Sequence[str]) -> None:
        self._file.write("\t".join(cells) + "\n")


def _cell(value: float) -> str:
    return "n/a" if value != value else repr(float(value))
