from dataclasses import replace

import pytest

from app.panels.session_status import NOTICE_SHOWN, SessionStatus
from app.session.engine import Lag
from app.session.session_state import SessionState
from core.data import Fault, Notice, Pace, RecordingHealth, StreamHealth, StreamInfo
from tests.app.staged import T0, Clock, eeg_info, prediction, video_info


def recording(time: float, on: bool = True, problem: str = "", free: int = 10**11, n: int = 5) -> RecordingHealth:
    return RecordingHealth(time, "x", on, 10, free, problem, (("eeg-P001", n),))


def health(connected: bool = True, age: float = 0.0, sfreq: float = 256.0) -> StreamHealth:
    return StreamHealth("eeg-P001", T0, connected, age, sfreq, 256.0, 100, 0, 0, 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def status(clock: Clock) -> SessionStatus:
    made = SessionStatus(clock)
    made.stream_found(eeg_info())
    return made


def words(status: SessionStatus) -> str:
    return "\n".join(problem.text for problem in status.problems())


def test_nothing_yet(clock: Clock) -> None:
    empty = SessionStatus(clock)
    assert (empty.level(), empty.sentence()) == ("idle", "Waiting for streams. Turn on headset and camera.")


def test_the_sentence_of_a_healthy_session(status: SessionStatus, clock: Clock) -> None:
    status.recording_measured(recording(T0))
    clock.time = T0 + 751
    status.recording_measured(recording(clock.time))
    status.prediction_made(prediction(clock.time, weights=(0.7, 0.3)))
    assert status.level() == "recording"
    assert status.sentence("P001") == (
        "Happy or neutral. EEG trusted 0.7, face 0.3. Recording P001, 12:31. 2 electrodes bad: T7, O2."
    )
    assert status.problems() == []


@pytest.mark.parametrize("connected", [True, False])
def test_what_has_come_to_its_end_is_neither_lost_nor_behind(status: SessionStatus, connected: bool) -> None:
    status.stream_measured(replace(health(connected, age=20.0, sfreq=100.0), ended=True, last_came=0.0))
    assert status.problems() == []
    assert status.state is SessionState.RUNNING


def test_a_live_session_whose_last_source_ended_is_no_recording_that_was_played(status: SessionStatus) -> None:
    status.end()
    assert words(status) == ("All that was to be read has come to its end. Nothing more is recorded: end the session.")
    status.mode = "replaying"
    assert words(status) == "The recording has been played to its end."


def test_of_two_people_what_is_told_of_a_stream_says_whose_it_is(status: SessionStatus, clock: Clock) -> None:
    status.notice_given(Notice("eeg-P001", T0, "info", "An eye blinked."))
    assert words(status) == "LiveAmp: An eye blinked."
    status.stream_found(eeg_info(participant="P002"))
    status.notice_given(Notice("eeg-P002", T0, "back", "LiveAmp is back after 3.0 s."))
    status.stream_measured(replace(health(age=9.0), stream="eeg-P002", last_came=9.0))
    assert [problem.text for problem in status.problems()] == [
        "P002 · LiveAmp is connected but has sent nothing for 9 s. Check that its app is streaming.",
        "P001 · LiveAmp: An eye blinked.",
        "P002 · LiveAmp is back after 3.0 s.",
    ]


def test_one_loss_is_told_once(status: SessionStatus) -> None:
    status.notice_given(Notice("eeg-P001", T0 + 1.0, "lost", "LiveAmp is lost."))
    status.notice_given(Notice("eeg-P001", T0 + 10.7, "back", "LiveAmp is back after 9.7 s."))
    status.notice_given(Notice("eeg-P001", T0 + 10.1, "gap", "LiveAmp: no samples for 9.10 s."))
    assert words(status) == "LiveAmp is back after 9.7 s."
    status.notice_given(Notice("eeg-P001", T0 + 12.0, "gap", "LiveAmp: no samples for 0.30 s."))
    assert words(status).endswith("LiveAmp: no samples for 0.30 s.")


def test_its_times_are_those_of_the_time_axis(status: SessionStatus, clock: Clock) -> None:
    status.recording_measured(recording(T0))
    status.zero = T0 + 2.0
    clock.time = T0 + 62.0
    status.recording_measured(recording(clock.time))
    assert status.sentence("P001").startswith("Recording P001, 1:00.")
    status.notice_given(Notice(eeg_info().key, clock.time, "lost", "lost"))
    assert "lost at 1:00" in words(status)


def test_it_says_why_it_makes_no_statement(status: SessionStatus) -> None:
    status.prediction_made(prediction(T0, "no face"))
    assert status.sentence("P001") == "Not recording P001. No statement: no face."


def test_a_silent_recorder_is_not_believed(status: SessionStatus, clock: Clock) -> None:
    status.recording_measured(recording(T0))
    clock.time += 4
    assert status.level() == "problem"
    assert "Not recording" in status.sentence("P001")
    assert "No word from the recorder for 4 s" in words(status)


def test_disk_full(status: SessionStatus) -> None:
    status.recording_measured(recording(T0))
    status.recording_measured(recording(T0 + 1, False, "the disk is full. Free some space."))
    assert status.level() == "problem"
    assert "the disk is full. Free some space." in words(status)


def test_a_recording_that_stops_without_a_word(status: SessionStatus) -> None:
    status.recording_measured(recording(T0))
    status.recording_measured(recording(T0 + 1, False))
    assert status.level() == "problem"
    assert "has stopped" in words(status)


def test_disk_nearly_full(status: SessionStatus) -> None:
    status.recording_measured(recording(T0, free=3 * 10**8))
    assert status.level() == "attention"
    assert status.sentence("P001").startswith("Recording P001")
    assert "300.0 MB left" in words(status)


def test_what_the_recorder_says_of_a_full_disk_is_said_once_and_it_still_records(status: SessionStatus) -> None:
    status.recording_measured(recording(T0, problem="The disk is nearly full: less than 500 MB.", free=3 * 10**8))
    assert status.level() == "attention"
    assert status.sentence("P001").startswith("Recording P001")
    assert words(status) == "Recording: The disk is nearly full: less than 500 MB."


def test_green_is_for_when_nothing_needs_a_hand(status: SessionStatus) -> None:
    status.recording_measured(recording(T0))
    assert status.level() == "recording"
    status.notice_given(Notice("eeg-P001", T0, "gap", "0.4 s are missing"))
    assert status.level() == "recording"
    status.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    assert status.level() == "attention"
    status.notice_given(Notice("eeg-P001", T0, "back", "it is back"))
    assert status.level() == "recording"
    status.fault_raised(Fault("engine", T0, "It broke."))
    assert status.level() == "attention"


def test_header_only_recording_is_noticed(status: SessionStatus) -> None:
    status.stream_measured(health())
    status.recording_measured(recording(T0, n=0))
    assert words(status) == ""
    status.recording_measured(recording(T0 + 10, n=0))
    assert "Nothing of LiveAmp is on disk" in words(status)


def test_stream_lost_and_back(status: SessionStatus, clock: Clock) -> None:
    status.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    clock.time += 65
    assert "LiveAmp lost 1:05 ago. Turn the device on" in words(status)
    status.notice_given(Notice("eeg-P001", T0 + 65, "back", "it is back"))
    assert "lost" not in words(status)
    assert "it is back" in words(status)


def test_what_was_lost_in_a_recording_asks_for_nothing_and_ends_with_going_elsewhere(status: SessionStatus) -> None:
    status.mode = "replaying"
    status.notice_given(Notice("markers/keys", T0, "lost", "gone"))
    assert words(status) == ""
    status.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    assert words(status) == "LiveAmp was lost when this was recorded; it is missing until it comes back."
    assert not any(problem.grave for problem in status.problems())
    status.notice_given(Notice("", T0 - 60.0, "seek", ""))
    assert words(status) == ""


def test_camera_lost_says_to_plug_it_in(status: SessionStatus) -> None:
    status.stream_found(video_info())
    status.stream_measured(replace(health(False), stream="video-P001"))
    assert "Plug the camera in again" in words(status)


def test_connected_but_silent(status: SessionStatus) -> None:
    status.stream_measured(health(age=5.0))
    assert "has sent nothing for 5 s" in words(status)


def test_wrong_rate(status: SessionStatus) -> None:
    status.stream_measured(health(sfreq=240.0))
    assert "runs at 240.0 Hz, not 256 Hz" in words(status)


def test_assumed_unit_is_said_quietly(status: SessionStatus) -> None:
    status.stream_found(replace(eeg_info(), unit_confirmed=False))
    [problem] = status.problems()
    assert "µV is assumed" in problem.text
    assert not problem.grave


def test_notices_fade_and_faults_stay(status: SessionStatus, clock: Clock) -> None:
    status.notice_given(Notice("eeg-P001", T0, "gap", "0.4 s are missing"))
    for _ in range(2):
        status.fault_raised(Fault("engine", T0, "It broke."))
    assert [problem.grave for problem in status.problems()] == [True, False]
    clock.time += NOTICE_SHOWN + 1
    assert words(status) == "Error in engine: It broke. What is recorded is kept; start a new run."


def test_a_replay_that_is_over_complains_of_no_stream(status: SessionStatus) -> None:
    status.mode = "replaying"
    status.stream_measured(health(age=60.0))
    status.end()
    assert words(status) == "The recording has been played to its end."


def test_simulated(status: SessionStatus) -> None:
    assert not status.simulated
    status.stream_found(eeg_info(simulated=True))
    assert status.simulated


def test_a_stream_of_markers_may_be_silent_but_not_lost(status: SessionStatus) -> None:
    status.stream_found(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    status.stream_measured(replace(health(age=500.0, sfreq=0.0), stream="keys", nominal_sfreq=0.0))
    status.stream_measured(health())
    assert words(status) == ""
    status.notice_given(Notice("keys", T0, "lost", "gone"))
    assert "Keys lost 0:00 ago. Start the program that sends it again; it is picked up" in words(status)


def test_a_first_marker_that_is_on_its_way_to_the_disk_is_no_trouble(status: SessionStatus) -> None:
    status.stream_found(StreamInfo("keys", "markers", "", "Keys", "Markers"))
    status.recording_measured(recording(T0))
    status.recording_measured(replace(recording(T0 + 10), samples=(("keys", 0),)))
    status.stream_measured(replace(health(age=0.5), stream="keys"))
    assert words(status) == ""
    status.stream_measured(replace(health(age=5.0), stream="keys"))
    assert "Nothing of Keys is on disk" in words(status)


def test_what_was_said_does_not_hold_for_ever(status: SessionStatus, clock: Clock) -> None:
    status.recording_measured(recording(T0))
    status.prediction_made(prediction(T0))
    clock.time += 2
    assert status.stale("P001") == ""
    clock.time += 2
    status.recording_measured(recording(clock.time))
    assert status.sentence("P001") == "Recording P001, 0:04. Nothing new comes from the sensors."
    status.prediction_made(prediction(clock.time))
    assert status.stale("P001") == ""
    assert status.stale("P002") == ""


def test_a_recording_may_stand_still(status: SessionStatus, clock: Clock) -> None:
    status.mode = "replaying"
    status.prediction_made(prediction(T0))
    clock.time += 60
    assert status.stale("P001") == ""


def test_who_labels_a_recording_is_not_told_what_the_model_makes_of_it(status: SessionStatus) -> None:
    status.mode = "labelling"
    status.prediction_made(prediction(T0))
    assert status.sentence("P001") == "Labelling P001."


def test_it_says_how_much_of_a_recording_is_read_until_all_is(status: SessionStatus) -> None:
    status.begin_labelling((T0 - 90, T0 + 7110))
    assert status.sentence("P001") == "Labelling P001."
    status.prediction_made(prediction(T0))
    assert status.sentence("P001") == "Labelling P001. 1:30 of 2:00:00 read."
    status.end()
    assert status.sentence("P001") == "Labelling P001."
    assert status.problems() == []


def test_a_device_that_could_not_be_opened_is_told_as_long_as_the_session_lasts(
    status: SessionStatus, clock: Clock
) -> None:
    status.notice_given(Notice("", T0, "lost", "Camera 0 is not there. Plug it in and start again."))
    clock.time += 2 * NOTICE_SHOWN
    assert words(status) == "Camera 0 is not there. Plug it in and start again."
    assert status.problems()[0].grave


def test_what_is_waited_for_is_told_until_it_is_there(status: SessionStatus) -> None:
    awaited = StreamInfo("markers/Film", "markers", "", "Film", awaited=True)
    status.stream_found(awaited)
    status.recording_measured(recording(T0))
    text = "Film is not there yet. It is recorded from when the program is started that sends it."
    status.notice_given(Notice(awaited.key, T0, "info", text))
    assert words(status) == text
    assert status.level() == "attention"
    status.stream_found(replace(awaited, awaited=False))
    assert words(status) == ""
    assert status.level() == "recording"


def test_a_stream_that_comes_late_is_this_computer_behind_and_no_matter_of_its_battery(status: SessionStatus) -> None:
    status.stream_measured(replace(health(age=6.2), last_came=0.1))
    # Frames that come meanwhile are dropped; EEG waits in LSL.
    assert words(status).startswith(
        "This computer is 6 s behind. EEG is not lost, pictures may be: close other programs"
    )
    for blamed in ("attery", "camera", "radio", "app"):
        assert blamed not in words(status)
    status.stream_measured(replace(health(age=6.2), last_came=6.1))
    assert "has sent nothing for 6 s" in words(status)
    assert "behind" not in words(status)


def test_predictions_that_are_behind_are_this_computer_too(status: SessionStatus, clock: Clock) -> None:
    status.lag_measured(Lag(T0, 8.0))
    assert "This computer is 8 s behind" in words(status)
    status.lag_measured(Lag(T0, 0.4))
    assert status.problems() == []
    status.lag_measured(Lag(T0, 8.0))
    clock.time += 10
    assert "behind" not in words(status)  # nothing is known of it any more


def test_that_windows_are_passed_over_is_said_as_long_as_they_are(status: SessionStatus) -> None:
    for windows, said in ((0, True), (1, True), (-1, False)):
        status.pace_set(Pace(T0, windows))
        assert ("passed over" in words(status)) == said


def test_it_runs_loses_a_stream_has_it_back_and_ends(status: SessionStatus) -> None:
    seen = [status.state]
    status.notice_given(Notice("eeg-P001", T0, "lost", "gone"))
    seen.append(status.state)
    status.notice_given(Notice("eeg-P001", T0 + 1, "back", "back"))
    seen.append(status.state)
    status.end()
    seen.append(status.state)
    running = SessionState.RUNNING
    assert seen == [running, SessionState.STREAM_LOST, running, SessionState.ENDED]


def test_a_window_that_is_behind_with_what_it_shows_is_told_too(status: SessionStatus, clock: Clock) -> None:
    clock.time = T0 + 26.0
    status.stream_measured(health())
    assert "This computer is 26 s behind" in words(status)
    clock.time = T0 + 40.0
    assert "behind" not in words(status)  # nothing is heard at all any more: that is another matter
    status.stream_measured(replace(health(), time=T0 + 39.5))
    assert "behind" not in words(status)
