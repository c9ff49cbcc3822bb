"""What the benchmarks are run on: simulated participants with any montage, as chunks or as a recorded session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from acquisition.simulator.eeg import CAP_32
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.source import Source, items
from app.session.recording_files import RecordingFiles
from core.config import Config
from core.data import Chunk, StreamInfo
from core.face_reading import reading_of
from core.faces import FaceStage
from core.models.face import FaceReader
from core.montage import canonical_name, template
from core.recording.session import Session
from core.recording.video import VideoCoder

T0 = 1000.0
"""LSL time at which simulated recordings begin."""
_FLUSH_EVERY = 500


def montage(n_chans: int) -> tuple[str, ...]:
    """Return electrodes for a cap of this size: the usual 32, then the rest of 10-10, then 10-05."""
    known = [name for name, place in template().items() if canonical_name(name) == name and place[2] > -0.02]
    rest = sorted((name for name in known if name not in CAP_32), key=lambda name: name.endswith("h"))
    names = (*CAP_32, *rest)
    if n_chans > len(names):
        raise ValueError(f"{n_chans} channels are more than the {len(names)} places of 10-05 on the scalp.")
    return names[:n_chans]


def simulated_eeg(
    participant: str, seed: int, seconds: float, n_chans: int = 32, sfreq: float = 250.0
) -> tuple[StreamInfo, list[Chunk]]:
    """Return the stream and all chunks, 32 ms each, of one simulated participant."""
    source = SimulatedEeg(participant, seed, T0, montage(n_chans), sfreq, duration=seconds, clock=None)
    return source.infos[0], list(read_all(source))


def read_all(source: Source) -> Iterator[Chunk]:
    """Give the chunks of a source that has an end."""
    with source:
        yield from (item for item in items(source) if isinstance(item, Chunk))


def record(
    folder: Path,
    config: Config,
    seed: int,
    seconds: float,
    n_chans: int,
    sfreq: float,
    face: bool,
    reader: FaceReader | None = None,
) -> Session:
    """Write a session of a simulated participant, through the classes that record a live one; return it.

    With a `reader`, what it reads of the face is kept beside the pictures.
    """
    config = replace(config, record=replace(config.record, study=str(folder), task="face" if face else "eeg"))
    person = config.record.participant
    sources: list[Source] = [SimulatedEeg(person, seed, T0, montage(n_chans), sfreq, duration=seconds, clock=None)]
    if face:
        coder = VideoCoder(config.face.width_px, config.face.height_px, config.face.fps, config.record.crf)
        sources.append(SimulatedFace(person, seed, T0, config.face, coder=coder, duration=seconds, clock=None))
    session = Session.create(config.record)
    infos = [info for source in sources for info in source.infos]
    stages: dict[str, FaceStage] = {}
    if reader is not None:
        reading = reading_of(config.face)
        infos = [replace(info, face_reading=reading) if info.kind == "video" else info for info in infos]
        stages = {info.key: FaceStage(info, config.face, reader) for info in infos if info.kind == "video"}
    files = RecordingFiles(session, infos, [person], (), "2000-01-01T00:00:00+00:00", video=face)
    for number, chunk in enumerate(in_time(sources)):
        files.write(chunk, derived=False)
        for seen in stages[chunk.stream].push(chunk) if chunk.stream in stages else ():
            files.write(seen, derived=False)
        if number % _FLUSH_EVERY == 0:
            files.flush()
    files.close()
    session.describe({"participants": [person], "simulated": True, "seed": seed})
    return session


def in_time(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Give the chunks of several sources in the order in which they would have come."""
    streams = [read_all(source) for source in sources]
    waiting = {k: chunk for k, stream in enumerate(streams) if (chunk := next(stream, None)) is not None}
    while waiting:
        first = min(waiting, key=lambda k: float(waiting[k].times[-1]))
        yield waiting.pop(first)
        if (chunk := next(streams[first], None)) is not None:
            waiting[first] = chunk
