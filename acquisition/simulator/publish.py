"""Simulated participants on LSL, in real time: their EEG, and the truth about what they feel."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from xml.etree import ElementTree

import numpy as np
import pylsl

from acquisition.simulator.artefacts import EegKnobs
from acquisition.simulator.eeg import CAP_32, EegGenerator
from acquisition.simulator.metadata import describe_eeg, describe_truth
from acquisition.simulator.trajectory import CLASSES, Trajectory, subject_seed
from core.data import Array

_CHUNK = 0.02
"""Seconds between pushes, as long as a usual headset's packets."""
_TRUTH_RATE = 8.0


def publish(
    participants: Sequence[str],
    *,
    seed: int = 1,
    ch_names: Sequence[str] = (),
    sfreq: float = 250.0,
    knobs: EegKnobs | None = None,
    t0: float | None = None,
    duration: float | None = None,
    parent: int | None = None,
    stream: str = "",
    stop: threading.Event | None = None,
    clock: Callable[[], float] = pylsl.local_clock,
    wait: Callable[[float], object] | None = None,
) -> None:
    """Publish simulated participants until told to stop.

    Each has an EEG outlet ``Insula simulated P001`` and an outlet of type ``Truth`` with valence, arousal and the
    index of the class. Both say in ``desc`` that they are simulated, with which seed, and when they began.

    Parameters
    ----------
    participants : sequence of str
        Their names; number ``n`` (from 1) is the subject with `subject_seed(seed, n)`.
    seed : int
    ch_names : sequence of str
        Electrodes; empty: 32 of a usual cap.
    sfreq : float
    knobs : EegKnobs
    t0 : float
        LSL time at which the trajectories begin; None: now. One that has passed joins a run that goes on, with the
        samples that are due now.
    duration : float
        Seconds to publish; None: no end.
    parent : int
        End when this is no longer the parent process, so that no subprocess is left behind.
    stream : str
        What the streams' source_id begins with, which nothing else on the network may have; empty: ``insula-sim-`` and
        the seed.
    stop : threading.Event
        Ends it when set. SIGTERM ends it too where this runs in the main thread; Ctrl-C raises as ever.
    clock : callable
        Gives the LSL time.
    wait : callable
        Waits for so many seconds.
    """
    stop = stop or threading.Event()
    wait = wait or stop.wait
    now = clock()
    start = now if t0 is None else t0
    end = float("inf") if duration is None else now + duration
    stream = stream or f"insula-sim-{seed}"
    people = [
        _Participant(
            name, subject_seed(seed, number), f"{stream}-{number}", ch_names or CAP_32, sfreq, knobs, start, now
        )
        for number, name in enumerate(participants, start=1)
    ]
    with _sigterms() as told:
        while not (stop.is_set() or told) and now < end and (parent is None or os.getppid() == parent):
            for person in people:
                person.push(now)
            wait(max(0.0, now + _CHUNK - clock()))
            now = clock()


class _Participant:
    """The two outlets of one simulated participant, and how far they have got."""

    def __init__(
        self,
        name: str,
        subject: int,
        source_id: str,
        ch_names: Sequence[str],
        sfreq: float,
        knobs: EegKnobs | None,
        t0: float,
        now: float,
    ) -> None:
        self._trajectory = Trajectory(subject)
        self._generator = EegGenerator(subject, ch_names, sfreq, self._trajectory, knobs)
        self._sfreq = sfreq
        self._t0 = t0
        self._next = _first_at(now - t0, sfreq)
        self._next_truth = _first_at(now - t0, _TRUTH_RATE)
        self._eeg = _outlet(
            pylsl.StreamInfo(f"Insula simulated {name}", "EEG", len(ch_names), sfreq, "float32", source_id),
            describe_eeg(ch_names, subject, t0),
        )
        self._truth = _outlet(
            # Readers of XDF draw a declared rate's stamps even, across a gap of a minute at a rate as low as this one.
            pylsl.StreamInfo(f"Insula truth {name}", "Truth", 3, pylsl.IRREGULAR_RATE, "float32", f"{source_id}-truth"),
            describe_truth(subject, t0, CLASSES),
        )

    def push(self, now: float) -> None:
        """Push every sample whose time has come."""
        stop = _first_at(now - self._t0, self._sfreq)
        if stop > self._next:
            self._push_eeg(np.arange(self._next, stop))
            self._next = stop
        stop = _first_at(now - self._t0, _TRUTH_RATE)
        if stop > self._next_truth:
            times = np.arange(self._next_truth, stop) / _TRUTH_RATE
            truth = np.stack([*self._trajectory.at(times), self._trajectory.index(times)], axis=1)
            _push(self._truth, truth, self._t0 + times)
            self._next_truth = stop

    def _push_eeg(self, samples: Array) -> None:
        first, n = int(samples[0]), len(samples)
        there = ~self._generator.missing(first, n)
        if there.any():
            _push(self._eeg, self._generator.block(first, n)[there], self._t0 + samples[there] / self._sfreq)


def _first_at(t: float, rate: float) -> int:
    """Return the number of samples taken before `t` seconds after the start."""
    return max(0, int(np.ceil(t * rate)))


def _push(outlet: pylsl.StreamOutlet, data: Array, stamps: Array) -> None:
    outlet.push_chunk(np.ascontiguousarray(data, dtype=np.float32), stamps.tolist())


def _outlet(info: pylsl.StreamInfo, desc: ElementTree.Element) -> pylsl.StreamOutlet:
    _copy(desc, info.desc())
    return pylsl.StreamOutlet(info, max_buffered=60)


def _copy(element: ElementTree.Element, into: pylsl.XMLElement) -> None:
    for child in element:
        if len(child):
            _copy(child, into.append_child(child.tag))
        else:
            into.append_child_value(child.tag, child.text or "")


@contextlib.contextmanager
def _sigterms() -> Iterator[list[int]]:
    """Give a list to which each SIGTERM is added.

    Not an event that it sets: that takes a lock, which the thread that is interrupted may hold, and it waits for ever.
    """
    told: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)
