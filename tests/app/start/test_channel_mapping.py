"""Doubts about a headset: what they are, what each answer would mean, and that the answer is taken."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acquisition.device_memory import recall
from acquisition.devices import ChannelTable, Device, channel_table
from acquisition.eeg_unit import settle_unit
from app import texts
from app.start.channel_mapping import Doubts, doubts, keep, labels_of, meanings, trouble_with, unit_of, ways_to_name
from core.data import StreamInfo

SFREQ = 250.0


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))


def eeg(n_chans: int, amplitude: float = 12.0) -> np.ndarray:
    times = np.arange(1000) / SFREQ
    noise = 0.3 * amplitude * np.random.default_rng(3).standard_normal((1000, n_chans))
    return 4200.0 * amplitude + noise + amplitude * np.sin(2 * np.pi * 10.0 * times)[:, None]


def opened(name: str = "obci_eeg1", labels: tuple[str, ...] = ("",) * 8, unit: str = "", kind: str = "") -> StreamInfo:
    """What is made of a device now, as `LslSource` makes it."""
    n_chans = len(labels)
    device = Device(name, "EEG", "lab", "", labels, (kind,) * n_chans, (unit,) * n_chans, (None,) * n_chans)
    table: ChannelTable = channel_table(device, keep=False)
    channels, confirmed, _ = settle_unit(table, eeg(n_chans))
    return StreamInfo(
        "key", "eeg", "P001", name, sfreq=SFREQ, channels=channels, hostname="lab", unit_confirmed=confirmed
    )


def test_a_device_that_says_all_of_itself_is_not_doubted():
    assert not doubts(opened(labels=("Fp1", "Cz", "O2"), unit="uV"))


def test_a_guess_is_a_doubt_until_it_is_confirmed_and_then_taken():
    info = opened()
    assert doubts(info) == Doubts(0, True, "uV")
    assert texts.doubt(8, 0, True, "uV") == "The names of its electrodes are a guess. Its unit, microvolts, is a guess."
    names = ("Fz", "C3", "Cz", "C4", "Pz", "", None, "oz")
    keep(info, names, "mV")
    after = opened()
    assert not doubts(after)
    assert after.ch_names == ("Fz", "C3", "Cz", "C4", "Pz", "Oz")
    assert after.channels[6].kind == "misc"
    assert {after.channels[k].scale_uv for k in after.picks} == {1e3}
    assert (unit_of(after), after.unit_confirmed) == ("mV", True)


def test_channels_that_nobody_knows_are_counted():
    assert doubts(opened("Nobody")) == Doubts(8, False, "uV")
    assert texts.doubt(8, 8, False, "").startswith("No electrode has a name")
    assert texts.doubt(8, 2, False, "").startswith("2 of 8 electrodes")


def test_only_the_unit_may_be_in_doubt_and_the_labels_stay():
    info = opened(labels=("Fp1", "Cz", "O2"))
    assert doubts(info) == Doubts(0, False, "uV")
    keep(info, ("Fp1", "Cz", "O2"), "uV")
    after = opened(labels=("Fp1", "Cz", "O2"))
    assert (after.ch_names, after.unit_confirmed) == (("Fp1", "Cz", "O2"), True)


def test_what_the_device_calls_eeg_can_be_said_to_be_none():
    labels = ("Ch1", "Ch2", "Ch3")
    keep(opened("Amp", labels, "uV", "EEG"), ("C3", "C4", None), "uV")
    after = opened("Amp", labels, "uV", "EEG")
    assert after.ch_names == ("C3", "C4")


def test_no_names_at_all_are_an_answer_too():
    info = opened("Nobody")
    keep(info, ("",) * 8, "uV")
    known = recall(info.name, info.hostname, labels_of(info))
    assert known is not None
    assert (known.confirmed, any(known.names)) == (True, False)
    assert not doubts(opened("Nobody"))


def test_units_are_told_by_what_they_would_make_of_the_signal():
    by_unit = {meaning.unit: meaning for meaning in meanings(eeg(4), SFREQ)}
    assert by_unit["uV"].alpha_uv == pytest.approx(12.0, rel=0.1)
    assert (by_unit["uV"].like_eeg, by_unit["uV"].likely) == (True, True)
    assert by_unit["V"].alpha_uv == pytest.approx(12e6, rel=0.1)
    assert not by_unit["V"].like_eeg
    assert next(m for m in meanings(eeg(4, 12e-6), SFREQ) if m.likely).unit == "V"


def test_nothing_is_said_of_a_signal_that_is_not_there():
    for samples in (np.empty((0, 4)), np.zeros((500, 4))):
        assert not any(meaning.likely for meaning in meanings(samples, SFREQ))
    assert texts.unit_means(0.0, float("nan"), False) == "nothing moves, so it cannot tell"


@pytest.mark.parametrize(
    ("uv", "words"),
    [(12.3, "12.3 µV"), (12e6, "12 V"), (4.5e3, "4.5 mV"), (0.012, "12 nV"), (1.2e-5, "12 pV"), (5e9, "5,000 V")],
)
def test_voltages_read_well(uv: float, words: str):
    assert texts.voltage(uv) == words


def test_ways_to_name_the_channels():
    assert list(ways_to_name(opened())) == ["usual", "none", "order"]
    assert ways_to_name(opened())["usual"][0] == "Fp1"
    assert list(ways_to_name(opened("Nobody"))) == ["none", "order"]
    assert ways_to_name(opened("Nobody"))["order"][:3] == ("Fp1", "Fp2", "F7")
    labelled = opened(labels=("T3", "Cz"))
    assert ways_to_name(labelled)["labels"] == ("T7", "Cz")
    keep(labelled, ("T7", "Pz"), "uV")
    assert ways_to_name(opened(labels=("T3", "Cz")))["remembered"] == ("T7", "Pz")


def test_wrong_names_are_found():
    assert trouble_with(("Cz", "", "fp1")) == ""
    assert trouble_with(("Cz", "Nose")) == "Nose"
    assert trouble_with(("T3", "T7")) == ("twice", "T7")


def test_the_unit_of_a_stream_that_is_scaled():
    info = opened(labels=("Fp1", "Cz"), unit="mV")
    assert unit_of(replace(info, channels=info.channels)) == "mV"
