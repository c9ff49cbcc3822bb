"""Between what the values of the configuration must lie: beyond, nothing works, or it takes all memory."""

from __future__ import annotations

__all__ = ["CHOICES", "LIMITS"]

_MOST = 1e9

LIMITS: dict[str, tuple[float, float]] = {
    "eeg.wait": (0.0, _MOST),
    "eeg.grace": (0.0, _MOST),
    "eeg.highpass": (0.0, 1e4),
    "eeg.lowpass": (0.0, 1e5),
    "eeg.notch": (-1.0, 1e4),
    "eeg.sfreq": (1.0, 1e5),
    "eeg.max_gap": (0.0, 1e4),
    "eeg.min_channels": (0, _MOST),
    "face.width_px": (2, 16_384),
    "face.height_px": (2, 16_384),
    "face.fps": (0.1, 1000.0),
    "face.rate": (0.1, 240.0),
    "face.min_size_px": (0, _MOST),
    "face.max_yaw_deg": (0.0, 180.0),
    "face.min_light": (0.0, 255.0),
    "window.length": (0.1, 60.0),
    "window.step": (0.01, 60.0),
    "window.patience": (0.0, 3600.0),
    "model.coverage": (0.0, 1.0),
    "model.max_epistemic": (0.0, _MOST),
    "method.stages": (1, 2),
    "method.similarity": (0.0, 1e3),
    "method.uncertainty": (0.0, 1e3),
    "method.distillation": (0.0, 1e3),
    "method.imitation": (0.0, 1e3),
    "method.layer": (0, 2),
    "method.temperature": (0.1, 100.0),
    "queue.size": (1, _MOST),
    "queue.length": (0.1, 3600.0),
    "queue.most_per_minute": (0.01, 60.0),
    "queue.least_every": (1.0, _MOST),
    "queue.random_share": (0.0, 1.0),
    "queue.min_distance": (0.0, _MOST),
    "queue.max_age": (0.0, _MOST),
    "record.flush": (0.01, 3600.0),
    "record.min_free_mb": (0.0, 1e12),
    "record.crf": (0, 51),
    "label.context": (0.0, 3600.0),
    "label.rating_rate": (0.1, 1000.0),
}
"""Lowest and highest of each number, by its dotted key; any other number need only be finite."""

CHOICES: dict[str, tuple[str, ...]] = {
    "label.role": ("self", "observer", "expert"),
    "label.scale": ("slider", "sam", "grid", "none"),
    "method.reliability": ("literal", "margin"),
    "method.teacher": ("cross-fitted", "own"),
    "model.device": ("auto", "cpu", "cuda"),
}
"""The words that a text may be, by its dotted key."""
