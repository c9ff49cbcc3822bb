"""What is chosen before a session: remembered, checked in words, turned into a configuration and a plan."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.session.configuration import asked_as_recorded, read_as_recorded
from app.session.session_choices import (
    NONE,
    Consent,
    SessionChoices,
    bytes_per_second,
    configured,
    first_choices,
    free_bytes,
    kept_to_this_machine,
    place,
    problems,
    remember,
)
from app.session.session_plan import planned
from core.config import (
    Config,
    EegConfig,
    FaceConfig,
    LabelConfig,
    LslConfig,
    ModelConfig,
    RecordConfig,
    StreamConfig,
    to_dict,
)
from core.recording.session import Session

AGREED = Consent(record_eeg=True, record_video=True, keep_video=True)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "settings"


@pytest.fixture
def good(tmp_path: Path) -> SessionChoices:
    return SessionChoices(
        study=str(tmp_path / "new" / "study"), participant="P7", session="02", task="film", consent=AGREED,
        eeg=StreamConfig("Muse", "id", "lab"), camera="1",
    )  # fmt: skip


def test_the_first_time_it_opens_with_the_configuration(tmp_path: Path):
    config = Config(record=RecordConfig(study=str(tmp_path), task="rest"), eeg=EegConfig(name="Muse"))
    fresh = first_choices(config, {"session": "03"})
    assert (fresh.study, fresh.task, fresh.session, fresh.eeg.name) == (str(tmp_path), "rest", "03", "Muse")
    assert fresh.camera == ""
    assert not any((fresh.consent.record_eeg, fresh.consent.record_video, fresh.consent.share))
    assert first_choices(Config(face=FaceConfig(camera="film.mkv")), {}).camera == "film.mkv"


def test_what_was_chosen_last_comes_back_and_the_command_line_beats_it(good: SessionChoices):
    remember(good)
    assert first_choices(Config(), {}) == good
    assert first_choices(Config(), {"task": "rest"}) == replace(good, task="rest")
    assert first_choices(Config(eeg=EegConfig(source_id="x")), {}).eeg == StreamConfig("", "x", "")
    assert Path(first_choices(Config(), {"study": "here"}).study) == Path("here").absolute()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"study": 1}'])
def test_a_damaged_note_is_as_good_as_none(text: str, good: SessionChoices, settings: Path):
    remember(good)
    (settings / "start.json").write_text(text, encoding="utf-8")
    assert first_choices(Config(), {}).participant == "P001"


def test_choices_that_cannot_be_kept_keep_nobody_from_starting(good: SessionChoices, settings: Path):
    settings.write_text("a file", encoding="utf-8")
    remember(good)


def test_good_choices_make_the_configuration(good: SessionChoices):
    assert problems(good, Config()) == {}
    config = configured(good, Config())
    assert (config.record.study, config.record.participant, config.record.task) == (good.study, "P7", "film")
    assert (config.eeg.name, config.eeg.source_id, config.eeg.hostname) == ("Muse", "id", "lab")
    assert (config.face.camera, config.record.video) == ("1", True)
    assert configured(replace(good, camera=""), Config()).face.camera == NONE


def test_a_picture_that_may_not_be_kept_is_not(good: SessionChoices):
    assert not configured(replace(good, consent=replace(AGREED, keep_video=False)), Config()).record.video
    assert not configured(good, Config(record=RecordConfig(video=False))).record.video


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"participant": "P 01"}, "participant", "'P 01'"),
        ({"participant": ""}, "participant", "P001"),
        ({"session": "a_b"}, "session", "letters and digits"),
        ({"task": "ä"}, "task", "film"),
        ({"acquisition": "-"}, "acquisition", "letters and digits"),
        ({"study": " "}, "study", "Choose the folder"),
        ({"eeg": StreamConfig()}, "eeg", "without EEG"),
        ({"eeg": StreamConfig(NONE), "camera": NONE}, "eeg", "nothing to read"),
        ({"eeg": StreamConfig(NONE), "camera": ""}, "eeg", "nothing to read"),
        ({"consent": Consent()}, "consent", "EEG may be recorded"),
        ({"consent": Consent(record_eeg=True)}, "consent", "face may be filmed"),
        ({"model": "no-such.safetensors"}, "model", "no-such.safetensors"),
    ],
)
def test_what_is_wrong_is_told_of_the_right_choice(good: SessionChoices, changes: dict, name: str, words: str):
    found = problems(replace(good, **changes), Config())
    assert list(found) == [name]
    assert words in found[name]


def test_what_is_only_looked_at_needs_no_name_and_no_consent(good: SessionChoices):
    looking = replace(good, record=False, participant="", consent=Consent(), study="")
    assert problems(looking, Config()) == {}


def test_without_eeg_or_camera_nobody_needs_to_agree_to_it(good: SessionChoices):
    face = replace(good, eeg=StreamConfig(NONE), consent=Consent(record_video=True))
    assert problems(face, Config()) == {}
    assert problems(replace(good, camera=NONE, consent=Consent(record_eeg=True)), Config()) == {}


def test_folders_that_cannot_be_used(good: SessionChoices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "is a file" in problems(replace(good, study=str(tmp_path / "file" / "study")), Config())["study"]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written" in problems(good, Config())["study"]
    assert "cannot be used" in problems(replace(good, study="x" * 5000), Config())["study"]


def test_checking_makes_nothing(good: SessionChoices, tmp_path: Path):
    problems(good, Config())
    place(good)
    free_bytes(good.study)
    assert not list(tmp_path.iterdir())


def test_a_model_that_does_not_fit_is_told_with_both_values(good: SessionChoices):
    text = problems(good, Config(eeg=EegConfig(sfreq=100.0)))["model"]
    assert "100 Hz" in text
    assert "128 Hz" in text


def test_the_next_run_is_told_before_it_is_taken(good: SessionChoices):
    assert place(good) == ("sub-P7_ses-02_task-film_run-001", 1)
    config = configured(good, Config())
    taken = Session.create(config.record)
    assert taken.stem == "sub-P7_ses-02_task-film_run-001"
    assert place(good) == ("sub-P7_ses-02_task-film_run-002", 2)
    assert place(replace(good, participant="?")) == ("", 0)


def test_room_and_rate():
    assert free_bytes(os.getcwd()) > 0  # noqa: PTH109
    assert bytes_per_second(8, 250.0, False) < 20e3 < bytes_per_second(8, 250.0, True)


def test_a_plan_says_who_agreed_to_what_and_who_labels(good: SessionChoices):
    plan = planned(replace(good, annotator="Ada", role="expert"), Config())
    assert (plan.people, plan.simulate, plan.record) == (("P7",), False, True)
    assert (plan.config.label.annotator, plan.config.label.role) == ("Ada", "expert")
    assert plan.about["consent"] == {
        "record_eeg": True, "record_video": True, "keep_video": True, "share": False, "train": False,
    }  # fmt: skip
    assert plan.about["annotator"] == {"name": "Ada", "role": "expert"}


def test_a_simulated_participant_goes_under_no_real_ones_name(good: SessionChoices):
    plan = planned(replace(good, simulated=True, session="?"), Config())
    assert (plan.people, plan.simulate, plan.record) == (("SIM",), True, True)
    assert (plan.config.record.participant, plan.config.record.session) == ("SIM", "01")
    assert (plan.config.lsl.scope, plan.config.lsl.publish) == ("machine", False)
    assert plan.config.eeg == Config().eeg
    assert "consent" not in plan.about
    assert not planned(replace(good, simulated=True, study=""), Config()).record


def test_own_classes_and_scales_are_remembered_configured_and_asked_again_over_the_recording(good: SessionChoices):
    own = replace(good, classes="calm, stressed", scales="stress 1 to 7")
    assert problems(own, Config()) == {}
    assert "2 to 24" in problems(replace(own, classes="calm"), Config())["classes"]
    assert "a range" in problems(replace(own, scales="stress"), Config())["scales"]
    remember(own)
    assert first_choices(Config(), {}) == own
    assert first_choices(Config(label=LabelConfig(classes="a, b")), {}).classes == "a, b"
    config = configured(own, Config())
    assert (config.label.classes, config.label.scales) == ("calm, stressed", "stress 1 to 7")
    session = Session.create(config.record)
    session.describe({"config": to_dict(config)})
    assert asked_as_recorded(LabelConfig(annotator="anna"), session) == LabelConfig(
        annotator="anna", classes="calm, stressed", scales="stress 1 to 7"
    )
    assert asked_as_recorded(LabelConfig(classes="a, b"), session).classes == "a, b"
    session.describe({"config": {"label": {"keys": {}}}})
    assert asked_as_recorded(LabelConfig(), session) == LabelConfig(), "older recordings say nothing of it"


def test_a_session_that_was_read_on_the_cpu_is_read_there_again_unless_a_device_is_asked_for(tmp_path: Path):
    session = Session.create(RecordConfig(study=str(tmp_path)))
    asked = Config(model=ModelConfig(device="cuda"))
    told: tuple[dict[str, object], ...] = ({"device": "cpu"}, {"device": "cuda"}, {}, {"device": 7})
    found = []
    for about in told:
        session.describe(about)
        found.append(read_as_recorded(Config(), session.json).model.device)
        assert read_as_recorded(asked, session.json) == asked
    assert found == ["cpu", "auto", "auto", "auto"]
    assert read_as_recorded(Config(), tmp_path / "other.xdf") == Config()


def test_streams_of_markers_are_remembered_and_configured(tmp_path: Path):
    keys = StreamConfig("Keys", "k", "lab")
    remember(choices := SessionChoices(study=str(tmp_path), participant="P1", session="01", task="t", markers=(keys,)))
    assert first_choices(Config(), {}).markers == (keys,)
    assert configured(choices, Config()).markers == (keys,)
    assert planned(replace(choices, simulated=True), Config()).config.markers == (keys,)
    assert first_choices(Config(markers=(StreamConfig("Other"),)), {}).markers == (StreamConfig("Other"),)


def test_what_was_remembered_before_there_were_markers_is_still_good(settings: Path):
    remember(SessionChoices(participant="P8"))
    (kept,) = settings.rglob("start.json")
    tree = json.loads(kept.read_text(encoding="utf-8"))
    del tree["markers"]
    kept.write_text(json.dumps(tree), encoding="utf-8")
    assert first_choices(Config(), {}).participant == "P8"


def test_predictions_are_sent_only_when_asked_each_time(good: SessionChoices):
    asked = replace(good, publish=True)
    assert not configured(good, Config()).lsl.publish
    assert configured(asked, Config()).lsl.publish
    assert not configured(good, Config(lsl=LslConfig(publish=True))).lsl.publish
    assert not planned(replace(asked, simulated=True), Config()).config.lsl.publish
    remember(asked)
    assert not first_choices(Config(), {}).publish
    assert first_choices(Config(lsl=LslConfig(publish=True)), {}).publish


def test_this_machine_only_is_remembered(good: SessionChoices):
    assert kept_to_this_machine(Config()).lsl.scope == "link"
    remember(replace(good, this_machine=True))
    kept = kept_to_this_machine(Config())
    assert kept.lsl.scope == "machine"
    assert first_choices(kept, {}).this_machine
    remember(replace(good, this_machine=False))
    assert kept_to_this_machine(Config()).lsl.scope == "link"
    assert kept_to_this_machine(Config(lsl=LslConfig(scope="machine"))).lsl.scope == "machine"
