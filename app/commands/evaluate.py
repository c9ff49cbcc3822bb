"""``insula evaluate``: how well a model reads labelled recordings, as a table and as a page with plots."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.train import report
from app.evaluation.material import judge_recordings
from app.evaluation.page import Evaluated, evaluate, figure_rows, notes, page, summary
from app.wiring import configuration, existing
from core.errors import FileFormatError
from core.predictor import Predictor
from training.answers import Answers
from training.run import write_whole


def run(args: argparse.Namespace) -> int:
    """Predict each labelled stretch of the recordings under ``--data``, print the table, write the page."""
    config = configuration(args)
    predictor = Predictor(args.model, config)
    folder = existing(args.data)
    paths = sorted(folder.rglob("*_eeg.xdf"))
    judged = judge_recordings(paths, config, predictor, report)
    if not judged.n_recordings:
        raise FileFormatError(f"No labelled recording under {args.data}. Label some with `insula label` first.")
    if not len(judged.trials):
        reasons = ", ".join(judged.abstained) or "no window lies in them"
        raise FileFormatError(f"The model has no answer for any label under {args.data}: {reasons}.")
    report("drawing people for the intervals")
    name, coverage = Path(args.model).name, config.model.coverage
    found = evaluate(name, predictor.sha256, predictor.header, folder.resolve().name, coverage, judged)
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, page(found))
    write_whole(out.with_suffix(".tsv"), trial_table(judged.trials))
    sys.stdout.write(table(found))
    sys.stdout.write(f"\n{out} is the page with plots, {out.with_suffix('.tsv')} has a row for each trial.\n")
    return 0


def table(found: Evaluated) -> str:
    """Return the table as text."""
    trials, across = found.judged.trials, found.across
    width = max([12, *(len(name) for name in trials.subjects)]) + 2
    lines = [f"{'participant':<{width}}{'trials':>8}{'accuracy':>10}{'majority':>10}"]
    lines += [
        f"{name:<{width}}{len(trials.of(name)):>8}{across.accuracy[name]:>10.3f}{across.majority[name]:>10.3f}"
        for name in trials.subjects
    ]
    lines += ["", f"{'figure':<24}{'windows':>9}  {'95 %':<18}{'trials':>9}  {'95 %':<18}"]
    for row in figure_rows(found):
        w, t = row["windows"], row["trials"]
        line = f"{row['name']:<24}{w['value']:>9}  {w['interval']:<18}{t['value']:>9}  {t['interval']:<18}"
        lines.append(line.rstrip())
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
