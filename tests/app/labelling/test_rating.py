import ctypes
import math
import os
import struct
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from app.labelling.joystick import DeviceJoystick, SdlJoystick, open_joystick
from app.labelling.rating_tracer import RatingTracer
from core.data import Rating

ABOUT = Rating("", "P001", "valence", (), (), 0.0)


def run(step: float, seconds: float = 3.0, value: float = 0.5) -> list[Rating]:
    tracer = RatingTracer(25.0, lambda: 77.0)
    tracer.begin(ABOUT)
    pieces = [tracer.read(100.0 + k * step, value) for k in range(round(seconds / step) + 1)]
    return [piece for piece in (*pieces, tracer.finish()) if piece is not None]


@pytest.mark.parametrize("step", [0.01, 0.033, 0.25])
def test_samples_are_on_the_grid_of_data_time_whatever_the_pace(step: float) -> None:
    pieces = run(step)
    times = [time for piece in pieces for time in piece.times]
    assert times[0] == pytest.approx(100.04)
    assert all(later - sooner == pytest.approx(0.04) for sooner, later in pairwise(times))
    assert len(times) in (74, 75)
    assert {value for piece in pieces for value in piece.values} == {0.5}
    assert len({piece.uid for piece in pieces}) == 1
    assert {piece.time for piece in pieces} == {77.0}


def test_pieces_leave_about_once_a_second_of_data() -> None:
    assert [len(piece.times) for piece in run(0.02)] == [25, 25, 25]


def test_nothing_is_sampled_while_nothing_plays_or_no_mark_is_held() -> None:
    tracer = RatingTracer(25.0, lambda: 0.0)
    tracer.begin(ABOUT)
    assert [tracer.read(100.0, 0.5) for _ in range(50)] == [None] * 50
    assert [tracer.read(100.0 + k, math.nan) for k in range(2)] == [None] * 2
    assert tracer.finish() is None
    assert tracer.seconds == 0


def test_a_jump_begins_another_run() -> None:
    tracer = RatingTracer(25.0, lambda: 0.0)
    tracer.begin(ABOUT)
    tracer.read(100.0, 0.1)
    tracer.read(100.5, 0.1)
    before = tracer.read(90.0, 0.1)
    tracer.read(90.5, 0.1)
    after = tracer.finish()
    assert before is not None
    assert after is not None
    assert before.uid != after.uid
    assert (before.times[0], after.times[0]) == (100.04, 90.04)


def event(value: int, kind: int = 2, number: int = 1) -> bytes:
    return struct.pack("IhBB", 0, value, kind, number)


@pytest.mark.skipif(sys.platform != "linux", reason="such devices are Linux's")
def test_a_joystick_gives_its_upright_axis(tmp_path) -> None:
    path = tmp_path / "js0"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    stick = DeviceJoystick(str(path))
    assert stick.there
    assert math.isnan(stick.read())
    os.write(writer, event(0, kind=0x82) + event(-32767) + event(12000, number=0) + event(1, kind=1))
    assert stick.read() == 1.0
    os.write(writer, event(16384))
    assert stick.read() == pytest.approx(-0.5, abs=0.001)
    stick.close()
    assert math.isnan(stick.read())
    os.close(writer)


@pytest.mark.skipif(sys.platform != "linux", reason="such devices are Linux's")
def test_without_a_joystick_the_mouse_does_it(tmp_path) -> None:
    stick = DeviceJoystick(str(tmp_path / "none"))
    assert not stick.there
    assert math.isnan(stick.read())


class Virtual:
    """A joystick that SDL itself makes: all but the wire is real."""

    def __init__(self, n_axes: int = 2) -> None:
        import pygame

        pygame.display.init()
        pygame.joystick.init()
        (name,) = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libSDL2-2" in line}
        self._sdl = ctypes.CDLL(name)
        self._sdl.SDL_JoystickFromInstanceID.restype = ctypes.c_void_p
        self._sdl.SDL_JoystickSetVirtualAxis.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int16]
        self.number = self._sdl.SDL_JoystickAttachVirtual(1, n_axes, 2, 0)
        self._stick = pygame.joystick.Joystick(self.number)
        self.name = self._stick.get_name()

    def move(self, axis: int, value: int) -> None:
        handle = self._sdl.SDL_JoystickFromInstanceID(self._stick.get_instance_id())
        assert self._sdl.SDL_JoystickSetVirtualAxis(handle, axis, value) == 0

    def pull_out(self) -> None:
        assert self._sdl.SDL_JoystickDetachVirtual(self.number) == 0


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Iterator[Virtual]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame = pytest.importorskip("pygame", reason="pygame-ce is not installed: pip install insula[joystick]")
    made = Virtual()
    yield made
    pygame.joystick.quit()
    pygame.display.quit()


@pytest.mark.skipif(sys.platform != "linux", reason="SDL's library is found by what Linux says is loaded")
def test_sdl_gives_the_upright_axis_of_a_joystick_until_it_is_pulled_out(virtual: Virtual) -> None:
    stick = open_joystick()
    assert isinstance(stick, SdlJoystick)
    assert stick.there
    assert math.isnan(stick.read())
    virtual.move(0, 12000)
    assert math.isnan(stick.read()), "the other axis is no answer"
    for given, expected in ((-32768, 1.0), (16384, -0.5), (0, 0.0), (32767, -1.0)):
        virtual.move(1, given)
        assert stick.read() == pytest.approx(expected, abs=0.001)
    virtual.pull_out()
    assert math.isnan(stick.read())
    assert not stick.there
    stick.close()


@pytest.mark.skipif(sys.platform != "linux", reason="SDL's library is found by what Linux says is loaded")
def test_sdls_joystick_is_chosen_by_a_part_of_its_name(virtual: Virtual) -> None:
    assert open_joystick(virtual.name[2:6]).there
    assert not open_joystick("of another make").there
    assert isinstance(open_joystick("/dev/input/js9"), DeviceJoystick)
