"""What is made of a stream's description: names, kinds, units, positions, and what was remembered."""

import json
from pathlib import Path

import numpy as np
import pytest

from acquisition.device_memory import Mapping, recall, remember, suggestion
from acquisition.devices import channel_table, plain_channels, read_device
from acquisition.eeg_unit import settle_unit
from core.errors import ConfigError, FileFormatError
from core.montage import canonical_name, channel_kind, position

RNG = np.random.default_rng(0)


def _xml(channels, n_chans=None, name="Amp", host="lab", of_type="EEG"):
    entries = "".join(
        "<channel>" + "".join(f"<{key}>{value}</{key}>" for key, value in entry.items()) + "</channel>"
        for entry in channels
    )
    desc = f"<desc><channels>{entries}</channels></desc>" if channels else "<desc />"
    n_chans = len(channels) if n_chans is None else n_chans
    return (
        f'<?xml version="1.0"?><info><name>{name}</name><type>{of_type}</type><channel_count>{n_chans}</channel_count>'
        f"<source_id>s</source_id><hostname>{host}</hostname>{desc}</info>"
    )


def _table(channels, unit="", **kwargs):
    return channel_table(read_device(_xml(channels, **kwargs)), unit)


def _labels(text, **rest):
    return [{"label": label, **rest} for label in text.split()]


def _eeg(amplitude, n_chans, level=0.0):
    return level + amplitude * RNG.standard_normal((500, n_chans))


@pytest.fixture(autouse=True)
def _own(settings):
    pass


def test_electrodes_beside_unlabelled_types():
    table = _table(_labels("Fp1 T3 Cz Elec7 TRIG", unit="uV"))
    assert [c.name for c in table.channels] == ["Fp1", "T7", "Cz", "Elec7", "TRIG"]
    assert [c.kind for c in table.channels] == ["eeg", "eeg", "eeg", "misc", "trigger"]
    assert [text.partition(": ")[2] for text in table.notices] == [
        "left out is what names no electrode beside those that do: Elec7."
    ]
    assert table.channels[1].label == "T3"
    assert table.channels[1].position == position("T7")


def test_a_typed_channel_of_unknown_name_is_eeg_without_position():
    table = _table([*_labels("Fp1 Cz", type="EEG"), {"label": "Elec7", "type": "EEG"}])
    assert (table.channels[2].kind, table.channels[2].position) == ("eeg", None)


def test_channels_that_are_not_described_are_no_eeg_beside_electrodes():
    table = _table(_labels("Fp1 Cz", type="EEG"), n_chans=4)
    assert [c.kind for c in table.channels] == ["eeg", "eeg", "misc", "misc"]


def test_stream_type_is_not_the_channels():
    kinds = {c.kind for c in plain_channels(read_device(_xml(_labels("valence arousal"), of_type="Truth")))}
    assert kinds == {"misc"}


def _located(label, x, y, z):
    return f"<label>{label}</label><type>EEG</type><location><X>{x}</X><Y>{y}</Y><Z>{z}</Z></location>"


@pytest.mark.parametrize(
    ("label", "millimetres", "measured"),
    [
        ("Cz", (1.0, -8.0, 130.0), True),
        ("Cz", (0.0, 0.0, 1.0), False),  # a unit sphere, not a head
        ("Fz", (60.0, 0.0, 60.0), False),  # the nose along x
        ("Cz", ("", "", ""), False),
        ("Elec7", (10.0, 20.0, 90.0), True),
    ],
)
def test_positions(label, millimetres, measured):
    xml = _xml([{"label": "Oz", "type": "EEG"}]).replace("<channel_count>1", "<channel_count>2")
    xml = xml.replace("</channels>", f"<channel>{_located(label, *millimetres)}</channel></channels>")
    channel = channel_table(read_device(xml)).channels[1]
    if measured:
        assert channel.position == tuple(value / 1000.0 for value in millimetres)
    else:
        assert channel.position == position(label)


def test_damaged_description_loses_only_the_labels():
    xml = _xml(_labels("Fp1 Fp2")).replace("</label>", "<label>", 1)
    device = read_device(xml)
    assert (device.name, device.labels) == ("Amp", ("", ""))


@pytest.mark.parametrize("odd", ["\x01", "&#27;"])
def test_what_no_xml_can_hold_costs_only_itself(odd):
    device = read_device(_xml(_labels("Fp1 Fp2")).replace("Fp1", f"Fp{odd}1").replace("Amp", f"Am{odd}p"))
    assert (device.name, device.labels) == ("Am�p", ("Fp�1", "Fp2"))
    assert odd in device.desc


def test_a_description_that_is_no_xml_is_refused_in_one_sentence():
    with pytest.raises(FileFormatError, match="is no XML"):
        read_device("<info><name>a</info>")


def test_unknown_device_is_kept_for_a_person_to_name():
    table = _table([], n_chans=3)
    (notice,) = table.notices
    assert [c.name for c in table.channels] == ["1", "2", "3"]
    assert {c.position for c in table.channels} == {None}
    path = Path(notice.split("names in ")[1].split(", set")[0])
    tree = json.loads(path.read_text())
    tree.update(names=["C3", "Cz", "C4"], confirmed=True, unit="uV")
    path.write_text(json.dumps(tree))
    table = _table([], n_chans=3)
    assert [c.name for c in table.channels] == ["C3", "Cz", "C4"]
    assert table.channels[0].position == position("C3")
    assert (table.unit, table.notices) == ("uV", ())
    # Another host has another device of the same name.
    assert _table([], n_chans=3, host="home").notices


def test_what_a_person_set_beats_the_labels():
    device = read_device(_xml(_labels("Fp1 Fp2")))
    remember(device.name, device.hostname, device.labels, Mapping(("O1", "O2"), "", True))
    assert [c.name for c in channel_table(device).channels] == ["O1", "O2"]


def test_listing_streams_keeps_nothing(settings):
    channel_table(read_device(_xml([], n_chans=3)), keep=False)
    assert not list(settings.rglob("*.json"))


def test_settings_that_cannot_be_written_are_told(settings, monkeypatch):
    (settings / "file").write_text("")
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(settings / "file"))
    (notice,) = _table([], n_chans=3).notices
    assert "INSULA_CONFIG_DIR" in notice


@pytest.mark.parametrize("text", ["{", "[]", '{"names": ["C3"], "unit": "", "confirmed": true}', None])
def test_damaged_memory_names_the_file(text):
    labels = ("", "")
    path = remember("Amp", "lab", labels, Mapping(("C3", "C4"), "parsec" if text is None else ""))
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=path.name):
        recall("Amp", "lab", labels)


@pytest.mark.parametrize(
    ("name", "n_chans", "first", "last"),
    [
        ("obci_eeg1", 8, "Fp1", "O2"),
        ("OpenBCI", 16, "Fp1", "P4"),
        ("Cyton8_BFSample", 24, "Package Num", "Marker"),
        ("UnicornRecorderLSLStream", 17, "Fz", "Validation Indicator"),
        ("Muse", 5, "TP9", "Right AUX"),
        ("Crown-459", 8, "CP3", "CP4"),
        ("obci_eeg1", 9, "", ""),
        ("Nobody", 8, "", ""),
    ],
)
def test_suggestions(name, n_chans, first, last):
    names = suggestion(name, "", n_chans).names
    assert (len(names), names[0], names[-1]) == (n_chans, first, last)


@pytest.mark.parametrize(
    ("stated", "amplitude", "factor", "confirmed"),
    [
        ("microvolts", 15.0, 1.0, True),
        ("µV", 15.0, 1.0, True),
        ("volts", 15e-6, 1e6, True),
        ("mV", 15e-3, 1e3, True),
        ("volts", 15.0, 1.0, False),  # 15 million µV: not believed
        ("uV", 15e-6, 1e6, False),  # 15 pV: not believed
        ("mV", 15.0, 1e3, False),  # 15 mV: possible off the head, told
        ("uV", 4000.0, 1.0, False),
        ("", 15.0, 1.0, False),
        ("", 15e-6, 1e6, False),
        ("", 0.015, 1e3, False),
        ("", 9000.0, 1.0, False),  # nobody wears it yet: still µV
        ("", 0.0, 1.0, False),
        ("uV", 0.0, 1.0, True),  # flat: nothing to say against it
        ("counts", 15.0, 1.0, False),
    ],
)
def test_unit(stated, amplitude, factor, confirmed):
    table = _table([*_labels("Fp1 Fp2 O1", type="EEG", unit=stated), {"label": "TRIG", "type": "trigger"}])
    samples = np.column_stack([_eeg(amplitude, 3, level=4200.0 * (amplitude > 1)), np.zeros(500)])
    channels, told, notice = settle_unit(table, samples)
    assert {c.scale_uv for c in channels[:3]} == {factor}
    assert np.isnan(channels[3].scale_uv)
    assert told is confirmed
    assert bool(notice) is not confirmed
    assert confirmed or "eeg.unit" in notice


def test_what_no_unit_brings_near_eeg_is_said_to_be_so():
    table = _table(_labels("Fp1 Fp2", type="EEG", unit="V"))
    channels, confirmed, notice = settle_unit(table, _eeg(15e-12, 2))
    assert ([c.scale_uv for c in channels], confirmed) == ([1e6, 1e6], False)
    assert "no unit brings it near EEG" in notice
    assert "instead" not in notice


def test_configured_unit_rules():
    table = _table(_labels("Fp1 Fp2", type="EEG", unit="uV"), unit="mV")
    channels, confirmed, notice = settle_unit(table, _eeg(15.0, 2))
    assert ({c.scale_uv for c in channels}, confirmed) == ({1e3}, True)
    assert "The stream itself says 'uV', with which it is" in notice
    assert settle_unit(table, _eeg(0.015, 2))[2] == "", "the stream is wrong and the configuration right"


def test_channels_of_different_units_are_judged_apart():
    described = [*_labels("Fp1 Fp2", type="EEG", unit="uV"), *_labels("O1 O2", type="EEG", unit="mV")]
    samples = np.column_stack([_eeg(15.0, 2), _eeg(0.015, 2)])
    channels, confirmed, notice = settle_unit(_table(described), samples)
    assert ([c.scale_uv for c in channels], confirmed, notice) == ([1.0, 1.0, 1e3, 1e3], True, "")
    channels, confirmed, notice = settle_unit(_table(described), np.column_stack([_eeg(15.0, 2), _eeg(8e-6, 2)]))
    assert ([c.scale_uv for c in channels], confirmed) == ([1.0, 1.0, 1e6, 1e6], False)
    assert "(O1, O2)" in notice


@pytest.mark.parametrize(
    ("microvolts", "factors", "words"),
    [
        ([15.0, 18.0, 15e6], [1e6, 1e6, 1.0], "e+07 µV) is far off the 1"),
        ([15e6, 18e6, 15.0], [1.0, 1.0, 1e6], "(Fp1, Fp2) says its unit is 'V'"),
        ([15.0, 15e6, 18e6], [1e6, 1.0, 1.0], "(Fp2, O1) says its unit is 'V'"),
        ([15.0, 18.0, 1.5e-5], [1e6, 1e6, 1e6], "e-05 µV) is far off the"),  # a dead electrode?
        ([0.01, 0.01, 1500.0], [1e6, 1e6, 1e6], "e+03 µV) is far off the 0.0"),
        ([15.0, 18.0, 15e4], [1e6, 1e6, 1e6], ""),
        ([15.0, 0.0, 18.0], [1e6, 1e6, 1e6], ""),
    ],
)
def test_a_channel_that_is_far_off_the_others_is_told_and_taken_by_itself(microvolts, factors, words):
    samples = np.column_stack([_eeg(each * 1e-6, 1) for each in microvolts])
    channels, _, notice = settle_unit(_table(_labels("Fp1 Fp2 O1", type="EEG", unit="V")), samples)
    assert [channel.scale_uv for channel in channels] == factors
    assert words in notice
    assert bool(notice) is bool(words)


def test_an_eog_that_is_far_off_the_eeg_is_told_and_taken_by_itself():
    samples = np.column_stack([_eeg(15e-6, 2), _eeg(90.0, 1)])
    channels, confirmed, notice = settle_unit(_table(_labels("Fp1 Fp2 HEOG", unit="V")), samples)
    assert ([channel.scale_uv for channel in channels], confirmed) == ([1e6, 1e6, 1.0], True)
    assert "HEOG (" in notice
    assert "took uV instead" in notice


def test_with_a_configured_unit_a_channel_that_is_far_off_is_told():
    samples = np.column_stack([_eeg(15.0, 2), _eeg(15e-6, 1)])
    channels, confirmed, notice = settle_unit(_table(_labels("Fp1 Fp2 O1", unit="V"), unit="uV"), samples)
    assert ([channel.scale_uv for channel in channels], confirmed) == ([1.0, 1.0, 1.0], True)
    assert "but the amplitude of O1 is 100000 times off that of Fp1, Fp2" in notice


@pytest.mark.parametrize(
    ("labels", "electrodes"),
    [
        ("C3-M2 C4-M1 AIRFLOW SpO2 Snore X9", "C3-M2 C4-M1"),
        ("EEG Fpz-Cz|EOG horizontal|Resp oro-nasal|EMG submental|Temp rectal|Event marker|Q", "EEG Fpz-Cz"),
        ("F3-C3 C3-O1 PR SYNC", "F3-C3 C3-O1"),
        ("Ch1 Ch2 AIRFLOW SpO2", "Ch1 Ch2"),
        ("AIRFLOW SpO2 Pulse", ""),
        ("EEG 001|EEG 002|DC1", "EEG 001|EEG 002"),
    ],
)  # fmt: skip
def test_what_is_recorded_beside_the_eeg_is_none(labels, electrodes):
    by = "|" if "|" in labels else " "
    table = _table([{"label": label} for label in labels.split(by)])
    assert [c.label for c in table.channels if c.kind == "eeg"] == [each for each in electrodes.split(by) if each]


def test_a_label_made_to_be_slow_is_read_at_once():
    for piece in ("a_", "_", "aux_", "time_ ", "- a_."):
        assert canonical_name(piece * 500 + "!") is None
        channel_kind(piece * 500 + "!")  # took minutes for 28 of the first, and doubled with each more


@pytest.mark.parametrize(
    ("stated", "configured", "amplitude", "factor"),
    [("V", "", 15.0, 1.0), ("", "", 15e-6, 1e6), ("", "mV", 0.015, 1e3)],
)
def test_eog_and_ecg_of_the_same_unit_follow_the_eeg(stated, configured, amplitude, factor):
    described = [*_labels("Fp1 Fp2 HEOG", unit=stated), *_labels("ECG", unit="uV")]
    channels, _, _ = settle_unit(_table(described, unit=configured), _eeg(amplitude, 4))
    assert [c.scale_uv for c in channels] == [factor, factor, factor, 1.0]


def test_configured_unit_must_be_one():
    with pytest.raises(ConfigError, match=r"eeg\.unit is 'parsec'"):
        _table(_labels("Fp1 Fp2"), unit="parsec")


def test_no_eeg_at_all():
    table = _table(_labels("TRIG STATUS"))
    assert settle_unit(table, np.zeros((10, 2))) == (table.channels, True, "")
