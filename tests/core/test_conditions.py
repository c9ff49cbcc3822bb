from core.calibration import WITHOUT_NEUTRAL, condition_of
from core.conditions import condition_name, conditions

THREE = ("eeg", "face", "body")


def test_two_modalities_have_the_three_conditions_that_models_were_always_calibrated_for():
    assert list(conditions().items()) == [("eeg", (True, False)), ("face", (False, True)), ("both", (True, True))]


def test_each_choice_of_more_has_a_name_of_its_own():
    found = conditions(THREE)
    assert list(found) == ["eeg", "face", "body", "both", "eeg+body", "face+body", "eeg+face+body"]
    assert all(condition_name(used, THREE) == name for name, used in found.items())
    assert condition_name((False, False, False), THREE) == ""


def test_the_neutral_face_matters_where_the_face_is_read_alone():
    assert condition_of((0.0, 1.0, 0.0), "running", THREE) == WITHOUT_NEUTRAL
    assert condition_of((0.0, 0.5, 0.5), "running", THREE) == "face+body"
    assert condition_of((0.5, 0.5, 0.0), "running", THREE) == "both"
    assert condition_of((0.0, 0.0), "running") == "face"
