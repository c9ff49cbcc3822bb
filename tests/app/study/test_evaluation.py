"""The page of an evaluation, on answers made up for it."""

import base64
import csv
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from importlib import metadata
from xml.etree import ElementTree

import numpy as np
import pytest

from app.commands.evaluate import table, trial_table
from app.study.evaluation import plots
from app.study.evaluation.material import Judged, trial
from app.study.evaluation.origin import of_model
from app.study.evaluation.page import Evaluated, evaluate, methods, notes, page
from core.models.model_file import CLASSES, Architecture, Header, TaughtOn
from training.answers import Answer, Answers, across_subjects
from training.intervals import N_DRAWS


def answers(n: int, subjects: int, seed: int) -> Answers:
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        truth = int(rng.integers(3))
        p = rng.dirichlet(np.ones(7) + 4 * np.eye(7)[truth])
        affect = (float(p[0]), float(p[1]))
        rows.append(
            Answer(f"P<{k % subjects}>", truth, tuple(p), float(1 - p.max()), (truth, 6), affect=affect, trial=k % 30)
        )
    return Answers(rows, CLASSES)


@cache
def evaluated(subjects: int = 3, simulated: bool = False, taught: tuple[str, ...] = ()) -> Evaluated:
    windows, trials = answers(120, subjects, 0), answers(30, subjects, 1)
    parts = {"uncertainty": windows.uncertainty, "disagreement": np.full(120, np.nan)}
    abstained = Counter({"no face": 4})
    judged = Judged(windows, trials, parts, subjects, 3.5, ("anna",), abstained, 1, simulated)
    header = Header(Architecture(), TaughtOn(participants=taught), "nobody & nothing", config={"seed": 11})
    return evaluate(of_model("m.safetensors", "f00d" * 16, header, "study", 0.9), judged)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def text() -> str:
    return page(evaluated())


def test_the_page_needs_nothing_from_elsewhere(text: str):
    tags = Tags(text)
    assert tags.open == [], "every tag is closed"
    assert tags.names["svg"] == 4
    assert not {"script", "link", "img", "iframe"} & set(tags.names)
    links = re.findall(r'(?:href|src)="([^"]*)"', text)
    outside = [one for one in links if not one.startswith(("#", "data:"))]
    assert outside == []
    assert "@import" not in text
    assert set(re.findall(r"url\(([^)]{1,4})", text)) <= {"#" + end for end in re.findall(r"url\(#([^)]{1,3})", text)}


def test_the_page_tells_data_model_machine_and_seeds(text: str):
    for told in (
        "f00d" * 16,
        "nobody &amp; nothing",
        "anna",
        "3.5 labelled minutes",
        "torch",
        "cores",
        ">11<",
        "seed 0",
    ):
        assert told in text, told
    assert "P&lt;0&gt;" in text, "names are escaped"


def test_figures_and_tables_are_numbered_and_can_be_saved(text: str):
    saved = dict(re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', text))
    found = {name: base64.b64decode(content).decode() for name, content in saved.items()}
    figures = [name for name in found if name.endswith(".svg")]
    assert figures == [f"figure-{k}.svg" for k in range(1, 5)]
    assert text.index("<b>Figure 1</b>") < text.index("<b>Figure 2</b>")
    for name in figures:
        assert ElementTree.fromstring(found[name]).tag == "{http://www.w3.org/2000/svg}svg"
    rows = list(csv.reader(found["table-2.csv"].splitlines()))
    assert rows[0][:3] == ["person", "trials", "windows"]
    assert [row[0] for row in rows[1:]] == ["P<0>", "P<1>", "P<2>"]
    accuracy = across_subjects(evaluated().judged.trials).accuracy
    assert [float(row[3]) for row in rows[1:]] == [pytest.approx(accuracy[row[0]], abs=5e-4) for row in rows[1:]]
    assert len({len(row) for row in rows}) == 1


def test_the_methods_say_what_the_figures_rest_on():
    said = methods(evaluated())
    assert re.search(r"30 trials of 3 people \(.*120 windows, 4 windows without an answer\)", said)
    assert f"Insula {metadata.version('insula')}" in said
    assert f"{N_DRAWS} draws, seed 0" in said


def test_prediction_sets_are_said_to_aim_since_they_are_measured_to_miss(text: str):
    assert "Sets aim at 90%." in text
    assert "Prediction sets aim at 90%." in text
    assert "promise" not in text


def test_the_same_answers_give_the_same_page(text: str):
    assert page(evaluated()) == text


def test_what_a_reader_must_know_is_told():
    assert any("has learnt from P<1>" in note for note in notes(evaluated(taught=("P<1>", "other"))))
    assert any("simulated" in note for note in notes(evaluated(simulated=True)))
    assert any("abstained on 4 of 124 windows: no face (4)" in note for note in notes(evaluated()))
    assert any("intervals are over trials" in note for note in notes(evaluated(subjects=1)))
    assert not any("person" in note for note in notes(evaluated(subjects=6)))


def test_one_person_has_a_page_too():
    assert "</html>" in page(evaluated(subjects=1))


def test_table_and_rows():
    found = evaluated()
    said = table(found)
    assert re.search(r"^accuracy +0\.\d{3}  0\.\d{3} to 0\.\d{3}", said, re.M)
    assert re.search(r"^P<2> +10 ", said, re.M)
    rows = trial_table(found.judged.trials).splitlines()
    assert len(rows) == 31
    assert rows[0].split("\t")[-1] == "p_anger"


def test_another_run_stands_beside_it_on_the_page_and_in_the_table(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.study.evaluation.page.N_DRAWS", 50)
    mine, theirs = evaluated(subjects=6), evaluated(subjects=5)
    found = evaluate(mine.origin, mine.judged, [("other <run>", theirs.judged)])
    text = page(found)
    assert "Beside other &lt;run&gt;" in text
    assert Tags(text).open == []
    assert "On the 5 people that both have" in text
    assert "Beside" not in page(mine)
    assert "beside other <run>, 5 people" in table(found)


def test_a_plot_shows_the_numbers_it_is_made_of():
    few = Answers([Answer("a", 0, (0.9, 0.1), 0.1), Answer("a", 0, (0.2, 0.8), 0.2)], ("calm", "load"))
    assert plots.confusions(few) != plots.confusions(Answers([Answer("a", 0, (0.9, 0.1), 0.1)] * 2, ("calm", "load")))
    assert plots.risk_coverage(few, few).startswith("<svg")


def test_a_trial_is_the_mean_of_its_windows_and_its_set_their_vote():
    def window(p: tuple[float, ...], chosen: tuple[int, ...], condition: str) -> Answer:
        return Answer("a", 1, p, 0.3, chosen, condition, (0.2, 0.4), (0.0, 1.0))

    one = trial(
        [window((0.6, 0.4), (0,), "face"), window((0.2, 0.8), (1,), "both"), window((0.1, 0.9), (0, 1), "both")]
    )
    assert one.probabilities == pytest.approx((0.3, 0.7))
    assert one.prediction_set == (0, 1)
    assert one.condition == "both"
    assert one.affect == pytest.approx((0.2, 0.4))
    assert one.rated == (0.0, 1.0)
    assert trial([window((0.6, 0.4), (0,), "eeg"), window((0.3, 0.7), (1,), "eeg")]).prediction_set == (1,)
