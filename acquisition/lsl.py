"""LSL streams as Sources: raw samples, raw stamps, their place on this machine's clock, coming back after a loss."""

from __future__ import annotations

import contextlib
import itertools
import math
import queue
import threading
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, Self

import numpy as np
import pylsl

from acquisition.devices import Device, plain_channels, read_device
from acquisition.eeg_description import EegDescription, describe_eeg
from acquisition.lsl_clock import FOREIGN, JUMP, StreamClock
from acquisition.lsl_config import configure_lsl
from acquisition.lsl_found import FoundStream
from acquisition.lsl_inlet import Inlet, InletLostError, Pulled, first_data
from acquisition.lsl_rate import RateWatch
from acquisition.lsl_return import KnownStream
from acquisition.lsl_search import choose, describe, eeg_streams, find_streams
from acquisition.lsl_stamps import StreamStamps
from acquisition.lsl_watch import StreamWatch
from core.config import EegConfig
from core.data import Array, Chunk, Item, Kind, Notice, StreamInfo, frozen
from core.errors import SourceError
from core.stamps import all_times, are_times

__all__ = ["LslSource", "configure_lsl", "eeg_streams", "find_streams"]

_CONNECT_S = 5.0
_MOST_JUMPS = 5
"""Jumps of a stream's clock that are told."""
_JUDGED_S = 1.0
"""Seconds of a stream by which the unit of its stamps is judged, where nobody waits for them."""
_ASK_S = 1.0
"""Seconds between two looks at whether a silent stream is still there."""


class LslSource:
    """One LSL stream.

    When the stream is lost, it says so, looks for it by itself, and takes it again only if it is the same: same host,
    name, type and source_id, same channels, format and rate.

    Parameters
    ----------
    config : EegConfig
        Which stream, and its unit.
    participant : str
    kind : {"eeg", "markers", "truth", "other"}
        What it carries. Only EEG is judged by its first data before it is ready; any other stream is ready without
        having sent any.
    silence : float
        Seconds without data after which a stream of regular rate counts as lost, though its sender may be there.
    keep : bool
        Keep a suggestion for channels without names in the file of the device; False only looks.
    found : pylsl.StreamInfo, optional
        The stream, where it has been found already.
    key : str
        What it is called, where it has a name already.
    watch : StreamWatch, optional
        Looks for it when it is lost, and tells of markers, which are silent by nature, whether they are still there.
        None: one of its own.
    """

    def __init__(
        self,
        config: EegConfig,
        participant: str,
        kind: Kind = "eeg",
        silence: float = 3.0,
        keep: bool = True,
        found: pylsl.StreamInfo | None = None,
        key: str = "",
        watch: StreamWatch | None = None,
    ) -> None:
        self._config = config
        self._keep = keep
        self._found = found
        self._key = key
        self.is_open = False
        """Whether its stream has been taken; may be asked from any thread."""
        self._watch = watch
        self._heard = False
        self._ask_due = 0.0
        self._participant = participant
        self._kind: Kind = kind
        self._silence = silence
        self._pause = threading.Event()
        self._chosen: queue.SimpleQueue[FoundStream] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        found = self._found or choose(self._config, self._kind)[0]
        with contextlib.ExitStack() as opened:
            watch = self._watch or opened.enter_context(StreamWatch())
            self._inlet: Inlet | None = Inlet(found, _CONNECT_S)
            opened.callback(self._disconnect)
            self._begin(found, self._inlet, watch)
            self._opened = opened.pop_all()
        self.is_open = True
        return self

    def __exit__(self, *exc: object) -> None:
        self._opened.close()

    @property
    def infos(self) -> tuple[StreamInfo, ...]:
        """The one stream."""
        return (self._info,)

    @property
    def candidates(self) -> tuple[FoundStream, ...]:
        """What may be the stream while it is lost; a person has to tell. May be asked from any thread."""
        return self._known.candidates if self._inlet is None else ()

    def take_back(self, candidate: FoundStream) -> None:
        """Go on with one of the candidates; may be called from any thread."""
        self._chosen.put(candidate)

    def read(self, timeout: float) -> Item | None:
        """Return the next chunk or notice, None if none came within about `timeout` seconds."""
        if not self._items:
            if self._inlet is None:
                self._look_for_it(timeout)
            elif self._clock is not None or self._inlet.compare(timeout):
                self._receive(self._inlet, timeout)
        return self._items.popleft() if self._items else None

    def _begin(self, found: pylsl.StreamInfo, inlet: Inlet, watch: StreamWatch) -> None:
        device = read_device(inlet.info.as_xml())
        is_eeg = self._kind == "eeg"
        is_quiet = self._kind == "markers" or (self._kind == "other" and not inlet.info.nominal_srate())
        self._asked = watch if is_quiet else None
        self._known = KnownStream(found, device, watch, by_name=self._kind in ("markers", "other"))
        pulled = first_data(inlet, self._config.wait) if is_eeg else []
        self._stamps = StreamStamps(pulled, inlet.info.nominal_srate()) if is_eeg else None
        self._unjudged: list[Pulled] | None = [] if self._kind == "other" and not is_quiet else None
        """The first second of a stream for which nobody waited: until it is there, its stamps may be anything."""
        self._known.settle()
        while not inlet.compare(0.5):
            pass
        if self._stamps is not None:
            pulled = [self._stamps.seconds(some, inlet.correction) for some in pulled]
        description = self._described(device, inlet, pulled) if is_eeg else None
        channels = description.channels if description else plain_channels(device)
        info = describe(inlet.info, self._kind, channels, self._participant)
        self._info = replace(info, key=self._key or self._known.key)
        self._rate = RateWatch(self._info.sfreq if self._is_regular else 0.0)
        self._clock: StreamClock | None = None
        self._lost_since: float | None = None
        self._odd_told = False
        self._by_hand = ""
        self._n_jumps = 0
        self._seconds_seen = math.nan
        """The newest stamp that is a time, s, LSL clock."""
        self._items: deque[Item] = deque()
        self._reported: set[str] = set()
        self._seen = pylsl.local_clock()
        if description is not None:
            self._settle(inlet, description, pulled)

    @property
    def _is_regular(self) -> bool:
        """Whether samples are due all the time; markers come when they will, whatever rate is declared."""
        return self._info.sfreq > 0.0 and self._kind != "markers"

    def _described(self, device: Device, inlet: Inlet, pulled: list[Pulled]) -> EegDescription:
        stamps = np.concatenate([stamps for _, stamps, _ in pulled])
        samples = np.concatenate([data for data, _, _ in pulled])
        return describe_eeg(device, self._config, inlet.info.nominal_srate(), stamps, samples, self._keep)

    def _settle(self, inlet: Inlet, description: EegDescription, pulled: list[Pulled]) -> None:
        """Settle by the stream's first data what the stream does not say, or says wrongly, of itself."""
        for kind, text in description.notices:
            self._notify(kind, text)
        if description.sfreq != self._info.sfreq:
            self._rate = RateWatch(description.sfreq)
        if self._stamps is not None and (text := self._stamps.notice(self._info.name)):
            self._notify("clock", text)
        clock = self._new_clock(inlet, pulled)
        self._info = replace(
            self._info, unit_confirmed=description.unit_confirmed, sfreq=description.sfreq, clock=clock.mode
        )
        for some in pulled:
            self._take(inlet, clock, some)

    def _new_clock(self, inlet: Inlet, pulled: list[Pulled]) -> StreamClock:
        told = [(float(stamps[are_times(stamps)][-1]), at) for _, stamps, at in pulled if are_times(stamps).any()]
        # The newest sample came quickest. Without one stamp that is a time there is no other clock than LSL's.
        stamp, arrival = min(
            told, key=lambda each: each[1] - each[0], default=(pulled[-1][2] - (inlet.correction or 0.0), pulled[-1][2])
        )
        if inlet.correction is not None and self._is_of_lsl(stamp, stamp + inlet.correction, arrival):
            stamp = arrival - inlet.correction
        clock = StreamClock(stamp, arrival, inlet.correction)
        self._clock = clock
        if inlet.correction is None:
            self._notify(
                "clock",
                f"The clock of {self._info.hostname} could not be compared with this machine's. Its stamps are placed "
                "by when they arrive. Allow UDP ports 16572 to 16604 in the firewalls of both machines.",
            )
        elif clock.mode == "rebased":
            self._notify(
                "clock",
                f"{self._info.name} stamps with another clock than LSL's ({stamp - arrival:+.0f} s). Its "
                "stamps are recorded as they are and placed by when they arrive. muselsl: start it with --lsltime.",
            )
        return clock

    def _is_of_lsl(self, stamp: float, time: float, arrival: float) -> bool:
        """Return whether a stamp may be far from its arrival, at `time` by LSL, and is of LSL even so."""
        if self._kind == "markers":
            return not _is_unix(stamp)  # a marker may be meant for any time: its stamp tells nothing of the clock
        # What was sent before a loss may come late.
        return self._seconds_seen - JUMP <= time <= arrival + JUMP

    def _receive(self, inlet: Inlet, timeout: float) -> None:
        try:
            pulled = inlet.pull(timeout)
        except InletLostError:
            self._lose("its sender has gone")
            return
        if pulled is None:
            self._judge(inlet, [])
            silent = pylsl.local_clock() - self._seen
            if self._is_regular and silent > self._silence:
                self._lose(f"it has sent nothing for {silent:.1f} s")
            elif self._asked is not None and pylsl.local_clock() >= self._ask_due:
                self._check_presence(self._asked)
            return
        self._seen = pulled[2]
        if self._asked is None and self._seen >= self._ask_due:
            self._look_round()
        if self._lost_since is not None:
            self._be_back(self._lost_since)
        self._judge(inlet, [pulled])

    def _judge(self, inlet: Inlet, pulled: list[Pulled], at_once: bool = False) -> None:
        """Take samples whose stamps are in seconds, or are put so; the first second of them waits until that is known.

        Raises nothing and waits for nothing: what has come by then has to do.
        """
        if self._unjudged is not None:
            self._unjudged += pulled
            if not self._unjudged or (pylsl.local_clock() - self._unjudged[0][2] < _JUDGED_S and not at_once):
                return
            pulled, self._unjudged = self._unjudged, None
            if sum(len(stamps) for _, stamps, _ in pulled) > 1:
                self._stamps = StreamStamps(pulled, inlet.info.nominal_srate())
                if text := self._stamps.notice(self._info.name):
                    self._notify("clock", text)
        for some in pulled:
            if self._stamps is not None:
                some = self._stamps.seconds(some, inlet.correction)
            self._take(inlet, self._clock or self._new_clock(inlet, [some]), some)

    def _look_round(self) -> None:
        """Note who has this stream's identity by now: after a loss that tells what is new from what was there."""
        self._ask_due = pylsl.local_clock() + _ASK_S
        with contextlib.suppress(SourceError):  # who looks for it after a loss is told
            self._known.look_round()

    def _check_presence(self, watch: StreamWatch) -> None:
        """Tell that a silent stream has gone or is heard again, where its connection does not: a cable was pulled.

        The connection is kept as long as nothing took its place, since what was sent meanwhile may yet come.
        """
        self._ask_due = pylsl.local_clock() + _ASK_S
        try:
            is_there = self._known.uid in watch.heard()
        except SourceError as error:
            self._asked = None  # the connection holds, and tells most losses by itself
            self._notify("info", str(error))
            return
        self._heard = self._heard or is_there
        if is_there:
            self._look_round()
        if self._lost_since is None:
            if self._heard and not is_there:
                self._notify_lost("its program does not answer any more")
        elif is_there:
            self._seen = pylsl.local_clock()
            self._be_back(self._lost_since)
        elif self._known.has_successor(watch.infos().values()):
            self._lose("its program was started anew")

    def _take(self, inlet: Inlet, clock: StreamClock, pulled: Pulled) -> None:
        data, stamps, arrival = pulled
        if clock.due(arrival):
            inlet.compare(0.0)
            clock.refresh(arrival, inlet.correction)
        regular = self._is_regular
        follows = regular or (clock.mode == "rebased" and self._kind == "other")
        listed = stamps.tolist()  # for the few of a chunk quicker than numpy
        times = stamps if all_times(listed) else stamps[are_times(stamps)]
        ends = [*(_jumps(listed) if regular else ()), len(stamps)]
        begin = 0
        # An offset holds for a chunk, so a chunk ends where the clock may have jumped.
        for end in ends:
            when = stamps[begin:end]
            known = times if len(ends) == 1 else when[are_times(when)]
            if follows and len(known) and (jump := clock.take(known, arrival)) and regular:
                self._notify_jump(jump)
            if len(known):
                self._seconds_seen = float(known[-1]) + clock.offset
            self._items.append(Chunk(self._info.key, frozen(when), frozen(data[begin:end]), clock.offset))
            begin = end
        if self._kind == "markers":
            self._look_for_odd_ones(stamps + clock.offset - arrival)
        if (rate := self._rate.take(len(stamps), arrival, times + clock.offset)) is not None:
            told = f"{self._info.name} gives {rate:.1f} samples a second where {self._info.sfreq:g} are declared."
            real = "Check battery and radio, or the rate set in the amplifier's program."
            remedy = "The computer that simulates it is too busy." if self._info.simulated else real
            self._notify("rate", f"{told} {remedy}")

    def _notify_jump(self, jump: float) -> None:
        """Tell of a jump of the stamps, the first few times."""
        self._n_jumps += 1
        if self._n_jumps > _MOST_JUMPS:
            return
        more = " It does so again and again, which is not told any more." if self._n_jumps == _MOST_JUMPS else ""
        self._notify(
            "jump",
            f"The clock of {self._info.name} jumped by {jump:+.3f} s. Its stamps are recorded as they are and from "
            f"here on placed by when they arrive.{more}",
        )

    def _look_for_odd_ones(self, ahead: Array) -> None:
        """Tell of the first marker whose stamp is far from when it came, given by how much, s."""
        odd = ahead[~(np.abs(ahead) <= FOREIGN)]
        if len(odd) and not self._odd_told:
            self._odd_told = True
            how = (
                f"{abs(odd[0]):.0f} s {'after' if odd[0] > 0 else 'before'} it came"
                if np.isfinite(odd[0])
                else "no time"
            )
            self._notify(
                "clock",
                f"A marker of {self._info.name} is stamped {how}. It is recorded as it is. Unless that is meant, have "
                "the program stamp with pylsl.local_clock(), or leave the stamp to LSL.",
            )

    def _be_back(self, since: float) -> None:
        self._notify("back", f"{self._info.name} is back after {self._seen - since:.1f} s.{self._by_hand}")
        self._by_hand = ""
        self._lost_since = None
        self._n_jumps = 0
        self._rate.restart()

    def _lose(self, why: str) -> None:
        if self._inlet is not None:
            self._judge(self._inlet, [], at_once=True)
        self._disconnect()
        self._heard = False
        self._known.lose()
        if self._clock is not None and (self._clock.mode == "lsl" or self._kind == "markers"):
            # The sender's machine may have been started anew. A foreign clock goes on, and `take` sees if it does not.
            self._clock = None
        if self._lost_since is None:
            self._notify_lost(why)

    def _disconnect(self) -> None:
        if self._inlet is not None:
            self._inlet.close()
        self._inlet = None

    def _notify_lost(self, why: str) -> None:
        # It is noticed once it has been silent for a while; what is missing is missing since its last sample.
        self._lost_since = self._seen if self._is_regular else pylsl.local_clock()
        self._reported.clear()
        text = f"{self._info.name} is lost: {why}. Looking for it."
        self._items.append(Notice(self._info.key, self._lost_since, "lost", text))

    def _look_for_it(self, timeout: float) -> None:
        before, chosen = self._known.identity, self._latest_choice()
        try:
            self._inlet = self._known.reopen(chosen.uid if chosen is not None else "")
        except SourceError as error:
            self._notify_once(str(error))
        if self._inlet is not None and chosen is not None:
            self._by_hand = f" It was taken by hand, with source_id {self._known.identity.source_id!r}"
            self._by_hand += f" instead of {before.source_id!r}." if before != self._known.identity else " as before."
        self._seen = pylsl.local_clock()
        if self._lost_since is not None and self._seen - self._lost_since > self._config.grace:
            self._notify_once(
                f"{self._info.name} has not come back for {self._config.grace:g} s. Still looking for it."
            )
        if self._inlet is not None and self._lost_since is not None and not self._is_regular:
            self._be_back(self._lost_since)  # it need not send anything to be there
        if self._inlet is None and not self._items:
            self._pause.wait(timeout)

    def _latest_choice(self) -> FoundStream | None:
        chosen = None
        with contextlib.suppress(queue.Empty):
            while True:
                chosen = self._chosen.get_nowait()
        return chosen

    def _notify_once(self, text: str) -> None:
        if text not in self._reported:
            self._reported.add(text)
            self._notify("lost", text)

    def _notify(self, kind: Literal["lost", "back", "jump", "rate", "clock", "unit", "info"], text: str) -> None:
        self._items.append(Notice(self._info.key, pylsl.local_clock(), kind, text))


def _jumps(stamps: list[float]) -> list[int]:
    """Return the numbers of the samples before which the stamps jump."""
    steps = itertools.pairwise(stamps)
    return [k for k, (before, behind) in enumerate(steps, 1) if abs(behind - before) > JUMP]


def _is_unix(stamp: float) -> bool:
    """Return whether a stamp is the time of day, which is another clock for certain."""
    return abs(stamp - datetime.now(UTC).timestamp()) <= FOREIGN
