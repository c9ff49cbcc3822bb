"""Labels, positions and kinds of channel, as headsets really write them."""

import re

import numpy as np
import pytest

from core.montage import canonical_name, canonical_names, channel_kind, position, positions, template
from tools.make_montage import template_positions


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Fp1", "Fp1"),
        ("FP1", "Fp1"),
        ("fpz", "Fpz"),
        ("EEG Fp1-REF", "Fp1"),
        ("EEG FP2-LE", "Fp2"),
        ("EEG-O1", "O1"),
        ("C3-A2", "C3"),
        ("Fc5.", "FC5"),
        ("Cz..", "Cz"),
        (" POz ", "POz"),
        ("T3", "T7"),
        ("EEG T4", "T8"),
        ("t5", "P7"),
        ("T6-A1", "P8"),
        ("TP9", "TP9"),
        ("AF7", "AF7"),
        ("ccp5H", "CCP5h"),
        ("M1", "M1"),
        ("Ch1", None),
        ("EEG 001", None),
        ("EEG 1", None),
        ("EEG", None),
        ("", None),
        ("EEG A2-A1", None),
        ("Fp1-F3", None),
        ("Right AUX", None),
        ("Counter", None),
    ],
)
def test_canonical_name(label: str, name: str | None) -> None:
    assert canonical_name(label) == name


def test_a_numbered_series_is_no_montage() -> None:
    biosemi = tuple(f"A{i}" for i in range(1, 33))
    assert set(canonical_names(biosemi)) == {None}
    assert set(canonical_names(tuple(f"C{i}" for i in range(1, 9)))) == {None}
    cap = ("Fp1", "Fp2", "F7", "F3", "Fz", "A1", "A2", "C3", "Ch9")
    assert canonical_names(cap) == ("Fp1", "Fp2", "F7", "F3", "Fz", "A1", "A2", "C3", None)


def test_positions_are_those_of_mne() -> None:
    expected = template_positions()
    assert set(template()) == set(expected)
    for name, xyz in expected.items():
        np.testing.assert_allclose(template()[name], xyz, atol=1e-6)
    assert position("EEG T3-REF") == template()["T7"]
    assert position("Ch1") is None
    table = positions(("Oz", "Ch1"))
    assert table.shape == (2, 3)
    assert table.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(table).all(axis=1), [False, True])


def test_all_template_names_are_told_apart_by_lower_case() -> None:
    assert len({name.lower() for name in template()}) == len(template())
    assert all(canonical_name(name.upper()) in template() for name in template())


HEADSETS = {
    "muselsl": ("TP9 eeg AF7 eeg AF8 eeg TP10 eeg", "Right AUX:EEG:microvolts=misc AUX_RIGHT:eeg:microvolts=misc"),
    "liveamp": (
        "Fp1 EEG Cz EEG Oz EEG",
        "BIP1:bipolar:microvolts=misc AUX_1:AUX:=misc ACC_X:ACC:g=acc x_dir:ACC:=acc TRIGGER:trigger:=trigger "
        "DeviceTrigger:TRIG:=trigger STATUS:EEG:=trigger",
    ),
    "emotiv": (
        "AF3 EEG F7 EEG T7 EEG O2 EEG",
        "Timestamp:EEG:=timestamp OriginalTimestamp::=timestamp Counter:EEG:=counter Interpolate:EEG:=quality "
        "HardwareMarker:EEG:=trigger Markers:EEG:=trigger MARKER_HARDWARE:EEG:=trigger CQ_AF3:EEG:=quality "
        "Battery:EEG:=quality RAW_CQ:EEG:=quality",
    ),
    "unicorn": (
        "Fz - PO7 -",
        "EEG 1::=eeg Accelerometer X::=acc Gyroscope Z::=gyro Battery Level::=quality Counter::=counter "
        "Validation Indicator::=quality",
    ),
    "openbci": ("C3 EEG", "Ch1:EEG:=eeg ::=eeg EEG 001:EEG:uV=eeg Sample Counter:EEG:=counter Packet Num:EEG:=counter"),
    "cognionics": (
        "Fp1 EEG",
        "Packet Counter:EEG:=counter TRIGGER:EEG:=trigger ACC30:EEG:=acc ExG 1:EEG:=misc Impedance Fp1:EEG:=quality",
    ),
    "mbraintrain": ("C4 EEG", "AccX:acc:=acc GyroY:EEG:=gyro Gyro Z::=gyro X:gyroscope:dps=gyro"),
    "brainflow": ("P7 EEG", "Unix Time::=timestamp Package Num Channel:counter:=counter x::g=acc Marker::=trigger"),
    "mne": ("AFz eeg", "HEOG:eog:=eog EOG 061:EEG:=eog ECG:EEG:=ecg EKG1::=ecg zEMG::=emg STI 014::=trigger"),
    "peripheral": (
        "Pz EEG",
        "GSR1::=misc Resp::=misc Plet::=misc Temp::=misc EXG3::=misc EEG A2-A1::=misc ECG ECG::=ecg",
    ),
}  # fmt: skip


@pytest.mark.parametrize("headset", HEADSETS)
def test_channel_kind_of_real_headsets(headset: str) -> None:
    electrodes, others = HEADSETS[headset]
    words = electrodes.split()
    for label, lsl_type in zip(words[::2], words[1::2], strict=True):
        assert channel_kind(label, lsl_type.replace("-", ""), "microvolts") == "eeg", label
    for label, lsl_type, unit, kind in re.findall(r"(?:^| )?([^:=]*):([^:=]*):([^:= ]*)=(\w+)", others):
        assert channel_kind(label.strip(), lsl_type, unit) == kind, (label, lsl_type, unit)


def test_an_electrode_stays_eeg_whatever_its_unit_says() -> None:
    assert channel_kind("Cz", "EEG", "") == "eeg"
    assert channel_kind("Cz", "misc", "volts") == "eeg"
    assert channel_kind("Cz", "eog", "volts") == "eog"
    assert channel_kind("something", "", "g") == "acc"


def test_template_is_in_head_coordinates() -> None:
    x, y, z = (np.asarray(template()[name]) for name in ("T8", "Fpz", "Cz"))
    assert x[0] > 0.07
    assert y[1] > 0.1
    assert z[2] > 0.12
