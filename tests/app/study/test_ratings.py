"""Ratings on their scales, of trials and over time, as what is learnt."""

import math
from pathlib import Path

import numpy as np
import pytest

from app.study import labelled_data, recorded_windows
from app.study.labelled_data import read_labelled
from app.study.rating_samples import read_samples
from app.study.rating_scale import UNIT, Scale
from app.study.trials_table import read_trials
from core.config import Config
from core.data import Window
from core.errors import ConfigError, TableError
from core.recording.label_reader import RATED
from tests.app.study.test_labelled_data import write
from training.targets import Target

HEAD = "participant\tfile\tstart\tstop\tlabel\tvalence\tdominance\tscale\tstimulus\tgroup\tcontinuous\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rated")
    for name in "ab":
        write(folder / f"{name}_raw.fif", 30.0, seed=ord(name))
    return folder


def table(folder: Path, *rows: str) -> Path:
    (folder / "trials.tsv").write_text(HEAD + "\n".join(rows), encoding="utf-8")
    return folder


ROWS = (
    "P1\ta_raw.fif\t4\t14\t\t9\t1\t1 to 9\tclip a\tcouple 1\t",
    "P1\ta_raw.fif\t14\t28\t\t2\t7\t1 to 9\tclip b\tcouple 1\t",
    "P2\tb_raw.fif\t4\t14\t\t5\t5\t1 to 9\tclip b\tcouple 1\t",
    "P2\tb_raw.fif\t14\t28\t\t6\t9\t1 to 9\tclip a\t\t",
)


@pytest.mark.parametrize(
    ("text", "scale"), [("1 to 9", (1, 9)), ("1-5", (1, 5)), ("0..100", (0, 100)), ("-1:1", (-1, 1))]
)
def test_scales_are_read(text: str, scale: tuple[float, float]):
    assert Scale.read("t", text) == Scale(*scale)


def test_a_rating_lies_between_minus_one_and_one():
    scale = Scale(1, 9)
    assert [scale.mapped("t", "valence", value) for value in (1, 5, 7, 9)] == [-1, 0, 0.5, 1]
    assert math.isnan(scale.mapped("t", "valence", math.nan))
    assert Scale.read("t", "") == UNIT


@pytest.mark.parametrize("value", ["0.9", "9.1", "0", "10"])
def test_a_rating_out_of_its_scale_is_an_error_whichever_scale_it_is_of(folder: Path, value: str):
    for row in (ROWS[0].replace("\t9\t1\t", f"\t{value}\t1\t"), ROWS[0].replace("\t9\t1\t", f"\t9\t{value}\t")):
        with pytest.raises(TableError, match=r"line 2: .* runs from 1 to 9"):
            read_trials(table(folder, row) / "trials.tsv")


def test_what_is_no_scale_is_told(folder: Path):
    with pytest.raises(TableError, match="line 2: scale is '9 to 1'"):
        read_trials(table(folder, ROWS[0].replace("1 to 9", "9 to 1")) / "trials.tsv")


def test_stimuli_and_groups_are_the_same_for_everyone(folder: Path):
    found = read_labelled(table(folder, *ROWS), Config(), print, Target.read("valence>5"))
    ex = found.examples
    assert found.classes == ("low valence", "high valence")
    shown = {(str(ex.participants[k]), int(ex.trial[k])): int(ex.stimulus[k]) for k in np.flatnonzero(ex.label >= 0)}
    (first, second, third, fourth) = (shown[key] for key in sorted(shown))
    assert first == fourth != second == third
    bound = {(str(ex.participants[k]), int(ex.trial[k])): int(ex.together[k]) for k in np.flatnonzero(ex.label >= 0)}
    assert [bound[key] for key in sorted(bound)] == [0, 0, 0, -1]


def test_classes_are_made_by_a_threshold_in_the_units_of_the_scale(folder: Path):
    table(folder, *ROWS)

    def labels(text: str) -> list[int]:
        ex = read_labelled(folder, Config(), print, Target.read(text)).examples
        return [int(ex.label[(ex.participants == p) & (ex.start == s)][0]) for p in ("P1", "P2") for s in (8.0, 20.0)]

    assert labels("valence>5") == [1, 0, 0, 1]
    assert labels("valence>=5") == [1, 0, 1, 1]
    assert labels("dominance>median") == [0, 1, 0, 1]
    assert labels("valence>5,dominance>6") == [2, 1, 0, 3]
    found = read_labelled(folder, Config(), print, Target.read("valence>5,dominance>6"))
    assert found.classes[1] == "low valence, high dominance"
    with pytest.raises(ConfigError, match="outside of the scale, 1 to 9"):
        labels("valence>12")


def test_ratings_are_numbers_of_the_scales_that_were_asked_for(folder: Path):
    ex = read_labelled(table(folder, *ROWS), Config(), print, Target.read("dominance")).examples
    inside = (ex.participants == "P1") & (ex.start == 20.0)
    assert ex.affect[inside].tolist()[0][0] == pytest.approx(0.5)
    assert np.isnan(ex.affect[inside][0, 1])


def test_the_median_is_that_of_the_trials_that_are_learnt_from(folder: Path):
    ex = read_labelled(table(folder, *ROWS), Config(), print, Target.read("valence>median")).examples
    target = Target.read("valence>median")
    first = np.flatnonzero((ex.participants == "P1") & np.isfinite(ex.affect[:, 0]))
    assert target.relabel(ex, first) == {"valence": pytest.approx((1.0 - 0.75) / 2)}
    second = np.flatnonzero((ex.participants == "P2") & np.isfinite(ex.affect[:, 0]))
    assert target.relabel(ex, second) == {"valence": pytest.approx(0.125)}


def test_what_was_rated_all_along_goes_before_what_was_said_of_the_trial(folder: Path):
    (folder / "c.tsv").write_text("time\tvalence\n4\t1\n6\t9\n10\t9\n12\t5\n", encoding="utf-8")
    ex = read_labelled(table(folder, ROWS[0] + "c.tsv", *ROWS[1:]), Config(), print, Target.read("valence")).examples
    at = {float(ex.start[k]) + 1.0: float(ex.affect[k, 0]) for k in np.flatnonzero(ex.participants == "P1")}
    assert at[5.0] == pytest.approx(0.0), "half way from 1 to 9"
    assert at[11.0] == pytest.approx(0.5)
    assert at[8.0] == pytest.approx(1.0), "samples 4 s apart say nothing between them, the trial was rated 9"
    assert at[13.0] == pytest.approx(1.0), "behind the last sample"
    assert at[20.0] == pytest.approx(-0.75)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("time\n1\n", "needs a column `time` and one for each scale"),
        ("time\tvalence\n1\t2\n1\t3\n", "line 3: its time does not follow"),
        ("time\tvalence\n1\t12\n", "line 2: valence is 12, but runs from 1 to 9"),
        ("time\tvalence\n1\n", "line 2: it is not 2 numbers"),
        ("time\tvalence\tValence\n1\t2\t3\n", "two columns valence"),
        ("time\tvalence\nn/a\t3\n", "line 2: its time does not follow"),
    ],
)
def test_what_is_wrong_with_samples_is_told(tmp_path: Path, written: str, words: str):
    (tmp_path / "c.tsv").write_text(written, encoding="utf-8")
    with pytest.raises(TableError, match=words):
        read_samples(tmp_path / "c.tsv", Scale(1, 9))


def test_a_sample_that_was_not_rated_is_none(tmp_path: Path):
    (tmp_path / "c.tsv").write_text("time\tvalence\tliking\n1\tn/a\t5\n2\t9\t\n", encoding="utf-8")
    values = read_samples(tmp_path / "c.tsv", Scale(1, 9))[1]
    np.testing.assert_equal(values["valence"], [np.nan, 1.0])
    np.testing.assert_equal(values["liking"], [0.0, np.nan])


@pytest.mark.parametrize("samples", ["", "-20\t5\n-1\t9\n", "5000\t5\n5500\t9\n"], ids=["none", "of a clock", "ms"])
def test_samples_of_which_none_lies_in_the_trial_are_told(folder: Path, samples: str):
    (folder / "c.tsv").write_text("time\tvalence\n" + samples, encoding="utf-8")
    with pytest.raises(TableError, match=r"line 2: .*c.tsv has no sample from .* Give the seconds of the EEG file"):
        read_labelled(table(folder, ROWS[0] + "c.tsv", *ROWS[1:]), Config(), print, Target.read("valence"))


@pytest.mark.parametrize("text", ["", "class,valence>5", "valence,arousal,liking", "valence>soon", "valence,valence"])
def test_a_target_that_cannot_be_meant_is_told(text: str):
    with pytest.raises(ConfigError, match="--target"):
        Target.read(text)


def test_what_was_rated_all_along_in_own_sessions_teaches_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a_eeg.xdf"
    path.touch()
    windows = [Window("P", float(k), k + 2.0, eeg=np.ones((2, 256), np.float32)) for k in range(8)]

    def row(annotator: str, time: float, value: float) -> tuple[str | float, ...]:
        cells: dict[str, str | float] = {
            "participant": "P",
            "annotator": annotator,
            "scale": "valence",
            "time": time,
            "value": value,
        }
        return tuple(cells.get(name, "") for name in RATED)

    rows = [row("anna", 1.0 + k / 4, k / 16) for k in range(17)] + [row("ben", 1.0 + k / 4, 0.0) for k in range(17)]
    monkeypatch.setattr(labelled_data, "recorded_answers", lambda path: ([], rows))
    monkeypatch.setattr(recorded_windows, "replay", lambda path, *_, **__: [(None, [one]) for one in windows])
    ex = read_labelled(tmp_path, Config(), print, Target.read("valence")).examples
    expected = [0.0, 0.125, 0.25, 0.375, 0.5]
    np.testing.assert_allclose(ex.affect[:5, 0], expected, atol=1e-6, err_msg="the mean of both at the window's middle")
    assert np.isnan(ex.affect[5:, 0]).all()
    assert ex.label.tolist() == [0, 0, 0, 1, 1, -1, -1, -1], "low and high by the median, to deal trials by"
