"""Who wears which stream is said by name, and refused where it cannot be meant."""

from argparse import Namespace
from pathlib import Path

import pylsl
import pytest

from acquisition.lsl_search import worn_eeg
from app.session.configuration import check_participants, configuration, who_wears
from core.config import AnyStreamConfig, EegConfig, ParticipantConfig
from core.errors import ConfigError, StreamNotFoundError

A, B = ParticipantConfig("A", "Stream1", "0"), ParticipantConfig("B", "Stream2", "1")


@pytest.mark.parametrize(
    ("text", "person", "others"),
    [
        ("A=Stream1,camera0", A, []),
        ("B=camera1, Stream2", B, []),
        ("C=camera2", ParticipantConfig("C", "none", "2"), []),
        ("A=Stream1,camera,Muse/PPG,Shimmer", A,
         [AnyStreamConfig("Muse", type="PPG", participant="A"), AnyStreamConfig("Shimmer", participant="A")]),
    ],
)  # fmt: skip
def test_what_is_worn(text: str, person: ParticipantConfig, others: list[AnyStreamConfig]):
    assert who_wears(text) == (person, others)


def test_the_command_line_names_them_all():
    config = configuration(Namespace(worn=["A=Stream1,camera0,Muse/PPG", "B=Stream2,camera1"], streams=["Tobii"]))
    assert config.participants == (A, B)
    assert config.record.participant == "A"
    assert [(each.words, each.participant) for each in config.streams] == [("Tobii", ""), ("Muse/PPG", "A")]


def test_a_film_may_stand_in_for_a_camera(tmp_path: Path):
    film = tmp_path / "camera.MKV"
    film.touch()
    assert who_wears(f"A=Stream1, {film}") == (ParticipantConfig("A", "Stream1", str(film)), [])
    with pytest.raises(ConfigError, match=f"there is no file {tmp_path}/gone.mp4"):
        who_wears(f"A=Stream1,{tmp_path}/gone.mp4")
    with pytest.raises(ConfigError, match="one camera each, or one film"):
        who_wears(f"A=Stream1,camera0,{film}")


def test_a_stream_may_have_a_name_that_begins_like_a_camera():
    assert who_wears("A=cameraman,camera1") == (ParticipantConfig("A", "cameraman", "1"), [])


@pytest.mark.parametrize("text", ["A", "A=", "=", "A=camera0,camera1"])
def test_what_says_nothing_is_refused(text: str):
    with pytest.raises(ConfigError, match="--participants"):
        who_wears(text)


def test_two_people_do_not_wear_the_same():
    with pytest.raises(ConfigError) as error:
        check_participants((A, ParticipantConfig("A", "Stream1", "0"), ParticipantConfig("x y", "none", "none")))
    for part in ("'x y' is no name", "name 'A'", "eeg 'Stream1'", "camera '0' is given to several", "neither EEG nor"):
        assert part in str(error.value)
    check_participants((A, B))


def test_a_stream_is_found_by_its_name_or_its_id_and_never_guessed():
    outlets = [
        pylsl.StreamOutlet(pylsl.StreamInfo(name, of_type, 2, 100.0, "float32", source_id))
        for name, of_type, source_id in (
            ("Amp", "EEG", "first"), ("Amp", "EEG", "second"), ("Muse", "EEG", "m"), ("Muse", "PPG", "m"),
        )
    ]  # fmt: skip
    config = EegConfig(wait=60.0)
    uids = [each.get_info().uid() for each in outlets]
    assert worn_eeg(config, "second").predicate == f"uid='{uids[1]}'"
    assert worn_eeg(config, "first").predicate == f"uid='{uids[0]}'"
    assert worn_eeg(config, "Muse").predicate == f"uid='{uids[2]}'"
    with pytest.raises(StreamNotFoundError, match="2 LSL streams fit"):
        worn_eeg(config, "Amp")
    with pytest.raises(StreamNotFoundError, match="No LSL stream with name 'Gone'"):
        worn_eeg(EegConfig(wait=0.5), "Gone")
