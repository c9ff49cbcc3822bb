"""A process that was forked from one that had computed: without this it waits for threads that are no more.

torch hands parts of a computation to threads of its own. A forked process has none of them and does not know, so it
would wait for ever. With one thread it computes in the thread that asks, as in a session. OpenCV looks after itself.
"""

from __future__ import annotations

import os
import sys
from functools import cache


@cache
def compute_alone_when_forked() -> None:
    """From now on have whatever is forked from this process keep torch to one thread; once is enough."""
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=_one_thread)


def _one_thread() -> None:
    # Who has not imported it has computed nothing with it.
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
