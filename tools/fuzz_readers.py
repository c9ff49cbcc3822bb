"""Damages files and texts of every kind that Insula reads and reads them: what comes of it must be an error of ours.

    python tools/fuzz_readers.py --count 100000 --workers 2 --corpus DIR --keep DIR

Each input is made from a sound one by a few random changes and follows from the reader's name, the seed and its number,
so that it can be made again. A reader may give something, or raise an error of `core.errors`; a bare exception, more
than 20 s of processor time, more than 1 GB of memory or the end of the process is a find. Finds are kept with `--keep`;
the smallest of each kind belongs into the tests. Takes files of one's own from `--corpus`, by their endings.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing as mp
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.errors import InsulaError
from tools.fuzz_seeds import SHARES, SLOW, Reader, readers_of, seeds_of

_CPU_S = 20
_MEMORY = 2**30
_BATCH, _BATCH_OF_SLOW = 250, 25
_TOKENS = (
    b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f", b"\x00" * 8, b"\xff" * 8,
    b"\x00\x00\x00\x00\x00\x00\xf0\x7f", b"\x00\x00\x00\x00\x00\x00\xf8\x7f", b"NaN", b"Infinity", b"-1", b"0",
    b"1e308", b"99999999999999999999", b"null", b"true", b"[]", b"{}", b'""', b"[" * 2000,
    b'{"a":' * 500, b"<a>" * 500,
    b"\\ud800", b"\t", b"\n", b"n/a", b"\xef\xbb\xbf", b"&", b"</desc>", b"</insula>",
)  # fmt: skip


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """Return a sound input with a few random changes."""
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        if not data:
            break
        # Headers stand in front: half of the changes are made there.
        at = rng.randrange(min(len(data), 4096) if rng.random() < 0.5 else len(data))
        n = min(rng.choice((1, 2, 4, 8, 64, 1024)), len(data) - at)
        match rng.randrange(8):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at : at + n] = rng.randbytes(n)
            case 2:
                del data[at : at + n]
            case 3:
                data[at:at] = data[at : at + n]
            case 4:
                token = rng.choice(_TOKENS)
                data[at : at + (len(token) if rng.random() < 0.5 else 0)] = token
            case 5:
                del data[at:]
            case 6:
                data[at : at + n] = bytes([rng.choice((0, 32, 48, 57, 255))]) * n
            case 7:
                other = rng.randrange(len(data))
                data[at : at + n] = data[other : other + n]
    return bytes(data)


def made_input(reader: Reader, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Return the input with a number; the same each time."""
    rng = random.Random(f"{reader.name}/{seed}/{number}")
    return mutated(rng.choice(seeds), rng)


def tried(read: Callable[[bytes], object], data: bytes) -> str:
    """Return what is wrong with how a reader takes an input, ``""`` if nothing."""
    began = time.process_time()
    try:
        read(data)
    except InsulaError as error:
        text = str(error)
        return "" if text and len(text) < 5000 else f"{type(error).__name__} whose text has {len(text)} letters"
    except MemoryError:
        return "more than 1 GB of memory"
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        own = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
        where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else f"{frame.filename}:{frame.lineno}"
        return f"{type(error).__name__} at {where}: {str(error)[:100]}"
    elapsed = time.process_time() - began
    return f"more than {_CPU_S} s of processor time" if elapsed > _CPU_S else ""


def _work(pipe: Connection, name: str, seeds: list[bytes], seed: int, numbers: range) -> None:
    """Read the inputs of a batch in a process of its own, and tell of each before it and after it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INSULA_CONFIG_DIR"] = folder
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        reader = next(each for each in readers_of(Path(folder)) if each.name == name)
        with contextlib.suppress(Exception):
            reader.read(seeds[0])  # what is imported and kept on the way is no memory of an input
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))
        for number in numbers:
            pipe.send((number, None))
            # The signal ends what no check in between would end.
            signal.setitimer(signal.ITIMER_PROF, _CPU_S + 5)
            found = tried(reader.read, made_input(reader, seeds, seed, number))
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send((number, found))
    pipe.close()


def run_batch(name: str, seeds: list[bytes], seed: int, numbers: range) -> Iterator[tuple[int, str]]:
    """Give the finds of a batch; after one that ends the process, go on behind it."""
    while numbers:
        ours, theirs = mp.Pipe(duplex=False)
        process = mp.get_context("fork").Process(target=_work, args=(theirs, name, seeds, seed, numbers))
        process.start()
        theirs.close()
        last, done = numbers.start, False
        with contextlib.suppress(EOFError):
            while True:
                last, found = ours.recv()
                done = found is not None
                if found:
                    yield last, found
        process.join()
        if not done:
            yield last, f"the process ended with {process.exitcode}"
        numbers = range(last + 1, numbers.stop)


def _share(count: int, names: list[str]) -> dict[str, int]:
    total = sum(SHARES[name] for name in names)
    return {name: max(1, round(count * SHARES[name] / total)) for name in names}


def _reader_finds(job: tuple[str, list[bytes], int, range, str]) -> tuple[str, int, dict[str, tuple[int, int]], float]:
    """Return the finds of one batch by what they are, each with how often and its smallest input's number."""
    name, seeds, seed, numbers, keep = job
    began = time.monotonic()
    found: dict[str, tuple[int, int]] = {}
    smallest: dict[str, int] = {}
    for number, what in run_batch(name, seeds, seed, numbers):
        size = len(made_input(Reader(name, lambda _: None), seeds, seed, number))
        often, best = found.get(what, (0, number))
        if size < smallest.get(what, sys.maxsize):
            smallest[what], best = size, number
        found[what] = often + 1, best
    if keep:
        for what, (_, number) in found.items():
            data = made_input(Reader(name, lambda _: None), seeds, seed, number)
            place = Path(keep) / f"{name}-{hashlib.sha256(what.encode()).hexdigest()[:8]}-{number}"
            place.write_bytes(data)
            place.with_suffix(".txt").write_text(what, encoding="utf-8")
    return name, len(numbers), found, time.monotonic() - began


def main() -> int:
    """Run the command; return how many kinds of finds there are, at most 1."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--count", type=int, default=10_000, help="inputs over all readers")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--only", nargs="*", help="these readers")
    p.add_argument("--corpus", type=Path, help="a folder of files of one's own")
    p.add_argument("--keep", type=Path, help="where to keep finds")
    p.add_argument("--workers", type=int, default=1)
    args = p.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        seeds = seeds_of(Path(folder), args.corpus)
        names = [reader.name for reader in readers_of(Path(folder)) if not args.only or reader.name in args.only]
    jobs = [
        (name, seeds[name], args.seed, range(start, min(start + size, count)), str(args.keep or ""))
        for name, count in _share(args.count, names).items()
        for size in [_BATCH if SHARES[name] > SLOW else _BATCH_OF_SLOW]
        for start in range(0, count, size)
    ]
    random.Random(args.seed).shuffle(jobs)
    n_read: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    finds: dict[tuple[str, str], tuple[int, int]] = {}
    with ProcessPoolExecutor(args.workers, mp.get_context("fork")) as pool:
        for future in as_completed([pool.submit(_reader_finds, job) for job in jobs]):
            name, n, found, took = future.result()
            n_read[name] += n
            sys.stderr.write(f"\r{n_read.total()} of {args.count} ")
            seconds[name] += took
            for what, (often, number) in found.items():
                before = finds.get((name, what), (0, number))
                finds[name, what] = before[0] + often, before[1]
    for name in names:
        sys.stdout.write(
            f"{name:12} {n_read[name]:7} inputs from {len(seeds[name]):3} sound ones, {seconds[name]:6.0f} s\n"
        )
    for (name, what), (often, number) in sorted(finds.items(), key=lambda each: -each[1][0]):
        sys.stdout.write(f"FIND {name} x{often}: {what} (number {number})\n")
    sys.stdout.write(f"{n_read.total()} inputs, {len(finds)} kinds of finds.\n")
    return bool(finds)


if __name__ == "__main__":
    sys.exit(main())
