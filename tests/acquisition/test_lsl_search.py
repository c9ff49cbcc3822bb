"""Which stream is meant, with real outlets on this machine."""

import concurrent.futures
import contextlib
import os
import re
import socket
import threading
import uuid
from pathlib import Path
from xml.sax.saxutils import escape

import pylsl
import pytest

from acquisition import lsl_search
from acquisition.lsl_found import Identity
from acquisition.lsl_search import choose, eeg_streams, find_streams, look_at_streams
from core.config import EegConfig
from core.errors import ConfigError, StreamNotFoundError
from core.plain_text import plain

QUICK = EegConfig(wait=5.0)


def _info(name, of_type="EEG", source_id="", n_chans=4, dtype="float32"):
    return pylsl.StreamInfo(name, of_type, n_chans, 250.0, dtype, source_id)


@contextlib.contextmanager
def _on_air(*infos):
    outlets = [pylsl.StreamOutlet(info) for info in infos]
    try:
        yield
    finally:
        # An outlet lives as long as anything refers to it, a traceback that pytest keeps included.
        outlets.clear()


def _names(config, n_streams=1):
    return [found.name() for found in choose(config, "eeg", n_streams)]


def test_nothing_names_what_there_is_and_what_to_do():
    own = _info("Insula P001 Affect", "Affect", f"insula-{socket.gethostname()}-P001-affect")
    with _on_air(_info("Cam", "Video"), own):
        with pytest.raises(StreamNotFoundError) as error:
            choose(EegConfig(wait=0.3), "eeg")
        assert str(error.value) == (
            "No LSL stream of type 'EEG' within 0.3 s. Found: [('Cam', 'Video')]. "
            "Start the amplifier or set eeg.source_id."
        )
        with pytest.raises(StreamNotFoundError, match="No LSL stream with name 'Muse' and hostname 'lab' within"):
            choose(EegConfig(name="Muse", hostname="lab", wait=0.1), "eeg")


def test_one_that_is_started_long_after_the_search_began():
    """liblsl's own search takes one more of a machine's 32 ports with each question: the late one would get none."""
    with concurrent.futures.ThreadPoolExecutor() as searching:
        found = searching.submit(_names, EegConfig(name="Late", wait=20.0))
        threading.Event().wait(4.0)
        with _on_air(_info("Late", source_id="late"), _info("Last", source_id="last")):
            assert found.result() == ["Late"]


def test_several_are_never_guessed_among():
    with _on_air(_info("TimeSeriesRaw", source_id="openbcigui"), _info("TimeSeriesFilt", source_id="openbcigui")):
        with pytest.raises(StreamNotFoundError) as error:
            choose(QUICK, "eeg")
        assert "Set eeg.name to one of 'TimeSeriesFilt', 'TimeSeriesRaw'." in str(error.value)
        assert _names(EegConfig(name="TimeSeriesRaw")) == ["TimeSeriesRaw"]


def test_simulated_eeg_is_taken_only_by_name():
    simulated = _info("Insula simulated P001", source_id="insula-sim-1")
    simulated.desc().append_child_value("simulated", "true")
    with _on_air(simulated):
        with pytest.raises(StreamNotFoundError, match=r"Simulated EEG is taken only where eeg\.name or eeg\.source_id"):
            choose(EegConfig(wait=0.3), "eeg")
        assert _names(EegConfig(name="Insula simulated P001", wait=5.0)) == ["Insula simulated P001"]
        with _on_air(_info("Muse", source_id="muse")):
            assert _names(QUICK) == ["Muse"]


def test_two_that_are_the_same_need_a_predicate():
    with _on_air(_info("obci", n_chans=8), _info("obci", n_chans=16)):
        with pytest.raises(StreamNotFoundError, match=r"Set eeg\.predicate"):
            choose(QUICK, "eeg")
        (found,) = choose(EegConfig(predicate="name='obci' and channel_count=16"), "eeg")
        assert found.channel_count() == 16


def test_of_streams_with_one_id_the_eeg_is_meant():
    streams = (
        _info("Crown-459", source_id="crown"),
        _info("Crown-459 Markers", "Markers", "crown", 1, "string"),
        _info("Crown-459 Motion", "Accelerometer", "crown"),
    )
    with _on_air(*streams):
        assert _names(EegConfig(source_id="crown")) == ["Crown-459"]


def test_a_named_device_may_have_any_type():
    with _on_air(_info("Unicorn", "Data"), _info("Unicorn Markers", "Markers", "", 1, "string")):
        assert _names(EegConfig(name="Unicorn")) == ["Unicorn"]


@pytest.mark.parametrize("name", ["Ada's cap", 'Ada\'s "cap"'])
def test_quotes_in_names(name):
    with _on_air(_info(name, source_id="2")):
        assert _names(EegConfig(name=name)) == [name]


def test_damaged_predicate():
    with pytest.raises(ConfigError, match="no valid LSL predicate"):
        choose(EegConfig(predicate="type='EEG' and ("), "eeg")


def test_several_participants():
    with _on_air(_info("Muse", source_id="B"), _info("Muse", source_id="A")):
        with pytest.raises(StreamNotFoundError, match=r"Set eeg\.source_id to one of 'A', 'B'"):
            choose(QUICK, "eeg")
        configs = eeg_streams(QUICK, 2)
        assert [choose(config, "eeg")[0].source_id() for config in configs] == ["A", "B"]
        with pytest.raises(StreamNotFoundError, match="Only 2 of 3"):
            eeg_streams(EegConfig(wait=0.8), 3)


def test_markers():
    with _on_air(_info("Keys", "Markers", "", 1, "string"), _info("Muse")):
        assert [f.name() for f in choose(QUICK, "markers")] == ["Keys"]


def test_find_streams():
    labelled = pylsl.StreamInfo("Muse", "EEG", 2, 256.0, "float32", "A")
    labelled.set_channel_labels(["TP9", "T3"])
    labelled.set_channel_units("microvolts")
    labelled.desc().append_child_value("simulated", "true")
    with _on_air(
        labelled,
        _info("Keys", "Markers", "", 1, "string"),
        _info("Gaze", "Gaze", dtype="int16"),
    ):
        found = {info.name: info for info in find_streams(1.5)}
    assert {name: info.kind for name, info in found.items()} == {"Muse": "eeg", "Keys": "markers", "Gaze": "other"}
    muse = found["Muse"]
    assert muse.ch_names == ("TP9", "T7")
    assert (muse.sfreq, muse.dtype, muse.simulated) == (256.0, "float32", True)
    assert muse.desc.startswith("<desc>")
    assert found["Gaze"].dtype == "int16"
    assert found["Gaze"].picks == ()


def test_key_names_all_that_identifies():
    identity = Identity("lab", "Muse", "EEG", "")
    assert identity.key() == "lab/Muse/EEG"
    assert identity.key("uid") == "lab/Muse/EEG/uid"


ODD = ("<img src=file:///x>", "\x1b[2J\x07bell", "x" * 5000, "tab\tand\nline", "rtl \u202egge")


def test_names_that_nobody_can_show_are_found_chosen_and_told_in_plain_text():
    with _on_air(*(_info(name, source_id=f"odd {k}") for k, name in enumerate(ODD))):
        seen = look_at_streams(1.5)
        assert {info.source_id: trouble for info, trouble in seen} == {f"odd {k}": "" for k in range(len(ODD))}
        for info, _ in seen:
            assert info.name == plain(info.name)
            assert info.name.isprintable()
            (found,) = choose(EegConfig(name=info.name), "eeg")
            assert found.source_id() == info.source_id
        with pytest.raises(StreamNotFoundError) as error:
            choose(EegConfig(wait=1.0), "eeg")
        assert str(error.value).isprintable()


def _peer(xml, stop):
    """Answer every question with a stream of its own, as no outlet does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(0.05)
        first = int(re.search(r"BasePort = (\d+)", Path(os.environ["LSLAPICFG"]).read_text(encoding="utf-8"))[1])
        for port in range(first, first + 32):
            with contextlib.suppress(OSError):
                peer.bind(("127.0.0.1", port))
                break
        while not stop.is_set():
            with contextlib.suppress(OSError):
                asked, (host, _) = peer.recvfrom(65536)
                port, number = asked.decode().split("\r\n")[2].split()
                peer.sendto(f"{number}\r\n{xml()}".encode(), (host, int(port)))


@contextlib.contextmanager
def _answering(**said):
    def xml():
        usual = {"name": "Liar", "type": "EEG", "channel_count": 4, "channel_format": "float32", "source_id": "liar"}
        usual |= {"nominal_srate": 250.0, "version": 1.1, "created_at": 1.0, "uid": uuid.uuid4(), "hostname": "liar"}
        usual |= {"v4data_port": 9, "v4service_port": 9, "session_id": "default", **said}
        elements = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in usual.items())
        return f'<?xml version="1.0"?><info>{elements}<desc /></info>'

    stop = threading.Event()
    thread = threading.Thread(target=_peer, args=(xml, stop))  # noqa: TID251 - the world outside
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_peer_that_answers_what_it_was_not_asked_for_is_not_heard():
    with _answering(type="Video", name="Liar"), _on_air(_info("Muse", source_id="true")):
        assert _names(EegConfig(wait=5.0)) == ["Muse"]
        assert _names(EegConfig(name="Muse")) == ["Muse"]


def test_a_peer_that_only_announces_streams_is_none_of_those_that_fit():
    with _answering(), _on_air(_info("Muse", source_id="true")):
        assert _names(EegConfig(wait=5.0)) == ["Muse"]


@pytest.mark.parametrize("said", [{"channel_count": 2_000_000_000}, {"nominal_srate": "nan"}, {"nominal_srate": 1e300}])
def test_what_no_stream_can_be_is_connected_to_by_nobody(said):
    with _answering(**said), _on_air(_info("Muse", source_id="true")):
        assert _names(EegConfig(wait=5.0)) == ["Muse"]
        found = {info.name: trouble for info, trouble in look_at_streams(1.0)}
        assert found["Muse"] == ""
        assert "Liar" not in found or "nobody can connect to it" in found["Liar"]


def test_an_outlet_that_another_one_has_followed_is_not_there(monkeypatch):
    found, follower = pylsl.StreamInfo("Muse", "EEG"), pylsl.StreamInfo("Muse", "EEG")
    outlets = [pylsl.StreamOutlet(info) for info in (found, follower)]
    there = [outlet.get_info() for outlet in outlets]
    monkeypatch.setattr(lsl_search, "full_info", lambda _, wait: there[1])
    assert [lsl_search._is_there(each) for each in there] == [False, True]
