"""Smiles of real people under what a webcam does beyond the frames that the reading was fitted on.

``python -m benchmarks.face_stress`` (needs the London faces, see `benchmarks.face_people`) prints Markdown tables: each
person is read by numbers fitted on the usual frames of others, in ten folds, against the own neutral face of two usual
frames, and without any; then the usual frames by group of people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.face_people import Seen, add_data, folds, groups, london_faces, look, people, pictures_of, webcam_frame
from benchmarks.face_reading import HAPPY, condition, shipped_sets
from core.data import Array
from core.models.face import FaceReader
from core.models.model_file import CLASSES
from core.neutral_watch import BURNT_MORE, SHARE
from training.face_fit import Pictures, answer, fit_face
from training.metrics import calibration_error

Floats = NDArray[np.float64]
Change = Callable[[Array, np.random.Generator], Array]
"""From a picture to a frame."""
N_FRAMES = 2
SHOWN_ANEW = ("light x 1.6, burnt out", "JPEG at quality 15", "drawn glasses")
"""In which frames the neutral face is shown as well."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_data(parser)
    options = parser.parse_args()
    folder = london_faces(options)
    if folder is None:
        return
    reader = FaceReader()
    seen = list(people(folder, reader))
    usual = pictures_of(seen, reader)
    fits = fits_of_others(usual)
    said = {how: by_others(fits, usual, known) for how, known in (("own", 1.0), ("unknown", 0.0))}
    print(_HEAD)
    print(row("the usual frames", usual, said, usual, said, share_usable(seen, usual)))
    for name, change in stresses(reader).items():
        stressed = [*(one for one in seen if one.for_neutral), *frames(folder, reader, change)]
        pictures = pictures_of(stressed, reader)
        found = {how: by_others(fits, pictures, known) for how, known in (("own", 1.0), ("unknown", 0.0))}
        bright = burnt_out(stressed)
        print(row(name, pictures, found, usual, said, share_usable(stressed, pictures), bright), flush=True)
    show_anew(folder, reader, seen, usual, fits)
    print(f"\n{_HEAD.replace('frames', 'people, the usual frames')}")
    for group, names in groups(folder).items():
        chosen = np.isin(usual.person, list(names))
        if len(np.unique(usual.person[chosen])) >= 5:
            part = {how: probability[chosen] for how, probability in said.items()}
            n = len(np.unique(usual.person[chosen]))
            print(row(f"{group} ({n})", usual.of(chosen), part, usual, said))


def show_anew(
    folder: Path, reader: FaceReader, seen: Sequence[Seen], usual: Pictures, fits: dict[str, dict[str, Any]]
) -> None:
    """Print what becomes of frames that are misread where the neutral face is shown in the same, by half of people.

    On the first half it was set from where on light is told to have burnt out the picture.
    """
    print("\n| frames | people | light is told | neutral face in usual frames: missed | false alarms | ", end="")
    print("in the same: missed | false alarms |\n|---|---|---|---|---|---|---|")
    for name in SHOWN_ANEW:
        tested = frames(folder, reader, stresses(reader)[name])
        alike = [replace(one, for_neutral=True) for one in frames(folder, reader, stresses(reader)[name], seed=9)]
        before = [*(one for one in seen if one.for_neutral), *tested]
        both = pictures_of(before, reader), pictures_of([*(one for one in alike if not one.smiling), *tested], reader)
        for half, first in (("half tuned on", 0), ("the others", 1)):
            names = np.unique(usual.person)[first::2]
            bright = burnt_out(before) & set(names.tolist())
            errors = " | ".join(_errors(fits, each.of(np.isin(each.person, names))) for each in both)
            print(f"| {name} | {half} | {len(bright) / len(names):.2f} | {errors} |", flush=True)


_HEAD = (
    "| frames | usable | smiles missed | false alarms | told | confidence of wrong | ECE | sets hold | classes | "
    "without own neutral: missed | false alarms | confidence | ECE | sets hold | classes |\n|---|" + "---|" * 14
)


def row(
    name: str,
    pictures: Pictures,
    said: dict[str, Floats],
    usual: Pictures,
    usually: dict[str, Floats],
    usable: str = "",
    bright: Collection[str] = (),
) -> str:
    """Return a line of the table; sets begin with the scores of other people's usual frames.

    `bright` names those who are told that light has burnt out the picture since the neutral face was shown.
    """
    smiling = pictures.truth == HAPPY
    cells = [usable]
    for how, probability in said.items():
        guess = probability.argmax(axis=1)
        sets = {one: shipped_sets(usual, usually, how, one) for one in np.unique(pictures.person)}
        chosen = [sets[one].sets(p, condition(how)) for one, p in zip(pictures.person, probability, strict=True)]
        cells += [f"{(guess[smiling] != HAPPY).mean():.3f}", f"{(guess[~smiling] != 0).mean():.3f}"]
        confidence, wrong = probability.max(axis=1), guess != pictures.truth
        if how == "unknown":
            cells += [f"{confidence.mean():.2f}"]
        else:
            cells += [
                f"{told(pictures, guess, bright):.2f}",
                f"{confidence[wrong].mean():.2f}" if wrong.any() else "none",
            ]
        cells += [
            f"{calibration_error(probability, pictures.truth):.3f}",
            f"{np.mean([truth in one for truth, one in zip(pictures.truth, chosen, strict=True)]):.3f}",
            f"{np.mean([len(one) for one in chosen]):.1f}",
        ]
    return f"| {name} | {' | '.join(cells)} |"


def told(pictures: Pictures, guess: NDArray[np.int64], bright: Collection[str] = ()) -> float:
    """Return the share of people who would be told to show the neutral face anew, were they neutral for a while."""
    unlike = ~np.isin(guess, (0, HAPPY))[pictures.truth == 0]
    person = pictures.person[pictures.truth == 0]
    return float(np.mean([unlike[person == one].mean() >= SHARE or one in bright for one in np.unique(person)]))


def burnt_out(seen: Sequence[Seen]) -> set[str]:
    """Return who would be told that light has burnt out the picture since the neutral face was shown."""
    usable = [one for one in seen if not one.observation.problem]
    out = set()
    for name in {one.person for one in usable}:
        own = [one for one in usable if one.person == name]
        before = [one.observation.burnt for one in own if one.for_neutral]
        now = np.array([one.observation.burnt for one in own if not one.for_neutral and not one.smiling])
        if before and len(now) and np.mean(now > np.median(before) + BURNT_MORE) >= SHARE:
            out.add(name)
    return out


def share_usable(seen: Sequence[Seen], pictures: Pictures) -> str:
    """Return which share of the frames that are to be read can be."""
    return f"{len(pictures.truth) / sum(not one.for_neutral for one in seen):.0%}"


def fits_of_others(usual: Pictures) -> dict[str, dict[str, Any]]:
    """Return for each person the numbers that were fitted on others, in ten folds."""
    out: dict[str, dict[str, Any]] = {}
    fold = folds(usual.person)
    for k in np.unique(fold):
        out |= dict.fromkeys(np.unique(usual.person[fold == k]).tolist(), fit_face(usual.of(fold != k)))
    return out


def by_others(fits: dict[str, dict[str, Any]], pictures: Pictures, known: float) -> Floats:
    """Return class probabilities, shape (n, n_classes), each person by the numbers that were fitted on others."""
    out = np.zeros((len(pictures.truth), len(CLASSES)))
    for name in np.unique(pictures.person):
        rows = pictures.person == name
        out[rows] = answer(fits[name], pictures.of(rows), known)
    return out


def _errors(fits: dict[str, dict[str, Any]], pictures: Pictures) -> str:
    """Return how many smiles are missed and neutral faces read as something else, against the own neutral face."""
    guess, smiling = by_others(fits, pictures, 1.0).argmax(axis=1), pictures.truth == HAPPY
    return f"{(guess[smiling] != HAPPY).mean():.3f} | {(guess[~smiling] != 0).mean():.3f}"


def frames(folder: Path, reader: FaceReader, change: Change, seed: int = 7) -> list[Seen]:
    """Return some frames of each picture, changed."""
    found = []
    for smiling, kind in enumerate(("neutral", "smiling")):
        for path in sorted((folder / kind).glob("*.jpg")):
            picture = np.ascontiguousarray(np.asarray(cv2.imread(str(path)))[..., ::-1])
            for k in range(N_FRAMES):
                frame = change(picture, np.random.default_rng([seed, int(path.name[:3]), smiling, k]))
                found.append(Seen(path.name[:3], bool(smiling), False, look(reader, frame)))
    return found


def _after(change: Change) -> Change:
    """Return a usual frame, changed."""
    return lambda picture, rng: change(webcam_frame(picture, rng), rng)


def _framed(**fixed: float) -> Change:
    return lambda picture, rng: webcam_frame(picture, rng, **fixed)


def _compressed(frame: Array, rng: np.random.Generator) -> Array:
    _, code = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 15])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR))


def _moved(frame: Array, rng: np.random.Generator) -> Array:
    return np.asarray(cv2.blur(frame, (9, 1)))


def _side_light(frame: Array, rng: np.random.Generator) -> Array:
    ramp = np.linspace(0.35, 1.3, frame.shape[1])[None, :, None]
    return np.asarray(np.clip(frame * (ramp if rng.random() < 0.5 else ramp[:, ::-1]), 0, 255).astype(np.uint8))


def _warm(frame: Array, rng: np.random.Generator) -> Array:
    return np.asarray(np.clip(frame * np.array([1.15, 0.9, 0.6]), 0, 255).astype(np.uint8))


def _noisy(frame: Array, rng: np.random.Generator) -> Array:
    return np.asarray(np.clip(frame * 0.6 + rng.normal(0, 12, frame.shape), 0, 255).astype(np.uint8))


def _with_glasses(reader: FaceReader) -> Change:
    """Return what draws glasses before the frame is taken: rims round both eyes, a bridge, a gleam."""

    def change(picture: Array, rng: np.random.Generator) -> Array:
        drawn = picture.copy()
        for face in reader.detect(picture)[:1]:
            (x0, y0), (x1, y1) = face.keypoints[:2].astype(float)
            half = round(0.33 * float(np.hypot(x1 - x0, y1 - y0)))
            for x, y in ((x0, y0), (x1, y1)):
                cv2.ellipse(drawn, (round(x), round(y)), (half, round(0.75 * half)), 0, 0, 360, (35, 30, 30), 4)
                gleam = (round(x) - half // 2, round(y) + 4), (round(x), round(y) - half // 2)
                cv2.line(drawn, *gleam, (235, 235, 235), 3)
            cv2.line(drawn, (round(x0) + half, round(y0)), (round(x1) - half, round(y1)), (35, 30, 30), 4)
        return webcam_frame(drawn, rng)

    return change


def stresses(reader: FaceReader) -> dict[str, Change]:
    """Return what is done to a picture, by name."""
    return {
        "face 95 px": _framed(width_px=95.0),
        "face 250 px": _framed(width_px=250.0),
        "tilted by 20°": _framed(turn_deg=20.0),
        "light x .25": _framed(light=0.25),
        "light x 1.6, burnt out": _framed(light=1.6),
        "dark, noise sd 12": _after(_noisy),
        "light from one side": _after(_side_light),
        "warm light": _after(_warm),
        "JPEG at quality 15": _after(_compressed),
        "moved by 9 px": _after(_moved),
        "drawn glasses": _with_glasses(reader),
    }


if __name__ == "__main__":
    main()
