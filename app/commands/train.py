"""``insula train``: a model out of a recipe, and how well the recipe does on people that are left out."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from app.session.configuration import configuration, existing
from app.study.comparison import comparison
from app.study.evaluation.cross_validation import judge_run
from app.study.labelled_data import STEP_S
from app.study.train_people import Prepared, Wish, leave_each_out, prepare, prepare_each, train_everyone
from app.study.train_simulated import Plan, train
from app.study.verdict_words import people_in_words
from core.config import Config, MethodConfig
from core.errors import ConfigError
from core.models.model_file import Header
from training.methods import DEFAULT, methods_of

OF_PEOPLE: Mapping[str, object] = {
    "data": None, "sensors": "both", "test_sensors": None, "modality_dropout": 0.0, "method": "", "compare": None,
    "noise": "eeg", "target": "class", "step": STEP_S, "workers": 1, "cluster": None, "config": None,
}  # fmt: skip
"""What the recipe `people` alone takes, and what stands there where nothing is said."""


def run(args: argparse.Namespace) -> int:
    """Train; tell progress and what is left on the terminal."""
    if args.recipe == "people":
        return _people(args)
    if not args.out or args.leave_out:
        raise ConfigError("The simulated recipe needs --out MODEL, and leaves nobody out.")
    if given := [f"--{name.replace('_', '-')}" for name, usual in OF_PEOPLE.items() if getattr(args, name) != usual]:
        raise ConfigError(
            f"The simulated recipe takes --out, --seed and --run; {', '.join(given)}: for `people` alone."
        )
    folder = Path(args.run) if args.run else None
    header = train(Path(args.out), Plan(seed=args.seed), report=report, folder=folder)
    _print_result(args.out, header, "On simulated participants that it had not seen")
    return 0


def _people(args: argparse.Namespace) -> int:
    if not args.data or not args.run or not (args.leave_out or args.out):
        raise ConfigError(
            "The recipe `people` needs --data DIR, --run DIR, and --leave-out subject (or trials) or --out MODEL."
        )
    config = configuration(args)
    wish = Wish(
        args.sensors, args.leave_out or "subject", args.seed, args.target, args.test_sensors, args.modality_dropout,
        args.step, args.method or config.method.name or DEFAULT, args.noise,
    )  # fmt: skip
    if args.sensors != "both" and (args.modality_dropout or args.noise == "both"):
        what = "--modality-dropout hides" if args.modality_dropout else "--noise both corrupts"
        raise ConfigError(f"{what} either of two sensors: it takes --sensors both.")
    if args.compare:
        return _compare(args, config, wish)
    made = prepare(Path(args.run), existing(args.data), config, wish, report)
    _tell_what_acts(made, [wish.method])
    if args.leave_out:
        figures = leave_each_out(made, args.workers, args.cluster, report)
        sys.stdout.write(f"{'left out':<20}{'windows':>9}{'accuracy':>10}{'majority':>10}\n")
        for name, one in figures.items():
            sys.stdout.write(f"{name:<20}{one['windows']:>9}{one['accuracy']:>10.3f}{one['majority']:>10.3f}\n")
        sys.stdout.write(f"`insula evaluate {args.run}` makes the table and the page.\n")
    if args.out:
        header = train_everyone(made, Path(args.out), report)
        sys.stdout.write(f"{args.out} is written.\n{people_in_words(header)}")
    return 0


def _compare(args: argparse.Namespace, config: Config, wish: Wish) -> int:
    if args.method or args.out or not args.leave_out or config.method != MethodConfig():
        raise ConfigError(
            "--compare takes --leave-out, and neither --method nor --out, nor a table [method]: it compares methods as "
            "they are, on the same folds."
        )
    names = methods_of(args.compare)
    made = prepare_each(Path(args.run), existing(args.data), config, wish, names, report)
    _tell_what_acts(made[names[0]], names)
    told = [f"{'method':<24}{'folds':>7}{'accuracy':>10}\n"]
    for name, one in made.items():
        figures = leave_each_out(one, args.workers, args.cluster, partial(_report_of, name))
        accuracy = sum(each["accuracy"] for each in figures.values()) / len(figures)
        told.append(f"{name:<24}{len(figures):>7}{accuracy:>10.3f}\n")
    runs = {name: judge_run(one.run.folder)[0] for name, one in made.items()}
    last, *others = (str(Path(args.run) / name) for name in reversed(names))
    sys.stdout.write(f"{''.join(told)}\n{comparison(runs, made[names[0]].data.by_ccc)}\n")
    sys.stdout.write(f"`insula evaluate {last} --beside {' '.join(others)}` compares them, person by person.\n")
    return 0


def _tell_what_acts(made: Prepared, names: Sequence[str]) -> None:
    """Say where the data have nothing to fuse, and no face that could teach the EEG."""
    if made.data.fused == 0 and set(names) != {DEFAULT}:
        report("No window has both EEG and face: nothing is fused, and no face teaches the EEG, whatever the method.")


def _report_of(name: str, line: str) -> None:
    report(f"{name}: {line}")


def _print_result(out: str, header: Header, of_whom: str) -> None:
    sys.stdout.write(f"{out} is written. {of_whom}:\n")
    for name, value in header.metrics.items():
        sys.stdout.write(f"  {name}: {value}\n")


def report(line: str) -> None:
    """Print one line of progress, over the last one where a person looks on."""
    if sys.stderr.isatty():
        # A line that breaks would not be written over.
        line = f"\x1b[K{line[: shutil.get_terminal_size().columns - 1]}\r"
    else:
        line += "\n"
    sys.stderr.write(line)
    sys.stderr.flush()
