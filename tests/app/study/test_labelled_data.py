"""Any EEG files with a table of trials become windows whose truth is known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import mne
import numpy as np
import pytest

from app.study import labelled_data, recorded_windows, trials_files
from app.study.filmed_files import cut_files
from app.study.labelled_data import read_labelled
from app.study.trials_files import state_of_table
from core.config import Config, EegConfig
from core.data import Label, Window
from core.errors import FileFormatError, TableError
from tests.acquisition.edf_files import Signal, sine, write_edf
from training.examples import UNKNOWN
from training.targets import Target

HEAD = "participant\tfile\tstart\tstop\tlabel\tvalence\n"


def write(path: Path, seconds: float, channels: Sequence[str] = ("Fp1", "Fp2", "O1", "O2"), seed: int = 0) -> None:
    info = mne.create_info(list(channels), 128.0, "eeg")
    volts = 1e-5 * np.random.default_rng(seed).standard_normal((len(channels), round(seconds * 128)))
    mne.io.RawArray(volts, info, verbose="error").save(path, verbose="error")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in ("a_raw.fif", "b_raw.fif"):
        write(folder / name, 20.0)
    return folder


def table(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "trials.tsv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_windows_know_their_trial_and_the_files_of_a_person_are_one_session(folder: Path):
    table(folder, "P1\ta_raw.fif\t5\t15\tcalm\t0.5\nP1\tb_raw.fif\t0\t20\tload\t\n")
    said: list[str] = []
    found = read_labelled(folder, Config(), said.append)
    assert said == ["reading P1, 1 of 1"]
    assert found.classes == ("calm", "load")
    assert (found.n_recordings, found.annotators) == (1, ("trials.tsv",))
    assert found.minutes == pytest.approx(0.5)
    ex = found.examples
    middle = ex.start + 1.0
    first = (middle >= 5) & (middle <= 15)
    assert set(ex.label[first]) == {0}
    assert ex.affect[first, 0].tolist() == [0.5] * first.sum()
    second = middle > 25
    assert set(ex.label[second]) == {1}
    assert ex.start[second].min() >= 25.0, "five seconds lie between the files, and no window reaches over them"
    assert np.isnan(ex.affect[second, 0]).all()
    assert set(ex.label[~first & ~second]) == {UNKNOWN}
    assert len(set(ex.trial[first]) | set(ex.trial[second])) == 2
    assert set(ex.recording) == {0}
    assert set(np.round(np.diff(ex.start[first]), 6)) == {1.0}


def test_known_emotions_come_in_their_usual_order(folder: Path):
    table(folder, "P1\ta_raw.fif\t0\t9\tsad\t\nP1\ta_raw.fif\t9\t18\thappy\t\n")
    assert read_labelled(folder / "trials.tsv", Config(), print).classes == ("happy", "sad")


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("participant\tfile\n", "P1\ta_raw.fif\n", "lacks the columns start, stop, label"),
        (HEAD, "P1\ta_raw.fif\tsoon\t9\tcalm\t\n", "line 2: start is 'soon', which is no number"),
        (HEAD, "P1\ta_raw.fif\t0\t9\tcalm\t\n", "labels of 1 classes"),
        (HEAD, "P1\tnone.edf\t0\t9\tcalm\t\nP1\tnone.edf\t9\t19\tload\t\n", "line 2: there is no file .*none.edf"),
        (HEAD, "P1\ta_raw.fif\t0\t9\tcalm\t\nP1\tc_raw.fif\t0\t5\tload\t\n", "has other channels than"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(folder: Path, head: str, rows: str, words: str):
    write(folder / "c_raw.fif", 5.0, ("Fp1", "Cz")) if not (folder / "c_raw.fif").exists() else None
    with pytest.raises(FileFormatError, match=words):
        read_labelled(table(folder, rows, head), Config(), print)


@pytest.mark.parametrize("times", ["15\t25", "-3\t5", "30\t40"])
def test_a_trial_outside_of_its_file_is_told_with_its_line(folder: Path, times: str):
    table(folder, f"P1\ta_raw.fif\t9\t14\tcalm\t\nP1\ta_raw.fif\t{times}\tload\t\n")
    with pytest.raises(FileFormatError, match=r"line 3: it goes from .* but a_raw.fif lasts 20.0 s"):
        read_labelled(folder, Config(), print)


@pytest.mark.parametrize("asked", ["valnce>median", "dominance", "class,liking"])
def test_a_scale_that_no_row_rates_is_refused_by_name_before_anything_is_read(folder: Path, asked: str):
    table(folder, "P1\ta_raw.fif\t0\t9\tcalm\t0.5\nP1\ta_raw.fif\t9\t18\tload\t\n")
    said: list[str] = []
    with pytest.raises(TableError, match=r"trials\.tsv has no rating of '(valnce|dominance|liking)'"):
        read_labelled(folder, Config(), said.append, Target.read(asked))
    assert not said


def test_a_space_behind_a_name_makes_no_other_person(folder: Path):
    table(folder, "P1\ta_raw.fif\t0\t9\tcalm\t\nP1 \tb_raw.fif\t0\t20.4\tload\t\n")
    found = read_labelled(folder, Config(), print)
    assert found.n_recordings == 1
    assert set(found.examples.participants) == {"P1"}


def test_a_folder_without_labels_says_what_to_do(tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"trials\.tsv"):
        read_labelled(tmp_path, Config(), print)


def test_sessions_are_replayed_and_each_keeps_its_own_labels_and_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = {}
    for name, label in (("a", "sad"), ("b", "happy")):
        path = tmp_path / name / f"{name}_eeg.xdf"
        path.parent.mkdir()
        path.touch()
        one = Label(name, "", "P", 2.0, 6.0, 7.0, label=label, annotator="anna")
        kept[path] = [one, replace(one, uid=f"{name}2", time=8.0, answer="skip", label="")]
    (tmp_path / "c_eeg.xdf").touch()
    windows = [Window("P", float(k), k + 2.0, eeg=np.ones((2, 256), np.float32)) for k in range(8)]
    monkeypatch.setattr(labelled_data, "recorded_answers", lambda path: (kept.get(path, []), []))
    monkeypatch.setattr(recorded_windows, "replay", lambda path, *_, **__: [(None, [one]) for one in windows])
    found = read_labelled(tmp_path, Config(), print)
    assert (found.classes, found.n_recordings, found.annotators) == (("happy", "sad"), 2, ("anna",))
    ex = found.examples
    assert ex.recording.tolist() == [0] * 8 + [1] * 8
    assert ex.label.tolist() == [UNKNOWN, 1, 1, 1, 1, 1, UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, 0, 0, 0, UNKNOWN, UNKNOWN]
    assert len(set(ex.trial[ex.label >= 0])) == 2


def dominant(window: Window) -> float:
    assert window.eeg is not None
    spectrum = np.abs(np.fft.rfft(window.eeg * np.hanning(window.eeg.shape[1]))).mean(axis=0)
    return float(np.argmax(spectrum[2:]) + 2) / 2.0


def test_each_file_is_read_at_its_own_rate_and_in_its_own_unit(tmp_path: Path):
    names = ("Fp1", "Fp2", "O1", "O2")
    slow = [Signal(name, sine(6.0, 30.0, 256.0, phase=k), 256.0) for k, name in enumerate(names)]
    fast = [Signal(name, sine(6.0, 30.0, 512.0, 20e-3, k), 512.0, "mV", (-3.2, 3.2)) for k, name in enumerate(names)]
    paths = [
        write_edf(tmp_path / "a.edf", [*slow, Signal("ECG", sine(1.0, 30.0, 256.0), 256.0)]),
        write_edf(tmp_path / "b.edf", fast),
        write_edf(tmp_path / "c.edf", slow),
    ]
    cut = list(cut_files("P", paths, Config()))
    for number in range(3):
        windows = [window for n, _, window in cut if n == number and not window.eeg_problem]
        assert len(windows) > 80
        assert {dominant(window) for window in windows} == {6.0}
        spread = np.median([np.std(window.eeg) for window in windows])  # type: ignore[arg-type]
        assert spread == pytest.approx(20 / np.sqrt(2), rel=0.05)


def test_files_of_a_table_are_read_once_and_anew_when_anything_they_hang_on_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path / "a_raw.fif", 8.0)
    table(tmp_path, "P\ta_raw.fif\t0\t4\tx\nP\ta_raw.fif\t4\t8\ty\n")
    cut: list[str] = []

    def counted(person, files, config, report, *more):
        cut.append(person)
        more[-1]("a second is missing")
        return cut_files(person, files, config, report, *more)

    monkeypatch.setattr(trials_files, "cut_files", counted)
    first = read_labelled(tmp_path, Config(), print).examples
    said: list[str] = []
    monkeypatch.chdir(tmp_path.parent)
    again = read_labelled(Path(tmp_path.name), Config(), said.append).examples
    assert cut == ["P"], "also by another way to the same folder"
    assert "a second is missing" in said
    assert [one.data.tobytes() for one in first.eeg if one] == [one.data.tobytes() for one in again.eeg if one]
    read_labelled(tmp_path, Config(eeg=EegConfig(lowpass=30.0)), print)
    read_labelled(tmp_path, Config(), print)
    assert len(cut) == 2, "windows under both settings are kept"
    (tmp_path / "a_raw.fif").unlink()
    write(tmp_path / "a_raw.fif", 8.0, seed=1)
    other = read_labelled(tmp_path, Config(), print).examples
    assert len(cut) == 3
    assert [one.data.tobytes() for one in first.eeg if one] != [one.data.tobytes() for one in other.eeg if one]
    monkeypatch.setattr(trials_files, "made_by", lambda: "tomorrow's code")
    read_labelled(tmp_path, Config(), print)
    assert len(cut) == 4


def test_annotations_of_a_file_change_nothing_of_its_windows(tmp_path: Path):
    signals = [Signal(name, sine(6.0, 12.0, phase=k)) for k, name in enumerate(("Fp1", "Fp2", "O1"))]
    plain = write_edf(tmp_path / "a.edf", signals)
    noted = write_edf(tmp_path / "b.edf", signals, notes=[(0.0, 5.0, "film A"), (3.3, 0.0, "key"), (90.0, 0.0, "end")])
    windows = [[window for _, _, window in cut_files("P", [path], Config())] for path in (plain, noted)]
    assert len(windows[0]) == len(windows[1]) > 15
    for one, other in zip(*windows, strict=True):
        assert (one.start, one.stop) == (other.start, other.stop)
        np.testing.assert_array_equal(one.eeg, other.eeg)


def test_what_a_person_should_know_of_a_file_is_reported(tmp_path: Path):
    signals = [Signal(name, sine(6.0, 10.0, phase=k), unit="") for k, name in enumerate(("Fp1", "Fp2", "O1"))]
    write_edf(tmp_path / "a.edf", signals)
    table(tmp_path, "P1\ta.edf\t0\t5\tcalm\t\nP1\ta.edf\t5\t10\tload\t\n")
    said: list[str] = []
    read_labelled(tmp_path, Config(), said.append)
    assert len(said) == 2
    assert "Took uV" in said[1]


def test_a_trial_in_a_break_of_the_file_is_learnt_from_nothing(tmp_path: Path):
    signals = [Signal(name, sine(6.0, 40.0, phase=k)) for k, name in enumerate(("Fp1", "Fp2", "O1"))]
    write_edf(tmp_path / "a.edf", signals, starts=[float(k if k < 20 else k + 60) for k in range(40)])
    table(tmp_path, "P1\ta.edf\t5\t15\tcalm\t\nP1\ta.edf\t25\t39\tload\t\nP1\ta.edf\t85\t95\tload\t\n")
    ex = read_labelled(tmp_path, Config(), print).examples
    middle = ex.start + 1.0
    assert not ((middle > 25) & (middle < 39)).any()
    assert set(ex.label[(middle > 85) & (middle < 95)]) == {1}


def test_rows_that_say_nothing_of_what_is_learnt_are_told(folder: Path):
    table(folder, "P1\ta_raw.fif\t0\t9\tcalm\t0.5\nP1\ta_raw.fif\t9\t14\t\t-1\nP1\tb_raw.fif\t0\t9\tload\tn/a\n")
    said: list[str] = []
    read_labelled(folder, Config(), said.append)
    assert said[0] == "1 of 3 rows of trials.tsv have no label and are not learnt from: line 3."
    said.clear()
    read_labelled(folder, Config(), said.append, Target.read("valence>0"))
    assert said[0] == "1 of 3 rows of trials.tsv have no valence and are not learnt from: line 4."


def test_trials_over_each_other_are_refused(folder: Path):
    table(folder, "P1\ta_raw.fif\t0\t9\tcalm\t\nP1\ta_raw.fif\t5\t14\tload\t\n")
    with pytest.raises(TableError, match="line 3: it goes from 5 to 14 s, and line 2 from 0 to 9 s of the same file"):
        read_labelled(folder, Config(), lambda _: None)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("P1\ta_raw.fif\t0\t9\tcalm\t\nP1\ta_raw.fif\t5\t14\tload\t\n", "line 3: it goes from 5 to 14 s"),
        ("P1\ta_raw.fif\t0\t9\tcalm\t\nP2\tc.edf\t5\t14\tload\t\n", "line 3: there is no file .*c.edf"),
        ("P1\ta_raw.fif\t0\t9\tcalm\t\nP2\ts\\c.edf\t5\t14\tload\t\n", r"line 3: .* Write / in place of \\"),
    ],
)
def test_what_the_table_alone_shows_is_told_before_any_file_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, words: str
):
    write(tmp_path / "a_raw.fif", 20.0)
    (tmp_path / "trials.tsv").write_text(HEAD + rows, encoding="utf-8")
    opened: list[str] = []
    opens = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **b: opened.append(self.name) or opens(self, *a, **b))
    monkeypatch.setattr(trials_files, "EegFile", lambda path, *_: opened.append(path.name))
    for read in (lambda: read_labelled(tmp_path, Config(), print), lambda: state_of_table(tmp_path / "trials.tsv", {})):
        with pytest.raises(TableError, match=words):
            read()
    assert set(opened) == {"trials.tsv"}
