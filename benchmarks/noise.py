"""Does the estimated noise follow the true level, also for kinds it never met? ``python -m benchmarks.noise DATA``.

Digits, real EEG (EEGMAT) and real faces (London), each corrupted in single kinds from clean, 0, to destroyed, 5. Asked
are UDML's own estimators, or the model that ships, and readers of what a signal looks like
(`benchmarks.noise_reader`), once fitted to all kinds and once to all but the one that is asked about. Speakers, people
and digits of the test are new to all.
``fused`` tells what weights from a better estimate do to the answer, ``harm`` what noise in the EEG does to it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from benchmarks import eegmat, noise_digits, noise_eeg, noise_faces, noise_fused, noise_harm
from benchmarks.cells import Arrays, read_cell, run_cells
from benchmarks.fusion_methods import UDML
from benchmarks.machine import one_thread_each
from benchmarks.noise_curves import Curve, tables

Cells = dict[str, Callable[[], Arrays]]


def main(argv: Sequence[str] | None = None) -> None:
    """Compute what is missing, as long as there is time, and print the tables of what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=("digits", "eeg", "faces", "fused", "harm"))
    parser.add_argument("--folder", type=Path, default=eegmat.data_folder().parent, help="holds eegmat, london-faces")
    parser.add_argument("--work", type=Path, default=Path("benchmark-runs"), help="where results are kept")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=5, help="splits of the digits, or students")
    parser.add_argument("--epochs", type=int, default=UDML.epochs, help="of UDML on the digits")
    options = parser.parse_args(argv)
    one_thread_each()
    folder = options.work / "noise" / options.data
    missing, cells = 0, {}
    if options.data == "digits":
        cells = _digits(options.seeds, options.epochs)
    elif options.data == "fused":
        cells = {f"fused-{s}": partial(noise_fused.by_weights, s, options.epochs) for s in range(options.seeds)}
    elif options.data == "harm":
        cells = _harm(options.folder, options.work, options.seeds)
    elif options.data == "eeg":
        cells = _eeg(options.folder, options.work)
    else:
        looks = {kind: partial(noise_faces.look, options.folder / "london-faces", kind) for kind in noise_faces.KINDS}
        missing = run_cells(folder / "looks", looks, options.minutes)
        if not missing:
            cells = _faces({kind: read_cell(folder / "looks", kind) or {} for kind in looks})
    missing += run_cells(folder, cells, options.minutes)
    if missing:
        print(f"{missing} cells are missing; run again to go on.")
    if options.data == "harm":
        print(noise_harm.results([cell for name in cells if (cell := read_cell(folder, name))]))
        return
    found: dict[str, list[Curve]] = {}
    for name in cells:
        for key, curve in (read_cell(folder, name) or {}).items():
            found.setdefault(key, []).append(curve)
    print(noise_fused.table(found) if options.data == "fused" else tables(found))


def _digits(seeds: int, epochs: int) -> Cells:
    out: Cells = {f"reader-{seed}": partial(noise_digits.by_reader, seed) for seed in range(seeds)}
    for seed in range(seeds):
        for taught in noise_digits.NETWORKS:
            out[f"UDML-{taught}-{seed}"] = partial(noise_digits.by_network, seed, taught, epochs)
    return out


def _eeg(folder: Path, work: Path) -> Cells:
    @cache
    def corrupted() -> noise_eeg.Corrupted:
        return noise_eeg.Corrupted.of(eegmat.load(folder / "eegmat", work / "eegmat.npz"))

    out: Cells = {}
    for fold in range(noise_eeg.N_FOLDS):
        out[f"model-{fold}"] = partial(noise_eeg.by_model, corrupted, fold)
        out[f"reader-{fold}"] = partial(noise_eeg.by_reader, corrupted, fold)
    return out


def _harm(folder: Path, work: Path, seeds: int) -> Cells:
    material = cache(lambda: eegmat.load(folder / "eegmat", work / "eegmat.npz"))
    folds = [(seed, fold) for seed in range(seeds) for fold in range(noise_harm.N_FOLDS)]
    return {f"student-{seed}-{fold}": partial(noise_harm.harm, material, seed, fold) for seed, fold in folds}


def _faces(looks: dict[str, Arrays]) -> Cells:
    print(noise_faces.refused(looks))
    out: Cells = {}
    for fold in range(noise_faces.N_FOLDS):
        out[f"model-{fold}"] = partial(noise_faces.by_model, looks, fold)
        out[f"reader-{fold}"] = partial(noise_faces.by_reader, looks, fold)
    return out


if __name__ == "__main__":
    main()
