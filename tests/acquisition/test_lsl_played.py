"""What takes an LSL stream minutes or another machine to show, with an inlet and a clock that are played."""

from types import SimpleNamespace

import numpy as np
import pytest

from acquisition.lsl import LslSource
from acquisition.lsl_found import Identity
from acquisition.lsl_inlet import InletLostError
from core.config import EegConfig
from core.data import Chunk, Notice
from core.errors import SourceError
from tests.headsets import HEADSETS, FakeOutlet, _info

MUSE = HEADSETS["bluemuse"]
EPOCH = 90_000.0


class PlayedInlet:
    """Gives twelve samples a pull, of another machine's clock, `rate` of them a second of the played time."""

    def __init__(self, clock, rate=256.0, correction=EPOCH):
        self.clock = clock
        self.rate = rate
        self.info = _info(MUSE)
        self.correction = correction
        self.later = correction
        self.gone = False
        self.quiet = False
        self.closed = False
        self._n = 0

    def compare(self, timeout):
        self.correction = self.later
        return True

    def pull(self, timeout):
        if self.gone:
            raise InletLostError
        if self.quiet:
            self.clock.now += 0.5
            return None
        self.clock.now += 12 / self.rate
        self._n += 12
        stamps = self.clock.now - EPOCH + np.arange(-11, 1) / self.rate
        data = 20.0 * np.random.default_rng(self._n).standard_normal((12, 5))
        return data, stamps, self.clock.now

    def close(self):
        self.closed = True


class PlayedKnown:
    key = "played"
    error = None
    inlet = None
    identity = Identity("host", "played", "EEG", "id")
    candidates = ()

    def __init__(self, found, device, watch, by_name=False):
        pass

    def settle(self):
        pass

    def lose(self):
        pass

    def look_round(self):
        pass

    def reopen(self, chosen=""):
        if self.error is not None:
            raise self.error
        return self.inlet


@pytest.fixture
def play(monkeypatch):
    clock = SimpleNamespace(now=100_000.0)

    def make(**kwargs):
        inlet = PlayedInlet(clock, **kwargs)
        monkeypatch.setattr("acquisition.lsl.choose", lambda config, kind: [None])
        monkeypatch.setattr("acquisition.lsl.Inlet", lambda found, wait: inlet)
        monkeypatch.setattr("acquisition.lsl.KnownStream", PlayedKnown)
        monkeypatch.setattr("pylsl.local_clock", lambda: clock.now)
        return inlet

    return make


def _read(source, n_items):
    return [source.read(0.0) for _ in range(n_items)]


def _notices(items):
    return [(item.kind, item.text) for item in items if isinstance(item, Notice)]


def test_correction_is_taken_again_every_five_seconds(play):
    inlet = play()
    with LslSource(EegConfig(), "P001") as source:
        assert source.infos[0].clock == "lsl"
        inlet.later = EPOCH + 0.003
        chunks = [item for item in _read(source, 200) if isinstance(item, Chunk)]
    offsets = np.array([chunk.clock_offset for chunk in chunks])
    changed = chunks[int(np.argmax(offsets > EPOCH))].times[0] - chunks[0].times[0]
    assert offsets[0] == EPOCH
    assert offsets[-1] == EPOCH + 0.003
    assert 4.5 < changed < 5.6


def test_clocks_that_cannot_be_compared(play):
    play(correction=None)
    with LslSource(EegConfig(), "P001") as source:
        items = _read(source, 30)
        assert source.infos[0].clock == "rebased"
    ((kind, text),) = _notices(items)
    assert kind == "clock"
    assert "UDP ports" in text
    assert items[-1].clock_offset == pytest.approx(EPOCH, abs=1e-6)


def test_wrong_rate_is_told(play):
    play(rate=220.0)
    with LslSource(EegConfig(), "P001") as source:
        ((kind, text),) = _notices(_read(source, 300))
    assert kind == "rate"
    assert "gives 220.0 samples a second where 256 are declared" in text


def test_each_trouble_of_coming_back_is_told_once(play):
    inlet = play()
    with LslSource(EegConfig(grace=1e6), "P001") as source:
        _read(source, 30)
        inlet.gone = True
        assert _notices(_read(source, 1))[0][0] == "lost"
        assert inlet.closed
        source._known.error = SourceError("2 streams look like Muse.")
        assert _notices(_read(source, 10)) == [("lost", "2 streams look like Muse.")]
        source._known.error = None
        source._known.inlet = PlayedInlet(inlet.clock)
        # The other machine was started anew: its clock begins elsewhere, and that is no jump.
        source._known.inlet.correction = source._known.inlet.later = EPOCH + 0.5
        (kind, text), *more = _notices(_read(source, 20))
        assert (kind, more) == ("back", [])
        assert "is back after" in text


def test_what_is_silent_is_lost_since_its_last_sample(play):
    inlet = play()
    with LslSource(EegConfig(), "P001") as source:
        _read(source, 30)
        last, inlet.quiet = inlet.clock.now, True
        (lost,) = (item for item in _read(source, 10) if isinstance(item, Notice))
        assert (lost.kind, lost.time) == ("lost", last)
        inlet.clock.now = last + 15.0
        source._known.inlet = PlayedInlet(inlet.clock)
        assert _notices(_read(source, 5)) == [("back", f"{source._info.name} is back after 15.0 s.")]


def test_went_away_while_it_was_opened(play):
    inlet = play()
    inlet.gone = True
    with pytest.raises(SourceError, match="went away while it was opened"):
        LslSource(EegConfig(), "P001").__enter__()


def test_fake_headset_goes_in_whole_chunks(monkeypatch):
    """The imitation itself: real time by the clock it is given, and any stretch at once."""
    now = [50.0]
    with FakeOutlet(HEADSETS["muselsl"], clock=lambda: now[0]) as outlet:
        outlet.push(1.0)
        assert [len(data) for data in outlet.sent] == [12] * 21 + [4]
        now[0] += 2.0
        outlet.push_due()
        assert sum(map(len, outlet.sent)) == 256 + 21 * 12
        assert not outlet.wait_for_reader(0.01)
    stamps = np.concatenate(outlet.stamps)
    np.testing.assert_allclose(np.diff(stamps), 1 / 256.0, atol=1e-6)


class OddStamps(PlayedInlet):
    """Gives stamps such as no clock gives: `odd` makes them of those that are right, and of the pull's number."""

    odd = staticmethod(lambda stamps, n: stamps)

    def pull(self, timeout):
        data, stamps, arrival = super().pull(timeout)
        return data, self.odd(stamps, self._n // 12), arrival


def _play_odd(monkeypatch, play, odd, n_items):
    monkeypatch.setattr("tests.acquisition.test_lsl_played.PlayedInlet", OddStamps)
    monkeypatch.setattr(OddStamps, "odd", staticmethod(odd))
    play()
    with LslSource(EegConfig(), "P") as source:
        found = _read(source, n_items)
    chunks = [item for item in found if isinstance(item, Chunk)]
    return chunks, [item for item in found if isinstance(item, Notice)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_single_stamps_that_are_no_times_move_no_clock(monkeypatch, play, value):
    def odd(stamps, n):
        return np.where((np.arange(12) == 5) & (n % 7 == 3), value, stamps)

    chunks, told = _play_odd(monkeypatch, play, odd, 400)
    assert [notice.kind for notice in told if notice.kind in ("jump", "clock", "rate")] == []
    times = np.concatenate([chunk.times for chunk in chunks])
    assert np.isnan(times).sum() + np.isinf(times).sum() + (times > 1e9).sum() > 20, "they are recorded as they are"
    sound = times[np.abs(times) < 1e9]
    assert np.abs(np.diff(sound)).max() < 0.1


@pytest.mark.parametrize(("unit", "word"), [(1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")])
def test_stamps_in_another_unit_are_used_in_seconds_and_told_once(monkeypatch, play, unit, word):
    chunks, told = _play_odd(monkeypatch, play, lambda stamps, n: stamps * unit, 400)
    assert [word in notice.text for notice in told if notice.kind == "clock"] == [True]
    assert not [notice for notice in told if notice.kind in ("jump", "rate")]
    times = np.concatenate([chunk.times for chunk in chunks])
    np.testing.assert_allclose(np.diff(times), 1 / 256.0, atol=1e-4)
    assert times[0] == pytest.approx(100_000.0, abs=1.0)


@pytest.mark.parametrize("value", [0.0, 5000.0, np.nan])
def test_where_stamps_stand_still_samples_are_placed_by_rate_and_arrival(monkeypatch, play, value):
    chunks, told = _play_odd(monkeypatch, play, lambda stamps, n: np.full(12, value), 600)
    assert ["stand still" in notice.text for notice in told if notice.kind == "clock"] == [True]
    assert not [notice for notice in told if notice.kind in ("jump", "rate")]
    times = np.concatenate([chunk.times for chunk in chunks])
    np.testing.assert_allclose(np.diff(times), 1 / 256.0, rtol=0.05)
    assert times[0] == pytest.approx(100_000.0, abs=1.5)
    assert times[-1] - times[0] == pytest.approx((len(times) - 1) / 256.0, abs=0.1)


def test_a_clock_that_jumps_again_and_again_is_told_five_times(monkeypatch, play):
    _, told = _play_odd(monkeypatch, play, lambda stamps, n: stamps + 10.0 * (n // 30 % 2), 600)
    jumps = [notice.text for notice in told if notice.kind == "jump"]
    assert len(jumps) == 5
    assert jumps[-1].endswith("It does so again and again, which is not told any more.")
