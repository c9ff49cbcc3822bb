"""``insula evaluate``: how well a model, or a run that left people out, reads labels: a table and a page with plots."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.train import report
from app.session.configuration import configuration, existing
from app.study.evaluation.cross_validation import judge_run
from app.study.evaluation.material import ask_sessions, ask_table, judge
from app.study.evaluation.origin import of_model, of_run
from app.study.evaluation.page import Evaluated, beside_rows, evaluate, figure_rows, notes, page, summary, verdict
from app.study.labelled_data import TABLE
from core.errors import ConfigError, FileFormatError
from core.files import write_whole
from core.predictor import Predictor
from training.answers import Answers


def run(args: argparse.Namespace) -> int:
    """Print the table and write the page: of a model on the recordings under ``--data``, or of a run's people."""
    if Path(args.model).is_dir():
        found = _left_out(args)
    else:
        existing(args.model)
        if not args.data or args.beside:
            raise ConfigError("A model is evaluated with --data DIR; --beside is for the folders of two runs.")
        found = _model(args)
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, page(found))
    write_whole(out.with_suffix(".tsv"), trial_table(found.judged.trials))
    sys.stdout.write(table(found))
    sys.stdout.write(f"\n{out} is the page with plots, {out.with_suffix('.tsv')} has a row for each trial.\n")
    return 0


def _left_out(args: argparse.Namespace) -> Evaluated:
    judged, about = judge_run(Path(args.model))
    others = [(Path(one).resolve().name, judge_run(Path(one))[0]) for one in args.beside or ()]
    report("drawing people for the intervals")
    return evaluate(of_run(Path(args.model).resolve().name, about), judged, others)


def _model(args: argparse.Namespace) -> Evaluated:
    config = configuration(args)
    predictor = Predictor(args.model, config)
    data = existing(args.data)
    table = data if data.is_file() else data / TABLE
    if table.exists():
        asked = ask_table(table, config, predictor, report, args.swap_order)
    elif args.swap_order:
        raise ConfigError(f"--swap-order reads files in the opposite order, which takes a {TABLE} that names them.")
    else:
        asked = ask_sessions(sorted(data.rglob("*_eeg.xdf")), config, predictor, report)
    judged = judge(asked, predictor.classes)
    if not judged.n_recordings:
        raise FileFormatError(
            f"No labelled recording under {args.data} that this model has not learnt from, with a class that it knows "
            f"({', '.join(predictor.classes)}). Label some with `insula label`, or describe EEG files in {TABLE}."
        )
    if not len(judged.trials):
        reasons = ", ".join(judged.abstained) or "no window lies in them"
        raise FileFormatError(f"The model has no answer for any label under {args.data}: {reasons}.")
    report("drawing people for the intervals")
    name, coverage = Path(args.model).name, config.model.coverage
    origin = of_model(name, predictor.sha256, predictor.header, data.resolve().name, coverage, args.swap_order)
    return evaluate(origin, judged)


def table(found: Evaluated) -> str:
    """Return the table as text."""
    trials, across = found.judged.trials, found.across
    width = max([12, *(len(name) for name in trials.subjects)]) + 2
    lines = [verdict(found), ""]
    lines += [f"{'participant':<{width}}{'trials':>8}{'accuracy':>10}{'majority':>10}"]
    lines += [
        f"{name:<{width}}{len(trials.of(name)):>8}{across.accuracy[name]:>10.3f}{across.majority[name]:>10.3f}"
        for name in trials.subjects
    ]
    lines += ["", f"{'figure':<24}{'windows':>9}  {'95 %':<18}{'trials':>9}  {'95 %':<18}"]
    for row in figure_rows(found):
        w, t = row["windows"], row["trials"]
        line = f"{row['name']:<24}{w['value']:>9}  {w['interval']:<18}{t['value']:>9}  {t['interval']:<18}"
        lines.append(line.rstrip())
    for other in found.beside:
        corrected = f", p corrected for {len(found.beside)} runs (Holm)" if len(found.beside) > 1 else ""
        lines += ["", f"beside {other.name}, {other.n_subjects} people{corrected}"]
        lines.append(f"{'figure':<24}{'windows':>9}  {'95 %':<18}{'p':>7}{'trials':>9}  {'95 %':<18}{'p':>7}")
        for row in beside_rows(other):
            cells = (
                f"{row[key]['value']:>9}  {row[key]['interval']:<18}{row[key]['p']:>7}" for key in ("windows", "trials")
            )
            lines.append(f"{row['name']:<24}{''.join(cells)}")
    return "\n".join([*lines, "", summary(found), *notes(found), ""])


def trial_table(trials: Answers) -> str:
    """Return one row for each trial, tab-separated, for other tools."""
    lines = ["\t".join(["participant", "true", "predicted", "uncertainty", "set_size", "in_set", *_p(trials)])]
    for k in range(len(trials)):
        cells = [trials.subject[k], trials.classes[trials.truth[k]], trials.classes[trials.guess[k]]]
        cells += [f"{trials.uncertainty[k]:.6f}", str(trials.set_size[k]), str(int(trials.held[k]))]
        lines.append("\t".join([*cells, *(f"{p:.6f}" for p in trials.probability[k])]))
    return "\n".join(lines) + "\n"


def _p(trials: Answers) -> list[str]:
    return [f"p_{name}" for name in trials.classes]
