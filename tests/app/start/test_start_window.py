"""The first screen, key by key and state by state, with devices that are made up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog, QScrollArea
from pytestqt.qtbot import QtBot

from acquisition.device_memory import recall
from acquisition.lsl_found import FoundStream
from app import texts
from app.session.session_choices import Consent, SessionChoices
from app.start.channel_mapping import labels_of
from app.start.device_dialog import DeviceDialog
from app.start.start_window import StartWindow
from app.ui.theme import DARK, LIGHT, system_theme
from core.config import Config, LslConfig, RecordConfig, StreamConfig
from core.data import Channel, Chunk, StreamInfo
from core.models.checkpoint import load, save
from core.models.model_file import SHIPPED
from tests.app.staged import T0, eeg_info, video_info
from tests.app.start.test_channel_mapping import eeg

MUSE = FoundStream("Muse", "EEG", "lab", "m", "uid-m", 4, 256.0, "eeg")
AMP = FoundStream("Amp", "EEG", "lab", "a", "uid-a", 8, 250.0, "eeg")
DATA = FoundStream("Unicorn", "Data", "lab", "u", "uid-u", 17, 250.0, "other")
MARKERS = FoundStream("Keys", "Markers", "lab", "k", "uid-k", 1, 0.0, "markers")
AGREED = Consent(record_eeg=True, record_video=True)


class FakeFinder:
    def __init__(self) -> None:
        self.found: list[FoundStream] = []
        self.cameras: tuple[str, ...] | None = None
        self.asked = 0

    def streams(self) -> list[FoundStream]:
        return self.found

    def look_again(self) -> None:
        self.asked += 1


class FakePreview:
    """A device that is open at once, or cannot be opened."""

    def __init__(self, info: StreamInfo | None = None, error: str = "") -> None:
        self.info: StreamInfo | None = None
        self.error, self.health = error, None
        self._info = info
        self.closed = False

    def poll(self) -> list[Chunk]:
        self.info = self._info
        if self.info is None or self.info.kind != "video":
            return []
        return [Chunk(self.info.key, np.array([T0]), np.zeros((1, 48, 64, 3), np.uint8))]

    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.info is not None
        return np.arange(1000) / 250.0, eeg(len(self.info.channels))

    def close(self, wait: float = 0.0) -> None:
        self.closed = True


def plain_amp() -> StreamInfo:
    """Eight channels without a name or a unit."""
    channels = tuple(Channel(str(k + 1), "") for k in range(8))
    return StreamInfo("amp", "eeg", "", "Amp", sfreq=250.0, channels=channels, hostname="lab", unit_confirmed=False)


class Screen:
    def __init__(self, choices: SessionChoices, config: Config, qtbot: QtBot) -> None:
        self.finder = FakeFinder()
        self.opened: list[FakePreview] = []
        self.heard: dict[str, FakePreview] = {}
        theme = replace(LIGHT, family=system_theme().family)
        self.window = StartWindow(choices, config, self.finder, self._listen, self._look, theme)  # type: ignore[arg-type]
        self.window._timer.stop()
        self.decided: list[SessionChoices] = []
        self.window.decided.connect(self.decided.append)
        self._qtbot = qtbot
        qtbot.addWidget(self.window)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def find(self, *streams: FoundStream, cameras: tuple[str, ...] = ()) -> None:
        self.finder.found, self.finder.cameras = list(streams), cameras
        self.window.refresh()
        self.window.refresh()

    def press(self, key: Qt.Key, widget: object = None) -> None:
        self._qtbot.keyClick(widget or self.window.focusWidget() or self.window, key)

    def type(self, name: str, text: str) -> None:
        line = self.window.form.fields[name].line
        line.selectAll()
        self._qtbot.keyClicks(line, text)

    @property
    def message(self) -> str:
        return self.window._message.text()

    def _listen(self, stream: FoundStream) -> FakePreview:
        return self._open(self.heard.get(stream.uid) or FakePreview(replace(eeg_info(), name=stream.name)))

    def _look(self, camera: str) -> FakePreview:
        return self._open(self.heard.get(camera) or FakePreview(video_info()))

    def _open(self, preview: FakePreview) -> FakePreview:
        self.opened.append(preview)
        return preview


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path / "settings"))


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    made: list[Screen] = []

    def make(config: Config | None = None, **changes: object) -> Screen:
        usual = SessionChoices(study=str(tmp_path / "study"), participant="P001", session="01", task="film")
        made.append(Screen(replace(usual, **changes), config or Config(), qtbot))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.window.close()
        assert all(preview.closed for preview in each.opened)


def test_with_nothing_found_it_says_what_to_turn_on(screen) -> None:
    first = screen()
    assert first.window.eeg.status.text() == texts.START_NO_STREAM_FOUND
    first.find()
    assert first.window.camera.status.text() == texts.START_NO_CAMERA_FOUND
    assert first.message == texts.START_NO_EEG
    first.window.grab()


def test_the_only_stream_and_the_first_camera_are_taken_by_themselves(screen) -> None:
    first = screen(consent=AGREED)
    first.find(MUSE, MARKERS, cameras=("0: Cam", "2: Other"))
    assert first.window.choices.eeg == StreamConfig("Muse", "m", "lab")
    assert first.window.choices.camera == "0"
    assert list(first.window.eeg.rows) == ["none", "uid-m"]
    assert "19 electrodes" in first.window.eeg.status.text()
    assert first.window.eeg.traces.isVisible()
    assert first.window.camera.video.isVisible()
    assert first.message == texts.START_READY
    first.window.set_theme(replace(DARK, family=first.window.theme.family))
    first.window.grab()


def test_a_simulated_stream_is_not_taken_by_itself_though_it_is_alone(screen, qtbot: QtBot) -> None:
    first = screen(consent=AGREED)
    first.heard = {"uid-a": FakePreview(replace(eeg_info(), name="Amp", simulated=True))}
    first.find(AMP, MARKERS)
    eeg = first.window.eeg
    assert first.window.choices.eeg == StreamConfig()
    assert not eeg.rows["uid-a"].isChecked()
    assert eeg.rows["uid-a"].remark.startswith("SIMULATED · 8 channels")
    assert (eeg.status.text(), first.message) == (texts.START_ONLY_SIMULATED, texts.START_NO_EEG)
    assert first.opened[0].closed
    first.find(AMP, MUSE, MARKERS)
    assert first.window.choices.eeg.name == "Muse", "the only one that may be somebody's"
    first.find(AMP, MARKERS)
    assert first.window.choices.eeg == StreamConfig()
    qtbot.mouseClick(eeg.rows["uid-a"], Qt.MouseButton.LeftButton)
    assert first.window.choices.eeg.name == "Amp"
    first.find(AMP, MARKERS)
    assert (eeg.rows["uid-a"].isChecked(), first.message) == (True, texts.START_READY)


def test_the_only_stream_is_not_chosen_before_it_is_known_not_to_be_simulated(screen) -> None:
    first = screen(consent=AGREED)
    amp = first.heard["uid-a"] = FakePreview()
    first.find(AMP, MARKERS)
    assert not amp.closed, "it is listened to"
    assert first.window.choices.eeg == StreamConfig()
    amp._info = replace(eeg_info(), name="Amp")
    first.find(AMP, MARKERS)
    assert first.window.choices.eeg.name == "Amp"


def test_one_that_cannot_be_heard_is_taken_and_told(screen) -> None:
    first = screen(consent=AGREED)
    first.heard = {"uid-m": FakePreview(error="It does not answer.")}
    first.find(MUSE)
    assert first.window.choices.eeg.name == "Muse"
    assert first.window.eeg.status.text() == "It does not answer."


def test_among_several_streams_somebody_has_to_choose(screen, qtbot: QtBot) -> None:
    first = screen(consent=AGREED)
    first.find(AMP, MUSE, DATA)
    assert first.window.choices.eeg == StreamConfig()
    qtbot.mouseClick(first.window.eeg.rows["uid-u"], Qt.MouseButton.LeftButton)
    assert first.window.choices.eeg.name == "Unicorn"
    first.find(MUSE, DATA)
    assert first.window.choices.eeg.name == "Unicorn"
    qtbot.mouseClick(first.window.eeg.rows["none"], Qt.MouseButton.LeftButton)
    assert first.window.choices.eeg == StreamConfig("none")
    assert first.opened[0].closed


def test_the_stream_of_last_time_is_waited_for(screen) -> None:
    first = screen(eeg=StreamConfig("Muse", "m", "lab"), consent=AGREED)
    first.find(AMP)
    assert first.message == texts.START_STREAM_GONE
    assert first.window.eeg.rows["gone"].remark == texts.START_GONE
    assert first.window.eeg.rows["gone"].isChecked()
    first.find(AMP, MUSE)
    assert "gone" not in first.window.eeg.rows
    assert first.window.eeg.rows["uid-m"].isChecked()
    assert first.message == texts.START_READY
    first.find(AMP, replace(MUSE, uid="uid-new"))
    assert first.window.eeg.rows["uid-new"].isChecked()
    assert first.opened[0].closed


def test_a_camera_that_is_gone_is_told(screen, qtbot: QtBot) -> None:
    first = screen(eeg=StreamConfig("none"), camera="2", consent=AGREED)
    first.find(cameras=("0: Cam",))
    assert first.message == texts.start_camera_gone("2")
    qtbot.mouseClick(first.window.camera.rows["0"], Qt.MouseButton.LeftButton)
    assert first.message == texts.START_READY
    qtbot.mouseClick(first.window.camera.rows["none"], Qt.MouseButton.LeftButton)
    assert (first.window.choices.camera, first.message) == ("none", texts.START_NOTHING)


def test_no_camera_is_a_choice_only_if_somebody_made_it(screen) -> None:
    first = screen(consent=AGREED)
    first.find(MUSE)
    assert (first.window.camera.camera, first.window.choices.camera) == ("none", "")
    first.find(MUSE, cameras=("0: Cam",))
    assert first.window.choices.camera == "0"


def test_a_device_that_cannot_be_opened_says_why_and_is_tried_again(screen) -> None:
    first = screen(consent=AGREED)
    first.heard = {"uid-m": FakePreview(error="Muse sends nothing."), "0": FakePreview(error="Camera 0 is busy.")}
    first.find(MUSE, cameras=("0: Cam",))
    assert first.window.eeg.status.text() == "Muse sends nothing."
    assert first.window.camera.status.text() == "Camera 0 is busy."
    first.heard = {}
    for _ in range(25):
        first.window.camera.poll()
    assert first.window.camera.status.text() == ""


def test_a_session_is_started_by_keyboard_alone(screen) -> None:
    first = screen()
    first.find(MUSE)
    assert first.window.focusWidget() is first.window.form.fields["participant"].line
    first.type("participant", "P9")
    for _ in range(4):
        first.press(Qt.Key.Key_Tab)
    assert first.window.focusWidget() is first.window.form.consents["record_eeg"]
    first.press(Qt.Key.Key_Space)
    first.press(Qt.Key.Key_Return)
    (choices,) = first.decided
    assert (choices.participant, choices.eeg.name, choices.record, choices.simulated) == ("P9", "Muse", True, False)
    assert choices.consent == Consent(record_eeg=True)
    assert "Muse" in first.message
    assert first.opened[-1].closed
    first.press(Qt.Key.Key_F2, first.window)
    assert len(first.decided) == 1


def test_return_in_a_line_starts_and_what_is_missing_gets_the_focus(screen) -> None:
    first = screen()
    first.find(MUSE)
    first.press(Qt.Key.Key_Return, first.window.form.fields["task"].line)
    assert first.decided == []
    assert first.message == texts.START_EEG_NOT_AGREED
    assert first.window.form._wrong["consent"].isVisible()
    assert first.window.focusWidget() is first.window.form.consents["record_eeg"]
    first.press(Qt.Key.Key_Space)
    assert not first.window.form._wrong["consent"].isVisible()


@pytest.mark.parametrize(
    ("changes", "focus"),
    [
        ({"participant": ""}, "participant"),
        ({"study": ""}, "study"),
        ({"consent": AGREED, "eeg": StreamConfig("Other")}, "gone"),
        ({"consent": AGREED, "camera": "7"}, "camera"),
        ({"consent": AGREED, "model": "no.safetensors"}, "model"),
    ],
)
def test_the_focus_goes_to_what_is_wrong(screen, changes: dict, focus: str) -> None:
    first = screen(**{"eeg": StreamConfig("Muse"), **changes})
    first.find(MUSE, cameras=("0: Cam",))
    first.window.go.click()
    window = first.window
    places = {
        "gone": window.eeg.rows.get("gone"), "camera": window.camera.rows.get("7"),
        "model": window.form.other_model,
    }  # fmt: skip
    wanted = places[focus] if focus in places else window.form.fields[focus].line
    assert first.decided == []
    assert window.focusWidget() is wanted


def test_wrong_names_are_told_while_they_are_typed(screen) -> None:
    first = screen()
    first.type("participant", "P 1")
    field = first.window.form.fields["participant"].line
    assert (field.property("wrong"), field.accessibleDescription()) == (
        "true",
        texts.start_letters("participant", "P 1"),
    )
    assert first.window.form._wrong["names"].text() == texts.start_letters("participant", "P 1")
    first.type("participant", "P1")
    assert field.property("wrong") == "false"
    assert first.window.form._place.text() == "sub-P1_ses-01_task-film_run-001"


def test_a_run_that_exists_and_the_room_on_the_disk_are_told(screen, tmp_path: Path) -> None:
    folder = tmp_path / "study" / "sourcedata" / "sub-P001" / "ses-01"
    folder.mkdir(parents=True)
    (folder / "sub-P001_ses-01_task-film_run-001_session.json").touch()
    first = screen()
    assert first.window.form._place.text() == "sub-P001_ses-01_task-film_run-002, run 1 stays"
    assert "free: room for" in first.window.form._room.text()
    full = screen(config=Config(record=RecordConfig(min_free_mb=1e12)))
    assert full.window.form._room.text().startswith("The disk is nearly full.")
    assert full.window.form._room.objectName() == "wrong"


def test_nobody_agrees_for_somebody_else(screen) -> None:
    first = screen(consent=AGREED)
    boxes = first.window.form.consents
    first.type("participant", "P002")
    assert not any(box.isChecked() for box in boxes.values())
    assert first.window.form._consent_panel._title.text() == "What P002 has agreed to"
    first.type("participant", "P001")
    assert boxes["record_eeg"].isChecked()


@pytest.mark.parametrize(("key", "record", "simulated"), [(Qt.Key.Key_F2, True, True), (Qt.Key.Key_F3, False, False)])
def test_keys_start_without_a_recording_or_with_a_simulation(screen, key, record: bool, simulated: bool) -> None:
    first = screen(participant="" if simulated else "P001")
    first.find(MUSE)
    first.press(key, first.window)
    (choices,) = first.decided
    assert (choices.record, choices.simulated) == (record, simulated)


def test_other_keys(screen) -> None:
    first = screen()
    first.press(Qt.Key.Key_F5, first.window)
    assert first.finder.asked == 1
    first.press(Qt.Key.Key_F6, first.window)
    assert first.window.theme.name == "dark"
    first.press(Qt.Key.Key_F4, first.window)
    assert first.window.isVisible()


def test_what_could_not_be_opened_is_told_and_all_can_be_chosen_again(screen) -> None:
    first = screen(consent=AGREED)
    first.find(MUSE)
    first.window.start()
    first.window._timer.stop()
    first.window.show_error("The amplifier is gone.")
    first.window._timer.stop()
    assert first.message == "The amplifier is gone."
    assert first.window._message.objectName() == "problem"
    first.find(MUSE, AMP, cameras=("0: Cam",))
    assert first.message == "The amplifier is gone."
    assert first.window.eeg.preview is not None
    first.window.start()
    assert len(first.decided) == 2


def test_the_model_says_by_which_method_it_was_taught(screen, tmp_path: Path) -> None:
    first = screen()
    assert "ethod" not in first.window.form._taught.text()
    checkpoint = load(SHIPPED)
    path = tmp_path / "own.safetensors"
    save(path, checkpoint.network, replace(checkpoint.header, config={"method": "dual-dfum"}))
    first.window.form.take_model(str(path))
    assert first.window.form._taught.text().endswith("Method dual-dfum.")


def test_the_model_says_whom_it_knows(screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> None:
    first = screen()
    assert "simulated participants alone" in first.window.form._taught.text()
    path = str(tmp_path / "own.safetensors")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (path, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    qtbot.mouseClick(first.window.form.other_model, Qt.MouseButton.LeftButton)
    assert first.window.choices.model == path
    assert "cannot be read" in first.window.form._wrong["model"].text()
    qtbot.mouseClick(first.window.form.shipped, Qt.MouseButton.LeftButton)
    assert first.window.choices.model == ""
    first.window.form._choose_study()
    assert first.window.choices.study == str(tmp_path)


def test_everything_can_be_reached_and_has_a_name(screen) -> None:
    first = screen()
    first.find(MUSE, cameras=("0: Cam",))
    seen, widget = set(), first.window.focusWidget()
    while widget is not None and widget not in seen:
        seen.add(widget)
        assert widget.accessibleName() or widget.text()
        first.press(Qt.Key.Key_Tab)
        widget = first.window.focusWidget()
    form = first.window.form
    assert {field.line for field in form.fields.values()} <= seen
    assert {*form.consents.values(), first.window.go, first.window.simulated, first.window.watch} <= seen


def doubtful(screen) -> Screen:
    first = screen(consent=AGREED)
    first.heard = {"uid-a": FakePreview(plain_amp())}
    first.find(AMP)
    return first


def dialog(first: Screen, qtbot: QtBot) -> DeviceDialog:
    preview = first.window.eeg.preview
    assert preview is not None
    assert preview.info is not None
    made = DeviceDialog(preview.info, preview, first.window.theme)
    made._timer.stop()
    qtbot.addWidget(made)
    made.show()
    return made


def test_doubts_are_told_and_the_door_to_settle_them_stands_out(screen) -> None:
    first = doubtful(screen)
    assert "No electrode has a name that says where it sits." in first.window.eeg.status.text()
    assert "microvolts, is a guess" in first.window.eeg.status.text()
    assert first.window.eeg.channels.objectName() == "primary"
    assert first.message == texts.START_DOUBT


def test_channels_are_named_by_keyboard_and_remembered(screen, qtbot: QtBot) -> None:
    first = doubtful(screen)
    asked = dialog(first, qtbot)
    for k, name in enumerate(("Fz", "C3", "cz", "C4", "Pz", "PO7", "Oz")):
        assert asked.focusWidget() is asked.rows.lines[k]
        qtbot.keyClicks(asked.rows.lines[k], name)
        qtbot.keyClick(asked.rows.lines[k], Qt.Key.Key_Return)
    asked.rows.no_electrode[7].click()
    assert not asked.rows.lines[7].isEnabled()
    asked.refresh()
    assert asked.head._names == ("Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz")
    asked.grab()
    qtbot.keyClick(asked, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.result() == DeviceDialog.DialogCode.Accepted
    known = recall("Amp", "lab", labels_of(plain_amp()))
    assert known is not None
    assert known.names == ("Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz", "AUX 8")
    assert (known.unit, known.confirmed) == ("uV", True)


def test_wrong_electrodes_are_told_in_place_and_nothing_is_kept(screen, qtbot: QtBot) -> None:
    asked = dialog(doubtful(screen), qtbot)
    asked.rows.lines[0].setText("Nose")
    asked.keep.click()
    assert asked.message.text() == texts.no_electrode("Nose")
    assert asked.rows.lines[0].property("wrong") == "true"
    asked.rows.lines[0].setText("Cz")
    asked.rows.lines[1].setText("CZ")
    assert asked.message.text() == texts.twice("Cz")
    asked.rows.lines[1].setText("")
    assert asked.message.text() == ""
    asked.cancel.click()
    assert recall("Amp", "lab", labels_of(plain_amp())) is None


def test_that_no_electrode_is_named_is_told_and_has_to_be_confirmed_itself(screen, qtbot: QtBot) -> None:
    asked = dialog(doubtful(screen), qtbot)
    qtbot.mouseClick(asked.keep, Qt.MouseButton.LeftButton)
    assert asked.message.text() == texts.CHANNELS_UNNAMED
    assert asked.isVisible()
    assert recall("Amp", "lab", labels_of(plain_amp())) is None
    asked.rows.lines[0].setText("C")
    asked.rows.lines[0].setText("")
    assert asked.message.text() == ""
    asked.confirm()
    assert asked.message.text() == texts.CHANNELS_UNNAMED
    asked.confirm()
    assert asked.result() == DeviceDialog.DialogCode.Accepted
    known = recall("Amp", "lab", labels_of(plain_amp()))
    assert known is not None
    assert (known.confirmed, any(known.names)) == (True, False)


def test_each_unit_says_what_it_would_mean(screen, qtbot: QtBot) -> None:
    asked = dialog(doubtful(screen), qtbot)
    assert asked.units["uV"].text() == "microvolts – most like EEG"
    assert "alpha 12" in asked.units["uV"].remark
    assert "far too large for EEG" in asked.units["V"].remark
    asked.units["mV"].click()
    asked.rows.lines[0].setText("Cz")
    asked.confirm()
    known = recall("Amp", "lab", labels_of(plain_amp()))
    assert known is not None
    assert known.unit == "mV"


def test_names_are_filled_in_at_one_go(screen, qtbot: QtBot) -> None:
    asked = dialog(doubtful(screen), qtbot)
    assert asked.rows.names == ("",) * 8
    asked.ways.setCurrentIndex(asked.ways.findData("order"))
    asked.ways.activated.emit(asked.ways.currentIndex())
    assert asked.rows.names[:3] == ("Fp1", "Fp2", "F7")


def test_an_answer_that_cannot_be_remembered_is_told(screen, qtbot: QtBot, tmp_path: Path) -> None:
    asked = dialog(doubtful(screen), qtbot)
    (tmp_path / "settings").write_text("a file", encoding="utf-8")
    asked.rows.lines[0].setText("Cz")
    asked.confirm()
    assert "cannot be remembered" in asked.message.text()
    assert asked.isVisible()


def test_after_the_answer_the_stream_is_opened_anew(screen, monkeypatch: pytest.MonkeyPatch) -> None:
    first = doubtful(screen)
    monkeypatch.setattr(DeviceDialog, "exec", lambda self: 0)
    first.press(Qt.Key.Key_F4, first.window)
    assert len(first.opened) == 1
    monkeypatch.setattr(DeviceDialog, "exec", lambda self: 1)
    first.window.eeg.channels.click()
    assert len(first.opened) == 2


def test_any_number_of_streams_of_markers_is_ticked(screen, qtbot: QtBot) -> None:
    first = screen(consent=AGREED)
    first.find(MUSE)
    assert not first.window.others.isVisible()
    other = replace(MARKERS, name="Film", source_id="f", uid="uid-f")
    first.find(MUSE, MARKERS, other)
    assert first.window.choices.markers == ()
    rows = first.window.others.list.rows
    for uid in ("uid-k", "uid-f"):
        qtbot.mouseClick(rows[uid], Qt.MouseButton.LeftButton)
    assert [each.name for each in first.window.choices.markers] == ["Keys", "Film"]
    qtbot.mouseClick(rows["uid-k"], Qt.MouseButton.LeftButton)
    assert [each.name for each in first.window.choices.markers] == ["Film"]
    assert (rows["uid-k"].isChecked(), rows["uid-f"].isChecked()) == (False, True)
    first.window.start()
    assert [each.name for each in first.decided[0].markers] == ["Film"]
    assert "Film" in first.message
    first.window.grab()


def test_markers_of_last_time_are_waited_for_or_let_go(screen, qtbot: QtBot) -> None:
    first = screen(consent=AGREED, markers=(MARKERS.choice, StreamConfig("Gone")))
    # pylsl makes up another source_id each time for a program that gives none.
    first.find(MUSE, replace(MARKERS, uid="uid-new", source_id="made up"))
    rows = first.window.others.list.rows
    assert list(rows) == ["gone 1", "uid-new"]
    assert rows["uid-new"].isChecked()
    assert texts.START_MARKERS_AWAITED in rows["gone 1"].accessibleName()
    assert first.message == texts.START_READY
    qtbot.mouseClick(rows["gone 1"], Qt.MouseButton.LeftButton)
    assert first.window.choices.markers == (MARKERS.choice,)
    qtbot.mouseClick(rows["uid-new"], Qt.MouseButton.LeftButton)
    assert first.window.choices.markers == ()


def test_any_other_stream_is_ticked_but_not_the_eeg_that_is_read(screen, qtbot: QtBot) -> None:
    first = screen(consent=AGREED)
    ppg = replace(MUSE, type="PPG", uid="uid-ppg", n_chans=3, sfreq=64.0, kind="other")
    second = replace(MUSE, name="Other EEG", uid="uid-second", source_id="second")
    first.find(MUSE, ppg, MARKERS)
    rows = first.window.others.list.rows
    assert list(rows) == [MARKERS.uid, "uid-ppg"]
    assert "PPG · 3 channels · 64 Hz" in rows["uid-ppg"].accessibleName()
    qtbot.mouseClick(rows["uid-ppg"], Qt.MouseButton.LeftButton)
    assert first.window.choices.streams == (ppg.any_choice,)
    assert first.window.choices.markers == ()
    first.find(MUSE, ppg, MARKERS, second)
    first.window.eeg.choose(MUSE.uid)
    first.find(MUSE, ppg, MARKERS, second)
    assert "uid-second" in first.window.others.list.rows
    first.window.start()
    assert first.decided[0].streams == (ppg.any_choice,)


def test_a_session_starts_without_markers_that_come_later(screen) -> None:
    first = screen(consent=AGREED, markers=(StreamConfig("Gone"),))
    first.find(MUSE)
    first.window.start()
    assert first.decided[0].markers == (StreamConfig("Gone"),)


def test_a_simulated_session_asks_for_no_markers_that_are_not_there(screen) -> None:
    first = screen(markers=(MARKERS.choice, StreamConfig("Gone")))
    first.find(MARKERS)
    first.window.simulate()
    assert first.decided[0].markers == (MARKERS.choice,)
    first.window.show_error("It could not be opened.")
    assert [each.name for each in first.window.choices.markers] == ["Keys", "Gone"]


def test_how_far_lsl_goes_stands_on_the_screen(screen: Callable[..., Screen]) -> None:
    window = screen().window
    network = window.form.network
    assert network.words.text() == (
        "Streams are looked for on this machine and its local network. Nothing goes out on LSL."
    )
    assert not window.choices.publish
    network.publish.click()
    assert "Predictions go out on LSL: whoever reaches this machine can read them" in network.words.text()
    assert window.choices.publish
    kept = screen(Config(lsl=LslConfig(scope="machine"))).window.form.network
    assert kept.this_machine.isChecked()
    assert kept.words.text().startswith("Streams are looked for on this machine alone.")


def test_this_machine_only_starts_the_program_anew(screen: Callable[..., Screen], qtbot: QtBot) -> None:
    window = screen().window
    with qtbot.waitSignal(window.anew_wanted) as told:
        window.form.network.this_machine.click()
    (choices,) = told.args
    assert choices.this_machine
    assert not window.go.isEnabled()


@pytest.mark.parametrize("run", [1, 2, 12])
def test_all_that_is_asked_for_is_seen_on_a_small_screen_without_scrolling(screen, tmp_path: Path, run: int) -> None:
    folder = tmp_path / "study" / "sourcedata" / "sub-P001" / "ses-01"
    folder.mkdir(parents=True)
    for before in range(1, run):
        (folder / f"sub-P001_ses-01_task-film_run-{before:03d}_session.json").touch()
    first = screen()
    first.window.resize(1280, 720)
    for _ in range(3):
        QApplication.processEvents()
    area = first.window.findChild(QScrollArea)
    assert area is not None
    assert area.widget().height() <= area.viewport().height()
    for name in (*first.window.form.consents.values(), *first.window.form.roles.values()):
        assert name.width() >= name.sizeHint().width()
