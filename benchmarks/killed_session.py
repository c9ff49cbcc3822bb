"""One session in a process of its own, killed at its moment, and what of it is on disk."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pylsl

from core.data import Chunk, Window
from core.recording.session import Session
from core.recording.video import VideoReader
from core.recording.xdf_reader import Header, Offset, Samples, read_xdf

PRELOADED = ("app.session.wiring", "app.commands.run", "app.session.opening")
"""What the server has imported from which the sessions' processes are forked."""
SLEEP_S = 5.0
"""How long each prediction of a slow session sleeps."""
_SEED = 4242
_SOURCE = f"insula-sim-{_SEED}-1"
_PATIENCE_S = 240.0


@dataclass(frozen=True, slots=True)
class Case:
    """What a session is killed in."""

    face: bool
    busy: bool
    slow: bool
    """Whether each prediction sleeps for `SLEEP_S`."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill and what was lost, s; None where nothing of the kind had begun."""

    case: Case
    number: int
    """Which of its case's kills it is."""
    eeg: float | None
    face: float | None
    at_once: bool
    whole: bool
    """Whether ``session.json`` is whole, or not there, and every file opens."""
    beside: int
    """How many other sessions ran while it did, at most."""
    load: float
    """The machine's load, one minute's average, when it was killed."""


class Headset:
    """EEG over LSL from a process of its own, and what of it has come to whoever reads it."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        command = [sys.executable, "-m", "insula", "simulate", "--seed", str(_SEED), "--parent", str(os.getpid())]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.kill)
        found = pylsl.resolve_byprop("source_id", _SOURCE, timeout=60.0)
        if not found:
            raise SystemExit("The simulated headset did not come up.")
        self._inlet = pylsl.StreamInlet(found[0])
        self._inlet.open_stream(timeout=30.0)
        self._newest = math.nan

    def newest(self) -> float:
        """Return the stamp of the newest sample that has come."""
        while (stamps := self._inlet.pull_chunk(timeout=0.0, max_samples=4096)[1]) and len(stamps):
            self._newest = float(stamps[-1])
        return self._newest


class DoomedSession:
    """A session that is killed so long after its first sample is on disk, or after its first file is there.

    Parameters
    ----------
    server : ForkServerContext
        Makes its process.
    case : Case
    number : int
        Which of its case's kills it is.
    study : Path
        Folder for its recording, not there yet.
    film : Path
        What its camera sees.
    delay : float
        s.
    at_once : bool
        Whether `delay` counts from the first file.
    """

    def __init__(
        self,
        server: ForkServerContext,
        case: Case,
        number: int,
        study: Path,
        film: Path,
        delay: float,
        at_once: bool,
    ) -> None:
        self.case = case
        self.at_once = at_once
        self.beside = 0
        self._number = number
        self._study = study
        self._delay = delay
        self._due = math.inf
        self._patience = time.monotonic() + _PATIENCE_S
        self._seen = server.Value("d", math.nan, lock=False)
        camera = str(film) if case.face else "none"
        self._process = server.Process(target=_run, args=(str(study), camera, case.slow, self._seen))
        self._process.start()

    def killed(self, headset: Headset) -> Kill | None:
        """Return what was lost if it was time to kill it, else None; to be asked often."""
        if not math.isfinite(self._due):
            if _has_files(self._study) if self.at_once else _has_samples(self._study):
                self._due = time.monotonic() + self._delay
            elif time.monotonic() > self._patience or not self._process.is_alive():
                self.end()
                raise SystemExit(f"A session did not begin within {_PATIENCE_S:g} s.")
        if (left := self._due - time.monotonic()) > 0.001:
            return None
        time.sleep(max(left, 0.0))
        came, frame, load = headset.newest(), float(self._seen.value), os.getloadavg()[0]
        self.end()
        try:
            eeg, face, whole = _judged(self._study, came, frame)
        except Exception as error:
            print(f"{self._study.name}: {error!r}", file=sys.stderr)
            eeg, face, whole = None, None, False
        return Kill(self.case, self._number, eeg, face, self.at_once, whole, self.beside, load)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.join()


def _run(study: str, camera: str, slow: bool, seen: Any) -> None:
    """Run a session until this process is killed; `seen` is told of each frame that is read."""
    from acquisition.webcam import WebcamSource
    from app.cli import main as insula
    from core.predictor import Predictor

    read: Callable[[WebcamSource, float], object] = WebcamSource.read

    def telling(self: WebcamSource, timeout: float) -> object:
        item = read(self, timeout)
        if isinstance(item, Chunk):
            seen.value = float(item.times[-1])
        return item

    WebcamSource.read = telling  # type: ignore[assignment,method-assign]
    if slow:
        predict = Predictor.predict

        def sleeping(self: Predictor, windows: Sequence[Window]) -> object:
            if windows and windows[0].participant:  # not while it is warmed up
                time.sleep(SLEEP_S)
            return predict(self, windows)

        Predictor.predict = sleeping  # type: ignore[assignment,method-assign]
    Path(study).mkdir()
    settings = Path(study) / "insula.toml"
    settings.write_text(
        f'[eeg]\nsource_id = "{_SOURCE}"\nwait = 60.0\n[face]\ncamera = "{camera}"\n[lsl]\nscope = "machine"\n'
    )
    os.environ["INSULA_CONFIG_DIR"] = study
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - until it is killed
    insula(["run", "--config", str(settings), "--headless", "--no-publish", "--study", study])


def _has_files(study: Path) -> bool:
    return any(study.glob("sourcedata/*/*/*_session.*"))


def _has_samples(study: Path) -> bool:
    """Return whether EEG is on disk."""
    for path in study.glob("sourcedata/*/*/eeg/*.xdf"):
        eeg: set[int] = set()
        for part in read_xdf(path) if path.stat().st_size else ():
            if isinstance(part, Header) and part.type == "EEG":
                eeg.add(part.number)
            elif isinstance(part, Samples) and part.number in eeg:
                return True
    return False


def _judged(study: Path, came: float, frame: float) -> tuple[float | None, float | None, bool]:
    """Return the seconds of EEG and of pictures that are not on disk, and whether ``session.json`` is whole."""
    described = list(study.glob("sourcedata/*/*/*_session.json"))
    if not described:
        return None, None, True
    whole = all(json.loads(path.read_text()) for path in described)
    session = Session.open(described[0])
    newest, began = _newest(session), float(session.about()["start_lsl"])
    # What LSL had kept from before the session was open comes first, and is no part of it.
    since = {kind: max(newest.get(kind, began), began) for kind in ("eeg", "video")}
    lost = [max(last - since[kind], 0.0) for kind, last in (("eeg", came), ("video", frame))]
    return lost[0], lost[1] if math.isfinite(frame) else None, whole


def _newest(session: Session) -> dict[str, float]:
    """Return the time of the newest sample, and of the newest frame that can be read, on the LSL clock."""
    if not session.xdf.exists():
        return {}
    kinds: dict[int, str] = {}
    offsets: dict[int, float] = {}
    found: dict[str, float] = {}
    frames: list[float] = []
    for part in read_xdf(session.xdf):
        if isinstance(part, Header):
            kinds[part.number] = "video" if part.type == "videostream" else part.type.lower()
        elif isinstance(part, Offset):
            offsets[part.number] = part.value
        elif isinstance(part, Samples) and kinds[part.number] in ("eeg", "video"):
            stamps = part.stamps + offsets.get(part.number, 0.0)
            found[kinds[part.number]] = float(stamps[-1])
            frames += stamps.tolist() if kinds[part.number] == "video" else []
    if frames:
        with VideoReader(session.video) as video:
            n = sum(1 for _ in iter(video.read, None))
        if n:
            found["video"] = frames[min(n, len(frames)) - 1]
        else:
            del found["video"]
    return found


def losses(kills: Sequence[Kill], kind: str) -> list[float]:
    """Return what the kills lost of ``"eeg"`` or ``"face"``, s, those left out in which none had begun."""
    return [value for kill in kills if (value := getattr(kill, kind)) is not None and np.isfinite(value)]
