"""One connection to one LSL outlet: raw samples and stamps, until it is lost."""

from __future__ import annotations

import math

import numpy as np
import pylsl

from acquisition.clock import local_clock
from core.data import Array
from core.errors import SourceError
from core.plain_text import plain

__all__ = ["Inlet", "InletLostError", "Pulled", "first_data"]

_BUFFER_S = 120
"""Seconds that liblsl keeps for us while the inbox is full."""
_GATHER_S = 0.01
"""A chunk holds this much if it can: a device that sends sample by sample would cost a chunk's work for each one."""
_LONGEST_S = 1.0
_BURST = 1024
"""Samples that a stream without a rate may give at once."""
_HOPELESS_S = 3.0
_FIRST_S = 1.0
"""Seconds of data by which a stream's unit, clock and rate are judged before it is ready."""

Pulled = tuple[Array, Array, float]
"""Samples (n_times, n_chans), their stamps (n_times,), and when they arrived, s, LSL clock."""


class InletLostError(Exception):
    """The outlet on the other side is gone."""


class Inlet:
    """A connection without liblsl's own recovery, which would hide a loss, and without its processing of stamps.

    Parameters
    ----------
    found : pylsl.StreamInfo
        As a resolver gave it.
    wait : float
        Seconds to wait for the connection.

    Raises
    ------
    SourceError
        It could not be connected.
    """

    def __init__(self, found: pylsl.StreamInfo, wait: float) -> None:
        try:
            self._inlet = pylsl.StreamInlet(found, max_buflen=_BUFFER_S, recover=False, as_numpy=True)
            self.info = self._inlet.info(wait)
            self._inlet.open_stream(wait)
        except (pylsl.util.TimeoutError, pylsl.util.LostError, RuntimeError) as error:
            raise SourceError(
                f"The LSL stream {plain(found.name())!r} of {plain(found.hostname())} is announced but cannot be "
                "reached. Allow TCP and UDP ports 16572 to 16604 in the firewalls of both machines."
            ) from error
        self.correction = self._measure(0.0)
        """liblsl's time correction, s; None as long as there is none."""
        self._opened = pylsl.local_clock()
        self._strings = found.channel_format() == pylsl.cf_string
        sfreq = found.nominal_srate()
        self._gather = max(1, round(_GATHER_S * sfreq))
        self._regular = sfreq > 0.0
        self._most = max(self._gather + 1, 64 if self._regular else _BURST, math.ceil(_LONGEST_S * sfreq))

    def pull(self, timeout: float) -> Pulled | None:
        """Return what has come, None if nothing came within `timeout` seconds."""
        try:
            data, stamps = self._inlet.pull_chunk(timeout, self._most, min_samples=self._gather)
        except pylsl.util.LostError as error:
            raise InletLostError from error
        if not len(stamps):
            return None
        if not self._regular:
            data, stamps = self._and_what_follows(data, stamps)
        if self._strings:
            data = np.array([[_decoded(text) for text in row] for row in data], dtype=object)
        return _own(data), _own(stamps), local_clock()

    def _and_what_follows(self, data: Array, stamps: Array) -> tuple[Array, Array]:
        """Return samples of a stream without a rate with those that follow at once: a program may send thousands."""
        try:
            more, later = self._inlet.pull_chunk(_GATHER_S, self._most)
        except pylsl.util.LostError:
            return data, stamps  # the next pull tells of it
        return (np.concatenate([data, more]), np.concatenate([stamps, later])) if len(later) else (data, stamps)

    def compare(self, timeout: float) -> bool:
        """Tell whether `correction` is up to date, or the clocks could not be compared for so long that it is hopeless.

        liblsl measures on a thread of its own: once there is a first measurement, nobody waits for the next.
        """
        measured = self._measure(timeout)
        if measured is not None:
            self.correction = measured
        return self.correction is not None or pylsl.local_clock() - self._opened > _HOPELESS_S

    def _measure(self, wait: float) -> float | None:
        try:
            return float(self._inlet.time_correction(wait))
        except (pylsl.util.TimeoutError, pylsl.util.LostError):
            return None

    def close(self) -> None:
        """End the connection."""
        self._inlet.close_stream()


def _own(array: Array) -> Array:
    """Return an array without the room for a whole second that lies behind pylsl's views as long as they are kept."""
    return array if array.base is None else np.array(array)


def _decoded(text: bytes) -> str:
    """Return a text; one that is not UTF-8, which LSL wants, as Latin-1, in which every byte is a letter."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def first_data(inlet: Inlet, wait: float) -> list[Pulled]:
    """Return the first second of a stream.

    Raises
    ------
    SourceError
        Nothing came within `wait` seconds.
    """
    name, sfreq = plain(inlet.info.name()), inlet.info.nominal_srate()
    pulled: list[Pulled] = []
    until, seconds = pylsl.local_clock() + wait, 0.0
    try:
        while seconds < _FIRST_S and pylsl.local_clock() < until:
            if (some := inlet.pull(0.1)) is None:
                continue
            pulled.append(some)
            if len(pulled) == 1:
                until = some[2] + 3 * _FIRST_S
            n_samples = sum(len(stamps) for _, stamps, _ in pulled)
            seconds = n_samples / sfreq if sfreq else some[1][-1] - pulled[0][1][0]
    except InletLostError as error:
        raise SourceError(f"{name} went away while it was opened. Start it again.") from error
    if not pulled:
        raise SourceError(
            f"{name} is on LSL but sent no data within {wait:g} s. Start the data stream in the amplifier's program."
        )
    return pulled
