"""Pictures as Qt draws them, from arrays and from JPEG."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from PyQt6.QtGui import QImage

from core.data import Array


def to_image(frame: Array) -> QImage:
    """Return the picture of `frame`, array of shape (height, width, 3), uint8, RGB, contiguous; it lasts as long."""
    height, width = int(frame.shape[0]), int(frame.shape[1])
    # PyQt6 takes the memory of an array, but its type stubs do not say so.
    return QImage(cast(bytes, frame.data), width, height, 3 * width, QImage.Format.Format_RGB888)


def decoded(jpeg: bytes) -> QImage:
    """Return the picture of a JPEG; it takes half as long as Qt's own way, and other threads go on."""
    frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return to_image(np.asarray(frame)).rgbSwapped()
