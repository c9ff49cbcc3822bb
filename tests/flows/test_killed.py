"""SIGKILL in the middle of a session: the files open, and what is lost is the last moment alone."""

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import pylsl
import pytest
import pyxdf

from core.config import Config
from core.data import Label, Prediction
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.flows.live import replayed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
_N_LABELS = 4
_AGO_S = 1.5
"""Seconds before the kill: once a second all that has come is put on disk."""
_PATIENCE_S = 0.5
"""Seconds that the picture of a window may come after its EEG."""


@dataclass(frozen=True)
class Killed:
    session: Session
    time: float
    """Up to here all had come a second and a half before the kill, s, LSL clock; a loaded machine is behind."""
    labels: tuple[str, ...]
    """Those that the session had said were kept."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    script = Path(__file__).with_name("killed_session.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2]), "INSULA_CONFIG_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    told: list[str] = []
    lines: list[str] = []
    stop = until = math.inf
    for line in process.stdout:
        lines.append(line)
        if line.startswith("labelled"):
            told.append(line.split()[1])
            if len(told) == _N_LABELS:
                stop, until = float(line.split()[2]), pylsl.local_clock() + _AGO_S
        if pylsl.local_clock() > until:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    assert len(told) >= _N_LABELS, "".join(lines)
    return Killed(Session.open(folder), stop, tuple(told))


def test_xdf_opens_and_has_all_but_the_last_moment(killed: Killed):
    streams, _ = pyxdf.load_xdf(killed.session.xdf, synchronize_clocks=False, dejitter_timestamps=False)
    for kind in ("EEG", "videostream"):
        (stream,) = [each for each in streams if each["info"]["type"][0] == kind]
        assert stream["time_stamps"][-1] > killed.time - _PATIENCE_S, kind
        assert len(stream["time_stamps"]) > 30


def test_video_opens_and_has_all_but_the_last_moment(killed: Killed):
    with av.open(str(killed.session.video)) as container:
        pictures = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    streams, _ = pyxdf.load_xdf(killed.session.xdf, synchronize_clocks=False, dejitter_timestamps=False)
    (frames,) = [each for each in streams if each["info"]["type"][0] == "videostream"]
    assert frames["time_stamps"][0] + pictures[-1] > killed.time - _PATIENCE_S


def test_every_label_that_was_told_kept_is_there(killed: Killed):
    with LabelStore(killed.session.labels) as store:
        kept = {label.uid for label in store.all()}
    assert set(killed.labels) <= kept


def test_it_replays(killed: Killed):
    items, events = replayed(killed.session.xdf, Config())
    assert sum(isinstance(event, Prediction) for event in events) > 10
    assert any(isinstance(item, Label) for item in items)
