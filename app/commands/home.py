"""``insula`` alone: the study's screen."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from app.display import why_no_window
from app.session.configuration import configuration
from app.session.session_choices import choose_model, first_choices
from app.study.teaching_folder import clear_litter
from core.errors import ConfigError
from core.recording.session import MODELS


def run(args: argparse.Namespace) -> int:
    """Show the study that is named, else that of last time, until the screen is closed."""
    if reason := why_no_window():
        raise ConfigError(f"{reason} Without one, name a command: `insula --help` lists them.")
    from app.home.run_home import show

    config = configuration(args)
    named = {} if args.shown_study is None else {"study": args.shown_study}
    study = Path(first_choices(config, named).study)
    clear_litter(study / MODELS)
    show(study, partial(choose_model, config), lambda: first_choices(config, {}).model)
    return 0
