import ctypes
import types

import pylsl

from acquisition import clock


def test_it_is_the_clock_of_lsl():
    before = pylsl.local_clock()
    now = clock.local_clock()
    assert isinstance(now, float)
    assert before <= now <= pylsl.local_clock()


def test_it_keeps_the_lock_where_the_library_is_known(monkeypatch):
    assert clock.local_clock is not pylsl.local_clock
    assert clock.local_clock._flags_ & ctypes._FUNCFLAG_PYTHONAPI  # type: ignore[attr-defined]
    monkeypatch.setattr(pylsl, "lib", types.SimpleNamespace())
    assert clock._without_giving_way() is pylsl.local_clock
