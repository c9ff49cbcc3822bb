"""Fixtures that more than one folder of tests needs."""

import functools
import os
import threading
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import torch
from PyQt6 import sip
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.application import delete
from tests.windows import own_windows

# liblsl reads its configuration once, when the library loads: it must be set before anything imports pylsl. On one
# machine it need not wait long for answers.
_LSL_CONFIG = """[ports]
IPv6 = disable
BasePort = {port}
PortRange = {n_ports}
[multicast]
ResolveScope = machine
[lab]
KnownPeers = {{127.0.0.1}}
SessionID = insula-test-{session}
[log]
level = -3
[tuning]
MulticastMinRTT = 0.1
UnicastMinRTT = 0.1
ContinuousResolveInterval = 0.1
TimeProbeInterval = 0.01
"""


_WAIT_MS = 300_000
_WINDOWS = pytest.StashKey[list[QWidget]]()
_FIRST_PORT, _N_PORTS = 16572, 32
"""Of LSL. Runs beside each other have their own: the outlets of one machine are found at 32 ports alone."""


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(config.rootpath) / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    path = folder / f"lsl_api_{os.getpid()}.cfg"
    port = _FIRST_PORT + _N_PORTS * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    path.write_text(_LSL_CONFIG.format(session=uuid.uuid4().hex, port=port, n_ports=_N_PORTS), encoding="utf-8")
    os.environ["LSLAPICFG"] = str(path)
    # What is remembered of devices must not come from, or go to, the folder of whoever runs the tests.
    os.environ["INSULA_CONFIG_DIR"] = str(folder / f"config_{os.getpid()}")
    # Two threads of torch on two busy cores take six times as long as one.
    torch.set_num_threads(1)


def pytest_unconfigure(config: pytest.Config) -> None:
    Path(os.environ["LSLAPICFG"]).unlink(missing_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Insula's windows are held from the end of a test on, for the reason that `app.ui.application.delete` gives."""
    done = yield
    pyfuncitem.stash[_WINDOWS] = own_windows()
    return done


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    yield
    for window in item.stash.get(_WINDOWS, []):
        if not sip.isdeleted(window):
            delete(window)
    item.stash[_WINDOWS] = []


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Waits as long as a loaded machine takes, and no longer than until what it waits for is there."""
    for name in ("waitUntil", "waitSignal", "waitExposed", "waitActive"):
        setattr(qtbot, name, functools.partial(getattr(qtbot, name), timeout=_WAIT_MS))
    return qtbot


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    """A thread that a test leaves running can slow all that follow a hundredfold: the test that left it fails."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(5.0)
        assert not thread.is_alive(), f"the test left thread {thread.name} running"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings; skips the test where it is absent."""
    folder = Path(os.environ.get("INSULA_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here ({folder}); set INSULA_DATA to where they are")
    return folder
