"""A module in the wrong room fails `lint-imports`, each contract for its own reason."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("importlinter")

_STRAY = {
    "core/stray.py": "import acquisition.source\nimport threading\n",
    "training/stray.py": "import PyQt6.QtCore\n",
    "app/session/stray.py": "import app.ui.theme\n",
    "app/timeline/stray.py": "import app.window.bridge\n",
    "app/nowhere.py": "",
    "app/ui/first.py": "import app.ui.second\n",
    "app/ui/second.py": "import app.ui.first\n",
}
_BROKEN = {
    "imports run down only": "core.stray -> acquisition.source",
    "core has no thread, no device, no Qt": "core.stray -> threading",
    "only app knows Qt": "training.stray -> PyQt6",
    "rooms of app import down only, and every module has a room": "app.timeline.stray -> app.window.bridge",
    "a session and a study need no window": "app.session.stray -> app.ui.theme",
    "no two siblings import each other in a circle": "No cycles are allowed in app.ui.",
}


def test_a_module_in_the_wrong_room_breaks_the_contract_that_says_so(tmp_path: Path):
    root = Path(__file__).parents[1]
    for name in ("insula", "app", "core", "acquisition", "training", "pyproject.toml"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, tmp_path / name)
    for name, code in _STRAY.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    told = re.sub(r"\s+", " ", re.sub(r"\(l\.[^)]*\)", "", done.stdout))
    assert done.returncode == 1, told + done.stderr
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert {contract["name"] for contract in contracts} == set(_BROKEN)
    for contract, reason in _BROKEN.items():
        assert f"{contract} BROKEN" in told
        assert reason in told, told
    assert "nowhere" in told
