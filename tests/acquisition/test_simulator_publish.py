import os
import signal
import threading

import numpy as np
import pylsl
import pytest

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import EegGenerator
from acquisition.simulator.publish import publish
from acquisition.simulator.trajectory import CLASSES, Trajectory, subject_seed

MUSE = ("TP9", "AF7", "AF8", "TP10")


class Listener:
    """Stands where the publisher waits: time goes on by it, and it reads what was pushed so far."""

    def __init__(self, start, *names):
        self.now = start
        self.names = names
        self.inlets = {}
        self.infos = {}
        self.data = {name: ([], []) for name in names}

    def clock(self):
        return self.now

    def wait(self, seconds):
        if not self.inlets:
            for name in self.names:
                (found,) = pylsl.resolve_byprop("name", name, timeout=120.0)
                self.inlets[name] = pylsl.StreamInlet(found, recover=False)
                self.inlets[name].open_stream(timeout=120.0)
                self.infos[name] = self.inlets[name].info(timeout=120.0)
        self.now += seconds

    def pull(self, name, n):
        """Return the stamps and data of `n` samples."""
        stamps, samples = self.data[name]
        while len(stamps) < n:
            chunk, times = self.inlets[name].pull_chunk(timeout=120.0, max_samples=n - len(stamps))
            assert len(times)
            stamps.extend(times)
            samples.extend(np.asarray(chunk).tolist())
        return np.array(stamps), np.array(samples)


@pytest.fixture
def published():
    eeg, truth = "Insula simulated P007", "Insula truth P007"
    listener = Listener(100.0, eeg, truth)
    seen = {}

    def wait(seconds):
        listener.wait(seconds)
        if listener.now > 101.99 and not seen:
            seen["eeg"] = listener.pull(eeg, 400)
            seen["truth"] = listener.pull(truth, 14)

    publish(["P007"], seed=3, ch_names=MUSE, sfreq=256.0, t0=99.0, duration=2.1, clock=listener.clock, wait=wait)
    return listener, seen


def test_outlets_carry_the_generators_eeg_and_the_truth(published):
    listener, seen = published
    subject = subject_seed(3, 1)
    trajectory = Trajectory(subject)
    stamps, samples = seen["eeg"]
    first = round((stamps[0] - 99.0) * 256)
    assert 256 <= first < 290
    assert np.allclose(stamps, 99 + (first + np.arange(400)) / 256, atol=1e-6)
    assert np.array_equal(samples.astype(np.float32), EegGenerator(subject, MUSE, 256.0, trajectory).block(first, 400))
    stamps, samples = seen["truth"]
    assert np.allclose(np.diff(stamps), 1 / 8, atol=1e-6)
    valence, arousal = trajectory.at(stamps - 99)
    expected = np.stack([valence, arousal, trajectory.index(stamps - 99)], axis=1)
    assert np.allclose(samples, expected, atol=1e-5)

    info = listener.infos["Insula simulated P007"]
    assert (info.type(), info.source_id(), info.nominal_srate()) == ("EEG", "insula-sim-3-1", 256.0)
    desc = info.desc()
    assert desc.child_value("simulated") == "true"
    assert float(desc.child_value("t0")) == 99.0
    assert desc.child("acquisition").child_value("manufacturer") == "Insula"
    channel = desc.child("channels").first_child()
    assert [channel.child_value(tag) for tag in ("label", "type", "unit")] == ["TP9", "EEG", "microvolts"]
    assert float(channel.child("location").child_value("X")) < -60
    truth = listener.infos["Insula truth P007"]
    assert (truth.type(), truth.nominal_srate()) == ("Truth", 0.0)
    assert truth.desc().child_value("classes") == ",".join(CLASSES)
    assert truth.desc().child_value("simulated") == "true"


class NotSet(threading.Event):
    def set(self) -> None:
        pytest.fail("a signal came in the middle of a wait, which holds the lock that this takes")


def test_sigterm_ends_it_and_the_old_handler_is_back():
    before = signal.getsignal(signal.SIGTERM)
    signals = iter([signal.SIGTERM])
    publish(["P001"], ch_names=MUSE, stop=NotSet(), wait=lambda _: os.kill(os.getpid(), next(signals)))
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_ends_when_its_parent_is_gone():
    publish(["P001"], ch_names=MUSE, parent=os.getppid() + 1, wait=lambda _: pytest.fail("went on"))


def test_it_ends_when_stopped():
    stop = threading.Event()
    calls = []

    def wait(seconds):
        calls.append(seconds)
        stop.set()

    publish(["P001", "P002"], ch_names=MUSE, stop=stop, wait=wait, knobs=EegKnobs.clean())
    assert len(calls) == 1
    assert 0 <= calls[0] <= 0.02
