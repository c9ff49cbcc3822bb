"""A study's own classes and scales, as they are typed."""

import pytest

from core.errors import ConfigError
from core.label_scheme import OwnScale, own_classes, own_scales


def test_classes_and_scales_are_read_as_they_are_typed():
    assert own_classes(" calm,  very   stressed ,bored,") == ("calm", "very stressed", "bored")
    assert own_scales("stress 1 to 7, perceived effort 0-10,mood -3..3") == (
        OwnScale("stress", 1, 7), OwnScale("perceived effort", 0, 10), OwnScale("mood", -3, 3)
    )  # fmt: skip
    assert own_classes("") == own_scales(" , ") == ()


@pytest.mark.parametrize(
    ("read", "text", "says"),
    [
        (own_classes, "calm", "2 to 24"), (own_classes, "calm, sad, calm", "calm twice"),
        (own_classes, "calm, a\x07b", "cannot be shown"), (own_scales, "stress", "a name and a range"),
        (own_scales, "stress 7 to 1", "a name and a range"), (own_scales, "a 0 to 1, a 0 to 2", "a twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(read, text: str, says: str):
    with pytest.raises(ConfigError, match=says):
        read(text)
