import pytest

from app.ui.keys import hint, keymap, scheme
from core.config import LabelConfig
from core.errors import ConfigError
from tests.app.staged import CLASSES


def test_classes_are_on_the_digits_and_no_key_is_on_two_acts() -> None:
    keys = keymap(CLASSES, {})
    assert [key.sequences for key in keys[:7]] == [(str(k),) for k in range(1, 8)]
    sequences = [sequence for key in keys for sequence in key.sequences]
    assert len(sequences) == len(set(sequences))


def test_the_tenth_class_waits_for_a_key_of_ones_own() -> None:
    many = tuple(f"c{k}" for k in range(1, 12))
    assert hint("c10", keymap(many, {})) == ""
    assert hint("c10", keymap(many, {"c10": "shift+x"})) == "Shift X".replace("Shift", "⇧")


def test_own_keys_replace_and_are_printed() -> None:
    keys = keymap(CLASSES, {"happy": "h", "skip": "ctrl+alt+left"})
    assert hint("happy", keys) == "H"
    assert hint("skip", keys) == "Ctrl Alt ←"
    assert next(key.sequences for key in keys if key.act == "happy") == ("H",)


def test_a_clash_names_both_acts_and_the_key() -> None:
    with pytest.raises(ConfigError, match=r"'happy' and 'theme' are both on L"):
        keymap(CLASSES, {"happy": "l"})
    # Two that change places do not clash.
    assert hint("happy", keymap(CLASSES, {"happy": "L", "theme": "2"})) == "L"


def test_all_mistakes_in_the_keys_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        keymap(CLASSES, {"hapy": "H", "sad": "Foo", "fear": "A, B"})
    for part in ("'hapy'", "'Foo' for 'sad' is no key", "'A, B' for 'fear' is no key"):
        assert part in str(error.value)


def test_the_scheme_names_classes_and_scale_and_unknown_words_are_told() -> None:
    assert scheme(CLASSES, LabelConfig()) == "expressions-7+slider"
    assert scheme(CLASSES, LabelConfig(scale="none")) == "expressions-7"
    with pytest.raises(ConfigError, match=r"label.role is 'boss'. Choose one of self, observer, expert"):
        scheme(CLASSES, LabelConfig(role="boss"))
    with pytest.raises(ConfigError, match=r"label.scale is 'likert'"):
        scheme(CLASSES, LabelConfig(scale="likert"))


def test_a_class_that_is_called_like_an_act_is_refused():
    with pytest.raises(ConfigError, match="'skip' are called like what a key does"):
        keymap(("happy", "skip"), {})
