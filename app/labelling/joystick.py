"""A joystick under Linux, read from its device without a library; elsewhere there is none and the mouse does it.

Each event is eight bytes: time in ms, value, type, number (linux/joystick.h).
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path

_EVENT = struct.Struct("IhBB")
_AXIS = 0x02
_UPRIGHT = 1
"""The axis that is moved up and down; up is negative."""
_FULL = 32767.0


class Joystick:
    """The upright axis of a joystick, ready while its device is there.

    Parameters
    ----------
    device : str
        Such as ``/dev/input/js0``; ``""`` for the first there is.
    """

    def __init__(self, device: str = "") -> None:
        found = [device] if device else sorted(map(str, Path("/dev/input").glob("js*")))
        self._file = -1
        self._value = float("nan")
        if found:
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
        self._file, self._value = -1, float("nan")
