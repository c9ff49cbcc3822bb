"""Builds the wheel: in it the rooms live inside the package ``insula``, so that no other ``core`` can clash.

In the checkout they stand side by side, and code says ``from core.data import Chunk``. In the wheel the same files
stand under ``insula/`` and say ``from insula.core.data import Chunk``: import statements are rewritten here, once, and
nothing is done when they are imported. A path of our own on ``sys.path`` would let whoever comes first have the name,
and an import hook would have to know who asks. What cannot be rewritten for certain ends the build.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HOUSE = "insula"
ROOMS = ("acquisition", "app", "core", "training")


def rehoused(code: str, name: str) -> str:
    """Return a module's code with the rooms' modules imported from inside the package.

    Parameters
    ----------
    code : str
    name : str
        Of the file, for errors.

    Raises
    ------
    ValueError
        A room is imported as ``import core.data``, which binds the name ``core``.
    """
    lines = code.splitlines(keepends=True)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_room(node.module or ""):
            line = lines[node.lineno - 1].encode()
            before, after = line[: node.col_offset].decode(), line[node.col_offset :].decode()
            lines[node.lineno - 1] = before + after.replace(f"from {node.module}", f"from {HOUSE}.{node.module}", 1)
        elif isinstance(node, ast.Import) and any(_is_room(alias.name) for alias in node.names):
            raise ValueError(f"{name}:{node.lineno} imports a room by `import`; write `from ... import ...`.")
    return "".join(lines)


def _is_room(module: str) -> bool:
    return module.partition(".")[0] in ROOMS


class Rehouse(BuildHookInterface[Any]):
    """Hands hatchling the rewritten package; an editable install takes the checkout as it is."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the package into a folder of its own and have it taken from there."""
        if version == "editable":
            return
        self._draft = Path(tempfile.mkdtemp(prefix="insula-wheel-"))
        for room in (HOUSE, *ROOMS):
            place = self._draft if room == HOUSE else self._draft / room
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(Path(self.root) / room, place, ignore=ignore, dirs_exist_ok=True)
        for file in sorted(self._draft.rglob("*.py")):
            code = file.read_text(encoding="utf-8")
            file.write_text(rehoused(code, str(file.relative_to(self._draft))), encoding="utf-8")
        build_data["force_include"][str(self._draft)] = HOUSE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the folder away."""
        if version != "editable":
            shutil.rmtree(self._draft)
