"""``insula labels``: what several annotators said of a recording, brought together, compared, and to other tools."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from acquisition.footage import Footage
from app import texts
from app.session.configuration import configuration, existing
from app.study.annotator_agreement import agreements, conflicts, pairs, said
from app.study.elan import read_elan, write_elan
from app.study.label_exchange import answers
from app.study.label_merge import check_are_of, merge
from app.study.label_studio import read_label_studio, setting, write_label_studio
from app.study.recorded_answers import recorded_labels
from core.config import Config
from core.data import Label
from core.errors import ConfigError
from core.files import private, write_whole
from core.recording.label_reader import LabelReader
from core.recording.labels import LabelStore
from core.recording.session import Session

_SAMPLES_PER_S = 64.0
"""So many samples go out to be looked at in another tool."""


def run(args: argparse.Namespace) -> int:
    """Do what is asked with a recording's answers."""
    {"agree": _agree, "merge": _merge, "export": _export, "import": _import}[args.act](args)
    return 0


def _agree(args: argparse.Namespace) -> None:
    """Say how far annotators agree, and where they do not."""
    labels: list[Label] = []
    for name in args.recordings:
        labels += recorded_labels(existing(name))
    if not (found := agreements(labels)):
        raise ConfigError(
            "No moment was answered by two annotators. Have a second one label: `insula label SESSION --annotator NAME "
            "--double 0.2` asks about a fifth of what was answered, and about the rest."
        )
    lines = [texts.agreement_line(one.asked, one.alpha, one.annotators, one.moments) for one in found]
    lines += [texts.pair_line(*pair.annotators, pair.kappa, pair.same, pair.moments) for pair in pairs(labels)]
    with Footage(Session.open(existing(args.recordings[0])).xdf, configuration(args)) as footage:
        zero = footage.span[0] if len(args.recordings) == 1 else float("nan")
    for conflict in conflicts(labels):
        told = [(one.annotator, said(one)) for one in conflict.answers]
        decided = (conflict.decided.annotator, said(conflict.decided)) if conflict.decided is not None else None
        times = (conflict.start - zero, conflict.stop - zero) if zero == zero else (conflict.start, conflict.stop)
        lines.append(texts.conflict_line(conflict.participant, times, told, decided))
    sys.stdout.write("\n".join(lines) + "\n")


def _merge(args: argparse.Namespace) -> None:
    """Bring label files of one recording together."""
    session = Session.open(existing(args.into))
    others = [_label_file(existing(name)) for name in args.others]
    with Footage(session.xdf, configuration(args)) as footage:
        merged = merge(session.labels, others, footage.participants, footage.span)
    sys.stdout.write(texts.merged(merged.answers, merged.samples, merged.there, session.labels) + "\n")


def _label_file(path: Path) -> Path:
    if path.is_file() and path.suffix == ".sqlite":
        return path
    if not (labels := Session.open(path).labels).exists():
        raise ConfigError(f"{path} has no answers yet. Nothing was added.")
    return labels


def _export(args: argparse.Namespace) -> None:
    """Write the answers that stand for another tool."""
    session, config = Session.open(existing(args.recording)), configuration(args)
    labels = sorted(recorded_labels(session.xdf), key=lambda label: (label.start, label.stop, label.time))
    suffix = {"elan": "_elan.eaf", "label-studio": "_label-studio.json"}[args.to]
    out = Path(args.out) if args.out else session.folder / "beh" / f"{session.stem}{suffix}"
    if out.exists() and not args.overwrite:
        raise ConfigError(f"{out} is there already. Give --overwrite to replace it, or another --out.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with Footage(session.xdf, config) as footage:
        zero = footage.span[0]
        if args.to == "elan":
            video = footage.video_of(footage.participants[0]) if footage.participants else None
            media, zero = (video[0].name, video[1]) if video is not None else ("", zero)
            if n_before := write_elan(out, labels, zero, media):
                sys.stderr.write(f"! {texts.before_the_video(n_before, len(labels))}\n")
        else:
            samples = out.with_suffix(".csv")
            channels = _write_samples(samples, footage, labels, config)
            write_label_studio(out, labels, zero, samples.name)
            classes = sorted({one.label for one in labels if one.label})
            write_whole(out.with_suffix(".xml"), setting(labels, classes, channels), private)
    sys.stdout.write(f"{out}\n")


def _write_samples(path: Path, footage: Footage, labels: Sequence[Label], config: Config) -> list[str]:
    """Write the first participant's EEG, µV, as means over 1/64 s, and return its channels."""
    zero, end = footage.span
    for participant in footage.participants:
        found = footage.eeg(participant, zero, end)
        if found is None:
            continue
        info, chunks = found
        times = np.concatenate([chunk.times for chunk in chunks]) - zero
        scale = np.array([info.channels[k].scale_uv for k in info.picks])
        data = np.concatenate([chunk.data[:, list(info.picks)] for chunk in chunks]).astype(float) * scale
        cell = np.floor(times * _SAMPLES_PER_S).astype(np.int64)
        cells, member, count = np.unique(cell, return_inverse=True, return_counts=True)
        means = np.stack([np.bincount(member, column) for column in data.T], axis=1) / count[:, None]
        names = list(info.ch_names)
        rows = np.column_stack([cells / _SAMPLES_PER_S, means - means.mean(axis=0)])
        break
    else:
        names, rows = ["nothing"], np.array([[0.0, 0.0], [end - zero, 0.0]])
    lines = [",".join(["time", *names]), *(",".join(f"{value:.6g}" for value in row) for row in rows)]
    write_whole(path, "\n".join(lines) + "\n", private)
    return names


def _import(args: argparse.Namespace) -> None:
    """Add what came back from another tool."""
    session, path = Session.open(existing(args.recording)), existing(args.file)
    read = read_elan if path.suffix.lower() == ".eaf" else read_label_studio
    stretches, zero, lost = read(path)
    known: list[Label] = []
    if session.labels.exists():
        with LabelReader(session.labels) as reader:
            known = reader.all()
    with Footage(session.xdf, configuration(args)) as footage:
        zero = footage.span[0] if zero is None else zero
        people, span = footage.participants, footage.span
    if args.annotator:
        stretches = [one if one.carried else dataclasses.replace(one, annotator=args.annotator) for one in stretches]
    if args.participant:
        if args.participant not in people:
            raise ConfigError(f"--participant {args.participant}: the recording is of {', '.join(people)}.")
        stretches = [
            one if one.carried or one.participant else dataclasses.replace(one, participant=args.participant)
            for one in stretches
        ]
    new = answers(stretches, zero, known, people)
    check_are_of(path, new, people, span)
    with LabelStore(session.labels) as store:
        for label in new:
            store.add(label)
    sys.stdout.write(texts.imported(len(new), len(stretches) - len(new), lost, session.labels) + "\n")
