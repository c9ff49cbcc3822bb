import contextlib
from xml.etree import ElementTree

import numpy as np
import pytest

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.face import FaceKnobs
from acquisition.simulator.streams import SimulatedEeg, SimulatedFace
from acquisition.simulator.trajectory import Trajectory
from core.config import FaceConfig
from core.errors import EndOfStream

NAMES = ("Fp1", "Cz", "O1")
SMALL = FaceConfig(width_px=160, height_px=120)


class FakeTime:
    def __init__(self, now=0.0):
        self.now = now

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


def drain(source, timeout=1.0):
    chunks = []
    with source, contextlib.suppress(EndOfStream):
        while True:
            if (chunk := source.read(timeout)) is not None:
                chunks.append(chunk)
    return chunks


def test_eeg_as_fast_as_it_is_read_is_the_generators():
    source = SimulatedEeg("P001", 7, 1000.0, NAMES, duration=3.0, clock=None)
    chunks = drain(source)
    data = np.concatenate([chunk.data for chunk in chunks])
    assert np.array_equal(data, EegGenerator(7, NAMES, 250.0, Trajectory(7)).block(0, 750))
    assert np.allclose(np.concatenate([chunk.times for chunk in chunks]), 1000 + np.arange(750) / 250)
    assert not chunks[0].data.flags.writeable
    assert not chunks[0].timestamps.flags.writeable


def test_info_says_that_it_is_simulated():
    eeg = SimulatedEeg("P001", 7, 12.5, NAMES).infos[0]
    face = SimulatedFace("P001", 7, 12.5, SMALL, clock=None).infos[0]
    assert eeg.simulated
    assert face.simulated
    assert eeg.kind == "eeg"
    assert eeg.ch_names == NAMES
    assert (face.kind, face.width_px, face.height_px) == ("video", 160, 120)
    for info in (eeg, face):
        desc = ElementTree.fromstring(info.desc)
        assert desc.findtext("simulated") == "true"
        assert desc.findtext("seed") == "7"
        assert float(desc.findtext("t0")) == 12.5
    assert desc.findtext("acquisition/manufacturer") == "Insula"


def test_eeg_in_real_time_waits_for_its_samples():
    time = FakeTime(50.0)
    source = SimulatedEeg("P001", 7, 50.0, NAMES, clock=time.clock, wait=time.wait, duration=1.0)
    assert source.read(0.001) is None
    for _ in range(5):
        chunk = source.read(1.0)
        assert chunk.times[-1] == pytest.approx(time.now)


def test_a_stream_that_has_dropped_out_gives_nothing_meanwhile():
    knobs = EegKnobs(gaps=((1.0, 2.0),))
    times = np.concatenate([c.times for c in drain(SimulatedEeg("P001", 7, 0.0, NAMES, 250.0, knobs, 3.0, None))])
    assert len(times) == 500
    assert np.diff(times).max() == pytest.approx(1.0 + 1 / 250)


def test_faces_come_frame_by_frame():
    chunks = drain(SimulatedFace("P001", 7, 5.0, SMALL, duration=0.5, clock=None))
    assert [chunk.frame_index for chunk in chunks] == list(range(15))
    assert chunks[3].data.shape == (1, 120, 160, 3)
    assert chunks[3].times[0] == pytest.approx(5.1)


def test_a_rate_that_does_not_fit_the_duration_ends_with_the_last_whole_frame():
    config = FaceConfig(fps=29.7, width_px=SMALL.width_px, height_px=SMALL.height_px)
    assert len(drain(SimulatedFace("P001", 7, 5.0, config, duration=0.5, clock=None))) == 14
    eeg = drain(SimulatedEeg("P001", 7, 5.0, NAMES, 99.9, duration=0.5, clock=None))
    assert sum(len(chunk.timestamps) for chunk in eeg) == 49


def test_a_face_comes_when_there_is_time_for_it():
    done = []
    with SimulatedFace("P001", 7, 5.0, SMALL, duration=0.1, clock=None, ready=lambda: done.append("ready")):
        assert done == ["ready"]


def test_late_faces_are_left_out_and_counted():
    time = FakeTime(5.0)
    source = SimulatedFace("P001", 7, 5.0, SMALL, FaceKnobs.clean(), clock=time.clock, wait=time.wait)
    assert source.read(1.0).frame_index == 0
    time.now = 6.01
    late = source.read(1.0)
    assert late.frame_index == 30
    assert late.times[0] == pytest.approx(6.0)
    assert source.read(1.0).frame_index == 31


def test_a_coder_gives_the_packets_and_the_pixels():
    class Coder:
        def code(self, rgb, time):
            return f"{time:.3f}".encode(), rgb // 2

    plain = drain(SimulatedFace("P001", 7, 5.0, SMALL, duration=0.1, clock=None))
    coded = drain(SimulatedFace("P001", 7, 5.0, SMALL, coder=Coder(), duration=0.1, clock=None))
    assert coded[1].packets == (b"5.033",)
    assert np.array_equal(coded[1].data, plain[1].data // 2)
    assert plain[1].packets == ()
