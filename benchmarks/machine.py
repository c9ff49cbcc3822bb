"""What every benchmark says of the machine it ran on, and how it sums up many measurements."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

from core.data import Array
from core.memory import keep_freed_memory

_LIBRARIES = ("numpy", "scipy", "torch", "pylsl", "av", "mne-lsl")
_N_BOOTSTRAP = 2000


def describe_machine() -> str:
    """Return the machine and the versions in one line: a figure without them says nothing."""
    versions = []
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load before the run {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"Machine: {_processor()}, {cores} cores, {platform.system()} {platform.machine()}{load}; "
        f"Python {platform.python_version()}, {', '.join(versions)}; one BLAS and one torch thread."
    )


def quantiles(values: Sequence[float] | Array, at: Sequence[float] = (0.5, 0.95, 0.99)) -> tuple[float, ...]:
    """Return the quantiles of `values`, NaN if there are none."""
    if not len(values):
        return (float("nan"),) * len(at)
    return tuple(float(q) for q in np.quantile(np.asarray(values, float), at))


def bootstrap(values: Sequence[float] | Array, statistic: Callable[[Array], float], seed: int) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of `values`, drawn with replacement: see `training.intervals.tail`."""
    sample = np.asarray(values, float)
    if len(sample) < 2:
        return float("nan"), float("nan")
    from training.intervals import tail  # scipy.stats: more memory than some of what is measured here

    rng = np.random.default_rng(seed)
    drawn = [statistic(rng.choice(sample, len(sample))) for _ in range(_N_BOOTSTRAP)]
    beyond = tail(len(sample))
    low, high = np.quantile(drawn, (beyond, 1.0 - beyond))
    return float(low), float(high)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns also line up on a terminal."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)


def one_thread_each() -> None:
    """Keep BLAS and torch to one thread, in this process and those that it starts; and freed memory, as commands do."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    from app.session.wiring import one_thread_each as limit

    limit()
    keep_freed_memory()


def private_lsl() -> None:
    """Have this process and those started later see only this run's own streams, and remember no device."""
    folder = Path(tempfile.mkdtemp(prefix="insula-bench-"))
    os.environ["INSULA_CONFIG_DIR"] = str(folder)
    path = folder / "lsl_api.cfg"
    path.write_text(
        "[ports]\nIPv6 = disable\n[multicast]\nResolveScope = machine\n[log]\nlevel = -3\n"
        f"[lab]\nKnownPeers = {{127.0.0.1}}\nSessionID = insula-bench-{uuid.uuid4().hex}\n",
        encoding="utf-8",
    )
    os.environ["LSLAPICFG"] = str(path)


def resident_mb() -> float:
    """Return the memory that this process holds now, MB; NaN where the system has no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


_MALLINFO = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _MALLINFO)


def in_use_mb() -> float:
    """Return the memory that is asked for and not given back, MB, all of C and Python; NaN without glibc 2.33.

    A heap that has found another step to stand on holds more of the machine; what leaks shows here.
    """
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return float("nan")
    ask.restype = _Mallinfo
    told = ask()
    return float(told.uordblks + told.hblkhd) / 1e6


def thread_seconds() -> dict[str, float]:
    """Return the processor seconds of each thread of this process, by its name; empty where the system has no /proc.

    Threads that Python did not start have one name together.
    """
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: dict[str, float] = {}
    for task in Path("/proc/self/task").glob("*/schedstat"):
        name = names.get(int(task.parent.name), "of libraries")
        with contextlib.suppress(OSError):  # it has ended
            spent[name] = spent.get(name, 0.0) + int(task.read_text(encoding="ascii").split()[0]) / 1e9
    return spent


class Stopwatch:
    """Wall and processor seconds, all threads, since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return wall seconds and processor seconds."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
