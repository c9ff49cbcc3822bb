import numpy as np
import pytest

from core.montage import canonical_name, canonical_names, channel_kind, position, positions, template
from core.units import guess_unit, scale_to_uv


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("FP1", "Fp1"), ("EEG Fp1-REF", "Fp1"), ("Fc5.", "FC5"), ("T3", "T7"), ("T4", "T8"), ("EEG T5-LE", "P7"),
        ("t6", "P8"), ("C3-A2", "C3"), ("AF7", "AF7"), ("Cz..", "Cz"), ("Ch1", None), ("EEG 001", None),
        ("Fp 2", "Fp2"), ("EEG C 3-A2", "C3"), ("A 1", "A1"), ("C z", "Cz"), ("Ch 1", None), ("P 300", None),
        ("Right AUX", None), ("A2-A1", None), ("Fp1-F3", None), ("", None), ("ECG", None),
    ],
)  # fmt: skip
def test_labels_become_canonical(label: str, name: str | None):
    assert canonical_name(label) == name


def test_a_numbered_series_is_no_montage():
    assert canonical_names(tuple(f"C{k}" for k in range(1, 9))) == (None,) * 8
    assert canonical_names(tuple(f"C {k}" for k in range(1, 10))) == (None,) * 9
    assert canonical_names(("C3", "C4", "O1", "O2")) == ("C3", "C4", "O1", "O2")


@pytest.mark.parametrize(
    ("label", "lsl_type", "unit", "kind"),
    [
        ("Fp1", "EEG", "microvolts", "eeg"), ("Counter", "EEG", "", "counter"), ("Timestamp", "", "", "timestamp"),
        ("Markers", "", "", "trigger"), ("TRIGGER", "EEG", "", "trigger"), ("ACC_X", "", "", "acc"),
        ("X", "ACC", "g", "acc"), ("Right AUX", "EEG", "microvolts", "misc"), ("EKG", "", "", "ecg"),
        ("Battery", "", "", "quality"), ("Interpolate", "", "", "quality"), ("VEOG", "EOG", "", "eog"),
        ("VEO", "", "", "eog"), ("HEO", "EEG", "uV", "eog"), ("LVEO", "", "", "eog"), ("HEOR", "", "", "eog"),
        ("LO1", "EEG", "", "eog"), ("IO2", "", "uV", "eog"), ("SO1", "", "", "eog"), ("O1", "", "", "eeg"),
    ],
)  # fmt: skip
def test_what_is_no_electrode_is_told_apart(label: str, lsl_type: str, unit: str, kind: str):
    assert channel_kind(label, lsl_type, unit) == kind


def test_places_are_those_of_mne():
    mne = pytest.importorskip("mne")
    theirs = mne.channels.make_standard_montage("colin27_1005")
    head = mne.create_info(theirs.ch_names, 100.0, "eeg", verbose="error")
    head.set_montage(theirs, verbose="error")
    places = {channel["ch_name"]: channel["loc"][:3] for channel in head["chs"]}
    assert len(template()) > 300
    for name in ("Fp1", "Cz", "O2", "TP9", "AF7", "FCC5h"):
        np.testing.assert_allclose(position(name), places[name], atol=2e-4)
    assert np.isnan(positions(("Ch1", "Cz"))[0]).all()


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("microvolts", 1),
        ("uV", 1),
        ("\u00b5V", 1),
        ("\u03bcV", 1),
        ("V", 1e6),
        ("volts", 1e6),
        ("mV", 1e3),
        ("nV", 1e-3),
    ],
)
def test_units_are_understood(unit: str, scale: float):
    assert scale_to_uv(unit) == pytest.approx(scale)


@pytest.mark.parametrize("unit", ["", "g", "percent"])
def test_what_is_no_voltage_has_no_scale(unit: str):
    assert scale_to_uv(unit) is None


@pytest.mark.parametrize(("factor", "unit"), [(1.0, "uV"), (1e-6, "V"), (1e-3, "mV")])
@pytest.mark.parametrize("offset", [0.0, 4200.0])
def test_the_magnitude_tells_the_unit(factor: float, unit: str, offset: float):
    rng = np.random.default_rng(0)
    samples = (
        np.cumsum(rng.standard_normal((1000, 8)), axis=0) * 0.8 + 8 * rng.standard_normal((1000, 8)) + offset
    ) * factor
    guessed, amplitude = guess_unit(samples)
    assert scale_to_uv(guessed) == scale_to_uv(unit)
    assert amplitude > 0
