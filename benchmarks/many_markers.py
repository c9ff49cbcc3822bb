"""How much memory a recording of very many markers takes: read through, replayed, exported.

``python -m benchmarks.many_markers --mb 200`` writes a minute of EEG beside so many megabytes of markers of a hundred
letters, as a program sends that logs each of its frames, and gives each command a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine, table
from core.recording.xdf_writer import XdfWriter

_LETTERS = 100
_AT_ONCE = 1000
_SECONDS, _SFREQ = 60, 250
_HEAD = (
    "<info><name>{}</name><type>{}</type><channel_format>{}</channel_format><channel_count>{}</channel_count>"
    "<nominal_srate>{}</nominal_srate><desc><channels>{}</channels></desc></info>"
)
_LABELS = "".join(f"<channel><label>{name}</label><unit>microvolts</unit></channel>" for name in ("Fz", "Cz"))


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Memory that markers take.")
    parser.add_argument("--mb", type=float, default=200.0)
    args = parser.parse_args(argv)
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, n_markers = _written(folder / "a.xdf", args.mb)
        size = path.stat().st_size / 1e6
        print(f"{n_markers} markers of {_LETTERS} letters, {size:.0f} MB, beside {_SECONDS} s of EEG.\n", flush=True)
        replay = ["replay", str(path), "--speed", "max", "--out", str(folder / "p.tsv")]
        commands = {"replay": replay}
        commands |= {
            f"export --to {to}": ["export", str(path), "--to", to, "--out", str(folder / to)] for to in ("tsv", "fif")
        }
        rows = []
        for words, command in commands.items():
            rows.append((words, *_run(command)))
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    print(table(("command", "s", "peak MB", "exit code"), rows))


def _written(path: Path, mb: float) -> tuple[Path, int]:
    n_chunks = round(mb * 1e6 / (_AT_ONCE * (_LETTERS + 11)))
    rng = np.random.default_rng(0)
    n = _SECONDS * _SFREQ
    with XdfWriter(path, "2026-11-29T10:00:00+00:00") as file:
        file.add_stream(1, _HEAD.format("Amp", "EEG", "float32", 2, _SFREQ, _LABELS), "float32", 2)
        file.add_stream(2, _HEAD.format("Cues", "Markers", "string", 1, 0, ""), "string", 1)
        done = 0
        for k in range(n_chunks):
            until = round((k + 1) * n / n_chunks)
            if until > done:
                stamps = 500.0 + np.arange(done, until) / _SFREQ
                file.write(1, stamps, (20.0 * rng.standard_normal((until - done, 2))).astype(np.float32))
                done = until
            stamps = 500.0 + _SECONDS * (k + np.arange(_AT_ONCE) / _AT_ONCE) / n_chunks
            texts = [[f"frame {k * _AT_ONCE + m:010d} ".ljust(_LETTERS, "x")] for m in range(_AT_ONCE)]
            file.write(2, stamps, np.array(texts, dtype=object))
            file.flush()
    return path, n_chunks * _AT_ONCE


def _run(command: Sequence[str]) -> tuple[str, str, str]:
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "insula", *command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    return f"{time.monotonic() - began:.0f}", f"{used.ru_maxrss / 1000:.0f}", str(code)


if __name__ == "__main__":
    main()
