"""What goes out to other tools: nothing is lost or changed without a word, and nothing half left."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import mne
import mne_bids
import numpy as np
import pytest
import pyxdf

import insula
from acquisition.eeg_file import EegFile
from acquisition.source import items
from app.cli import main
from app.session.recording_files import RecordingFiles
from app.study.staged_files import staged
from core.config import RecordConfig
from core.data import Array, Channel, Chunk, Label, Notice, StreamInfo
from core.errors import RecordingError
from core.recording.labels import LabelStore
from core.recording.session import Session
from core.recording.xdf_writer import XdfWriter
from tests.acquisition.edf_files import Signal, as_read, eeg, sine, write_edf
from tests.core.active.test_query import SURE

T0, SFREQ, SECONDS = 500.0, 128.0, 20.0
Out = pytest.CaptureFixture[str]
CHANNELS = (*(Channel(name, name, unit="uV") for name in ("Fp1", "Fp2", "O1")), Channel("TRG", "TRG", "trigger"))
ANSWER = Label("u0", "", "P001", T0 + 8, T0 + 12, T0 + 13, label="happy", valence=0.5, annotator="anna")


def stream(person: str) -> StreamInfo:
    return StreamInfo(f"amp/{person}", "eeg", person, f"Amp{person}", sfreq=SFREQ, channels=CHANNELS, source_id=person)


def samples(frequency: float) -> Array:
    waves = [sine(frequency, SECONDS, SFREQ, phase=k) for k in range(3)]
    codes = np.zeros(round(SECONDS * SFREQ))
    codes[512:520] = 7
    return np.column_stack([*waves, codes])


def session(
    study: Path, people: Sequence[str] = ("P001",), acquisition: str = "", labels: Sequence[Label] = ()
) -> Session:
    made = Session.create(RecordConfig(study=str(study), task="film", acquisition=acquisition))
    made.describe({"participants": list(people), "start": "2026-11-21T10:00:00+00:00", "start_lsl": T0 - 2.0})
    infos = [stream(person) for person in people]
    files = RecordingFiles(made, infos, list(people), SURE.classes, "2026-11-21T10:00:00+00:00", False)
    stamps = T0 + np.arange(round(SECONDS * SFREQ)) / SFREQ
    for number, info in enumerate(infos):
        for k in range(0, len(stamps), 128):
            files.write(
                Chunk(info.key, stamps[k : k + 128], samples(7.0 + 4 * number)[k : k + 128].astype("f4")), False
            )
        files.write(Notice(info.key, T0 + 3.0, "gap", "no samples"), True)
    files.write(replace(SURE, start=T0, stop=T0 + 2.0, participant=people[0]), True)
    files.close()
    if labels:
        with LabelStore(made.labels) as store:
            for label in labels:
                store.add(label)
    return made


@pytest.fixture
def made(tmp_path: Path) -> Session:
    before, after = (replace(ANSWER, uid=u, start=T0 + a, stop=T0 + b) for u, a, b in (("u1", -9, -5), ("u2", 19, 23)))
    return session(tmp_path / "study", labels=(ANSWER, before, after))


def exported(*words: str) -> int:
    return main(["export", *words])


def raw_of(folder: Path) -> mne.io.BaseRaw:
    return mne.io.read_raw(next(folder.glob("*_raw.fif")), preload=True, verbose="error")


def hertz(raw: mne.io.BaseRaw) -> float:
    wave = raw.get_data("eeg")[0]
    return float(np.argmax(np.abs(np.fft.rfft(wave))) * raw.info["sfreq"] / len(wave))


def test_an_edf_goes_out_with_all_that_it_says(tmp_path: Path, capsys: Out):
    signals = eeg(40.0, "Fp1 Fp2 T3 ECG AIRFLOW", 256.0)
    starts = [float(k if k < 20 else k + 60) for k in range(40)]
    notes = [(5.0, 1.0, "film A"), (90.0, 2.0, "film B"), (200.0, 1.0, "too late")]
    path = write_edf(
        tmp_path / "a.edf", [*signals, Signal("Slow", sine(1.0, 40.0, 1.0), 1.0)], starts=starts, notes=notes
    )
    assert exported(str(path), "--to", "fif", "--out", str(tmp_path / "o")) == 0
    raw = raw_of(tmp_path / "o")
    assert (raw.info["sfreq"], raw.n_times) == (256.0, 25600)
    assert raw.info["meas_date"] == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert dict(zip(raw.ch_names, raw.get_channel_types(), strict=True)) == {
        "Fp1": "eeg", "Fp2": "eeg", "T7": "eeg", "ECG": "ecg", "AIRFLOW": "misc",
    }  # fmt: skip
    assert [(a["onset"], a["duration"], a["description"]) for a in raw.annotations] == [
        (5.0, 1.0, "film A"), (20.0, 60.0, "BAD_gap"), (90.0, 2.0, "film B"),
    ]  # fmt: skip
    for k, signal in enumerate(signals[:3]):
        there = np.concatenate([raw.get_data()[k, :5120], raw.get_data()[k, 80 * 256 :]])
        np.testing.assert_allclose(there * 1e6, as_read(signal), rtol=1e-6, atol=1e-5)
    said = capsys.readouterr().err
    assert "Slow (1 Hz)" in said
    assert "1 of 4 annotations of the file lie before or after the EEG" in said
    assert all(sentence in raw.info["description"] for sentence in ("Slow (1 Hz)", "1 of 4 annotations"))
    assert exported(str(path), "--to", "tsv", "--out", str(tmp_path / "t")) == 0
    rows = (tmp_path / "t" / "markers.tsv").read_text(encoding="utf-8").splitlines()
    assert rows == [
        "time\tin_session\tstream\ttext\tduration", "5.0\t5.000000\ta\tfilm A\t1.000000",
        "90.0\t90.000000\ta\tfilm B\t2.000000", "200.0\t200.000000\ta\ttoo late\t1.000000",
    ]  # fmt: skip


def test_a_fif_goes_out_as_it_came_in(tmp_path: Path):
    info = mne.create_info(["EEG 001", "EEG 002", "EEG 003"], SFREQ, "eeg")
    volts = 2e-5 * np.random.default_rng(0).standard_normal((3, 2560))
    raw = mne.io.RawArray(volts, info, first_samp=640, verbose="error")
    places = {name: np.array([0.03 * k - 0.03, 0.05, 0.06]) for k, name in enumerate(raw.ch_names)}
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    raw.info["bads"] = ["EEG 002"]
    raw.set_meas_date(datetime(2026, 1, 1, tzinfo=UTC))
    raw.set_annotations(
        mne.Annotations([2.0, 7.0, 9.0], [0.5, 0.0, 1.0], ["A", "boundary", "C"], ch_names=[(), (), ("EEG 003",)])
    )
    raw.save(tmp_path / "b_raw.fif", verbose="error")
    assert exported(str(tmp_path / "b_raw.fif"), "--to", "fif", "--out", str(tmp_path / "o")) == 0
    out = raw_of(tmp_path / "o")
    np.testing.assert_allclose(out.get_data(), volts, rtol=1e-5, atol=1e-11)
    assert out.info["bads"] == ["EEG 002"]
    assert out.info["meas_date"] == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert [(a["onset"], a["duration"], a["description"], a.get("ch_names", ())) for a in out.annotations] == [
        (2.0, 0.5, "A", ()), (7.0, 0.0, "boundary", ()), (9.0, 1.0, "C", ("EEG 003",)),
    ]  # fmt: skip
    for channel in out.info["chs"]:
        np.testing.assert_allclose(channel["loc"][:3], places[channel["ch_name"]], atol=1e-6)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_answers_before_and_after_the_eeg_break_nothing(made: Session, tmp_path: Path, capsys: Out):
    for to in ("fif", "bids"):
        assert exported(str(made.folder), "--to", to, "--out", str(tmp_path / to)) == 0
        said = capsys.readouterr().err
        assert "1 of 3 answers lie before or after the EEG and are left out." in said
        assert "1 of 3 answers reach over the ends" in said
    place = mne_bids.BIDSPath(
        subject="P001", session="01", task="film", run="001", datatype="eeg", root=tmp_path / "bids"
    )
    for raw in (raw_of(tmp_path / "fif"), mne_bids.read_raw_bids(place, verbose="error")):
        assert hertz(raw) == pytest.approx(7.0, abs=0.05)
        spans = [(round(a["onset"], 3), round(a["duration"], 3), a["description"]) for a in raw.annotations]
        assert spans == [(4.0, 0.0, "TRG/7"), (8.0, 4.0, "affect/happy"), (19.0, 1.0, "affect/happy")]
        assert "TRG" in raw.ch_names
    about = json.loads(next((tmp_path / "bids").rglob("*_eeg.json")).read_text(encoding="utf-8"))
    assert any("left out" in sentence for sentence in about["LeftOut"])
    assert exported(str(made.folder), "--to", "tsv", "--out", str(tmp_path / "tsv")) == 0
    head, *rows = ((tmp_path / "tsv" / "labels.tsv").read_text(encoding="utf-8")).splitlines()
    starts = [dict(zip(head.split("\t"), row.split("\t"), strict=True)) for row in rows]
    assert [(row["start"], row["start_in_session"]) for row in starts] == [
        ("491.0", "-9.000000"), ("508.0", "8.000000"), ("519.0", "19.000000"),
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("to", ["fif", "bids", "tsv"])
def test_what_insula_wrote_is_written_anew(made: Session, tmp_path: Path, to: str):
    words = (str(made.folder), "--to", to, "--out", str(tmp_path / "o"))
    assert exported(*words) == 0
    before = sorted(file for file in (tmp_path / "o").rglob("*") if file.is_file())
    if to == "bids":
        (tmp_path / "o" / "participants.tsv").write_text(
            "participant_id\tage\tsex\thand\tweight\theight\nsub-P001\t31\tn/a\tn/a\tn/a\tn/a\n"
        )
        (tmp_path / "o" / "README").write_text("By hand.")
    with_store = replace(ANSWER, uid="u3", start=T0 + 1, stop=T0 + 2, label="sad")
    with LabelStore(made.labels) as store:
        store.add(with_store)
    assert exported(*words) == 0
    assert sorted(file for file in (tmp_path / "o").rglob("*") if file.is_file()) == before
    texts = b"".join(file.read_bytes() for file in before)
    assert b"sad" in texts
    if to == "bids":
        assert "\t31\t" in (tmp_path / "o" / "participants.tsv").read_text()
        assert (tmp_path / "o" / "README").read_text() == "By hand."
        assert next((tmp_path / "o").rglob("*_scans.tsv")).read_text().count("_eeg.vhdr") == 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("fif", "{stem}_raw.fif"), ("tsv", "labels.tsv"), ("bids", "sub-P001/ses-01/eeg/{stem}_eeg.vhdr"),
    ],
)  # fmt: skip
def test_files_of_others_are_replaced_only_if_that_is_said(
    made: Session, tmp_path: Path, capsys: Out, to: str, name: str
):
    file = tmp_path / "o" / name.format(stem=made.stem)
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    words = (str(made.folder), "--to", to, "--out", str(tmp_path / "o"))
    assert exported(*words) == 2
    assert "--overwrite" in capsys.readouterr().err.splitlines()[-1]
    assert [each for each in (tmp_path / "o").rglob("*") if each.is_file()] == [file]
    assert file.read_text() == "mine"
    assert exported(*words, "--overwrite") == 0
    assert file.read_bytes() != b"mine"


@pytest.mark.parametrize("to", ["fif", "bids", "tsv"])
def test_a_file_where_a_folder_should_be_is_told_in_a_sentence(made: Session, tmp_path: Path, capsys: Out, to: str):
    (tmp_path / "o").write_text("mine")
    assert exported(str(made.folder), "--to", to, "--out", str(tmp_path / "o")) == 3
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("insula export: Nothing was exported:")
    assert (tmp_path / "o").read_text() == "mine"


@pytest.mark.parametrize("to", ["fif", "bids", "tsv"])
def test_a_full_disk_leaves_nothing_half(tmp_path: Path, to: str):
    made = session(tmp_path / "study", labels=[replace(ANSWER, note="long " * 10_000)])
    words = ["export", str(made.folder), "--to", to, "--out", str(tmp_path / "new" / "o")]
    code = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from app.cli import main\n"
        f"words = {words!r}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "raise SystemExit(main(words))\n"
    )
    done = subprocess.run(  # a limit is for a process of its own
        [sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.returncode == 3, done.stderr
    assert "Nothing was exported" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "new").exists()


def test_of_several_people_one_is_exported_and_the_others_are_named(tmp_path: Path, capsys: Out):
    two = replace(ANSWER, uid="u9", participant="P002", label="sad")
    made = session(tmp_path / "study", ("P001", "P002"), labels=(ANSWER, two))
    (tmp_path / "head.toml").write_text('[eeg]\nname = "AmpP002"\n')
    for words, frequency, label in (
        ((), 7.0, "affect/happy"),
        (("--participant", "P002"), 11.0, "affect/sad"),
        (("--config", str(tmp_path / "head.toml")), 11.0, "affect/sad"),
    ):
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        assert exported(str(made.folder), "--to", "fif", "--out", str(out), *words) == 0
        raw = raw_of(out)
        assert hertz(raw) == pytest.approx(frequency, abs=0.05)
        assert [text for text in raw.annotations.description if "affect" in text] == [label]
        said = capsys.readouterr().err
        assert f"that of {'P001' if frequency == 11.0 else 'P002'}" in said
        assert "1 of 2 answers are about other people" in said
    assert exported(str(made.folder), "--to", "fif", "--participant", "P003") == 3
    assert "has that of P001, P002" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_two_acquisitions_do_not_take_each_others_place(tmp_path: Path):
    for acquisition in ("dry", "wet"):
        made = session(tmp_path / "study", acquisition=acquisition)
        assert exported(str(made.xdf), "--to", "bids", "--out", str(tmp_path / "o")) == 0
    assert len(list((tmp_path / "o").rglob("*_eeg.vhdr"))) == 2
    assert next((tmp_path / "o").rglob("*_scans.tsv")).read_text().count("_eeg.vhdr") == 2


def test_predictions_have_names_in_other_tools(made: Session):
    streams, _ = pyxdf.load_xdf(made.xdf)
    (affect,) = (each for each in streams if each["info"]["type"][0] == "Affect")
    channels = affect["info"]["desc"][0]["channels"][0]["channel"]
    labels = [channel["label"][0] for channel in channels]
    row = dict(zip(labels, affect["time_series"][0], strict=True))
    assert (row["start"], row["stop"]) == (T0, T0 + 2.0)
    assert row[f"p_{SURE.classes[0]}"] == pytest.approx(SURE.probabilities[0])
    assert {channel["label"][0]: channel["unit"][0] for channel in channels}["stop"] == "seconds"


def test_what_was_there_stays_when_writing_fails(tmp_path: Path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(RecordingError, match="No space left"), staged(tmp_path) as draft:  # noqa: PT012
        (draft / "a").write_text("new")
        raise OSError(28, "No space left on device")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a", "old")]
    with staged(tmp_path) as draft:
        (draft / "a").write_text("new")
        (draft / "b").mkdir()
        (draft / "b" / "c").write_text("c")
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "b" / "c").exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_file_of_answers_is_told_once(made: Session, tmp_path: Path, capsys: Out):
    whole = made.labels.read_bytes()
    assert b"BEFORE UPDATE ON labels" in whole
    made.labels.write_bytes(whole.replace(b"BEFORE UPDATE ON labels", b"BEFORE UP\xff\xffTE ON labels"))
    assert exported(str(made.folder), "--to", "tsv", "--out", str(tmp_path / "o")) == 0
    assert capsys.readouterr().err.count("labels.sqlite is damaged") == 1
    assert len((tmp_path / "o" / "labels.tsv").read_text(encoding="utf-8").splitlines()) == 4


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("to", ["fif", "bids"])
def test_what_insula_exported_has_its_gaps_again_when_it_is_read(tmp_path: Path, to: str):
    made = Session.create(RecordConfig(study=str(tmp_path / "study"), task="film"))
    made.describe({"participants": ["P001"], "start": "2026-11-21T10:00:00+00:00", "start_lsl": T0 - 2.0})
    info = stream("P001")
    files = RecordingFiles(made, [info], ["P001"], SURE.classes, "2026-11-21T10:00:00+00:00", False)
    data, there = samples(7.0)[:1280].astype("f4"), np.r_[0:384, 640:1280]
    data[1000:1010, 1] = np.nan
    files.write(Chunk(info.key, (T0 + np.arange(1280) / SFREQ)[there], data[there]), False)
    files.close()
    assert exported(str(made.folder), "--to", to, "--out", str(tmp_path / "o")) == 0
    (path,) = (*(tmp_path / "o").glob("*_raw.fif"), *(tmp_path / "o").rglob("*_eeg.vhdr"))
    with EegFile(path, "P001") as source:
        assert [(note.onset, note.duration, note.text, note.channels) for note in source.notes] == [
            (3.0, 2.0, "BAD_gap", ()), (7.8125, 0.078125, "BAD_gap", ("Fp2",)),
        ]  # fmt: skip
        chunks = [item for item in items(source) if isinstance(item, Chunk) and item.stream == source.infos[0].key]
    missing = np.isnan(np.concatenate([chunk.data for chunk in chunks]))
    expected = np.zeros((1280, 4), dtype=bool)
    expected[384:640], expected[1000:1010, 1] = True, True
    np.testing.assert_array_equal(missing, expected)
    gaps = [(3.0, 2.0, "BAD_gap", ()), (7.8125, 0.078125, "BAD_gap", ("Fp2",))]
    assert exported(str(path), "--to", "fif", "--out", str(tmp_path / "again")) == 0
    for raw in (raw_of(tmp_path / "again"), insula.load(path).raw):
        told = [(a["onset"], a["duration"], a["description"], tuple(a.get("ch_names", ()))) for a in raw.annotations]
        assert [one for one in told if one[2] == "BAD_gap"] == gaps


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("to", ["fif", "bids", "tsv"])
def test_what_was_written_and_what_was_left_out_is_told(made: Session, tmp_path: Path, capsys: Out, to: str):
    out = tmp_path / "o"
    assert exported(str(made.folder), "--to", to, "--out", str(out)) == 0
    said = capsys.readouterr()
    place, *names = said.out.splitlines()
    written = {file for file in out.rglob("*") if file.is_file()}
    assert {out / name.strip() for name in names} | ({Path(place)} if to == "fif" else set()) == written
    assert ("Not in it: predictions" in said.err) is (to != "tsv")


def test_how_a_replay_would_read_the_face_is_no_word_on_an_export(tmp_path: Path, capsys: Out):
    before = Path(__file__).parents[2] / "flows" / "recorded_0_1"
    shutil.copytree(before, tmp_path / "study")
    assert (
        exported(str(tmp_path / "study" / "sourcedata" / "sub-P001" / "ses-01"), "--to", "fif", "--out", str(tmp_path))
        == 0
    )
    assert "read from the pictures again" not in capsys.readouterr().err
    assert "read from the pictures again" not in raw_of(tmp_path).info["description"]


@pytest.mark.parametrize("again", [0, 1])
def test_a_pause_and_each_annotation_of_a_fif_go_out_once(tmp_path: Path, again: int):
    raw = mne.io.RawArray(
        2e-5 * np.random.default_rng(0).standard_normal((3, 2560)),
        mne.create_info(["Fp1", "Fp2", "O1"], SFREQ, "eeg"), first_samp=640, verbose="error",
    )  # fmt: skip
    given = [(2.0, 0.5, "A"), (5.0, 3.0, "BAD_ACQ_SKIP"), (12.0, 0.0, "boundary"), (12.0, 0.0, "B")]
    raw.set_annotations(mne.Annotations(*zip(*given, strict=True)))
    path = tmp_path / "a0_raw.fif"
    raw.save(path, verbose="error")
    for k in range(again):  # each time that MNE reads and writes it, it adds one more for the pause
        raw = mne.io.read_raw_fif(path, verbose="error")
        raw.save(path := tmp_path / f"a{k + 1}_raw.fif", verbose="error")
    theirs = list(mne.io.read_raw_fif(path, verbose="error").annotations.description)
    assert theirs.count("BAD_ACQ_SKIP") == 2 + again
    assert exported(str(path), "--to", "fif", "--out", str(tmp_path / "o")) == 0
    known = sorted((onset, lasts, "BAD_gap" if "SKIP" in text else text) for onset, lasts, text in given)
    for out in (raw_of(tmp_path / "o"), insula.load(path).raw):
        assert sorted((a["onset"], a["duration"], a["description"]) for a in out.annotations) == known
        there = np.r_[0:640, 1024:2560]
        np.testing.assert_allclose(out.get_data()[:, there], raw.get_data()[:, there], rtol=1e-5, atol=1e-11)
        assert not out.get_data()[:, 640:1024].any()
    expected = sorted((onset, text) for onset, _, text in given)
    assert sorted((one["time"], one["text"]) for one in insula.load(path).markers) == expected
    assert exported(str(path), "--to", "tsv", "--out", str(tmp_path / "t")) == 0
    _, *rows = (tmp_path / "t" / "markers.tsv").read_text(encoding="utf-8").splitlines()
    assert sorted((float(time), text) for time, _, _, text, _ in (row.split("\t") for row in rows)) == expected


@pytest.mark.parametrize(
    "content", ['{"start": 5}', "[1]", "null", "", "{", '{"start": "\\ud800"}', '{"start_lsl": "x"}']
)
def test_a_damaged_description_costs_the_date_alone(made: Session, tmp_path: Path, capsys: Out, content: str):
    made.json.write_text(content, encoding="utf-8")
    assert exported(str(made.json), "--to", "fif", "--out", str(tmp_path / "out")) == 0
    assert "When it was recorded is left out" in capsys.readouterr().err
    raw = raw_of(tmp_path / "out")
    assert raw.info["meas_date"] is None
    assert raw.n_times == round(SECONDS * SFREQ)
    assert "affect/happy" in raw.annotations.description
    assert exported(str(made.json), "--to", "tsv", "--out", str(tmp_path / "tables")) == 0
    rows = (tmp_path / "tables" / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 4


def test_more_markers_than_memory_holds_are_counted_and_told(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.study.export_mne.MOST_MARKERS", 3)
    monkeypatch.setattr("app.study.mne_annotations._LETTERS", 30)
    monkeypatch.setattr("app.study.mne_annotations._SHORTEST", 5)
    path = tmp_path / "a.xdf"
    head = (
        "<info><name>{}</name><type>{}</type><channel_format>{}</channel_format><channel_count>1</channel_count>"
        "<nominal_srate>{}</nominal_srate><desc><channels><channel><label>Cz</label><unit>uV</unit></channel></channels></desc></info>"
    )
    times = T0 + np.arange(1280) / SFREQ
    texts = ["one", "a text that is too long", "three", "four", "five"]
    with XdfWriter(path, "x") as file:
        file.add_stream(1, head.format("Amp", "EEG", "float32", SFREQ), "float32", 1)
        file.add_stream(2, head.format("Cues", "Markers", "string", 0), "string", 1)
        file.write(1, times, sine(7.0, 10.0, SFREQ)[:, None].astype("f4"))
        file.write(2, T0 + np.arange(1.0, 6.0), np.array(texts, object)[:, None])
    assert exported(str(path), "--to", "fif", "--out", str(tmp_path / "out")) == 0
    told = capsys.readouterr().err
    assert "The first 3 of 5 markers are in it" in told
    assert "1 texts have more than 10 letters and are cut there" in told
    annotations = raw_of(tmp_path / "out").annotations
    assert [note["description"] for note in annotations] == ["one", "a text tha", "three"]
    np.testing.assert_allclose(annotations.onset, [1.0, 2.0, 3.0])
    assert exported(str(path), "--to", "tsv", "--out", str(tmp_path / "tables")) == 0
    rows = (tmp_path / "tables" / "markers.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split("\t")[3] for row in rows] == texts
