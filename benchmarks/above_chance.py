"""How often answers are called above chance that know nothing, and that do: ``python -m benchmarks.above_chance``.

What people feel of a clip is alike: a rating is the clip's mean and the person's own, of equal spread. So answers that
tell clips apart, and nothing of what is felt of them, hit for everyone or miss for everyone. Made tables of people who
watch clips, each answered in several ways, are asked about as `insula evaluate` does: ratings by their concordance,
and classes, high or low by each person's own rating, by balanced accuracy.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine, one_thread_each, table
from training.answers import Answer, Answers
from training.chance import AgainstChance, against_chance, ratings_against_chance

Floats = NDArray[np.float64]
N_DEALS = 100


@dataclass(frozen=True, slots=True)
class Case:
    """How answers come about, each part a standard deviation."""

    of_clip: float
    """By what is said of a clip whoever sees it, by lot."""
    by_lot: float
    """By lot, for each trial alone."""
    of_rating: float = 0.0
    """By the rating itself."""
    n_clips: int = 12
    missing: float = 0.0
    """Share of the trials that are not there."""
    held_out: bool = False
    """Whether clips are left out by twos: the mean rating of the others is added to what is said of them."""


KNOW_NOTHING = {
    "by lot": Case(0.0, 1.0),
    "a number for each clip": Case(1.0, 0.0),
    "half of it a number for each clip": Case(1.0, 1.0),
    "a number for each clip, clips left out": Case(1.0, 0.0, held_out=True),
    "a number for each clip, a tenth of trials missing": Case(1.0, 0.0, missing=0.1),
    "a number for each clip, 40 clips": Case(1.0, 0.0, n_clips=40),
}
KNOW = {
    "rating .2, lot 1": Case(0.0, 1.0, 0.2),
    "rating .4, lot 1": Case(0.0, 1.0, 0.4),
    "rating .4, clip .5, lot 1": Case(0.5, 1.0, 0.4),
    "rating .2, lot 1, 40 clips": Case(0.0, 1.0, 0.2, n_clips=40),
}


def made(case: Case, rng: np.random.Generator, n_people: int) -> Answers:
    """Return answers about people who watched the same clips; ratings have a standard deviation of 1."""
    shape = (n_people, case.n_clips)
    means = rng.standard_normal(case.n_clips)
    rated = (means + rng.standard_normal(shape)) / np.sqrt(2.0)
    said = case.of_clip * rng.standard_normal(case.n_clips) + case.by_lot * rng.standard_normal(shape)
    said = said + case.of_rating * rated
    if case.held_out:
        fold = np.arange(case.n_clips) // 2
        said = said + np.array([rated[:, fold != own].mean() for own in fold])
    there = np.argwhere(rng.random(shape) >= case.missing)
    return Answers(
        (
            Answer(
                f"P{who:02d}", int(rated[who, clip] > 0.0), (0.6, 0.4) if said[who, clip] < 0.0 else (0.4, 0.6), 0.5,
                affect=(float(said[who, clip]), 0.0), rated=(float(rated[who, clip]), float("nan")), trial=int(clip),
                stimulus=int(clip),
            )
            for who, clip in there
        ),
        ("low", "high"),
    )  # fmt: skip


def asked(case: Case, n_runs: int, n_people: int, seed: int) -> tuple[list[AgainstChance], list[AgainstChance]]:
    """Return what is said of the ratings and of the classes of each of many tables."""
    rng = np.random.default_rng(seed)
    tables = [made(case, rng, n_people) for _ in range(n_runs)]
    ratings = [ratings_against_chance(one, N_DEALS, seed=k)["valence"] for k, one in enumerate(tables)]
    return ratings, [against_chance(one, N_DEALS, seed=k) for k, one in enumerate(tables)]


def main(argv: Sequence[str] | None = None) -> None:
    """Print how often either is below .05, and called above chance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    one_thread_each()
    rows = []
    for name, case in (KNOW_NOTHING | KNOW).items():
        found = asked(case, given.runs, given.people, given.seed)
        cells = [f"{np.mean([one.p < 0.05 for one in side]):.1%}" for side in found]
        called = [f"{np.mean([one.is_above for one in side]):.1%}" for side in found]
        rows.append([name, cells[0], called[0], cells[1], called[1], found[0][0].unit])
    print(
        describe_machine(),
        f"\n{given.runs} tables of {given.people} people, 12 clips where not said, seed {given.seed}",
    )
    print(table(["answers", "ratings, p < .05", "called", "classes, p < .05", "called", "dealt among"], rows))


if __name__ == "__main__":
    main()
