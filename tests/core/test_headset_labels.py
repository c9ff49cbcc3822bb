"""What the channels of real headsets are, label by label, type and unit as each of them sends it."""

import pytest

from core.montage import channel_kind

HEADSETS = {
    "muselsl": """
        TP9|EEG|microvolts|eeg  AF7|eeg|microvolts|eeg  Right AUX|EEG|microvolts|misc  AUX_RIGHT|eeg|microvolts|misc""",
    "LiveAmp": """
        Fp1|EEG|microvolts|eeg  BIP1|bipolar|microvolts|misc  AUX_1|AUX||misc  ACC_X|ACC|g|acc  x_dir|ACC||acc
        TRIGGER|trigger||trigger  DeviceTrigger|TRIG||trigger  STATUS|EEG||trigger""",
    "Emotiv": """
        AF3|EEG||eeg  T7|EEG||eeg  Timestamp|EEG||timestamp  OriginalTimestamp|||timestamp  Counter|EEG||counter
        Interpolate|EEG||quality  HardwareMarker|EEG||trigger  Markers|EEG||trigger  MARKER_HARDWARE|EEG||trigger
        CQ_AF3|EEG||quality  Battery|EEG||quality  RAW_CQ|EEG||quality""",
    "Unicorn": """
        EEG 1|||eeg  Fz|||eeg  Accelerometer X|||acc  Gyroscope Z|||gyro  Battery Level|||quality  Counter|||counter
        Validation Indicator|||quality""",
    "OpenBCI": "|||eeg  Ch1|EEG||eeg  EEG 001|EEG|uV|eeg  Sample Counter|EEG||counter  Packet Num|EEG||counter",
    "BrainFlow": "P7|EEG||eeg  Unix Time|||timestamp  Package Num Channel|counter||counter  x||g|acc  Marker|||trigger",
    "CGX": """
        Fp1|EEG||eeg  Packet Counter|EEG||counter  TRIGGER|EEG||trigger  ACC30|EEG||acc  ExG 1|EEG||misc
        Impedance Fp1|EEG||quality""",
    "mBrainTrain": "C4|EEG||eeg  AccX|acc||acc  GyroY|EEG||gyro  Gyro Z|||gyro  X|gyroscope|dps|gyro",
    "Neurosity": "CP3|EEG||eeg  PO4|EEG||eeg",
    "ANT eego": "Ch1|EEG|uV|eeg  TRG|EEG||trigger",
    "MNE-LSL": "AFz|eeg|V|eeg  HEOG|eog|V|eog  EOG 061|EEG||eog  EKG1|||ecg  zEMG|||emg  STI 014|stim||trigger",
    "peripheral": "GSR1|||misc  Resp|||misc  Plet|||misc  Temp|||misc  EXG3|||misc  EEG A2-A1|||misc  ECG ECG|||ecg",
}


@pytest.mark.parametrize("headset", HEADSETS)
def test_every_channel_is_taken_for_what_it_is(headset: str) -> None:
    for channel in HEADSETS[headset].replace("\n", "  ").split("  "):
        if channel.strip():
            label, lsl_type, unit, kind = channel.strip(" ").split("|")
            assert channel_kind(label, lsl_type, unit) == kind, channel
