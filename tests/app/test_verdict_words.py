import math
from dataclasses import replace

import pytest

from app.study.verdict_words import (
    distilled_in_words,
    distilled_plainly,
    personalised_in_words,
    personalised_plainly,
    too_few_answers,
)
from training.gate import Tells, Verdict, as_figures
from training.muscle import Source

YES = Verdict(Tells.YES, True, 28, 360.0, 0.2, 0.02, 0.002, 0.004, 0.015, 0.005)
NO = replace(YES, tells=Tells.NO, better=False, gain=-0.05, chance_of_shift=0.4, gain_over_base=-0.01)
LITTLE = replace(NO, tells=Tells.TOO_LITTLE, episodes=4, seconds=60.0, gain=math.nan)
ORDER = {"in_blocks": [], "n_people": 1, "by_time": None, "chance": 0.14}


def distilled(verdict: Verdict, source: Source = Source.UNKNOWN, order: dict[str, object] = ORDER) -> str:
    one = as_figures(verdict)
    return distilled_in_words(
        {**one, "people": {"P001": one}, "source": source, "order": order, "usable_seconds": 200.0}
    )


@pytest.mark.parametrize("source", list(Source))
def test_what_holds_is_said_with_where_it_comes_from(source: Source):
    words = distilled(YES, source)
    assert "6.0 min held out, 28 stretches" in words
    assert "0.200 nats a moment better" in words
    assert "0.4% of draws" in words
    assert "the EEG of P001 is read" in words
    assert ("mostly muscle" in words) == (source == Source.MUSCLE)
    assert ("not only muscle" in words) == (source == Source.BRAIN)
    assert ("cannot be told" in words) == (source == Source.UNKNOWN)


def test_what_is_no_better_than_chance_says_so_and_changes_nothing():
    words = distilled(NO)
    assert "no better than chance" in words
    assert "Nothing was changed" in words
    assert "EEG of P001 keeps weight zero" in words


def test_too_little_says_how_much_more_is_needed():
    # 15 s an episode: ten of them are 30 % of 500 s, and 90 s lie between; 200 s there were. 6.5 minutes, rounded up.
    assert "about 7 more minutes" in distilled(LITTLE)


def test_order_that_tells_the_class_is_warned_of_with_what_to_do():
    order = {"in_blocks": ["P001"], "n_people": 1, "by_time": 0.97, "chance": 0.5}
    words = distilled(YES, order=order)
    assert "Warning: with 1 of 1 people each class stands in one stretch of time" in words
    assert "97%" in words
    assert "in another order for every second person" in words


def test_labels_say_what_was_learnt_of_each_sensor():
    figure = {"windows": 40, "accuracy": 0.5, "log_loss": 1.2}
    words = personalised_in_words({
        "labels": 40, "held_out": 12, "eeg": as_figures(NO), "face": as_figures(YES), "learnt": ["face"],
        "people": {"P001": as_figures(NO)}, "order": ORDER, "before": {"face": figure}, "after": {"face": figure},
    })  # fmt: skip
    assert "40 labels; 12 held out" in words
    assert "Face: What was learnt is 0.015 ± 0.005 nats a moment better" in words
    assert "EEG: What was learnt is not better" in words
    assert "keeps weight zero" in words


def plainly(verdict: Verdict, minutes: float = 14.0) -> str:
    one = as_figures(verdict)
    return distilled_plainly({**one, "source": Source.MUSCLE, "usable_seconds": 60.0 * minutes})


def test_plain_words_have_no_figure_but_the_minutes_that_are_missing():
    assert plainly(NO) == "No better than chance yet: 6 more minutes with changing expression would be needed to tell."
    assert plainly(NO, 25.0) == "No better than chance, in 25 minutes: this EEG does not tell what the face shows."
    assert plainly(LITTLE, 200 / 60) == (
        "Too little to tell yet: 7 more minutes with changing expression would be needed."
    )
    assert "one expression only" in plainly(replace(LITTLE, episodes=9))
    told = plainly(YES)
    assert "The EEG follows what the face shows, more than by chance. The new model reads it better." in told
    assert "mostly muscle" in told
    assert "reads it as before and counts it" in plainly(replace(YES, better=False))


@pytest.mark.parametrize("seconds", [200.0, 230.0, 590.0])
def test_as_many_minutes_are_missing_in_the_long_words_as_in_the_plain_ones(seconds: float):
    figures = {**as_figures(LITTLE), "source": Source.MUSCLE, "usable_seconds": seconds, "order": ORDER}
    plain = distilled_plainly(figures).removeprefix("Too little to tell yet: ")
    assert plain in distilled_in_words(figures)


def test_plain_words_of_answers_say_what_is_missing_of_them():
    assert too_few_answers(0, 0) == "No answers yet: at least 8 are needed to learn from."
    assert too_few_answers(6, 5) == "6 answers yet: at least 8 are needed to learn from."
    assert "all the same" in too_few_answers(9, 1)
    figures = {"labels": 40, "learnt": ["face"]}
    assert personalised_plainly(figures) == "With your 40 answers the face is read better."
    assert "EEG and face are read better" in personalised_plainly({**figures, "learnt": ["eeg", "face"]})
    assert "From your 40 answers nothing could be learnt" in personalised_plainly({**figures, "learnt": []})
    assert "at random, too" in personalised_plainly({**figures, "one_sided": True})
