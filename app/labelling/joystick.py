"""A joystick's upright axis: by SDL wherever pygame-ce is installed, else under Linux from its device.

SDL (``pip install "insula[joystick]"``) knows joysticks and gamepads on Windows, macOS and Linux. Linux itself gives
events of eight bytes: time in ms, value, type, number (linux/joystick.h).
"""

from __future__ import annotations

import contextlib
import math
import os
import struct
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

_EVENT = struct.Struct("IhBB")
_AXIS = 0x02
_UPRIGHT = 1
"""The axis that is moved up and down; up is negative."""
_FULL = 32767.0


class Joystick(Protocol):
    """The upright axis of a joystick, ready while its device is there."""

    @property
    def there(self) -> bool:
        """Whether there is one."""
        ...

    def read(self) -> float:
        """Return where the axis stands, -1 down to 1 up; NaN until it was moved, or if there is none."""
        ...

    def close(self) -> None:
        """Leave the device."""
        ...


def open_joystick(chosen: str = "") -> Joystick:
    """Return a joystick, or what stands for none.

    Parameters
    ----------
    chosen : str
        A device such as ``/dev/input/js0``, or a part of its name; ``""`` for the first there is.
    """
    is_device = chosen.startswith("/") or not find_spec("pygame")
    return DeviceJoystick(chosen) if is_device else SdlJoystick(chosen)


class SdlJoystick:
    """One that SDL knows, by a part of its name; see `Joystick`."""

    def __init__(self, name: str = "") -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        # SDL gives events only to programs with a window of its own; this driver has one without a display.
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
        import pygame

        self._pygame = pygame
        self._value = math.nan
        self._stick: pygame.joystick.JoystickType | None = None
        with contextlib.suppress(pygame.error):
            pygame.display.init()
            pygame.joystick.init()
            for stick in map(pygame.joystick.Joystick, range(pygame.joystick.get_count())):
                if self._stick is None and name in stick.get_name() and stick.get_numaxes() > _UPRIGHT:
                    self._stick = stick
            pygame.event.clear()
            self._rest = self._stick.get_axis(_UPRIGHT) if self._stick is not None else math.nan

    @property
    def there(self) -> bool:
        """Whether there is one."""
        return self._stick is not None

    def read(self) -> float:
        """Return where the axis stands, -1 down to 1 up; NaN until it was moved, or if there is none."""
        if self._stick is None:
            return math.nan
        removed = self._pygame.event.get(self._pygame.JOYDEVICEREMOVED)
        self._pygame.event.clear()
        if any(event.instance_id == self._stick.get_instance_id() for event in removed):
            self.close()
            return math.nan
        value = self._stick.get_axis(_UPRIGHT)
        if value != self._rest or not math.isnan(self._value):  # an axis at rest is no answer yet
            self._value = max(-1.0, min(1.0, -value))
        return self._value

    def close(self) -> None:
        """Leave the device."""
        if self._stick is not None:
            self._stick.quit()
        self._stick, self._value = None, math.nan


class DeviceJoystick:
    """One of Linux, read from its device; see `Joystick`.

    Parameters
    ----------
    device : str
        Such as ``/dev/input/js0``; ``""`` for the first there is.
    """

    def __init__(self, device: str = "") -> None:
        found = [device] if device else sorted(map(str, Path("/dev/input").glob("js*")))
        self._file = -1
        self._value = math.nan
        if found and sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._file = os.open(found[0], os.O_RDONLY | os.O_NONBLOCK)

    @property
    def there(self) -> bool:
        """Whether there is one."""
        return self._file >= 0

    def read(self) -> float:
        """Return where the axis stands, -1 down to 1 up; NaN until it was moved, or if there is none."""
        while self.there:
            try:
                event = os.read(self._file, _EVENT.size)
            except BlockingIOError:
                break
            except OSError:  # it was pulled out
                self.close()
                break
            if len(event) < _EVENT.size:
                break
            _, value, kind, number = _EVENT.unpack(event)
            # The state at opening comes as events marked with 0x80; an axis at rest there is no answer yet.
            if kind == _AXIS and number == _UPRIGHT:
                self._value = max(-1.0, -value / _FULL)
        return self._value

    def close(self) -> None:
        """Leave the device."""
        if self.there:
            os.close(self._file)
        self._file, self._value = -1, math.nan
