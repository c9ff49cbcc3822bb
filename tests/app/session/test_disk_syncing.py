"""A disk that takes long holds up nobody, and is told."""

import threading

from app.session.disk_syncing import DiskSyncing
from core.errors import RecordingError

WAIT = 20.0


class Disk:
    """Takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.fails = False

    def sync(self) -> None:
        self.begun.release()
        assert self.go.acquire(timeout=WAIT)
        if self.fails:
            raise RecordingError("no room")


def test_asking_never_waits_and_what_is_asked_meanwhile_is_done_after():
    disk, now = Disk(), [100.0]
    syncing = DiskSyncing(disk.sync, lambda: now[0])
    syncing.start()
    assert syncing.behind == 0.0
    syncing.ask()
    assert disk.begun.acquire(timeout=WAIT)
    now[0] = 112.0
    syncing.ask()
    assert syncing.behind == 12.0
    disk.go.release()
    assert disk.begun.acquire(timeout=WAIT)  # the second
    assert syncing.behind == 0.0
    disk.go.release()
    syncing.stop()


def test_why_it_failed_is_known_until_it_does_not():
    disk = Disk()
    syncing = DiskSyncing(disk.sync, lambda: 0.0)
    syncing.start()
    said = []
    for fails in (True, False):
        disk.fails = fails
        syncing.ask()
        assert disk.begun.acquire(timeout=WAIT)
        disk.go.release()
        syncing.ask()
        assert disk.begun.acquire(timeout=WAIT)  # the one before is known
        said.append(syncing.problem)
        disk.go.release()
    syncing.stop()
    assert said[0] == "no room"
