import queue
import threading

import pytest

from acquisition.inbox import Inbox


def test_what_was_put_comes_in_order():
    inbox = Inbox(3)
    for k in range(3):
        inbox.put(k)
    assert [inbox.get() for _ in range(3)] == [0, 1, 2]


def test_one_that_is_full_refuses():
    inbox = Inbox(2)
    inbox.put_nowait("a")
    assert not inbox.full()
    inbox.put_nowait("b")
    assert inbox.full()
    with pytest.raises(queue.Full):
        inbox.put_nowait("c")
    with pytest.raises(queue.Full):
        inbox.put("c", timeout=0.001)
    assert [inbox.get(), inbox.get()] == ["a", "b"]


def test_whoever_puts_waits_for_room():
    inbox = Inbox(1)
    inbox.put("a")
    putting = threading.Thread(target=inbox.put, args=("b",))  # noqa: TID251
    putting.start()
    assert [inbox.get(), inbox.get()] == ["a", "b"]
    putting.join(120.0)
    assert not putting.is_alive()
