"""`insula run --headless --simulate` with an annotator who answers all the time: to be killed by `test_killed.py`.

Answered are windows of EEG and face, so that there is something of both. Prints ``labelled UID`` once the session says
that a label is kept, and ``kept SAMPLES FRAMES`` as often as it says how much EEG and how many pictures are on disk.
"""

import sys
from typing import Any

import pylsl

from app.cli import main
from app.session.headless import Headless
from core.data import Label, Prediction, RecordingHealth, StreamInfo

_EVERY = 4


class Answering(Headless):
    """Answers every fourth window, as fast as nobody can."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._kinds: dict[str, str] = {}
        self._n_seen = 0

    def _take(self, message: Any) -> None:
        super()._take(message)
        if isinstance(message, Prediction) and min(message.weights) > 0:
            self._n_seen += 1
            if self._n_seen % _EVERY:
                return
            uid = f"label-{self._windows}"
            self._engine.put(Label(uid, "", "P001", message.start, message.stop, pylsl.local_clock(), label="happy"))
        elif isinstance(message, Label):
            sys.stdout.write(f"labelled {message.uid}\n")
            sys.stdout.flush()
        elif isinstance(message, StreamInfo):
            self._kinds[message.key] = message.kind
        elif isinstance(message, RecordingHealth):
            kept = {self._kinds[key]: n for key, n in message.samples if key in self._kinds}
            sys.stdout.write(f"kept {kept.get('eeg', 0)} {kept.get('video', 0)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    from app.commands import run

    setattr(run, "Headless", Answering)  # noqa: B010 - to mypy it is not the module's own
    sys.exit(main(["run", "--headless", "--simulate", "--no-publish", "--study", sys.argv[1]]))
