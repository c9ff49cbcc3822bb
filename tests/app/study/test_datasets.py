"""Each data set from tiny files in its exact format to the table, and from the table to windows."""

import csv
import io
import json
import math
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from acquisition.eeg_file import EegFile
from app.cli import main
from app.study.datasets import catalogue, deap, eav, faced, mahnob_hci, seed, seed_v
from app.study.datasets.dasps import EPOC
from app.study.datasets.dataset import ImportedTrial
from app.study.datasets.importing import Imported, import_dataset
from app.study.datasets.made_files import Made
from app.study.datasets.pickled import unpickled
from app.study.labelled_data import read_labelled
from app.study.rating_samples import read_samples
from app.study.trials_table import Trial, read_trials
from core.config import Config
from core.errors import ConfigError, FileFormatError
from tests.app.study.set_copies import (
    BLACK,
    amigos_copy,
    bids_copy,
    dasps_copy,
    deap_copy,
    dreamer_copy,
    eav_copy,
    faced_copy,
    mahnob_copy,
    noise,
    seed_copy,
    seed_v_copy,
)
from tests.app.study.test_filmed_files import film
from training.examples import Examples
from training.loop import silent
from training.targets import Target


def imported(name: str, source: Path, study: Path) -> tuple[Imported, list[Trial]]:
    found = import_dataset(name, source, study, lambda _: None)
    return found, read_trials(study / "trials.tsv")


def signal(path: Path, trial: Trial | None = None) -> tuple[tuple[str, ...], float, np.ndarray]:
    """Return the electrodes, the rate and the EEG in µV, of a trial or of all."""
    with EegFile(path, "P") as source:
        info = source.infos[0]
        start, stop = (trial.start, trial.stop) if trial is not None else source.span
        first, last = round(start * info.sfreq), round(stop * info.sfreq)
        data = source._signals.read(first, last)[:, list(info.picks)]
        scale = [info.channels[k].scale_uv for k in info.picks]
        return info.ch_names, info.sfreq, (data * scale).T


def learnable(study: Path, target: str) -> Examples:
    """Return the labelled windows of a study, which has both classes, each trial a trial."""
    found = read_labelled(study, Config(), lambda _: None, Target.read(target))
    ex = found.examples
    known = ex.label >= 0
    assert set(ex.label[known]) == {*range(len(found.classes))}
    assert ex.has_eeg[known].any()
    return ex


# DASPS


@pytest.mark.parametrize("turned", [False, True])
def test_dasps(tmp_path: Path, turned: bool):
    data, labels = dasps_copy(tmp_path, turned)
    found, trials = imported("dasps", tmp_path, tmp_path / "study")
    assert (found.n_people, found.n_trials) == (1, 12)
    for k in (0, 7):
        names, sfreq, eeg = signal(tmp_path / "study" / trials[k].file, trials[k])
        assert (names, sfreq) == (EPOC, 128.0)
        np.testing.assert_allclose(eeg, data[k].T, atol=1e-3)
        assert trials[k].valence == pytest.approx((labels[0, k] - 5) / 4)
        assert trials[k].arousal == pytest.approx((labels[1, k] - 5) / 4)
    assert [trial.stimulus for trial in trials[:3]] == ["situation 1", "situation 1", "situation 2"]
    assert trials[0].group == trials[1].group != trials[2].group
    assert trials[1].start >= trials[0].stop + 5.0


def test_a_trial_of_dasps_that_was_not_rated_or_has_no_signal_is_left_out_alone(tmp_path: Path):
    labels, data = np.full((2, 12), 5.0), noise((12, 1920, 14))
    labels[1, 3], data[5, 7, 7] = 0.0, np.nan
    dasps_copy(tmp_path, labels=labels, data=data)
    dasps_copy(tmp_path, labels=labels, data=data, name="S01preprocessed.mat")
    found, trials = imported("dasps", tmp_path, tmp_path / "study")
    assert len(trials) == 10, "a copy that holds each person twice is read once"
    assert [what for what, _ in found.skipped] == ["S01, trial 4", "S01, trial 6"]
    assert [trial.stimulus for trial in trials[2:5]] == ["situation 2", "situation 3", "situation 4"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"data": np.zeros((12, 1920, 13))}, "of 12 x 1920 x 14"),
        ({"labels": np.ones((2, 11))}, "not 2 x 12"),
        ({"labels": np.full((2, 12), 11.0)}, "11 to 11 and not within 1 to 9"),
        ({"data": np.full((12, 1920, 14), np.nan)}, "not rated, or has samples that are no numbers"),
    ],
)
def test_a_wrong_copy_of_dasps_is_told(tmp_path: Path, changed: dict[str, np.ndarray], words: str):
    dasps_copy(tmp_path, **changed)
    with pytest.raises(FileFormatError, match=words):
        imported("dasps", tmp_path, tmp_path / "study")


# DREAMER


def test_dreamer(tmp_path: Path):
    clips = dreamer_copy(tmp_path)
    found, trials = imported("dreamer", tmp_path, tmp_path / "study")
    assert (found.n_people, found.n_trials) == (2, 36)
    names, sfreq, eeg = signal(tmp_path / "study" / trials[2].file, trials[2])
    assert (names, sfreq) == (EPOC, 128.0)
    np.testing.assert_allclose(eeg, clips[2].T, rtol=1e-6, atol=1e-3)
    assert (trials[0].valence, trials[0].arousal) == (-1.0, 1.0), "1 to 5 is mapped to -1 to 1"
    assert trials[17].valence == 1.0
    assert trials[18].participant == "S02"
    ex = learnable(tmp_path / "study", "valence>3")
    assert set(ex.participants) == {"S01", "S02"}


@pytest.mark.parametrize(("n_clips", "high", "words"), [(17, 5.0, "17 clips and not 18"), (18, 9.0, "within 1 to 5")])
def test_a_wrong_copy_of_dreamer_is_told(tmp_path: Path, n_clips: int, high: float, words: str):
    dreamer_copy(tmp_path, n_clips, high)
    with pytest.raises(FileFormatError, match=words):
        imported("dreamer", tmp_path, tmp_path / "study")


def test_a_struct_that_is_none_of_dreamer_is_told(tmp_path: Path):
    savemat(tmp_path / "DREAMER.mat", {"DREAMER": {"Other": 1}})
    with pytest.raises(FileFormatError, match="does not hold what DREAMER does: no field of name Data"):
        imported("dreamer", tmp_path, tmp_path / "study")


# DEAP


@pytest.mark.parametrize("kind", ["dat", "mat"])
def test_deap_preprocessed_joins_rows_and_faces_by_the_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    data = deap_copy(tmp_path, monkeypatch, kind, [3, 1, 4, 2])
    found, trials = imported("deap", tmp_path, tmp_path / "study")
    assert (found.n_trials, found.n_filmed) == (4, 2)
    by_video = {trial.stimulus: trial for trial in trials}
    shown_first, shown_second = by_video["video 03"], by_video["video 01"]
    assert Path(shown_first.video).name == "s01_trial01.avi"
    assert shown_first.video_offset == pytest.approx(-shown_first.start), "60 s of film begin with the video"
    assert Path(shown_second.video).name == "s01_trial02.avi"
    assert shown_second.video_offset == pytest.approx(3.0 - shown_second.start), "63 s of film begin 3 s before it"
    assert by_video["video 02"].video == ""
    assert (shown_first.valence, shown_first.arousal) == (1.0, -1.0)
    names, sfreq, eeg = signal(tmp_path / "study" / shown_first.file, shown_first)
    assert (names, sfreq) == (deap.CHANNELS, 128.0)
    np.testing.assert_allclose(eeg, data[2, :32, 3 * 128 :], atol=1e-3)


def test_deap_raw_is_in_the_order_of_presentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deap_copy(tmp_path, monkeypatch, "bdf", [3, 1, 4, 2])
    _, trials = imported("deap", tmp_path, tmp_path / "study")
    assert [(trial.stimulus, round(trial.start, 3)) for trial in trials] == [
        ("video 03", 5.0), ("video 01", 17.0), ("video 04", 29.0), ("video 02", 41.0),
    ]  # fmt: skip
    assert trials[0].valence == 1.0
    names, sfreq, _ = signal(Path(trials[0].file))
    assert (names, sfreq) == (deap.CHANNELS, 256.0)
    ex = learnable(tmp_path / "study", "valence>5")
    inside = (ex.start >= 5.0) & (ex.start + 2.0 <= 9.0)
    assert inside.sum() == 3
    assert set(ex.label[inside]) == {1}, "video 3, shown first, was rated 9"


def test_who_of_deap_has_raw_files_alone_beside_preprocessed_ones_of_others_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    order = [3, 1, 4, 2]
    deap_copy(tmp_path, monkeypatch, "bdf", order, people=(1, 2, 3))
    deap_copy(tmp_path, monkeypatch, "mat", order, people=(3,))
    deap_copy(tmp_path, monkeypatch, "dat", order, people=(1,))
    (tmp_path / "participant_ratings.csv").unlink()
    found, trials = imported("deap", tmp_path, tmp_path / "study")
    assert {trial.participant for trial in trials} == {"s01", "s03"}, ".dat of one, .mat of the other"
    assert [why for what, why in found.skipped if what == "s02.bdf"] == [
        "it is raw, and files of others are preprocessed: give a folder of one kind, or this person's preprocessed"
    ]
    assert not {"s01.bdf", "s03.bdf"} & {what for what, _ in found.skipped}


def test_ratings_of_deap_in_another_order_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deap_copy(tmp_path, monkeypatch, "dat", [3, 1, 4, 2])
    path = tmp_path / "participant_ratings.csv"
    path.write_text(
        path.read_text().replace("1,1,3,", "1,1,9,").replace("1,2,1,", "1,2,3,").replace("1,1,9,", "1,1,1,")
    )
    with pytest.raises(FileFormatError, match="rated otherwise"):
        imported("deap", tmp_path, tmp_path / "study")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("participant_ratings.csv", b"Participant_id;Trial;Experiment_id\n1;1;1\n", "lacks the columns Participant_id"),
        ("participant_ratings.csv", None, "invalid literal for int"),
        ("s01.dat", pickle.dumps({"data": "x", "labels": "y"}), "could not convert string to float"),
    ],
)
def test_files_of_deap_that_hold_something_else_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, words: str
):
    deap_copy(tmp_path, monkeypatch, "dat", [2, 1, 4, 3])
    path = tmp_path / name
    path.write_bytes(content if content is not None else path.read_bytes() + b"\nx,1,1,0,1,1,1,1,\n")
    with pytest.raises(FileFormatError, match=words):
        imported("deap", tmp_path, tmp_path / "study")


def test_a_pickle_that_holds_more_than_arrays_is_not_run(tmp_path: Path):
    class Bad:
        def __reduce__(self) -> Any:
            return (print, ("run",))

    with pytest.raises(FileFormatError, match="no array"):
        unpickled(pickle.dumps(Bad()), tmp_path / "s01.dat")
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    assert unpickled(pickle.dumps([1, "a", np.arange(3.0)], protocol=2), tmp_path)[2].tolist() == [0.0, 1.0, 2.0]


# MAHNOB-HCI


def test_mahnob(tmp_path: Path):
    mahnob_copy(tmp_path / "source")
    found, (trial,) = imported("mahnob-hci", tmp_path / "source", tmp_path / "study")
    assert (found.n_trials, found.n_filmed) == (1, 1)
    assert (trial.participant, trial.label, trial.stimulus) == ("P02", "amusement", "53")
    assert (trial.start, trial.stop) == pytest.approx((10.0, 30.0))
    assert (trial.valence, trial.arousal) == (0.75, -0.5)
    assert trial.rated(tmp_path, "predictability") == 1.0
    assert trial.video_fps == pytest.approx(60.97)
    # The clip began at audio sample 233006 - 0.016 * 44100, the film at 100000, and the EEG's first rise is at 10 s.
    assert trial.video_offset == pytest.approx((233006 - 0.016 * 44100 - 100000) / 44100 - 10.0, abs=1e-5)
    names, sfreq, _ = signal(Path(trial.file))
    assert (names, sfreq) == (deap.CHANNELS, 256.0), "of 47 signals 32 are EEG"
    lines = (tmp_path / "study" / trial.continuous).read_text().splitlines()
    assert lines[:3] == ["time\tannotated_valence", "10.0000\t5.000000", "10.2500\t5.400000"]


def test_a_session_of_mahnob_whose_film_cannot_be_placed_has_no_face(tmp_path: Path):
    mahnob_copy(tmp_path)
    next(tmp_path.rglob("*All-Data*")).unlink()
    found, (trial,) = imported("mahnob-hci", tmp_path, tmp_path / "study")
    assert trial.video == ""
    assert found.skipped == (
        ("face of session 132", "film and EEG cannot be put on one clock: there is no gaze table"),
    )


def test_a_wrong_copy_of_mahnob_is_told(tmp_path: Path):
    mahnob_copy(tmp_path, rises=1)
    with pytest.raises(FileFormatError, match="rises 1 times"):
        imported("mahnob-hci", tmp_path, tmp_path / "study")


def test_a_status_that_is_up_from_the_first_sample_tells_of_no_clip(tmp_path: Path):
    mahnob_copy(tmp_path, up=255)
    _, (trial,) = imported("mahnob-hci", tmp_path, tmp_path / "study")
    assert (trial.start, trial.stop) == (10.0, 30.0)


def test_a_session_of_mahnob_that_cannot_be_read_costs_itself_alone(tmp_path: Path):
    for k in range(3):
        mahnob_copy(tmp_path, number=132 + 2 * k)
    for number, felt in ((134, 'feltVlnc="?"'), (136, "")):
        path = tmp_path / "Sessions" / str(number) / "session.xml"
        path.write_text(path.read_text(encoding="utf-8").replace('feltVlnc="8"', felt), encoding="utf-8")
    found, trials = imported("mahnob-hci", tmp_path, tmp_path / "study")
    assert len(trials) == 1
    assert [what for what, _ in found.skipped] == ["session 134", "session 136"]
    assert "could not convert string to float: '?'" in found.skipped[0][1]
    assert "it was not rated" in found.skipped[1][1]


@pytest.mark.parametrize("told", ['audRate="0"', 'audRate="nan"', 'vidRate="-60"', 'audBeginSmp="inf"'])
def test_a_film_of_mahnob_whose_rates_cannot_be_costs_itself_alone(tmp_path: Path, told: str):
    for number in (132, 134):
        mahnob_copy(tmp_path, number=number)
    path = tmp_path / "Sessions" / "134" / "session.xml"
    name = told.partition("=")[0]
    path.write_text(re.sub(rf'{name}="[^"]*"', told, path.read_text(encoding="utf-8")), encoding="utf-8")
    found, trials = imported("mahnob-hci", tmp_path, tmp_path / "study")
    assert [bool(trial.video) for trial in trials] == [True, False]
    assert [what for what, _ in found.skipped] == ["face of session 134"]
    assert "cannot be put on one clock" in found.skipped[0][1]


@pytest.mark.parametrize(
    ("start", "stop", "more"),
    [(math.nan, 1.0, {}), (2.0, 1.0, {}), (0.0, math.inf, {}), (0.0, 1.0, {"video_offset": math.nan}),
     (0.0, 1.0, {"video_fps": -25.0})],
)  # fmt: skip
def test_a_trial_that_no_table_may_hold_costs_its_file_alone(tmp_path: Path, start: float, stop: float, more: Any):
    made = Made(tmp_path, silent)
    assert made.attempt("P01", (ImportedTrial("P01", tmp_path / "a.bdf", start, stop, **more) for _ in range(1))) == []
    ((what, why),) = made.skipped
    assert what == "P01"
    assert f"a trial from {start:g} to {stop:g} s" in why


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (lambda: 1 / 0, "division by zero"),
        (lambda: json.loads("{}")["labels"], "there is no 'labels'"),
        (lambda: csv.reader([""], "x"), "unknown dialect"),
    ],
)
def test_what_no_file_should_hold_is_told_in_words(tmp_path: Path, odd: Callable[[], Any], why: str):
    made = Made(tmp_path, silent)
    assert made.attempt("P01", (odd() for _ in range(1))) == []
    assert why in made.skipped[0][1]


# AMIGOS


def test_amigos(tmp_path: Path):
    clips = amigos_copy(tmp_path)
    found, trials = imported("amigos", tmp_path, tmp_path / "study")
    assert (found.n_trials, found.n_filmed) == (18, 1)
    assert [what for what, _ in found.skipped] == ["P02, video 13", "P02, video 14"]
    second = trials[1]
    assert (second.stimulus, second.group, Path(second.video).name) == ("video 11", "", "P2_11_face.mov")
    long = [(trial.stimulus, trial.group) for trial in trials if trial.group]
    assert long == [(f"video {name}", "four 1") for name in ("N1", "P1", "B1", "U1")], "in fours these were watched"
    assert (second.valence, second.arousal) == (-0.25, 0.5), "arousal stands first"
    assert second.stop - second.start == pytest.approx(4.0), "5 s come before the video"
    assert second.video_offset == pytest.approx(5.0 - second.start), "the film begins with the same 5 s"
    names, sfreq, eeg = signal(tmp_path / "study" / second.file, second)
    assert (names, sfreq) == (EPOC, 128.0)
    np.testing.assert_allclose(eeg, clips[1][5 * 128 :, :14].T, atol=1e-3)


def test_annotations_of_amigos_are_of_segments_that_overlap(tmp_path: Path):
    amigos_copy(tmp_path)
    _, trials = imported("amigos", tmp_path, tmp_path / "study")
    last = trials[-1]
    times, values = read_samples(tmp_path / "study" / last.continuous, last.scale)
    begin = last.start - 5.0
    np.testing.assert_allclose(times, begin + np.arange(27.0))
    # Of 27 s: segments from 0, from 5 and from 7 s, each 20 s long.
    wanted = [0.2] * 5 + [0.3] * 2 + [0.4] * 13 + [0.5] * 5 + [0.6] * 2
    np.testing.assert_allclose(values["external_valence"], wanted, atol=1e-4)
    np.testing.assert_allclose(values["external_arousal"], -np.array(wanted), atol=1e-4)
    found = read_labelled(tmp_path / "study", Config(), lambda _: None, Target.read("external_valence"))
    assert np.isfinite(found.examples.affect[:, 0]).any()


def test_annotations_of_amigos_that_are_not_of_a_video_as_long_are_left_out(tmp_path: Path):
    amigos_copy(tmp_path)
    path = next(tmp_path.rglob("Data_Preprocessed_P02.mat"))
    content = {name: value for name, value in loadmat(path).items() if not name.startswith("__")}
    content["labels_ext_annotation"][0, 19] = np.array([[k, 0.1, 0.1] for k in range(1, 7)])
    savemat(path, content)
    found, trials = imported("amigos", tmp_path, tmp_path / "study")
    assert ("P02, annotation of video U1", "it has 6 segments, which 27 s have not") in found.skipped
    assert [bool(trial.continuous) for trial in trials[-2:]] == [True, False]


def test_a_wrong_copy_of_amigos_is_told(tmp_path: Path):
    amigos_copy(tmp_path, n_channels=14)
    with pytest.raises(FileFormatError, match="not x 17"):
        imported("amigos", tmp_path, tmp_path / "study")


# EAV


def test_labels_of_eav_may_lie_either_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    eav_copy(tmp_path, monkeypatch)
    monkeypatch.setattr(eav, "SHAPE", (2000, 30, 8))
    home = tmp_path / "subject1" / "EEG"
    savemat(home / "subject1_eeg.mat", {"seg": noise((2000, 30, 8))})
    rows = np.array([9, 0, 3, 3, 1, 8, 0, 5])
    for turned in (False, True):
        label = np.zeros((10, 8), np.uint8)
        label[rows, np.arange(8)] = 1
        savemat(home / "subject1_eeg_label.mat", {"label": label.T if turned else label})
        for path in (tmp_path / "subject1" / "Video").glob("*.mp4"):
            path.unlink()
        _, trials = imported("eav", tmp_path, tmp_path / "study")
        assert [trial.label for trial in trials] == [eav.EMOTIONS[row // 2] for row in rows]


@pytest.mark.parametrize("key", ["seg", "seg1"])
def test_eav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str):
    data = eav_copy(tmp_path, monkeypatch, key)
    found, trials = imported("eav", tmp_path, tmp_path / "study")
    assert (found.n_trials, found.n_filmed) == (10, 2)
    assert [trial.label for trial in trials[::2]] == list(eav.EMOTIONS)
    assert [trial.stimulus for trial in trials[:2]] == ["listening", "speaking"]
    assert (trials[3].label, Path(trials[3].video).name) == ("sadness", "004_Trial_04_Speaking_Sadness.mp4")
    assert trials[3].video_offset == pytest.approx(-trials[3].start)
    names, sfreq, eeg = signal(tmp_path / "study" / trials[3].file, trials[3])
    assert (len(names), sfreq) == (30, 500.0)
    assert np.corrcoef(eeg[4], data[:, 4, 3])[0, 1] == pytest.approx(1.0, abs=1e-6)
    assert np.median(eeg.std(axis=1)) == pytest.approx(eav.USUAL_UV, rel=0.05), "no file says the unit"


def test_a_film_of_eav_that_says_another_emotion_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    eav_copy(tmp_path, monkeypatch)
    film(tmp_path / "subject1" / "Video" / "002_Trial_02_Listening_Neutral.mp4", lambda _: BLACK, 1.0)
    with pytest.raises(FileFormatError, match="the labels of this trial say neutral"):
        imported("eav", tmp_path, tmp_path / "study")


# SEED and SEED-V


def test_seed(tmp_path: Path):
    clips = seed_copy(tmp_path)
    found, trials = imported("seed", tmp_path, tmp_path / "study")
    assert (found.n_people, found.n_trials) == (1, 30)
    assert [trial.label for trial in trials[:3]] == ["positive", "neutral", "negative"]
    assert "ses-1" in trials[0].file
    names, sfreq, eeg = signal(tmp_path / "study" / trials[1].file, trials[1])
    assert (len(names), sfreq) == (60, 200.0), "CB1 and CB2 have no place"
    np.testing.assert_allclose(eeg[names.index("Cz")], clips["eeg2"][seed.CHANNELS.index("CZ")], atol=1e-3)
    savemat(tmp_path / "Preprocessed_EEG" / "label.mat", {"label": np.array([seed.LABELS[::-1]])})
    with pytest.raises(FileFormatError, match="labels are"):
        imported("seed", tmp_path, tmp_path / "study")


def test_a_session_of_seed_that_lacks_a_clip_is_told(tmp_path: Path):
    savemat(tmp_path / "2_20131107.mat", {f"a_eeg{k}": noise((62, 300)) for k in range(1, 15)})
    with pytest.raises(FileFormatError, match="not 1 to 15"):
        imported("seed", tmp_path, tmp_path / "study")


def test_seed_v(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = seed_v_copy(tmp_path, monkeypatch)
    (tmp_path / "notes_2_.cnt").touch()
    found, trials = imported("seed-v", tmp_path, tmp_path / "study")
    assert (found.n_people, found.n_trials) == (1, 15)
    assert [trial.label for trial in trials[:5]] == ["happy", "fear", "neutral", "sad", "disgust"]
    assert (trials[14].start, trials[14].stop) == (57.0, 60.0)
    assert "not that of a person" in dict(found.skipped)["notes_2_.cnt"]
    names, sfreq, eeg = signal(Path(trials[2].file), trials[2])
    assert sfreq == 1000.0
    assert {"VEO", "HEO"}.isdisjoint(names)
    np.testing.assert_allclose(eeg[names.index("Cz")], data[seed.CHANNELS.index("CZ"), 9000:12000], atol=0.006)
    ex = learnable(tmp_path / "study", "class")
    assert set(ex.participants) == {"S01"}


def test_a_session_of_seed_v_that_is_cut_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clips = seed_v.STARTS, seed_v.STOPS
    seed_v_copy(tmp_path, monkeypatch)
    assert [len(times) for times in (*clips[0], *clips[1])] == [15] * 6, "seconds of the set's own description"
    monkeypatch.setattr(seed_v, "STOPS", (*seed_v.STOPS[:1], (5000,) * 15, *seed_v.STOPS[2:]))
    (tmp_path / "1_1_20180804.cnt").with_name("1_2_20180810.cnt").write_bytes(
        (tmp_path / "1_1_20180804.cnt").read_bytes()
    )
    found, trials = imported("seed-v", tmp_path, tmp_path / "study")
    assert len(trials) == 15
    assert any("lasts 61 s" in why for _, why in found.skipped)


# FACED


def test_faced(tmp_path: Path):
    data = faced_copy(tmp_path)
    found, trials = imported("faced", tmp_path, tmp_path / "study")
    assert (found.n_people, found.n_trials) == (1, 28)
    labels = [trial.label for trial in trials]
    assert (labels[0], labels[12], labels[15], labels[16], labels[27]) == (
        "anger", "neutral", "neutral", "amusement", "tenderness",
    )  # fmt: skip
    names, sfreq, eeg = signal(tmp_path / "study" / trials[13].file, trials[13])
    assert (len(names), sfreq) == (30, 250.0), "the mastoids are left out"
    np.testing.assert_allclose(eeg[names.index("Oz")], data[13, faced.CHANNELS.index("OZ")], atol=1e-3)
    (tmp_path / "sub008.pkl").write_bytes(pickle.dumps(np.zeros((28, 32, 100))))
    again, trials = imported("faced", tmp_path, tmp_path / "study")
    assert len(trials) == 28, "one bad file costs itself alone"
    assert again.skipped[0][0] == "S008"
    assert "not (28, 32, 7500)" in again.skipped[0][1]


# BIDS


def test_bids(tmp_path: Path):
    found, trials = imported("bids", bids_copy(tmp_path / "b", {"StartTime": -1.5}), tmp_path / "study")
    assert (found.n_trials, found.n_filmed) == (2, 2)
    first, second = trials
    assert (first.participant, first.label, first.stimulus) == ("01", "happy", "a.mp4")
    assert (first.start, first.stop, first.valence) == (2.0, 10.0, 1.0)
    assert (second.start, second.stop, second.valence) == (12.0, 25.0, -1.0), "it goes up to the next event"
    assert first.video_offset == 1.5, "the film began 1.5 s before the EEG"
    assert found.skipped[0][0] == "sub-01_task-film_eeg.edf, 1 events"


def test_a_film_of_bids_is_placed_by_the_times_of_the_scans_or_not_at_all(tmp_path: Path):
    found, trials = imported("bids", bids_copy(tmp_path / "b"), tmp_path / "study")
    assert trials[0].video == ""
    assert "scans.tsv" in found.skipped[0][1]
    (tmp_path / "b" / "sub-01" / "sub-01_scans.tsv").write_text(
        "filename\tacq_time\neeg/sub-01_task-film_eeg.edf\t2026-01-01T10:00:05\n"
        "beh/sub-01_task-film_recording-face_video.mp4\t2026-01-01T10:00:03.5\n"
    )
    _, trials = imported("bids", tmp_path / "b", tmp_path / "study")
    assert trials[0].video_offset == 1.5


def test_recordings_of_bids_come_by_the_size_of_the_numbers_in_their_names(tmp_path: Path):
    for session in ("1", "2", "10"):
        bids_copy(tmp_path / "b", who="01", session=session)
    _, trials = imported("bids", tmp_path / "b", tmp_path / "study")
    files = list(dict.fromkeys(Path(trial.file).name for trial in trials))
    assert files == [f"sub-01_ses-{k}_task-film_eeg.edf" for k in (1, 2, 10)], "they are read as one session, in order"


RATED_TWICE = "onset\tduration\ttrial_type\tvalence\tarousal\n2\t8\thappy\t{}\t{}\n12\t9\tsad\t1\tn/a\n"


def rated_bids(folder: Path, valence: float, arousal: float, scales: dict[str, Any]) -> Path:
    """Write a person of two trials who rated valence and arousal."""
    eeg = bids_copy(folder) / "sub-01" / "eeg"
    (eeg / "sub-01_task-film_events.tsv").write_text(RATED_TWICE.format(valence, arousal))
    told = {name: {"Minimum": low, "Maximum": high} for name, (low, high) in scales.items()}
    (eeg / "sub-01_task-film_events.json").write_text(json.dumps(told))
    return folder


def test_ratings_of_bids_on_scales_that_differ_come_each_by_its_own(tmp_path: Path):
    source = rated_bids(tmp_path / "b", 3.0, 75.0, {"valence": (1, 9), "arousal": (0, 100)})
    found, trials = imported("bids", source, tmp_path / "study")
    assert [(trial.valence, trial.arousal) for trial in trials] == [
        (-0.5, 0.5),
        (-1.0, pytest.approx(np.nan, nan_ok=True)),
    ]
    assert not [what for what, _ in found.skipped if "events.json" in what]


def test_a_rating_of_bids_whose_scale_is_not_told_beside_one_that_is_is_left_out(tmp_path: Path):
    source = rated_bids(tmp_path / "b", 3.0, 4.0, {"valence": (1, 9)})
    found, trials = imported("bids", source, tmp_path / "study")
    assert trials[0].valence == -0.5
    assert np.isnan(trials[0].arousal), "it may run from 1 to 5"
    assert "sub-01_task-film_events.json, arousal" in [what for what, _ in found.skipped]


@pytest.mark.parametrize("scales", [{}, {"valence": (1, 9), "arousal": (1, 5)}, {"valence": (9, 1)}])
def test_ratings_of_bids_outside_of_their_scale_are_refused_before_anything_is_written(
    tmp_path: Path, scales: dict[str, Any]
):
    source = rated_bids(tmp_path / "b", 3.0, 7.0, scales)
    with pytest.raises(FileFormatError, match="runs from"):
        imported("bids", source, tmp_path / "study")
    assert list((tmp_path / "study").iterdir()) == []


# What all have in common


def test_an_import_is_told_with_its_terms_and_written_again_only_if_nobody_changed_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    dasps_copy(tmp_path)
    words = ["import", "DASPS", str(tmp_path), "--study", str(tmp_path / "study")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "DASPS: 12 trials of 1 people, 0 with a face." in said
    assert "Terms: IEEE DataPort" in said
    assert '--leave-out trials --target "valence>median"' in said, "of one person, rated, and without a class"
    made = next((tmp_path / "study" / "eeg").glob("sub-S01_eeg.fif"))
    before = made.stat().st_mtime_ns
    assert main(words) == 0
    assert made.stat().st_mtime_ns == before, "what is there is not written again"
    table = tmp_path / "study" / "trials.tsv"
    table.write_text(table.read_text() + "\n", encoding="utf-8")
    assert main(words) == ConfigError.exit_code
    assert "Give --overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0


def test_an_unknown_name_is_told_before_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    words = ["import", "nothing", str(tmp_path / "gone"), "--study", str(tmp_path / "study")]
    assert main(words) == ConfigError.exit_code
    assert "There is no data set 'nothing'. Known are amigos" in capsys.readouterr().err
    assert main(["import", "deap", *words[2:]]) == ConfigError.exit_code
    assert "gone does not exist" in capsys.readouterr().err


def test_every_name_has_a_module_with_title_and_terms_and_others_come_by_entry_point(
    monkeypatch: pytest.MonkeyPatch,
):
    for name in catalogue.OWN:
        found = catalogue.find_dataset(name)
        assert found.title
        assert found.terms
    with pytest.raises(ConfigError, match="There is no data set 'nothing'"):
        catalogue.find_dataset("nothing")

    class Point:
        name, value = "theirs", "their.package:Dataset"

        def load(self) -> Callable[[], Any]:
            return mahnob_hci.MahnobHci

    monkeypatch.setattr(catalogue, "entry_points", lambda group: [Point()] if group == "insula.datasets" else [])
    assert catalogue.find_dataset("theirs").title == "MAHNOB-HCI"
    assert "theirs" in catalogue.known_datasets()
