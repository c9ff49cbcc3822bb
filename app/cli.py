"""The command line: which commands there are, and one place where errors become text and an exit code.

Exit codes: 0 done, 2 usage or configuration, 3 a source or file could not be used, 70 anything else that went wrong (a
full disk, no rights, no memory, a mistake of Insula's), 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import importlib
import io
import keyword
import logging
import math
import os
import platform
import signal
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import TypeAlias

from app.log import Log, about
from core.error_trace import one_line
from core.errors import InsulaError, SessionCancelled
from core.memory import keep_freed_memory

_UNFORESEEN = 70
"""EX_SOFTWARE of sysexits.h."""
# Two BLAS threads fight the reader threads for the same cores: the 99th percentile of the signal chain is an order
# of magnitude better with one. It must stand before numpy and torch load.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may have letters that the terminal has not
    args = _parsed(argv)
    os.umask(0o077)  # what is made of people's EEG, faces and answers is for whoever runs this, wherever it is put
    if args.command not in ("train", "distil", "personalise", "teach") or getattr(args, "background", False):
        for name in _ONE_THREAD:
            os.environ.setdefault(name, "1")
    keep_freed_memory()
    signal.signal(signal.SIGTERM, _as_interrupt)
    with Log(args.command) as log:
        try:
            about("Insula", f"{metadata.version('insula')} {args.command}")
            about("Python", f"{platform.python_version()} on {platform.platform()}")
            module = f"{args.command}{'_' if keyword.iskeyword(args.command) else ''}"
            code = int(importlib.import_module(f".commands.{module}", __package__).run(args))
            sys.stdout.flush()  # what cannot be written is told here, and not after the end
            return code
        except (KeyboardInterrupt, SessionCancelled):
            _say("Stopped.")
            return 130
        except BrokenPipeError:
            # The reader of our output has gone (`| head`): no error of ours, and nothing more can be said to it.
            _let_go_of_output()
            return 0
        except InsulaError as error:
            _log(error)
            _say(f"insula {args.command}: {error}")
            return error.exit_code
        except Exception as error:
            _log(error)
            log.finish()
            _say(f"insula {args.command}: {_in_words(error)} Details are in {log.path}")
            _let_go_of_output()
            return _UNFORESEEN


def _log(error: Exception) -> None:
    with contextlib.suppress(MemoryError):
        logging.getLogger("insula.command").error("ended", exc_info=error)


def _in_words(error: Exception) -> str:
    """Return what happened and what to do, for errors that no part of Insula foresaw."""
    if isinstance(error, MemoryError):
        return "There is not enough memory. Close other programs, or work on fewer or shorter recordings at a time."
    if not isinstance(error, OSError) or error.strerror is None:
        return (
            f"A mistake in Insula ({type(error).__name__}: {one_line(str(error))}). What was recorded before is kept. "
            "Please report it, with what `insula doctor --report` prints."
        )
    place = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full{place}. Make room and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The system does not allow it: {error.strerror}{place}. Ask for the right, or choose another folder."
    return f"The system says: {error.strerror}{place}. Check that disk, file and folder are as they should be."


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")


def _let_go_of_output() -> None:
    """Have what cannot be written thrown away, so that Python does not stumble over it again at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="insula",
        description="Reads affect live from EEG and face, and says how sure it is. For research. "
        "Without a command: the study's screen, from which all the rest can be done.",
        epilog="To have it learn from a person, use `teach`: it takes all their sessions, does what `distil` (the face "
        "teaches the EEG) and `personalise` (answers teach both) do with single recordings, and writes only what "
        "holds. To have it learn from many people, use `train people`.",
    )
    top.add_argument("--version", action="version", version=f"insula {metadata.version('insula')}")
    top.add_argument(
        "--completion", action=_Completion, choices=("bash", "zsh", "tcsh"),
        help="print what makes this shell complete commands and options",
    )  # fmt: skip
    top.add_argument(
        "--study", dest="shown_study", metavar="DIR",
        help="without a command: the study that is shown (default: the one that was chosen last)",
    )  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    top.set_defaults(command="home", study=None)
    for add in (
        *(_run, _replay, _label, _labels, _distil, _personalise, _import, _train, _evaluate),
        *(_simulate, _streams, _doctor, _export, _report, _teach, _erase),
    ):
        add(commands)
    return top


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Return what was asked; what no command knows is told with the options of the one that was called."""
    top = parser()
    args, unknown = top.parse_known_args(argv)
    if args.shown_study is not None and args.command != "home":
        top.error(f"--study stands behind the command: insula {args.command} ... --study {args.shown_study}")
    if unknown:
        name = " ".join((args.command, *filter(None, [getattr(args, "act", None)])))
        commands_of(top).get(name, top).error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def commands_of(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command by its name, such as ``run`` or ``labels merge``."""
    found: dict[str, argparse.ArgumentParser] = {}
    for actions in (each for each in top._actions if isinstance(each, argparse._SubParsersAction)):
        for name, command in actions.choices.items():
            found[name] = command
            found |= {f"{name} {below}": each for below, each in commands_of(command).items()}
    return found


class _Completion(argparse.Action):
    """Prints the script for a shell, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, _: object, shell: object, __: str | None = None) -> None:
        import shtab

        sys.stdout.write(shtab.complete(parser, str(shell)))
        parser.exit()


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # argparse has no public name for it


def _run(commands: _Commands) -> None:
    p = commands.add_parser(
        "run",
        help="live session with the dashboard",
        description="A live session. Without --participant, --simulate or --headless a first screen asks for what is "
        "missing: study, names, consent, streams, camera, model. With one of them it begins at once.",
    )
    p.add_argument("--study", metavar="DIR", help="folder that holds the study's recordings")
    p.add_argument("--participant", metavar="P001", action="append", help="give it once per person for several")
    p.add_argument(
        "--participants", metavar="P001=EEG,camera0", nargs="+", action="extend", dest="worn",
        help="several participants and who wears what: the EEG stream by name or source_id, then other streams, and a "
        "camera or the path of a film in its place; `none` for no EEG",
    )  # fmt: skip
    p.add_argument("--session", metavar="01", help="name of the session (default: record.session)")
    p.add_argument("--task", metavar="film", help="what the participant does (default: record.task)")
    p.add_argument(
        "--markers", metavar="NAME", action="append",
        help="record this LSL stream of markers as well; give it once per stream for several",
    )  # fmt: skip
    p.add_argument(
        "--streams", metavar="NAME", nargs="+", action="extend",
        help="record these LSL streams as well, of whatever type, rate and format; NAME/TYPE where several have a name",
    )  # fmt: skip
    p.add_argument("--simulate", action="store_true", help="a simulated participant whose EEG travels over LSL")
    p.add_argument("--headless", action="store_true", help="no window: one line a second")
    p.add_argument("--duration", type=_seconds, metavar="S", help="stop after this many seconds")
    p.add_argument("--no-record", action="store_true", help="keep nothing on disk")
    p.add_argument(
        "--remote", metavar="PORT", type=_port, nargs="?", const=22345,
        help="sessions begin and end when another program on this machine says so over TCP, in LabRecorder's words: "
        "start, stop, filename, select, update, status (default port: 22345)",
    )  # fmt: skip
    publish = p.add_mutually_exclusive_group()
    publish.add_argument("--publish", action="store_true", help="send predictions and events out on LSL as well")
    publish.add_argument("--no-publish", action="store_true", help="do not, whatever the configuration says")
    _reach(p)
    _config(p)
    p.add_argument("--model", metavar="FILE", help="model to predict with (default: the one that ships)")


def _replay(commands: _Commands) -> None:
    p = commands.add_parser("replay", help="play a recording through the same path")
    p.add_argument("recording", metavar="SESSION|FILE.xdf", help="a session's folder, an XDF, or another EEG file")
    p.add_argument(
        "--speed", type=_speed, metavar="1|4|max",
        help="times as fast as it was (default: 1; max where --out writes a table and nothing is published)",
    )  # fmt: skip
    p.add_argument("--headless", action="store_true", help="no window: a line for each second")
    p.add_argument("--out", metavar="predictions.tsv", help="write the predictions (implies --headless)")
    p.add_argument("--model", metavar="FILE", action="append", help="give it twice to compare two models")
    p.add_argument(
        "--publish", action="store_true",
        help="send all streams of the recording out on LSL again, as the devices did, and the predictions; source_ids "
        "end in -replay. Headless it begins once somebody listens",
    )  # fmt: skip
    _reach(p)
    _config(p)


def _label(commands: _Commands) -> None:
    p = commands.add_parser("label", help="the labelling queue over a recorded session")
    p.add_argument("recording", metavar="SESSION", help="a session's folder")
    p.add_argument("--annotator", metavar="NAME", help="who labels (default: label.annotator)")
    p.add_argument("--role", choices=("self", "observer", "expert"), help="as what (default: label.role)")
    what = p.add_mutually_exclusive_group()
    what.add_argument(
        "--double", type=_share, metavar="SHARE",
        help="of what others have answered, ask about this share again, 0 to 1, without showing their answers; and "
        "about all that nobody has",
    )  # fmt: skip
    what.add_argument(
        "--adjudicate", action="store_true", help="decide where annotators disagree; their answers are shown and stay"
    )
    p.add_argument("--model", metavar="FILE", help="predict anew with this model (default: what was predicted live)")
    _config(p)


def _labels(commands: _Commands) -> None:
    top = commands.add_parser("labels", help="answers of several annotators: compare, merge, to other tools and back")
    acts = top.add_subparsers(dest="act", metavar="ACT", required=True)
    p = acts.add_parser("agree", help="how far annotators agree, and where they do not")
    p.add_argument("recordings", metavar="SESSION", nargs="+", help="folders of sessions")
    _config(p)
    p = acts.add_parser("merge", help="add what other label files of the same recording hold; nothing is lost")
    p.add_argument("others", metavar="SESSION|FILE.sqlite", nargs="+", help="whose answers are added")
    p.add_argument("--into", metavar="SESSION", required=True, help="the session that they are added to")
    _config(p)
    p = acts.add_parser("export", help="write the answers for Label Studio or ELAN")
    p.add_argument("recording", metavar="SESSION", help="a session's folder")
    p.add_argument("--to", choices=("label-studio", "elan"), required=True, help="for which program")
    p.add_argument("--out", metavar="FILE", help="where to (default: beside the recording)")
    p.add_argument("--overwrite", action="store_true", help="replace a file of that name")
    _config(p)
    p = acts.add_parser("import", help="add answers from Label Studio's JSON or ELAN's .eaf")
    p.add_argument("recording", metavar="SESSION", help="a session's folder")
    p.add_argument("file", metavar="FILE.json|FILE.eaf", help="what that program wrote")
    p.add_argument("--annotator", metavar="NAME", help="who gave those that did not go out from here")
    p.add_argument("--participant", metavar="ID", help="of whom those are that name nobody, in a recording of several")
    _config(p)


def _distil(commands: _Commands) -> None:
    _from_recordings(commands.add_parser("distil", help="teach the EEG student from the face on own recordings"))


def _personalise(commands: _Commands) -> None:
    _from_recordings(commands.add_parser("personalise", help="learn from the labels given on screen"))


def _from_recordings(p: argparse.ArgumentParser) -> None:
    p.add_argument("recordings", metavar="SESSION", nargs="+", help="sessions of one participant")
    p.add_argument("--base", metavar="MODEL", help="start from this model (default: the one that ships)")
    p.add_argument("--out", metavar="MODEL", required=True, help="write the model here")
    _config(p)


def _import(commands: _Commands) -> None:
    p = commands.add_parser(
        "import",
        help="a published data set as a study: amigos, bids, dasps, deap, dreamer, eav, faced, mahnob-hci, seed(-v)",
        description="Reads a copy of a data set that you have, checks that it is whole, and writes the table "
        "trials.tsv that `insula train people` learns from. Nothing is downloaded. Other packages give more data "
        "sets by the entry point insula.datasets.",
    )
    p.add_argument("dataset", metavar="NAME", help="which data set")
    p.add_argument("source", metavar="SOURCE", help="folder of the data set, or its file")
    p.add_argument("--study", metavar="DIR", required=True, help="where the table is written")
    p.add_argument("--overwrite", action="store_true", help="replace a table that was written or changed by hand")


def _train(commands: _Commands) -> None:
    p = commands.add_parser(
        "train",
        help="train a model: recipes are " + ", ".join(RECIPES),
        description="The recipe `simulated` makes the model that ships. The recipe `people` learns from labelled "
        "recordings; with --leave-out it is tested on each person, or each fifth of the trials, not learnt from.",
    )
    p.add_argument("recipe", choices=RECIPES, metavar="RECIPE", help=" or ".join(RECIPES))
    p.add_argument("--data", metavar="DIR", help="labelled sessions, or EEG files with a trials.tsv")
    p.add_argument("--out", metavar="MODEL", help="write the model that has learnt from everyone")
    p.add_argument("--seed", type=_seed, default=0, help="of all that is drawn (default: 0)")
    p.add_argument(
        "--run", metavar="DIR", help="keep the run here: broken off, the same command goes on where it stood"
    )
    p.add_argument(
        "--leave-out",
        choices=("subject", "trials", "stimulus", "subject,stimulus"),
        metavar="{subject | trials | stimulus | subject,stimulus}",
        help="test on each person, taught on the others; on a fifth of each one's trials, or of what was shown, taught "
        "on the rest; or on each person with clips that the others who are learnt from did not see",
    )
    p.add_argument("--sensors", choices=("both", "eeg", "face"), default="both", help="what the recipe `people` reads")
    p.add_argument(
        "--test-sensors", choices=("both", "eeg", "face"),
        help="read these alone of who or what is left out, such as EEG after learning from EEG and face",
    )  # fmt: skip
    p.add_argument(
        "--modality-dropout", type=_share, default=0.0, metavar="0.3",
        help="how often one of the two sensors is hidden from the network while it learns",
    )  # fmt: skip
    p.add_argument(
        "--method", default="", metavar="NAME",
        help="how the recipe `people` fuses and teaches, such as udml (default), static, late, dropout, learned; an "
        "unknown name lists them all. Parts of it are switched in the table [method] of --config",
    )  # fmt: skip
    p.add_argument(
        "--compare", nargs="+", metavar="NAME",
        help="methods that are run one after the other on the same windows and folds, each in a folder of its name "
        "below --run",
    )  # fmt: skip
    p.add_argument(
        "--noise", choices=("eeg", "both", "none"), default="eeg",
        help="what is corrupted at known levels, half of the windows in the second half of learning (default: eeg); "
        "with `both` a face that noise has reached loses weight, too, which made answers worse where the EEG knew less",
    )  # fmt: skip
    p.add_argument(
        "--target", default="class", metavar="WHAT",
        help="class (default); ratings as numbers: valence, or valence,arousal, or any other scale of the table; "
        "classes made of ratings: valence>5, or valence>median of those learnt from; some of these, with commas",
    )  # fmt: skip
    p.add_argument(
        "--step", type=_seconds, default=1.0, metavar="S", help="between windows (default: 1; 0.25 for 4 a second)"
    )
    p.add_argument("--workers", type=_count, default=1, metavar="N", help="folds at the same time")
    p.add_argument("--cluster", choices=("auto", "slurm", "local"), help="hand the folds to submitit, one job each")
    _config(p)


def _evaluate(commands: _Commands) -> None:
    p = commands.add_parser(
        "evaluate", help="how well a model, or a run that left people out, reads labelled recordings"
    )
    p.add_argument("model", metavar="MODEL|RUN", help="a model, or the folder of `insula train people --leave-out`")
    p.add_argument(
        "--data",
        metavar="DIR",
        help="for a model: folder with labelled recordings anywhere below it, or with a trials.tsv",
    )  # fmt: skip
    p.add_argument(
        "--swap-order", action="store_true", help="with a trials.tsv: read each person's files in the opposite order"
    )
    p.add_argument(
        "--beside", metavar="RUN", nargs="+", help="for a run: compare it with others, person by person, p after Holm"
    )  # fmt: skip
    p.add_argument("--out", metavar="PAGE.html", default="evaluation.html", help="the page; a .tsv goes beside it")
    _config(p)


def _simulate(commands: _Commands) -> None:
    p = commands.add_parser(
        "simulate",
        help="publish simulated participants on LSL, for trying things out; a session takes one that is named",
    )
    p.add_argument("--participants", type=_count, default=1, metavar="N", help="how many (default: 1)")
    p.add_argument("--names", nargs="+", metavar="SIM", help="what they are called (default: P001, P002, ...)")
    p.add_argument("--seed", type=_seed, default=1, help="who they are (default: 1)")
    p.add_argument("--channels", default="", metavar="Fp1,Fp2,...", help="electrodes (default: 32 of a usual cap)")
    p.add_argument("--sfreq", type=_rate, default=250.0, metavar="HZ", help="rate of the EEG (default: 250)")
    p.add_argument("--duration", type=_seconds, metavar="S", help="stop after this many seconds")
    _reach(p)
    p.add_argument("--t0", type=float, help=argparse.SUPPRESS)  # set by `run --simulate`, with its own process id
    p.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    p.add_argument("--stream", default="", help=argparse.SUPPRESS)


def _streams(commands: _Commands) -> None:
    p = commands.add_parser("streams", help="list LSL streams and cameras with rate, age, units")
    p.add_argument("--wait", type=_seconds, default=2.0, metavar="S", help="seconds to look")
    _reach(p)
    _config(p)


def _doctor(commands: _Commands) -> None:
    p = commands.add_parser("doctor", help="check this machine: libraries, display, camera, GPU, liblsl, network")
    _reach(p)
    p.add_argument(
        "--report", action="store_true",
        help="print versions, settings and the newest log as one text for a bug report, without names and paths",
    )  # fmt: skip
    _config(p)


def _export(commands: _Commands) -> None:
    p = commands.add_parser("export", help="write a recording in the formats of other tools")
    p.add_argument("recording", metavar="SESSION", help="a session's folder, an XDF, or another EEG file")
    p.add_argument("--to", choices=("bids", "tsv", "fif"), required=True, help="tables (tsv), MNE (fif), or a data set")
    p.add_argument("--out", metavar="DIR", help="where to (default: beside the recording)")
    p.add_argument("--participant", metavar="P002", dest="person", help="whose EEG, where there are several people's")
    p.add_argument("--overwrite", action="store_true", help="replace files of that name that Insula did not export")
    _config(p)


def _report(commands: _Commands) -> None:
    p = commands.add_parser("report", help="a page on a recording: how it went, what was predicted and answered")
    p.add_argument("recording", metavar="SESSION", help="a session's folder")
    p.add_argument("--json", action="store_true", help="where it is and what was lost, as a line of JSON")
    _config(p)


def _teach(commands: _Commands) -> None:
    p = commands.add_parser(
        "teach",
        help="learn from all sessions of a participant what holds, first by the face, then by the answers",
        description="Learns from all sessions of a participant in a study. A model is written into STUDY/models only "
        "where time that was not learnt from says that something holds.",
    )
    p.add_argument("study_folder", metavar="STUDY", help="folder that holds the study's recordings")
    p.add_argument("--participant", metavar="P001", required=True, dest="who", help="whose sessions")
    p.add_argument("--base", metavar="MODEL", help="start from this model (default: the one that ships)")
    p.add_argument("--running", action="store_true", help="also learn from a session that is being recorded")
    p.add_argument("--background", action="store_true", help="leave the machine to a session that runs on it")
    p.add_argument("--json", action="store_true", help="progress and result as lines of JSON")
    _config(p)


def _erase(commands: _Commands) -> None:
    p = commands.add_parser("erase", help="take a participant out of a study: recordings, pictures, labels, exports")
    p.add_argument("--participant", metavar="P007", required=True, dest="who", help="who is taken out")
    p.add_argument("--study", metavar="DIR", help="folder that holds the study's recordings")
    p.add_argument("--yes", action="store_true", help="do not ask")
    _config(p)


def _reach(p: argparse.ArgumentParser) -> None:
    p.add_argument(
        "--this-machine", action="store_true", help="keep LSL to this machine (default: this and its network)"
    )


def _config(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", metavar="FILE", help="TOML laid over the defaults")


RECIPES = ("simulated", "people")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return value


def _seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not a seed from 0 to {2**32 - 1}")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a rate above 0")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no TCP port")
    return value


def _speed(text: str) -> float:
    if text == "max":
        return float("inf")
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a speed above 0, or `max`")
    return value
