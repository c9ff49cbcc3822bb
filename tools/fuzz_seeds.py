"""Every reader that Insula has, and sound inputs for each: made here, and such as lie in a folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mne
import numpy as np
import torch

from acquisition import device_memory
from acquisition.devices import read_device
from acquisition.eeg_file import EegFile
from acquisition.replay import recorded_events
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import items
from acquisition.xdf_file import XdfFile
from app.session import session_choices
from app.session.recording_files import RecordingFiles
from app.study.mne_raw import to_raw
from app.study.run_data import RunData
from app.study.trials_table import read_trials
from core import config
from core.config import Config, EegConfig, FaceConfig, RecordConfig
from core.data import Chunk, Label, Notice, Prediction, Rating, StreamInfo
from core.errors import EndOfStream
from core.models import checkpoint
from core.models.model_file import SHIPPED, read_model
from core.recording.film import FilmReader
from core.recording.label_reader import LabelReader
from core.recording.labels import LabelStore
from core.recording.outputs import event_from_text, event_to_text, prediction_from_row, prediction_to_row
from core.recording.session import Session
from core.recording.stream_header import from_xml, to_xml
from core.recording.video import VideoCoder, VideoReader
from core.recording.xdf_reader import Header, byte_at, read_xdf
from core.recording.xdf_writer import XdfWriter
from core.windowing import Windower
from tests.acquisition.edf_files import eeg, write_edf
from training.run import Draws, Run, Stateful, read_config

SHARES = {
    "xdf": 15, "events": 150, "header": 200, "prediction": 100, "device": 150, "session": 80, "labels": 40, "model": 5,
    "video": 6, "trials": 150, "edf": 12, "bdf": 8, "mne": 3, "config": 120, "memory": 60, "choices": 60, "run": 60,
}  # fmt: skip
"""How many of the inputs each reader gets, in parts of their sum: slow ones fewer."""
SLOW = 40
"""Readers with no larger a share take long for each input."""
_ENDINGS = {
    "xdf": (".xdf",), "labels": (".sqlite",), "session": ("_session.json",), "model": (".safetensors",),
    "video": (".mkv",), "trials": (".tsv",), "edf": (".edf",), "bdf": (".bdf",), "mne": (".fif", ".vhdr", ".set"),
    "config": (".toml",),
}  # fmt: skip
_MOST_ITEMS = 20_000
_SMALL = FaceConfig(width_px=64, height_px=48, fps=10.0)


@dataclass(frozen=True, slots=True)
class Reader:
    """One door of Insula's."""

    name: str
    read: Callable[[bytes], object]
    """Reads an input through that door, and as much behind it as depends on it."""


def readers_of(folder: Path) -> list[Reader]:
    """Return the readers; what has to be a file is put into `folder`."""
    study = folder / "study" / "sourcedata" / "sub-P001" / "ses-01"
    (study / "eeg").mkdir(parents=True, exist_ok=True)
    (study / "beh").mkdir(exist_ok=True)
    session = Session(study, "sub-P001_ses-01_task-live_run-001")

    def put(path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def as_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda data: read(data.decode("utf-8", "replace"))

    words = json.dumps({"participant": "P", "status": "ok", "classes": ["a", "b"]})
    numbers = np.zeros(12 + 2 + 4)
    return [
        Reader("xdf", lambda data: _read_xdf(put(session.xdf, data))),
        Reader("events", as_text(lambda text: (event_from_text(text), event_from_text(text, derived=True)))),
        Reader("header", as_text(_read_header)),
        Reader("prediction", as_text(lambda text: prediction_from_row(numbers, text or words))),
        Reader("device", as_text(_read_device)),
        Reader("session", lambda data: (put(session.json, data), session.about())),
        Reader("labels", lambda data: _read_labels(put(session.labels, data))),
        Reader("model", lambda data: _read_model(put(folder / "m.safetensors", data))),
        Reader("video", lambda data: _read_video(put(folder / "v.mkv", data))),
        Reader("trials", lambda data: read_trials(put(folder / "trials.tsv", data))),
        Reader("edf", lambda data: _read_signal(put(folder / "a.edf", data))),
        Reader("bdf", lambda data: _read_signal(put(folder / "a.bdf", data))),
        Reader("mne", lambda data: _read_signal(put(folder / "a_raw.fif", data))),
        Reader("config", lambda data: config.load(put(folder / "c.toml", data))),
        Reader("memory", lambda data: (put(device_memory.path_for("a", "b", ("x",)), data), _recall())),
        Reader("run", lambda data: _read_run(folder / "run", data)),
        Reader("choices", lambda data: (put(session_choices._path(), data), session_choices._recall())),
    ]


def seeds_of(folder: Path, corpus: Path | None) -> dict[str, list[bytes]]:
    """Return sound inputs for each reader, made in `folder`, and those of `corpus`."""
    session = _session(folder)
    found = {
        "xdf": [session.xdf.read_bytes(), _foreign_xdf(folder).read_bytes()],
        "labels": [_labels(folder).read_bytes()],
        "session": [session.json.read_bytes()],
        "model": [SHIPPED.read_bytes()],
        "video": [session.video.read_bytes()],
        "trials": [_TRIALS.encode(), ("\ufeff" + _TRIALS).encode(), _TRIALS.encode("utf-16")],
        "edf": [
            write_edf(folder / "a.edf", eeg(4.0)).read_bytes(),
            write_edf(folder / "d.edf", eeg(4.0), starts=[0.0, 1.0, 60.0, 61.0], notes=[(1.0, 0.5, "a")]).read_bytes(),
        ],
        "bdf": [write_edf(folder / "b.bdf", eeg(2.0)).read_bytes()],
        "mne": [_fif(folder).read_bytes()],
        "config": [_toml().encode()],
        "memory": [json.dumps({"device": "a", "names": ["Cz"], "unit": "uV", "confirmed": True}).encode()],
        "choices": [json.dumps(dataclasses.asdict(session_choices.SessionChoices("s", "P", "01", "film"))).encode()],
        "run": list(_run_files(folder / "run")),
        "header": [to_xml(info).encode() for info in _infos()],
        "device": [to_xml(info).encode() for info in _infos()],
        "prediction": [str(prediction_to_row(_prediction())[1][0, 1]).encode()],
        "events": [text.encode() for text in _events()],
    }
    for name, endings in _ENDINGS.items():
        for path in sorted(corpus.rglob("*")) if corpus else ():
            if path.name.endswith(endings) and path.is_file() and path.stat().st_size < 2**20:
                found[name].append(path.read_bytes())
    return found


def _read_xdf(path: Path) -> None:
    """Read a recording in each of the ways in which it is read."""
    headers = {part.number: part for part in read_xdf(path) if isinstance(part, Header)}
    for number in list(headers)[:2]:
        byte_at(path, headers, number, 10.0)
    for _ in recorded_events(path):
        pass
    with XdfFile(path, EegConfig(), "P001") as source:
        _cut(source, source.infos)
        start, stop = source.span
        source.seek((start + stop) / 2)
        with contextlib.suppress(EndOfStream):
            for _ in range(20):
                source.read(0.0)
        source.seek(start)
        to_raw(source.infos, items(source), (), 0.15)


def _cut(source: XdfFile | EegFile, infos: tuple[StreamInfo, ...]) -> None:
    """Cut the windows of what a source gives."""
    windowers = {
        name: Windower(name, [info for info in infos if info.participant == name], Config())
        for name in {info.participant for info in infos}
    }
    owner = {info.key: info.participant for info in infos if info.kind == "eeg"}
    for _, item in zip(range(_MOST_ITEMS), items(source, 0.0), strict=False):
        if isinstance(item, Chunk) and item.stream in owner:
            windowers[owner[item.stream]].push(item)


def _read_header(text: str) -> None:
    with contextlib.suppress(SyntaxError):  # the reader of XDF takes what is no XML for damage before it comes here
        from_xml(text, 2)


def _read_device(text: str) -> None:
    with contextlib.suppress(SyntaxError, ValueError):  # liblsl and the reader of XDF have checked the numbers
        read_device(text)


def _read_labels(path: Path) -> None:
    with LabelReader(path) as reader:
        reader.current()
        reader.ratings()


def _read_model(path: Path) -> None:
    read_model(path)
    checkpoint.load(path)


def _read_video(path: Path) -> None:
    with VideoReader(path) as reader:
        for _ in range(50):
            if reader.read() is None:
                break
        reader.seek(0.5)
        reader.read()
    with FilmReader(path) as film:
        for _ in range(50):
            if film.read() is None:
                break


def _read_signal(path: Path) -> EegFile:
    with EegFile(path, "P") as source:
        _cut(source, source.infos)
    return source


def _run_files(folder: Path) -> Iterator[bytes]:
    """Give the files of a run's folder, each behind a line that says which it is."""
    with Run(folder, {"seed": 1, "people": ["a", "b"]}) as run:
        run.save_state("fit", _state(), {"epoch": 3})
        yield b"state-fit.safetensors\n" + (folder / "state-fit.safetensors").read_bytes()
        run.finish({"accuracy": 0.5, "losses": [1.0, 0.5]})
    RunData("Ours", ("a", "b"), 2, 9.0, (), False, ("S1", "S2"), 40, {"a": 2, "b": 2}).write(folder)
    for name in ("config.json", "metrics.json", "data.json"):
        yield f"{name}\n".encode() + (folder / name).read_bytes()


def _read_run(folder: Path, data: bytes) -> None:
    """Read an input as the file of a run that its first line names."""
    first, _, content = data.partition(b"\n")
    run = Run(folder / "going", {})
    match first:
        case b"state-fit.safetensors":
            (run.folder / "state-fit.safetensors").write_bytes(content)
            run.load_state("fit", _state())
        case b"metrics.json":
            (run.folder / "metrics.json").write_bytes(content)
            _ = run.metrics
        case b"data.json":
            (folder / "data.json").write_bytes(content)
            RunData.read(folder)
        case _:
            (folder / "config.json").write_bytes(content)
            read_config(folder)


def _state() -> dict[str, Stateful]:
    return {"network": torch.nn.Linear(3, 2), "draws": Draws(np.random.default_rng(1))}


def _recall() -> object:
    return device_memory.recall("a", "b", ("x",))


_TRIALS = "participant\tfile\tstart\tstop\tlabel\tvalence\tarousal\n" + "".join(
    f"S{k}\ta{k}.edf\t{k}\t{k + 9}.5\t{('calm', 'happy')[k % 2]}\t0.5\tn/a\n" for k in range(6)
)


def _infos() -> Iterator[StreamInfo]:
    with SimulatedEeg("P001", 7, 1000.0, ("Fp1", "O1", "Cz"), 100.0, duration=1.0, clock=None) as source:
        yield source.infos[0]
        yield dataclasses.replace(source.infos[0], kind="markers", name="Cues", type="Markers", dtype="string")


def _session(folder: Path) -> Session:
    """Return a session of ten seconds of EEG and face, with predictions, answers and notices."""
    made = Session.create(RecordConfig(study=str(folder / "sound"), task="film"))
    coder = VideoCoder(_SMALL.width_px, _SMALL.height_px, _SMALL.fps)
    sources: list[SimulatedEeg | SimulatedFace] = [
        SimulatedEeg("P001", 7, 1000.0, ("Fp1", "O1"), 100.0, duration=10.0, clock=None),
        SimulatedFace("P001", 7, 1000.0, _SMALL, coder=coder, duration=10.0, clock=None),
    ]
    prediction = _prediction()
    chunks: list[Chunk] = []
    with contextlib.ExitStack() as opened:
        for source in sources:
            opened.enter_context(source)
            chunks += [item for item in items(source) if isinstance(item, Chunk)]
        infos = [source.infos[0] for source in sources]
    files = RecordingFiles(made, infos, ["P001"], prediction.classes, "2026-11-21T10:00:00+00:00", True)
    for k, chunk in enumerate(sorted(chunks, key=lambda chunk: float(chunk.times[-1]))):
        files.write(chunk, False)
        if k % 10 == 0:
            files.write(dataclasses.replace(prediction, stop=float(chunk.times[-1])), True)
            files.flush()
    files.write(Notice(infos[0].key, 1005.0, "gap", "no samples"), True)
    files.write(Label("l", "s", "P001", 1004.0, 1005.0, 1006.0, label="sad"), False)
    files.close()
    made.describe({"participants": ["P001"], "start": "2026-11-21T10:00:00+00:00", "start_lsl": 1000.0})
    return made


def _foreign_xdf(folder: Path) -> Path:
    """Return a file such as LabRecorder writes."""
    path = folder / "foreign.xdf"
    head = "<info><name>{}</name><type>{}</type><channel_format>{}</channel_format><channel_count>{}</channel_count>"
    head += "<nominal_srate>{}</nominal_srate><desc><channels>{}</channels></desc></info>"
    labels = "".join(f"<channel><label>{name}</label><unit>microvolts</unit></channel>" for name in ("Fz", "Cz", "Pz"))
    rng = np.random.default_rng(1)
    with XdfWriter(path, "2026-11-21T10:00:00+00:00") as file:
        file.add_stream(1, head.format("Amp", "EEG", "float32", 3, 100, labels), "float32", 3)
        file.add_stream(2, head.format("Cues", "Markers", "string", 1, 0, ""), "string", 1)
        for k in range(10):
            file.write_offset(1, 500.0 + k, 0.001)
            file.write(1, 500.0 + k + np.arange(100) / 100.0, 20.0 * rng.standard_normal((100, 3)))
            file.write_offset(2, 500.0 + k, 0.002)
            file.write(2, np.array([500.5 + k]), np.array([[f"cue {k}"]], dtype=object))
            file.flush()
    return path


def _labels(folder: Path) -> Path:
    path = folder / "labels.sqlite"
    with LabelStore(path) as store:
        for k in range(30):
            store.add(Label(f"u{k}", "s", "P001", 10.0 + k, 14.0 + k, 99.5 + k, label="happy", note="sûr"))
        times = tuple(10.0 + 0.04 * k for k in range(50))
        store.add(Rating("r", "P001", "valence", times, tuple(0.1 for _ in times), 15.0))
    return path


def _fif(folder: Path) -> Path:
    path = folder / "seed_raw.fif"
    info = mne.create_info(["Fp1", "Cz", "O1"], 100.0, "eeg")
    raw = mne.io.RawArray(1e-5 * np.random.default_rng(2).standard_normal((3, 400)), info, verbose="error")
    raw.annotations.append(1.0, 0.5, "a")
    raw.save(path, verbose="error", overwrite=True)
    return path


def _toml() -> str:
    rows = []
    for name, part in dataclasses.asdict(Config()).items():
        if isinstance(part, dict):
            rows.append(f"[{name}]")
            rows += [f"{key} = {json.dumps(value)}" for key, value in part.items() if not isinstance(value, dict)]
    return "\n".join([*rows, '[[markers]]\nname = "Cues"\n'])


def _prediction() -> Prediction:
    return Prediction(
        participant="P001", start=1000.0, stop=1002.0, status="ok", classes=("a", "b"), probabilities=(0.6, 0.4),
        valence=0.1, arousal=0.2, valence_sd=0.3, arousal_sd=0.3, uncertainty=0.6, aleatoric=0.5, epistemic=0.1,
        vacuity=0.2, disagreement=0.1, weights=(0.5, 0.5), noise=(1.0, 1.0), prediction_set=("a",), coverage=0.9,
        bad_channels=(("Fp1", "flat"),), notes=("a note",), model="0" * 64,
    )  # fmt: skip


def _events() -> Iterator[str]:
    yield event_to_text(Label("l", "s", "P001", 1004.0, 1005.0, 1006.0, label="sad"), "label")
    yield event_to_text(Notice("k", 1005.0, "gap", "no samples"), "notice")
    yield event_to_text(Notice("k", 1005.0, "gap", "no samples"), "derived")
