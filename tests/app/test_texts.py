"""All words stand in one file, once each, and each of them is shown somewhere."""

import ast
import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from app import texts
from core.status import NEUTRAL_NOTES
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


@pytest.mark.parametrize("known", ["running", "unknown"])
def test_what_is_to_be_known_of_a_sensor_stands_with_that_sensor(known: str) -> None:
    both = prediction(T0, noise=(1.0, 2.0), notes=("taught on 24 people, not on you", *NEUTRAL_NOTES[known]))
    assert texts.remark(both, 0) == "clean; taught on 24 people, not on you"
    assert texts.remark(both, 1) == "noise 2.0 × clean; own neutral face not known: ⇧ F asks"
    assert texts.remark(both, 1, recorded=True) == "noise 2.0 × clean; own neutral face not known"
    assert texts.remark(replace(both, notes=()), 1) == "noise 2.0 × clean"


def test_who_rates_is_told_why_nothing_is_shown() -> None:
    assert texts.hidden((T0, T0 + 4.0)) == "Hidden until you have answered"
    assert texts.hidden((-math.inf, math.inf)) == "Hidden while you rate"


def test_an_expression_is_said_as_surely_as_its_set_is_small() -> None:
    assert texts.expression("happy", 0.97, ("happy",), 7) == "Happy, quite sure."
    assert texts.expression("happy", 0.93, ("happy",), 7) == "Happy, perhaps."
    assert texts.expression("happy", 0.5, ("neutral", "happy"), 7) == "Happy or neutral."
    assert texts.expression("happy", 0.4, ("neutral", "happy", "sad"), 7) == "Happy, neutral or sad."
    assert texts.expression("happy", 0.2, ("neutral", "happy", "sad", "fear"), 7) == "Unsure, happy at most."
    assert texts.expression("happy", 0.9, (), 7) == "Unsure, happy at most."


def test_the_more_trusted_sensor_comes_first() -> None:
    assert texts.trusted(0.4, 0.6) == "Face trusted 0.6, EEG 0.4."
    assert texts.trusted(0.49, 0.51) == "EEG trusted 0.5, face 0.5."  # no change of order in which no figure changes
