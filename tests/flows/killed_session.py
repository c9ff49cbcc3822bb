"""`insula run --headless --simulate` with an annotator who answers all the time: to be killed by `test_killed.py`.

Answered are windows of EEG and face, so that there is something of both.

Prints ``labelled UID STOP`` once the session says that a label is kept; STOP is the end of its window, s, LSL clock.
"""

import sys
from typing import Any

import pylsl

from app.cli import main
from app.session.headless import Headless
from core.data import Label, Prediction

_EVERY = 4


class Answering(Headless):
    """Answers every fourth window, as fast as nobody can."""

    def _take(self, message: Any) -> None:
        super()._take(message)
        if isinstance(message, Prediction) and min(message.weights) > 0:
            self._n_seen = getattr(self, "_n_seen", 0) + 1
            if self._n_seen % _EVERY:
                return
            uid = f"label-{self._windows}"
            self._engine.put(Label(uid, "", "P001", message.start, message.stop, pylsl.local_clock(), label="happy"))
        elif isinstance(message, Label):
            sys.stdout.write(f"labelled {message.uid} {message.stop:.3f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    import app.commands.run as run

    run.Headless = Answering  # type: ignore[misc]
    sys.exit(main(["run", "--headless", "--simulate", "--no-publish", "--study", sys.argv[1]]))
