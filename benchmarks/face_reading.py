"""How a smile is told from a neutral face on real people that were not fitted on, and how far the sets keep their word.

``python -m benchmarks.face_reading`` prints Markdown tables. It needs the London faces (`benchmarks.face_people`) in
``london-faces`` under INSULA_DATA. Each person is read by numbers fitted on the others, in ten folds; people are drawn
for the intervals. ``--check`` also compares the sets with those of crepes (``pip install insula[bench]``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import texts
from benchmarks.conformal import ANSWERS, COVERAGE, Stream, followed
from benchmarks.face_people import add_data, folds, genders, london_faces, people, pictures_of
from core.blendshapes import BLENDSHAPES
from core.calibration import WITHOUT_NEUTRAL, AdaptiveSets, lac_scores
from core.face_neutral import PRIOR_S, RUNNING_WEIGHT
from core.models.face import FaceReader
from core.models.model_file import CLASSES
from training.face_fit import Pictures, answer, fit_face
from training.intervals import cluster_bootstrap
from training.metrics import calibration_error

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SMILE = [BLENDSHAPES.index(name) for name in ("mouthSmileLeft", "mouthSmileRight")]
HAPPY = CLASSES.index("happy")
RUNNING_S = 60.0
"""Seconds of neutral past that the running estimate has in the table."""
KNOWN = {"own": 1.0, "running": RUNNING_WEIGHT * RUNNING_S / (RUNNING_S + PRIOR_S), "unknown": 0.0}
N_STREAMS = 40


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_data(parser)
    parser.add_argument("--check", action="store_true", help="compare the sets with those of crepes")
    options = parser.parse_args()
    folder = london_faces(options)
    if folder is None:
        return
    reader = FaceReader()
    pictures = pictures_of(list(people(folder, reader)), reader)
    gender = np.array([genders(folder)[name] for name in pictures.person])
    smiling = pictures.truth == HAPPY
    n_people = len(np.unique(pictures.person))
    print(f"{n_people} people, {len(smiling)} usable frames, {smiling.sum()} of them smiling\n")
    show_readers(pictures, smiling, gender)
    said = {how: read_by_folds(pictures, known) for how, known in KNOWN.items()}
    show_product(pictures, said, gender)
    show_words(pictures, said)
    show_answers(pictures, said, options.check)


def show_readers(pictures: Pictures, smiling: Bools, gender: NDArray[np.str_]) -> None:
    """Print how well single measures tell a smile, each with a threshold from the other people."""
    odds = pictures.logits[:, HAPPY] - pictures.logits[:, 0]
    rest = pictures.neutral[:, len(BLENDSHAPES) + HAPPY]
    smile = pictures.blendshapes[:, SMILE].mean(axis=1)
    readers = {
        "the expression network's log odds": odds,
        "the same, less the own neutral face's": odds - rest,
        "smile, less the own neutral face's": smile - pictures.neutral[:, SMILE].mean(axis=1),
    }
    print("| one measure, threshold from others | balanced | smiles missed | false alarms | AUC | women | men |")
    print("|---|---|---|---|---|---|---|")
    for name, score in readers.items():
        fold = folds(pictures.person)
        cut = np.array([best_threshold(score[fold != k], smiling[fold != k]) for k in range(fold.max() + 1)])
        print(f"| {name} | {cells(pictures, score > cut[fold], smiling, gender, score)} |")
    network = pictures.logits.argmax(axis=1)
    print(f"| the network's most probable class | {cells(pictures, network == HAPPY, smiling, gender, odds)} |")
    print()


def show_product(pictures: Pictures, said: dict[str, Floats], gender: NDArray[np.str_]) -> None:
    """Print what the product's own reading comes to, with the own neutral face, a running estimate, and neither."""
    smiling = pictures.truth == HAPPY
    print("| the reading, neutral face | balanced | smiles missed | false alarms | AUC | women | men |")
    print("|---|---|---|---|---|---|---|")
    for how, probability in said.items():
        guess = probability.argmax(axis=1)
        alarm = np.where(smiling, guess == HAPPY, guess != 0)
        score = np.log(probability[:, HAPPY] / probability[:, 0])
        print(f"| {how} | {cells(pictures, alarm, smiling, gender, score)} |")
    print("\n| neutral face | ECE | confidence | of wrong answers | 90 % sets hold | classes in a set |")
    print("|---|---|---|---|---|---|")
    for how, probability in said.items():
        right = probability.argmax(axis=1) == pictures.truth
        confidence = probability.max(axis=1)
        sets = [shipped_sets(pictures, said, how, None).sets(row, condition(how)) for row in probability]
        held = np.array([truth in chosen for truth, chosen in zip(pictures.truth, sets, strict=True)])
        size = np.array([len(chosen) for chosen in sets])
        rows = (
            interval(partial(error_of, probability, pictures.truth), pictures),
            f"{confidence.mean():.3f}",
            f"{confidence[~right].mean():.3f}" if (~right).any() else "none",
            interval(partial(mean_of, held), pictures),
            f"{size.mean():.2f}",
        )
        print(f"| {how} | {' | '.join(rows)} |")
    print()


def show_words(pictures: Pictures, said: dict[str, Floats]) -> None:
    """Print how often each way in which the window's first words are sure is chosen, and is wrong."""
    print("| neutral face | words | of the frames | wrong |\n|---|---|---|---|")
    for how, probability in said.items():
        sets = [shipped_sets(pictures, said, how, None).sets(row, condition(how)) for row in probability]
        words = np.array([_words(row, chosen) for row, chosen in zip(probability, sets, strict=True)])
        held = np.array([truth in chosen for truth, chosen in zip(pictures.truth, sets, strict=True)])
        for kind in ("quite sure", "perhaps", "a choice", "unsure"):
            here = words == kind
            if here.any():
                print(f"| {how} | {kind} | {here.mean():.3f} | {_share_over_people(~held, here, pictures)} |")
    print()


def _words(probability: Floats, chosen: Sequence[int]) -> str:
    """Return how sure the state line is of these probabilities with this set."""
    said = texts.expression(
        CLASSES[int(probability.argmax())], float(probability.max()), [CLASSES[k] for k in chosen], len(CLASSES)
    )
    if said.startswith("Unsure"):
        return "unsure"
    return said.rstrip(".").split(", ")[1] if len(chosen) == 1 else "a choice"


def _share_over_people(wrong: Bools, here: Bools, pictures: Pictures) -> str:
    """Return the share of wrong ones among some frames, with its interval over people."""
    return interval(partial(mean_of, wrong[here]), pictures.of(here))


def show_answers(pictures: Pictures, said: dict[str, Floats], check: bool) -> None:
    """Print how the sets follow a person's answers, on the faces and on a reader that is made to be far too sure."""
    print(f"| stream | method | {' | '.join(f'after {n}' for n in ANSWERS)} |\n|---|---|{'---|' * len(ANSWERS)}")
    streams: dict[str, Callable[[], Iterator[Stream]]] = {
        "faces, own neutral": lambda: face_streams(pictures, said, "own"),
        "faces, neutral unknown": lambda: face_streams(pictures, said, "unknown"),
        "made: far too sure": lambda: made_streams(0.3),
        "made: too cautious": lambda: made_streams(4.0),
    }
    for name, make in streams.items():
        print(f"| {name} | these sets | {' | '.join(followed(list(make()), 'these'))} |")
        print(f"| | own answers alone | {' | '.join(followed(list(make()), 'own answers alone'))} |")
        if check:
            print(f"| | crepes on own answers alone | {' | '.join(followed(list(make()), 'crepes'))} |")


def face_streams(pictures: Pictures, said: dict[str, Floats], how: str) -> Iterator[Stream]:
    """Give a stream of each person: 64 of the own frames, drawn with replacement."""
    for k, name in enumerate(np.unique(pictures.person)[:N_STREAMS]):
        rng = np.random.default_rng(k)
        own = rng.choice(np.flatnonzero(pictures.person == name), 64)
        yield shipped_sets(pictures, said, how, name), condition(how), said[how][own], pictures.truth[own]


def made_streams(sharpness: float) -> Iterator[Stream]:
    """Give streams of seven classes whose truth is flatter, or sharper, than what is said of it."""

    def draw(rng: np.random.Generator, n: int, power: float) -> tuple[Floats, NDArray[np.int64]]:
        probability = rng.dirichlet(np.full(7, 0.4), n)
        true = probability**power / (probability**power).sum(axis=1, keepdims=True)
        return probability, np.array([rng.choice(7, p=p) for p in true])

    shipped = lac_scores(*draw(np.random.default_rng(1), 1000, 1.0)).tolist()
    for k in range(N_STREAMS):
        probability, truth = draw(np.random.default_rng([2, k]), 64, sharpness)
        yield AdaptiveSets(COVERAGE, {"face": shipped}), "face", probability, truth


def read_by_folds(pictures: Pictures, known: float) -> Floats:
    """Return the class probabilities of each picture by numbers that were fitted on other people."""
    fold = folds(pictures.person)
    probability = np.zeros((len(fold), len(CLASSES)))
    for k in np.unique(fold):
        found = fit_face(pictures.of(fold != k))
        probability[fold == k] = answer(found, pictures.of(fold == k), known)
    return probability


def shipped_sets(pictures: Pictures, said: dict[str, Floats], how: str, left: str | None) -> AdaptiveSets:
    """Return sets that begin with the scores of other people than `left`, as the shipped model's do."""
    others = pictures.person != left
    kind = "own" if how == "own" else "unknown"
    scores = lac_scores(said[kind][others], pictures.truth[others]).tolist()
    untested = dict.fromkeys(range(2, len(CLASSES)), 0.5 / len(CLASSES) if kind == "own" else 0.0)
    return AdaptiveSets(COVERAGE, {condition(how): scores}, {condition(how): untested}, open_untested=True)


def condition(how: str) -> str:
    """Return which scores hold."""
    return "face" if how == "own" else WITHOUT_NEUTRAL


def best_threshold(score: Floats, smiling: Bools) -> float:
    """Return the threshold with the best balanced accuracy."""
    cuts = np.unique(score)
    balanced = [(score[smiling] > cut).mean() + (score[~smiling] <= cut).mean() for cut in cuts]
    k = int(np.argmax(balanced))
    return float((cuts[k] + cuts[min(k + 1, len(cuts) - 1)]) / 2)


def cells(pictures: Pictures, alarm: Bools, smiling: Bools, gender: NDArray[np.str_], score: Floats) -> str:
    """Return balanced accuracy, misses and false alarms with intervals over people, AUC, misses of women and men."""

    def missed(rows: NDArray[np.int64]) -> float:
        return float(np.mean(~alarm[rows][smiling[rows]]))

    def false(rows: NDArray[np.int64]) -> float:
        return float(np.mean(alarm[rows][~smiling[rows]]))

    n = int(smiling.sum())
    area = (rankdata(score)[smiling].sum() - n * (n + 1) / 2) / (n * (len(score) - n))
    every = np.arange(len(smiling))
    parts = (
        f"{1 - (missed(every) + false(every)) / 2:.3f}",
        interval(missed, pictures),
        interval(false, pictures),
        f"{area:.3f}",
        *(f"{np.mean(~alarm[smiling & (gender == one)]):.3f}" for one in ("female", "male")),
    )
    return " | ".join(parts)


def error_of(probability: Floats, truth: NDArray[np.int64], rows: NDArray[np.int64]) -> float:
    """Return the calibration error over some rows."""
    return calibration_error(probability[rows], truth[rows])


def mean_of(values: Bools, rows: NDArray[np.int64]) -> float:
    """Return the share that holds over some rows."""
    return float(values[rows].mean())


def interval(statistic: Callable[[NDArray[np.int64]], float], pictures: Pictures) -> str:
    """Return a figure with its interval over people."""
    found = cluster_bootstrap(statistic, pictures.person)
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


if __name__ == "__main__":
    main()
