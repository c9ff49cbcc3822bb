"""What is to be decided where annotators disagree: the moments, and who said what of each."""

from __future__ import annotations

from collections.abc import Sequence

from app import texts
from app.study.annotator_agreement import conflicts
from core.active.moments import unpredicted
from core.data import Label, Segment
from core.errors import ConfigError
from core.label_rules import shares_text, standing


def to_be_decided(labels: Sequence[Label]) -> tuple[list[Segment], dict[str, str]]:
    """Return the moments of conflict and what was said of each; decided ones too, to be taken back.

    Parameters
    ----------
    labels : sequence of Label
        All that was ever answered.

    Raises
    ------
    ConfigError
        Annotators do not disagree about anything that is not decided.
    """
    found = conflicts(standing(labels))
    n_decided = sum(one.decided is not None for one in found)
    if n_decided == len(found):
        raise ConfigError(texts.nothing_to_adjudicate(n_decided))
    moments = [
        Segment(
            one.moment, one.participant, one.start, one.stop, 0.0, "annotators disagree",
            unpredicted(one.participant, one.start, one.stop),
        )
        for one in found
    ]  # fmt: skip
    said = {
        one.moment: texts.said_by(
            [(each.annotator, shares_text(each.shares) or each.label or _refusal(each), each.confidence)
             for each in one.answers]
        )
        for one in found
    }  # fmt: skip
    return moments, said


def _refusal(label: Label) -> str:
    return label.answer if label.answer != "label" else ""
