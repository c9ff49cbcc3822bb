from dataclasses import replace

import pytest

from app.panels.session_status import NOTICE_SHOWN, SessionStatus
from core.data import Fault, Notice, RecordingHealth, StreamHealth, StreamInfo
from tests.app.staged import T0, Clock, eeg_info, prediction, video_info


def recording(time: float, on: bool = True, problem: str = "", free: int = 10**11, n: int = 5) -> RecordingHealth:
    return RecordingHealth(time, "x", on, 10, free, problem, (("eeg-P001", n),))


def health(connected: bool = True, age: float = 0.0, sfreq: float = 256.0) -> StreamHealth:
    return StreamHealth("eeg-P001", T0, connected, age, sfreq, 256.0, 100, 0, 0, 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def situation(clock: Clock) -> SessionStatus:
    made = SessionStatus(clock)
    made.stream_found(eeg_info())
    return made


def words(situation: SessionStatus) -> str:
    return "\n".join(problem.text for problem in situation.problems())


def test_nothing_yet(clock: Clock) -> None:
    empty = SessionStatus(clock)
    assert (empty.level(), empty.sentence()) == ("idle", "Waiting for streams. Turn on headset and camera.")


def test_the_sentence_of_a_healthy_session(situation: SessionStatus, clock: Clock) -> None:
    situation.recording_measured(recording(T0))
    clock.time = T0 + 751
    situation.recording_measured(recording(clock.time))
    situation.prediction_made(prediction(clock.time, weights=(0.7, 0.3)))
    assert situation.level() == "recording"
    assert situation.sentence("P001") == "Recording P001, 12:31. EEG trusted 0.7, face 0.3. 2 electrodes bad: T7, O2."
    assert situation.problems() == []


def test_its_times_are_those_of_the_time_axis(situation: SessionStatus, clock: Clock) -> None:
    situation.recording_measured(recording(T0))
    situation.zero = T0 + 2.0
    clock.time = T0 + 62.0
    situation.recording_measured(recording(clock.time))
    assert situation.sentence("P001").startswith("Recording P001, 1:00.")
    situation.notice_given(Notice(eeg_info().key, clock.time, "lost", "lost"))
    assert "lost at 1:00" in words(situation)


def test_it_says_why_it_makes_no_statement(situation: SessionStatus) -> None:
    situation.prediction_made(prediction(T0, "no face"))
    assert situation.sentence("P001") == "Not recording P001. No statement: no face."


def test_a_silent_recorder_is_not_believed(situation: SessionStatus, clock: Clock) -> None:
    situation.recording_measured(recording(T0))
    clock.time += 4
    assert situation.level() == "problem"
    assert "Not recording" in situation.sentence("P001")
    assert "No word from the recorder for 4 s" in words(situation)


def test_disk_full(situation: SessionStatus) -> None:
    situation.recording_measured(recording(T0))
    situation.recording_measured(recording(T0 + 1, False, "the disk is full. Free some space."))
    assert situation.level() == "problem"
    assert "the disk is full. Free some space." in words(situation)


def test_a_recording_that_stops_without_a_word(situation: SessionStatus) -> None:
    situation.recording_measured(recording(T0))
    situation.recording_measured(recording(T0 + 1, False))
    assert situation.level() == "problem"
    assert "has stopped" in words(situation)


def test_disk_nearly_full(situation: SessionStatus) -> None:
    situation.recording_measured(recording(T0, free=3 * 10**8))
    assert situation.level() == "attention"
    assert situation.sentence("P001").startswith("Recording P001")
    assert "300.0 MB left" in words(situation)


def test_what_the_recorder_says_of_a_full_disk_is_said_once_and_it_still_records(situation: SessionStatus) -> None:
    situation.recording_measured(recording(T0, problem="The disk is nearly full: less than 500 MB.", free=3 * 10**8))
    assert situation.level() == "attention"
    assert situation.sentence("P001").startswith("Recording P001")
    assert words(situation) == "Recording: The disk is nearly full: less than 500 MB."


def test_green_is_for_when_nothing_needs_a_hand(situation: SessionStatus) -> None:
    situation.recording_measured(recording(T0))
    assert situation.level() == "recording"
    situation.notice_given(Notice("eeg-P001", T0, "gap", "0.4 s are missing"))
    assert situation.level() == "recording"
    situation.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    assert situation.level() == "attention"
    situation.notice_given(Notice("eeg-P001", T0, "back", "it is back"))
    assert situation.level() == "recording"
    situation.fault_raised(Fault("engine", T0, "It broke."))
    assert situation.level() == "attention"


def test_header_only_recording_is_noticed(situation: SessionStatus) -> None:
    situation.stream_measured(health())
    situation.recording_measured(recording(T0, n=0))
    assert words(situation) == ""
    situation.recording_measured(recording(T0 + 10, n=0))
    assert "Nothing of LiveAmp is on disk" in words(situation)


def test_stream_lost_and_back(situation: SessionStatus, clock: Clock) -> None:
    situation.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    clock.time += 65
    assert "LiveAmp lost 1:05 ago. Turn the device on" in words(situation)
    situation.notice_given(Notice("eeg-P001", T0 + 65, "back", "it is back"))
    assert "lost" not in words(situation)
    assert "it is back" in words(situation)


def test_what_was_lost_in_a_recording_asks_for_nothing_and_ends_with_going_elsewhere(situation: SessionStatus) -> None:
    situation.mode = "replaying"
    situation.notice_given(Notice("markers/keys", T0, "lost", "gone"))
    assert words(situation) == ""
    situation.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    assert words(situation) == "LiveAmp was lost when this was recorded; it is missing until it comes back."
    assert not any(problem.grave for problem in situation.problems())
    situation.notice_given(Notice("", T0 - 60.0, "seek", ""))
    assert words(situation) == ""


def test_camera_lost_says_to_plug_it_in(situation: SessionStatus) -> None:
    situation.stream_found(video_info())
    situation.stream_measured(replace(health(False), stream="video-P001"))
    assert "Plug the camera in again" in words(situation)


def test_connected_but_silent(situation: SessionStatus) -> None:
    situation.stream_measured(health(age=5.0))
    assert "has sent nothing for 5 s" in words(situation)


def test_wrong_rate(situation: SessionStatus) -> None:
    situation.stream_measured(health(sfreq=240.0))
    assert "runs at 240.0 Hz, not 256 Hz" in words(situation)


def test_assumed_unit_is_said_quietly(situation: SessionStatus) -> None:
    situation.stream_found(replace(eeg_info(), unit_confirmed=False))
    [problem] = situation.problems()
    assert "µV is assumed" in problem.text
    assert not problem.grave


def test_notices_fade_and_faults_stay(situation: SessionStatus, clock: Clock) -> None:
    situation.notice_given(Notice("eeg-P001", T0, "gap", "0.4 s are missing"))
    for _ in range(2):
        situation.fault_raised(Fault("engine", T0, "It broke."))
    assert [problem.grave for problem in situation.problems()] == [True, False]
    clock.time += NOTICE_SHOWN + 1
    assert words(situation) == "Error in engine: It broke. What is recorded is kept; start a new run."


def test_a_replay_that_is_over_complains_of_no_stream(situation: SessionStatus) -> None:
    situation.stream_measured(health(age=60.0))
    situation.end()
    assert words(situation) == "The recording has been played to its end."


def test_simulated(situation: SessionStatus) -> None:
    assert not situation.simulated
    situation.stream_found(eeg_info(simulated=True))
    assert situation.simulated


def test_a_stream_of_markers_may_be_silent_but_not_lost(situation: SessionStatus) -> None:
    situation.stream_found(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    situation.stream_measured(replace(health(age=500.0, sfreq=0.0), stream="keys", nominal_sfreq=0.0))
    situation.stream_measured(health())
    assert words(situation) == ""
    situation.notice_given(Notice("keys", T0, "lost", "gone"))
    assert "Keys lost 0:00 ago. Start the program that sends it again; it is picked up" in words(situation)


def test_a_first_marker_that_is_on_its_way_to_the_disk_is_no_trouble(situation: SessionStatus) -> None:
    situation.stream_found(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    situation.recording_measured(recording(T0))
    situation.recording_measured(replace(recording(T0 + 10), samples=(("keys", 0),)))
    situation.stream_measured(replace(health(age=0.5), stream="keys"))
    assert words(situation) == ""
    situation.stream_measured(replace(health(age=5.0), stream="keys"))
    assert "Nothing of Keys is on disk" in words(situation)


def test_what_was_said_does_not_hold_for_ever(situation: SessionStatus, clock: Clock) -> None:
    situation.recording_measured(recording(T0))
    situation.prediction_made(prediction(T0))
    clock.time += 2
    assert situation.stale("P001") == ""
    clock.time += 2
    situation.recording_measured(recording(clock.time))
    assert situation.sentence("P001") == "Recording P001, 0:04. Nothing new comes from the sensors."
    situation.prediction_made(prediction(clock.time))
    assert situation.stale("P001") == ""
    assert situation.stale("P002") == ""


def test_a_recording_may_stand_still(situation: SessionStatus, clock: Clock) -> None:
    situation.mode = "replaying"
    situation.prediction_made(prediction(T0))
    clock.time += 60
    assert situation.stale("P001") == ""


def test_who_labels_a_recording_is_not_told_what_the_model_makes_of_it(situation: SessionStatus) -> None:
    situation.mode = "labelling"
    situation.prediction_made(prediction(T0))
    assert situation.sentence("P001") == "Labelling P001."


def test_it_says_how_much_of_a_recording_is_read_until_all_is(situation: SessionStatus) -> None:
    situation.begin_labelling((T0 - 90, T0 + 7110))
    assert situation.sentence("P001") == "Labelling P001."
    situation.prediction_made(prediction(T0))
    assert situation.sentence("P001") == "Labelling P001. 1:30 of 2:00:00 read."
    situation.end()
    assert situation.sentence("P001") == "Labelling P001."
    assert situation.problems() == []


def test_a_device_that_could_not_be_opened_is_told_as_long_as_the_session_lasts(
    situation: SessionStatus, clock: Clock
) -> None:
    situation.notice_given(Notice("", T0, "lost", "Camera 0 is not there. Plug it in and start again."))
    clock.time += 2 * NOTICE_SHOWN
    assert words(situation) == "Camera 0 is not there. Plug it in and start again."
    assert situation.problems()[0].grave


def test_what_is_waited_for_is_told_until_it_is_there(situation: SessionStatus) -> None:
    awaited = StreamInfo("markers/Film", "markers", "", "Film", awaited=True)
    situation.stream_found(awaited)
    situation.recording_measured(recording(T0))
    text = "Film is not there yet. It is recorded from when the program is started that sends it."
    situation.notice_given(Notice(awaited.key, T0, "info", text))
    assert words(situation) == text
    assert situation.level() == "attention"
    situation.stream_found(replace(awaited, awaited=False))
    assert words(situation) == ""
    assert situation.level() == "recording"
