"""What each fusion adds to the live forward: parameters and milliseconds; ``python -m benchmarks.fusion_cost``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np
import torch

from core.models.eeg import sphere_points
from core.models.face_sequence import N_FACES
from core.models.fusion import known_fusions
from core.models.fusion.mixing import MIXINGS
from core.models.model_file import Architecture
from core.models.network import Batch, Network


def live_batch(architecture: Architecture, n_chans: int = 32) -> Batch:
    """Return one window of EEG and face, as it comes live."""
    torch.manual_seed(0)
    network = Network(architecture)
    return Batch(
        torch.randn(1, n_chans, architecture.n_times),
        sphere_points(n_chans).unsqueeze(0),
        torch.ones(1, n_chans, dtype=torch.bool),
        torch.zeros(1, 2, network.eeg.n_power),
        torch.randn(1, N_FACES, architecture.n_embedding),
        torch.ones(1, N_FACES),
        torch.ones(1, N_FACES, dtype=torch.bool),
        torch.ones(1, 2, dtype=torch.bool),
    )


def milliseconds(networks: Sequence[Network], batch: Batch, repeats: int) -> list[float]:
    """Return the median time of a forward of each network, taken in turns so that all see the same machine."""
    times = np.zeros((repeats, len(networks)))
    with torch.inference_mode():
        for network in networks:
            network(batch)
        for turn in range(repeats):
            for k, network in enumerate(networks):
                started = time.perf_counter()
                network(batch)
                times[turn, k] = 1e3 * (time.perf_counter() - started)
    return [float(value) for value in np.median(times, axis=0)]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=300)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    names = ["static", *(name for name in known_fusions() if name != "static")]
    names += [f"{weighting}+{family}" for weighting in ("static", "udml") for family in MIXINGS if family != "mean"]
    networks = [Network(Architecture(fusion=name)).eval() for name in names]
    times = milliseconds(networks, live_batch(Architecture()), options.repeats)
    print("| fusion | parameters of the fusion | forward of a window, ms | beside static, ms |\n|---|---|---|---|")
    for name, network, value in zip(names, networks, times, strict=True):
        size = sum(parameter.numel() for parameter in network.fusion.parameters())
        print(f"| {name} | {size} | {value:.2f} | {value - times[0]:+.2f} |")


if __name__ == "__main__":
    main()
