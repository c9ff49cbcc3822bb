"""``insula train``: a model out of a recipe, and how well the recipe does on people that are left out."""

from __future__ import annotations

import argparse
import shutil
import sys
from functools import partial
from pathlib import Path

from app.session.configuration import configuration, existing
from app.study.comparison import comparison
from app.study.evaluation.cross_validation import judge_run
from app.study.train_people import Wish, leave_each_out, prepare, prepare_each, train_everyone
from app.study.train_simulated import Plan, train
from app.study.verdict_words import people_in_words
from core.errors import ConfigError
from core.models.model_file import Header
from training.methods import DEFAULT, methods_of


def run(args: argparse.Namespace) -> int:
    """Train; tell progress and what is left on the terminal."""
    if args.recipe == "people":
        return _people(args)
    if not args.out or args.leave_out:
        raise ConfigError("The simulated recipe needs --out MODEL, and leaves nobody out.")
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
    if args.compare:
        return _compare(args, wish)
    made = prepare(Path(args.run), existing(args.data), config, wish, report)
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


def _compare(args: argparse.Namespace, wish: Wish) -> int:
    if args.method or args.out or not args.leave_out:
        raise ConfigError(
            "--compare takes --leave-out, and neither --method nor --out: it compares, on the same folds."
        )
    names = methods_of(args.compare)
    made = prepare_each(Path(args.run), existing(args.data), configuration(args), wish, names, report)
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
