"""All words stand in one file, once each, and each of them is shown somewhere."""

import ast
import re
from collections import Counter
from pathlib import Path

from app import texts

FILE = Path(texts.__file__)


def names() -> list[str]:
    """Every constant and function, in the order of the file."""
    found: list[str] = []
    for node in ast.parse(FILE.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            assert isinstance(target, ast.Name)
            found.append(target.id)
    return found


def test_nothing_is_named_twice():
    assert [name for name, count in Counter(names()).items() if count > 1] == []


def test_nothing_is_kept_that_no_screen_says():
    code = [path.read_text(encoding="utf-8") for path in FILE.parent.rglob("*.py") if path != FILE]
    said = {name for source in code for name in re.findall(r"\btexts\.(\w+)", source)}
    within = Counter(re.findall(r"\w+", FILE.read_text(encoding="utf-8")))
    assert [name for name in names() if name not in said and within[name] < 2] == []
