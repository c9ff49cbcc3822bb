import math
from pathlib import Path

import mne
import numpy as np
import pytest

from app.study.mne_raw import to_raw
from core.data import Channel, Chunk, Label, Marker, Notice, StreamInfo
from core.errors import FileFormatError

CHANNELS = (
    Channel("Fp1", "Fp1", position=(0.0, 0.1, 0.0)),
    Channel("TRG", "TRG", "trigger"),
    Channel("Oz", "Oz", scale_uv=1e6),
)
INFO = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=CHANNELS)


def chunk(start: float, n: int, sfreq: float = 100.0) -> Chunk:
    return Chunk("k", start + np.arange(n) / sfreq, np.tile(np.array([[10.0, 99.0, 1e-5]], np.float32), (n, 1)))


def spans(raw: mne.io.BaseRaw) -> list[tuple[float, float, str]]:
    return [(round(a["onset"], 2), round(a["duration"], 2), a["description"]) for a in raw.annotations]


def test_a_gap_is_zero_under_an_annotation_and_later_samples_keep_their_time():
    items = [chunk(50.0, 200), Notice("k", 52.5, "lost", "gone"), chunk(53.0, 100)]
    label = Label("u", "", "P001", 53.2, 53.8, 60.0, label="happy")
    _, (first, _), raw = to_raw([INFO], items, [label], 0.15)
    assert first == 50.0
    assert raw.ch_names == ["Fp1", "TRG", "Oz"]
    assert raw.get_channel_types() == ["eeg", "stim", "eeg"]
    np.testing.assert_allclose(raw.get_data("eeg")[:, [0, 199, 301, 399]], 10e-6, rtol=1e-5)
    np.testing.assert_array_equal(raw.get_data()[:, 210:290], 0)
    assert spans(raw) == [
        (0.0, 0.0, "TRG/99"), (2.0, 1.0, "BAD_gap"), (3.0, 0.0, "TRG/99"), (3.2, 0.6, "affect/happy"),
    ]  # fmt: skip


def test_one_loss_is_one_annotation_a_gap_where_samples_are_missing():
    lost = [Notice("k", 52.0, "lost", "gone"), Notice("k", 52.5, "lost", "still gone"), Notice("k", 53.4, "back", "")]
    other = Notice("video", 50.5, "lost", "gone")
    _, _, raw = to_raw([INFO], [chunk(50.0, 200), *lost, chunk(53.0, 100), other], [], 0.15)
    assert [span for span in spans(raw) if "TRG" not in span[2]] == [(2.0, 1.0, "BAD_gap")]
    _, _, raw = to_raw([INFO], [chunk(50.0, 400), *lost], [], 0.15)
    assert [span for span in spans(raw) if "TRG" not in span[2]] == [(2.0, 1.4, "stream/lost")]
    _, _, raw = to_raw([INFO], [chunk(50.0, 400), lost[0]], [], 0.15)
    assert [span for span in spans(raw) if "TRG" not in span[2]] == [(2.0, 1.99, "stream/lost")]


def test_the_rate_is_the_measured_one():
    _, _, raw = to_raw([INFO], [chunk(0.0, 6000, 99.8)], [], 0.15)
    assert raw.info["sfreq"] == pytest.approx(99.8, rel=1e-5)


def test_stamps_that_stand_still_for_a_while_leave_rate_and_samples_as_they_are():
    times = np.arange(2000) / 100.0
    times[800:1200] = times[800]
    told: list[str] = []
    _, _, raw = to_raw([INFO], [Chunk("k", times, np.full((2000, 3), 5.0))], [], 0.15, tell=told.append)
    assert (raw.info["sfreq"], raw.n_times, told) == (100.0, 2000, [])
    assert "BAD_gap" not in raw.annotations.description


def test_packets_whose_samples_have_one_stamp_show_the_rate_of_their_samples():
    data = np.full((2000, 3), 5.0)
    _, _, raw = to_raw([INFO], [Chunk("k", np.repeat(np.arange(80) / 4.0, 25), data)], [], 0.3)
    assert (raw.info["sfreq"], raw.n_times) == (100.0, 2000)


def test_a_rate_that_is_not_the_declared_one_is_told():
    told: list[str] = []
    _, _, raw = to_raw([INFO], [chunk(0.0, 2000, 125.0)], [], 0.15, tell=told.append)
    assert raw.info["sfreq"] == pytest.approx(125.0)
    assert told == ["The EEG stream declares 100 Hz. Its stamps show 125.0 Hz, which is taken."]


def test_a_marker_within_the_time_of_the_first_sample_is_at_it_and_one_before_is_told():
    told: list[str] = []
    markers = [Marker(49.994, "now", "m"), Marker(49.98, "before", "m")]
    _, _, raw = to_raw([INFO], [chunk(50.0, 200)], [], 0.15, markers, told.append)
    assert (0.0, 0.0, "now") in spans(raw)
    assert told == ["1 of 2 markers lie before or after the EEG and are left out. --to tsv has all."]


def test_names_that_fif_cannot_hold_are_written_without_accents_and_told(tmp_path: Path):
    names = ("Größe", "脳1", "Cz")
    info = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=tuple(Channel(name, name) for name in names))
    told: list[str] = []
    _, _, raw = to_raw([info], [Chunk("k", np.arange(200) / 100, np.ones((200, 3)))], [], 0.15, tell=told.append)
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    assert mne.io.read_raw(tmp_path / "a_raw.fif", verbose="error").ch_names == ["Gro?e", "?1", "Cz"]
    assert told == ["Channels whose names FIF cannot hold are called otherwise: Größe is Gro?e, 脳1 is ?1."]


def test_channels_of_the_same_name_are_told_apart():
    twice = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=(Channel("1", "1"), Channel("1", "1")))
    data = Chunk("k", np.arange(50) / 100, np.zeros((50, 2), np.float32))
    assert to_raw([twice], [data], [], 0.15)[2].ch_names == ["1", "1-1"]


def test_a_recording_without_eeg_is_told():
    with pytest.raises(FileFormatError, match="no EEG"):
        to_raw([], [], [], 0.15)
    with pytest.raises(FileFormatError, match="empty"):
        to_raw([INFO], [], [], 0.15)


def test_what_is_missing_is_a_gap_of_the_channels_that_lack_it():
    item = chunk(0.0, 300)
    item.data[100:120] = np.nan
    item.data[150, 0] = np.nan
    item.data[200:210, 2] = np.inf
    _, _, raw = to_raw([INFO], [item], [], 0.15)
    gaps = [
        (a["onset"], round(a["duration"], 2), a.get("ch_names", ()))
        for a in raw.annotations
        if "gap" in a["description"]
    ]
    assert gaps == [(1.0, 0.2, ()), (1.5, 0.01, ("Fp1",)), (2.0, 0.1, ("Oz",))]
    data = raw.get_data("eeg")
    np.testing.assert_array_equal(data[:, 100:120], 0)
    np.testing.assert_array_equal(data[1, 200:210], 0)
    np.testing.assert_allclose(data[0, 200:210], 10e-6, rtol=1e-5)


def test_what_lies_before_or_after_the_eeg_is_cut_or_left_out_and_said():
    labels = [
        Label("a", "", "P001", 8.0, 9.0, 60.0, label="sad"),
        Label("b", "", "P001", 9.5, 10.5, 60.0, label="happy"),
        Label("c", "", "P001", 11.0, 11.5, 60.0, label="calm"),
        Label("d", "", "P001", 11.8, 15.0, 60.0, label="fear"),
        Label("e", "", "P001", 12.5, 15.0, 60.0, label="anger"),
    ]
    markers = [Marker(9.9, "early"), Marker(10.0, "first"), Marker(11.99, "last"), Marker(12.2, "late")]
    said: list[str] = []
    info = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=CHANNELS[:1])
    data = Chunk("k", 10.0 + np.arange(200) / 100, np.ones((200, 1), np.float32))
    _, _, raw = to_raw([info], [data], labels, 0.15, markers, said.append)
    assert spans(raw) == [
        (0.0, 0.0, "first"), (0.0, 0.5, "affect/happy"), (1.0, 0.5, "affect/calm"), (1.8, 0.2, "affect/fear"),
        (1.99, 0.0, "last"),
    ]  # fmt: skip
    assert said == [
        "2 of 4 markers lie before or after the EEG and are left out. --to tsv has all.",
        "2 of 5 answers lie before or after the EEG and are left out. --to tsv has all.",
        "2 of 5 answers reach over the ends of the EEG and are cut there. --to tsv has them whole.",
    ]


def test_channels_go_out_as_what_they_are():
    channels = (
        Channel("C3", "C3", scale_uv=1e3, bad=True),
        Channel("HEOG", "HEOG", "eog", "uV", 1.0),
        Channel("VEOG", "VEOG", "eog", "", float("nan")),
        Channel("SpO2", "SpO2", "misc", "%", float("nan")),
        Channel("Status", "Status", "trigger", "", float("nan")),
        Channel("CNT", "CNT", "counter"),
    )
    info = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=channels)
    values = np.tile(np.array([[0.02, 30.0, 5.0, 97.0, 0.0, 1.0]]), (300, 1))
    values[100:105, 4], values[105:110, 4], values[200, 4] = 7, 9, 3
    said: list[str] = []
    _, _, raw = to_raw([info], [Chunk("k", np.arange(300) / 100, values)], [], 0.15, tell=said.append)
    types = ["eeg", "eog", "misc", "misc", "stim"]
    assert dict(zip(raw.ch_names, raw.get_channel_types(), strict=True)) == dict(
        zip(("C3", "HEOG", "VEOG", "SpO2", "Status"), types, strict=True)
    )
    np.testing.assert_allclose(raw.get_data()[:4, 0], [20e-6, 30e-6, 5.0, 97.0])
    assert mne.find_events(raw, "Status", verbose="error", consecutive=True)[:, [0, 2]].tolist() == [
        [100, 7], [105, 9], [200, 3],
    ]  # fmt: skip
    assert spans(raw) == [(1.0, 0.0, "Status/7"), (1.05, 0.0, "Status/9"), (2.0, 0.0, "Status/3")]
    assert raw.info["bads"] == ["C3"]
    assert said == ["Channels that tell of the device, not of the person, are left out: CNT."]


def test_a_channel_that_counts_is_no_row_of_events():
    info = StreamInfo("k", "eeg", "P001", "amp", sfreq=100.0, channels=CHANNELS[:2])
    values = np.column_stack([np.ones(3000), np.arange(3000)])
    _, _, raw = to_raw([info], [Chunk("k", np.arange(3000) / 100, values)], [], 0.15)
    assert len(raw.annotations) == 0
    np.testing.assert_array_equal(raw.get_data("stim")[0], np.arange(3000))


def test_stamps_that_jump_back_are_said():
    said: list[str] = []
    _, _, raw = to_raw([INFO], [chunk(50.0, 200), chunk(40.0, 100)], [], 0.15, tell=said.append)
    assert raw.n_times == 300
    assert said == ["The stamps jump back by 12.00 s at 40.00 s: what follows is put right behind what came before."]


def told_raw(chunks: list[Chunk]) -> tuple[np.ndarray, float, list[dict[str, object]], list[str]]:
    told: list[str] = []
    _, (first, _), raw = to_raw([INFO], chunks, [], 0.15, (), told.append)
    gaps = [note for note in raw.annotations if "gap" in note["description"]]
    return raw.get_data("eeg"), first, gaps, told


@pytest.mark.parametrize("at", [0, 1, 100, 598, 599])
@pytest.mark.parametrize("value", [1e6, 0.0, -1e8, 1e15, math.nan, math.inf])
def test_one_stamp_that_is_far_off_makes_no_hours_of_zeros(at: int, value: float):
    times = 90_000.0 + np.arange(600) / 100.0
    times[at] = value
    data, first, notes, told = told_raw([Chunk("k", times, chunk(0.0, 600).data)])
    assert 598 <= data.shape[1] <= 600
    np.testing.assert_allclose(data[0], 10e-6, rtol=1e-5)
    assert first == pytest.approx(90_000.0, abs=0.03)
    assert notes == []
    assert len(told) == 1


def test_some_samples_near_zero_before_the_recording_are_left_out():
    times = np.concatenate([[0.0, 0.01, 0.02], 100_800.0 + np.arange(600) / 100.0])
    data, first, _, told = told_raw([Chunk("k", times, chunk(0.0, 603).data)])
    assert (data.shape[1], first) == (600, 100_800.0)
    assert told == ["3 samples are stamped hours from the others, or alone: they are left out."]


def test_where_another_clock_begins_the_longer_part_is_kept():
    data, first, _, told = told_raw([chunk(50.0, 200), chunk(1e6, 500)])
    assert (data.shape[1], first) == (500, 1e6)
    assert told[0].startswith("200 samples are stamped hours from the others")


def test_an_hour_of_lunch_stays_a_gap():
    data, _, notes, told = told_raw([chunk(0.0, 60_000), chunk(4200.0, 60_000)])
    assert data.shape[1] == 480_000
    (gap,) = notes
    assert gap["description"] == "BAD_gap"
    assert (gap["onset"], gap["duration"]) == (pytest.approx(600.0), pytest.approx(3600.0))
    assert told == []


def test_stamps_that_stand_still_take_the_declared_rate():
    data, _, _, _ = told_raw([Chunk("k", np.full(500, 7.0), chunk(0.0, 500).data)])
    assert data.shape[1] == 500


def test_many_gaps_that_would_fill_the_memory_are_refused():
    far = [chunk(20_000.0 * k, 60) for k in range(30)]
    with pytest.raises(FileFormatError, match="nearly all of it is gaps"):
        told_raw(far)
