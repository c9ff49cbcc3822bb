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
