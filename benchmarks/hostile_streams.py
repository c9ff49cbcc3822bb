"""A session beside what should not be on the network: who is stopped, whose EEG lacks what.

``python -m benchmarks.hostile_streams`` takes each of `hostile_outlets` in turn, in a process of its own beside a good
headset of 29 EEG channels: ``insula streams`` lists, ``insula run`` records both (the hostile one as the EEG of another
participant or as markers, where it can be), and what was recorded is replayed and exported. All on this machine, with a
SessionID of its own. ``--only WORD ...`` takes those whose name has one of the words. With ``--beside`` what would be
the EEG of another participant is recorded as a stream beside the one EEG instead, as ``insula run --streams`` does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pylsl
import pyxdf

from benchmarks.hostile_outlets import CASES
from benchmarks.machine import describe_machine, one_thread_each, private_lsl, table
from tests.headsets import HEADSETS, FakeOutlet

_GOOD = HEADSETS["liveamp"]
_LIMIT_S = 900.0
"""Much: these machines are loaded; what hangs is found all the same."""
_FEW_WINDOWS = 4


@dataclass(frozen=True)
class Outcome:
    """What became of one command."""

    code: int
    text: str
    seconds: float
    peak_mb: float

    @property
    def is_well(self) -> bool:
        """Whether it ended as it should, and without a mistake of its own."""
        return self.code == 0 and "Traceback" not in self.text and "!! " not in self.text


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 1 if anything was not as it should be."""
    parser = argparse.ArgumentParser(description="A session beside hostile streams.")
    parser.add_argument("--only", nargs="*", default=[""], metavar="WORD")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each session")
    parser.add_argument("--beside", action="store_true", help="record what calls itself EEG as a stream beside the EEG")
    args = parser.parse_args(argv)
    one_thread_each()
    private_lsl()
    print(describe_machine())
    rows, n_wrong = [], 0
    with FakeOutlet(_GOOD, keep=False) as good, _streaming(good):
        for case in CASES:
            is_wanted = any(word in case for word in args.only) and (not args.beside or CASES[case][0] == "eeg")
            if is_wanted:
                row, wrong = _tried(case, args.seconds, args.beside)
                rows.append(row)
                n_wrong += bool(wrong)
                print(" | ".join(row), flush=True)
                for text in wrong:
                    print(f"    {text}", flush=True)
    head = ("beside", "listed", "session", "windows of the good one", "its EEG", "replay, export", "peak MB")
    print(f"\n{table(head, rows)}\n\n{n_wrong} of {len(rows)} were not as they should be.")
    return int(n_wrong > 0)


def _tried(case: str, seconds: float, beside: bool) -> tuple[tuple[str, ...], list[str]]:
    """Return the row of one case, and the output of each command that did not end as it should."""
    role = "stream" if beside else CASES[case][0]
    with tempfile.TemporaryDirectory() as name, _running("benchmarks.hostile_outlets", case):
        folder = Path(name)
        (folder / "c.toml").write_text(_settings(role), encoding="utf-8")
        threading.Event().wait(1.5)
        listed = _insula("streams", "--wait", "1.5")
        people = ("--participant", "P001", "--participant", "P002") if role == "eeg" else ("--participant", "P001")
        markers = ("--markers", "Evil") if role == "markers" else ()
        study = ("--study", name, "--config", str(folder / "c.toml"))
        ran = _insula("run", "--headless", "--duration", f"{seconds:g}", *people, *markers, *study)
        found = sorted(folder.rglob("*_eeg.xdf"))
        after: list[Outcome] = []
        whole, n_windows = "none", 0
        if found:
            whole, n_windows = _judged(found[0], role)
        if found and role in ("eeg", "markers", "stream"):
            after.append(_insula("replay", str(found[0]), "--speed", "max", "--out", str(folder / "p.tsv")))
            after.append(_insula("export", str(found[0]), "--to", "tsv", "--out", str(folder / "out")))
    listed_well = listed.is_well and _GOOD.name in listed.text and listed.text.replace("\n", "").isprintable()
    well = [listed_well, ran.is_well and n_windows >= _FEW_WINDOWS, bool(found) and all(each.is_well for each in after)]
    wrong = [each.text[-600:] for each, fine in zip((listed, ran), well, strict=False) if not fine]
    wrong += [each.text[-600:] for each in after if not each.is_well]
    peak = max(each.peak_mb for each in (listed, ran, *after))
    marks = ["yes" if each else "NO" for each in well]
    read = marks[2] if role in ("eeg", "markers", "stream") else "–"
    row = (case, f"{marks[0]}, {listed.seconds:.0f} s", marks[1], str(n_windows), whole, read, f"{peak:.0f}")
    return row, wrong if whole.startswith("whole") else [*wrong, f"the good one's EEG: {whole}"]


def _settings(role: str) -> str:
    own = f'source_id = "{_GOOD.source_id}"\n' if role in ("markers", "beside", "stream") else ""
    streams = '[[streams]]\nsource_id = "evil"\n' if role == "stream" else ""
    return f'[eeg]\nwait = 20.0\n{own}[face]\ncamera = "none"\n{streams}'


def _judged(path: Path, role: str) -> tuple[str, int]:
    """Return whether the good headset's EEG is whole, and how many windows of it were predicted on."""
    streams, _ = pyxdf.load_xdf(path, synchronize_clocks=False, dejitter_timestamps=False)
    stamps = next((s["time_stamps"] for s in streams if s["info"]["source_id"] == [_GOOD.source_id]), np.empty(0))
    person = "P002" if role == "eeg" else "P001"  # by the order of their names
    n_windows = sum(
        len(s["time_stamps"])
        for s in streams
        if s["info"]["type"] == ["Affect"] and s["info"]["name"][0].endswith(person)
    )
    steps = np.diff(stamps)
    n_missing = int(np.sum(np.round(steps * _GOOD.sfreq) - 1)) if len(steps) else 0
    if not len(stamps) or n_missing or np.any(steps <= 0):
        return f"{n_missing} of {len(stamps) + n_missing} samples missing", n_windows
    return f"whole, {len(stamps) / _GOOD.sfreq:.1f} s", n_windows


def _insula(*words: str) -> Outcome:
    begin = pylsl.local_clock()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "insula", *words], stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        late = threading.Timer(_LIMIT_S, process.kill)
        late.start()
        _, status, used = os.wait4(process.pid, 0)
        late.cancel()
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    return Outcome(code, text, pylsl.local_clock() - begin, used.ru_maxrss / 1000)


@contextlib.contextmanager
def _running(module: str, *words: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", module, *words], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _streaming(outlet: FakeOutlet) -> Iterator[None]:
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            outlet.push_due()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
