"""What the gate over all that is learnt came to, in plain words for whoever was recorded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from core.models.model_file import Header
from training.gate import MIN_EPISODES, Tells
from training.held_out import GUARD_S, SHARE
from training.muscle import Source
from training.personalise import MIN_CLASSES, MIN_LABELS

Figures = Mapping[str, Any]
SOURCES = {
    Source.BRAIN: "What it tells is not only muscle: something is left below 20 Hz and away from forehead and temples.",
    Source.MUSCLE: (
        "What it tells is mostly muscle: next to nothing is left below 20 Hz and away from forehead and temples. It "
        "follows the face because it hears the face move, and will not see a feeling that the face does not show."
    ),
    Source.UNKNOWN: "Whether it tells of the brain or hears the muscles of the face cannot be told from these data.",
}


PLAIN_SOURCES = {
    Source.BRAIN: "What it tells is not only the face's muscles.",
    Source.MUSCLE: "What it tells is mostly muscle: the electrodes pick up the face moving.",
    Source.UNKNOWN: "Whether that is brain or the face's muscles cannot be told.",
}
ENOUGH_MINUTES = 20.0
"""Minutes with changing expression in which an EEG that tells as much as the simulator's is found in at least four of
five times (docs/results.md, section 9)."""


def distilled_plainly(figures: Figures) -> str:
    """Return what the face has taught in a sentence or two, without a figure but the minutes that are missing."""
    tells, minutes = figures["tells"], figures["usable_seconds"] / 60.0
    if tells == Tells.TOO_LITTLE and figures["episodes"] >= MIN_EPISODES:
        return "Too little to tell yet: the face has shown one expression only. Record while it changes."
    if tells == Tells.TOO_LITTLE:
        return f"Too little to tell yet: {_more(minutes_wanted(figures))} would be needed."
    if tells == Tells.NO and minutes < ENOUGH_MINUTES:
        return f"No better than chance yet: {_more(ENOUGH_MINUTES - minutes)} would be needed to tell."
    if tells == Tells.NO:
        return f"No better than chance, in {minutes:.0f} minutes: this EEG does not tell what the face shows."
    better = (
        "The new model reads it better." if figures["better"] else "The new model reads it as before and counts it."
    )
    source = PLAIN_SOURCES[Source(figures["source"])]
    return f"The EEG follows what the face shows, more than by chance. {better} {source}"


def personalised_plainly(figures: Figures) -> str:
    """Return what the answers have taught in a sentence or two."""
    n, learnt = figures["labels"], figures["learnt"]
    if figures.get("one_sided"):
        return f"Your {n} answers are nearly all of one kind of moment: answer some at random, too."
    if not learnt:
        return f"From your {n} answers nothing could be learnt that reads later ones better."
    *first, last = [{"eeg": "EEG"}.get(name, name) for name in learnt]
    if not first:
        return f"With your {n} answers the {last} is read better."
    return f"With your {n} answers {', '.join(first)} and {last} are read better."


def too_few_answers(n: int, n_classes: int) -> str:
    """Return how many answers are missing before anything can be learnt from them."""
    if n >= MIN_LABELS and n_classes < MIN_CLASSES:
        return f"Your {n} answers are all the same: answers of at least {MIN_CLASSES} kinds are needed to learn from."
    given = "No answers" if n == 0 else "1 answer" if n == 1 else f"{n} answers"
    return f"{given} yet: at least {MIN_LABELS} are needed to learn from."


def _more(minutes: float) -> str:
    count = max(math.ceil(minutes), 1)
    return f"{count} more {'minute' if count == 1 else 'minutes'} with changing expression"


def distilled_in_words(figures: Figures) -> str:
    """Return what `insula distil` came to, lines of text."""
    return _lines(_distilled(figures))


def personalised_in_words(figures: Figures) -> str:
    """Return what `insula personalise` came to, lines of text."""
    return _lines(_personalised(figures))


def people_in_words(header: Header) -> str:
    """Return what `insula train people --out` came to, lines of text."""
    return _lines(_everyone(header))


def _everyone(header: Header) -> Iterable[str]:
    gate, taught = header.metrics["gate"], header.taught_on
    yield from order_in_words(gate["order"])
    setting, losses = header.metrics["setting"], header.metrics["held_out_log_loss"]
    chosen = f"{setting['epochs']} epochs at {setting['learning_rate']:g}"
    yield f"Chosen: {chosen}; log loss on what was held out meanwhile {min(losses):.3f}."
    if gate["tells"] == Tells.TOO_LITTLE:
        yield (
            f"Too little to tell whether the EEG tells anything: {gate['episodes']} usable labelled stretches were "
            f"held out, {MIN_EPISODES} are needed."
        )
    elif gate["tells"] == Tells.NO:
        yield f"The EEG of held-out people is no better than chance. {_null(gate)}"
    else:
        yield f"The EEG of held-out people tells something. {_null(gate)}"
    if taught.population:
        yield (
            "It is held to be fit for anyone: better than the best constant answer by "
            f"{gate['gain_over_people']:.3f} nats a moment, mean over {taught.n_people} people, at least "
            f"{gate['at_least']:.3f} (95 %). The EEG of someone new has {taught.weight:.0%} of its weight, since "
            "people differ, and the window says that it was not taught on them."
        )
    elif not taught.simulated:
        yield "It is not held to be fit for anyone else: their EEG has weight zero until taught on them."
    yield from _people(gate["people"])


def _distilled(figures: Figures) -> Iterable[str]:
    yield from order_in_words(figures["order"])
    tells = figures["tells"]
    held = f"{figures['seconds'] / 60:.1f} min held out, {figures['episodes']} stretches of one expression"
    if tells == Tells.TOO_LITTLE:
        yield (
            f"Too little to tell whether this EEG tells anything ({held}; {MIN_EPISODES} are needed): about "
            f"{_more(minutes_wanted(figures))} would be needed. Nothing was changed."
        )
        return
    if tells == Tells.NO:
        yield f"This EEG is no better than chance at what the face shows ({held})."
        yield f"{_null(figures)} Nothing was changed."
    else:
        yield f"This EEG tells something of what the face shows ({held}). {_null(figures)}"
        yield SOURCES[Source(figures["source"])]
        yield _over_base(figures, "the EEG is read as the model read it before")
    yield from _people(figures["people"])


def order_in_words(order: Figures) -> Iterable[str]:
    """Give a warning where time alone may tell the class, and what to do about it."""
    if 2 * len(order["in_blocks"]) <= order["n_people"]:
        return
    control = order["by_time"]
    known = "" if control is None else f" The time in the recording alone tells the class in {control:.0%}."
    yield (
        f"Warning: with {len(order['in_blocks'])} of {order['n_people']} people each class stands in one stretch of "
        f"time, so whatever drifts may be taken for it.{known} Record the classes in several short blocks, in another "
        "order for every second person, and test on the other order."
    )


def _null(figures: Figures) -> str:
    by_chance = max(figures["chance_of_shift"], figures["chance_of_order"])
    return (
        f"Beside the best answer that knows no EEG it is {abs(figures['gain']):.3f} nats a moment "
        f"{'better' if figures['gain'] > 0 else 'worse'}, and answers of other moments do as well in {by_chance:.1%} "
        "of draws."
    )


def _over_base(figures: Figures, else_words: str) -> str:
    gain, error = figures["gain_over_base"], figures["gain_over_base_error"]
    if figures["better"]:
        return (
            f"What was learnt is {gain:.3f} ± {error:.3f} nats a moment better than the model before, and is written."
        )
    return (
        f"What was learnt is not better than the model before ({gain:+.3f} ± {error:.3f} nats a moment): {else_words}."
    )


def _people(people: Mapping[str, Figures]) -> Iterable[str]:
    for name, one in people.items():
        if one["tells"] == Tells.YES:
            yield f"With this model the EEG of {name} is read."
        elif one["tells"] == Tells.NO:
            yield f"The EEG of {name} keeps weight zero."
        else:
            yield f"The EEG of {name} keeps the weight that it had: too little to tell."


def minutes_wanted(figures: Figures) -> float:
    """Return about how many more minutes like those seen would be enough to tell."""
    wanted = MIN_EPISODES + 2
    each = figures["seconds"] / figures["episodes"] if figures["episodes"] else 30.0
    whole = each * wanted / SHARE + GUARD_S
    return float(max((whole - figures["usable_seconds"]) / 60.0, 1.0))


def _personalised(figures: Figures) -> Iterable[str]:
    yield from order_in_words(figures["order"])
    yield f"{figures['labels']} labels; {figures['held_out'] or 'none'} held out."
    if figures.get("one_sided"):
        yield (
            "These labels are nearly all of moments of one kind, such as those of which the model was least sure. What "
            "is learnt from them need not hold elsewhere, so nothing is: label some moments at random, too."
        )
    for name, word in (("eeg", "EEG"), ("face", "Face")):
        one = figures[name]
        if one["gain_over_base"] is None:
            yield f"{word}: no label lies where it could be read."
        elif one["better"] and name not in figures["learnt"]:
            yield f"{word}: better than the model before, yet no better than chance; it is read as before."
        else:
            yield f"{word}: {_over_base(one, 'it is read as before')}"
    yield from _ratings(figures.get("ratings", {}))
    if figures["eeg"]["tells"] == Tells.TOO_LITTLE:
        yield (
            f"Too few labels to tell whether the EEG tells anything: {MIN_EPISODES} must be held out, of about "
            f"{round(MIN_EPISODES / SHARE)} in all."
        )
    else:
        yield from _people(figures["people"])
    for condition, after in figures["after"].items():
        before = figures["before"][condition]
        yield (
            f"  {condition:<5} on {after['windows']} held-out windows: right {before['accuracy']:.0%} before, "
            f"{after['accuracy']:.0%} now; log loss {before['log_loss']:.3f}, {after['log_loss']:.3f}"
        )


def _ratings(ratings: Mapping[str, Figures]) -> Iterable[str]:
    """Give what ratings of valence and arousal came to, where there were any."""
    for name, one in ratings.items():
        if one["error_before"] is None:
            if one["held_out"]:
                yield f"{name.capitalize()}: {one['held_out']} ratings held out, {MIN_EPISODES} are needed."
            continue
        errors = (
            f"error on {one['held_out']} held-out ratings {one['error_before']:.2f} before, {one['error_after']:.2f}"
        )
        what = (
            "how this person uses the scale is written" if one["better"] else "not better for certain; kept as it was"
        )
        yield f"{name.capitalize()}: {errors} now; {what}."


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines if line)
