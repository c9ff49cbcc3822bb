"""All words stand in one file, once each, and each of them is shown somewhere."""

import ast
import math
import re
from collections import Counter
from pathlib import Path

from app import texts
from tests.app.staged import T0, prediction

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


def test_of_a_recording_it_is_told_what_is_wrong_and_not_what_to_do() -> None:
    told = [texts.remark(prediction(T0), 0, "missing", recorded) for recorded in (False, True)]
    assert told == ["no data: turn on the headset", "no data"]


def test_who_rates_is_told_why_nothing_is_shown() -> None:
    assert texts.hidden((T0, T0 + 4.0)) == "Hidden until you have answered"
    assert texts.hidden((-math.inf, math.inf)) == "Hidden while you rate"
