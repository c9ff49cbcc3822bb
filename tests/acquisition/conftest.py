"""Real LSL outlets and sources on this machine, and settings that are nobody's own."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence

import pylsl
import pytest

from core.data import Chunk, Item, Notice
from tests.headsets import FakeOutlet

WAIT = 120.0


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSULA_CONFIG_DIR", str(tmp_path_factory.mktemp("settings")))
        # See tests/conftest.py: streams of this machine answer in a tenth of a second here.
        patch.setattr("acquisition.lsl_search.SETTLE_S", 0.4)
        yield


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("INSULA_CONFIG_DIR", str(tmp_path))
    return tmp_path


@contextlib.contextmanager
def _streaming(outlets: Sequence[FakeOutlet]) -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            for outlet in outlets:
                outlet.push_due()

    thread = threading.Thread(target=work)  # noqa: TID251 - the world outside, sending
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="session")
def streaming() -> Callable[..., contextlib.AbstractContextManager[None]]:
    """A context in which the outlets send in real time."""
    return lambda *outlets: _streaming(outlets)


@pytest.fixture(scope="session")
def read_until() -> Callable[..., list[Item]]:
    """Reads a source until an item is what is looked for; returns all that came up to it."""

    def read(source, wanted: Callable[[Item], bool], timeout: float = WAIT) -> list[Item]:
        clock = pylsl.local_clock
        items: list[Item] = []
        until = clock() + timeout
        while clock() < until:
            if (item := source.read(0.1)) is not None:
                items.append(item)
                if wanted(item):
                    return items
        notices = [item.text for item in items if isinstance(item, Notice)]
        chunks = sum(isinstance(item, Chunk) for item in items)
        raise AssertionError(
            f"it did not come within {timeout} s; {chunks} chunks and {notices} came (pid {os.getpid()})"
        )

    return read
