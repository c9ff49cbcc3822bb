"""Sessions that another program begins and ends: what ``insula run --remote`` does."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable

import pylsl

from acquisition.lsl_found import FoundStream, is_own
from acquisition.lsl_search import SETTLE_S, resolve
from app.session.opening import Opened
from app.session.remote import Remote, Wanted
from app.session.session_plan import SessionPlan
from core.config import Config
from core.errors import InsulaError

__all__ = ["run_remote", "with_everything"]

_WAIT_S = 0.5


def run_remote(
    plan: SessionPlan, port: int, session: Callable[[SessionPlan, Callable[[], bool], Callable[[Opened], object]], int]
) -> int:
    """Run a session for each ``start``, until its ``stop``, until Ctrl-C.

    Parameters
    ----------
    plan : SessionPlan
        What the command line says.
    port : int
    session : callable
        Runs one session; takes its plan, what tells that it is over, and what to call once it runs.
    """
    with Remote(port) as remote, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"Remote control on 127.0.0.1:{remote.port}: start, stop, filename, select, update, status.\n")
        sys.stdout.flush()
        while True:
            if (wanted := remote.next_start(_WAIT_S)) is None:
                continue
            problem = ""
            try:
                session(_planned(plan, wanted), remote.is_stopping, lambda opened: _tell(remote, opened))
            except InsulaError as error:
                problem = str(error)
                sys.stderr.write(f"insula run: {problem}\n")
            remote.tell("ready", **({"problem": problem} if problem else {}))
    return 0


def _planned(plan: SessionPlan, wanted: Wanted) -> SessionPlan:
    config = dataclasses.replace(plan.config, record=wanted.into(plan.config.record))
    if wanted.everything:
        config = with_everything(config, [FoundStream.of(found) for found in resolve(SETTLE_S)])
    people = plan.people
    if len(people) == 1 and "participant" in wanted.fields and not plan.simulate:
        people = (wanted.fields["participant"],)
    return dataclasses.replace(plan, config=config, people=people)


def with_everything(config: Config, found: list[FoundStream]) -> Config:
    """Return the configuration with all streams of others wanted that are there, but for the one EEG that is read."""
    others = [each for each in found if not is_own(each.source_id) and each.kind != "truth"]
    eeg = [each for each in others if each.kind == "eeg"]
    read = [each for each in eeg if each.is_meant_by(config.eeg)] or (eeg if len(eeg) == 1 else [])
    markers = tuple(each.choice for each in others if each.kind == "markers")
    streams = tuple(each.any_choice for each in others if each.kind != "markers" and each not in read)
    return dataclasses.replace(
        config,
        markers=(*config.markers, *(each for each in markers if each not in config.markers)),
        streams=(*config.streams, *(each for each in streams if each not in config.streams)),
    )


def _tell(remote: Remote, opened: Opened) -> None:
    path = opened.recorder.path if opened.recorder is not None else None
    remote.tell(
        "recording" if path is not None else "running",
        path=str(path or ""),
        since_lsl=pylsl.local_clock(),
        streams=[
            {"name": info.name, "type": info.type, "kind": info.kind, "participant": info.participant,
             "awaited": info.awaited}
            for info in opened.engine.infos
        ],
    )  # fmt: skip
