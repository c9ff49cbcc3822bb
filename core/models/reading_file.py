"""What was fitted on real faces of how a face is read, as it stands in a file; without torch, since a view needs it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from core.assets import asset_path


@cache
def fitted() -> dict[str, Any]:
    """Return what was fitted on real faces, as it stands in ``assets/face/reading.json``."""
    found: dict[str, Any] = json.loads(asset_path("face/reading.json").read_text(encoding="utf-8"))
    return found
