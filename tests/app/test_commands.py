"""Every command on a real recording, as a person would type it."""

import json
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mne
import numpy as np
import pytest
from PyQt6.QtCore import QTimer

from acquisition.lsl_config import Reach
from acquisition.network import Card
from acquisition.replay import open_recording, recorded_predictions
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import items
from app.cli import main
from app.commands import doctor_network, streams
from app.session import headless
from app.session.engine import Ended
from app.session.label_keeper import LabelKeeper
from app.session.recording_files import RecordingFiles
from app.session.session_state import SessionState
from app.session.wiring import pipelines
from app.window.main_window import MainWindow
from core.active.moments import moments
from core.config import Config, FaceConfig, LslConfig, QueueConfig, RecordConfig
from core.data import Chunk, Fault, Item, Label, Notice, Prediction, Rating, RecordingHealth, Segment, StreamInfo
from core.errors import EndOfStream
from core.predictor import Predictor
from core.recording.labels import LabelStore
from core.recording.session import Session
from core.recording.video import VideoCoder
from tests.app.staged import eeg_info, video_info
from tests.core.active.test_query import SURE

SECONDS = 20.0
T0 = 500.0


def _interleaved(sources: list[Any]) -> Iterator[Item]:
    """The items of both sources in the order of their stamps, as they would arrive."""
    heads: dict[int, Item] = {}
    while True:
        for k, source in enumerate(sources):
            if k not in heads:
                try:
                    heads[k] = source.read(1.0)
                except EndOfStream:
                    continue
        if not heads:
            return
        first = min(heads, key=lambda k: heads[k].times[-1])  # type: ignore[union-attr]
        yield heads.pop(first)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    config = Config(record=RecordConfig(study=str(tmp_path_factory.mktemp("study")), task="film"))
    face = FaceConfig(fps=8.0)
    coder = VideoCoder(face.width_px, face.height_px, face.fps)
    sources: list[SimulatedEeg | SimulatedFace] = [
        SimulatedEeg("P001", 7, T0, duration=SECONDS, clock=None),
        SimulatedFace("P001", 7, T0, face, coder=coder, duration=SECONDS, clock=None),
    ]
    infos = [info for source in sources for info in source.infos[:1]]
    predictor = Predictor("", config)
    pipeline = pipelines(config, predictor)(infos)
    made = Session.create(config.record)
    made.describe({"participants": ["P001"], "start": "2026-11-21T10:00:00+00:00", "start_lsl": T0 - 2.0})
    files = RecordingFiles(made, infos, ["P001"], predictor.classes, "2026-11-21T10:00:00+00:00", True)
    for item in _interleaved(sources):
        files.write(item, False)
        for event in pipeline.push(item):
            if isinstance(event, Prediction | Segment | Notice):
                files.write(event, True)
    answer = Label("u1", "", "P001", T0 + 8, T0 + 12, T0 + 13, label="happy", valence=0.5, annotator="anna")
    files.close()
    with LabelStore(made.labels) as store:
        store.add(answer)
        store.add(replace(answer, uid="u2", start=T0 + 14, stop=T0 + 18, label="sad", note="or\tfear\r\n?"))
    return made


Out = pytest.CaptureFixture[str]


def test_replay_writes_the_table_of_what_was_predicted_live(session: Session, tmp_path: Path, capsys: Out):
    out = tmp_path / "p.tsv"
    assert main(["replay", str(session.folder), "--out", str(out), "--speed", "max"]) == 0
    head, *rows = (line.split("\t") for line in out.read_text(encoding="utf-8").splitlines())
    live = recorded_predictions(session.xdf)
    assert len(rows) == len(live) > 60
    for row, p in zip(rows, live, strict=True):
        cells = dict(zip(head, row, strict=True))
        assert float(cells["stop"]) == p.stop
        assert float(cells["p_happy"]) == p.probabilities[1]
        assert float(cells["weight_eeg"]) == p.weights[0]
    assert f"{len(rows)} windows" in capsys.readouterr().err


def test_two_models_are_told_apart_by_their_hash(session: Session, tmp_path: Path, shipped: Path):
    out = tmp_path / "p.tsv"
    words = ["replay", str(session.xdf), "--out", str(out), "--speed", "max"]
    assert main([*words, "--model", str(shipped), "--model", str(shipped)]) == 0
    rows = out.read_text(encoding="utf-8").splitlines()[1:]
    assert rows[: len(rows) // 2] == rows[len(rows) // 2 :]


def test_models_with_other_classes_share_no_table(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
):
    models = {"a": SimpleNamespace(classes=("calm",)), "b": SimpleNamespace(classes=("calm", "tense"))}
    monkeypatch.setattr("app.commands.replay_table.predictor_of", lambda path, _: models[path])
    out = tmp_path / "p.tsv"
    assert main(["replay", str(session.xdf), "--out", str(out), "--model", "a", "--model", "b"]) == 2
    assert "different classes (calm and calm, tense)" in capsys.readouterr().err
    assert not out.exists()


@pytest.fixture(scope="module")
def shipped() -> Path:
    from core.models.model_file import SHIPPED

    return SHIPPED


def test_replay_without_a_table_prints_a_line_a_second(session: Session, capsys: Out):
    assert main(["replay", str(session.xdf), "--headless", "--speed", "max"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 10 < len(lines) < 30
    assert "trust EEG" in lines[-1]
    with open_recording(session.xdf, Config()) as source:
        begin, end = source.span
    times = [float(line.split(" s ")[0]) for line in lines]
    assert begin > 2 * (end - begin), "its clock is not that of the session"
    assert 0.0 < times[0] < 5.0
    assert end - begin - 3.0 < times[-1] <= end - begin


def test_a_missing_model_is_told(session: Session, capsys: Out):
    assert main(["replay", str(session.xdf), "--headless", "--model", "none.safetensors"]) == 3
    assert "none.safetensors" in capsys.readouterr().err


def test_export_to_fif_opens_in_mne_in_volts_with_labels(session: Session, tmp_path: Path):
    assert main(["export", str(session.folder), "--to", "fif", "--out", str(tmp_path)]) == 0
    raw = mne.io.read_raw(next(tmp_path.glob("*_raw.fif")), verbose="error")
    assert raw.info["sfreq"] == pytest.approx(250.0, rel=1e-4)
    assert raw.ch_names[:2] == ["Fp1", "Fp2"]
    assert raw.n_times == round(SECONDS * 250)
    assert 2e-6 < raw.get_data().std() < 100e-6
    notes = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations if "affect" in a["description"]]
    assert [(round(o, 2), round(d, 2), text) for o, d, text in notes] == [(8, 4, "affect/happy"), (14, 4, "affect/sad")]
    assert np.isfinite(raw.info["chs"][0]["loc"][:3]).all()
    assert raw.info["description"].startswith("Simulated participant: no EEG of a person. Exported by Insula ")
    assert "Not in it: pictures" in raw.info["description"]
    assert raw.info["meas_date"] == datetime(2026, 11, 21, 10, 0, 2, tzinfo=UTC)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_export_to_bids_is_a_data_set_that_mne_bids_reads(session: Session, tmp_path: Path):
    import mne_bids

    assert main(["export", str(session.xdf), "--to", "bids", "--out", str(tmp_path)]) == 0
    place = mne_bids.BIDSPath(subject="P001", session="01", task="film", run="001", datatype="eeg", root=tmp_path)
    raw = mne_bids.read_raw_bids(place, verbose="error")
    assert len(raw.ch_names) == 32
    assert {"affect/happy", "affect/sad"} <= set(raw.annotations.description)
    head, *rows = (line.split("\t") for line in next(tmp_path.rglob("*_events.tsv")).read_text("utf-8").splitlines())
    happy = next(cells for row in rows if (cells := dict(zip(head, row, strict=True)))["trial_type"] == "affect/happy")
    assert (happy["annotator"], happy["role"], happy["confidence"]) == ("anna", "observer", "n/a")
    assert float(happy["valence"]) == 0.5
    about = json.loads(next(tmp_path.rglob("*_events.json")).read_text("utf-8"))
    assert about["valence"]["Description"]
    assert (tmp_path / "dataset_description.json").exists()
    device = json.loads(next(tmp_path.rglob("*_eeg.json")).read_text("utf-8"))
    assert device["Manufacturer"] == "none"
    assert device["TaskDescription"] == "Simulated participant: no EEG of a person."
    scans = next(tmp_path.rglob("*_scans.tsv")).read_text("utf-8")
    assert "2026-11-21T10:00:02" in scans


def test_export_to_tables(session: Session, tmp_path: Path):
    assert main(["export", str(session.folder), "--to", "tsv", "--out", str(tmp_path)]) == 0
    labels = (tmp_path / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert labels[1].split("\t")[1:5] == ["508.0", "512.0", "8.000000", "12.000000"]
    assert labels[1].split("\t")[5:9] == ["anna", "observer", "label", "happy"]
    assert [len(line.split("\t")) for line in labels] == [21, 21, 21]
    assert "or fear  ?" in labels[2].split("\t")
    assert len((tmp_path / "predictions.tsv").read_text(encoding="utf-8").splitlines()) > 60


def test_tables_of_two_runs_do_not_overwrite_each_other(session: Session, tmp_path: Path, capsys: Out):
    folder = tmp_path / session.folder.name
    shutil.copytree(session.folder, folder)
    with LabelStore(Session.open(folder).labels) as store:
        store.add(Rating("r", "P001", "arousal", (1.0, 1.04), (0.5, -0.5), 9.0, annotator="anna"))
    for path in (folder, folder / "eeg" / session.xdf.name):
        assert main(["export", str(path), "--to", "tsv"]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == str(folder / "eeg" / f"{session.stem}_tables")
        assert {"  labels.tsv", "  predictions.tsv", "  ratings.tsv"} <= set(said[1:])
    tables = folder / "eeg" / f"{session.stem}_tables"
    assert (tables / "labels.tsv").exists()
    ratings = [line.split("\t")[:8] for line in (tables / "ratings.tsv").read_text(encoding="utf-8").splitlines()]
    assert [row[1::6] for row in ratings] == [["annotator", "time"], ["anna", "1.0"], ["anna", "1.04"]]


def test_evaluate_prints_a_row_a_participant_with_an_interval(
    session: Session, shipped: Path, tmp_path: Path, capsys: Out
):
    page = tmp_path / "page.html"
    assert main(["evaluate", str(shipped), "--data", str(session.folder), "--out", str(page)]) == 0
    out = capsys.readouterr().out
    assert "P001" in out
    assert "95 %" in out
    assert "is simulated" in out, "what is simulated is called so"
    assert "</html>" in page.read_text(encoding="utf-8")
    rows = page.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[1] for row in rows] == ["true", "happy", "sad"]


def test_evaluate_without_labels_says_what_to_do(tmp_path: Path, shipped: Path, capsys: Out):
    assert main(["evaluate", str(shipped), "--data", str(tmp_path)]) == 3
    assert "insula label" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["distil", "personalise"])
def test_learning_from_too_little_is_refused_in_words(command: str, session: Session, tmp_path: Path, capsys: Out):
    assert main([command, str(session.folder), "--out", str(tmp_path / "m.safetensors")]) in (2, 3)
    said = capsys.readouterr()
    assert "at least" in said.err
    assert command == "distil" or "reading " not in said.out + said.err
    assert not (tmp_path / "m.safetensors").exists()


def test_doctor_finds_this_machine_fit(capsys: Out):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "ok   liblsl" in out
    assert "MISS" not in out
    assert "ok   LSL looks  Streams are looked for on this machine alone" in out
    assert "ok   LSL sends  Nothing goes out on LSL" in out
    for name in ("LSL file", "network", "firewall", "streams"):
        assert f" {name} " in out


def test_doctor_says_what_to_do_about_the_network(monkeypatch: pytest.MonkeyPatch):
    info = StreamInfo("key", "eeg", "", "Muse", hostname="lab")
    there = [Card("eth0", "10.0.0.5"), Card("wlan0", "10.1.0.5")]
    monkeypatch.setattr(doctor_network, "cards", lambda: there)
    monkeypatch.setattr(doctor_network, "hears_multicast", lambda card: card.name == "eth0")
    monkeypatch.setattr(doctor_network, "firewall", lambda: ("ufw", "sudo ufw allow"))
    monkeypatch.setattr(doctor_network, "look_at_streams", lambda _: [(info, "announced but cannot be reached")])
    known = Reach("link", Path("a.cfg"), Path("b.cfg"), "lab", "{10.0.0.7}", 32, True, ("TTLOverride = 9",))
    monkeypatch.setattr(doctor_network, "reach", lambda: known)
    found = {name: (good, text) for name, good, text in doctor_network.network_checks(LslConfig(publish=True))}
    assert found["LSL file"] == (
        True,
        "a.cfg, made from b.cfg; SessionID = lab: only programs with the same one are seen",
    )
    assert found["LSL looks"][0] is False
    assert "TTLOverride = 9" in found["LSL looks"][1]
    assert "10.0.0.7 is asked as well" in found["LSL looks"][1]
    assert found["LSL sends"][0] is False
    assert "the other machine must be on the network of one" in found["network"][1]
    assert found["multicast"][0] is False
    assert "does not hear itself on wlan0" in found["multicast"][1]
    assert (found["firewall"][0], "sudo ufw allow" in found["firewall"][1]) == (False, True)
    assert found["streams"] == (False, "found 1 on lab; Muse on lab: announced but cannot be reached")
    monkeypatch.setattr(doctor_network, "cards", list)
    found = {name: (good, text) for name, good, text in doctor_network.network_checks(LslConfig())}
    assert found["network"] == (False, "no network card is up: only streams of this machine are found")
    assert "multicast" not in found


def test_doctor_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: Out):
    monkeypatch.setattr("app.commands.doctor._LIBRARIES", ("numpy", "no_such_library"))
    assert main(["doctor"]) == 3
    captured = capsys.readouterr()
    assert "MISS no_such_library" in captured.out
    assert "make run" in captured.out
    assert "missing: no_such_library" in captured.err


def test_a_simulated_stream_is_listed_as_one():
    told = [streams.describe(eeg_info(4, simulated=simulated)) for simulated in (True, False)]
    assert [", 256 Hz, simulated, 4 EEG channels (" in line for line in told] == [True, False]
    assert ", 256 Hz, 4 EEG channels (" in told[1]


def test_streams_with_nothing_on_the_air(capsys: Out):
    assert main(["streams", "--wait", "0.3"]) == 0
    said = capsys.readouterr().out
    assert "insula simulate" in said
    assert ("No camera." in said) is not any(line.startswith("camera ") for line in said.splitlines())


def test_run_without_a_headset_or_camera_ends_with_3_and_leaves_no_folder(tmp_path: Path, capsys: Out):
    (tmp_path / "c.toml").write_text('[eeg]\nwait = 0.5\n[face]\ncamera = "none"\n', encoding="utf-8")
    words = ["run", "--headless", "--config", str(tmp_path / "c.toml"), "--study", str(tmp_path / "study")]
    assert main(words) == 3
    assert "Start the amplifier" in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_simulate_publishes_for_as_long_as_it_is_told(capsys: Out):
    assert main(["simulate", "--participants", "2", "--duration", "0.2"]) == 0
    assert "P001, P002" in capsys.readouterr().out


def test_a_label_over_an_old_recording_is_on_disk_before_it_is_told(tmp_path: Path):
    path = tmp_path / "labels.sqlite"
    told: list[Any] = []

    def tell(message: Any) -> None:
        with LabelStore(path) as store:
            assert store.all() == [message]
        told.append(message)

    keeper = LabelKeeper(path)
    keeper.start([], tell)
    keeper.put(Notice("", 0.0, "info", "kept elsewhere"))
    keeper.follow(SURE)
    assert not path.exists()
    keeper.put(Label("u", "s", "P001", 0.0, 1.0, 2.0, valence=0.0, arousal=0.0, confidence=1.0, response_time=2.5))
    keeper.stop()
    assert len(told) == 1


class Box:
    """An outbox that gives these messages; time goes on by a third of a second at each."""

    def __init__(self, messages: list[Any]) -> None:
        self.outbox = self
        self.now = 0.0
        self._messages = messages

    def get_nowait(self) -> Any:
        self.now += 0.34
        return self._messages.pop(0)


def test_the_terminal_says_in_words_what_happens(capsys: Out):
    health = RecordingHealth(0.0, "x.xdf", True, 10, 10)
    abstains = replace(SURE, participant="P002", status="no usable signal: EEG gap, no face")
    box = Box(
        [
            *(
                health,
                SURE,
                abstains,
                Notice("k", 0.0, "lost", "amp is gone"),
                video_info("P001"),
                video_info("P002"),
                Notice("video-P002", 0.0, "info", "It is dark."),
                Segment("u", "P001", 0, 4, 1.0, "why", SURE),
            ),
            *(
                replace(health, recording=False, problem="disk full"),
                Fault("engine", 0.0, "broke"),
                SURE,
                SURE,
                Ended(0.0),
            ),
        ]
    )
    clock: Callable[[], float] = lambda: box.now  # noqa: E731
    assert headless.Headless(box, clock).run(None) == 4  # type: ignore[arg-type]
    out = capsys.readouterr().out
    for words in (
        "recording  P001: a 1.00",
        "P002: abstains, no usable signal",
        "! amp is gone",
        "! P002 · Camera 0: It is dark.",
        "? worth a label: P001",
    ):
        assert words in out
    assert "! disk full" in out
    assert "!! engine: broke" in out
    assert out.splitlines()[-1].split("s  ")[1].startswith("not recording")


@pytest.fixture
def look(qapp: Any) -> Callable[..., Any]:
    """Open a command's window, wait until it is as it should be, take something from it, close it."""

    def run(words: list[str], until: Callable[[MainWindow], bool], take: Callable[[MainWindow], Any]) -> Any:
        taken: list[Any] = []

        def seen() -> None:
            windows = [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
            if windows and until(windows[0]):
                taken.append(take(windows[0]))
                qapp.quit()

        timer = QTimer()
        timer.timeout.connect(seen)
        timer.start(50)
        assert main(words) == 0
        timer.stop()
        assert len(taken) == 1
        return taken[0]

    return run


def test_the_window_over_a_recording_opens_and_closes(session: Session, look: Callable[..., Any]):
    words = ["replay", str(session.xdf), "--speed", "max"]
    overview = look(words, lambda w: w.replay_bar.has_recorded, lambda w: w.replay_bar.session_overview)
    assert sorted(label.uid for label in overview.labels) == ["u1", "u2"]


@pytest.mark.parametrize("live", [True, False])
def test_it_asks_about_what_was_predicted_live_unless_another_model_is_to_ask(
    live: bool, session: Session, tmp_path: Path, shipped: Path, look: Callable[..., Any]
):
    said = recorded_predictions(session.xdf)
    model, blob = tmp_path / "other.safetensors", shipped.read_bytes()
    (size,) = struct.unpack_from("<Q", blob)
    # Another file of the same weights: a space more in its header makes another hash.
    model.write_bytes(struct.pack("<Q", size + 8) + blob[8 : 8 + size] + b" " * 8 + blob[8 + size :])
    words = ["label", str(session.xdf), "--annotator", "anna"]
    shown = lambda w: (clip := w.labelling.playback._clip) is not None and clip.has_eeg  # noqa: E731
    words = words if live else [*words, "--model", str(model)]
    annotation, asked_by, clip = look(
        words,
        lambda w: w.status.state is SessionState.ENDED and shown(w),
        lambda w: (w.labelling.annotation, w._asked_by, w.labelling.playback._clip),
    )
    asked = moments(said, QueueConfig().length)
    assert annotation.annotator == "anna"
    assert annotation.n_waiting == len(asked) > 1
    assert sorted(s.start for s in annotation._seen.values()) == sorted(s.start for s in asked)
    assert (annotation.current.uid == asked[0].uid) is live
    assert (annotation.current.prediction.model == said[0].model) is live
    assert ("as it predicted live" in asked_by) is live
    assert clip.has_eeg
    assert clip.frames or clip.lost == "reading"


def test_a_session_without_answers_has_none_to_merge(session: Session, tmp_path: Path, capsys: Out):
    copied = tmp_path / "copy"
    shutil.copytree(session.folder, copied)
    Session.open(copied).labels.unlink()
    assert main(["labels", "merge", str(copied), "--into", str(session.folder)]) == 2
    assert f"{copied} has no answers yet." in capsys.readouterr().err


def test_answers_of_two_annotators_are_compared_merged_decided_and_go_to_other_tools_and_back(
    session: Session, tmp_path: Path, capsys: Out, look: Callable[..., Any]
):
    study = tmp_path / "copy"
    shutil.copytree(session.folder, study)
    copy, anna = Session.open(study), Label("a1", "m1", "P001", T0 + 4, T0 + 7, T0 + 9, annotator="anna", label="happy")
    with LabelStore(tmp_path / "ben.sqlite") as store:
        store.add(replace(anna, uid="b1", annotator="ben", label="sad"))
    with LabelStore(copy.labels) as store:
        store.add(anna)
    assert main(["labels", "agree", str(study)]) == 2
    assert "--double 0.2" in capsys.readouterr().err
    assert main(["labels", "merge", str(tmp_path / "ben.sqlite"), "--into", str(study)]) == 0
    assert "1 answer and 0 samples" in capsys.readouterr().out
    assert main(["labels", "agree", str(study)]) == 0
    told = capsys.readouterr().out
    assert "anna and ben: Cohen's kappa 0.000, the same in 0 of 1" in told
    assert "P001 4.00 to 7.00 s: anna happy, ben sad" in told

    uid, n_waiting, because = look(
        ["label", str(study), "--annotator", "chief", "--adjudicate"],
        lambda w: w.labelling.annotation.ready,
        lambda w: (a := w.labelling.annotation) and (a.current.uid, a.n_waiting, w.labelling._because.text()),
    )
    assert (uid, n_waiting, because) == ("m1", 1, "anna: happy · ben: sad")

    for tool, ending in (("elan", "_elan.eaf"), ("label-studio", "_label-studio.json")):
        assert main(["labels", "export", str(study), "--to", tool]) == 0
        out = Path(capsys.readouterr().out.strip())
        assert out.name == f"{copy.stem}{ending}"
        assert out.stat().st_mode & 0o077 == 0
        assert main(["labels", "import", str(study), str(out)]) == 0
        assert "0 answers added, 4 already there" in capsys.readouterr().out
        out.write_text(out.read_text().replace("happy", "surprise", 1) if tool == "elan" else out.read_text())
    drawn = [{"id": 1, "annotations": [{"id": 2, "result": [{"id": "r", "type": "timeserieslabels", "value": {
        "start": 4.0, "end": 400.0, "timeserieslabels": ["sad"]}}]}]}]  # fmt: skip
    (tmp_path / "beyond.json").write_text(json.dumps(drawn))
    assert main(["labels", "import", str(study), str(tmp_path / "beyond.json")]) == 2
    assert "from 4.0 to 400.0 s of a recording that lasts" in capsys.readouterr().err
    rows = (copy.folder / "beh" / f"{copy.stem}_label-studio.csv").read_text().splitlines()
    assert rows[0].startswith("time,")
    assert float(rows[65].split(",")[0]) == pytest.approx(1.0)


def test_a_page_on_the_session_lies_beside_it(session: Session, capsys: Out):
    assert main(["report", str(session.folder)]) == 0
    path = Path(capsys.readouterr().out.removeprefix("The report is at ").strip())
    assert path.parent == session.folder
    page = path.read_text(encoding="utf-8")
    assert "A simulated participant" in page
    assert "anna" in page
    assert page.count("<svg") == 1


def test_a_simulated_session_with_the_window_records(tmp_path: Path, qapp: Any, capsys: Out):
    words = ["run", "--simulate", "--participant", "P7", "--task", "film", "--study", str(tmp_path), "--duration", "5"]
    assert main(words) == 0
    path = Path(capsys.readouterr().out.rpartition("The recording is at ")[2].strip())
    assert path.parent.parent.parent.name == "sub-P7"
    assert recorded_predictions(path)
    assert Session.open(path).about()["device"] in ("cpu", "cuda"), "read there again by a replay"


def test_chunks_of_the_session_lie_in_the_file_in_order_of_arrival(session: Session):
    from acquisition.replay import open_recording

    with open_recording(session.xdf, Config()) as source:
        stamps = [float(item.times[-1]) for item in items(source) if isinstance(item, Chunk)]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("command", ["label", "replay", "run"])
def test_two_acts_on_one_key_are_refused_before_anything_is_opened(
    command: str, session: Session, tmp_path: Path, qapp: Any, capsys: Out, monkeypatch: pytest.MonkeyPatch
):
    config = tmp_path / "keys.toml"
    config.write_text('[label.keys]\nhappy = "L"\n', encoding="utf-8")
    words = ["--simulate", "--study", str(tmp_path / "study")] if command == "run" else [str(session.xdf)]
    monkeypatch.setattr("app.commands.replay_window.open_recording", None)  # it is not opened
    assert main([command, *words, "--config", str(config)]) == 2
    assert "'happy' and 'theme' are both on L" in capsys.readouterr().err
    assert not (tmp_path / "study").exists()
