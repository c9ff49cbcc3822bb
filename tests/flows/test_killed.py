"""SIGKILL in the middle of a session: the files open, and have all that the session had said was on disk."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
import pyxdf

from core.config import Config
from core.data import Label, Prediction
from core.recording.labels import LabelStore
from core.recording.session import Session
from tests.flows.live import replayed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
_N_LABELS = 4
_N_SAMPLES, _N_FRAMES = 1500, 60
"""On disk before it is killed: six seconds of EEG, two of pictures."""
_CLUSTER_S = 0.1


@dataclass(frozen=True)
class Killed:
    session: Session
    n_samples: int
    """EEG samples that the session had said were on disk, and so on."""
    n_frames: int
    labels: tuple[str, ...]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Kill a session when it has said that enough is on disk. How much that lags behind depends on the machine."""
    folder = tmp_path_factory.mktemp("killed")
    script = Path(__file__).with_name("killed_session.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2]), "INSULA_CONFIG_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    labels: list[str] = []
    lines: list[str] = []
    n_samples = n_frames = 0
    for line in process.stdout:
        lines.append(line)
        word, *rest = line.split() or [""]
        if word == "labelled":
            labels += rest
        elif word == "kept":
            n_samples, n_frames = map(int, rest)
        if len(labels) >= _N_LABELS and n_samples >= _N_SAMPLES and n_frames >= _N_FRAMES:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    assert n_samples >= _N_SAMPLES, "".join(lines)
    assert n_frames >= _N_FRAMES, "".join(lines)
    return Killed(Session.open(folder), n_samples, n_frames, tuple(labels))


def test_xdf_opens_and_has_all_that_was_said_to_be_on_disk(killed: Killed):
    streams, _ = pyxdf.load_xdf(killed.session.xdf, synchronize_clocks=False, dejitter_timestamps=False)
    for kind, n in (("EEG", killed.n_samples), ("videostream", killed.n_frames)):
        (stream,) = [each for each in streams if each["info"]["type"][0] == kind]
        assert len(stream["time_stamps"]) >= n, kind


def test_video_opens_and_has_all_but_the_cluster_that_was_being_filled(killed: Killed):
    with av.open(str(killed.session.video)) as container:
        pictures = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    streams, _ = pyxdf.load_xdf(killed.session.xdf, synchronize_clocks=False, dejitter_timestamps=False)
    (frames,) = [each for each in streams if each["info"]["type"][0] == "videostream"]
    on_disk = frames["time_stamps"][: killed.n_frames]
    # The cluster is at most so long, and its frames are in the file with the first frame of the next.
    assert len(pictures) >= (on_disk < on_disk[-1] - _CLUSTER_S).sum() > 30


def test_every_label_that_was_told_kept_is_there(killed: Killed):
    with LabelStore(killed.session.labels) as store:
        kept = {label.uid for label in store.all()}
    assert set(killed.labels) <= kept


def test_it_replays(killed: Killed):
    items, events = replayed(killed.session.xdf, Config())
    assert sum(isinstance(event, Prediction) for event in events) > 10
    assert any(isinstance(item, Label) for item in items)
